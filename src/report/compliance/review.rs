//! Articles 12 and 13: once a year the leader learns of a standing member's work, the committee of a member's.
//!
//! The row is about the one who is reviewed, so that a change of leader or of sector leaves one row and
//! moves only the charge. Invariants: a review counts when it was held, in the year it is about, with
//! somebody who was to contact the subject on that very day; done is 0 or 1.

use super::contacts::{Contact, Part, vouches};
use super::facts::{ContactEvent, Participant};
use super::ground::{Figures, Ground, Held};
use super::status::{Charged, Duty, Row};
use std::collections::BTreeMap;
use uuid::Uuid;

/// One review a year (articles 12, 13).
const ONE_A_YEAR: u32 = 1;

/// The rows of articles 12 and 13.
#[must_use]
pub fn rows(ground: &Ground) -> Vec<Row> {
    let mut rows = of_standing_members(ground);
    rows.extend(of_members(ground));
    rows
}

/// The rows of article 12: one for each standing member.
#[must_use]
pub fn of_standing_members(ground: &Ground) -> Vec<Row> {
    reviews(ground, Duty::LeaderReview, &ground.standing, |event| &event.persons, Charged::Person)
}

/// The rows of article 13: one for each member.
#[must_use]
pub fn of_members(ground: &Ground) -> Vec<Row> {
    reviews(ground, Duty::CommitteeReview, &ground.members, |event| &event.organizations, Charged::Committee)
}

fn reviews(
    ground: &Ground,
    duty: Duty,
    subjects: &BTreeMap<Uuid, Held>,
    sides: fn(&ContactEvent) -> &[Participant],
    charged: fn(Uuid) -> Charged,
) -> Vec<Row> {
    let of = |(subject, held): (&Uuid, &Held)| {
        if !ground.begun(&held.office) {
            return None;
        }
        let mut figures = Figures { owed: ONE_A_YEAR, ..Figures::default() };
        let year = ground.period.year();
        let marked = ground.contacts.of(*subject).filter(|(contact, _)| contact.reviews(year));
        for (contact, parts) in marked {
            // Ties hold on days in office only, so a review on another day finds none.
            let by: Vec<Uuid> = held.tied_on(contact.on).collect();
            if took_part(contact, &by, sides) {
                figures.done = ONE_A_YEAR;
                figures.confirmed = figures.confirmed.max(u32::from(confirmed(parts, &by, sides)));
            }
        }
        let in_charge = held.in_charge(ground.period.so_far()).map(charged);
        ground.row(duty, *subject, &held.office, figures, in_charge)
    };
    subjects.iter().filter_map(of).collect()
}

fn took_part(contact: &Contact, by: &[Uuid], sides: fn(&ContactEvent) -> &[Participant]) -> bool {
    contact.records.iter().any(|record| sides(record).iter().any(|side| by.contains(&side.id)))
}

/// Either side of this row may have confirmed, if it was not the one who recorded. What another
/// participant of a joint event confirmed is that one's row and not this one's.
fn confirmed(parts: &[Part], by: &[Uuid], sides: fn(&ContactEvent) -> &[Participant]) -> bool {
    parts
        .iter()
        .any(|part| part.vouched || sides(part.record).iter().any(|side| by.contains(&side.id) && vouches(part.record, side)))
}

#[cfg(test)]
mod tests {
    use super::super::facts::EventState::{Disputed, Voided};
    use super::super::facts::ExemptionKind::Leave;
    use super::super::facts::PostKind::{Chairperson, SecretaryGeneral, StandingMember, ViceChairperson};
    use super::super::scene::{ALWAYS, Scene, committee_review, event, id, review, visit};
    use super::super::status::{Row, Status};
    use super::*;

    /// Leaders 1 and 2, standing members 3 and 4, 3 with leader 1 until June and leader 2 from July.
    fn county() -> Scene {
        Scene::default()
            .post(1, Chairperson, ALWAYS)
            .post(2, ViceChairperson, ALWAYS)
            .post(3, StandingMember, ALWAYS)
            .post(4, StandingMember, ALWAYS)
            .leads(1, 3, ("2020-01-01", "2026-06-30"))
            .leads(2, 3, ("2026-07-01", ""))
            .leads(2, 4, ALWAYS)
    }

    fn article_12(scene: &Scene, as_of: &str) -> Row {
        scene.row(Duty::LeaderReview, 3, as_of)
    }

    fn person(n: u32) -> Option<Charged> {
        Some(Charged::Person(id(n)))
    }

    #[test]
    fn a_change_of_leader_neither_doubles_the_review_nor_loses_it() {
        let scene = county().event(review("2026-05-01", &[1, 3]));
        let all = scene.rows("2026-12-31");
        let rows: Vec<_> = all.iter().filter(|row| row.duty == Duty::LeaderReview && row.subject == id(3)).collect();
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].owed, rows[0].done, rows[0].status), (1, 1, Status::Met));
        assert_eq!(rows[0].charged, person(2));
        assert_eq!(article_12(&scene, "2026-06-30").charged, person(1));
    }

    #[test]
    fn two_reviews_are_one() {
        let scene = county().event(review("2026-05-01", &[1, 3])).event(review("2026-08-01", &[2, 3]));
        assert_eq!(article_12(&scene, "2026-12-31").done, 1);
    }

    #[test]
    fn a_review_counts_with_the_leader_of_that_very_day() {
        let too_late = county().event(review("2026-07-01", &[1, 3]));
        assert_eq!(article_12(&too_late, "2026-12-31").status, Status::Unmet);
        let too_soon = county().event(review("2026-06-30", &[2, 3]));
        assert_eq!(article_12(&too_soon, "2026-12-31").done, 0);
    }

    #[test]
    fn a_review_is_marked_with_the_year_and_held_in_it() {
        let unmarked = county().event(event("2026-05-01", &[1, 3]));
        assert_eq!(article_12(&unmarked, "2026-12-31").done, 0);
        let of_last_year = county().event(ContactEvent { review_of_year: Some(2025), ..event("2026-02-01", &[1, 3]) });
        assert_eq!(article_12(&of_last_year, "2026-12-31").done, 0);
        assert_eq!(article_12(&of_last_year, "2025-12-31").done, 0);
        let after_the_report = county().event(review("2026-05-02", &[1, 3]));
        assert_eq!(article_12(&after_the_report, "2026-05-01").done, 0);
    }

    #[test]
    fn disputed_and_voided_reviews_count_nowhere_and_settled_ones_do() {
        let dispute = county().event(review("2026-05-01", &[1, 3]).state(Disputed));
        assert_eq!(article_12(&dispute, "2026-12-31").done, 0);
        let void = county().event(review("2026-05-01", &[1, 3]).confirmed(3).state(Voided));
        assert_eq!(article_12(&void, "2026-12-31").done, 0);
        let settled = county().event(review("2026-05-01", &[1, 3]).settled());
        let row = article_12(&settled, "2026-12-31");
        assert_eq!((row.done, row.confirmed), (1, 1));
        let disputed_anew = county().event(review("2026-05-01", &[1, 3]).settled().state(Disputed));
        assert_eq!(article_12(&disputed_anew, "2026-12-31").done, 0);
    }

    #[test]
    fn what_the_recorder_confirms_is_not_confirmed() {
        let own = county().event(review("2026-05-01", &[1, 3]).confirmed(1));
        assert_eq!((article_12(&own, "2026-12-31").done, article_12(&own, "2026-12-31").confirmed), (1, 0));
        let other = county().event(review("2026-05-01", &[1, 3]).confirmed(3));
        assert_eq!(article_12(&other, "2026-12-31").confirmed, 1);
        let reported_by_the_standing_member = county().event(review("2026-05-01", &[3, 1]).confirmed(1));
        assert_eq!(article_12(&reported_by_the_standing_member, "2026-12-31").confirmed, 1);
        let by_the_office = county().event(review("2026-05-01", &[1, 3]).recorded_by(90).confirmed(1));
        assert_eq!(article_12(&by_the_office, "2026-12-31").confirmed, 1);
    }

    #[test]
    fn in_a_joint_review_everybody_confirms_the_own_row() {
        let scene = county().event(review("2026-08-01", &[2, 3, 4]).confirmed(4));
        assert_eq!((article_12(&scene, "2026-12-31").done, article_12(&scene, "2026-12-31").confirmed), (1, 0));
        let other = scene.row(Duty::LeaderReview, 4, "2026-12-31");
        assert_eq!((other.done, other.confirmed), (1, 1));
    }

    #[test]
    fn linked_records_draw_both_sides_together_on_the_earliest_day() {
        let scene =
            county().event(review("2026-07-01", &[3]).linked(700)).event(event("2026-06-30", &[1, 3]).linked(700).confirmed(3));
        let row = article_12(&scene, "2026-12-31");
        assert_eq!((row.done, row.confirmed), (1, 1));
    }

    #[test]
    fn a_linked_record_that_fell_leaves_the_day_to_the_others() {
        let scene = |first| {
            county().event(review("2026-06-30", &[1, 3]).linked(700).state(first)).event(review("2026-07-02", &[1, 3]).linked(700))
        };
        assert_eq!(article_12(&scene(super::super::facts::EventState::Recorded), "2026-12-31").done, 1);
        assert_eq!(article_12(&scene(Voided), "2026-12-31").done, 0);
    }

    #[test]
    fn a_contact_that_began_last_year_is_last_years() {
        let scene = county()
            .event(review("2026-01-02", &[1, 3]).linked(700))
            .event(ContactEvent { review_of_year: Some(2025), ..event("2025-12-31", &[1, 3]).linked(700) });
        assert_eq!(article_12(&scene, "2026-12-31").done, 0);
        assert_eq!(article_12(&scene, "2025-12-31").done, 1);
    }

    #[test]
    fn of_two_leaders_the_one_assigned_later_is_charged() {
        let scene = Scene::default().post(1, Chairperson, ALWAYS).post(2, ViceChairperson, ALWAYS).post(3, StandingMember, ALWAYS);
        let later_from = scene.clone().leads(1, 3, ("2026-02-01", "")).leads(2, 3, ("2026-01-01", ""));
        assert_eq!(article_12(&later_from, "2026-05-01").charged, person(1));
        let later_made = scene.leads(1, 3, ("2026-01-01", "")).leads(2, 3, ("2026-01-01", ""));
        assert_eq!(article_12(&later_made, "2026-05-01").charged, person(2));
        let either = later_made.event(review("2026-03-01", &[1, 3]));
        assert_eq!(article_12(&either, "2026-05-01").done, 1);
    }

    #[test]
    fn without_a_leader_that_day_the_last_one_of_the_year_is_charged_else_nobody() {
        let scene = Scene::default().post(1, Chairperson, ALWAYS).post(3, StandingMember, ("2020-01-01", "2026-09-30"));
        assert_eq!(article_12(&scene, "2026-12-31").charged, None);
        let ended = scene.clone().leads(1, 3, ("2020-01-01", "2026-03-31"));
        assert_eq!(article_12(&ended, "2026-12-31").charged, person(1));
        let long_ago = scene.clone().leads(1, 3, ("2020-01-01", "2025-12-31"));
        assert_eq!(article_12(&long_ago, "2026-12-31").charged, None);
        let not_yet = scene.leads(1, 3, ("2026-06-01", ""));
        assert_eq!(article_12(&not_yet, "2026-05-31").charged, None);
        assert_eq!(article_12(&not_yet, "2026-12-31").charged, person(1));
    }

    #[test]
    fn a_standing_member_owes_only_while_no_leader() {
        let scene = county().post(3, SecretaryGeneral, ("2026-03-01", "2026-10-31"));
        let row = article_12(&scene, "2026-12-31");
        assert_eq!((row.days, row.status), (59 + 61, Status::Unmet));
        let meanwhile = scene.event(review("2026-05-01", &[1, 3]));
        assert_eq!(article_12(&meanwhile, "2026-12-31").done, 0);
    }

    #[test]
    fn leave_shortens_the_days_of_its_article() {
        let scene = county().granted(Leave, 3, Some(12), ("2026-01-01", "2026-11-15"));
        let row = article_12(&scene, "2026-12-31");
        assert_eq!((row.days, row.owed, row.status), (46, 1, Status::Exempt));
        assert_eq!(scene.row(Duty::Leader, 3, "2026-12-31").days, 365);
    }

    /// Members 5 and 6 of sectors 10 and 11, which correspond to committees 20 and 21.
    fn sectors() -> Scene {
        Scene::default()
            .member(5, 10, ("2020-01-01", "2026-06-30"))
            .member(5, 11, ("2026-07-01", ""))
            .member(6, 11, ALWAYS)
            .corresponds(10, 20, ALWAYS)
            .corresponds(11, 21, ALWAYS)
    }

    fn article_13(scene: &Scene, as_of: &str) -> Row {
        scene.row(Duty::CommitteeReview, 5, as_of)
    }

    #[test]
    fn a_change_of_sector_moves_the_charge_and_keeps_the_review() {
        let scene = sectors().event(committee_review("2026-05-01", 20, 5, 80));
        let row = article_13(&scene, "2026-12-31");
        assert_eq!((row.done, row.status), (1, Status::Met));
        assert_eq!(row.charged, Some(Charged::Committee(id(21))));
        assert_eq!(article_13(&scene, "2026-06-30").charged, Some(Charged::Committee(id(20))));
        let wrong = sectors().event(committee_review("2026-07-01", 20, 5, 80));
        assert_eq!(article_13(&wrong, "2026-12-31").done, 0);
    }

    #[test]
    fn a_change_of_correspondence_moves_the_charge_too() {
        let scene = Scene::default()
            .member(5, 10, ALWAYS)
            .corresponds(10, 20, ("2020-01-01", "2026-04-30"))
            .corresponds(10, 21, ("2026-06-01", ""))
            .event(committee_review("2026-04-30", 20, 5, 80));
        assert_eq!(article_13(&scene, "2026-05-15").charged, Some(Charged::Committee(id(20))));
        let row = article_13(&scene, "2026-06-01");
        assert_eq!((row.done, row.charged), (1, Some(Charged::Committee(id(21)))));
    }

    #[test]
    fn a_leader_cannot_do_the_committees_review_nor_the_committee_the_leaders() {
        let scene = sectors()
            .post(1, Chairperson, ALWAYS)
            .post(5, StandingMember, ALWAYS)
            .leads(1, 5, ALWAYS)
            .event(review("2026-05-01", &[1, 5]));
        assert_eq!(article_13(&scene, "2026-12-31").done, 0);
        assert_eq!(scene.row(Duty::LeaderReview, 5, "2026-12-31").done, 1);
    }

    #[test]
    fn the_committee_confirms_what_the_member_recorded_and_the_member_what_the_committee_recorded() {
        let committees = committee_review("2026-05-01", 20, 5, 80);
        let member = sectors().event(committees.clone().confirmed(5));
        assert_eq!(article_13(&member, "2026-12-31").confirmed, 1);
        let colleague = sectors().event(committees.confirmed_for(20, 81));
        assert_eq!(article_13(&colleague, "2026-12-31").confirmed, 0);
        let members = ContactEvent { recorded_by: id(5), recorded_for: None, ..committee_review("2026-05-01", 20, 5, 80) };
        let committee = sectors().event(members.clone().confirmed_for(20, 80));
        assert_eq!(article_13(&committee, "2026-12-31").confirmed, 1);
        let in_both_hats = sectors().event(members.confirmed_for(20, 5));
        assert_eq!(article_13(&in_both_hats, "2026-12-31").confirmed, 0);
    }

    #[test]
    fn a_visit_is_no_review() {
        let scene = sectors().event(ContactEvent {
            organizations: vec![Participant { id: id(20), confirmed_by: None }],
            ..visit("2026-05-01", &[5])
        });
        assert_eq!(article_13(&scene, "2026-12-31").done, 0);
    }
}
