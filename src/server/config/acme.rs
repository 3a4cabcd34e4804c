//! A certificate that an authority gives by itself.

use std::path::PathBuf;

use clap::Args;

/// Let's Encrypt, which most people mean.
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// The flags for it.
#[derive(Debug, Clone, Args)]
pub struct AcmeArgs {
    /// Name that people open the server by, for which an authority (ACME, such as Let's Encrypt) gives and renews a certificate; may be
    /// repeated. The authority connects to port 443 of it, which must lead to --listen. To use this is to agree to the authority's terms.
    #[arg(long, env = "SWITCHBOARD_ACME_DOMAIN", value_delimiter = ',', value_name = "NAME", value_parser = domain)]
    pub acme_domain: Vec<String>,
    /// Address that the authority writes to when something is wrong with a certificate.
    #[arg(long, env = "SWITCHBOARD_ACME_CONTACT", value_name = "EMAIL", requires = "acme_domain", value_parser = email)]
    pub acme_contact: Option<String>,
    /// The authority.
    #[arg(long, env = "SWITCHBOARD_ACME_DIRECTORY", value_name = "URL", default_value = LETS_ENCRYPT, value_parser = https)]
    pub acme_directory: String,
    /// Root certificate that the authority's own HTTPS is checked by, PEM, where that is not one of the system's.
    #[arg(long, env = "SWITCHBOARD_ACME_ROOT", value_name = "FILE", requires = "acme_domain")]
    pub acme_root: Option<PathBuf>,
}

/// Who gives a certificate, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acme {
    /// The names, at least one, in lower case.
    pub domains: Vec<String>,
    /// An e-mail address.
    pub contact: Option<String>,
    /// URL of the authority's directory (RFC 8555 §7.1.1).
    pub directory: String,
    /// Root of the authority's own HTTPS, where it is not one of the system's.
    pub root: Option<PathBuf>,
}

impl AcmeArgs {
    pub(super) fn resolve(self) -> Option<Acme> {
        let Self { acme_domain: domains, acme_contact: contact, acme_directory: directory, acme_root: root } = self;
        (!domains.is_empty()).then_some(Acme { domains, contact, directory, root })
    }
}

/// Reads a name (RFC 1123 §2.1) that one can look at: an address or a wildcard is none.
fn domain(text: &str) -> Result<String, String> {
    let label = |label: &str| {
        let letters = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (1..=63).contains(&label.len()) && letters && !label.starts_with('-') && !label.ends_with('-')
    };
    let all_digits = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    let is_name = text.len() <= 253 && text.split('.').all(label) && !text.rsplit('.').next().is_some_and(all_digits);
    if is_name { Ok(text.to_ascii_lowercase()) } else { Err("a name such as calls.example.org is meant".to_owned()) }
}

fn email(text: &str) -> Result<String, String> {
    let plain = text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    let clean = !text.chars().any(|letter| letter.is_whitespace() || letter.is_control() || letter == ',' || letter == '?');
    if plain && clean { Ok(text.to_owned()) } else { Err("an address such as ops@example.org is meant".to_owned()) }
}

fn https(text: &str) -> Result<String, String> {
    let is_https = url::Url::parse(text).is_ok_and(|url| url.scheme() == "https" && url.has_host());
    if is_https { Ok(text.to_owned()) } else { Err("an https:// URL is meant".to_owned()) }
}
