//! What one caller sees of an event. It is decided here alone, so that no mask can be forgotten.

use super::super::constituents::mask::{self, ConstituentRef};
use super::states;
use super::store::{Event, Met};
use super::wire::{
    ContactEvent, ContactEventOrganization, ContactEventParticipant, ContactEventPublicity, ContactEventService, ContactSide,
    OutsideName,
};
use crate::base::problem::Maybe;
use crate::base::text::mask_name;
use crate::db::Tx;
use crate::directory::refs::Ref;
use crate::policy::{Caller, Op, Reach};

/// How much of an event somebody sees, from little to all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sight {
    /// A committee, of its members' events: the two sides, day, form, kinds and counts.
    Counts,
    /// The member affairs committee: who was met, masked; no texts.
    Masked,
    /// Who took part, and a committee that is a side: all but the names of other members' constituents.
    Whole,
}

impl Sight {
    fn of(caller: &Caller, event: &Event) -> Self {
        let took_part = event.participants.iter().any(|one| Some(one.row.person_id) == caller.person);
        let is_side =
            |grant: &crate::policy::Grant| grant.organization.is_some() && grant.organization == event.row.organization_id;
        let by_role = caller.reaches(Op::contact_event_read).map(|(reach, grant)| match reach {
            Reach::Sectors if is_side(grant) => Self::Whole,
            Reach::All => Self::Masked,
            _ => Self::Counts,
        });
        if took_part { Self::Whole } else { by_role.max().unwrap_or(Self::Counts) }
    }
}

impl ContactEvent {
    /// The event as this caller may see it.
    pub fn shown_to(tx: &Tx<'_>, event: Event) -> Maybe<Self> {
        let sight = Sight::of(tx.caller, &event);
        let (whole, counts) = (sight == Sight::Whole, sight == Sight::Counts);
        let text = |text: String| whole.then_some(text);
        let reason = |reason: Option<String>| reason.filter(|_| !counts);

        let met = (!counts).then(|| event.constituents.iter().map(|met| shown(tx, met)).collect::<Maybe<Vec<_>>>()).transpose()?;
        let hides_names = met.iter().flatten().any(|met| met.masked);
        let outside = event.outside_persons()?;
        let outside_persons_count = count(outside.len());
        let outside = outside.into_iter().map(|name| if whole { name } else { OutsideName(mask_name(&name.0)) }).collect();
        let (publicity, services, content_kinds) = (event.publicity()?, event.services()?, event.content_kinds());
        let allowed_actions = states::allowed_actions(tx.caller, &event);
        let is_recorder = tx.caller.person == Some(event.row.recorded_by);
        let recorder = event.participants.iter().find(|one| one.row.person_id == event.row.recorded_by);
        let recorded_by = Ref { id: event.row.recorded_by, name: recorder.map(|one| one.name.clone()).unwrap_or_default() };
        let row = event.row;
        Ok(Self {
            id: row.id,
            occurred_on: row.occurred_on,
            form: row.form,
            form_word: row.form_word,
            summary: text(row.summary),
            place: row.place.and_then(text),
            initiated_by: row.initiated_by,
            participants: event
                .participants
                .into_iter()
                .map(|one| ContactEventParticipant {
                    person: Ref { id: one.row.person_id, name: one.name },
                    side: one.row.side,
                    confirmation: one.row.confirmation,
                    reason: reason(one.row.reason),
                    answered_at: one.row.answered_at,
                })
                .collect(),
            organization: event.organization.zip(row.body_confirmation).map(|(of, confirmation)| ContactEventOrganization {
                id: of.id,
                name: of.name,
                side: ContactSide::Contacting,
                confirmation,
                reason: reason(row.body_reason),
            }),
            recorded_by,
            recorded_as: row.recorded_role,
            constituents: met,
            constituents_count: count(event.constituents.len()),
            outside_persons: if counts { None } else { Some(outside) },
            outside_persons_count,
            others_count: row.others_count,
            with_people: row.with_people,
            content_kinds,
            review_of_year: row.review_of_year,
            publicity: publicity.into_iter().map(|of| ContactEventPublicity { policy: text(of.policy), level: of.level }).collect(),
            services: services
                .into_iter()
                .map(|of| ContactEventService { kind: of.kind, what: text(of.what), for_how_many: of.for_how_many })
                .collect(),
            state: row.state,
            settled: row.settled,
            state_reason: reason(row.state_reason),
            linked: event.linked,
            client_ref: row.client_ref.filter(|_| is_recorder),
            masked: !whole || hides_names,
            allowed_actions,
            warnings: None,
            similar_count: None,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

fn shown(tx: &Tx<'_>, met: &Met) -> Maybe<ConstituentRef> {
    let clear = mask::sees_name(tx.caller, met.member_id);
    let name = mask::shown_name(mask::open(tx.seal, mask::NAME, met.name.as_deref())?, clear);
    Ok(ConstituentRef { id: met.id, name: name.unwrap_or_else(|| "*".to_owned()), masked: !clear })
}

fn count(of: usize) -> i64 {
    i64::try_from(of).unwrap_or(i64::MAX)
}
