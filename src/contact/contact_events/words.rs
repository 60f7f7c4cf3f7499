//! What the other side says of a record (art. 1), and what the member affairs committee makes of a dispute.

use serde_json::{Value, json};

use super::states;
use super::store::{self, Event, ParticipantRow};
use super::wire::{Confirmation, ContactEventState, SettleOutcome};
use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::db::Tx;
use crate::directory::in_force;
use crate::policy::Op;
use crate::record::{self, Thing, To};

/// The kind of the body that settles disputes.
const SETTLES: &str = "member_affairs_committee";

/// Takes down the caller's word, as a participant and for the committee that the caller speaks for.
pub fn give(tx: &mut Tx<'_>, op: Op, event: &mut Event, word: Confirmation, reason: Option<&str>) -> Maybe<()> {
    let own = event.part_of(tx.caller).map(|one| one.row.person_id);
    let reason = reason.map(str::to_owned);
    let mut changed: Option<ParticipantRow> = None;
    for one in event.participants.iter_mut().filter(|one| Some(one.row.person_id) == own) {
        one.row.confirmation = word;
        one.row.reason.clone_from(&reason);
        one.row.answered_at = Some(tx.now);
        changed = Some(one.row.clone());
    }
    if states::speaks_for_contacted(tx.caller, event, op) {
        event.row.body_confirmation = Some(word);
        event.row.body_reason = reason;
        event.row.body_answered_by = tx.caller.person;
    }
    event.row.state = states::state_of(event.words(), event.row.settled);
    store::save(tx, event)?;
    store::save_words(tx, changed.as_slice())?;
    record::deed(tx, op, event);
    let kind = if word == Confirmation::Disputed { "contact_event_disputed" } else { "contact_event_confirmed" };
    let mut told = vec![To::Person(event.row.recorded_by)];
    if word == Confirmation::Disputed {
        told.extend(in_force::the_body(tx, SETTLES)?.map(To::Body));
    }
    tell(tx, event, &told, kind)
}

/// Ends a dispute. The disputes that stand are overruled, or the record is voided.
pub fn settle(tx: &mut Tx<'_>, event: &mut Event, outcome: SettleOutcome, reason: &str) -> Maybe<()> {
    let mut overruled: Vec<ParticipantRow> = Vec::new();
    match outcome {
        SettleOutcome::Voided => event.row.state = ContactEventState::Voided,
        SettleOutcome::Confirmed => {
            event.row.settled = true;
            for one in event.participants.iter_mut().filter(|one| one.row.confirmation == Confirmation::Disputed) {
                one.row.confirmation = Confirmation::Overruled;
                overruled.push(one.row.clone());
            }
            if event.row.body_confirmation == Some(Confirmation::Disputed) {
                event.row.body_confirmation = Some(Confirmation::Overruled);
            }
            event.row.state = states::state_of(event.words(), true);
        }
    }
    event.row.state_reason = Some(reason.to_owned());
    store::save(tx, event)?;
    store::save_words(tx, &overruled)?;
    record::deed_with(tx, Op::contact_event_settle, event, json!({"outcome": outcome}));
    let told = everybody_but(tx.caller.person, event);
    tell(tx, event, &told, "contact_event_settled")
}

/// Takes a record back: it counts nowhere any more.
pub fn void(tx: &mut Tx<'_>, event: &mut Event, reason: &str) -> Maybe<()> {
    event.row.state = ContactEventState::Voided;
    event.row.state_reason = Some(reason.to_owned());
    store::save(tx, event)?;
    record::deed(tx, Op::contact_event_void, event);
    let told = everybody_but(tx.caller.person, event);
    tell(tx, event, &told, "contact_event_voided")
}

/// Everybody whom the record concerns, the committee of a report too.
pub fn everybody_but(person: Option<Id>, event: &Event) -> Vec<To> {
    let persons = event.participants.iter().map(|one| one.row.person_id).filter(|id| Some(*id) != person);
    persons.map(To::Person).chain(event.contacted_body().map(To::Body)).collect()
}

/// Tells each of `told` what happened to the event.
pub fn tell(tx: &mut Tx<'_>, event: &Event, told: &[To], kind: &str) -> Maybe<()> {
    record::notify_all(tx, told, kind, Event::KIND, event.row.id, &particulars(event))
}

fn particulars(event: &Event) -> Value {
    json!({"occurred_on": event.row.occurred_on, "form": event.row.form, "state": event.row.state})
}
