//! How names and phones are masked: never more is shown than the mask promises, whatever the input was.

use super::phone::normalise_phone;

/// A name as everyone but the member concerned sees it: its first character and one `*`, however long it is, so that
/// 张三 and 张三丰 look alike. Empty for an empty name.
pub fn mask_name(name: &str) -> String {
    name.trim().chars().next().map(|first| format!("{first}*")).unwrap_or_default()
}

/// How many digits of a phone number a mask shows in front, at most.
const SHOWN_IN_FRONT: usize = 3;

/// How many digits of a phone number a mask shows at the end, at most.
const SHOWN_AT_THE_END: usize = 4;

/// How many digits of a phone number a mask hides, at least.
const HIDDEN: usize = 4;

/// A phone number as everyone but the member concerned sees it: `138****1234`, `0577-****1234`.
///
/// The area code of a landline, which half a county shares, or at most three digits in front, and at most four at the end are
/// shown, and at least four are hidden; a number of fewer than eight digits is hidden entirely, its length too. What is no phone
/// number is masked by its letters and digits.
pub fn mask_phone(phone: &str) -> String {
    let known = normalise_phone(phone);
    if let Some((area, number)) = known.as_deref().and_then(|known| known.split_once('-')) {
        return format!("{area}-{}{}", "*".repeat(HIDDEN), number.chars().skip(HIDDEN).collect::<String>());
    }
    let number = known.unwrap_or_else(|| phone.chars().filter(|c| c.is_alphanumeric()).collect());
    let length = number.chars().filter(|c| c.is_alphanumeric()).count();
    if length < HIDDEN + SHOWN_AT_THE_END {
        return "*".repeat(HIDDEN);
    }
    let front = SHOWN_IN_FRONT.min(length - HIDDEN - SHOWN_AT_THE_END);
    let hidden = front..length - SHOWN_AT_THE_END;
    let mut index = 0;
    number
        .chars()
        .map(|c| {
            if !c.is_alphanumeric() {
                return c;
            }
            index += 1;
            if hidden.contains(&(index - 1)) { '*' } else { c }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn masks_show_what_they_promise() {
        assert_eq!(["张三", "欧阳娜娜", " 张", "A", "", "𠮷田"].map(mask_name), ["张*", "欧*", "张*", "A*", "", "𠮷*"]);
        for (phone, masked) in [
            ("13800131234", "138****1234"),
            ("+86 138 0013 1234", "138****1234"),
            ("0577-64751234", "0577-****1234"),
            ("0577-6475123", "0577-****123"),
            ("010-64751234", "010-****1234"),
            ("+85291234567", "+852****4567"),
            ("64751234", "****1234"),
            ("647512345", "6****2345"),
            ("6475123", "****"),
            ("", "****"),
            ("138****1234", "****"),
        ] {
            assert_eq!(mask_phone(phone), masked, "{phone}");
        }
    }

    /// The digits of the longest area code.
    const AREA_CODE: usize = 4;

    proptest! {
        #[test]
        fn no_input_breaks_the_masks(text in prop_oneof![any::<String>(), "[0-9０-９+Xx \\-]{0,40}"]) {
            let shown = mask_phone(&text).chars().filter(|c| c.is_alphanumeric()).count();
            prop_assert!(shown <= AREA_CODE + SHOWN_AT_THE_END);
            prop_assert!(mask_phone(&text).matches('*').count() >= HIDDEN);
            prop_assert!(mask_name(&text).chars().count() <= 2);
        }
    }
}
