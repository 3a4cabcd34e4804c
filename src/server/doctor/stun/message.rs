//! Messages of STUN: a header, attributes, and a signature by HMAC-SHA1 (RFC 8489 §5, §14).

use std::net::{IpAddr, SocketAddr};

use aws_lc_rs::hmac;

/// The length of the header, in bytes.
pub(super) const HEADER: usize = 20;
const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
/// MESSAGE-INTEGRITY is HMAC-SHA1: 4 bytes of attribute header and 20 of signature.
const SIGNATURE: usize = 24;

/// Methods (RFC 8489 §18.2, RFC 8656 §17), as the type of their requests.
pub(super) mod method {
    pub(in super::super) const BINDING: u16 = 0x0001;
    pub(in super::super) const ALLOCATE: u16 = 0x0003;
    pub(in super::super) const REFRESH: u16 = 0x0004;
}

/// Attributes (RFC 8489 §18.3, RFC 8656 §18).
pub(super) mod attribute {
    pub(in super::super) const USERNAME: u16 = 0x0006;
    pub(in super::super) const MESSAGE_INTEGRITY: u16 = 0x0008;
    pub(in super::super) const ERROR_CODE: u16 = 0x0009;
    pub(in super::super) const LIFETIME: u16 = 0x000d;
    pub(in super::super) const REALM: u16 = 0x0014;
    pub(in super::super) const NONCE: u16 = 0x0015;
    pub(in super::super) const XOR_RELAYED_ADDRESS: u16 = 0x0016;
    pub(in super::super) const REQUESTED_TRANSPORT: u16 = 0x0019;
    pub(in super::super) const XOR_MAPPED_ADDRESS: u16 = 0x0020;
}

/// What one asks.
#[derive(Debug)]
pub(super) struct Request(Vec<u8>);

impl Request {
    /// A request with an id that nobody guesses.
    pub(super) fn new(method: u16) -> Self {
        let mut id = [0; 12];
        // An id that is the same each time still finds its reply: only an attacker on the path gains by it.
        let _ = getrandom::fill(&mut id);
        Self([&method.to_be_bytes()[..], &[0, 0], &COOKIE, &id].concat())
    }

    pub(super) fn with(mut self, attribute: u16, value: &[u8]) -> Self {
        self.0.extend(attribute.to_be_bytes());
        self.0.extend(u16::try_from(value.len()).expect("an attribute is short").to_be_bytes());
        self.0.extend(value);
        // Attributes begin at multiples of four.
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        self.set_length(self.0.len());
        self
    }

    /// Signs what is there until here (RFC 8489 §14.5): the length that is signed counts the signature.
    pub(super) fn signed(mut self, key: &[u8]) -> Self {
        self.set_length(self.0.len() + SIGNATURE);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key), &self.0);
        self.with(attribute::MESSAGE_INTEGRITY, tag.as_ref())
    }

    fn set_length(&mut self, total: usize) {
        let length = u16::try_from(total - HEADER).expect("a request is short");
        self.0[2..4].copy_from_slice(&length.to_be_bytes());
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What one is told.
#[derive(Debug)]
pub(super) struct Reply {
    is_success: bool,
    attributes: Vec<(u16, Vec<u8>)>,
    id: [u8; 12],
}

impl Reply {
    /// Reads the reply to `request`; anything else is none.
    pub(super) fn to(request: &Request, bytes: &[u8]) -> Option<Self> {
        let (header, mut rest) = bytes.split_at_checked(HEADER)?;
        let kind = u16::from_be_bytes([header[0], header[1]]);
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        if header[4..] != request.0[4..HEADER] || rest.len() < length {
            return None;
        }
        rest = &rest[..length];
        let method = u16::from_be_bytes([request.0[0], request.0[1]]);
        let is_success = match kind {
            kind if kind == method | 0x0100 => true,
            kind if kind == method | 0x0110 => false,
            _ => return None,
        };
        let mut attributes = Vec::new();
        while let Some((head, after)) = rest.split_at_checked(4) {
            let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
            attributes.push((u16::from_be_bytes([head[0], head[1]]), after.get(..length)?.to_vec()));
            rest = after.get(length.next_multiple_of(4)..).unwrap_or_default();
        }
        let id = header[8..].try_into().ok()?;
        Some(Self { is_success, attributes, id })
    }

    pub(super) fn attribute(&self, kind: u16) -> Option<&[u8]> {
        self.attributes.iter().find(|(found, _)| *found == kind).map(|(_, value)| value.as_slice())
    }

    /// The error it tells, with its reason (RFC 8489 §14.8); `None` of a success.
    pub(super) fn error(&self) -> Option<(u16, String)> {
        if self.is_success {
            return None;
        }
        let (code, reason) = self.attribute(attribute::ERROR_CODE).and_then(|value| value.split_at_checked(4)).unwrap_or((&[0; 4], &[]));
        // What the server says goes to a terminal.
        let reason = String::from_utf8_lossy(reason).chars().filter(|sign| !sign.is_control()).take(100).collect();
        Some((u16::from(code[2] & 7) * 100 + u16::from(code[3]), reason))
    }

    /// An address that is hidden from routers which rewrite what looks like one (RFC 8489 §14.2).
    pub(super) fn address(&self, kind: u16) -> Option<SocketAddr> {
        let value = self.attribute(kind)?;
        let mask = [&COOKIE[..], &self.id].concat();
        let unmasked = |bytes: &[u8]| bytes.iter().zip(&mask).map(|(byte, mask)| byte ^ mask).collect::<Vec<u8>>();
        let port = u16::from_be_bytes(unmasked(value.get(2..4)?).try_into().ok()?);
        let ip = unmasked(value.get(4..)?);
        let ip: IpAddr = match value[1] {
            1 => <[u8; 4]>::try_from(ip).ok()?.into(),
            2 => <[u8; 16]>::try_from(ip).ok()?.into(),
            _ => return None,
        };
        Some(SocketAddr::new(ip, port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reply of RFC 5769 §2.2, with the id of its request.
    const SAMPLE: [u8; 80] = [
        0x01, 0x01, 0x00, 0x3c, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22,
        0x00, 0x0b, 0x74, 0x65, 0x73, 0x74, 0x20, 0x76, 0x65, 0x63, 0x74, 0x6f, 0x72, 0x20, 0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47,
        0xe1, 0x12, 0xa6, 0x43, 0x00, 0x08, 0x00, 0x14, 0x2b, 0x91, 0xf5, 0x99, 0xfd, 0x9e, 0x90, 0xc3, 0x8c, 0x74, 0x89, 0xf9, 0x2a, 0xf9,
        0xba, 0x53, 0xf0, 0x6b, 0xe7, 0xd7, 0x80, 0x28, 0x00, 0x04, 0xc0, 0x7d, 0x4c, 0x96,
    ];

    fn asked() -> Request {
        let mut request = Request::new(method::BINDING);
        request.0[8..].copy_from_slice(&SAMPLE[8..HEADER]);
        request
    }

    #[test]
    fn the_sample_of_the_standard_is_read() {
        let reply = Reply::to(&asked(), &SAMPLE).unwrap();
        assert_eq!(reply.error(), None);
        assert_eq!(reply.address(attribute::XOR_MAPPED_ADDRESS), Some("192.0.2.1:32853".parse().unwrap()));
    }

    #[test]
    fn a_reply_to_another_question_or_a_part_of_one_is_none() {
        assert!(Reply::to(&Request::new(method::BINDING), &SAMPLE).is_none());
        for length in 0..SAMPLE.len() {
            assert!(Reply::to(&asked(), &SAMPLE[..length]).is_none(), "{length}");
        }
    }

    #[test]
    fn a_request_is_signed_as_the_standard_does() {
        let key = *b"a key of 16 byte";
        let text = b"what is signed";
        let request = Request::new(method::ALLOCATE).with(attribute::USERNAME, text).signed(&key);
        let (signed, tag) = request.0.split_at(request.0.len() - SIGNATURE);
        let expected = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key), signed);
        assert_eq!(&tag[4..], expected.as_ref(), "the length that is signed counts the signature");
        assert_eq!(usize::from(u16::from_be_bytes([request.0[2], request.0[3]])), request.0.len() - HEADER);
    }
}
