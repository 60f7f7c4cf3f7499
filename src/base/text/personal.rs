//! How personal data in free text is found: phones and identity numbers do not travel in it (PIPL).

use chrono::NaiveDate;

use super::search::is_invisible;

/// What kind of personal data was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FindingKind {
    /// A phone number of mainland China: a mobile one, eleven digits, 13 to 19 in front, or a landline with its area code.
    Phone,
    /// A resident identity number (公民身份号码): GB 11643-1999, or the older one of fifteen digits.
    IdentityNumber,
}

impl FindingKind {
    /// The stable code of this kind in a warning: `phone` or `identity_number`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::IdentityNumber => "identity_number",
        }
    }
}

/// One place in a text where personal data stands. It tells the place and never holds the value, so that a warning
/// can be logged and sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// Its first character, counted in characters from 0.
    pub start: usize,
    /// The character behind its last one, counted in characters from 0.
    pub end: usize,
}

/// How many separators in a row still hold a number together: `138 - 0013 - 8000`.
const SEPARATORS_WITHIN_A_NUMBER: usize = 3;

/// Phone and identity numbers of mainland China in free text, in the order in which they stand, without overlap.
///
/// Half- and full-width digits; spaces and dashes may stand inside (not in an identity number of fifteen digits,
/// which has no check digit to vouch for it). Never a part of a longer run of digits. Of an identity number of
/// eighteen the check digit (ISO 7064 MOD 11-2) and the day of birth must hold, else codes of companies would be
/// found, of one of fifteen the province and the day. Landlines are found by their area code.
pub fn personal_data(text: &str) -> Vec<Finding> {
    let chars: Vec<char> = text.chars().collect();
    let mut findings = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let found = long_identity_number(&chars, at)
            .map(|end| (FindingKind::IdentityNumber, end))
            .or_else(|| Some((FindingKind::Phone, mobile(&chars, at)?)))
            .or_else(|| Some((FindingKind::Phone, fixed_line(&chars, at)?)))
            .or_else(|| Some((FindingKind::IdentityNumber, short_identity_number(&chars, at)?)));
        match found {
            Some((kind, end)) => {
                findings.push(Finding { kind, start: at, end });
                at = end;
            }
            None => at = end_of_run(&chars, at).max(at + 1),
        }
    }
    findings
}

fn end_of_run(chars: &[char], at: usize) -> usize {
    at + chars[at..].iter().take_while(|c| digit(**c).is_some()).count()
}

/// The value of a half- or full-width digit.
pub fn digit(c: char) -> Option<u8> {
    let half = match c {
        '\u{FF10}'..='\u{FF19}' => u32::from(c) - 0xFF10,
        _ => c.to_digit(10)?,
    };
    u8::try_from(half).ok()
}

/// What people put between the groups of a number without ending it.
pub fn is_separator(c: char) -> bool {
    let dash = matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}');
    let space = c.is_whitespace() && !matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}');
    dash || space || is_invisible(c)
}

/// `N` digits from `start` on, and where they end: the next character is no digit.
fn digits<const N: usize>(chars: &[char], start: usize) -> Option<([u8; N], usize)> {
    let mut values = [0; N];
    let mut at = start;
    for (index, value) in values.iter_mut().enumerate() {
        let here = &chars[at.min(chars.len())..];
        let gap =
            if index == 0 { 0 } else { here.iter().take(SEPARATORS_WITHIN_A_NUMBER).take_while(|c| is_separator(**c)).count() };
        *value = digit(*here.get(gap)?)?;
        at += gap + 1;
    }
    let goes_on = chars.get(at).is_some_and(|c| digit(*c).is_some());
    (!goes_on).then_some((values, at))
}

/// In front of the eleven digits may stand the trunk prefix 0, or the country code with or without `+` or `00`.
fn mobile(chars: &[char], at: usize) -> Option<usize> {
    if matches!(chars[at], '+' | '\u{FF0B}') {
        return prefixed::<13>(chars, at + 1, &[8, 6]);
    }
    prefixed::<11>(chars, at, &[])
        .or_else(|| prefixed::<12>(chars, at, &[0]))
        .or_else(|| prefixed::<13>(chars, at, &[8, 6]))
        .or_else(|| prefixed::<15>(chars, at, &[0, 0, 8, 6]))
}

/// The area code stands as one, perhaps in brackets; without it seven or eight digits are any number.
fn fixed_line(chars: &[char], at: usize) -> Option<usize> {
    let area = if matches!(digit(*chars.get(at + 1)?)?, 1 | 2) { 3 } else { 4 };
    let code: Vec<u8> = chars[at..].iter().take(area).map_while(|c| digit(*c)).collect();
    let bracket = usize::from(chars.get(at + area).is_some_and(|c| matches!(c, ')' | '\u{FF09}')));
    let behind = &chars[(at + area + bracket).min(chars.len())..];
    let gap = behind.iter().take(SEPARATORS_WITHIN_A_NUMBER).take_while(|c| is_separator(**c)).count();
    let start = at + area + bracket + gap;
    let of = |number: &[u8]| landline(&[&code, number].concat().iter().map(u8::to_string).collect::<String>()).is_some();
    let long = digits::<8>(chars, start).filter(|(number, _)| of(number)).map(|(_, end)| end);
    long.or_else(|| digits::<7>(chars, start).filter(|(number, _)| of(number)).map(|(_, end)| end))
}

fn prefixed<const N: usize>(chars: &[char], at: usize, prefix: &[u8]) -> Option<usize> {
    let (digits, end) = digits::<N>(chars, at)?;
    digits.strip_prefix(prefix).is_some_and(is_mobile).then_some(end)
}

pub fn is_mobile(digits: &[u8]) -> bool {
    digits.len() == 11 && digits[0] == 1 && digits[1] >= 3
}

/// Area codes have three digits for Beijing (010) and the other centres (02x), four elsewhere (03xx to 09xx).
pub fn landline(digits: &str) -> Option<String> {
    let (area, lengths) = match digits.as_bytes() {
        [b'0', b'1', b'0', ..] | [b'0', b'2', ..] => (3, 8..=8),
        [b'0', b'3'..=b'9', ..] => (4, 7..=8),
        _ => return None,
    };
    let (area, number) = digits.split_at_checked(area)?;
    (lengths.contains(&number.len()) && !number.starts_with('0')).then(|| format!("{area}-{number}"))
}

/// Weights of GB 11643-1999, 2 to the power of the place counted from the check digit, modulo 11.
const IDENTITY_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// Check characters of GB 11643-1999 by the weighted sum modulo 11; 10 stands for `X`.
const IDENTITY_CHECKS: [u8; 11] = [1, 0, 10, 9, 8, 7, 6, 5, 4, 3, 2];

fn long_identity_number(chars: &[char], at: usize) -> Option<usize> {
    let (body, end, check) = match digits::<18>(chars, at) {
        Some((all, end)) => {
            let (check, body) = all.split_last()?;
            (body.to_vec(), end, *check)
        }
        None => {
            let (body, end) = digits::<17>(chars, at)?;
            let last = chars.get(end)?;
            matches!(last, 'X' | 'x' | '\u{FF38}' | '\u{FF58}').then_some((body.to_vec(), end + 1, 10))?
        }
    };
    let goes_on = chars.get(end).is_some_and(|c| digit(*c).is_some());
    let sum: u32 = body.iter().zip(IDENTITY_WEIGHTS).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    let right = IDENTITY_CHECKS[sum as usize % IDENTITY_CHECKS.len()] == check;
    (!goes_on && right && body[0] != 0 && is_birthday(&body[6..14])).then_some(end)
}

fn short_identity_number(chars: &[char], at: usize) -> Option<usize> {
    let end = end_of_run(chars, at);
    let (digits, _) = digits::<15>(&chars[..end], at)?;
    let province = digits[0] * 10 + digits[1];
    let known = matches!(province, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81 | 82);
    let born = [&[1, 9], &digits[6..12]].concat();
    (known && is_birthday(&born)).then_some(end)
}

/// Whether eight digits are a day on which a person named in an opinion can have been born.
fn is_birthday(digits: &[u8]) -> bool {
    let number = |digits: &[u8]| digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(*digit));
    let [year, month, day] = [number(&digits[..4]), number(&digits[4..6]), number(&digits[6..])];
    (1880..2100).contains(&year) && NaiveDate::from_ymd_opt(year.cast_signed(), month, day).is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is found in a text, as (kind, what stands there).
    fn found(text: &str) -> Vec<(FindingKind, String)> {
        let cut = |finding: Finding| text.chars().skip(finding.start).take(finding.end - finding.start).collect();
        personal_data(text).into_iter().map(|finding| (finding.kind, cut(finding))).collect()
    }

    #[test]
    fn mobile_numbers_are_found_however_they_are_written() {
        for number in [
            "13800138000",
            "１９９００００１２３４",
            "138 0013 8000",
            "138-0013-8000",
            "138 - 0013 — 8000",
            "+86 138 0013 8000",
            "+8613800138000",
            "＋86-13800138000",
            "8613800138000",
            "0086 13800138000",
            "013800138000",
            "1380013\u{200b}8000",
        ] {
            for (before, after) in [("", ""), ("电话：", "，"), ("微信wx", "同号"), ("3号楼\n", "\n5")] {
                let text = format!("{before}{number}{after}");
                assert_eq!(found(&text), [(FindingKind::Phone, number.to_owned())], "{text}");
            }
        }
        assert_eq!(found("13800138000、13900139000 15000150000").len(), 3);
    }

    #[test]
    fn landlines_are_found_by_their_area_code() {
        for number in [
            "0577-64751234",
            "057764751234",
            "0577 6475 123",
            "0577）64751234",
            "０５７７－６４７５１２３４",
            "010-64751234",
            "02164751234",
        ] {
            for (before, after) in [("", ""), ("陈", "，"), ("（", "转8001")] {
                let text = format!("{before}{number}{after}");
                assert_eq!(found(&text), [(FindingKind::Phone, number.to_owned())], "{text}");
            }
        }
    }

    #[test]
    fn other_numbers_are_no_phone_numbers() {
        for text in [
            "64751234",
            "0577-6475123456",
            "015-64751234",
            "10577-64751234",
            "0577号6475123",
            "12800138000",
            "1380013800",
            "138001380001",
            "9913800138000",
            "2026-01-15 13:45 第12期",
            "13,800,138,000元",
            "138\n0013\n8000",
            "138     0013 8000",
            "〔2017〕25号",
            "",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn identity_numbers_are_found_if_they_can_be_one() {
        for number in [
            "11010519491231002X",
            "11010519491231002x",
            "１１０１０５１９４９１２３１００２Ｘ",
            "440524188001010014",
            "440524 18800101 0014",
            "330327850615123",
        ] {
            let text = format!("身份证{number}，");
            assert_eq!(found(&text), [(FindingKind::IdentityNumber, number.to_owned())], "{text}");
        }
        for text in [
            "110105194912310021",
            "11010519491331002X",
            "4405241880010100140",
            "2440524188001010014",
            "330327851315123",
            "990327850615123",
            "3303278506151234",
            "91330327MA2ABCDE1X",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
        let weights: Vec<u32> = (1..=17).rev().map(|place| 2_u32.pow(place) % 11).collect();
        assert_eq!(weights, IDENTITY_WEIGHTS);
    }

    proptest! {
        #[test]
        fn no_input_breaks_the_finder(text in prop_oneof![any::<String>(), "[0-9０-９+Xx \\-]{0,40}"]) {
            let length = text.chars().count();
            let mut end = 0;
            for finding in personal_data(&text) {
                prop_assert!(end <= finding.start && finding.start < finding.end && finding.end <= length);
                end = finding.end;
            }
        }

        #[test]
        fn a_planted_mobile_number_is_always_found(number in "1[3-9][0-9]{9}", before in "[^0-9０-９]{0,8}", after in "[^0-9０-９]{0,8}") {
            let text = format!("{before}{number}{after}");
            let finding = Finding { kind: FindingKind::Phone, start: before.chars().count(), end: before.chars().count() + 11 };
            prop_assert_eq!(personal_data(&text), vec![finding]);
        }
    }
}
