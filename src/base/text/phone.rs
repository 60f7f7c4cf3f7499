//! The one form of a phone number.

use super::personal::{digit, is_mobile, is_separator, landline};

/// A phone number in the one way in which it is stored and compared, or `None` if it is none:
///
/// | number | becomes |
/// |---|---|
/// | mobile of the mainland, also with `+86`, `86`, `0086`, `0` in front | eleven digits, `13800138000` |
/// | landline of the mainland with its area code, also with `+86` | digits with a dash, `0577-64751234` |
/// | any other country or region, with `+` or `00` in front (ITU-T E.164, 7 to 15 digits) | `+85291234567` |
///
/// Half- and full-width digits, spaces, dashes and brackets are understood. A landline without its area code is
/// refused, since it names nobody outside its county, and so is an extension.
pub fn normalise_phone(raw: &str) -> Option<String> {
    let raw = raw.trim();
    let (abroad, national) = match raw.strip_prefix(['+', '\u{FF0B}']) {
        Some(rest) => (true, rest),
        None => (false, raw),
    };
    let mut digits = String::new();
    let mut last_group = 0;
    for c in national.chars() {
        match digit(c) {
            Some(value) => {
                digits.push(char::from(b'0' + value));
                last_group += 1;
            }
            None if is_separator(c) || matches!(c, '(' | ')' | '\u{FF08}' | '\u{FF09}') => last_group = 0,
            None => return None,
        }
    }
    let (abroad, digits) = match digits.strip_prefix("00") {
        Some(rest) if !abroad => (true, rest),
        _ => (abroad, digits.as_str()),
    };
    let home = digits.strip_prefix("86");
    // A last group of one or two digits is an extension rather than the end of the number.
    let fixed = |digits: &str| {
        if (1..3).contains(&last_group) { None } else { landline(digits) }
    };
    match (abroad, home) {
        (true, Some(home)) => mobile_digits(home).or_else(|| fixed(&format!("0{}", home.strip_prefix('0').unwrap_or(home)))),
        (true, None) => ((7..=15).contains(&digits.len()) && !digits.starts_with('0')).then(|| format!("+{digits}")),
        (false, home) => mobile_digits(digits)
            .or_else(|| mobile_digits(home?))
            .or_else(|| mobile_digits(digits.strip_prefix('0')?))
            .or_else(|| fixed(digits)),
    }
}

fn mobile_digits(digits: &str) -> Option<String> {
    let values: Vec<u8> = digits.bytes().map(|byte| byte - b'0').collect();
    is_mobile(&values).then(|| digits.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn phones_have_one_form() {
        for (raw, phone) in [
            ("138 0013 8000", Some("13800138000")),
            ("＋８６ １３８－００１３－８０００", Some("13800138000")),
            ("008613800138000", Some("13800138000")),
            ("8613800138000", Some("13800138000")),
            ("013800138000", Some("13800138000")),
            ("(0577) 6475 1234", Some("0577-64751234")),
            ("057764751234", Some("0577-64751234")),
            ("0577-6475123", Some("0577-6475123")),
            ("+86 577 64751234", Some("0577-64751234")),
            ("+86 (0577) 64751234", Some("0577-64751234")),
            ("01064751234", Some("010-64751234")),
            ("021-64751234", Some("021-64751234")),
            ("+852 9123 4567", Some("+85291234567")),
            ("0039 347 123 4567", Some("+393471234567")),
            ("64751234", None),
            ("010-6475123", None),
            ("015-64751234", None),
            ("0577-6475123-8", None),
            ("0577-04751234", None),
            ("12800138000", None),
            ("1380013800", None),
            ("138001380001", None),
            ("+86 12345", None),
            ("+0123456789", None),
            ("+", None),
            ("", None),
            ("电话13800138000", None),
        ] {
            assert_eq!(normalise_phone(raw).as_deref(), phone, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn the_form_of_a_phone_is_its_own_form(raw in "[+]?[0-9 \\-]{5,18}") {
            if let Some(phone) = normalise_phone(&raw) {
                prop_assert_eq!(normalise_phone(&phone), Some(phone.clone()));
            }
        }

    }
}
