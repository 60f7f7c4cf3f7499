//! Article 11: whom everybody contacts, counted on the day of the report.
//!
//! Three duties: a member has constituents, a leader has a standing member, a standing member has a
//! leader. Invariants: both ends of an assignment are in office on the day that is looked at, which is
//! the last day in office where that was earlier; whoever is assigned twice is counted once.

use super::days::{Days, Span};
use super::ground::{Figures, Ground, Held};
use super::status::{Charged, Duty, Row};
use chrono::NaiveDate;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// A leader has at least one standing member, a standing member at least one leader (article 11).
const AT_LEAST_ONE: u32 = 1;

/// The rows of article 11: constituents of members, standing members of leaders, leaders of standing members.
#[must_use]
pub fn rows(ground: &Ground) -> Vec<Row> {
    let mut rows = constituents(ground);
    rows.extend(standing_members(ground));
    rows.extend(leaders(ground));
    rows
}

fn constituents(ground: &Ground) -> Vec<Row> {
    let of = |(member, held): (&Uuid, &Held)| {
        let day = ground.looked_at(&held.office)?;
        let list = ground.lists.get(member).map_or(&[][..], Vec::as_slice);
        let people = list.iter().filter(|(constituent, _)| is_one_of_the_people(ground, *constituent, *member));
        let figures = Figures { owed: ground.thresholds.constituents, done: distinct(people, day), confirmed: 0 };
        ground.row(Duty::Constituents, *member, &held.office, figures, Some(Charged::Person(*member)))
    };
    ground.members.iter().filter_map(of).collect()
}

fn standing_members(ground: &Ground) -> Vec<Row> {
    let mut lists: HashMap<Uuid, Vec<(Uuid, Span)>> = HashMap::new();
    for (person, held) in &ground.standing {
        for tie in &held.ties {
            lists.entry(tie.by).or_default().push((*person, tie.span));
        }
    }
    let of = |(leader, office): (&Uuid, &Days)| {
        let day = ground.looked_at(office)?;
        let list = lists.get(leader).map_or(&[][..], Vec::as_slice);
        let figures = Figures { owed: AT_LEAST_ONE, done: distinct(list, day), confirmed: 0 };
        ground.row(Duty::StandingMembers, *leader, office, figures, Some(Charged::Person(*leader)))
    };
    ground.leaders.iter().filter_map(of).collect()
}

fn leaders(ground: &Ground) -> Vec<Row> {
    let of = |(person, held): (&Uuid, &Held)| {
        let day = ground.looked_at(&held.office)?;
        let list: Vec<(Uuid, Span)> = held.ties.iter().map(|tie| (tie.by, tie.span)).collect();
        let done = distinct(&list, day);
        let charged = held.in_charge(ground.period.so_far()).filter(|_| done > 0).map(Charged::Person);
        let figures = Figures { owed: AT_LEAST_ONE, done, confirmed: 0 };
        ground.row(Duty::Leader, *person, &held.office, figures, charged)
    };
    ground.standing.iter().filter_map(of).collect()
}

fn distinct<'l>(list: impl IntoIterator<Item = &'l (Uuid, Span)>, day: NaiveDate) -> u32 {
    let active: HashSet<Uuid> = list.into_iter().filter(|(_, span)| span.contains(day)).map(|(id, _)| *id).collect();
    u32::try_from(active.len()).unwrap_or(u32::MAX)
}

fn is_one_of_the_people(ground: &Ground, constituent: Uuid, member: Uuid) -> bool {
    ground.constituents.get(&constituent).is_none_or(|known| !known.holds_account && known.person != Some(member))
}

#[cfg(test)]
mod tests {
    use super::super::facts::PostKind::{Chairperson, SecretaryGeneral, StandingMember, ViceChairperson};
    use super::super::scene::{ALWAYS, Scene, day, id};
    use super::super::status::Status;
    use super::*;

    fn county() -> Scene {
        Scene::default().post(1, Chairperson, ALWAYS).post(2, ViceChairperson, ALWAYS).post(3, StandingMember, ALWAYS).post(
            4,
            StandingMember,
            ALWAYS,
        )
    }

    #[test]
    fn a_member_needs_five_constituents() {
        let member = Scene::default().member(1, 10, ALWAYS);
        let four = member.clone().lists(1, 30..34, ALWAYS).row(Duty::Constituents, 1, "2026-05-01");
        assert_eq!((four.owed, four.done, four.missing, four.status), (5, 4, 1, Status::OnTrack));
        assert_eq!(four.charged, Some(Charged::Person(id(1))));
        let five = member.lists(1, 30..35, ALWAYS).row(Duty::Constituents, 1, "2026-05-01");
        assert_eq!((five.done, five.missing, five.status), (5, 0, Status::Met));
    }

    #[test]
    fn a_constituent_with_an_account_counts_for_nobody_and_oneself_not_for_oneself() {
        let scene = Scene::default()
            .member(1, 10, ALWAYS)
            .member(2, 10, ALWAYS)
            .lists(1, 30..35, ALWAYS)
            .lists(2, 30..35, ALWAYS)
            .constituent(30, true, Some(7))
            .constituent(31, false, Some(1));
        assert_eq!(scene.row(Duty::Constituents, 1, "2026-05-01").done, 3);
        assert_eq!(scene.row(Duty::Constituents, 2, "2026-05-01").done, 4);
    }

    #[test]
    fn a_constituent_assigned_twice_is_one() {
        let scene = Scene::default().member(1, 10, ALWAYS).lists(1, 30..32, ALWAYS).lists(1, 30..32, ALWAYS);
        assert_eq!(scene.row(Duty::Constituents, 1, "2026-05-01").done, 2);
    }

    #[test]
    fn constituents_are_counted_on_the_last_day_in_office_once_that_is_over() {
        let scene = Scene::default()
            .member(1, 10, ("2020-01-01", "2026-06-30"))
            .lists(1, 30..34, ("2020-01-01", "2026-06-30"))
            .lists(1, 34..35, ("2020-01-01", "2026-06-29"));
        assert_eq!(scene.row(Duty::Constituents, 1, "2026-06-29").status, Status::Met);
        let after = scene.row(Duty::Constituents, 1, "2026-10-01");
        assert_eq!((after.done, after.status), (4, Status::Unmet));
    }

    #[test]
    fn between_two_times_in_office_the_first_one_still_shows() {
        let scene = Scene::default().member(1, 10, ("2020-01-01", "2026-03-31")).member(1, 10, ("2026-07-01", "")).lists(
            1,
            30..35,
            ("2020-01-01", "2026-03-31"),
        );
        let between = scene.row(Duty::Constituents, 1, "2026-05-01");
        assert_eq!((between.done, between.status, between.due_on), (5, Status::Met, day("2026-12-31")));
    }

    #[test]
    fn the_first_sixty_days_in_office_are_a_grace() {
        // 1 November to 30 December are sixty days.
        let scene = Scene::default().member(1, 10, ("2026-11-01", ""));
        assert_eq!(scene.row(Duty::Constituents, 1, "2026-12-30").status, Status::OnTrack);
        assert_eq!(scene.row(Duty::Constituents, 1, "2026-12-31").status, Status::Unmet);
        assert_eq!(scene.row(Duty::Visits, 1, "2026-12-30").status, Status::AtRisk);
        assert_eq!(scene.lists(1, 30..35, ALWAYS).row(Duty::Constituents, 1, "2026-12-01").status, Status::Met);
    }

    #[test]
    fn grace_runs_on_from_the_year_before() {
        let scene = Scene::default().member(1, 10, ("2025-11-15", "2026-03-31"));
        assert_eq!(scene.row(Duty::Constituents, 1, "2026-01-13").status, Status::OnTrack);
        assert_eq!(scene.row(Duty::Constituents, 1, "2026-01-14").status, Status::AtRisk);
    }

    #[test]
    fn a_break_in_office_begins_a_new_grace_and_a_change_of_sector_does_not() {
        let left_on = ("2020-01-01", "2026-10-31");
        let broken = Scene::default().member(1, 10, left_on).member(1, 10, ("2026-11-02", ""));
        assert_eq!(broken.row(Duty::Constituents, 1, "2026-12-31").status, Status::OnTrack);
        let moved = Scene::default().member(1, 10, left_on).member(1, 11, ("2026-11-01", ""));
        assert_eq!(moved.row(Duty::Constituents, 1, "2026-12-31").status, Status::Unmet);
    }

    #[test]
    fn grace_is_over_with_the_office() {
        let scene = Scene::default().member(1, 10, ("2026-01-01", "2026-03-31")).member(1, 10, ("2026-06-01", "2026-06-10"));
        assert_eq!(scene.row(Duty::Constituents, 1, "2026-06-09").status, Status::OnTrack);
        assert_eq!(scene.row(Duty::Constituents, 1, "2026-06-11").status, Status::Unmet);
    }

    #[test]
    fn a_leader_needs_a_standing_member_and_a_standing_member_a_leader() {
        let scene = county().leads(1, 3, ALWAYS);
        let rows = scene.rows("2026-12-31");
        let found: Vec<_> = rows
            .iter()
            .filter(|row| row.article == 11)
            .map(|row| (row.duty, row.subject, row.done, row.status, row.charged))
            .collect();
        let person = |n| Some(Charged::Person(id(n)));
        assert_eq!(
            found,
            [
                (Duty::StandingMembers, id(1), 1, Status::Met, person(1)),
                (Duty::StandingMembers, id(2), 0, Status::Unmet, person(2)),
                (Duty::Leader, id(3), 1, Status::Met, person(1)),
                (Duty::Leader, id(4), 0, Status::Unmet, None),
            ]
        );
    }

    #[test]
    fn a_standing_member_who_becomes_a_leader_is_nobodys_any_more() {
        let scene = county().post(3, SecretaryGeneral, ("2026-07-01", "")).leads(1, 3, ALWAYS);
        assert_eq!(scene.row(Duty::StandingMembers, 1, "2026-06-30").done, 1);
        assert_eq!(scene.row(Duty::StandingMembers, 1, "2026-07-01").done, 0);
        let was = scene.row(Duty::Leader, 3, "2026-07-01");
        assert_eq!((was.done, was.status, was.due_on, was.days), (1, Status::Met, day("2026-06-30"), 181));
        assert_eq!(scene.row(Duty::StandingMembers, 3, "2026-12-31").days, 184);
    }

    #[test]
    fn an_assignment_that_outlived_the_leaders_post_is_none() {
        let scene = Scene::default()
            .post(1, ViceChairperson, ("2020-01-01", "2026-05-31"))
            .post(3, StandingMember, ALWAYS)
            .leads(1, 3, ALWAYS);
        assert_eq!(scene.row(Duty::Leader, 3, "2026-05-31").done, 1);
        assert_eq!(scene.row(Duty::Leader, 3, "2026-06-01").done, 0);
    }

    #[test]
    fn a_change_of_post_among_leaders_is_one_time_in_office() {
        let scene =
            Scene::default().post(1, ViceChairperson, ("2020-01-01", "2026-11-30")).post(1, Chairperson, ("2026-12-01", ""));
        assert_eq!(scene.row(Duty::StandingMembers, 1, "2026-12-31").status, Status::Unmet);
    }
}
