//! Chance that comes out the same on every machine and in every run, and ids that keep the order of what they name.

use chrono::{Datelike, Days, NaiveDate};
use uuid::Uuid;

use crate::base::id::Id;
use crate::base::instant::Instant;

/// SplitMix64 (Steele, Lea, Flood 2014): ours, so that no new version of a crate changes the demo.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mixed(self.0)
    }

    /// A number from 0 to `count` - 1; 0 where there is nothing to choose from.
    pub fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % count).unwrap_or(0)
    }

    /// A number from `least` to `most`.
    pub fn within(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// True in so many of a hundred.
    pub fn percent(&mut self, of: usize) -> bool {
        self.below(100) < of
    }

    /// One of some; there must be one.
    pub fn pick<'a, T: ?Sized>(&mut self, of: &'a [&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    /// One of some, whatever they are.
    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// So many different ones of some.
    pub fn some<T: Copy>(&mut self, of: &[T], count: usize) -> Vec<T> {
        let mut left = of.to_vec();
        (0..count.min(of.len())).map(|_| left.swap_remove(self.below(left.len()))).collect()
    }

    /// A day from `from` to `to`; `from` where they are in the wrong order.
    pub fn day(&mut self, from: NaiveDate, to: NaiveDate) -> NaiveDate {
        let days = usize::try_from((to - from).num_days()).unwrap_or(0);
        plus(from, self.within(0, days))
    }
}

fn mixed(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// So many days later.
pub fn plus(day: NaiveDate, days: usize) -> NaiveDate {
    day.checked_add_days(Days::new(days as u64)).unwrap_or(day)
}

/// So many days earlier.
pub fn minus(day: NaiveDate, days: usize) -> NaiveDate {
    day.checked_sub_days(Days::new(days as u64)).unwrap_or(day)
}

/// Identifiers in the form of UUIDv7, counted.
///
/// Their time part runs as the moments of the story do, but begins in 2020: what is added to a demo that plays in a coming
/// year still sorts after what it began with.
#[derive(Clone, Debug)]
pub struct Ids {
    count: u64,
    /// Milliseconds from the story's time to the ids' own.
    shift: i64,
}

/// 2020-01-01T00:00:00Z
const BEGINNING: i64 = 1_577_836_800_000;

impl Ids {
    /// For a story that plays in the year of `today` and the one before.
    pub fn new(today: NaiveDate) -> Self {
        let start = NaiveDate::from_ymd_opt(today.year() - 1, 1, 1).unwrap_or(today).and_time(chrono::NaiveTime::MIN);
        Self { count: 0, shift: BEGINNING - start.and_utc().timestamp_millis() }
    }

    /// The id of what was made at this moment.
    pub fn at(&mut self, made: Instant) -> Id {
        self.count += 1;
        let millis = u64::try_from(made.0.timestamp_millis() + self.shift).unwrap_or(0);
        let counter = self.count & 0xFFF;
        let rest = mixed(self.count.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let high = (millis << 16) | 0x7000 | counter;
        let low = (rest >> 2) | 0x8000_0000_0000_0000;
        Id(Uuid::from_u64_pair(high, low))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let roll = |seed| {
            let mut dice = Dice::new(seed);
            (0..5).map(|_| dice.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(roll(1), roll(1));
        assert_ne!(roll(1), roll(2));
        assert_eq!(roll(330_327), [724, 481, 802, 137, 531], "a change here changes every demo");
    }

    #[test]
    fn days_and_choices_stay_within_what_was_asked() {
        let mut dice = Dice::new(7);
        let (from, to) = (day("2026-02-27"), day("2026-03-02"));
        let days: BTreeSet<_> = (0..100).map(|_| dice.day(from, to)).collect();
        assert_eq!(days.len(), 4);
        assert_eq!(dice.day(to, from), to);
        let some: BTreeSet<_> = dice.some(&[1, 2, 3, 4], 3).into_iter().collect();
        assert_eq!(some.len(), 3);
        assert_eq!(dice.some(&[1, 2], 5).len(), 2);
    }

    #[test]
    fn ids_are_version_seven_differ_and_sort_as_their_moments_do() {
        let mut ids = Ids::new(day("2026-11-24"));
        let at = |text: &str| Instant(text.parse().expect("an instant"));
        let (first, second) = (ids.at(at("2025-03-01T01:00:00Z")), ids.at(at("2025-03-01T01:00:00.001Z")));
        assert!(first < second);
        assert!(ids.at(at("2022-01-01T00:00:00Z")) < first);
        assert_eq!(first.0.get_version_num(), 7);
        assert_eq!(first.0.get_variant(), uuid::Variant::RFC4122);
        let now = at("2026-03-01T01:00:00Z");
        let many: BTreeSet<_> = (0..10_000).map(|_| ids.at(now)).collect();
        assert_eq!(many.len(), 10_000);
        assert!(Ids::new(day("2036-11-24")).at(at("2036-11-24T01:00:00Z")) < Id::fresh());
    }
}
