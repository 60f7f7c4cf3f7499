//! What one person's record holds, as a file for that person (PIPL art. 45).
//!
//! The text of events and opinions and the note are the member's; the member affairs committee hands the file over without
//! them, since it sees none of them anywhere else.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::handlings;
use super::mask::{self, NAME, NOTE, PHONE};
use super::store::ConstituentRow;
use super::wire::{Constituent, ConstituentDataExport, ConstituentRevealed, ExportedAssignment, ExportedEvent, ExportedOpinion};
use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::db::Tx;
use crate::db::schema::{contact_assignments, contact_events, event_constituents, opinion_constituents, opinions};

/// Rows of a kind in one file, at most.
const MOST: i64 = 10_000;

impl ConstituentRevealed {
    /// Everything in clear; whoever calls this writes it into the audit log.
    pub fn of(tx: &Tx<'_>, row: &ConstituentRow) -> Maybe<Self> {
        Ok(Self {
            id: row.id,
            name: mask::open(tx.seal, NAME, row.name.as_deref())?,
            phone: mask::open(tx.seal, PHONE, row.phone.as_deref())?,
            note: mask::open(tx.seal, NOTE, row.note.as_deref())?,
        })
    }
}

pub fn of(tx: &mut Tx<'_>, row: &ConstituentRow) -> Maybe<ConstituentDataExport> {
    let with_texts = mask::sees_name(tx.caller, row.member_id);
    let personal = ConstituentRevealed::of(tx, row)?;
    Ok(ConstituentDataExport {
        made_at: tx.now,
        constituent: Constituent::one_shown_to(tx, row)?,
        personal: ConstituentRevealed { note: personal.note.filter(|_| with_texts), ..personal },
        assignments: assignments(tx, row.id)?,
        events: events(tx, row.id, with_texts)?,
        opinions: opinions(tx, row.id, with_texts)?,
        handlings: handlings::of(tx, row.id, MOST)?,
    })
}

fn assignments(tx: &mut Tx<'_>, of: Id) -> Maybe<Vec<ExportedAssignment>> {
    use contact_assignments::dsl;
    let rows: Vec<(Id, NaiveDate, Option<NaiveDate>)> = dsl::contact_assignments
        .filter(dsl::contacted_constituent_id.eq(of))
        .order(dsl::id)
        .limit(MOST)
        .select((dsl::id, dsl::from_day, dsl::to_day))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(id, from, to)| ExportedAssignment { id, from, to }).collect())
}

fn events(tx: &mut Tx<'_>, of: Id, with_texts: bool) -> Maybe<Vec<ExportedEvent>> {
    use contact_events::dsl;
    type Row = (Id, NaiveDate, String, String, Option<String>, String);
    let rows: Vec<Row> = event_constituents::table
        .inner_join(contact_events::table.on(dsl::id.eq(event_constituents::event_id)))
        .filter(event_constituents::constituent_id.eq(of))
        .order(event_constituents::event_id)
        .limit(MOST)
        .select((dsl::id, dsl::occurred_on, dsl::form, dsl::state, dsl::place, dsl::summary))
        .load(tx.conn)?;
    let show = |(id, occurred_on, form, state, place, summary): Row| ExportedEvent {
        id,
        occurred_on,
        form,
        state,
        place: place.filter(|_| with_texts),
        summary: with_texts.then_some(summary),
    };
    Ok(rows.into_iter().map(show).collect())
}

fn opinions(tx: &mut Tx<'_>, of: Id, with_texts: bool) -> Maybe<Vec<ExportedOpinion>> {
    type Row = (Id, String, Option<NaiveDate>, String);
    let rows: Vec<Row> = opinion_constituents::table
        .inner_join(opinions::table.on(opinions::id.eq(opinion_constituents::opinion_id)))
        .filter(opinion_constituents::constituent_id.eq(of))
        .order(opinion_constituents::opinion_id)
        .limit(MOST)
        .select((opinions::id, opinions::state, opinions::submitted_on, opinions::title))
        .load(tx.conn)?;
    let show =
        |(id, state, submitted_on, title): Row| ExportedOpinion { id, state, submitted_on, title: with_texts.then_some(title) };
    Ok(rows.into_iter().map(show).collect())
}
