//! When a step is due (art. 25): the n-th working day after the day of the deed, ending at 24:00 local time.
//!
//! The days are settings of the jurisdiction, the working days its calendars'. `urgent` halves what a body owes, rounded up,
//! and `extra_urgent` leaves one day. An author's own time (to acknowledge, to object) is the same whatever the urgency.

use chrono::{Days, NaiveDate};

use super::way::{DueKind, Owes};
use crate::base::calendar::{Calendars, Due};
use crate::base::problem::Maybe;
use crate::db::Tx;
use crate::directory::calendars;
use crate::directory::settings::{self, Settings};
use crate::words;

words! {
    /// 紧急程度；加急的时限减半（进一），特急的为一个工作日
    pub enum Urgency {
        Normal = "normal", "普通";
        Urgent = "urgent", "加急";
        ExtraUrgent = "extra_urgent", "特急";
    }
}

/// What deadlines are counted by, on one day.
#[derive(Clone, Debug)]
pub struct Deadlines {
    pub settings: Settings,
    pub calendars: Calendars,
}

impl Deadlines {
    /// Two statements.
    pub fn load(tx: &mut Tx<'_>) -> Maybe<Self> {
        let today = tx.today;
        Ok(Self { settings: settings::on(tx, today)?, calendars: calendars::in_force(tx)? })
    }

    /// The last day for what begins on `day`.
    pub fn due(&self, kind: DueKind, urgency: Urgency, day: NaiveDate) -> Due {
        let days = self.days(kind);
        if kind == DueKind::Resubmission {
            let day = day.checked_add_days(Days::new(u64::from(days))).unwrap_or(day);
            return Due { day, assumed: false };
        }
        let hurries = kind.owed_by() != Owes::Author;
        self.calendars.add_working_days(day, if hurries { hurried(days, urgency) } else { days })
    }

    /// Working days, but calendar days for a resubmission.
    const fn days(&self, kind: DueKind) -> u32 {
        match kind {
            DueKind::Triage => self.settings.triage_days,
            DueKind::Report => self.settings.report_days,
            DueKind::Decision => self.settings.decision_days,
            DueKind::Feedback => self.settings.feedback_days,
            DueKind::Acknowledgement => self.settings.acknowledgement_days,
            DueKind::Resubmission => self.settings.lapse_days,
            DueKind::Objection => self.settings.objection_days,
        }
    }
}

const fn hurried(days: u32, urgency: Urgency) -> u32 {
    match urgency {
        Urgency::Normal => days,
        Urgency::Urgent => days.div_ceil(2),
        Urgency::ExtraUrgent => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(kind: DueKind, urgency: Urgency, day: &str) -> Due {
        let deadlines = Deadlines { settings: Settings::default(), calendars: Calendars::published() };
        deadlines.due(kind, urgency, day.parse().unwrap())
    }

    fn on(kind: DueKind, urgency: Urgency, day: &str) -> String {
        let due = due(kind, urgency, day);
        assert!(!due.assumed);
        due.day.to_string()
    }

    #[test]
    fn the_spring_festival_of_2026_is_passed_over() {
        // Saturday 14 and 28 February are worked, 16 to 23 are off.
        assert_eq!(on(DueKind::Triage, Urgency::Normal, "2026-02-12"), "2026-02-24");
        assert_eq!(on(DueKind::Triage, Urgency::Urgent, "2026-02-12"), "2026-02-14");
        assert_eq!(on(DueKind::Triage, Urgency::ExtraUrgent, "2026-02-14"), "2026-02-24");
        assert_eq!(on(DueKind::Feedback, Urgency::Normal, "2026-02-23"), "2026-02-28");
    }

    #[test]
    fn the_national_day_of_2025_is_passed_over() {
        assert_eq!(on(DueKind::Report, Urgency::Normal, "2025-09-26"), "2025-10-16");
        assert_eq!(on(DueKind::Report, Urgency::Urgent, "2025-09-26"), "2025-10-10");
    }

    #[test]
    fn urgency_hurries_bodies_and_not_authors() {
        assert_eq!(on(DueKind::Decision, Urgency::Urgent, "2026-03-02"), "2026-03-05");
        assert_eq!(on(DueKind::Feedback, Urgency::ExtraUrgent, "2026-03-06"), "2026-03-09");
        assert_eq!(on(DueKind::Acknowledgement, Urgency::ExtraUrgent, "2026-03-02"), "2026-03-23");
        assert_eq!(on(DueKind::Objection, Urgency::Urgent, "2026-03-02"), "2026-03-23");
    }

    #[test]
    fn a_return_lapses_by_calendar_days() {
        assert_eq!(on(DueKind::Resubmission, Urgency::ExtraUrgent, "2026-02-12"), "2026-03-14");
    }

    #[test]
    fn a_year_without_a_calendar_is_assumed() {
        let due = due(DueKind::Report, Urgency::Normal, "2026-12-25");
        assert_eq!((due.day.to_string().as_str(), due.assumed), ("2027-01-08", true));
    }
}
