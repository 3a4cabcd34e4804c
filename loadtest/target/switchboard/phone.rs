//! Phone numbers for simulated people.

/// A random Russian mobile number, valid in form: the range +7 900 with seven digits after it.
pub(crate) fn random() -> String {
    format!("+7900{:07}", fastrand::u32(0..10_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_eleven_digits() {
        for _ in 0..1_000 {
            let phone = random();
            assert!(phone.len() == 12 && phone[1..].bytes().all(|digit| digit.is_ascii_digit()), "{phone}");
        }
    }
}
