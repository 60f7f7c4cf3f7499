//! Article 14: a member goes among the people, twice in a whole year of office.
//!
//! Invariants: what is counted are local days, however many people were met on one; a visit belongs to
//! every member who took part in it; what is owed follows the days in office of the whole year, as they
//! are known on the day of the report.

use super::ground::{Figures, Ground, Held};
use super::status::{Charged, Duty, Row};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The rows of article 14: one for each member.
#[must_use]
pub fn rows(ground: &Ground) -> Vec<Row> {
    let of = |(member, held): (&Uuid, &Held)| {
        if !ground.begun(&held.office) {
            return None;
        }
        let mut days: BTreeMap<NaiveDate, bool> = BTreeMap::new();
        for (contact, parts) in ground.contacts.of(*member) {
            if contact.counting_form && contact.with_people_for(*member) && held.office.contains(contact.on) {
                let confirmed = days.entry(contact.on).or_default();
                *confirmed |= parts.iter().any(|part| part.vouched);
            }
        }
        let served = ground.days(Duty::Visits, *member, &held.office);
        let figures = Figures {
            owed: owed(ground.thresholds.visits, served, ground.period.days()),
            done: count(days.len()),
            confirmed: count(days.values().filter(|confirmed| **confirmed).count()),
        };
        ground.row(Duty::Visits, *member, &held.office, figures, Some(Charged::Person(*member)))
    };
    ground.members.iter().filter_map(of).collect()
}

/// The share of a year's visits that the days served bear, rounded up: half a year owes one of two.
fn owed(visits: u32, served: u32, days_of_year: u32) -> u32 {
    let owed = (u64::from(visits) * u64::from(served)).div_ceil(u64::from(days_of_year));
    u32::try_from(owed).unwrap_or(u32::MAX)
}

fn count(days: usize) -> u32 {
    u32::try_from(days).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::facts::EventState::{Disputed, Voided};
    use super::super::facts::ExemptionKind::Leave;
    use super::super::facts::{ContactEvent, CountingForms};
    use super::super::scene::{ALWAYS, Scene, day, event, id, visit};
    use super::super::status::Status;
    use super::*;
    use proptest::prelude::*;

    fn members() -> Scene {
        Scene::default().member(1, 10, ALWAYS).member(2, 10, ALWAYS)
    }

    fn row(scene: &Scene, as_of: &str) -> Row {
        scene.row(Duty::Visits, 1, as_of)
    }

    fn done(scene: &Scene) -> u32 {
        row(scene, "2026-12-31").done
    }

    #[test]
    fn two_visits_meet_the_year() {
        let one = members().event(visit("2026-03-01", &[1]));
        let open = row(&one, "2026-03-01");
        assert_eq!((open.owed, open.done, open.missing, open.status), (2, 1, 1, Status::OnTrack));
        let two = one.event(visit("2026-03-02", &[1]));
        assert_eq!(row(&two, "2026-03-01").done, 1);
        assert_eq!(row(&two, "2026-03-02").status, Status::Met);
    }

    #[test]
    fn a_day_is_one_visit_however_many_were_met() {
        let scene = (0..20).fold(members(), |scene, n| {
            scene.event(ContactEvent { constituents: vec![id(30 + n)], others_count: 0, ..visit("2026-03-01", &[1]) })
        });
        assert_eq!(done(&scene), 1);
    }

    #[test]
    fn a_joint_visit_is_everybodys() {
        let scene = members().event(visit("2026-03-01", &[1, 2]).confirmed(2));
        assert_eq!(done(&scene), 1);
        let other = scene.row(Duty::Visits, 2, "2026-12-31");
        assert_eq!((other.done, other.confirmed), (1, 1));
        // Member 2 answers for the own row; member 1 recorded, and nobody else speaks for that one.
        assert_eq!(row(&scene, "2026-12-31").confirmed, 0);
    }

    #[test]
    fn a_day_is_confirmed_once_any_of_its_visits_is() {
        let scene = members()
            .event(visit("2026-03-01", &[1]))
            .event(visit("2026-03-01", &[2, 1]).confirmed(1))
            .event(visit("2026-03-05", &[1]).settled())
            .event(visit("2026-03-06", &[1]).confirmed(1));
        let row = row(&scene, "2026-12-31");
        assert_eq!((row.done, row.confirmed), (3, 2));
    }

    #[test]
    fn disputed_and_voided_visits_count_nowhere() {
        let scene = members()
            .event(visit("2026-03-01", &[1]).state(Disputed))
            .event(visit("2026-03-02", &[1]).state(Voided))
            .event(visit("2026-03-03", &[1]).settled());
        assert_eq!(done(&scene), 1);
    }

    #[test]
    fn linked_visits_are_one_on_the_earliest_day_that_stands() {
        let scene = |first| {
            members()
                .event(visit("2026-03-01", &[1]).linked(700).state(first))
                .event(visit("2026-03-02", &[2, 1]).linked(700))
                .event(visit("2026-03-02", &[1]))
        };
        assert_eq!(done(&scene(super::super::facts::EventState::Recorded)), 2);
        assert_eq!(done(&scene(Voided)), 1);
    }

    #[test]
    fn a_group_may_bear_the_id_of_its_first_record() {
        let scene = members().event(visit("2026-03-01", &[1])).event(visit("2026-03-02", &[1]).linked(100_000));
        assert_eq!(done(&scene), 1);
    }

    #[test]
    fn only_counting_forms_count_and_those_of_the_day_of_the_event() {
        let called = ContactEvent { form: "telephone".into(), ..visit("2026-03-01", &[1]) };
        assert_eq!(done(&members().event(called.clone())), 0);
        let returned = ContactEvent { form: "reciprocal_visit".into(), ..visit("2026-03-01", &[1]) };
        assert_eq!(done(&members().event(returned)), 1);
        let mut scene = members()
            .event(called.clone())
            .event(ContactEvent { occurred_on: day("2026-06-01"), ..called })
            .event(visit("2026-05-31", &[1]))
            .event(visit("2026-06-02", &[1]));
        let forms =
            |from, forms: &[&str]| CountingForms { from: day(from), forms: forms.iter().map(|form| (*form).to_owned()).collect() };
        scene.counting_forms = vec![forms("2026-06-01", &["telephone"]), forms("2026-01-01", &["visit"])];
        assert_eq!(done(&scene), 2);
    }

    #[test]
    fn a_visit_needs_somebody_of_the_people() {
        let alone = ContactEvent { others_count: 0, ..visit("2026-03-01", &[1, 2]) };
        assert_eq!(done(&members().event(alone.clone())), 0);
        assert_eq!(done(&members().event(ContactEvent { outsiders: 1, ..alone.clone() })), 1);
        let known = ContactEvent { constituents: vec![id(30), id(31)], ..alone };
        assert_eq!(done(&members().event(known.clone())), 1);
        let nobody = members().event(known.clone()).constituent(30, true, None).constituent(31, false, Some(1));
        assert_eq!(done(&nobody), 0);
        assert_eq!(nobody.row(Duty::Visits, 2, "2026-12-31").done, 1);
        assert_eq!(done(&members().event(known).constituent(30, true, Some(2))), 1);
    }

    #[test]
    fn a_telephone_call_that_reviews_nothing_is_nothing() {
        assert_eq!(done(&members().event(event("2026-03-01", &[1]))), 0);
    }

    #[test]
    fn days_out_of_office_hold_no_visits() {
        let scene = Scene::default()
            .member(1, 10, ("2026-03-01", "2026-06-30"))
            .event(visit("2026-02-28", &[1]))
            .event(visit("2026-03-01", &[1]))
            .event(visit("2026-06-30", &[1]))
            .event(visit("2026-07-01", &[1]));
        let row = row(&scene, "2026-12-31");
        assert_eq!((row.owed, row.done, row.status, row.due_on), (1, 2, Status::Met, day("2026-06-30")));
    }

    #[test]
    fn leave_lowers_what_is_owed_and_voids_no_visit() {
        let scene = members()
            .granted(Leave, 1, None, ("2026-01-01", "2026-06-30"))
            .granted(Leave, 1, Some(14), ("2026-06-01", "2026-07-02"))
            .granted(Leave, 1, Some(13), ("2026-08-01", "2026-12-31"))
            .event(visit("2026-02-01", &[1]));
        let row = row(&scene, "2026-12-31");
        assert_eq!((row.days, row.owed, row.done, row.status), (182, 1, 1, Status::Met));
    }

    #[test]
    fn future_leave_is_reckoned_with_as_it_is_known() {
        let scene = members().granted(Leave, 1, None, ("2026-07-01", "2026-12-31"));
        let row = row(&scene, "2026-02-01");
        assert_eq!((row.days, row.owed), (181, 1));
    }

    #[test]
    fn half_a_year_owes_one_and_a_day_more_two() {
        assert_eq!([0, 1, 182, 183, 365].map(|days| owed(2, days, 365)), [0, 1, 1, 2, 2]);
        assert_eq!([183, 184, 366].map(|days| owed(2, days, 366)), [1, 2, 2]);
        assert_eq!(owed(u32::MAX, 366, 365), u32::MAX);
    }

    #[test]
    fn a_leap_day_is_a_day() {
        let scene = Scene::default().member(1, 10, ("2028-01-01", "2028-07-01")).event(visit("2028-02-29", &[1]));
        let half = row(&scene, "2028-12-31");
        assert_eq!((half.days, half.owed, half.done), (183, 1, 1));
    }

    proptest! {
        #[test]
        fn owed_is_the_least_number_that_covers_the_share(visits in 0u32..20, served in 0u32..=366, leap: bool) {
            let days = if leap { 366 } else { 365 };
            let owed = owed(visits, served, days);
            prop_assert!(owed * days >= visits * served);
            prop_assert!(owed == 0 || (owed - 1) * days < visits * served);
        }

        #[test]
        fn what_is_done_is_the_number_of_different_days(days in proptest::collection::vec(0i64..30, 0..40)) {
            let on = |n: &i64| (day("2026-04-01") + chrono::TimeDelta::days(*n)).to_string();
            let scene = days.iter().fold(members(), |scene, n| scene.event(visit(&on(n), &[1, 2])));
            let different: std::collections::BTreeSet<i64> = days.iter().copied().collect();
            prop_assert_eq!(done(&scene) as usize, different.len());
        }
    }
}
