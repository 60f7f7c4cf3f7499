//! How an opinion comes to be: nothing but its author at first, then stored with its text, its index and its first step.

use diesel::prelude::*;

use super::drafting;
use super::store::{self, Author, Case, OpinionRow, TextRow};
use super::taking::{Note, Taken, keep};
use crate::base::id::Id;
use crate::base::problem::{Maybe, Problem};
use crate::db::Tx;
use crate::db::schema::{opinion_texts, opinions};
use crate::opinion::deadlines::Urgency;
use crate::opinion::way::{self, State};
use crate::policy::Op;
use crate::record;

/// What only begins: nobody's but its author's.
pub fn blank(tx: &Tx<'_>, author: Author) -> OpinionRow {
    OpinionRow {
        id: Id::fresh(),
        jurisdiction_id: tx.jurisdiction(),
        track: way::Track::SocialConditions,
        state: State::Draft,
        title: String::new(),
        category: String::new(),
        urgency: Urgency::Normal,
        author_person_id: author.person(),
        author_organization_id: author.organization(),
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
        created_at: tx.now,
        updated_at: tx.now,
    }
}

pub fn begun(op: Op, role: &'static str, organization: Option<Id>) -> Maybe<Taken> {
    let edge = way::next(None, op, &way::Facts::default()).ok_or_else(|| Problem::internal("no beginning"))?;
    Ok(Taken { edge, role, organization })
}

pub fn insert(tx: &mut Tx<'_>, row: OpinionRow, text: &TextRow, people: &[Id], taken: &Taken) -> Maybe<Case> {
    diesel::insert_into(opinions::table).values(&row).execute(tx.conn)?;
    diesel::insert_into(opinion_texts::table).values(text).execute(tx.conn)?;
    store::set_constituents(tx, row.id, people)?;
    drafting::index(tx, &row, text)?;
    let case = record::only(store::cases(tx, vec![row])?)?;
    keep(tx, &case, taken, None, Note::default())?;
    record::deed(tx, taken.edge.by, &case);
    Ok(case)
}
