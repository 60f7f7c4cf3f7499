//! Receipts that nobody answered in time.

use diesel::prelude::*;
use serde_json::json;

use super::store::{Given, Receipt, ReceiptRow, answer, others_open};
use super::wire::ReceiptState;
use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::db::Tx;
use crate::db::schema::adoption_feedback::dsl;
use crate::opinion::opinions::store::{self, Case};
use crate::opinion::opinions::taking::{Note, save, take_by_clock};
use crate::opinion::way::{Facts, State};
use crate::policy::Op;
use crate::record::{self, Thing, notify};

/// Receipts whose time ran out by yesterday, at most `limit`: nobody answered, which is never satisfaction.
pub fn close(tx: &mut Tx<'_>, limit: i64) -> Maybe<usize> {
    let late: Vec<(Id, Id)> = dsl::adoption_feedback
        .filter(dsl::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(dsl::state.eq(ReceiptState::Open))
        .filter(dsl::due_on.is_not_null().and(dsl::due_on.assume_not_null().lt(tx.today)))
        .order((dsl::opinion_id, dsl::id))
        .limit(limit)
        .select((dsl::id, dsl::opinion_id))
        .load(tx.conn)?;
    for (id, opinion) in &late {
        close_one(tx, *id, *opinion)?;
    }
    Ok(late.len())
}

fn close_one(tx: &mut Tx<'_>, id: Id, opinion: Id) -> Maybe<()> {
    let mut case = store::hold(tx, opinion)?;
    let receipt: ReceiptRow = dsl::adoption_feedback.filter(dsl::id.eq(id)).select(ReceiptRow::as_select()).first(tx.conn)?;
    // Its author was faster.
    if receipt.state != ReceiptState::Open {
        return Ok(());
    }
    let facts = Facts { more_receipts: others_open(tx, &receipt)?, ..Facts::default() };
    let receipt = answer(tx, receipt, Given { state: ReceiptState::NoResponse, satisfaction: None, comment: None })?;
    record::deed(tx, Op::feedback_close, &Receipt::of(&receipt, &case));
    let taken = take_by_clock(&case, Op::feedback_close, &facts)?;
    save(tx, &mut case, &taken, Note::default())?;
    if case.row.state == State::Closed {
        notify_closed(tx, &case)?;
    }
    Ok(())
}

fn notify_closed(tx: &mut Tx<'_>, case: &Case) -> Maybe<()> {
    match case.row.owner_id {
        Some(owner) => notify(tx, record::To::Body(owner), "opinion_closed", Case::KIND, case.row.id, json!({})),
        None => Ok(()),
    }
}
