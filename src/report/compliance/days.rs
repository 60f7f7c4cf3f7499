//! Dated spans and sets of days: the arithmetic under articles 11 to 14.
//!
//! Invariants: both ends of a span are days in force; a [`Days`] holds its runs in order, and two
//! runs always have at least one day between them, so a run is an unbroken time. Two terms or two
//! sectors that follow each other day after day are therefore one run.

use chrono::NaiveDate;

/// A time in force, both ends included. Serves every dated row that articles 11 to 14 look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First day in force, in the jurisdiction's time zone.
    pub from: NaiveDate,
    /// Last day in force; `None` while it is open. A day before `from` makes the span empty.
    pub to: Option<NaiveDate>,
}

impl Span {
    /// A span from its first day to its last (`None`: open).
    #[must_use]
    pub const fn new(from: NaiveDate, to: Option<NaiveDate>) -> Self {
        Self { from, to }
    }

    /// The last day in force; an open span ends with the calendar.
    #[must_use]
    pub fn last(&self) -> NaiveDate {
        self.to.unwrap_or(NaiveDate::MAX)
    }

    /// Whether it is in force on `day`.
    #[must_use]
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.last()
    }

    /// The days two spans share, none if they never meet.
    #[must_use]
    pub fn and(&self, other: &Self) -> Option<Self> {
        let (from, last) = (self.from.max(other.from), self.last().min(other.last()));
        (from <= last).then_some(Self::new(from, Some(last)))
    }
}

/// A set of days, kept as unbroken runs. What "in office" means in articles 11 to 14.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Days(Vec<Span>);

impl Days {
    /// The days of any number of spans, in any order, overlapping or not; empty spans are dropped.
    #[must_use]
    pub fn of(spans: impl IntoIterator<Item = Span>) -> Self {
        let mut spans: Vec<Span> = spans.into_iter().filter(|span| span.from <= span.last()).collect();
        spans.sort_unstable_by_key(|span| span.from);
        let mut runs: Vec<Span> = Vec::with_capacity(spans.len());
        for span in spans {
            match runs.last_mut() {
                // Neighbouring days join too: otherwise a new term would look like a new time in office.
                Some(run) if run.last().succ_opt().is_none_or(|next| span.from <= next) => {
                    run.to = Some(run.last().max(span.last()));
                }
                _ => runs.push(Span::new(span.from, Some(span.last()))),
            }
        }
        Self(runs)
    }

    /// The unbroken runs, in order.
    #[must_use]
    pub fn runs(&self) -> &[Span] {
        &self.0
    }

    /// The days of `self` that are not in `other`.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut left = Vec::with_capacity(self.0.len() + other.0.len());
        for run in &self.0 {
            let mut from = Some(run.from);
            for cut in other.0.iter().filter(|cut| cut.and(run).is_some()) {
                if let (Some(start), Some(before)) = (from, cut.from.pred_opt()) {
                    left.push(Span::new(start, Some(before)));
                }
                from = cut.last().succ_opt();
            }
            if let Some(start) = from {
                left.push(Span::new(start, Some(run.last())));
            }
        }
        Self::of(left)
    }

    /// The parts of one span that lie in the set, in order.
    pub fn parts_of(&self, span: Span) -> impl Iterator<Item = Span> {
        self.0.iter().filter_map(move |run| run.and(&span))
    }

    /// Whether the set holds `day`.
    #[must_use]
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.run_of(day).is_some()
    }

    /// How many days of the set lie in `within`, both ends included.
    #[must_use]
    pub fn count(&self, within: Span) -> u32 {
        let days: i64 = self.parts_of(within).map(|part| (part.last() - part.from).num_days() + 1).sum();
        u32::try_from(days).unwrap_or(u32::MAX)
    }

    /// The first day of the set in `within`.
    #[must_use]
    pub fn first(&self, within: Span) -> Option<NaiveDate> {
        self.parts_of(within).next().map(|part| part.from)
    }

    /// The last day of the set in `within`.
    #[must_use]
    pub fn last(&self, within: Span) -> Option<NaiveDate> {
        self.parts_of(within).last().map(|part| part.last())
    }

    /// The unbroken run that holds `day`: its first day may lie years back.
    #[must_use]
    pub fn run_of(&self, day: NaiveDate) -> Option<Span> {
        let run = self.0.partition_point(|run| run.from <= day).checked_sub(1)?;
        self.0.get(run).copied().filter(|run| run.contains(day))
    }
}

#[cfg(test)]
mod tests {
    use super::super::scene::{day, span};
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn spans_that_follow_each_other_are_one_run() {
        let days = Days::of([span("2026-04-01", ""), span("2024-01-01", "2026-03-31")]);
        assert_eq!(days.run_of(day("2026-06-01")).unwrap().from, day("2024-01-01"));
        assert_eq!(days.runs().len(), 1);
    }

    #[test]
    fn one_day_between_breaks_a_run() {
        let days = Days::of([span("2024-01-01", "2026-03-31"), span("2026-04-02", "")]);
        assert_eq!(days.run_of(day("2026-06-01")).unwrap().from, day("2026-04-02"));
        assert!(!days.contains(day("2026-04-01")));
    }

    #[test]
    fn a_leap_year_has_its_day() {
        let always = Days::of([span("2020-01-01", "")]);
        assert_eq!(always.count(span("2028-01-01", "2028-12-31")), 366);
        assert_eq!(always.count(span("2026-01-01", "2026-12-31")), 365);
    }

    #[test]
    fn an_open_span_can_be_cut_to_nothing_and_at_its_head() {
        let open = Days::of([span("2026-01-01", "")]);
        assert_eq!(open.minus(&open), Days::default());
        let rest = open.minus(&Days::of([span("2025-01-01", "2026-01-31")]));
        assert_eq!(rest.first(span("2026-01-01", "2026-12-31")), Some(day("2026-02-01")));
        assert!(rest.contains(NaiveDate::MAX));
    }

    #[test]
    fn a_span_that_ends_before_it_begins_is_empty() {
        assert_eq!(Days::of([span("2026-02-01", "2026-01-31")]), Days::default());
    }

    fn listed(spans: &[(i32, i32)]) -> BTreeSet<i32> {
        spans.iter().flat_map(|(from, length)| *from..*from + *length).collect()
    }

    fn built(spans: &[(i32, i32)]) -> Days {
        Days::of(spans.iter().map(|(from, length)| Span::new(nth(*from), Some(nth(*from + *length - 1)))))
    }

    fn nth(n: i32) -> NaiveDate {
        day("2026-01-01") + chrono::TimeDelta::days(i64::from(n))
    }

    proptest! {
        #[test]
        fn sets_of_days_agree_with_lists_of_days(
            ours in proptest::collection::vec((0..60, 0..12), 0..6),
            theirs in proptest::collection::vec((0..60, 0..12), 0..6),
            from in 0..60, length in 1..40,
        ) {
            let (a, b) = (built(&ours), built(&theirs));
            let left: BTreeSet<i32> = listed(&ours).difference(&listed(&theirs)).copied().collect();
            let rest = a.minus(&b);
            for n in -1..80 {
                prop_assert_eq!(rest.contains(nth(n)), left.contains(&n));
            }
            let within = Span::new(nth(from), Some(nth(from + length - 1)));
            let inside: Vec<i32> = left.range(from..from + length).copied().collect();
            prop_assert_eq!(rest.count(within) as usize, inside.len());
            prop_assert_eq!(rest.first(within), inside.first().map(|n| nth(*n)));
            prop_assert_eq!(rest.last(within), inside.last().map(|n| nth(*n)));
            for pair in rest.runs().windows(2) {
                prop_assert!(pair[0].last().succ_opt().unwrap() < pair[1].from);
            }
        }
    }
}
