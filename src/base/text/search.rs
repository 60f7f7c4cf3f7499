//! How Chinese text is searched: in one form, by the pairs of its characters (art. 19).
//!
//! What [`contains`] accepts holds every one of [`query_tokens`] among its [`tokens`], so that an index over the tokens can only
//! hand out too much, never too little, and the re-check makes the answer exact. [`search_form`] is idempotent.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

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
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{E0000}'..='\u{E0FFF}')
}

/// One character of a word, or two neighbours in it.
pub type Gram = (char, Option<char>);

/// Pairs of neighbours within the words of a search form, and single characters: all of them, or only where a word
/// has no pair. Distinct, in a fixed order.
pub fn grams(form: &str, every_character: bool) -> Vec<Gram> {
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

#[cfg(test)]
mod tests {
    use super::super::samples::mixed;
    use proptest::prelude::*;

    use super::*;

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

    proptest! {
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
    }
}
