//! How an opinion comes to be: nothing but its author at first, then stored with its text, its index and its first step.

use diesel::prelude::*;

use super::drafting;
use super::store::{self, Author, Case, OpinionRow, TextRow};
use super::taking::{Note, Taken, keep};
use crate::base::id::Id;
use crate::base::problem::{Maybe, Problem};
use crate::db::Tx;
use crate::db::schema::{opinion_texts, opinions};
use crate::opinion::way;
use crate::policy::Op;
use crate::record;

/// What only begins: nobody's but its author's.
pub fn blank(tx: &Tx<'_>, author: Author) -> OpinionRow {
    OpinionRow {
        author_person_id: author.person(),
        author_organization_id: author.organization(),
        ..OpinionRow::blank(tx.jurisdiction(), Id::fresh(), tx.now)
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
