//! Who contacts whom, and that they did (arts. 10 to 14, 18): constituents, assignments, events, exemptions.

use std::cmp::Ordering;

use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};

use super::county::{County, Member, resolution};
use super::dice::{minus, plus};
use super::maker::Maker;
use super::names::{COMMITTEES, SECTORS, TRADES, person};
use super::rows::{AssignmentRow, ConstituentRow, EventRow, ExemptionRow, MetRow, ParticipantRow, WithinRow};
use super::texts::{DISPUTES, EXEMPTIONS, POLICIES, REVIEWS, SERVICES, TALKS, VISITS, fill};
use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::db::words::Json;

/// How much a member does of what the regulation asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Zeal {
    Diligent,
    Usual,
    Slack,
}

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

/// A member's people, the assignments to them, and the contacts with them.
fn add_people(maker: &mut Maker<'_>, county: &mut County, at: usize, zeal: Zeal, count: usize) -> Maybe<()> {
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

fn assignment_row(
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

/// Who took part in an event, and how.
struct Part {
    person: Id,
    side: &'static str,
    confirmation: &'static str,
}

impl Part {
    fn recorder(person: Id, side: &'static str) -> Self {
        Self { person, side, confirmation: "recorded" }
    }

    /// Somebody else, who has or has not answered.
    fn other(maker: &mut Maker<'_>, person: Id, side: &'static str) -> Self {
        Self { person, side, confirmation: if maker.dice.percent(70) { "confirmed" } else { "pending" } }
    }
}

/// What there is to say of an event beside who took part.
#[derive(Clone)]
struct Contact {
    day: NaiveDate,
    form: &'static str,
    summary: String,
    place: Option<String>,
    kinds: &'static str,
    role: &'static str,
    initiated_by: &'static str,
    organization: Option<Id>,
    /// What the organization says of it, and who says it.
    word: &'static str,
    head: Id,
    review: Option<i64>,
    outside: Vec<String>,
    others: i64,
    publicity: Value,
    services: Value,
}

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

/// An event with its participants and the committees within whose reach it lies.
fn add_event(maker: &mut Maker<'_>, county: &County, contact: Contact, parts: Vec<Part>, committees: Vec<usize>) -> Id {
    let later = maker.dice.within(0, 3);
    let recorded = maker.moment(plus(contact.day, later).min(maker.yesterday()));
    let answered = maker.moment(maker.working_days_after(contact.day, 4).min(maker.yesterday())).max(recorded);
    let id = maker.id(recorded);
    let says_yes = contact.word == "confirmed" || parts.iter().any(|part| part.confirmation == "confirmed");
    let mut row = EventRow {
        id,
        jurisdiction_id: county.id,
        occurred_on: contact.day,
        form: contact.form,
        form_word: None,
        place: contact.place,
        summary: contact.summary,
        content_kinds: contact.kinds.to_owned(),
        initiated_by: contact.initiated_by,
        organization_id: contact.organization,
        body_confirmation: contact.organization.map(|_| contact.word),
        body_answered_by: contact.organization.filter(|_| contact.word == "confirmed").map(|_| contact.head),
        recorded_by: parts[0].person,
        recorded_role: contact.role,
        review_of_year: contact.review,
        others_count: contact.others,
        with_people: contact.others > 0 || !contact.outside.is_empty(),
        outside_persons: Json(json!(contact.outside)),
        publicity: Json(contact.publicity),
        services: Json(contact.services),
        state: if says_yes { "confirmed" } else { "recorded" },
        settled: false,
        state_reason: None,
        link_id: None,
        version: 1,
        created_at: recorded,
        updated_at: recorded,
    };
    let first = maker.rows.participants.len();
    maker.rows.participants.extend(parts.iter().map(|part| ParticipantRow {
        event_id: id,
        person_id: part.person,
        occurred_on: contact.day,
        side: part.side,
        confirmation: part.confirmation,
        reason: None,
        answered_at: (part.confirmation == "confirmed").then_some(answered),
    }));
    if county.plan.is_lively {
        quarrel(maker, county, &mut row, first);
        tell(maker, county, &row, &parts);
    }
    let mut within: Vec<Id> = committees.into_iter().map(|at| county.committees[at].id).chain(contact.organization).collect();
    within.sort_unstable();
    within.dedup();
    maker.rows.within.extend(within.into_iter().map(|organization_id| WithinRow {
        organization_id,
        occurred_on: contact.day,
        event_id: id,
        form: contact.form,
    }));
    maker.rows.events.push(row);
    id
}

/// Now and then a participant disputes a record, and the member affairs committee settles it; now and then one is taken back.
fn quarrel(maker: &mut Maker<'_>, county: &County, row: &mut EventRow, first: usize) {
    if maker.dice.percent(1) {
        (row.state, row.state_reason, row.version) = ("voided", Some("重复记录".to_owned()), 2);
        return;
    }
    // What was recorded of late is not yet settled.
    let is_of_late = maker.is_of_late(row.occurred_on);
    let disputes = maker.dice.percent(if is_of_late { 25 } else { 6 });
    let settles = !is_of_late && maker.dice.percent(60);
    let reason = maker.dice.pick(DISPUTES);
    let Some(other) = maker.rows.participants[first..].iter_mut().find(|one| one.confirmation == "confirmed").filter(|_| disputes)
    else {
        return;
    };
    (other.confirmation, other.reason) = (if settles { "overruled" } else { "disputed" }, Some(reason.to_owned()));
    row.version = if settles { 3 } else { 2 };
    row.settled = settles;
    (row.state, row.state_reason) =
        if settles { ("confirmed", Some("经向双方核实，记录属实".to_owned())) } else { ("disputed", None) };
    if is_of_late {
        let (at, about) = (row.created_at.plus(chrono::TimeDelta::hours(3)), (county.id, "contact_event", row.id));
        maker.tell("contact_event_disputed", about, (Some(row.recorded_by), None), particulars(row), at);
        maker.tell("contact_event_disputed", about, (None, Some(county.affairs.id)), particulars(row), at);
    }
}

/// Whoever took part is told that it was written down.
fn tell(maker: &mut Maker<'_>, county: &County, row: &EventRow, parts: &[Part]) {
    if !maker.is_of_late(row.occurred_on) {
        return;
    }
    let about = (county.id, "contact_event", row.id);
    for part in &parts[1..] {
        maker.tell("contact_event_recorded", about, (Some(part.person), None), particulars(row), row.created_at);
    }
    let body = row.organization_id.filter(|_| row.recorded_role != "committee");
    maker.tell("contact_event_recorded", about, (None, body), particulars(row), row.created_at);
}

fn particulars(row: &EventRow) -> Value {
    json!({"occurred_on": row.occurred_on, "form": row.form, "state": row.state})
}

/// Art. 11: every member by the committee that corresponds to the sector.
fn assign_committees(maker: &mut Maker<'_>, county: &County) {
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
fn leader_of(county: &County, standing: usize) -> Option<usize> {
    let leaders: Vec<usize> = county.leaders().collect();
    let forgotten = county.plan.is_lively && standing + 1 == county.plan.standing;
    if leaders.is_empty() || forgotten { None } else { Some(leaders[standing % leaders.len()]) }
}

fn assign_leaders(maker: &mut Maker<'_>, county: &County) {
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
fn review_standing_members(maker: &mut Maker<'_>, county: &County, years: i32) -> Maybe<()> {
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

/// Two records of one contact, found to be so; they were written last.
fn link(maker: &mut Maker<'_>, both: [Id; 2]) {
    let link = both[0];
    for row in maker.rows.events.iter_mut().rev().take(2).filter(|row| both.contains(&row.id)) {
        (row.link_id, row.version) = (Some(link), row.version + 1);
    }
}

/// Art. 1: some go to their committee by themselves and report; what they wrote of late waits for its word.
fn report_to_committees(maker: &mut Maker<'_>, county: &County) {
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
fn review_members(maker: &mut Maker<'_>, county: &County, years: i32) -> Maybe<()> {
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
