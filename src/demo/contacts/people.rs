//! A member's people, the assignments to them, and the contacts with them (arts. 10, 14, 18).

use chrono::NaiveDate;
use serde_json::json;

use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::demo::county::{County, Member};
use crate::demo::dice::{minus, plus};
use crate::demo::maker::Maker;
use crate::demo::names::{TRADES, person};
use crate::demo::rows::{AssignmentRow, ConstituentRow, MetRow};
use crate::demo::texts::{POLICIES, SERVICES, VISITS, fill};

use super::assignments::assignment_row;
use super::events::{Contact, Part, add_event};

/// How much a member does of what the regulation asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zeal {
    Diligent,
    Usual,
    Slack,
}

/// A member's people, the assignments to them, and the contacts with them.
pub fn add_people(maker: &mut Maker<'_>, county: &mut County, at: usize, zeal: Zeal, count: usize) -> Maybe<()> {
    let days = if county.plan.is_lively { contact_days(maker, county, at, zeal) } else { even_days(maker, county, at) };
    let own: Vec<Person> = (0..count).map(|_| add_constituent(maker, county, &county.members[at])).collect();
    let mut last: Vec<Option<NaiveDate>> = vec![None; own.len()];
    let mut events = Vec::new();
    for (day, form) in days {
        let known: Vec<usize> = (0..own.len()).filter(|one| own[*one].since <= day).collect();
        let several = maker.dice.within(1, 3);
        let met = maker.dice.some(&known, several);
        for one in &met {
            last[*one] = last[*one].max(Some(day));
        }
        let ids: Vec<Id> = met.iter().map(|one| own[*one].row.id).collect();
        events.push((with_people(maker, county, at, (day, form), &ids), day));
    }
    let left = county.members[at].office().1.filter(|to| *to < maker.today);
    for (number, (person, last)) in own.into_iter().zip(last).enumerate() {
        let mut row = ConstituentRow { last_contact_on: last, ..person.row };
        if let Some(left) = left {
            row = wiped(row);
            row.anonymised_on = Some(plus(left, 1));
        } else if county.plan.is_lively && (at, number) == ERASED {
            row = erased(maker, row);
        } else {
            county.members[at].constituents.push(row.id);
        }
        maker.rows.constituents.push(row);
    }
    county.members[at].contacts = events;
    maker.rest()
}

/// The member, and the one among the member's people, who wished to be forgotten.
const ERASED: (usize, usize) = (40, 0);

/// Without what tells who it is.
fn wiped(row: ConstituentRow) -> ConstituentRow {
    ConstituentRow { name: None, phone: None, phone_hash: None, note: None, version: 2, ..row }
}

fn erased(maker: &mut Maker<'_>, row: ConstituentRow) -> ConstituentRow {
    let wished = minus(maker.today, 30);
    let due = maker.working_days_after(wished, 15);
    let erased = maker.working_days_after(wished, 6);
    if let Some(assignment) = maker.rows.assignments.iter_mut().find(|of| of.contacted_constituent_id == Some(row.id)) {
        (assignment.to_day, assignment.end_reason, assignment.version) = (Some(erased), Some("本人要求删除个人信息".to_owned()), 2);
    }
    ConstituentRow {
        erased_on: Some(erased),
        erase_requested_on: Some(wished),
        erase_due_on: Some(due),
        erase_due_assumed: Some(false),
        ..wiped(row)
    }
}

struct Person {
    row: ConstituentRow,
    since: NaiveDate,
}

fn add_constituent(maker: &mut Maker<'_>, county: &County, member: &Member) -> Person {
    let (from, to) = member.office();
    // Whoever was never contacted in two years would be forgotten on the demo's first evening.
    let earliest = from.max(minus(maker.today, 660));
    let latest = to.unwrap_or(maker.today).min(maker.day(-1, 12, 20)).max(earliest);
    let since = maker.dice.day(earliest, latest).min(maker.yesterday());
    let made = maker.moment(since);
    let id = maker.id(made);
    let (name, _) = person(&mut maker.dice);
    let phone = maker.phone();
    let bases = [["residence"].as_slice(), &["industry"], &["workplace"], &["industry", "residence"], &["field"]];
    let seal = maker.seal;
    let row = ConstituentRow {
        id,
        jurisdiction_id: county.id,
        member_id: member.person,
        name: Some(seal.close("constituents.name", &name)),
        phone: Some(seal.close("constituents.phone", &phone)),
        phone_hash: Some(maker.phone_hash(&phone)),
        bases: maker.dice.one(&bases).join(","),
        sector_id: member.sector_on(since).map(|sector| county.sectors[sector]),
        township: Some(county.township(member).name.to_owned()),
        note: maker.dice.percent(35).then(|| seal.close("constituents.note", maker.dice.pick(TRADES))),
        consent_on: Some(since),
        consent_way: Some(maker.dice.pick(&["oral", "oral", "written", "online"])),
        last_contact_on: None,
        anonymised_on: None,
        erased_on: None,
        erase_requested_on: None,
        erase_due_on: None,
        erase_due_assumed: None,
        version: 1,
        created_at: made,
        updated_at: made,
    };
    let assignment = maker.id(made);
    let left = to.filter(|to| *to < maker.today);
    maker.rows.assignments.push(AssignmentRow {
        contacting_person_id: Some(member.person),
        contacted_constituent_id: Some(id),
        to_day: left.map(|to| plus(to, 1)),
        end_reason: left.map(|_| "个人信息已隐去".to_owned()),
        ..assignment_row(county, assignment, "member_constituent", since, made)
    });
    Person { row, since }
}

/// The days of a member's contacts in both years, up to yesterday, each with what is done.
fn contact_days(maker: &mut Maker<'_>, county: &County, at: usize, zeal: Zeal) -> Vec<What> {
    let usual = (county.plan.visits / county.plan.members.max(1)).div_ceil(2);
    let mut days = Vec::new();
    for years in [-1, 0] {
        let (from, to) = county.members[at].office();
        let (first, last) = (maker.day(years, 1, 4).max(from), maker.day(years, 12, 28).min(to.unwrap_or(NaiveDate::MAX)));
        if first > last {
            continue;
        }
        let visits = match zeal {
            Zeal::Diligent => maker.dice.within(2, usual.max(2) + 1),
            Zeal::Usual => maker.dice.within(usual.saturating_sub(1).max(2), usual.max(2)),
            Zeal::Slack => usize::from(maker.dice.percent(60)),
        };
        let others = maker.dice.below(usual.div_ceil(2) + 1);
        for number in 0..visits + others {
            let day = maker.dice.day(first, last);
            let forms = if number < visits { &VISITS[..VISIT_FORMS] } else { &VISITS[VISIT_FORMS..] };
            let what = &forms[maker.dice.below(forms.len())];
            if day <= maker.yesterday() {
                days.push((day, what));
            }
        }
    }
    days.sort_by_key(|(day, _)| *day);
    days
}

/// The same number for everybody, for counts that are known beforehand.
fn even_days(maker: &mut Maker<'_>, county: &County, at: usize) -> Vec<What> {
    let (from, to) = county.members[at].office();
    let (first, last) = (maker.day(-1, 1, 4).max(from), maker.yesterday().min(to.unwrap_or(NaiveDate::MAX)));
    let mut days: Vec<What> = (0..county.plan.visits / county.plan.members.max(1))
        .map(|_| (maker.dice.day(first, last), &VISITS[maker.dice.below(VISITS.len())]))
        .collect();
    days.sort_by_key(|(day, _)| *day);
    days
}

/// A day, and the form and the words of what was done on it.
type What = (NaiveDate, &'static (&'static str, &'static str));

/// So many of the first texts are of forms that count as visits.
const VISIT_FORMS: usize = 14;

const KINDS: &[&str] = &[
    "constituent_needs",
    "constituent_needs",
    "county_affairs,constituent_needs",
    "county_affairs",
    "policy_and_law",
    "policy_and_law,constituent_needs",
    "cppcc_work,constituent_needs",
];

fn with_people(maker: &mut Maker<'_>, county: &County, at: usize, (day, what): What, met: &[Id]) -> Id {
    let member = &county.members[at];
    let town = county.township(member);
    let dice = &mut maker.dice;
    let outside = if met.is_empty() || dice.percent(12) { vec![person(dice).0] } else { Vec::new() };
    let others = if dice.percent(25) { i64::try_from(dice.within(3, 30)).unwrap_or(3) } else { 0 };
    let publicity = if dice.percent(15) {
        let (policy, level) = dice.one(POLICIES);
        json!([{"policy": policy, "level": level}])
    } else {
        json!([])
    };
    let services = if dice.percent(12) {
        let (kind, what) = dice.one(SERVICES);
        json!([{"kind": kind, "what": what, "for_how_many": dice.within(3, 40)}])
    } else {
        json!([])
    };
    let contact = Contact {
        day,
        form: what.0,
        summary: fill(what.1, town, dice),
        place: Some(format!("{}{}", town.name, dice.pick(town.villages))),
        kinds: dice.pick(KINDS),
        role: "member",
        initiated_by: if what.0 == "letter" { "contacted" } else { "contacting" },
        organization: None,
        word: "pending",
        head: Id::NIL,
        review: None,
        outside,
        others,
        publicity,
        services,
    };
    let mut parts = vec![Part::recorder(member.person, "contacting")];
    if county.plan.is_lively && dice.percent(6) {
        let other = &county.members[dice.below(county.members.len())];
        if other.person != member.person && other.sector_on(day).is_some() {
            parts.push(Part::other(maker, other.person, "contacting"));
        }
    }
    let committees = county.committees_over(member, day);
    let event = add_event(maker, county, contact, parts, committees.into_iter().flatten().collect());
    maker.rows.met.extend(met.iter().map(|constituent| MetRow { event_id: event, constituent_id: *constituent }));
    if !met.is_empty()
        && let Some(row) = maker.rows.events.last_mut()
    {
        row.with_people = true;
    }
    event
}
