//! How input is cleaned, once, as it comes in. Idempotent.

use std::fmt;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

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

#[cfg(test)]
mod tests {
    use super::super::samples::mixed;
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn normalising_is_idempotent_and_clean(text in prop_oneof![any::<String>(), mixed()], lines in any::<bool>()) {
            let form = if lines { Form::Lines } else { Form::Line };
            if let Ok(clean) = normalise(&text, form) {
                prop_assert_eq!(&normalise(&clean, form), &Ok(clean.clone()));
                prop_assert!(clean.nfc().eq(clean.chars()) && clean.trim() == clean && !clean.contains('\r'));
            }
        }
    }
}
