//! Its members: their sectors, posts and bodies.

use chrono::NaiveDate;

use crate::base::id::Id;
use crate::demo::dice::{minus, plus};
use crate::demo::maker::Maker;
use crate::demo::names::{COMMITTEES, GROUPS, SECTORS};
use crate::demo::rows::PostRow;

use super::bodies::{add_membership, add_person, resolution};
use super::plan::{County, Member, Seat};

/// How the members are spread over the sectors: by their shares, the rest to the first ones.
fn places(members: usize) -> Vec<usize> {
    let all: usize = SECTORS.iter().map(|sector| sector.share).sum();
    let mut counts: Vec<usize> = SECTORS.iter().map(|sector| sector.share * members / all).collect();
    let missing = members - counts.iter().sum::<usize>();
    (0..missing).for_each(|at| counts[at % SECTORS.len()] += 1);
    counts
}

pub fn add_members(maker: &mut Maker<'_>, county: &mut County) {
    let mut standing_left = county.plan.standing;
    let in_each = county.plan.standing.div_ceil(SECTORS.len()).max(1);
    for (sector, count) in places(county.plan.members).into_iter().enumerate() {
        for number in 0..count {
            let is_leader = sector == 0 && number < county.plan.leaders;
            let place_in_sector = if sector == 0 { number.wrapping_sub(county.plan.leaders) } else { number };
            let is_standing = !is_leader && place_in_sector < in_each && standing_left > 0;
            standing_left -= usize::from(is_standing);
            let seats = seats(maker, county, sector, number, is_leader || is_standing);
            let unit = work_unit(maker, county, sector);
            let made = maker.moment(seats[0].from);
            let (person, name) = add_person(maker, county.id, unit, made);
            let own_committee = if maker.dice.percent(70) { SECTORS[sector].committee } else { maker.dice.below(COMMITTEES.len()) };
            let member = Member {
                person,
                name,
                seats,
                own_committee,
                township: maker.dice.below(county.plan.townships.len()),
                is_standing,
                is_leader,
                constituents: Vec::new(),
                contacts: Vec::new(),
            };
            add_posts(maker, county, &member, number);
            county.members.push(member);
        }
    }
}

fn work_unit(maker: &mut Maker<'_>, county: &County, sector: usize) -> Option<String> {
    let is_cangnan = county.plan.name == "苍南县";
    let fits = |unit: &&&str| is_cangnan || unit.starts_with('县') || unit.starts_with("苍南县");
    let units: Vec<&str> = SECTORS[sector].units.iter().filter(fits).copied().collect();
    if units.is_empty() { None } else { Some(maker.dice.pick(&units).replace("苍南县", &county.plan.name)) }
}

/// When a member sits where. In a lively county some were added, some left, one changed the sector.
fn seats(maker: &mut Maker<'_>, county: &County, sector: usize, number: usize, stays: bool) -> Vec<Seat> {
    let whole = Seat { sector, from: county.since, to: None };
    if !county.plan.is_lively || stays {
        return vec![whole];
    }
    match (sector, number) {
        // Added last spring and this one.
        (3 | 6, 5) => vec![Seat { from: maker.day(-1, 3, 18), ..whole }],
        (9 | 13, 7) => vec![Seat { from: maker.day(0, 1, 15), ..whole }],
        // Left last year, left a few weeks ago, will leave in a few weeks.
        (4, 6) => vec![Seat { to: Some(maker.day(-1, 8, 31)), ..whole }],
        (8 | 18, 8) => vec![Seat { to: Some(minus(maker.today, 25)), ..whole }],
        (12 | 17, 7) => vec![Seat { to: Some(plus(maker.today, 40)), ..whole }],
        // Moved from the youth to the economy at the half of last year.
        (6, 8) => {
            let moved = maker.day(-1, 7, 1);
            vec![Seat { to: Some(minus(moved, 1)), ..whole }, Seat { sector: 13, from: moved, to: None }]
        }
        _ => vec![whole],
    }
}

fn add_posts(maker: &mut Maker<'_>, county: &County, member: &Member, number: usize) {
    for (at, seat) in member.seats.iter().enumerate() {
        let title = None;
        let changed = at > 0 || seat.from != county.since;
        let appointed = if changed { resolution(seat.from, 3) } else { "十一届政协第一次全体会议".to_owned() };
        let sector = Some(county.sectors[seat.sector]);
        add_post(maker, county, member.person, ("member", sector, title), (seat.from, seat.to), appointed);
    }
    let from = (county.since, None);
    let elected = "十一届政协第一次全体会议选举".to_owned();
    if member.is_standing {
        add_post(maker, county, member.person, ("standing_member", None, None), from, elected);
    } else if member.is_leader {
        let (kind, title) = match number {
            0 => ("chairperson", "党组书记、主席"),
            last if last + 1 == county.plan.leaders => ("secretary_general", "党组成员、秘书长"),
            1 => ("vice_chairperson", "党组副书记、副主席"),
            _ => ("vice_chairperson", "副主席"),
        };
        add_post(maker, county, member.person, (kind, None, Some(title)), from, elected);
    }
}

fn add_post(
    maker: &mut Maker<'_>,
    county: &County,
    person_id: Id,
    (kind, sector_id, title): (&'static str, Option<Id>, Option<&str>),
    (from_day, to_day): (NaiveDate, Option<NaiveDate>),
    resolution: String,
) {
    let made = maker.moment(from_day);
    let id = maker.id(made);
    maker.rows.posts.push(PostRow {
        id,
        jurisdiction_id: county.id,
        person_id,
        kind,
        term_id: county.term,
        sector_id,
        title: title.map(str::to_owned),
        from_day,
        to_day,
        resolution: Some(resolution),
        end_resolution: to_day.map(|to| self::resolution(to, 6)),
        version: 1,
        created_at: made,
        updated_at: made,
    });
}

/// Members in committees, sector groups and the liaison groups of the places where they live.
pub fn add_memberships(maker: &mut Maker<'_>, county: &County, liaison: &[Id]) {
    let mut deputies = vec![0; COMMITTEES.len()];
    let (mut convened, mut linked) = (vec![false; GROUPS.len()], vec![false; liaison.len()]);
    for member in &county.members {
        let (from, to) = member.office();
        let made = maker.moment(from);
        let belong = |maker: &mut Maker<'_>, organization, duty| {
            add_membership(maker, county.id, (member.person, organization, duty), (from, to), made);
        };
        if !member.is_leader {
            let own = member.own_committee;
            let is_deputy = member.is_standing && deputies[own] < 2;
            deputies[own] += usize::from(is_deputy);
            belong(maker, county.committees[own].id, if is_deputy { "deputy_chair" } else { "member" });
        }
        let duty = |taken: &mut bool| if std::mem::replace(taken, true) { "member" } else { "convener" };
        let group = SECTORS[member.sector()].group;
        if member.is_standing || convened[group] {
            belong(maker, county.groups[group], duty(&mut convened[group]));
        }
        belong(maker, liaison[member.township], duty(&mut linked[member.township]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_members_have_a_place_whatever_their_number() {
        for members in [0, 7, 60, 200, 240, 5_000] {
            assert_eq!(places(members).iter().sum::<usize>(), members);
        }
        assert_eq!(places(240), SECTORS.iter().map(|sector| sector.share).collect::<Vec<_>>());
    }
}
