//! Phone numbers: what people type becomes E.164, or nothing.

use super::problem::Error;

/// A valid phone number in E.164 form. It is not shown by `Debug` in full, so that logs do not hold it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

impl Phone {
    /// Reads a number in international form; spaces, dashes, dots and brackets may be anywhere in it.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let plain: String = text.trim().chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '-' | '–' | '.' | '(' | ')')).collect();
        let digits = plain.strip_prefix('+').ok_or(Error::MalformedPhone)?;
        // E.164 §6.2.1: at most fifteen digits. The parser below also reads letters and extensions, which are no part of it.
        if !(7..=15).contains(&digits.len()) || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(Error::MalformedPhone);
        }
        let number = phonenumber::parse(None, &plain).map_err(|_| Error::MalformedPhone)?;
        if !phonenumber::is_valid(&number) {
            return Err(Error::MalformedPhone);
        }
        Ok(Self(number.format().mode(phonenumber::Mode::E164).to_string()))
    }

    /// The number, with its leading `+`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Phone(…{})", &self.0[self.0.len() - 2..])
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for text in ["+79001234567", " +7 900 123-45-67 ", "+7 (900) 123 45 67", "+7.900.123.45.67"] {
            assert_eq!(Phone::parse(text).unwrap().as_str(), "+79001234567", "{text}");
        }
        assert_eq!(Phone::parse("+44 20 7946 0018").unwrap().as_str(), "+442079460018");
    }

    #[test]
    fn the_demo_numbers_are_valid() {
        for text in ["+79001234567", "+79007654321", "+79001111111"] {
            assert_eq!(Phone::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_is_no_international_number_is_refused() {
        let long = format!("+7{}", "9".repeat(500));
        for text in [
            "",
            "+",
            "89001234567",
            "+7900123456",
            "+790012345678",
            "+7900abc4567",
            "+999123456789",
            "+7900١٢٣٤٥٦٧",
            "++79001234567",
            &long,
        ] {
            assert!(matches!(Phone::parse(text), Err(Error::MalformedPhone)), "{text}");
        }
    }

    #[test]
    fn a_number_is_not_shown_whole_in_logs() {
        assert_eq!(format!("{:?}", Phone::parse("+79001234567").unwrap()), "Phone(…67)");
    }
}
