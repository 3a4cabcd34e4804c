//! Which part of something a request wants (RFC 9110 §14).

use std::ops::Range;

use axum::http::{HeaderMap, HeaderValue, header};

/// What a request wants of something.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it: no range, several, or one that is not understood.
    All,
    /// This part, which lies within it and is not empty.
    Part(Range<u64>),
    /// A part that begins after its end.
    Nothing,
}

/// What a request wants of `length` bytes that have the entity tag `etag`.
pub(super) fn wanted(headers: &HeaderMap, etag: &HeaderValue, length: u64) -> Wanted {
    let is_same = headers.get(header::IF_RANGE).is_none_or(|tag| tag == etag);
    let range = headers.get(header::RANGE).filter(|_| is_same).and_then(|range| range.to_str().ok());
    range.and_then(|range| one(range, length)).unwrap_or(Wanted::All)
}

/// Reads `bytes=first-last`, `bytes=first-` or `bytes=-count`.
fn one(range: &str, length: u64) -> Option<Wanted> {
    let (first, last) = range.strip_prefix("bytes=")?.trim().split_once('-')?;
    let range = if first.is_empty() {
        length.saturating_sub(number(last)?)..length
    } else {
        let first = number(first)?;
        let last = if last.is_empty() { u64::MAX } else { number(last)? };
        if last < first {
            return None;
        }
        first..length.min(last.saturating_add(1))
    };
    Some(if range.is_empty() { Wanted::Nothing } else { Wanted::Part(range) })
}

/// A number of digits alone; one that is too large for a number is larger than anything here.
fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn of_ten(range: &str, if_range: Option<&str>) -> Wanted {
        let mut headers = HeaderMap::from_iter([(header::RANGE, range.parse().unwrap())]);
        if let Some(tag) = if_range {
            headers.insert(header::IF_RANGE, tag.parse().unwrap());
        }
        wanted(&headers, &HeaderValue::from_static("\"tag\""), 10)
    }

    #[test]
    fn a_range_is_read_from_either_end_and_ends_where_the_thing_does() {
        for (range, part) in [("0-0", 0..1), ("2-5", 2..6), ("9-", 9..10), ("0-99", 0..10), ("-3", 7..10), ("-99", 0..10)] {
            assert_eq!(of_ten(&format!("bytes={range}"), None), Wanted::Part(part), "{range}");
        }
        assert_eq!(of_ten("bytes=4-18446744073709551615", None), Wanted::Part(4..10));
        assert_eq!(of_ten("bytes=4-99999999999999999999999", None), Wanted::Part(4..10));
    }

    #[test]
    fn a_range_after_the_end_is_nothing() {
        for range in ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999999-"] {
            assert_eq!(of_ten(range, None), Wanted::Nothing, "{range}");
        }
    }

    #[test]
    fn what_is_no_single_range_is_passed_over() {
        for range in ["bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=0-1,3-4", "lines=1-2", "0-1", "bytes=+1-2"] {
            assert_eq!(of_ten(range, None), Wanted::All, "{range}");
        }
    }

    #[test]
    fn a_range_of_something_that_has_changed_is_passed_over() {
        assert_eq!(of_ten("bytes=0-1", Some("\"tag\"")), Wanted::Part(0..2));
        assert_eq!(of_ten("bytes=0-1", Some("\"old\"")), Wanted::All);
    }
}
