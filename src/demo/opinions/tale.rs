//! One opinion while it is told: its time goes on, and the table of states is walked step by step.

use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::Problem;
use crate::db::words::Json;
use crate::demo::county::{County, Member};
use crate::demo::maker::Maker;
use crate::demo::names::Township;
use crate::demo::texts::{CPPCC, Matter, SOCIAL, fill, long};
use crate::opinion::deadlines::Urgency;
use crate::opinion::opinions::history::{Details, TransitionRow};
use crate::opinion::opinions::store::{OpinionRow, TextRow};
use crate::opinion::opinions::wire::{Intake, Outcome, Outlet};
use crate::opinion::way::{self, Clock, DueKind, Facts, To, Track};
use crate::policy::Op;

use super::fates::Fate;
use super::meetings::Meeting;

/// Who wrote something.
#[derive(Clone, Copy, Debug)]
pub enum Author {
    /// A member, by the place among the members.
    Member(usize),
    /// Somebody who is no member.
    Person(Id),
    /// An organization, by the place among the allies.
    Ally(usize),
}

/// Whose hand a step is.
#[derive(Clone, Copy)]
pub struct By {
    pub role: &'static str,
    pub person: Option<Id>,
    pub body: Option<Id>,
}

/// One opinion while it is told.
pub struct Tale<'t, 'm> {
    pub maker: &'t mut Maker<'m>,
    pub county: &'t County,
    pub meetings: &'t mut Vec<Meeting>,
    pub author: By,
    pub matter: &'static Matter,
    pub place: &'static Township,
    /// The day of the last step, and its moment.
    pub day: NaiveDate,
    pub at: Instant,
    pub row: OpinionRow,
    pub text: TextRow,
    pub sources: Vec<Id>,
    /// The place of the open receipt among those that wait to be written.
    pub receipt: Option<usize>,
    /// Deeds come late.
    pub is_slow: bool,
}

impl<'t, 'm> Tale<'t, 'm> {
    pub fn begin(
        maker: &'t mut Maker<'m>,
        county: &'t County,
        meetings: &'t mut Vec<Meeting>,
        author: Author,
        fate: Fate,
        day: NaiveDate,
    ) -> Self {
        let (by, member) = match author {
            Author::Member(at) => {
                let member = &county.members[at];
                (By { role: "member", person: Some(member.person), body: None }, Some(member))
            }
            Author::Person(person) => (By { role: "contributor", person: Some(person), body: None }, None),
            Author::Ally(at) => {
                let ally = &county.allies[at];
                (By { role: "contributor", person: Some(ally.head), body: Some(ally.id) }, None)
            }
        };
        let is_cppcc = !matches!(fate, Fate::Retained) && maker.dice.percent(45);
        let matters = if is_cppcc { CPPCC } else { SOCIAL };
        let matter = &matters[maker.dice.below(matters.len())];
        let place = member.map_or(&county.plan.townships[0], |member| county.township(member));
        let at = maker.moment(day);
        let id = maker.id(at);
        let mut row = OpinionRow::blank(county.id, id, at);
        row.track = if is_cppcc { Track::CppccWork } else { Track::SocialConditions };
        row.title = fill(matter.title, place, &mut maker.dice);
        row.category = matter.category.to_owned();
        row.urgency =
            maker.dice.one(&[Urgency::Normal, Urgency::Normal, Urgency::Normal, Urgency::Normal, Urgency::Urgent, Urgency::Normal]);
        (row.author_person_id, row.author_organization_id) = if by.body.is_some() { (None, by.body) } else { (by.person, None) };
        let (mut text, sources) = written(maker, county, member, id, (matter, place), day);
        text.contact_person_id = by.body.and(by.person);
        let is_slow = maker.dice.percent(12);
        Self { maker, county, meetings, author: by, matter, place, day, at, row, text, sources, receipt: None, is_slow }
    }

    /// Some working days go by; more where things go slowly.
    pub fn pass(&mut self, least: usize, most: usize) -> Told {
        let days = self.maker.dice.within(least, most) + if self.is_slow && most > 2 { 5 } else { 0 };
        let day = if days == 0 { self.day } else { self.maker.working_days_after(self.day, days) };
        self.go_to(day)
    }

    pub fn go_to(&mut self, day: NaiveDate) -> Told {
        if day > self.maker.yesterday() {
            return Err(Stop::NotYet);
        }
        let moment = self.maker.moment(day);
        let just_after = self.at.plus(chrono::TimeDelta::seconds(97));
        self.at = if day > self.day { moment } else { moment.max(just_after) };
        self.day = day;
        Ok(())
    }

    /// One step by the table of states.
    pub fn step(&mut self, op: Op, by: By, note: Note) -> Told {
        let before = (op != Op::opinion_create && op != Op::opinion_register).then_some(self.row.state);
        let facts = Facts {
            reopened: self.row.reopened,
            may_object: !self.row.objected,
            first_dissatisfied: note.dissatisfied,
            ..Facts::default()
        };
        let edge = way::next(before, op, &facts)
            .ok_or_else(|| Stop::Wrong(Problem::internal(format!("no step {op} from {:?}", self.row.state))))?;
        if let To::State(to) = edge.to {
            self.row.state = to;
        }
        match edge.due {
            Clock::Keeps => {}
            Clock::Stops => (self.row.due_kind, self.row.due_on, self.row.due_assumed) = (None, None, false),
            Clock::Starts(kind) => self.begin_clock(kind, note.counted_from.unwrap_or(self.day)),
        }
        self.row.version += i64::from(before.is_some());
        self.row.updated_at = self.at;
        let id = self.maker.id(self.at);
        let details = Details {
            meeting: note.meeting,
            resolution: note.resolution,
            outcome: note.outcome,
            track: None,
            previous_owner: note.previous_owner,
        };
        self.maker.rows.steps.push(TransitionRow {
            id,
            jurisdiction_id: self.county.id,
            opinion_id: self.row.id,
            at: self.at,
            op: op.as_str().to_owned(),
            from_state: before,
            to_state: self.row.state,
            role: by.role.to_owned(),
            person_id: by.person,
            organization_id: by.body,
            owner_id: self.row.owner_id,
            reason: note.reason,
            details: Json(json!(details)),
        });
        Ok(())
    }

    pub fn begin_clock(&mut self, kind: DueKind, from: NaiveDate) {
        let due = self.maker.deadlines.due(kind, self.row.urgency, from);
        (self.row.due_kind, self.row.due_on, self.row.due_assumed) = (Some(kind), Some(due.day), due.assumed);
    }

    pub fn office(&self) -> By {
        self.body(Some(self.county.office.id))
    }

    pub fn owner(&self) -> By {
        self.body(self.row.owner_id)
    }

    pub fn body(&self, id: Option<Id>) -> By {
        let committee = self.county.committees.iter().find(|committee| Some(committee.id) == id);
        let (role, body) = committee.map_or(("office", &self.county.office), |committee| ("committee", committee));
        By { role, person: Some(body.head), body: Some(body.id) }
    }

    pub fn tell_author(&mut self, kind: &str, params: Value) {
        self.notify(kind, self.row.author_person_id, self.row.author_organization_id, params);
    }

    pub fn tell_owner(&mut self, kind: &str) {
        self.notify(kind, None, self.row.owner_id, json!({"due_on": self.row.due_on}));
    }

    pub fn notify(&mut self, kind: &str, person: Option<Id>, body: Option<Id>, params: Value) {
        if self.maker.is_of_late(self.day) {
            self.maker.tell(kind, (self.county.id, "opinion", self.row.id), (person, body), params, self.at);
        }
    }
}

pub const CLOCK: By = By { role: "clock", person: None, body: None };

/// Why a story goes no further.
pub enum Stop {
    /// The rest is yet to come.
    NotYet,
    Wrong(Problem),
}

pub type Told = Result<(), Stop>;

/// What belongs to a step beside from where to where.
#[derive(Clone, Debug, Default)]
pub struct Note {
    pub reason: Option<String>,
    pub meeting: Option<Id>,
    pub resolution: Option<Id>,
    pub outcome: Option<Outcome>,
    pub previous_owner: Option<Id>,
    pub counted_from: Option<NaiveDate>,
    pub dissatisfied: bool,
}

impl Note {
    pub fn because(reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()), ..Self::default() }
    }

    pub fn on(meeting: &Meeting) -> Self {
        Self { meeting: Some(meeting.id), counted_from: Some(meeting.held_on), ..Self::default() }
    }
}

/// The text, and the people from whom it was heard.
fn written(
    maker: &mut Maker<'_>,
    county: &County,
    member: Option<&Member>,
    opinion_id: Id,
    (matter, place): (&Matter, &Township),
    day: NaiveDate,
) -> (TextRow, Vec<Id>) {
    let (situation, analysis, suggestions) = if county.plan.text > 0 {
        long(matter, place, &mut maker.dice, county.plan.text)
    } else {
        let dice = &mut maker.dice;
        (fill(matter.situation, place, dice), fill(matter.analysis, place, dice), fill(matter.suggestions, place, dice))
    };
    let contact = member.and_then(|member| member.contacts.iter().rev().find(|(_, on)| *on < day));
    let dice = &mut maker.dice;
    let event_id = contact.map(|(event, _)| *event).filter(|_| dice.percent(45));
    let sources = match member {
        Some(member) if dice.percent(40) => dice.some(&member.constituents, 1),
        _ => Vec::new(),
    };
    let is_cppcc = matter.category == "cppcc";
    let kinds = if is_cppcc {
        "cppcc_work"
    } else {
        dice.pick(&["county_affairs,constituent_needs", "constituent_needs", "policy_and_law,county_affairs"])
    };
    let text = TextRow {
        opinion_id,
        situation,
        analysis: dice.percent(92).then_some(analysis),
        suggestions: Some(suggestions),
        content_kinds: kinds.to_owned(),
        intake: dice.one(&[Intake::Online, Intake::Online, Intake::Online, Intake::Campaign]),
        outlet: dice.one(&[Outlet::Information, Outlet::Information, Outlet::Information, Outlet::Proposal]),
        may_publish: dice.percent(60),
        no_state_secrets: true,
        owner_choice: None,
        event_id,
        contact_person_id: None,
        client_ref: None,
    };
    (text, sources)
}
