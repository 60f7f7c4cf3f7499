//! A row of the compliance report and the judgement on it (articles 11 to 14).
//!
//! Invariants: the judgement is a function of the figures in the row, the day of the report and two
//! thresholds; exempt outranks met, met outranks the rest; an exemption changes no figure but `missing`.

use chrono::NaiveDate;
use uuid::Uuid;

/// Fewer days than this in the post that owes, leave taken off, owe nothing yet (articles 11 to 14).
pub const SHORT_TIME_DAYS: u32 = 60;

/// The duties that have a status. Article 11 lays down three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Duty {
    /// Article 11: a member contacts constituents.
    Constituents,
    /// Article 11: a leader contacts at least one standing member.
    StandingMembers,
    /// Article 11: a standing member is contacted by a leader.
    Leader,
    /// Article 12: a leader learns of a standing member's work of the year.
    LeaderReview,
    /// Article 13: a committee learns of a member's work of the year.
    CommitteeReview,
    /// Article 14: a member goes among the people.
    Visits,
}

impl Duty {
    /// The article that lays it down, 11 to 14.
    #[must_use]
    pub const fn article(self) -> u8 {
        match self {
            Self::Constituents | Self::StandingMembers | Self::Leader => 11,
            Self::LeaderReview => 12,
            Self::CommitteeReview => 13,
            Self::Visits => 14,
        }
    }
}

/// How a duty stands on the day of the report (articles 11 to 14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// Not judged: too short a time in the post, or an exemption in force.
    Exempt,
    /// As much was done as is owed.
    Met,
    /// Not yet, and there is time, or article 11 does not press yet.
    OnTrack,
    /// Not yet, and time runs out.
    AtRisk,
    /// Not done when the time was over.
    Unmet,
}

/// Who is charged with a duty: articles 12 and 13 charge somebody else than the one it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Charged {
    /// A member or a leader.
    Person(Uuid),
    /// A special committee.
    Committee(Uuid),
}

/// One duty of one year, about one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The article it comes from, 11 to 14.
    pub article: u8,
    /// The duty.
    pub duty: Duty,
    /// The person it is about: the member, the leader or the standing member.
    pub subject: Uuid,
    /// The subject's sector on the day of the report, or on the last day as a member before it.
    pub sector: Option<Uuid>,
    /// The committee corresponding to that sector on that day, else the last one of the year before it.
    pub committee: Option<Uuid>,
    /// Who is to do it; `None`: nobody in the year so far.
    pub charged: Option<Charged>,
    /// First day of the year in the post that owes, where the row begins.
    pub begins_on: NaiveDate,
    /// When it must be done: 31 December, or the last day in the post where that is earlier.
    pub due_on: NaiveDate,
    /// Days of the year in the post that owes less granted leave, 0 to 366.
    pub days: u32,
    /// How much is owed: constituents, standing members, leaders, reviews or visits.
    pub owed: u32,
    /// How much was done by the day of the report. May exceed `owed`, except for reviews.
    pub done: u32,
    /// How much of `done` rests on more than the recorder's word. Article 11 has nothing to confirm: 0.
    pub confirmed: u32,
    /// What is still to be done by `due_on`; 0 for an exempt row.
    pub missing: u32,
    /// The judgement.
    pub status: Status,
    /// The exemption in force on the day of the report, if one is.
    pub exemption: Option<Uuid>,
}

/// The figures a judgement is made from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case {
    pub(super) days: u32,
    pub(super) exempted: bool,
    pub(super) owed: u32,
    pub(super) done: u32,
    /// In the first days of an unbroken time in office, where the article knows a grace.
    pub(super) grace: bool,
    pub(super) due_on: NaiveDate,
}

/// How a case stands on `as_of`; `at_risk_days` in calendar days.
pub(super) fn judge(case: Case, as_of: NaiveDate, at_risk_days: u32) -> Status {
    if case.exempted || case.days < SHORT_TIME_DAYS {
        Status::Exempt
    } else if case.done >= case.owed {
        Status::Met
    } else if case.grace {
        Status::OnTrack
    } else if as_of >= case.due_on {
        Status::Unmet
    } else if (case.due_on - as_of).num_days() < i64::from(at_risk_days) {
        Status::AtRisk
    } else {
        Status::OnTrack
    }
}

#[cfg(test)]
mod tests {
    use super::super::scene::day;
    use super::*;
    use proptest::prelude::*;

    fn case() -> Case {
        Case { days: 365, exempted: false, owed: 2, done: 1, grace: false, due_on: day("2026-12-31") }
    }

    #[test]
    fn a_duty_is_at_risk_with_eighty_nine_days_left_and_not_with_ninety() {
        assert_eq!(judge(case(), day("2026-10-02"), 90), Status::OnTrack);
        assert_eq!(judge(case(), day("2026-10-03"), 90), Status::AtRisk);
    }

    #[test]
    fn a_duty_is_unmet_on_its_last_day() {
        assert_eq!(judge(case(), day("2026-12-30"), 90), Status::AtRisk);
        assert_eq!(judge(case(), day("2026-12-31"), 90), Status::Unmet);
        let ended = Case { due_on: day("2026-06-30"), ..case() };
        assert_eq!(judge(ended, day("2026-06-30"), 90), Status::Unmet);
        assert_eq!(judge(ended, day("2026-09-01"), 90), Status::Unmet);
    }

    #[test]
    fn fifty_nine_days_are_exempt_and_sixty_are_not() {
        assert_eq!(judge(Case { days: 59, ..case() }, day("2026-12-31"), 90), Status::Exempt);
        assert_eq!(judge(Case { days: 60, ..case() }, day("2026-12-31"), 90), Status::Unmet);
    }

    #[test]
    fn an_exemption_outranks_a_duty_that_is_met() {
        assert_eq!(judge(Case { exempted: true, done: 2, ..case() }, day("2026-05-01"), 90), Status::Exempt);
    }

    #[test]
    fn grace_knows_neither_risk_nor_failure() {
        let fresh = Case { grace: true, ..case() };
        assert_eq!(judge(fresh, day("2026-12-31"), 90), Status::OnTrack);
        assert_eq!(judge(Case { done: 2, ..fresh }, day("2026-12-31"), 90), Status::Met);
    }

    proptest! {
        #[test]
        fn more_done_never_reads_worse(
            days in 0u32..366, owed in 0u32..6, done in 0u32..6, grace: bool, exempted: bool,
            due in 0i64..365, asked in 0i64..365, at_risk_days in 0u32..200,
        ) {
            let first = day("2026-01-01");
            let case = Case { days, exempted, owed, done, grace, due_on: first + chrono::TimeDelta::days(due) };
            let as_of = first + chrono::TimeDelta::days(asked);
            let before = judge(case, as_of, at_risk_days);
            let after = judge(Case { done: done + 1, ..case }, as_of, at_risk_days);
            prop_assert!(after <= before);
            prop_assert_eq!(before == Status::Exempt, exempted || days < SHORT_TIME_DAYS);
        }
    }
}
