//! How receipts are shown: references by name, and what the caller may do.

use super::store::ReceiptRow;
use super::wire::{AdoptionFeedback, AdoptionFeedbackSummary, FeedbackTexts, ReceiptState};
use crate::base::problem::{Maybe, warnings};
use crate::db::Tx;
use crate::directory::refs::{Kind, Names};
use crate::opinion::opinions::view::titles;
use crate::opinion::opinions::wire::OpinionAuthor;
use crate::policy::{Belongs, Op};
use crate::record;

pub fn summaries(tx: &mut Tx<'_>, rows: &[ReceiptRow]) -> Maybe<Vec<AdoptionFeedbackSummary>> {
    let titles = titles(tx, rows.iter().map(|row| row.opinion_id))?;
    let persons = Names::load(tx, Kind::Person, rows.iter().flat_map(|row| [row.author_person_id, row.given_by]).flatten())?;
    let bodies =
        Names::load(tx, Kind::Organization, rows.iter().flat_map(|row| [row.author_organization_id, row.owner_id]).flatten())?;
    let sectors = Names::load(tx, Kind::Sector, rows.iter().filter_map(|row| row.sector_id))?;
    let summary = |row: &ReceiptRow| AdoptionFeedbackSummary {
        id: row.id,
        opinion: titles.get(&row.opinion_id).cloned().unwrap_or_default(),
        round: row.round,
        author: OpinionAuthor {
            person: persons.maybe(row.author_person_id),
            organization: bodies.maybe(row.author_organization_id),
        },
        sector: sectors.maybe(row.sector_id),
        owner: bodies.maybe(row.owner_id),
        outcome: row.outcome,
        given_on: row.given_on,
        given_by: persons.maybe(row.given_by),
        in_time: row.in_time,
        due_on: row.due_on,
        state: row.state,
        satisfaction: row.satisfaction,
        acknowledged_at: row.acknowledged_at,
        allowed_actions: actions(tx, row),
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    Ok(rows.iter().map(summary).collect())
}

/// A receipt is answered by whom it was made out to, whatever became of the opinion's other sides.
fn actions(tx: &Tx<'_>, row: &ReceiptRow) -> Vec<&'static str> {
    let own = Belongs {
        persons: row.author_person_id.into_iter().collect(),
        organizations: row.author_organization_id.into_iter().collect(),
        ..Belongs::default()
    };
    let op = Op::feedback_acknowledge;
    if row.state == ReceiptState::Open && tx.caller.may(op, &own).is_some() { vec![op.as_str()] } else { Vec::new() }
}

pub fn whole(tx: &mut Tx<'_>, row: ReceiptRow) -> Maybe<AdoptionFeedback> {
    let summary = record::only(summaries(tx, std::slice::from_ref(&row))?)?;
    let mut warned = warnings("/text", &row.text);
    warned.extend(warnings("/comment", row.comment.as_deref().unwrap_or_default()));
    Ok(summary.with(FeedbackTexts { text: row.text, comment: row.comment, warnings: warned }))
}
