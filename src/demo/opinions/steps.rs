//! The steps that an opinion can take, each with what it leaves behind.

use chrono::NaiveDate;
use serde_json::json;

use crate::base::problem::Problem;
use crate::demo::dice::{minus, plus};
use crate::demo::texts::{DECLINES, DISSATISFACTION, RETENTION, RETURNS, THANKS, fill};
use crate::opinion::adoption_feedback::{ReceiptRow, ReceiptState, Satisfaction};
use crate::opinion::meetings::agenda::{AgendaItemState, ItemRow};
use crate::opinion::opinions::wire::{Intake, Outcome};
use crate::opinion::way::Track;
use crate::policy::Op;

use super::tale::{By, CLOCK, Note, Stop, Tale, Told};

impl Tale<'_, '_> {
    pub fn submit(&mut self, after: usize) -> Told {
        self.pass(after, after + 1)?;
        self.enter();
        self.step(Op::opinion_submit, self.author, Note::default())?;
        self.tell_owner("opinion_submitted");
        Ok(())
    }

    /// What the first submission settles: sector, day, owner.
    pub fn enter(&mut self) {
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

    pub fn register(&mut self) -> Told {
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

    pub fn accept(&mut self) -> Told {
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

    pub fn send_back(&mut self) -> Told {
        self.pass(1, 3)?;
        let (by, reason) = (self.owner(), self.maker.dice.pick(RETURNS));
        self.row.returned_on = Some(self.day);
        self.row.accepted_by = None;
        self.step(Op::opinion_return, by, Note::because(reason))?;
        self.tell_author("opinion_returned", json!({"due_on": self.row.due_on}));
        Ok(())
    }

    pub fn decline(&mut self) -> Told {
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
    pub fn report(&mut self) -> Told {
        self.pass(2, 6)?;
        let next = self.next_meeting(self.day)?;
        self.put_on(next);
        let by = if self.row.track == Track::CppccWork { self.owner() } else { self.office() };
        self.step(Op::opinion_report, by, Note::on(&self.meetings[next]))?;
        self.tell_author("opinion_reported", json!({"held_on": self.meetings[next].held_on}));
        Ok(())
    }

    pub fn next_meeting(&self, after: NaiveDate) -> Result<usize, Stop> {
        self.meetings.iter().position(|meeting| meeting.held_on > after).ok_or(Stop::NotYet)
    }

    pub fn put_on(&mut self, meeting: usize) {
        let of = &mut self.meetings[meeting];
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
    pub fn end_item(&mut self, state: AgendaItemState, reason: Option<&str>) {
        let own = self.row.id;
        if let Some(item) = self.maker.rows.items.iter_mut().rev().find(|item| item.opinion_id == own) {
            (item.state, item.reason, item.version) = (state, reason.map(str::to_owned), item.version + 1);
        }
    }

    pub fn present_meeting(&self) -> Result<usize, Stop> {
        let found = self.meetings.iter().position(|meeting| Some(meeting.id) == self.row.meeting_id);
        found.ok_or_else(|| Stop::Wrong(Problem::internal("a story on no agenda")))
    }

    pub fn defer(&mut self) -> Told {
        let present = self.present_meeting()?;
        let before = minus(self.meetings[present].held_on, 2).max(plus(self.day, 1));
        self.go_to(before)?;
        let next = self.next_meeting(self.meetings[present].held_on)?;
        let reason = "材料尚需补充，推迟到下一次会议。";
        self.end_item(AgendaItemState::Deferred, Some(reason));
        self.put_on(next);
        let by = self.office();
        self.step(Op::opinion_defer, by, Note { reason: Some(reason.to_owned()), ..Note::on(&self.meetings[next]) })?;
        self.tell_owner("opinion_deferred");
        Ok(())
    }

    /// Decided by the meeting on its day; what it had no time for goes on to the next.
    pub fn decide(&mut self) -> Told {
        let mut present = self.present_meeting()?;
        self.go_to(self.meetings[present].held_on)?;
        if self.is_slow {
            self.go_to(plus(self.day, 1))?;
            present = self.next_meeting(self.day)?;
            self.end_item(AgendaItemState::CarriedOver, None);
            self.put_on(present);
            self.step(Op::agenda_carry_over, CLOCK, Note::on(&self.meetings[present]))?;
            self.tell_owner("opinion_carried_over");
            self.go_to(self.meetings[present].held_on)?;
        }
        let meeting = &self.meetings[present];
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

    pub fn feedback(&mut self, answer: &'static str) -> Told {
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

    pub fn give(&mut self, by: By, text: &str, in_time: Option<bool>, state: ReceiptState) {
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

    pub fn end_receipt(&mut self, state: ReceiptState, satisfaction: Option<Satisfaction>, comment: Option<&str>) {
        let at = self.at;
        let receipt = self.receipt.take().and_then(|place| self.maker.rows.receipts.get_mut(place));
        if let Some(receipt) = receipt {
            (receipt.state, receipt.satisfaction) = (state, satisfaction);
            receipt.comment = comment.map(str::to_owned);
            receipt.acknowledged_at = satisfaction.map(|_| at);
            (receipt.version, receipt.updated_at) = (2, at);
        }
    }

    pub fn acknowledge(&mut self, satisfaction: Satisfaction) -> Told {
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
    pub fn time_passes(&mut self) -> Told {
        let over = self.row.due_on.map_or(self.day, |due| plus(due, 1));
        self.go_to(over)?;
        self.step(Op::feedback_close, CLOCK, Note::default())?;
        self.end_receipt(ReceiptState::NoResponse, None, None);
        self.tell_owner("opinion_closed");
        Ok(())
    }

    pub fn retain(&mut self) -> Told {
        self.accept()?;
        self.pass(2, 5)?;
        self.row.outcome = Some(Outcome::Retained);
        let by = self.owner();
        self.step(Op::opinion_retain, by, Note { outcome: self.row.outcome, ..Note::because(RETENTION) })?;
        self.tell_author("opinion_decided", json!({"outcome": Outcome::Retained}));
        Ok(())
    }
}
