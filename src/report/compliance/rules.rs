//! The compliance report of articles 11 to 14, computed from plain facts: no clock, no database.
//!
//! Each row is about one person and one duty of one year, seen on one day of that year. Invariants:
//! everything dated is read as it was in force on the day in question; a change of leader, sector or
//! correspondence neither doubles a duty nor loses it.
//!
//! Article 19 has no such rows and stands in [`feedback`](super::feedback).

use super::facts::Facts;
use super::ground::{Ground, Period};
use super::status::Row;
use super::{coverage, review, visits};

/// Every row of articles 11 to 14, by article, duty and person.
#[must_use]
pub fn rows(period: Period, facts: &Facts) -> Vec<Row> {
    let ground = Ground::new(period, facts);
    let mut rows = coverage::rows(&ground);
    rows.extend(review::rows(&ground));
    rows.extend(visits::rows(&ground));
    rows
}

#[cfg(test)]
mod tests {
    use super::super::facts::ExemptionKind;
    use super::super::facts::PostKind::{StandingMember, ViceChairperson};
    use super::super::scene::{ALWAYS, Scene, day, id, visit};
    use super::super::status::{Duty, Status};
    use super::*;

    #[test]
    fn a_row_begins_on_the_first_day_in_office_and_stays_to_the_end_of_the_year() {
        let scene = Scene::default().member(1, 10, ("2026-03-01", "2026-08-31"));
        assert_eq!(scene.find(Duty::Visits, 1, "2026-02-28"), None);
        assert_eq!(scene.row(Duty::Visits, 1, "2026-03-01").begins_on, day("2026-03-01"));
        let over = scene.row(Duty::Visits, 1, "2026-12-31");
        assert_eq!((over.due_on, over.days, over.status), (day("2026-08-31"), 184, Status::Unmet));
        assert_eq!(scene.find(Duty::Visits, 1, "2027-01-01"), None);
        assert_eq!(scene.find(Duty::Visits, 1, "2025-12-31"), None);
    }

    #[test]
    fn an_end_that_is_known_beforehand_is_reckoned_with() {
        let scene = Scene::default().member(1, 10, ("2020-01-01", "2026-06-30"));
        assert_eq!(scene.row(Duty::Visits, 1, "2026-03-01").status, Status::OnTrack);
        assert_eq!(scene.row(Duty::Visits, 1, "2026-04-02").status, Status::AtRisk);
        assert_eq!(scene.row(Duty::Visits, 1, "2026-06-29").status, Status::AtRisk);
        assert_eq!(scene.row(Duty::Visits, 1, "2026-06-30").status, Status::Unmet);
    }

    #[test]
    fn a_short_time_in_office_is_exempt_until_the_sixtieth_day() {
        let late = Scene::default().member(1, 10, ("2026-11-03", ""));
        assert_eq!(late.row(Duty::Visits, 1, "2026-12-31").status, Status::Exempt);
        let sooner = Scene::default().member(1, 10, ("2026-11-02", ""));
        assert_eq!(sooner.row(Duty::Visits, 1, "2026-12-31").status, Status::Unmet);
    }

    #[test]
    fn an_exemption_speaks_for_the_day_of_the_report_and_leaves_the_figures_alone() {
        let scene =
            Scene::default().member(1, 10, ALWAYS).granted(ExemptionKind::Exemption, 1, Some(14), ("2026-05-01", "2026-09-30"));
        let during = scene.row(Duty::Visits, 1, "2026-09-30");
        assert_eq!((during.status, during.owed, during.days, during.missing), (Status::Exempt, 2, 365, 0));
        assert_eq!(during.exemption, Some(id(9000)));
        assert_eq!(scene.row(Duty::Visits, 1, "2026-04-30").status, Status::OnTrack);
        let after = scene.row(Duty::Visits, 1, "2026-10-01");
        assert_eq!((after.status, after.exemption, after.missing), (Status::OnTrack, None, 2));
        assert_eq!(scene.row(Duty::Constituents, 1, "2026-09-30").status, Status::OnTrack);
    }

    #[test]
    fn an_exemption_without_an_article_is_for_all() {
        let scene = Scene::default()
            .member(1, 10, ALWAYS)
            .post(1, StandingMember, ALWAYS)
            .post(2, ViceChairperson, ALWAYS)
            .granted(ExemptionKind::Exemption, 1, None, ("2026-12-31", "2026-12-31"));
        for row in scene.rows("2026-12-31") {
            assert_eq!(row.status == Status::Exempt, row.subject == id(1), "{row:?}");
        }
    }

    #[test]
    fn a_member_who_changes_sector_stays_one_member() {
        let scene = Scene::default()
            .member(1, 10, ("2025-12-01", "2026-06-30"))
            .member(1, 11, ("2026-07-01", ""))
            .corresponds(10, 20, ALWAYS)
            .corresponds(11, 21, ALWAYS);
        let before = scene.row(Duty::Visits, 1, "2026-06-30");
        assert_eq!((before.sector, before.committee, before.days), (Some(id(10)), Some(id(20)), 365));
        let after = scene.row(Duty::Visits, 1, "2026-07-01");
        assert_eq!((after.sector, after.committee, after.days), (Some(id(11)), Some(id(21)), 365));
    }

    #[test]
    fn a_change_of_term_is_no_new_time_in_office() {
        let scene = Scene::default().member(1, 10, ("2022-01-01", "2026-06-30")).member(1, 10, ("2026-07-01", ""));
        assert_eq!(scene.row(Duty::Constituents, 1, "2026-12-01").status, Status::AtRisk);
        assert_eq!(scene.row(Duty::Constituents, 1, "2026-08-01").due_on, day("2026-12-31"));
    }

    #[test]
    fn the_facts_of_one_committee_give_the_rows_of_that_committee() {
        let mut scene = Scene::default();
        for member in 0..40 {
            scene = scene.member(member, 1000 + member % 4, ALWAYS).lists(member, 2000..2005, ALWAYS);
            scene = scene.event(visit("2026-03-01", &[member, (member + 1) % 40]));
        }
        scene = scene.corresponds(1000, 20, ALWAYS).corresponds(1001, 21, ALWAYS);
        let whole: Vec<Row> = scene.rows("2026-12-31").into_iter().filter(|row| row.committee == Some(id(20))).collect();
        let mut part = scene.clone();
        part.seats.retain(|seat| seat.sector == id(1000));
        part.events.retain(|event| event.persons.iter().any(|p| part.seats.iter().any(|s| s.person == p.id)));
        assert_eq!(part.rows("2026-12-31"), whole);
        assert_eq!(whole.len(), 30);
    }
}
