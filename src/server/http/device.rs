//! What a login is called in the list of logins: browser and system, as far as the User-Agent says.

use axum::http::{HeaderMap, header};

/// The first that matches names the browser: most also claim to be the ones further down.
const BROWSERS: [(&str, &str); 11] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("YaBrowser/", "Yandex Browser"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chromium"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// The first that matches names the system: Android also claims to be Linux, iPhones to be like Mac OS X.
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// The longest name shown of a program that is no browser, in characters.
const MAX_NAME: usize = 40;

/// Describes the device that sent these headers.
pub(super) fn describe(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let find = |table: &[(&str, &'static str)]| table.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(name), None) => name.to_owned(),
        (None, system) => {
            let program: String = agent.split(['/', ' ']).next().unwrap_or_default().chars().take(MAX_NAME).collect();
            match (program.as_str(), system) {
                ("", _) => "Unknown device".to_owned(),
                ("Mozilla", Some(system)) => system.to_owned(),
                _ => program,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn described(agent: &str) -> String {
        describe(&HeaderMap::from_iter([(header::USER_AGENT, agent.parse().unwrap())]))
    }

    #[test]
    fn browsers_are_named_with_their_system() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36";
        assert_eq!(described(chrome), "Chromium, Linux");
        let firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(described(firefox), "Firefox, Windows");
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";
        assert_eq!(described(safari), "Safari, iOS");
    }

    #[test]
    fn other_programs_are_named_as_they_name_themselves() {
        assert_eq!(described("curl/8.5.0"), "curl");
        assert_eq!(described(""), "Unknown device");
        assert_eq!(described(&"x".repeat(5000)).len(), MAX_NAME);
    }
}
