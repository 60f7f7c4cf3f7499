//! What members write and what bodies answer: written for the demo, in the manner of a county's 社情民意.
//!
//! `{town}`, `{village}`, `{road}`, `{school}` are of the township it is about; `{firm}` is a firm of some
//! name, so that there are rare words to search for; `{n}` is a number of tens, `{m}` one of units.

mod cppcc;
mod filling;
mod matter;
mod said;
mod social;

pub use self::cppcc::CPPCC;
pub use self::filling::{fill, long};
pub use self::matter::Matter;
pub use self::said::{
    DECLINES, DISPUTES, DISSATISFACTION, EXEMPTIONS, OBJECTION, POLICIES, RETENTION, RETURNS, REVIEWS, SERVICES, TALKS, THANKS,
    TRANSFER, VISITS, WITHDRAWAL,
};
pub use self::social::SOCIAL;

#[cfg(test)]
mod tests {
    use super::filling::DETAILS;
    use super::*;
    use crate::base::text::personal_data;
    use crate::demo::dice::Dice;
    use crate::demo::names::CANGNAN;
    use crate::directory::dictionaries;

    fn texts() -> impl Iterator<Item = &'static str> {
        let matters = SOCIAL.iter().chain(CPPCC);
        let of = matters.flat_map(|matter| [matter.title, matter.situation, matter.analysis, matter.suggestions, matter.answer]);
        let spoken = [VISITS, REVIEWS, TALKS].into_iter().flatten().map(|(_, words)| *words);
        of.chain(DETAILS.iter().copied()).chain(spoken)
    }

    #[test]
    fn every_slot_is_filled_and_no_text_looks_like_personal_data() {
        let mut dice = Dice::new(1);
        for text in texts() {
            for place in CANGNAN {
                let filled = fill(text, place, &mut dice);
                assert!(!filled.contains(['{', '}']), "{filled}");
                assert!(personal_data(&filled).is_empty(), "{filled}");
            }
        }
    }

    #[test]
    fn categories_and_forms_stand_in_the_dictionaries() {
        let knows = |name: &str, code: &str| {
            let entries = dictionaries::built_in(name).expect("a dictionary");
            assert!(entries.iter().any(|entry| entry.code == code), "{code}");
        };
        SOCIAL.iter().chain(CPPCC).for_each(|matter| knows("opinion_categories", matter.category));
        [VISITS, REVIEWS, TALKS].into_iter().flatten().for_each(|(form, _)| knows("contact_forms", form));
        SERVICES.iter().for_each(|(kind, _)| knows("service_kinds", kind));
    }

    #[test]
    fn a_long_text_has_some_six_hundred_characters_and_stays_within_the_limit() {
        let mut dice = Dice::new(3);
        let mut all = 0;
        for at in 0..200 {
            let matter = &SOCIAL[at % SOCIAL.len()];
            let (situation, analysis, suggestions) = long(matter, &CANGNAN[at % CANGNAN.len()], &mut dice, 580);
            let length = [situation, analysis, suggestions].iter().map(|text| text.chars().count()).sum::<usize>();
            assert!(length < 1_000, "{length}");
            all += length;
        }
        assert!((560..660).contains(&(all / 200)), "{}", all / 200);
        assert!(SOCIAL.iter().all(|matter| fill(matter.title, &CANGNAN[0], &mut dice).chars().count() <= 100));
    }
}
