//! Leaders and committees learn of the year's work (arts. 1, 12, 13).

use chrono::{Datelike, NaiveDate};
use serde_json::json;

use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::demo::county::{County, Member};
use crate::demo::dice::minus;
use crate::demo::maker::Maker;
use crate::demo::names::COMMITTEES;
use crate::demo::texts::{REVIEWS, TALKS, fill};

use super::assignments::leader_of;
use super::events::{Contact, Part, add_event, link};

/// The days of a year on which there can have been something, up to yesterday.
fn season(maker: &Maker<'_>, years: i32) -> Option<(NaiveDate, NaiveDate)> {
    let (first, last) = (maker.day(years, 1, 20), maker.day(years, 12, 20).min(maker.yesterday()));
    (first <= last).then_some((first, last))
}

/// What was talked about between people of the committee.
fn talk(maker: &mut Maker<'_>, county: &County, day: NaiveDate, review: bool) -> Contact {
    let (form, words) = maker.dice.one(if review { REVIEWS } else { TALKS });
    let town = &county.plan.townships[0];
    Contact {
        day,
        form,
        summary: fill(words, town, &mut maker.dice),
        place: Some("县政协机关".to_owned()),
        kinds: if review { "cppcc_work,duty_performance" } else { "cppcc_work" },
        role: "leader",
        initiated_by: "contacting",
        organization: None,
        word: "pending",
        head: Id::NIL,
        review: review.then(|| i64::from(day.year())),
        outside: Vec::new(),
        others: 0,
        publicity: json!([]),
        services: json!([]),
    }
}

/// Art. 12: leaders learn about the year's work of the standing members assigned to them.
pub fn review_standing_members(maker: &mut Maker<'_>, county: &County, years: i32) -> Maybe<()> {
    let Some((first, last)) = season(maker, years) else { return Ok(()) };
    for (number, standing) in county.standing().enumerate() {
        let Some(leader) = leader_of(county, number) else { continue };
        let (leader, standing) = (&county.members[leader], &county.members[standing]);
        let is_due = if years < 0 { 88 } else { 62 };
        for review in [true, false] {
            if !maker.dice.percent(if review { is_due } else { 50 }) {
                continue;
            }
            let day = maker.dice.day(first, last);
            let contact = talk(maker, county, day, review);
            let committees = county.committees_over(standing, day).into_iter().chain(county.committees_over(leader, day)).flatten();
            let committees: Vec<usize> = committees.collect();
            let reported = Contact { role: "member", initiated_by: "contacted", ..contact.clone() };
            let by_leader = vec![Part::recorder(leader.person, "contacting"), Part::other(maker, standing.person, "contacted")];
            let by_member = vec![Part::recorder(standing.person, "contacted"), Part::other(maker, leader.person, "contacting")];
            // Sometimes the standing member goes to report, and writes it down; sometimes both do.
            match maker.dice.below(100) {
                0..15 => drop(add_event(maker, county, reported, by_member, committees)),
                15..20 => {
                    let first = add_event(maker, county, contact, by_leader, committees.clone());
                    let second = add_event(maker, county, reported, by_member, committees);
                    link(maker, [first, second]);
                }
                _ => drop(add_event(maker, county, contact, by_leader, committees)),
            }
        }
        maker.rest()?;
    }
    Ok(())
}

/// Art. 1: some go to their committee by themselves and report; what they wrote of late waits for its word.
pub fn report_to_committees(maker: &mut Maker<'_>, county: &County) {
    for number in 0..30 {
        let member = &county.members[(number * 53 + 9) % county.members.len()];
        let day = if number % 3 == 0 {
            minus(maker.today, number + 2)
        } else {
            maker.dice.day(maker.day(-1, 2, 1), minus(maker.today, 70))
        };
        let Some(sector) = member.sector_on(day).filter(|_| !member.is_leader) else { continue };
        let at = county.corresponding(sector, day);
        let committee = &county.committees[at];
        let contact = Contact {
            summary: "到专委会汇报走访群众和履职情况，反映对政协工作的意见".to_owned(),
            form: "reciprocal_visit",
            role: "member",
            initiated_by: "contacted",
            organization: Some(committee.id),
            word: if number % 3 == 0 { "pending" } else { "confirmed" },
            head: committee.head,
            ..talk(maker, county, day, false)
        };
        let committees = county.committees_over(member, day).into_iter().flatten().collect();
        add_event(maker, county, contact, vec![Part::recorder(member.person, "contacted")], committees);
    }
}

/// So many members are asked to one sitting at most.
const SITTING: usize = 12;

/// Art. 13: committees learn about the year's work of the members of their sectors, at sittings.
pub fn review_members(maker: &mut Maker<'_>, county: &County, years: i32) -> Maybe<()> {
    let Some((first, last)) = season(maker, years) else { return Ok(()) };
    for (at, committee) in county.committees.iter().enumerate().take(COMMITTEES.len()) {
        let middle = maker.day(years, 7, 1);
        let theirs = |member: &&Member| member.sector_on(middle).is_some_and(|sector| county.corresponding(sector, middle) == at);
        let members: Vec<&Member> = county.members.iter().filter(theirs).collect();
        for (sitting, asked) in members.chunks(SITTING).enumerate() {
            // This year's round is not yet through everywhere.
            if years == 0 && sitting % 3 == 2 && county.plan.is_lively {
                continue;
            }
            let day = maker.dice.day(first, last);
            let mut parts = vec![Part::recorder(committee.head, "contacting")];
            let mut within = vec![at];
            for member in asked {
                if member.sector_on(day).is_some() && maker.dice.percent(88) {
                    parts.push(Part::other(maker, member.person, "contacted"));
                    within.extend(county.committees_over(member, day).into_iter().flatten());
                }
            }
            if parts.len() > 1 {
                let contact = talk(maker, county, day, true);
                let contact =
                    Contact { form: "symposium", role: "committee", organization: Some(committee.id), word: "recorded", ..contact };
                add_event(maker, county, contact, parts, within);
            }
        }
        maker.rest()?;
    }
    Ok(())
}
