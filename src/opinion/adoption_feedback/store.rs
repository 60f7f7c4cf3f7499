//! Receipts: whose they are, who finds them, how they are given and how they end.

use chrono::NaiveDate;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::wire::{FeedbackFilter, ReceiptState, Satisfaction};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::Maybe;
use crate::db::schema::{adoption_feedback, adoption_feedback::dsl, opinions};
use crate::db::{Engine, Tx};
use crate::opinion::opinions::store::{Author, Case};
use crate::opinion::opinions::wire::Outcome;
use crate::policy::{Belongs, Grant, Op, Reach};
use crate::record::{self, Thing};
use crate::{each, overwrite};

/// One receipt as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = adoption_feedback, treat_none_as_default_value = false)]
pub struct ReceiptRow {
    pub id: Id,
    pub jurisdiction_id: Id,
    pub opinion_id: Id,
    pub round: i64,
    pub author_person_id: Option<Id>,
    pub author_organization_id: Option<Id>,
    pub sector_id: Option<Id>,
    pub owner_id: Option<Id>,
    pub outcome: Outcome,
    pub text: String,
    pub given_on: NaiveDate,
    pub given_by: Option<Id>,
    pub in_time: Option<bool>,
    pub due_on: Option<NaiveDate>,
    pub state: ReceiptState,
    pub satisfaction: Option<Satisfaction>,
    pub comment: Option<String>,
    pub acknowledged_at: Option<Instant>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

/// A receipt with what its opinion belongs to.
pub struct Receipt<'a> {
    row: &'a ReceiptRow,
    of_opinion: Belongs,
}

impl<'a> Receipt<'a> {
    pub fn of(row: &'a ReceiptRow, case: &Case) -> Self {
        Self { row, of_opinion: case.belongs() }
    }
}

impl Thing for Receipt<'_> {
    const KIND: &'static str = "adoption_feedback";

    fn id(&self) -> Id {
        self.row.id
    }

    fn version(&self) -> i64 {
        self.row.version
    }

    fn state(&self) -> Option<&'static str> {
        Some(self.row.state.as_str())
    }

    /// Its own author's and no other's; for bodies it lies where its opinion does.
    fn belongs(&self) -> Belongs {
        Belongs {
            persons: self.row.author_person_id.into_iter().collect(),
            organizations: self.row.author_organization_id.into_iter().collect(),
            ..self.of_opinion.clone()
        }
    }
}

type Query = adoption_feedback::BoxedQuery<'static, Engine>;
type Filter = Box<dyn BoxableExpression<adoption_feedback::table, Engine, SqlType = Bool>>;

/// Every query of a receipt starts here: an author's own, and for bodies those of the opinions they see.
pub fn visible(tx: &Tx<'_>, op: Op) -> Query {
    let ours = dsl::adoption_feedback.filter(dsl::jurisdiction_id.eq(tx.jurisdiction())).into_boxed();
    let filters = tx.caller.reaches(op).filter_map(|(reach, grant)| scope(reach, grant));
    match filters.reduce(|a, b| Box::new(a.or(b))) {
        Some(reach) => ours.filter(reach),
        None => ours.filter(dsl::id.ne(dsl::id)),
    }
}

fn scope(reach: Reach, grant: &Grant) -> Option<Filter> {
    let opinion = opinions::table.filter(opinions::id.eq(dsl::opinion_id));
    match reach {
        Reach::Own => {
            let (person, body) = (dsl::author_person_id, dsl::author_organization_id);
            match (grant.organization, grant.person) {
                (Some(own), _) => Some(Box::new(body.is_not_null().and(body.assume_not_null().eq(own)))),
                (None, Some(own)) => Some(Box::new(person.is_not_null().and(person.assume_not_null().eq(own)))),
                (None, None) => None,
            }
        }
        Reach::All | Reach::Submitted => Some(Box::new(dsl::id.eq(dsl::id))),
        Reach::Reported => Some(Box::new(exists(opinion.filter(opinions::meeting_id.is_not_null())))),
        Reach::Sectors => {
            let body = grant.organization?;
            let owner = opinions::owner_id.is_not_null().and(opinions::owner_id.assume_not_null().eq(body));
            let accepted = opinions::accepted_by.is_not_null().and(opinions::accepted_by.assume_not_null().eq(body));
            let sectors = grant.sectors.clone();
            let sector = opinions::sector_id.is_not_null().and(opinions::sector_id.assume_not_null().eq_any(sectors));
            Some(Box::new(exists(opinion.filter(owner.or(accepted).or(sector)))))
        }
        _ => None,
    }
}

pub fn find(tx: &mut Tx<'_>, id: Id) -> Maybe<ReceiptRow> {
    Ok(visible(tx, Op::feedback_read).filter(dsl::id.eq(id)).select(ReceiptRow::as_select()).first(tx.conn)?)
}

pub fn narrowed(mut query: Query, filter: &FeedbackFilter) -> Query {
    macro_rules! any {
        ($($values:expr => $column:expr;)+) => {
            $(if !$values.is_empty() { query = query.filter($column.eq_any($values.clone())); })+
        };
    }
    any! { filter.opinion => dsl::opinion_id; filter.state => dsl::state; filter.outcome => dsl::outcome; }
    if !filter.satisfaction.is_empty() {
        let given = dsl::satisfaction.assume_not_null().eq_any(filter.satisfaction.clone());
        query = query.filter(dsl::satisfaction.is_not_null().and(given));
    }
    if !filter.author.is_empty() {
        let (person, body) = (dsl::author_person_id, dsl::author_organization_id);
        let is_person = person.is_not_null().and(person.assume_not_null().eq_any(filter.author.clone()));
        let is_body = body.is_not_null().and(body.assume_not_null().eq_any(filter.author.clone()));
        query = query.filter(is_person.or(is_body));
    }
    if let Some(in_time) = filter.in_time {
        query = query.filter(dsl::in_time.is_not_null().and(dsl::in_time.assume_not_null().eq(in_time)));
    }
    if let Some(from) = filter.given_from {
        query = query.filter(dsl::given_on.ge(from));
    }
    if let Some(before) = filter.given_before {
        query = query.filter(dsl::given_on.lt(before));
    }
    query
}

/// Whether today is within the deadline that now ends.
pub fn in_time(tx: &Tx<'_>, case: &Case) -> Option<bool> {
    case.row.due_on.map(|due| tx.today <= due)
}

/// One receipt for each author, in the round that the opinion is in; a decline asks for no acknowledgement.
pub fn give(tx: &mut Tx<'_>, case: &Case, op: Op, text: &str, in_time: Option<bool>) -> Maybe<()> {
    let row = &case.row;
    let state = if op == Op::opinion_decline { ReceiptState::NotRequired } else { ReceiptState::Open };
    let receipt = |author: Author| ReceiptRow {
        id: Id::fresh(),
        jurisdiction_id: row.jurisdiction_id,
        opinion_id: row.id,
        round: row.round,
        author_person_id: author.person(),
        author_organization_id: author.organization(),
        sector_id: row.sector_id,
        owner_id: row.owner_id,
        outcome: row.outcome.unwrap_or(Outcome::Retained),
        text: text.to_owned(),
        given_on: tx.today,
        given_by: tx.caller.person,
        in_time,
        due_on: row.due_on.filter(|_| state == ReceiptState::Open),
        state,
        satisfaction: None,
        comment: None,
        acknowledged_at: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    let receipts: Vec<ReceiptRow> = case.authors().into_iter().map(receipt).collect();
    each!(tx.conn, conn => diesel::insert_into(dsl::adoption_feedback).values(&receipts).execute(conn))?;
    for receipt in &receipts {
        record::deed(tx, op, &Receipt::of(receipt, case));
    }
    Ok(())
}

/// How a receipt ends.
pub struct Given<'a> {
    pub state: ReceiptState,
    pub satisfaction: Option<Satisfaction>,
    pub comment: Option<&'a str>,
}

pub fn answer(tx: &mut Tx<'_>, receipt: ReceiptRow, given: Given<'_>) -> Maybe<ReceiptRow> {
    let version = receipt.version + 1;
    let answered = given.satisfaction.map(|_| tx.now);
    let said = (dsl::satisfaction.eq(given.satisfaction), dsl::comment.eq(given.comment), dsl::acknowledged_at.eq(answered));
    let next = (dsl::version.eq(version), dsl::updated_at.eq(tx.now));
    overwrite!(tx, adoption_feedback, (receipt.id, receipt.version), (dsl::state.eq(given.state), said, next))?;
    Ok(ReceiptRow {
        state: given.state,
        satisfaction: given.satisfaction,
        comment: given.comment.map(str::to_owned),
        acknowledged_at: answered,
        version,
        updated_at: tx.now,
        ..receipt
    })
}

pub fn others_open(tx: &mut Tx<'_>, receipt: &ReceiptRow) -> Maybe<bool> {
    let other: Option<Id> = dsl::adoption_feedback
        .filter(dsl::opinion_id.eq(receipt.opinion_id))
        .filter(dsl::state.eq(ReceiptState::Open))
        .filter(dsl::id.ne(receipt.id))
        .select(dsl::id)
        .first(tx.conn)
        .optional()?;
    Ok(other.is_some())
}

/// A round that is taken up again waits for nobody.
pub fn end_receipts(tx: &mut Tx<'_>, opinion: Id) -> Maybe<()> {
    let open = dsl::adoption_feedback.filter(dsl::opinion_id.eq(opinion)).filter(dsl::state.eq(ReceiptState::Open));
    diesel::update(open)
        .set((dsl::state.eq(ReceiptState::Ended), dsl::version.eq(dsl::version + 1), dsl::updated_at.eq(tx.now)))
        .execute(tx.conn)?;
    Ok(())
}

/// The last day of the receipts that are open, where a calendar has moved it.
pub fn count_anew(tx: &mut Tx<'_>, opinion: Id, due: NaiveDate) -> Maybe<()> {
    let open = dsl::adoption_feedback.filter(dsl::opinion_id.eq(opinion)).filter(dsl::state.eq(ReceiptState::Open));
    diesel::update(open).set(dsl::due_on.eq(due)).execute(tx.conn)?;
    Ok(())
}
