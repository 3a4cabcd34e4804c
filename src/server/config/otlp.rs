//! Where the traces of calls go: a collector that takes OTLP over HTTP.

use clap::Args;
use url::Url;

use super::ConfigError;

/// The variable that every program with traces knows; read where the flag and its own variable are not given.
const WELL_KNOWN: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// The flag of traces.
#[derive(Debug, Clone, Args)]
pub struct OtlpArgs {
    /// URL of an OpenTelemetry collector that takes OTLP over HTTP, such as http://127.0.0.1:4318: each call is told to it as one trace,
    /// without names, numbers or accounts. OTEL_EXPORTER_OTLP_ENDPOINT says the same; headers, such as those it knows its senders by, come
    /// from OTEL_EXPORTER_OTLP_HEADERS.
    #[arg(long, env = "SWITCHBOARD_OTLP", value_name = "URL")]
    pub otlp: Option<String>,
}

impl OtlpArgs {
    /// Where traces are posted to, if anywhere.
    pub(super) fn resolve(self) -> Result<Option<Url>, ConfigError> {
        let url = self.otlp.or_else(|| std::env::var(WELL_KNOWN).ok());
        // An empty variable is how a deployment says that there is none.
        url.filter(|url| !url.is_empty()).map(|url| traces_of(&url).map_err(ConfigError::Otlp)).transpose()
    }
}

/// The place for traces at a collector (OpenTelemetry protocol exporter, "Endpoint URLs for OTLP/HTTP"). What is wrong is said without the URL,
/// which may hold a password.
fn traces_of(text: &str) -> Result<Url, &'static str> {
    let mut url = Url::parse(text.trim()).map_err(|_| "it is no URL")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("it does not begin with http:// or https://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a user or a password belongs into OTEL_EXPORTER_OTLP_HEADERS");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it ends with its path");
    }
    let path = format!("{}/v1/traces", url.path().trim_end_matches('/'));
    url.set_path(&path);
    Ok(url)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn traces_go_to_their_place_below_the_url() {
        for (given, place) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("http://[::1]:4318/", "http://[::1]:4318/v1/traces"),
            ("https://collector.example.org/otlp/", "https://collector.example.org/otlp/v1/traces"),
        ] {
            assert_eq!(traces_of(given).unwrap().as_str(), place);
        }
        for wrong in
            ["collector:4318", "4318", "ftp://collector", "http://", "http://me:secret@collector", "http://collector/?a=b", "http://c#d"]
        {
            assert!(traces_of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_empty_url_is_none_and_a_wrong_one_is_not_repeated() {
        let given = |url: &str| OtlpArgs { otlp: Some(url.to_owned()) }.resolve();
        assert_eq!(given("").unwrap(), None);
        let line = given("http://me:swordfish@collector").unwrap_err().to_string();
        assert!(line.contains("--otlp") && line.contains(" — ") && !line.contains("swordfish"), "{line}");
    }
}
