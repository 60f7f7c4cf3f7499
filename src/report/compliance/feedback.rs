//! Article 19: what a member says about the CPPCC's own work is answered in time.
//!
//! Not a person's duty with a status but a count by the body that owned the opinion when its time was up.
//! Invariants: only opinions whose limit has come are seen, whatever their answer; an opinion is in exactly one
//! of on time, late and open; the collective one is left out, since its parts are counted.

use super::ground::Period;
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The working days of a jurisdiction (article 19), days off and weekend days worked included.
pub trait WorkingDays {
    /// Whether `day` is worked.
    fn is_working_day(&self, day: NaiveDate) -> bool;
}

impl<F: Fn(NaiveDate) -> bool> WorkingDays for F {
    fn is_working_day(&self, day: NaiveDate) -> bool {
        self(day)
    }
}

/// The two ways an opinion can go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Track {
    /// Articles 16 and 21: to leaders and departments.
    SocialConditions,
    /// Article 19: to the chairpersons' meeting.
    CppccWork,
}

/// A time an opinion was with its author again; the clock of article 19 rests meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Return {
    /// The local day it was returned.
    pub returned_on: NaiveDate,
    /// The local day it was submitted again; `None`: it still is with the author.
    pub resubmitted_on: Option<NaiveDate>,
}

/// From a day on an opinion is owned by this body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ownership {
    /// The local day the body became the owner.
    pub from: NaiveDate,
    /// The office or the committee.
    pub owner: Uuid,
}

/// What article 19 asks of one opinion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// The opinion.
    pub opinion: Uuid,
    /// Its track as it now is.
    pub track: Track,
    /// Made of other opinions: these count, it does not.
    pub collective: bool,
    /// Persons who are its authors, for an organization its contact person.
    pub authors: Vec<Uuid>,
    /// The local day it was first submitted or registered.
    pub submitted_on: NaiveDate,
    /// Its returns, in order.
    pub returns: Vec<Return>,
    /// The local day of its first feedback or of its decline; a part's is that of its collective opinion.
    pub first_feedback_on: Option<NaiveDate>,
    /// The local day it was withdrawn or lapsed.
    pub withdrawn_on: Option<NaiveDate>,
    /// Its owners in order, for a merged part those of the collective opinion from the day of the merger.
    pub owners: Vec<Ownership>,
}

/// How an opinion whose limit has come was answered (article 19).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Answered {
    /// By the end of its limit.
    OnTime,
    /// After its limit, by the day of the report.
    Late,
    /// Not by the day of the report.
    Open,
}

/// One opinion whose limit has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due<'a> {
    /// The opinion.
    pub opinion: Uuid,
    /// Its authors.
    pub authors: &'a [Uuid],
    /// The last day for its first feedback.
    pub due_on: NaiveDate,
    /// The body that owned it at the end of that day.
    pub owner: Option<Uuid>,
    /// How it was answered.
    pub answered: Answered,
}

/// A count of opinions whose limit has come (article 19).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Answers {
    /// All of them.
    pub due: u32,
    /// Answered by the end of the limit.
    pub on_time: u32,
    /// Answered after it.
    pub late: u32,
    /// Not answered by the day of the report.
    pub open: u32,
    /// Different authors behind them.
    pub persons: u32,
}

/// A row of article 19: a body and the opinions it owned when their limits came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedbackRow {
    /// Always 19.
    pub article: u8,
    /// The body; `None` where an opinion had no owner.
    pub owner: Option<Uuid>,
    /// Its count.
    pub answers: Answers,
}

/// The opinions submitted in `year` whose limit has come by `as_of`. The day of the report may lie
/// after the year, see [`day_of_report`]; `limit` in working days.
#[must_use]
pub fn due<'a>(
    submissions: &'a [Submission],
    year: i32,
    as_of: NaiveDate,
    limit: u32,
    calendar: &impl WorkingDays,
) -> Vec<Due<'a>> {
    let ours: Vec<&Submission> = of_year(submissions, year).collect();
    let clock = Clock::new(&ours, as_of, calendar);
    let of = |submission: &&'a Submission| {
        let due_on = clock.limit(submission, limit).filter(|due_on| *due_on <= as_of)?;
        let feedback = submission.first_feedback_on.filter(|on| *on <= as_of);
        if feedback.is_none() && submission.withdrawn_on.is_some_and(|on| on <= as_of) {
            return None;
        }
        let answered = match feedback {
            Some(on) if on <= due_on => Answered::OnTime,
            Some(_) => Answered::Late,
            None => Answered::Open,
        };
        let owner = submission.owners.iter().rev().find(|held| held.from <= due_on).map(|held| held.owner);
        Some(Due { opinion: submission.opinion, authors: &submission.authors, due_on, owner, answered })
    };
    ours.iter().filter_map(of).collect()
}

/// The day article 19 is reported for. It is that of the other articles, but for a year that is over
/// the report runs on until the last limit has come, then stays on that day: opinions of December have
/// theirs in March, and would otherwise be seen in no year's report.
#[must_use]
pub fn day_of_report(
    submissions: &[Submission],
    period: Period,
    today: NaiveDate,
    limit: u32,
    calendar: &impl WorkingDays,
) -> NaiveDate {
    let end = period.whole().last();
    if period.as_of() < end || today <= end {
        return period.as_of();
    }
    let answerable: Vec<&Submission> = of_year(submissions, period.year())
        .filter(|submission| submission.first_feedback_on.is_some() || submission.withdrawn_on.is_none())
        .collect();
    let clock = Clock::new(&answerable, today, calendar);
    answerable
        .iter()
        .map(|submission| clock.limit(submission, limit).map_or(today, |due_on| due_on.min(today)))
        .fold(end, NaiveDate::max)
}

/// The rows of article 19, by owner; an owner without a limit that came has none.
#[must_use]
pub fn rows(due: &[Due]) -> Vec<FeedbackRow> {
    let by_owner = roll_up(due, |one| Some(one.owner));
    by_owner.into_iter().map(|(owner, answers)| FeedbackRow { article: 19, owner, answers }).collect()
}

/// Counts by any key: owner, author's sector, child jurisdiction. An opinion with several keys counts
/// under each, one with none nowhere.
pub fn roll_up<'d, K: Ord, I: IntoIterator<Item = K>>(
    due: impl IntoIterator<Item = &'d Due<'d>>,
    key: impl Fn(&Due) -> I,
) -> BTreeMap<K, Answers> {
    let mut counts: BTreeMap<K, (Answers, BTreeSet<Uuid>)> = BTreeMap::new();
    for one in due {
        let keys: BTreeSet<K> = key(one).into_iter().collect();
        for key in keys {
            let (answers, persons) = counts.entry(key).or_default();
            answers.due += 1;
            match one.answered {
                Answered::OnTime => answers.on_time += 1,
                Answered::Late => answers.late += 1,
                Answered::Open => answers.open += 1,
            }
            persons.extend(one.authors);
        }
    }
    let counted = |(key, (answers, persons)): (K, (Answers, BTreeSet<Uuid>))| {
        (key, Answers { persons: u32::try_from(persons.len()).unwrap_or(u32::MAX), ..answers })
    };
    counts.into_iter().map(counted).collect()
}

fn of_year(submissions: &[Submission], year: i32) -> impl Iterator<Item = &Submission> {
    submissions.iter().filter(move |submission| {
        submission.track == Track::CppccWork && !submission.collective && submission.submitted_on.year() == year
    })
}

/// The working days from the first submission to the day of the report: the calendar is asked once a
/// day and not once a day and opinion. A limit beyond them has not come, so nobody asks when it will.
struct Clock(Vec<NaiveDate>);

impl Clock {
    fn new(submissions: &[&Submission], until: NaiveDate, calendar: &impl WorkingDays) -> Self {
        let first = submissions.iter().map(|submission| submission.submitted_on).min();
        let days = first.into_iter().flat_map(|first| first.iter_days().take_while(|day| *day <= until));
        Self(days.filter(|day| calendar.is_working_day(*day)).collect())
    }

    /// How many working days there are up to and including `day`.
    fn up_to(&self, day: NaiveDate) -> usize {
        self.0.partition_point(|working| *working <= day)
    }

    /// The last day for the first feedback; `None`: beyond the days known, or the clock rests for good.
    fn limit(&self, submission: &Submission, days: u32) -> Option<NaiveDate> {
        let mut left = usize::try_from(days).ok()?;
        if left == 0 {
            return Some(submission.submitted_on);
        }
        let mut from = self.up_to(submission.submitted_on);
        for rest in &submission.returns {
            let run = self.up_to(rest.returned_on).saturating_sub(from);
            if run >= left {
                break;
            }
            left -= run;
            from = from.max(self.up_to(rest.resubmitted_on?));
        }
        self.0.get(from + left - 1).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::super::scene::{day, id};
    use super::*;
    use chrono::{TimeDelta, Weekday};
    use proptest::prelude::*;

    fn weekdays(day: NaiveDate) -> bool {
        !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
    }

    fn opinion(submitted_on: &str) -> Submission {
        Submission {
            opinion: id(1),
            track: Track::CppccWork,
            collective: false,
            authors: vec![id(5)],
            submitted_on: day(submitted_on),
            returns: Vec::new(),
            first_feedback_on: None,
            withdrawn_on: None,
            owners: vec![Ownership { from: day(submitted_on), owner: id(20) }],
        }
    }

    fn answered(on: &str, submission: Submission) -> Submission {
        Submission { first_feedback_on: Some(day(on)), ..submission }
    }

    fn returned(submission: Submission, returned_on: &str, resubmitted_on: &str) -> Submission {
        let resubmitted_on = (!resubmitted_on.is_empty()).then(|| day(resubmitted_on));
        let mut returns = submission.returns;
        returns.push(Return { returned_on: day(returned_on), resubmitted_on });
        Submission { returns, ..submission }
    }

    fn due_on(submission: &Submission, limit: u32) -> Option<NaiveDate> {
        let one = std::slice::from_ref(submission);
        due(one, 2026, day("2027-06-30"), limit, &weekdays).first().map(|one| one.due_on)
    }

    fn counted(submissions: &[Submission], as_of: &str) -> Vec<Answered> {
        due(submissions, 2026, day(as_of), 60, &weekdays).iter().map(|one| one.answered).collect()
    }

    #[test]
    fn the_limit_is_the_nth_working_day_after_submission() {
        // A Monday and twelve weeks of five days.
        assert_eq!(due_on(&opinion("2026-03-02"), 60), Some(day("2026-05-25")));
        assert_eq!(due_on(&opinion("2026-03-06"), 1), Some(day("2026-03-09")));
        assert_eq!(due_on(&opinion("2026-03-07"), 1), Some(day("2026-03-09")));
        assert_eq!(due_on(&opinion("2026-03-07"), 0), Some(day("2026-03-07")));
    }

    #[test]
    fn a_calendar_with_shifted_days_is_followed() {
        let shifted = |day: NaiveDate| match day.to_string().as_str() {
            "2026-03-09" => false,
            "2026-03-07" => true,
            _ => weekdays(day),
        };
        let submissions = [opinion("2026-03-06")];
        let on = |limit| due(&submissions, 2026, day("2026-12-31"), limit, &shifted)[0].due_on;
        assert_eq!((on(1), on(2)), (day("2026-03-07"), day("2026-03-10")));
    }

    #[test]
    fn a_feedback_on_the_last_day_is_on_time_and_on_the_next_late() {
        let submissions = [answered("2026-05-25", opinion("2026-03-02")), answered("2026-05-26", opinion("2026-03-02"))];
        assert_eq!(counted(&submissions, "2026-12-31"), [Answered::OnTime, Answered::Late]);
        assert_eq!(counted(&submissions, "2026-05-25"), [Answered::OnTime, Answered::Open]);
    }

    #[test]
    fn what_is_not_due_yet_is_not_seen_even_if_answered() {
        let submissions = [answered("2026-03-10", opinion("2026-03-02")), opinion("2026-03-02")];
        assert_eq!(counted(&submissions, "2026-05-24"), []);
        assert_eq!(counted(&submissions, "2026-05-25"), [Answered::OnTime, Answered::Open]);
    }

    #[test]
    fn a_return_stops_the_clock_after_its_own_day_until_the_next_submission_is_over() {
        // Monday 2 March; 3 and 4 March count, 5 to 11 rest, 12 is the third.
        let opinion = returned(opinion("2026-03-02"), "2026-03-04", "2026-03-11");
        assert_eq!(due_on(&opinion, 2), Some(day("2026-03-04")));
        assert_eq!(due_on(&opinion, 3), Some(day("2026-03-12")));
        assert_eq!(due_on(&returned(opinion, "2026-03-12", "2026-03-13"), 4), Some(day("2026-03-16")));
    }

    #[test]
    fn a_return_answered_the_same_day_stops_nothing() {
        let same = returned(opinion("2026-03-02"), "2026-03-04", "2026-03-04");
        assert_eq!(due_on(&same, 60), due_on(&opinion("2026-03-02"), 60));
    }

    #[test]
    fn while_it_is_with_the_author_no_limit_comes() {
        assert_eq!(due_on(&returned(opinion("2026-03-02"), "2026-03-04", ""), 60), None);
        assert_eq!(due_on(&returned(opinion("2026-03-02"), "2026-06-01", ""), 60), Some(day("2026-05-25")));
    }

    #[test]
    fn an_opinion_taken_back_stays_only_if_it_had_been_answered() {
        let withdrawn = Submission { withdrawn_on: Some(day("2026-06-01")), ..opinion("2026-03-02") };
        assert_eq!(counted(std::slice::from_ref(&withdrawn), "2026-12-31"), []);
        assert_eq!(counted(&[answered("2026-04-01", withdrawn)], "2026-12-31"), [Answered::OnTime]);
    }

    #[test]
    fn only_single_opinions_on_the_cppccs_work_of_the_year_count() {
        let others = [
            Submission { track: Track::SocialConditions, ..opinion("2026-03-02") },
            Submission { collective: true, ..opinion("2026-03-02") },
            opinion("2025-12-31"),
        ];
        assert_eq!(counted(&others, "2026-12-31"), []);
    }

    #[test]
    fn the_row_is_the_owners_at_the_limit() {
        let handed_on = |from: &str| {
            let mut submission = opinion("2026-03-02");
            submission.owners.push(Ownership { from: day(from), owner: id(21) });
            let one = std::slice::from_ref(&submission);
            due(one, 2026, day("2026-12-31"), 60, &weekdays)[0].owner
        };
        assert_eq!(handed_on("2026-05-25"), Some(id(21)));
        assert_eq!(handed_on("2026-05-26"), Some(id(20)));
    }

    #[test]
    fn rows_are_counted_by_owner_and_authors_once() {
        let elsewhere = Submission {
            authors: vec![id(5), id(6)],
            owners: vec![Ownership { from: day("2026-01-01"), owner: id(21) }],
            ..opinion("2026-03-02")
        };
        let submissions = [
            answered("2026-03-10", opinion("2026-03-02")),
            answered("2026-08-10", opinion("2026-03-02")),
            opinion("2026-03-02"),
            elsewhere,
        ];
        let due = due(&submissions, 2026, day("2026-12-31"), 60, &weekdays);
        let answers = |due, on_time, late, open, persons| Answers { due, on_time, late, open, persons };
        assert_eq!(
            rows(&due),
            [
                FeedbackRow { article: 19, owner: Some(id(20)), answers: answers(3, 1, 1, 1, 1) },
                FeedbackRow { article: 19, owner: Some(id(21)), answers: answers(1, 0, 0, 1, 2) },
            ]
        );
        assert_eq!(roll_up(&due, |_| [()])[&()], answers(4, 1, 1, 2, 2));
    }

    fn reported_for(submissions: &[Submission], asked: Option<&str>, today: &str) -> NaiveDate {
        let period = Period::of(2026, asked.map(day), day(today)).unwrap();
        day_of_report(submissions, period, day(today), 60, &weekdays)
    }

    #[test]
    fn a_past_year_is_reported_until_its_last_limit_and_then_stays() {
        let submissions = [opinion("2026-12-31"), opinion("2026-03-02")];
        let last = day("2027-03-25");
        assert_eq!(reported_for(&submissions, None, "2026-10-01"), day("2026-10-01"));
        assert_eq!(reported_for(&submissions, None, "2027-02-01"), day("2027-02-01"));
        assert_eq!(reported_for(&submissions, None, "2027-03-25"), last);
        assert_eq!(reported_for(&submissions, None, "2029-01-01"), last);
        assert_eq!(due(&submissions, 2026, last, 60, &weekdays).len(), 2);
        assert_eq!(reported_for(&submissions, Some("2026-09-30"), "2027-02-01"), day("2026-09-30"));
        assert_eq!(reported_for(&[], None, "2027-02-01"), day("2026-12-31"));
    }

    #[test]
    fn what_nobody_will_answer_keeps_no_year_open_and_what_is_with_the_author_does() {
        let withdrawn = Submission { withdrawn_on: Some(day("2027-01-05")), ..opinion("2026-12-31") };
        assert_eq!(reported_for(&[withdrawn], None, "2029-01-01"), day("2026-12-31"));
        let with_the_author = returned(opinion("2026-12-01"), "2026-12-20", "");
        assert_eq!(reported_for(&[with_the_author], None, "2027-01-10"), day("2027-01-10"));
    }

    proptest! {
        /// Counts day by day what the limit finds by index.
        #[test]
        fn limits_agree_with_a_count_day_by_day(
            submitted in 0i64..300,
            rests in proptest::collection::vec((0i64..30, option_of_days()), 0..4),
            limit in 1u32..70,
            off in proptest::collection::btree_set(0i64..600, 0..60),
        ) {
            let nth = |n: i64| day("2026-01-01") + TimeDelta::days(n);
            let calendar = |day: NaiveDate| weekdays(day) != off.contains(&(day - nth(0)).num_days());
            let mut submission = Submission { submitted_on: nth(submitted), ..opinion("2026-01-01") };
            let mut at = submitted;
            for (gap, rest) in rests {
                let back = rest.map(|rest| nth(at + gap + rest));
                submission.returns.push(Return { returned_on: nth(at + gap), resubmitted_on: back });
                match rest {
                    Some(rest) => at += gap + rest,
                    None => break,
                }
            }
            let as_of = nth(600);
            let rests = |day: NaiveDate| submission.returns.iter().any(|rest| {
                day > rest.returned_on && rest.resubmitted_on.is_none_or(|back| day <= back)
            });
            let expected = submission
                .submitted_on
                .iter_days()
                .skip(1)
                .take_while(|day| *day <= as_of)
                .filter(|day| calendar(*day) && !rests(*day))
                .nth(limit as usize - 1);
            let one = std::slice::from_ref(&submission);
            prop_assert_eq!(due(one, 2026, as_of, limit, &calendar).first().map(|one| one.due_on), expected);
        }

        #[test]
        fn every_due_opinion_is_answered_in_exactly_one_way(
            days in proptest::collection::vec((0i64..365, proptest::option::of(0i64..200)), 0..20), asked in 0i64..500,
        ) {
            let nth = |n: i64| day("2026-01-01") + TimeDelta::days(n);
            let submissions: Vec<Submission> = days
                .into_iter()
                .map(|(submitted, after)| Submission {
                    submitted_on: nth(submitted),
                    first_feedback_on: after.map(|after| nth(submitted + after)),
                    ..opinion("2026-01-01")
                })
                .collect();
            let due = due(&submissions, 2026, nth(asked), 60, &weekdays);
            let sum: u32 = rows(&due).iter().map(|row| row.answers.on_time + row.answers.late + row.answers.open).sum();
            prop_assert_eq!(sum as usize, due.len());
            prop_assert!(due.iter().all(|one| one.due_on <= nth(asked)));
        }
    }

    fn option_of_days() -> impl Strategy<Value = Option<i64>> {
        proptest::option::weighted(0.9, 0i64..30)
    }
}
