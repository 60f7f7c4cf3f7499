//! What was written and what became of it (arts. 16, 19, 25): each opinion walks its way through the table of states, step by
//! step on working days, until its story ends or yesterday is reached.

use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};

use super::county::{County, Member, resolution};
use super::dice::{minus, plus};
use super::maker::Maker;
use super::names::Township;
use super::rows::{MeetingRow, ResolutionRow, SourceRow};
use super::texts::{
    CPPCC, DECLINES, DISSATISFACTION, Matter, OBJECTION, RETENTION, RETURNS, SOCIAL, THANKS, TRANSFER, WITHDRAWAL, fill, long,
};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Maybe, Problem};
use crate::db::words::Json;
use crate::opinion::adoption_feedback::{ReceiptRow, ReceiptState, Satisfaction};
use crate::opinion::deadlines::Urgency;
use crate::opinion::meetings::MeetingState;
use crate::opinion::meetings::agenda::{AgendaItemState, ItemRow};
use crate::opinion::opinions::history::{Details, TransitionRow};
use crate::opinion::opinions::store::{OpinionRow, TextRow};
use crate::opinion::opinions::wire::{Intake, Outcome, Outlet};
use crate::opinion::way::{self, Clock, DueKind, Facts, State, To, Track};
use crate::policy::Op;

/// How a story goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Draft,
    /// It waits to be triaged.
    Submitted,
    Returned,
    Accepted,
    /// On the agenda of the next meeting.
    Reported,
    /// The meeting decided, nobody was told yet.
    Decided,
    /// Kept for reference, nobody was told yet.
    Kept,
    /// The author has not acknowledged yet.
    Answered,
    /// All the way, with the author content.
    Closed,
    /// The author never answered.
    Silent,
    Declined,
    /// Declined, objected to, taken up by the office.
    Objected,
    Withdrawn,
    /// Returned and never submitted again.
    Lapsed,
    /// Returned, submitted again, and all the way.
    Resubmitted,
    Retained,
    /// Handed from one body to another, then all the way.
    Transferred,
    /// The answer dissatisfied, and was given anew.
    Dissatisfied,
    /// Put off to the next meeting.
    Deferred,
    /// Written down for its author by the office.
    Registered,
}

use Fate::{
    Accepted, Answered, Closed, Decided, Declined, Deferred, Dissatisfied, Draft, Kept, Lapsed, Objected, Registered, Reported,
    Resubmitted, Retained, Returned, Silent, Submitted, Transferred, Withdrawn,
};

/// The frequent ones more than once.
const FATES: &[Fate] = &[
    Closed,
    Closed,
    Closed,
    Closed,
    Closed,
    Closed,
    Closed,
    Silent,
    Silent,
    Declined,
    Objected,
    Withdrawn,
    Lapsed,
    Resubmitted,
    Resubmitted,
    Retained,
    Retained,
    Transferred,
    Dissatisfied,
    Deferred,
    Registered,
    Registered,
];

/// Those that stand somewhere on the way today, and how many working days ago they were written so that they do.
const PENDING: &[(Fate, usize)] = &[
    (Draft, 3),
    (Submitted, 1),
    (Submitted, 2),
    (Submitted, 7),
    (Returned, 9),
    (Accepted, 9),
    (Accepted, 22),
    (Reported, 16),
    (Decided, 0),
    (Answered, 0),
    (Kept, 14),
    (Returned, 14),
];

/// What the first members of the demo find on their desks.
pub const DESK: &[&[Fate]] = &[
    &[Closed, Dissatisfied, Answered, Accepted, Returned, Submitted, Draft, Declined],
    &[Closed, Silent, Decided, Reported, Submitted, Draft],
    &[Closed, Retained, Answered, Submitted],
    &[Closed, Transferred, Reported, Submitted, Returned, Draft],
    &[Withdrawn, Draft],
];

/// A meeting of the chairpersons, as far as stories need it.
#[derive(Clone, Debug)]
struct Meeting {
    id: Id,
    held_on: NaiveDate,
    resolution: Option<Id>,
    items: i64,
}

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

/// What has been told of a county so far.
pub struct Stories {
    meetings: Vec<Meeting>,
    written: usize,
}

/// All opinions of a county, with the meetings that decide on them. `desk`: the members who come first.
pub fn make(maker: &mut Maker<'_>, county: &County, desk: &[usize]) -> Maybe<()> {
    let meetings = meetings(maker, county);
    let mut stories = Stories { meetings, written: 0 };
    for (at, fates) in desk.iter().zip(DESK) {
        for fate in *fates {
            let begins = stories.begins(maker, *fate);
            stories.tell(maker, county, Author::Member(*at), *fate, begins)?;
        }
    }
    if county.plan.is_lively {
        for fate in [Closed, Answered, Submitted, Returned, Draft] {
            let (informant, begins) = (county.informants[0].0, stories.begins(maker, fate));
            stories.tell(maker, county, Author::Person(informant), fate, begins)?;
        }
        for (ally, fate) in [Closed, Accepted, Submitted].into_iter().enumerate() {
            let begins = stories.begins(maker, fate);
            stories.tell(maker, county, Author::Ally(ally), fate, begins)?;
        }
    }
    let pending = county.plan.opinions / 5;
    for number in 0..county.plan.opinions.saturating_sub(stories.written) {
        let (fate, begins) = if number < pending {
            let (fate, ago) = PENDING[number % PENDING.len()];
            (fate, if ago == 0 { stories.begins(maker, fate) } else { working_days_before(maker, ago + jitter(number)) })
        } else {
            let (first, last) = (maker.day(-1, 1, 10), maker.yesterday());
            (maker.dice.one(FATES), maker.dice.day(first, last))
        };
        let author = maker.dice.below(county.members.len());
        let author = if county.members[author].sector_on(begins).is_some() { author } else { 0 };
        stories.tell(maker, county, Author::Member(author), fate, begins)?;
        maker.rest()?;
    }
    Ok(())
}

/// So that not all that wait were written on the same day.
fn jitter(number: usize) -> usize {
    number / PENDING.len() % 3
}

fn working_days_before(maker: &Maker<'_>, days: usize) -> NaiveDate {
    maker.deadlines.calendars.previous_working_days(maker.today, u32::try_from(days.max(1)).unwrap_or(1)).day
}

/// One meeting a month, on its third Thursday: two years of them, and those that are planned.
fn meetings(maker: &mut Maker<'_>, county: &County) -> Vec<Meeting> {
    let mut meetings = Vec::new();
    for months in 0..27_u32 {
        let first = maker.day(-1, 1, 1);
        let Some(month) = first.checked_add_months(chrono::Months::new(months)) else { continue };
        let to_thursday = (3 + 7 - month.weekday().num_days_from_monday()) % 7;
        let held_on = plus(month, usize::try_from(to_thursday).unwrap_or(0) + 14);
        if held_on > plus(maker.today, 65) {
            break;
        }
        let number = 13 + months;
        let made = maker.moment(minus(held_on, 40).min(maker.yesterday()));
        let id = maker.id(made);
        let is_over = held_on <= maker.yesterday();
        let closed = if is_over { maker.moment(held_on) } else { made };
        maker.rows.meetings.push(MeetingRow {
            id,
            jurisdiction_id: county.id,
            name: format!("十一届县政协第{number}次主席会议"),
            held_on,
            place: Some("县政协三楼会议室".to_owned()),
            state: if is_over { MeetingState::Closed } else { MeetingState::Planned }.as_str(),
            state_reason: None,
            closed_on: is_over.then_some(held_on),
            version: if is_over { 2 } else { 1 },
            created_at: made,
            updated_at: closed,
        });
        let resolved = is_over.then(|| {
            let resolved = maker.id(closed);
            maker.rows.resolutions.push(ResolutionRow {
                id: resolved,
                jurisdiction_id: county.id,
                meeting_id: id,
                number: resolution(held_on, usize::try_from(held_on.month()).unwrap_or(1) + 20),
                text: "会议研究了委员提出的对政协工作的意见建议，逐件作出决定，由办公室和有关专委会按期反馈作者。".to_owned(),
                replaces_id: None,
                created_at: closed,
            });
            resolved
        });
        meetings.push(Meeting { id, held_on, resolution: resolved, items: 0 });
    }
    meetings
}

impl Stories {
    /// When something was written that now stands at a certain point.
    fn begins(&self, maker: &mut Maker<'_>, fate: Fate) -> NaiveDate {
        let ago = PENDING.iter().find(|(of, _)| *of == fate).map(|(_, ago)| *ago);
        match (fate, ago) {
            // In time for the last meeting that was held.
            (Decided | Answered, _) => {
                let last = self.meetings.iter().rev().find(|meeting| meeting.held_on <= minus(maker.today, 4));
                last.map_or(maker.today, |last| minus(last.held_on, 26))
            }
            (_, Some(ago)) => working_days_before(maker, ago),
            (_, None) => {
                let (first, last) = (maker.day(-1, 3, 1), minus(maker.today, 110));
                maker.dice.day(first, last)
            }
        }
    }

    fn tell(&mut self, maker: &mut Maker<'_>, county: &County, author: Author, fate: Fate, begins: NaiveDate) -> Maybe<()> {
        self.written += 1;
        let begins = begins.min(maker.yesterday());
        let mut tale = Tale::begin(maker, county, self, author, fate, begins);
        tale.live(fate)?;
        let Tale { row, text, sources, .. } = tale;
        maker.rows.sources.extend(sources.into_iter().map(|constituent_id| SourceRow { opinion_id: row.id, constituent_id }));
        maker.rows.opinion(row, text);
        Ok(())
    }
}

/// Whose hand a step is.
#[derive(Clone, Copy)]
struct By {
    role: &'static str,
    person: Option<Id>,
    body: Option<Id>,
}

/// One opinion while it is told.
struct Tale<'t, 'm> {
    maker: &'t mut Maker<'m>,
    county: &'t County,
    stories: &'t mut Stories,
    author: By,
    matter: &'static Matter,
    place: &'static Township,
    /// The day of the last step, and its moment.
    day: NaiveDate,
    at: Instant,
    row: OpinionRow,
    text: TextRow,
    sources: Vec<Id>,
    /// The place of the open receipt among those that wait to be written.
    receipt: Option<usize>,
    /// Deeds come late.
    is_slow: bool,
}

impl<'t, 'm> Tale<'t, 'm> {
    fn begin(
        maker: &'t mut Maker<'m>,
        county: &'t County,
        stories: &'t mut Stories,
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
        let is_cppcc = !matches!(fate, Retained) && maker.dice.percent(45);
        let matters = if is_cppcc { CPPCC } else { SOCIAL };
        let matter = &matters[maker.dice.below(matters.len())];
        let place = member.map_or(&county.plan.townships[0], |member| county.township(member));
        let at = maker.moment(day);
        let id = maker.id(at);
        let mut row = blank(county.id, id, at);
        row.track = if is_cppcc { Track::CppccWork } else { Track::SocialConditions };
        row.title = fill(matter.title, place, &mut maker.dice);
        row.category = matter.category.to_owned();
        row.urgency =
            maker.dice.one(&[Urgency::Normal, Urgency::Normal, Urgency::Normal, Urgency::Normal, Urgency::Urgent, Urgency::Normal]);
        (row.author_person_id, row.author_organization_id) = if by.body.is_some() { (None, by.body) } else { (by.person, None) };
        let (mut text, sources) = written(maker, county, member, id, (matter, place), day);
        text.contact_person_id = by.body.and(by.person);
        let is_slow = maker.dice.percent(12);
        Self { maker, county, stories, author: by, matter, place, day, at, row, text, sources, receipt: None, is_slow }
    }

    /// Goes the way of its fate, as far as yesterday.
    fn live(&mut self, fate: Fate) -> Maybe<()> {
        let told = self.story(fate);
        match told {
            // Where a story is not yet at its end, it stands where it stands.
            Ok(()) | Err(Stop::NotYet) => Ok(()),
            Err(Stop::Wrong(problem)) => Err(problem),
        }
    }

    fn story(&mut self, fate: Fate) -> Told {
        if fate == Registered {
            self.register()?;
        } else {
            self.step(Op::opinion_create, self.author, Note::default())?;
            if fate == Draft {
                return Ok(());
            }
            self.submit(0)?;
        }
        match fate {
            Draft | Submitted => Ok(()),
            Returned => self.send_back(),
            Lapsed => {
                self.send_back()?;
                let lapses = self.row.due_on.map_or(self.day, |due| plus(due, 1));
                self.go_to(lapses)?;
                self.row.returned_on = None;
                self.step(Op::opinion_lapse, CLOCK, Note::default())?;
                self.tell_author("opinion_lapsed", json!({}));
                Ok(())
            }
            Resubmitted => {
                self.send_back()?;
                self.submit(5)?;
                self.walk_to_the_end(Some(Satisfaction::BasicallySatisfied))
            }
            Withdrawn => {
                self.pass(1, 2)?;
                self.step(Op::opinion_withdraw, self.author, Note::because(WITHDRAWAL))?;
                self.tell_owner("opinion_withdrawn");
                Ok(())
            }
            Declined => self.decline(),
            Objected => {
                self.decline()?;
                self.pass(2, 9)?;
                let previous = self.row.owner_id.replace(self.county.office.id);
                (self.row.accepted_by, self.row.outcome) = (None, None);
                self.step(Op::opinion_object, self.author, Note { previous_owner: previous, ..Note::because(OBJECTION) })?;
                self.row.objected = true;
                self.tell_owner("opinion_objected");
                self.walk_to_the_end(Some(Satisfaction::Satisfied))
            }
            Transferred => {
                self.pass(1, 1)?;
                let other = self.maker.dice.below(self.county.committees.len());
                let previous = self.row.owner_id.replace(self.county.committees[other].id);
                self.row.transfers = 1;
                let by = self.body(previous);
                self.step(Op::opinion_transfer, by, Note { previous_owner: previous, ..Note::because(TRANSFER) })?;
                self.tell_author("opinion_transferred", json!({}));
                self.tell_owner("opinion_transferred");
                self.walk_to_the_end(Some(Satisfaction::Satisfied))
            }
            Accepted => self.accept(),
            Reported => {
                self.accept()?;
                self.report()
            }
            Kept => self.retain(),
            Retained => {
                self.retain()?;
                self.feedback(RETENTION)?;
                self.acknowledge(Satisfaction::BasicallySatisfied)
            }
            Deferred => {
                self.accept()?;
                self.report()?;
                self.defer()?;
                self.decide()?;
                self.answer_and(Some(Satisfaction::Satisfied))
            }
            Decided => {
                self.accept()?;
                self.report()?;
                self.decide()
            }
            Answered => {
                self.accept()?;
                self.report()?;
                self.decide()?;
                // Told only lately, so that it can still be acknowledged.
                let lately = working_days_before(self.maker, 7);
                self.go_to(lately.max(self.day))?;
                self.feedback(self.matter.answer)
            }
            Closed | Registered => self.walk_to_the_end(Some(Satisfaction::Satisfied)),
            Silent => self.walk_to_the_end(None),
            Dissatisfied => {
                self.walk_to_the_end(Some(Satisfaction::Dissatisfied))?;
                self.feedback("经再次研究，明确由责任单位在本季度内完成，进展情况按月告知。")?;
                self.acknowledge(Satisfaction::BasicallySatisfied)
            }
        }
    }

    fn retain(&mut self) -> Told {
        self.accept()?;
        self.pass(2, 5)?;
        self.row.outcome = Some(Outcome::Retained);
        let by = self.owner();
        self.step(Op::opinion_retain, by, Note { outcome: self.row.outcome, ..Note::because(RETENTION) })?;
        self.tell_author("opinion_decided", json!({"outcome": Outcome::Retained}));
        Ok(())
    }

    /// Accepted, put before a meeting, decided, told; `None`: the author never answers.
    fn walk_to_the_end(&mut self, satisfaction: Option<Satisfaction>) -> Told {
        self.accept()?;
        self.report()?;
        self.decide()?;
        self.answer_and(satisfaction)
    }

    fn answer_and(&mut self, satisfaction: Option<Satisfaction>) -> Told {
        self.feedback(self.matter.answer)?;
        match satisfaction {
            Some(satisfaction) => self.acknowledge(satisfaction),
            None => self.time_passes(),
        }
    }

    fn submit(&mut self, after: usize) -> Told {
        self.pass(after, after + 1)?;
        self.enter();
        self.step(Op::opinion_submit, self.author, Note::default())?;
        self.tell_owner("opinion_submitted");
        Ok(())
    }

    /// What the first submission settles: sector, day, owner.
    fn enter(&mut self) {
        self.row.returned_on = None;
        if self.row.submitted_on.is_some() {
            return;
        }
        let member = self.county.members.iter().find(|member| Some(member.person) == self.row.author_person_id);
        let sector = member.and_then(|member| member.sector_on(self.day));
        self.row.sector_id = sector.map(|sector| self.county.sectors[sector]);
        let committee = sector.map(|sector| self.county.committees[self.county.corresponding(sector, self.day)].id);
        let by_track = committee.filter(|_| self.row.track == Track::CppccWork);
        self.row.owner_id = Some(by_track.unwrap_or(self.county.office.id));
        self.row.submitted_on = Some(self.day);
    }

    fn register(&mut self) -> Told {
        let office = &self.county.office;
        self.text.intake = self.maker.dice.one(&[Intake::Letter, Intake::Telephone, Intake::AppointmentMeeting, Intake::InPerson]);
        self.row.recorded_by = Some(office.head);
        (self.text.event_id, self.sources) = (None, Vec::new());
        self.enter();
        let by = By { role: "office", person: Some(office.head), body: Some(office.id) };
        self.step(Op::opinion_register, by, Note::default())?;
        self.tell_author("opinion_registered", json!({}));
        self.tell_owner("opinion_submitted");
        Ok(())
    }

    fn accept(&mut self) -> Told {
        self.pass(1, 3)?;
        let by = self.owner();
        self.row.accepted_by = self.row.owner_id;
        let mut note = Note::default();
        let office = Some(self.county.office.id);
        if self.row.track == Track::SocialConditions && self.row.owner_id != office {
            note.previous_owner = std::mem::replace(&mut self.row.owner_id, office);
        }
        self.step(Op::opinion_accept, by, note)?;
        self.tell_author("opinion_accepted", json!({}));
        if self.row.owner_id != self.row.accepted_by {
            self.tell_owner("opinion_to_report");
        }
        Ok(())
    }

    fn send_back(&mut self) -> Told {
        self.pass(1, 3)?;
        let (by, reason) = (self.owner(), self.maker.dice.pick(RETURNS));
        self.row.returned_on = Some(self.day);
        self.row.accepted_by = None;
        self.step(Op::opinion_return, by, Note::because(reason))?;
        self.tell_author("opinion_returned", json!({"due_on": self.row.due_on}));
        Ok(())
    }

    fn decline(&mut self) -> Told {
        self.pass(1, 3)?;
        let (by, reason) = (self.owner(), self.maker.dice.pick(DECLINES));
        let in_time = self.row.due_on.map(|due| self.day <= due);
        (self.row.declined_by, self.row.declined_on) = (by.person, Some(self.day));
        self.row.outcome = Some(Outcome::Declined);
        self.row.round += 1;
        self.step(Op::opinion_decline, by, Note { outcome: self.row.outcome, ..Note::because(reason) })?;
        self.give(by, reason, in_time, ReceiptState::NotRequired);
        self.tell_author("opinion_declined", json!({"due_on": self.row.due_on}));
        Ok(())
    }

    /// Onto the agenda of the next meeting that is yet to come.
    fn report(&mut self) -> Told {
        self.pass(2, 6)?;
        let next = self.next_meeting(self.day)?;
        self.put_on(next);
        let by = if self.row.track == Track::CppccWork { self.owner() } else { self.office() };
        self.step(Op::opinion_report, by, Note::on(&self.stories.meetings[next]))?;
        self.tell_author("opinion_reported", json!({"held_on": self.stories.meetings[next].held_on}));
        Ok(())
    }

    fn next_meeting(&self, after: NaiveDate) -> Result<usize, Stop> {
        self.stories.meetings.iter().position(|meeting| meeting.held_on > after).ok_or(Stop::NotYet)
    }

    fn put_on(&mut self, meeting: usize) {
        let of = &mut self.stories.meetings[meeting];
        of.items += 1;
        self.row.meeting_id = Some(of.id);
        let id = self.maker.id(self.at);
        self.maker.rows.items.push(ItemRow {
            id,
            jurisdiction_id: self.county.id,
            meeting_id: of.id,
            opinion_id: self.row.id,
            position: of.items,
            state: AgendaItemState::Open,
            reason: None,
            version: 1,
            created_at: self.at,
        });
    }

    /// What became of the item that was put on an agenda last. It waits to be written still, since a story is told in one go.
    fn end_item(&mut self, state: AgendaItemState, reason: Option<&str>) {
        let own = self.row.id;
        if let Some(item) = self.maker.rows.items.iter_mut().rev().find(|item| item.opinion_id == own) {
            (item.state, item.reason, item.version) = (state, reason.map(str::to_owned), item.version + 1);
        }
    }

    fn present_meeting(&self) -> Result<usize, Stop> {
        let found = self.stories.meetings.iter().position(|meeting| Some(meeting.id) == self.row.meeting_id);
        found.ok_or_else(|| Stop::Wrong(Problem::internal("a story on no agenda")))
    }

    fn defer(&mut self) -> Told {
        let present = self.present_meeting()?;
        let before = minus(self.stories.meetings[present].held_on, 2).max(plus(self.day, 1));
        self.go_to(before)?;
        let next = self.next_meeting(self.stories.meetings[present].held_on)?;
        let reason = "材料尚需补充，推迟到下一次会议。";
        self.end_item(AgendaItemState::Deferred, Some(reason));
        self.put_on(next);
        let by = self.office();
        self.step(Op::opinion_defer, by, Note { reason: Some(reason.to_owned()), ..Note::on(&self.stories.meetings[next]) })?;
        self.tell_owner("opinion_deferred");
        Ok(())
    }

    /// Decided by the meeting on its day; what it had no time for goes on to the next.
    fn decide(&mut self) -> Told {
        let mut present = self.present_meeting()?;
        self.go_to(self.stories.meetings[present].held_on)?;
        if self.is_slow {
            self.go_to(plus(self.day, 1))?;
            present = self.next_meeting(self.day)?;
            self.end_item(AgendaItemState::CarriedOver, None);
            self.put_on(present);
            self.step(Op::agenda_carry_over, CLOCK, Note::on(&self.stories.meetings[present]))?;
            self.tell_owner("opinion_carried_over");
            self.go_to(self.stories.meetings[present].held_on)?;
        }
        let meeting = &self.stories.meetings[present];
        let (id, resolution) = (meeting.id, meeting.resolution.ok_or(Stop::NotYet)?);
        let outcomes = [Outcome::Adopted, Outcome::Adopted, Outcome::PartiallyAdopted, Outcome::NotAdopted];
        let outcome = match self.matter.answer.split('：').next() {
            Some("部分采纳") => Outcome::PartiallyAdopted,
            Some("未采纳") => Outcome::NotAdopted,
            Some("采纳") => Outcome::Adopted,
            _ => self.maker.dice.one(&outcomes[..3]),
        };
        self.end_item(AgendaItemState::Decided, None);
        self.row.outcome = Some(outcome);
        self.row.resolution_id = Some(resolution);
        let note = Note { meeting: Some(id), resolution: Some(resolution), outcome: Some(outcome), ..Note::default() };
        let by = self.office();
        self.step(Op::opinion_decide, by, note)?;
        self.tell_author("opinion_decided", json!({"outcome": outcome}));
        self.tell_owner("opinion_decided");
        Ok(())
    }

    fn feedback(&mut self, answer: &'static str) -> Told {
        self.pass(1, 4)?;
        let by = self.owner();
        let in_time = self.row.due_on.map(|due| self.day <= due);
        self.row.round += 1;
        self.row.reopened = false;
        self.step(Op::opinion_feedback, by, Note { outcome: self.row.outcome, ..Note::default() })?;
        let answer = fill(answer, self.place, &mut self.maker.dice);
        self.give(by, &answer, in_time, ReceiptState::Open);
        self.tell_author("opinion_answered", json!({"outcome": self.row.outcome, "due_on": self.row.due_on}));
        Ok(())
    }

    fn give(&mut self, by: By, text: &str, in_time: Option<bool>, state: ReceiptState) {
        let (id, row) = (self.maker.id(self.at), &self.row);
        let receipt = ReceiptRow {
            id,
            jurisdiction_id: self.county.id,
            opinion_id: row.id,
            round: row.round,
            author_person_id: row.author_person_id,
            author_organization_id: row.author_organization_id,
            sector_id: row.sector_id,
            owner_id: row.owner_id,
            outcome: row.outcome.unwrap_or(Outcome::Retained),
            text: text.to_owned(),
            given_on: self.day,
            given_by: by.person,
            in_time,
            due_on: row.due_on.filter(|_| state == ReceiptState::Open),
            state,
            satisfaction: None,
            comment: None,
            acknowledged_at: None,
            version: 1,
            created_at: self.at,
            updated_at: self.at,
        };
        self.receipt = Some(self.maker.rows.receipts.len());
        self.maker.rows.receipts.push(receipt);
    }

    fn end_receipt(&mut self, state: ReceiptState, satisfaction: Option<Satisfaction>, comment: Option<&str>) {
        let at = self.at;
        let receipt = self.receipt.take().and_then(|place| self.maker.rows.receipts.get_mut(place));
        if let Some(receipt) = receipt {
            (receipt.state, receipt.satisfaction) = (state, satisfaction);
            receipt.comment = comment.map(str::to_owned);
            receipt.acknowledged_at = satisfaction.map(|_| at);
            (receipt.version, receipt.updated_at) = (2, at);
        }
    }

    fn acknowledge(&mut self, satisfaction: Satisfaction) -> Told {
        self.pass(1, 9)?;
        let is_first = satisfaction == Satisfaction::Dissatisfied && !self.row.dissatisfied;
        if is_first {
            (self.row.dissatisfied, self.row.reopened) = (true, true);
        }
        self.step(Op::feedback_acknowledge, self.author, Note { dissatisfied: is_first, ..Note::default() })?;
        let comment =
            if is_first { Some(DISSATISFACTION) } else { self.maker.dice.percent(50).then(|| self.maker.dice.pick(THANKS)) };
        self.end_receipt(ReceiptState::Acknowledged, Some(satisfaction), comment);
        if is_first {
            self.tell_owner("opinion_dissatisfied");
        }
        Ok(())
    }

    /// Nobody answers until the time is over.
    fn time_passes(&mut self) -> Told {
        let over = self.row.due_on.map_or(self.day, |due| plus(due, 1));
        self.go_to(over)?;
        self.step(Op::feedback_close, CLOCK, Note::default())?;
        self.end_receipt(ReceiptState::NoResponse, None, None);
        self.tell_owner("opinion_closed");
        Ok(())
    }

    /// Some working days go by; more where things go slowly.
    fn pass(&mut self, least: usize, most: usize) -> Told {
        let days = self.maker.dice.within(least, most) + if self.is_slow && most > 2 { 5 } else { 0 };
        let day = if days == 0 { self.day } else { self.maker.working_days_after(self.day, days) };
        self.go_to(day)
    }

    fn go_to(&mut self, day: NaiveDate) -> Told {
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
    fn step(&mut self, op: Op, by: By, note: Note) -> Told {
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

    fn begin_clock(&mut self, kind: DueKind, from: NaiveDate) {
        let due = self.maker.deadlines.due(kind, self.row.urgency, from);
        (self.row.due_kind, self.row.due_on, self.row.due_assumed) = (Some(kind), Some(due.day), due.assumed);
    }

    fn office(&self) -> By {
        self.body(Some(self.county.office.id))
    }

    fn owner(&self) -> By {
        self.body(self.row.owner_id)
    }

    fn body(&self, id: Option<Id>) -> By {
        let committee = self.county.committees.iter().find(|committee| Some(committee.id) == id);
        let (role, body) = committee.map_or(("office", &self.county.office), |committee| ("committee", committee));
        By { role, person: Some(body.head), body: Some(body.id) }
    }

    fn tell_author(&mut self, kind: &str, params: Value) {
        self.notify(kind, self.row.author_person_id, self.row.author_organization_id, params);
    }

    fn tell_owner(&mut self, kind: &str) {
        self.notify(kind, None, self.row.owner_id, json!({"due_on": self.row.due_on}));
    }

    fn notify(&mut self, kind: &str, person: Option<Id>, body: Option<Id>, params: Value) {
        if self.maker.is_of_late(self.day) {
            self.maker.tell(kind, (self.county.id, "opinion", self.row.id), (person, body), params, self.at);
        }
    }
}

const CLOCK: By = By { role: "clock", person: None, body: None };

/// Why a story goes no further.
enum Stop {
    /// The rest is yet to come.
    NotYet,
    Wrong(Problem),
}

type Told = Result<(), Stop>;

/// What belongs to a step beside from where to where.
#[derive(Clone, Debug, Default)]
struct Note {
    reason: Option<String>,
    meeting: Option<Id>,
    resolution: Option<Id>,
    outcome: Option<Outcome>,
    previous_owner: Option<Id>,
    counted_from: Option<NaiveDate>,
    dissatisfied: bool,
}

impl Note {
    fn because(reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()), ..Self::default() }
    }

    fn on(meeting: &Meeting) -> Self {
        Self { meeting: Some(meeting.id), counted_from: Some(meeting.held_on), ..Self::default() }
    }
}

fn blank(jurisdiction_id: Id, id: Id, at: Instant) -> OpinionRow {
    OpinionRow {
        id,
        jurisdiction_id,
        track: Track::SocialConditions,
        state: State::Draft,
        title: String::new(),
        category: String::new(),
        urgency: Urgency::Normal,
        author_person_id: None,
        author_organization_id: None,
        sector_id: None,
        recorded_by: None,
        owner_id: None,
        accepted_by: None,
        submitted_on: None,
        returned_on: None,
        due_kind: None,
        due_on: None,
        due_assumed: false,
        transfers: 0,
        objected: false,
        declined_by: None,
        declined_on: None,
        dissatisfied: false,
        round: 0,
        meeting_id: None,
        outcome: None,
        resolution_id: None,
        reminded_on: None,
        reopened: false,
        version: 1,
        created_at: at,
        updated_at: at,
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
