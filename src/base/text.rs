//! What strings are made of: how input is cleaned, how Chinese text is searched and compared, and how personal data
//! in it is found and masked.
//!
//! It serves articles 19 and 26 of the regulation (opinions are found again and brought together), and the Personal
//! Information Protection Law (PIPL), which asks that phones and identity numbers do not travel in free text.
//!
//! Invariants:
//! - [`normalise`] and [`search_form`] are idempotent.
//! - What [`contains`] accepts holds every one of [`query_tokens`] among its [`tokens`], so that an index over the
//!   tokens can only hand out too much, never too little, and the re-check makes the answer exact.
//! - A masked value never shows more than its mask promises, whatever the input was.
//!
//! Lengths and positions are counted in characters (Unicode scalar values), never in bytes.

use std::fmt;

use chrono::NaiveDate;
use unicode_normalization::{IsNormalized, UnicodeNormalization, char::is_combining_mark, is_nfc_quick};

/// How many lines a text field may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One line: titles, names, numbers. Neither line breaks nor TAB.
    Line,
    /// Running text: LF and TAB are kept, CR LF and a lone CR become LF. U+2028 and U+2029 stay as they are.
    Lines,
}

/// Why [`normalise`] refused a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A control character (Cc, a bidirectional control, U+FEFF): invisible, and able to make a text read
    /// differently from what is stored.
    ControlCharacter {
        /// Position of the first such character in the text as it was sent, in characters from 0.
        at: usize,
    },
    /// A line break (LF, CR, U+2028, U+2029) in a field of one line.
    LineBreak {
        /// Position of the first such character in the text as it was sent, in characters from 0.
        at: usize,
    },
}

impl Flaw {
    /// The stable code of this flaw in a problem document (RFC 9457): `control_character` or `line_break`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ControlCharacter { .. } => "control_character",
            Self::LineBreak { .. } => "line_break",
        }
    }

    /// Where it is, in characters from 0 in the text as it was sent: what is refused cannot be seen, so that its
    /// sender needs to be told the place.
    pub const fn at(self) -> usize {
        match self {
            Self::ControlCharacter { at } | Self::LineBreak { at } => at,
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at character {}", self.code(), self.at())
    }
}

impl std::error::Error for Flaw {}

/// The text as it is stored: white space (Unicode `White_Space`, U+3000 too) trimmed from both ends, line breaks
/// unified by `form`, in Unicode normalization form C (UAX #15). Idempotent. Length is the caller's to bound.
///
/// # Errors
/// The first [`Flaw`] that is left after trimming.
pub fn normalise(input: &str, form: Form) -> Result<String, Flaw> {
    let text = input.trim();
    let flaw = text.chars().enumerate().find_map(|(index, c)| Some((index, flaw_of(c, form)?)));
    if let Some((index, flaw)) = flaw {
        let at = input.chars().take_while(|c| c.is_whitespace()).count() + index;
        return Err(flaw(at));
    }
    let composed = match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.to_owned(),
        IsNormalized::No | IsNormalized::Maybe => text.nfc().collect(),
    };
    if composed.contains('\r') { Ok(composed.replace("\r\n", "\n").replace('\r', "\n")) } else { Ok(composed) }
}

fn flaw_of(c: char, form: Form) -> Option<fn(usize) -> Flaw> {
    let broken: fn(usize) -> Flaw = |at| Flaw::LineBreak { at };
    let control: fn(usize) -> Flaw = |at| Flaw::ControlCharacter { at };
    match (c, form) {
        ('\n' | '\r' | '\u{2028}' | '\u{2029}', Form::Line) => Some(broken),
        ('\n' | '\r' | '\t', Form::Lines) => None,
        ('\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}', _) => Some(control),
        _ => c.is_control().then_some(control),
    }
}

/// How many characters (Unicode scalar values) other than white space a text has: the measure of the 1,500 that an
/// opinion may have under the rule of one matter each (一事一议), by which layout costs its author nothing.
pub fn length_without_white_space(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// The text as search sees it: NFKC (UAX #15), lower case, words of letters and digits with one space between.
///
/// - Letters and digits are those of Unicode (`Alphabetic`, `Numeric`), with the marks that follow them.
/// - Everything else (white space, punctuation, symbols, emoji) only separates: a run of it, of whatever kind, is one
///   space, and at the ends nothing. So 「A市，B区」 and 「a市 B区」 are the same, while 「口。缺」 does not hold 「口缺」.
/// - Characters that nobody sees (zero-width ones, variation selectors) do not count at all, since a text copied from
///   a web page is full of them.
///
/// Idempotent. Fields that are searched as one are joined by a line break, so that no word runs from one into the
/// next. No character of it has a meaning to `LIKE`, FTS5 or `tsquery`.
pub fn search_form(text: &str) -> String {
    // Nearly every text here is plain, and the two passes of NFKC cost several times what the rest does.
    if text.chars().all(|c| plain(c).is_some()) { words(text.chars().filter_map(plain), text.len()) } else { folded_in_full(text) }
}

/// Invisible characters go first, since they keep apart what composes; the second NFKC composes what lower-casing
/// took apart.
fn folded_in_full(text: &str) -> String {
    let visible = text.chars().filter(|c| !is_invisible(*c));
    words(visible.nfkc().flat_map(lower).nfkc(), text.len())
}

fn words(folded: impl Iterator<Item = char>, capacity: usize) -> String {
    let mut form = String::with_capacity(capacity);
    let mut in_word = false;
    for c in folded {
        let belongs = c.is_alphanumeric() || (in_word && is_combining_mark(c));
        if belongs {
            if !in_word && !form.is_empty() {
                form.push(' ');
            }
            form.push(c);
        }
        in_word = belongs;
    }
    form
}

/// The folded character, for those that fold by themselves, whatever stands beside them: ASCII, the main block of
/// ideographs, full-width ASCII, and the common Chinese punctuation, which only separates.
fn plain(c: char) -> Option<char> {
    match c {
        '\0'..='\x7F' => Some(c.to_ascii_lowercase()),
        '\u{4E00}'..='\u{9FFF}' => Some(c),
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).map(|half| half.to_ascii_lowercase()),
        '\u{3000}'..='\u{3003}' | '\u{3008}'..='\u{3011}' => Some(' '),
        '\u{2013}' | '\u{2014}' | '\u{2018}'..='\u{201D}' | '\u{2026}' | '\u{00B7}' => Some(' '),
        _ => None,
    }
}

/// One character at a time, and both small sigmas as one: lower-casing that looks at the neighbours would fold a part
/// of a word differently from the whole, and the part would not be found in it.
fn lower(c: char) -> impl Iterator<Item = char> {
    c.to_lowercase().map(|c| if c == 'ς' { 'σ' } else { c })
}

/// `Default_Ignorable_Code_Point` (UAX #44) as far as it occurs in text for people.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{E0000}'..='\u{E0FFF}')
}

/// One character of a word, or two neighbours in it.
type Gram = (char, Option<char>);

/// Pairs of neighbours within the words of a search form, and single characters: all of them, or only where a word
/// has no pair. Distinct, in a fixed order.
fn grams(form: &str, every_character: bool) -> Vec<Gram> {
    let mut grams: Vec<Gram> = Vec::with_capacity(form.len());
    for word in form.split(' ').filter(|word| !word.is_empty()) {
        let next = word.chars().skip(1);
        grams.extend(word.chars().zip(next).map(|(first, second)| (first, Some(second))));
        if every_character || word.chars().nth(1).is_none() {
            grams.extend(word.chars().map(|only| (only, None)));
        }
    }
    grams.sort_unstable();
    grams.dedup();
    grams
}

/// A gram in `[0-9a-fx]`: code points in hexadecimal, a pair with `x` between.
///
/// The alphabet is what makes it safe: unicode61 of FTS5 and `tsquery` both take it as one word with no meaning of
/// its own, and neither folds, stems or splits it, as they would the characters themselves, each in its own way.
fn token((first, second): Gram) -> String {
    let mut token = String::with_capacity(11);
    push_hexadecimal(&mut token, first);
    if let Some(second) = second {
        token.push('x');
        push_hexadecimal(&mut token, second);
    }
    token
}

/// By hand: a text has hundreds of tokens, and the formatting machinery takes most of their time.
fn push_hexadecimal(token: &mut String, c: char) {
    let code = u32::from(c);
    let digits = (u32::BITS - code.leading_zeros()).div_ceil(4).max(1);
    token.extend((0..digits).rev().filter_map(|place| char::from_digit(code >> (4 * place) & 0xF, 16)));
}

/// The distinct tokens under which a text stands in an inverted index, in a fixed order: each character of its
/// [`search_form`], and each two neighbours within a word, Latin words and numbers alike, since a query may be a part
/// of one.
///
/// Each is ASCII, `[0-9a-f]{1,6}(x[0-9a-f]{1,6})?`, one token to unicode61 of SQLite FTS5 and one lexeme to
/// `array_to_tsvector` of PostgreSQL; joined by spaces they can be stored as they are.
pub fn tokens(text: &str) -> Vec<String> {
    grams(&search_form(text), true).into_iter().map(token).collect()
}

/// The tokens that a text must have, all of them, to contain `q`: the pairs of neighbours in each word of it, and the
/// character itself where a word has but one. Distinct; at most one a character of the query.
///
/// Empty if `q` holds neither letter nor digit: such a query finds nothing (see [`contains`]), and must not be
/// answered by a conjunction of no tokens, which every text satisfies.
pub fn query_tokens(q: &str) -> Vec<String> {
    grams(&search_form(q), false).into_iter().map(token).collect()
}

/// Whether a text, given as its [`search_form`], contains `q`: the exact check of what the index proposes.
///
/// The form of `q` is sought as one piece: it may begin and end within a word, and what separates its words may be
/// anything. A `q` without letter or digit is contained in nothing, so that `%` or `*` never lists everything.
pub fn contains(text_search_form: &str, q: &str) -> bool {
    let sought = search_form(q);
    !sought.is_empty() && text_search_form.contains(&sought)
}

/// From how many distinct pairs on the shorter of two texts is long enough for being contained in the other to mean
/// that both say the same. Below it a common phrase would do.
const TELLING_PAIRS: f64 = 20.0;

/// What is left of a text for comparison: the set of its neighbouring characters. Made once for a text that is
/// compared with many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline(Vec<Gram>);

impl Outline {
    /// The outline of a text, from its [`search_form`]; a word of one character counts by itself.
    pub fn of(text: &str) -> Self {
        Self(grams(&search_form(text), false))
    }

    /// How alike two texts are, 0.0 to 1.0; see [`similarity`].
    pub fn similarity(&self, other: &Self) -> f64 {
        let shorter = self.0.len().min(other.0.len());
        if shorter == 0 {
            return 0.0;
        }
        let shared = shared(&self.0, &other.0);
        let [shared, shorter, either] = [shared, shorter, self.0.len() + other.0.len() - shared].map(|n| n as f64);
        let jaccard = shared / either;
        let containment = shared / shorter * (shorter / TELLING_PAIRS).min(1.0);
        jaccard.max(f64::midpoint(jaccard, containment))
    }
}

/// How many members two sorted sets have in common.
fn shared(a: &[Gram], b: &[Gram]) -> usize {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut shared = 0;
    while let (Some(left), Some(right)) = (a.peek(), b.peek()) {
        match left.cmp(right) {
            std::cmp::Ordering::Less => _ = a.next(),
            std::cmp::Ordering::Greater => _ = b.next(),
            std::cmp::Ordering::Equal => {
                shared += 1;
                (_, _) = (a.next(), b.next());
            }
        }
    }
    shared
}

/// How alike two texts are, from 0.0 (nothing in common, or one without letter and digit) to 1.0 (the same pairs of
/// neighbouring characters): for article 26, where scattered opinions on one matter are brought together.
///
/// Measured on 2,816 public letters of citizens to a city: one matter told in other words scores from about 0.25 on,
/// while of any two letters one pair in three thousand reaches 0.15.
///
/// The mean of the Jaccard index and of containment over the sets of pairs, never less than the index: it alone would
/// miss a short opinion that a long one holds entirely, containment alone would find every short one everywhere.
/// Symmetric.
pub fn similarity(a: &str, b: &str) -> f64 {
    Outline::of(a).similarity(&Outline::of(b))
}

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
fn digit(c: char) -> Option<u8> {
    let half = match c {
        '\u{FF10}'..='\u{FF19}' => u32::from(c) - 0xFF10,
        _ => c.to_digit(10)?,
    };
    u8::try_from(half).ok()
}

/// What people put between the groups of a number without ending it.
fn is_separator(c: char) -> bool {
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

fn is_mobile(digits: &[u8]) -> bool {
    digits.len() == 11 && digits[0] == 1 && digits[1] >= 3
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

/// Area codes have three digits for Beijing (010) and the other centres (02x), four elsewhere (03xx to 09xx).
fn landline(digits: &str) -> Option<String> {
    let (area, lengths) = match digits.as_bytes() {
        [b'0', b'1', b'0', ..] | [b'0', b'2', ..] => (3, 8..=8),
        [b'0', b'3'..=b'9', ..] => (4, 7..=8),
        _ => return None,
    };
    let (area, number) = digits.split_at_checked(area)?;
    (lengths.contains(&number.len()) && !number.starts_with('0')).then(|| format!("{area}-{number}"))
}

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
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    #[test]
    fn input_is_trimmed_composed_and_its_line_breaks_unified() {
        assert_eq!(normalise("\u{3000} 校门口 \u{a0}\n", Form::Line).as_deref(), Ok("校门口"));
        assert_eq!(normalise("Cafe\u{301}", Form::Line).as_deref(), Ok("Caf\u{e9}"));
        assert_eq!(normalise("一\r\n二\r三\n\t四\r\n", Form::Lines).as_deref(), Ok("一\n二\n三\n\t四"));
        assert_eq!(normalise(" \u{3000}\t", Form::Line).as_deref(), Ok(""));
        assert_eq!(normalise("ＡＢ①", Form::Line).as_deref(), Ok("ＡＢ①"));
    }

    #[test]
    fn what_cannot_be_seen_is_refused_with_its_place() {
        for c in ['\n', '\r', '\u{2028}', '\u{2029}'] {
            assert_eq!(normalise(&format!(" 甲{c}乙"), Form::Line), Err(Flaw::LineBreak { at: 2 }), "{c:?}");
            assert!(normalise(&format!("甲{c}乙"), Form::Lines).is_ok(), "{c:?}");
        }
        assert_eq!(normalise("甲\t乙", Form::Line), Err(Flaw::ControlCharacter { at: 1 }));
        assert!(normalise("甲\t乙", Form::Lines).is_ok());
        for c in ['\0', '\u{7}', '\u{b}', '\u{7f}', '\u{85}', '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}', '\u{feff}'] {
            for form in [Form::Line, Form::Lines] {
                let flaw = normalise(&format!("甲{c}乙"), form).unwrap_err();
                assert_eq!((flaw.code(), flaw.at()), ("control_character", 1), "{c:?}");
            }
        }
        assert_eq!(Flaw::LineBreak { at: 2 }.to_string(), "line_break at character 2");
    }

    #[test]
    fn white_space_costs_nothing_and_every_other_character_one() {
        assert_eq!(length_without_white_space(" 一\n二\u{3000}\t三。𠮷 "), 5);
        assert_eq!(length_without_white_space(""), 0);
    }

    #[test]
    fn the_search_form_keeps_letters_and_digits_and_parts_them_by_one_space() {
        assert_eq!(search_form("（Ａ市）——B区，１００％！"), "a市 b区 100");
        assert_eq!(search_form("校\u{200b}门\u{feff}口❤\u{fe0f}斑马线"), "校门口 斑马线");
        assert_eq!(search_form("ΟΔΟΣ Straße x\u{302}y ⼈㎡"), "οδοσ straße x\u{302}y 人m2");
        assert_eq!(search_form("¨ \u{301}。…%*_'\"-()"), "");
        assert_eq!(search_form("二〇二六年 阿·买买提"), "二〇二六年 阿 买买提");
    }

    #[test]
    fn two_characters_one_character_and_a_part_of_a_word_are_found() {
        let text = "A市校门口。缺一条斑马线，电话0577-64751234，见Lianxi2026";
        let (form, tokens) = (search_form(text), tokens(text));
        for q in ["斑马", "缺", "校门口", "a市", "Ａ市", "475", "anxi20", "马线 电话", "口，缺一", "％斑马线*", "0577 6475"]
        {
            assert!(contains(&form, q), "{q}");
            assert!(query_tokens(q).iter().all(|token| tokens.contains(token)), "{q}");
        }
        for q in ["口缺", "马斑", "05776475", "线电", "lian xi"] {
            assert!(!contains(&form, q), "{q}");
        }
    }

    #[test]
    fn search_characters_alone_find_nothing() {
        for q in ["", "%", "*", "_", "\"", "'--", "()", "\u{200b}", "👍", " \u{301}"] {
            assert!(query_tokens(q).is_empty() && !contains("斑马线", q) && !contains("", q), "{q:?}");
        }
        assert!(!contains("斑马线", "斑%线") && !contains("斑马线", "斑_线"));
    }

    #[test]
    fn tokens_are_pairs_and_single_characters_in_ascii() {
        assert_eq!(tokens("校门 a"), ["61", "6821", "6821x95e8", "95e8"]);
        assert_eq!(query_tokens("校门 a"), ["61", "6821x95e8"]);
        assert_eq!(query_tokens("𠮷𠮷𠮷"), ["20bb7x20bb7"]);
        assert!(tokens("。").is_empty());
    }

    #[test]
    fn plain_characters_fold_alike_by_the_short_and_the_long_way() {
        let all: String = ('\0'..=char::MAX).filter(|c| plain(*c).is_some()).flat_map(|c| ['x', c, 'y']).collect();
        assert_eq!(search_form(&all), folded_in_full(&all));
        assert_eq!(search_form(&all), folded_in_full(&search_form(&all)));
    }

    #[test]
    fn likeness_is_that_of_the_matter() {
        let lights = "反映花卉路井盖噪音扰民及路灯长期不亮的问题，夜间行人很不安全，请尽快修理";
        let again = "再次反映：花卉路井盖噪音扰民，路灯长期不亮，请有关部门尽快修理";
        let school = "咨询县城东城名苑小区小孩就近入学的问题";
        assert!((similarity(lights, lights) - 1.0).abs() < f64::EPSILON);
        assert!(similarity(lights, again) > 0.4);
        assert!(similarity(lights, school) < 0.15);
        assert!(similarity(lights, &format!("{lights}{}", school.repeat(2))) > 0.6);
        assert!(similarity("问题", lights) < 0.15, "a common word is no opinion");
        assert!(similarity("", "") == 0.0 && similarity("。", lights) == 0.0);
    }

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

    /// The digits of the longest area code.
    const AREA_CODE: usize = 4;

    /// Text from few characters of many kinds, so that parts of it occur twice.
    fn mixed() -> impl Strategy<Value = String> {
        let kinds = "校门口缺市ＡaAbİßΣςé①1１9 \u{3000}\n，。%*_'❤\u{fe0f}\u{200b}\u{301}\u{302}ﬁ½가か\u{3099}";
        vec(select(kinds.chars().collect::<Vec<_>>()), 0..24).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn normalising_is_idempotent_and_clean(text in prop_oneof![any::<String>(), mixed()], lines in any::<bool>()) {
            let form = if lines { Form::Lines } else { Form::Line };
            if let Ok(clean) = normalise(&text, form) {
                prop_assert_eq!(&normalise(&clean, form), &Ok(clean.clone()));
                prop_assert!(clean.nfc().eq(clean.chars()) && clean.trim() == clean && !clean.contains('\r'));
            }
        }

        #[test]
        fn the_search_form_is_idempotent(text in prop_oneof![any::<String>(), mixed()]) {
            let form = search_form(&text);
            prop_assert_eq!(&search_form(&form), &form);
        }

        #[test]
        fn whoever_contains_a_query_has_its_tokens(text in mixed(), other in mixed(), from in 0_usize..24, long in 1_usize..8) {
            let part: String = text.chars().skip(from).take(long).collect();
            let tokens = tokens(&text);
            for q in [part, other] {
                if contains(&search_form(&text), &q) {
                    let wanted = query_tokens(&q);
                    prop_assert!(!wanted.is_empty() && wanted.iter().all(|token| tokens.contains(token)));
                }
            }
        }

        #[test]
        fn letters_and_digits_are_found_exactly_where_they_stand(text in "[校门口市ab1 ，%]{0,16}", q in "[校门口市ab1]{1,4}") {
            prop_assert_eq!(contains(&search_form(&text), &q), text.contains(&q));
        }

        #[test]
        fn every_part_of_a_text_is_found_in_it(text in "[校门口市A-Cａ-ｃ1 ，。%*]{1,16}", from in 0_usize..16, long in 1_usize..8) {
            let part: String = text.chars().skip(from).take(long).collect();
            let blank = search_form(&part).is_empty();
            prop_assert!(blank || contains(&search_form(&text), &part));
        }

        #[test]
        fn tokens_are_safe_in_every_query_language(text in any::<String>()) {
            for token in tokens(&text) {
                prop_assert!(token.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'x')));
                let codes: Vec<Option<char>> =
                    token.split('x').map(|code| char::from_u32(u32::from_str_radix(code, 16).ok()?)).collect();
                prop_assert!(codes.len() <= 2 && codes.iter().all(Option::is_some));
            }
        }

        #[test]
        fn likeness_is_symmetric_and_bounded(a in mixed(), b in mixed()) {
            let likeness = similarity(&a, &b);
            prop_assert!((0.0..=1.0).contains(&likeness));
            prop_assert!((likeness - similarity(&b, &a)).abs() < f64::EPSILON);
        }

        #[test]
        fn no_input_breaks_the_finder_or_the_masks(text in prop_oneof![any::<String>(), "[0-9０-９+Xx \\-]{0,40}"]) {
            let length = text.chars().count();
            let mut end = 0;
            for finding in personal_data(&text) {
                prop_assert!(end <= finding.start && finding.start < finding.end && finding.end <= length);
                end = finding.end;
            }
            let shown = mask_phone(&text).chars().filter(|c| c.is_alphanumeric()).count();
            prop_assert!(shown <= AREA_CODE + SHOWN_AT_THE_END);
            prop_assert!(mask_phone(&text).matches('*').count() >= HIDDEN);
            prop_assert!(mask_name(&text).chars().count() <= 2);
        }

        #[test]
        fn a_planted_mobile_number_is_always_found(number in "1[3-9][0-9]{9}", before in "[^0-9０-９]{0,8}", after in "[^0-9０-９]{0,8}") {
            let text = format!("{before}{number}{after}");
            let finding = Finding { kind: FindingKind::Phone, start: before.chars().count(), end: before.chars().count() + 11 };
            prop_assert_eq!(personal_data(&text), vec![finding]);
        }

        #[test]
        fn the_form_of_a_phone_is_its_own_form(raw in "[+]?[0-9 \\-]{5,18}") {
            if let Some(phone) = normalise_phone(&raw) {
                prop_assert_eq!(normalise_phone(&phone), Some(phone.clone()));
            }
        }
    }
}
