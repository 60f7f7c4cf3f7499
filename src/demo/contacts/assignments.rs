//! Who is assigned to whom (art. 11).

use chrono::NaiveDate;

use crate::base::id::Id;
use crate::demo::county::{County, resolution};
use crate::demo::dice::minus;
use crate::demo::maker::Maker;
use crate::demo::names::SECTORS;
use crate::demo::rows::AssignmentRow;

pub fn assignment_row(
    county: &County,
    id: Id,
    kind: &'static str,
    from_day: NaiveDate,
    made: crate::base::instant::Instant,
) -> AssignmentRow {
    AssignmentRow {
        id,
        jurisdiction_id: county.id,
        kind,
        contacting_person_id: None,
        contacting_organization_id: None,
        contacted_person_id: None,
        contacted_constituent_id: None,
        from_day,
        to_day: None,
        resolution: None,
        end_reason: None,
        version: 1,
        created_at: made,
        updated_at: made,
    }
}

/// Art. 11: every member by the committee that corresponds to the sector.
pub fn assign_committees(maker: &mut Maker<'_>, county: &County) {
    for member in &county.members {
        for seat in &member.seats {
            let spans = [(seat.from, seat.to)];
            let turned =
                county.corresponding(seat.sector, county.since) != SECTORS[seat.sector].committee && seat.from < county.moved_on;
            let split = [(seat.from, Some(minus(county.moved_on, 1))), (county.moved_on, seat.to)];
            for (from, to) in if turned { split.as_slice() } else { spans.as_slice() } {
                let committee = &county.committees[county.corresponding(seat.sector, *from)];
                let made = maker.moment(*from);
                let id = maker.id(made);
                maker.rows.assignments.push(AssignmentRow {
                    contacting_organization_id: Some(committee.id),
                    contacted_person_id: Some(member.person),
                    to_day: *to,
                    end_reason: to.map(|_| "界别对口或委员职务变动".to_owned()),
                    resolution: Some(resolution(*from, 2)),
                    ..assignment_row(county, id, "committee_member", *from, made)
                });
            }
        }
    }
}

/// Which leader contacts a standing member, by their places; in a lively county the last one was forgotten.
pub fn leader_of(county: &County, standing: usize) -> Option<usize> {
    let leaders: Vec<usize> = county.leaders().collect();
    let forgotten = county.plan.is_lively && standing + 1 == county.plan.standing;
    if leaders.is_empty() || forgotten { None } else { Some(leaders[standing % leaders.len()]) }
}

pub fn assign_leaders(maker: &mut Maker<'_>, county: &County) {
    let from = maker.day(-1, 1, 10);
    for (number, standing) in county.standing().enumerate() {
        let Some(leader) = leader_of(county, number) else { continue };
        let made = maker.moment(from);
        let id = maker.id(made);
        maker.rows.assignments.push(AssignmentRow {
            contacting_person_id: Some(county.members[leader].person),
            contacted_person_id: Some(county.members[standing].person),
            resolution: Some(resolution(from, 1)),
            ..assignment_row(county, id, "leader_standing_member", from, made)
        });
    }
}
