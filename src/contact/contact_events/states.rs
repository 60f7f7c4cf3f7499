//! How an event goes on: which deed is open in which state, to whom, and what the participants' words make of it.
//!
//! Who may do a deed is its row of the policy table; from which states is the table below; nobody confirms or settles what is
//! their own. `allowed_actions`, the 403 and the 409 all come from here.

use super::store::Event;
use super::wire::{Confirmation, ContactEventState};
use crate::base::problem::{Code, Maybe, Problem};
use crate::policy::{Caller, Op, Role};
use crate::record::Thing;
use ContactEventState::{Confirmed, Disputed, Recorded};

/// A deed and the states in which it is open. What is voided is over.
pub const EDGES: &[(Op, &[ContactEventState])] = &[
    (Op::contact_event_update, &[Recorded, Confirmed, Disputed]),
    (Op::contact_event_confirm, &[Recorded, Confirmed, Disputed]),
    (Op::contact_event_dispute, &[Recorded, Confirmed, Disputed]),
    (Op::contact_event_settle, &[Disputed]),
    (Op::contact_event_void, &[Recorded, Confirmed, Disputed]),
    (Op::contact_event_link, &[Recorded, Confirmed, Disputed]),
];

/// What the words given so far make of an event that is not voided: disputed while any dispute stands, else confirmed once
/// somebody other than its recorder, or the member affairs committee, says so.
pub fn state_of(words: impl IntoIterator<Item = Confirmation>, settled: bool) -> ContactEventState {
    let mut state = if settled { Confirmed } else { Recorded };
    for word in words {
        match word {
            Confirmation::Disputed => return Disputed,
            Confirmation::Confirmed => state = Confirmed,
            Confirmation::Recorded | Confirmation::Pending | Confirmation::Overruled => {}
        }
    }
    state
}

/// What this caller may do to the event now.
pub fn allowed(caller: &Caller, event: &Event) -> Vec<Op> {
    EDGES.iter().map(|(op, _)| *op).filter(|op| admit(caller, event, *op).is_ok() && is_open(caller, event, *op)).collect()
}

/// The same as it stands in answers.
pub fn allowed_actions(caller: &Caller, event: &Event) -> Vec<String> {
    allowed(caller, event).into_iter().map(|op| op.as_str().to_owned()).collect()
}

/// 403 where this caller may not do `op` to this event, in whatever state it is.
pub fn admit(caller: &Caller, event: &Event, op: Op) -> Maybe<()> {
    let may = caller.may(op, &event.belongs()).is_some();
    if is_own_matter(caller, event, op, may) {
        Err(Problem::plain(Code::OwnMatter))
    } else if may {
        Ok(())
    } else {
        Err(Problem::plain(Code::Forbidden))
    }
}

/// 409 where the event's state, or the word that the caller has given already, leaves no room for `op`.
pub fn check(caller: &Caller, event: &Event, op: Op) -> Maybe<()> {
    if is_open(caller, event, op) {
        return Ok(());
    }
    Err(Problem::state(event.row.state.as_str(), event.row.state.zh(), allowed_actions(caller, event)))
}

fn is_open(caller: &Caller, event: &Event, op: Op) -> bool {
    let from = EDGES.iter().find(|(of, _)| *of == op).map_or(&[][..], |(_, from)| *from);
    let says_it_already = |word| own_words(caller, event, op).all(|own| own == word);
    from.contains(&event.row.state)
        && match op {
            Op::contact_event_confirm => !says_it_already(Confirmation::Confirmed),
            Op::contact_event_dispute => !says_it_already(Confirmation::Disputed),
            _ => true,
        }
}

/// The words that the caller has given so far: as a participant, and for the body that the caller speaks for.
fn own_words<'a>(caller: &'a Caller, event: &'a Event, op: Op) -> impl Iterator<Item = Confirmation> + 'a {
    let as_person = event.part_of(caller).map(|own| own.row.confirmation);
    let as_body = event.row.body_confirmation.filter(|_| speaks_for_contacted(caller, event, op));
    as_person.into_iter().chain(as_body)
}

/// Whether the caller speaks, under a role that may do `op`, for the committee that the event is about.
pub fn speaks_for_contacted(caller: &Caller, event: &Event, op: Op) -> bool {
    event.contacted_body().is_some_and(|body| caller.bodies(op).contains(&body))
}

fn is_own_matter(caller: &Caller, event: &Event, op: Op, may: bool) -> bool {
    let is_recorder = caller.person == Some(event.row.recorded_by);
    let is_side = event.part_of(caller).is_some()
        || event.row.organization_id.is_some_and(|body| {
            caller.grants.iter().any(|grant| grant.role == Role::Committee && grant.organization == Some(body))
        });
    match op {
        Op::contact_event_confirm | Op::contact_event_dispute => is_recorder,
        Op::contact_event_settle => is_side || is_recorder,
        Op::contact_event_void => may && is_side && !is_recorder,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Confirmation as Word;

    #[test]
    fn one_dispute_outweighs_all_confirmations() {
        for (words, settled, expected) in [
            (&[Word::Recorded, Word::Pending][..], false, Recorded),
            (&[Word::Recorded, Word::Confirmed, Word::Pending], false, Confirmed),
            (&[Word::Recorded, Word::Confirmed, Word::Disputed], false, Disputed),
            (&[Word::Disputed, Word::Confirmed], true, Disputed),
            (&[Word::Recorded, Word::Overruled], false, Recorded),
            (&[Word::Recorded, Word::Overruled], true, Confirmed),
            (&[Word::Recorded], false, Recorded),
        ] {
            assert_eq!(state_of(words.iter().copied(), settled), expected, "{words:?} {settled}");
        }
    }

    #[test]
    fn nothing_is_open_once_an_event_is_voided() {
        assert!(EDGES.iter().all(|(_, from)| !from.contains(&ContactEventState::Voided)));
    }
}
