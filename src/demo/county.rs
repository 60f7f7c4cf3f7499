//! A jurisdiction with its bodies and its people (arts. 11, 23, 25, 26), all dated, as a county has them.

use chrono::{Datelike, NaiveDate};
use serde_json::json;

use super::dice::plus;
use super::maker::Maker;
use super::names::{self, ALLIES, COMMITTEES, DEPARTMENTS, GROUPS, SECTORS, Township};
use super::rows::{
    CodeRow, CorrespondenceRow, GroupSectorRow, JurisdictionRow, MembershipRow, OrganizationRow, PersonRow, PostRow, SectorRow,
    SettingsRow, TermRow,
};
use crate::base::calendar::Zone;
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::Maybe;
use crate::db::words::Json;
use crate::directory::jurisdictions::Level;
use crate::directory::settings::Settings;
use crate::record;

/// What a jurisdiction is to be made of.
#[derive(Clone, Debug)]
pub struct Plan {
    pub code: String,
    pub name: String,
    /// The jurisdiction above.
    pub parent: Option<Id>,
    pub townships: &'static [Township],
    pub members: usize,
    pub leaders: usize,
    pub standing: usize,
    pub constituents: usize,
    /// Contacts of members with the people, about so many in the two years.
    pub visits: usize,
    pub opinions: usize,
    /// Least characters of an opinion; 0: as it was written.
    pub text: usize,
    /// Some things happen that do not happen everywhere: resignations, disputes, exemptions.
    pub is_lively: bool,
}

/// A body and the cadre who acts for it.
#[derive(Clone, Debug)]
pub struct Body {
    pub id: Id,
    pub name: String,
    pub head: Id,
    pub head_name: String,
}

/// A member of the committee, by where one sits when.
#[derive(Clone, Debug)]
pub struct Member {
    pub person: Id,
    pub name: String,
    pub seats: Vec<Seat>,
    /// The place among [`COMMITTEES`] of the one to which the member belongs.
    pub own_committee: usize,
    pub township: usize,
    pub is_standing: bool,
    pub is_leader: bool,
    pub constituents: Vec<Id>,
    /// Own contacts, by day.
    pub contacts: Vec<(Id, NaiveDate)>,
}

/// A time in one sector.
#[derive(Clone, Copy, Debug)]
pub struct Seat {
    /// The place among [`SECTORS`].
    pub sector: usize,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
}

impl Member {
    pub fn sector_on(&self, day: NaiveDate) -> Option<usize> {
        self.seats.iter().find(|seat| seat.from <= day && seat.to.is_none_or(|to| day <= to)).map(|seat| seat.sector)
    }

    /// The present sector, or the last one.
    pub fn sector(&self) -> usize {
        self.seats.last().map_or(0, |seat| seat.sector)
    }

    /// First and last day in office, as far as they are known.
    pub fn office(&self) -> (NaiveDate, Option<NaiveDate>) {
        (self.seats.first().map_or(NaiveDate::MIN, |seat| seat.from), self.seats.last().and_then(|seat| seat.to))
    }
}

/// What was made.
#[derive(Clone, Debug)]
pub struct County {
    pub id: Id,
    pub plan: Plan,
    pub term: Id,
    /// The first day of the term.
    pub since: NaiveDate,
    pub sectors: Vec<Id>,
    pub office: Body,
    pub affairs: Body,
    pub committees: Vec<Body>,
    pub groups: Vec<Id>,
    pub departments: Vec<Id>,
    /// Parties, the federation, people's organizations, each with the person who speaks for it.
    pub allies: Vec<Body>,
    pub members: Vec<Member>,
    /// Persons who may write opinions and are no members.
    pub informants: Vec<(Id, String)>,
    /// From this day on the sector of science corresponds to the committee of economy and science.
    pub moved_on: NaiveDate,
}

/// The sector whose correspondence changed with this year, and the committee that it had before.
const MOVED: (usize, usize) = (10, 4);

impl County {
    /// The committee that corresponds to a sector on a day.
    pub fn corresponding(&self, sector: usize, day: NaiveDate) -> usize {
        if sector == MOVED.0 && day < self.moved_on { MOVED.1 } else { SECTORS[sector].committee }
    }

    /// The committees within whose sectors, or among whose own members, somebody stands on a day.
    pub fn committees_over(&self, member: &Member, day: NaiveDate) -> [Option<usize>; 2] {
        let by_sector = member.sector_on(day).map(|sector| self.corresponding(sector, day));
        let own = (!member.is_leader).then_some(member.own_committee).filter(|own| by_sector != Some(*own));
        [by_sector, own.filter(|_| member.office().0 <= day && member.office().1.is_none_or(|to| day <= to))]
    }

    pub fn leaders(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.members.len()).filter(|at| self.members[*at].is_leader)
    }

    pub fn standing(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.members.len()).filter(|at| self.members[*at].is_standing)
    }

    pub fn township(&self, member: &Member) -> &'static Township {
        &self.plan.townships[member.township]
    }
}

/// Makes a jurisdiction, its bodies and its people.
pub fn make(maker: &mut Maker<'_>, plan: Plan) -> Maybe<County> {
    let since = maker.day(-3, 1, 16);
    let made = maker.moment(since);
    let id = maker.id(made);
    add_jurisdiction(maker, id, &plan, made)?;
    let term = add_terms(maker, id, since, made);
    let mut sectors = Vec::new();
    for (position, sector) in (0..).zip(SECTORS) {
        let sector_id = maker.id(made);
        sectors.push(sector_id);
        maker.rows.sectors.push(SectorRow {
            id: sector_id,
            jurisdiction_id: id,
            name: sector.name.to_owned(),
            position,
            from_day: since,
            to_day: None,
            version: 1,
            created_at: made,
            updated_at: made,
        });
    }
    let mut bodies = Bodies { jurisdiction: id, since, made, position: 0, place: plan.name.clone() };
    bodies.add(maker, "chairpersons_meeting", "主席会议", None, None);
    let office = bodies.led(maker, "general_office", "办公室", None);
    let affairs = bodies.led(maker, "member_affairs_committee", "委员工作委员会", Some("委员工委"));
    let committees: Vec<Body> =
        COMMITTEES.iter().map(|(name, short)| bodies.led(maker, "special_committee", name, Some(short))).collect();
    let groups = bodies.groups(maker, &sectors);
    let liaison: Vec<Id> = plan.townships.iter().map(|town| bodies.liaison(maker, town)).collect();
    let departments = DEPARTMENTS.iter().map(|(name, short)| bodies.add(maker, "department", name, Some(short), None)).collect();
    let allies = ALLIES.iter().map(|(kind, name, short)| bodies.ally(maker, kind, name, short)).collect();
    let moved_on = maker.day(0, 1, 1);
    add_correspondences(maker, id, &sectors, &committees, since, moved_on);
    let mut county = County {
        id,
        term,
        since,
        sectors,
        office,
        affairs,
        committees,
        groups,
        departments,
        allies,
        members: Vec::with_capacity(plan.members),
        informants: Vec::new(),
        moved_on,
        plan,
    };
    add_members(maker, &mut county);
    add_memberships(maker, &county, &liaison);
    for _ in 0..3 {
        let (person, name) = add_person(maker, id, Some("乡镇社情民意信息员".to_owned()), made);
        county.informants.push((person, name));
    }
    maker.rest()?;
    Ok(county)
}

fn add_jurisdiction(maker: &mut Maker<'_>, id: Id, plan: &Plan, made: Instant) -> Maybe<()> {
    maker.rows.jurisdictions.push(JurisdictionRow {
        id,
        parent_id: plan.parent,
        name: plan.name.clone(),
        level: Level::of(&plan.code).unwrap_or(Level::County).as_str(),
        time_zone: Zone::default().name(),
        version: 1,
        created_at: made,
        updated_at: made,
    });
    let regulation = NaiveDate::from_ymd_opt(2017, 7, 5).unwrap_or(maker.today);
    let (code, settings) = (maker.id(made), maker.id(made));
    maker.rows.codes.push(CodeRow { id: code, jurisdiction_id: id, code: plan.code.clone(), from_day: regulation, to_day: None });
    maker.rows.settings.push(SettingsRow {
        id: settings,
        jurisdiction_id: id,
        from_day: regulation,
        values: Json(json!(Settings::default())),
        reason: Some("苍政协〔2017〕25号".to_owned()),
        version: 1,
        created_at: made,
    });
    // The head of the audit chain refers to the jurisdiction.
    maker.write()?;
    record::begin(maker.conn, maker.seal, id)
}

/// The term that is, and the one before.
fn add_terms(maker: &mut Maker<'_>, jurisdiction: Id, since: NaiveDate, made: Instant) -> Id {
    let (before, now) = (maker.id(made), maker.id(made));
    let start = |years: i32| since.with_year(since.year() + years).unwrap_or(since);
    for (id, name, from, until) in [(before, "十届", -5, 0), (now, "十一届", 0, 5)] {
        maker.rows.terms.push(TermRow {
            id,
            jurisdiction_id: jurisdiction,
            name: name.to_owned(),
            starts_on: start(from),
            ends_on: super::dice::minus(start(until), 1),
            version: 1,
            created_at: made,
            updated_at: made,
        });
    }
    now
}

/// Makes organizations, one after the other.
struct Bodies {
    jurisdiction: Id,
    since: NaiveDate,
    made: Instant,
    position: i64,
    /// The jurisdiction's name, which stands in some of theirs.
    place: String,
}

impl Bodies {
    fn add(&mut self, maker: &mut Maker<'_>, kind: &'static str, name: &str, short: Option<&str>, place: Option<&str>) -> Id {
        let id = maker.id(self.made);
        self.position += 1;
        maker.rows.organizations.push(OrganizationRow {
            id,
            jurisdiction_id: self.jurisdiction,
            kind,
            name: name.replace("苍南县", &self.place),
            short_name: short.map(str::to_owned),
            place: place.map(str::to_owned),
            position: self.position,
            from_day: self.since,
            to_day: None,
            version: 1,
            created_at: self.made,
            updated_at: self.made,
        });
        id
    }

    /// A body of the committee's own, with its head and a clerk.
    fn led(&mut self, maker: &mut Maker<'_>, kind: &'static str, name: &str, short: Option<&str>) -> Body {
        let id = self.add(maker, kind, name, short, None);
        let unit = format!("政协{}委员会{name}", self.place);
        let (head, head_name) = add_person(maker, self.jurisdiction, Some(unit.clone()), self.made);
        let (clerk, _) = add_person(maker, self.jurisdiction, Some(unit), self.made);
        self.belong(maker, head, id, "chair");
        self.belong(maker, clerk, id, "staff");
        Body { id, name: name.to_owned(), head, head_name }
    }

    fn ally(&mut self, maker: &mut Maker<'_>, kind: &'static str, name: &str, short: &str) -> Body {
        let id = self.add(maker, kind, name, Some(short), None);
        let (head, head_name) = add_person(maker, self.jurisdiction, Some(name.replace("苍南县", &self.place)), self.made);
        self.belong(maker, head, id, "chair");
        Body { id, name: name.to_owned(), head, head_name }
    }

    fn groups(&mut self, maker: &mut Maker<'_>, sectors: &[Id]) -> Vec<Id> {
        let mut groups = Vec::new();
        for (at, name) in GROUPS.iter().enumerate() {
            let id = self.add(maker, "sector_group", name, None, None);
            let own = SECTORS.iter().zip(sectors).filter(|(sector, _)| sector.group == at);
            maker.rows.group_sectors.extend(own.map(|(_, sector)| GroupSectorRow { organization_id: id, sector_id: *sector }));
            groups.push(id);
        }
        groups
    }

    fn liaison(&mut self, maker: &mut Maker<'_>, town: &Township) -> Id {
        let name = format!("{}联络组", town.name.trim_end_matches(['镇', '乡']));
        self.add(maker, "liaison_group", &name, None, Some(town.name))
    }

    fn belong(&self, maker: &mut Maker<'_>, person: Id, organization: Id, duty: &'static str) {
        add_membership(maker, self.jurisdiction, (person, organization, duty), (self.since, None), self.made);
    }
}

fn add_correspondences(
    maker: &mut Maker<'_>,
    jurisdiction: Id,
    sectors: &[Id],
    committees: &[Body],
    since: NaiveDate,
    moved_on: NaiveDate,
) {
    for (at, sector) in SECTORS.iter().enumerate() {
        let whole = [(sector.committee, since, None)];
        let moved = [(MOVED.1, since, Some(super::dice::minus(moved_on, 1))), (sector.committee, moved_on, None)];
        for (committee, from_day, to_day) in if at == MOVED.0 { moved.as_slice() } else { whole.as_slice() } {
            let made = maker.moment(*from_day);
            let id = maker.id(made);
            maker.rows.correspondences.push(CorrespondenceRow {
                id,
                jurisdiction_id: jurisdiction,
                sector_id: sectors[at],
                organization_id: committees[*committee].id,
                from_day: *from_day,
                to_day: *to_day,
                resolution: Some(resolution(*from_day, 1)),
                version: 1,
                created_at: made,
                updated_at: made,
            });
        }
    }
}

/// The number of a resolution of the chairpersons' meeting.
pub fn resolution(day: NaiveDate, number: usize) -> String {
    format!("政协主席会议〔{}〕{number}号", day.year())
}

pub fn add_person(maker: &mut Maker<'_>, jurisdiction: Id, work_unit: Option<String>, made: Instant) -> (Id, String) {
    let (name, is_woman) = names::person(&mut maker.dice);
    let phone = maker.phone();
    let id = maker.id(made);
    maker.rows.persons.push(PersonRow {
        id,
        jurisdiction_id: jurisdiction,
        name: name.clone(),
        gender: Some(if is_woman { "female" } else { "male" }),
        phone: Some(maker.seal.close("persons.phone", &phone)),
        phone_hash: Some(maker.phone_hash(&phone)),
        work_unit,
        version: 1,
        created_at: made,
        updated_at: made,
    });
    (id, name)
}

fn add_membership(
    maker: &mut Maker<'_>,
    jurisdiction_id: Id,
    (person_id, organization_id, duty): (Id, Id, &'static str),
    (from_day, to_day): (NaiveDate, Option<NaiveDate>),
    made: Instant,
) {
    let id = maker.id(made);
    maker.rows.memberships.push(MembershipRow {
        id,
        jurisdiction_id,
        person_id,
        organization_id,
        duty,
        from_day,
        to_day,
        resolution: None,
        end_resolution: None,
        version: 1,
        created_at: made,
        updated_at: made,
    });
}

/// How the members are spread over the sectors: by their shares, the rest to the first ones.
fn places(members: usize) -> Vec<usize> {
    let all: usize = SECTORS.iter().map(|sector| sector.share).sum();
    let mut counts: Vec<usize> = SECTORS.iter().map(|sector| sector.share * members / all).collect();
    let missing = members - counts.iter().sum::<usize>();
    (0..missing).for_each(|at| counts[at % SECTORS.len()] += 1);
    counts
}

fn add_members(maker: &mut Maker<'_>, county: &mut County) {
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
        (8 | 18, 8) => vec![Seat { to: Some(super::dice::minus(maker.today, 25)), ..whole }],
        (12 | 17, 7) => vec![Seat { to: Some(plus(maker.today, 40)), ..whole }],
        // Moved from the youth to the economy at the half of last year.
        (6, 8) => {
            let moved = maker.day(-1, 7, 1);
            vec![Seat { to: Some(super::dice::minus(moved, 1)), ..whole }, Seat { sector: 13, from: moved, to: None }]
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
fn add_memberships(maker: &mut Maker<'_>, county: &County, liaison: &[Id]) {
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
