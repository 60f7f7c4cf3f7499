//! Who contacts whom, and that they did (arts. 10 to 14, 18): constituents, assignments, events, exemptions.

mod assignments;
mod events;
mod people;
mod reviews;

use std::cmp::Ordering;

use crate::base::problem::Maybe;
use crate::demo::county::{County, Member, resolution};
use crate::demo::dice::plus;
use crate::demo::maker::Maker;
use crate::demo::rows::ExemptionRow;
use crate::demo::texts::EXEMPTIONS;

use self::assignments::{assign_committees, assign_leaders};
use self::people::{Zeal, add_people};
use self::reviews::{report_to_committees, review_members, review_standing_members};

/// Everything between people in a county. `desk`: members who do what they should, but for the one of whom the opposite is known.
pub fn make(maker: &mut Maker<'_>, county: &mut County, desk: &[usize]) -> Maybe<()> {
    let slack = slack(county);
    let zeals: Vec<Zeal> = (0..county.members.len())
        .map(|at| match at {
            at if Some(at) == slack => Zeal::Slack,
            at if desk.contains(&at) => Zeal::Diligent,
            at => zeal(maker, &county.members[at]),
        })
        .collect();
    let counts = counts(maker, county, &zeals);
    for (at, (zeal, count)) in zeals.into_iter().zip(counts).enumerate() {
        add_people(maker, county, at, zeal, count)?;
    }
    assign_committees(maker, county);
    assign_leaders(maker, county);
    for years in [-1, 0] {
        review_standing_members(maker, county, years)?;
        review_members(maker, county, years)?;
    }
    if county.plan.is_lively {
        report_to_committees(maker, county);
        exempt(maker, county);
    }
    maker.rest()
}

fn zeal(maker: &mut Maker<'_>, member: &Member) -> Zeal {
    let roll = maker.dice.below(100);
    if member.is_leader || member.is_standing || roll < 30 {
        Zeal::Diligent
    } else if roll < 88 {
        Zeal::Usual
    } else {
        Zeal::Slack
    }
}

/// The one member of whom it is known that the duties are not met: the first peasant who is no standing member.
pub fn slack(county: &County) -> Option<usize> {
    county.members.iter().position(|member| member.sector() == 14 && !member.is_standing)
}

/// How many constituents each member has, so that they come to the number of the plan.
fn counts(maker: &mut Maker<'_>, county: &County, zeals: &[Zeal]) -> Vec<usize> {
    let each = county.plan.constituents / county.plan.members.max(1);
    let mut counts: Vec<usize> = zeals
        .iter()
        .map(|zeal| match zeal {
            Zeal::Slack if county.plan.is_lively => maker.dice.within(2, 4),
            Zeal::Diligent if county.plan.is_lively => maker.dice.within(each, each + 1),
            _ => each,
        })
        .collect();
    let others: Vec<usize> = (0..counts.len()).filter(|at| zeals[*at] != Zeal::Slack).collect();
    for at in others.iter().cycle().take(if others.is_empty() { 0 } else { county.plan.constituents }) {
        match county.plan.constituents.cmp(&counts.iter().sum()) {
            Ordering::Greater => counts[*at] += 1,
            Ordering::Less => counts[*at] = counts[*at].saturating_sub(1).max(1),
            Ordering::Equal => break,
        }
    }
    counts
}

/// Some are on leave, some exempted.
fn exempt(maker: &mut Maker<'_>, county: &County) {
    let members: Vec<&Member> = county.members.iter().filter(|member| member.office().1.is_none() && !member.is_leader).collect();
    for (number, (kind, reason)) in EXEMPTIONS.iter().enumerate() {
        let member = members[(number * 37 + 11) % members.len()];
        let years = if number % 2 == 0 { 0 } else { -1 };
        let earliest = maker.day(years, 1, 5);
        let latest = maker.day(years, 8, 1).min(maker.yesterday()).max(earliest);
        let from = maker.dice.day(earliest, latest);
        let made = maker.moment(from.min(maker.yesterday()));
        let id = maker.id(made);
        maker.rows.exemptions.push(ExemptionRow {
            id,
            jurisdiction_id: county.id,
            person_id: member.person,
            kind,
            article: (*kind == "exemption" && number % 2 == 1).then_some(14),
            from_day: from,
            to_day: Some(plus(from, if *kind == "leave" { 100 } else { 300 })),
            reason: (*reason).to_owned(),
            resolution: Some(resolution(from, 8)),
            version: 1,
            created_at: made,
            updated_at: made,
        });
    }
}
