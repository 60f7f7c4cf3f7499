//! Opinions that wait for the caller's bodies, for the office's record of a decision, or for their author.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::order::{Found, From, Order, Wish, in_order};
use super::wire::{Todo, TodoKind};
use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::db::schema::{adoption_feedback, opinions};
use crate::db::{Engine, Tx};
use crate::me::texts::Bilingual;
use crate::opinion::adoption_feedback::ReceiptState;
use crate::opinion::way::{DueKind, Owes, State};
use crate::policy::{Op, Reach};

type Filter = Box<dyn BoxableExpression<opinions::table, Engine, SqlType = Bool>>;

macro_rules! is {
    ($column:expr, $value:expr) => {
        $column.is_not_null().and($column.assume_not_null().eq($value))
    };
}

/// The rows whose author is the caller, as a person or for an organization; `None`: no role of the caller's writes opinions.
macro_rules! own {
    ($tx:expr, $op:expr, $table:ident) => {{
        let own = || $tx.caller.reaches($op).filter(|(reach, _)| *reach == Reach::Own);
        let persons: Vec<Id> = own().filter_map(|(_, grant)| grant.person).collect();
        let organizations: Vec<Id> = own().filter_map(|(_, grant)| grant.organization).collect();
        let is_own = $table::author_person_id.eq_any(persons).or($table::author_organization_id.eq_any(organizations));
        own().next().is_some().then_some(is_own)
    }};
}

/// What a body owes by which step: the kind of to-do and the operation that does it.
fn step(due: DueKind) -> Option<(TodoKind, Op)> {
    match due {
        DueKind::Triage => Some((TodoKind::OpinionTriage, Op::opinion_accept)),
        DueKind::Report => Some((TodoKind::OpinionReport, Op::opinion_report)),
        DueKind::Decision => Some((TodoKind::OpinionDecision, Op::opinion_decide)),
        DueKind::Feedback => Some((TodoKind::OpinionFeedback, Op::opinion_feedback)),
        DueKind::Acknowledgement | DueKind::Resubmission | DueKind::Objection => None,
    }
}

/// What the caller's bodies own and have to triage, report or answer. Each body is an index's range of its own.
pub fn owned(tx: &mut Tx<'_>, wish: &Wish) -> Maybe<Vec<Found>> {
    let mut bodies = tx.caller.bodies(Op::opinion_accept);
    bodies.sort_unstable();
    bodies.dedup();
    let mut found = Vec::new();
    for body in bodies {
        found.extend(waiting(tx, wish, Box::new(is!(opinions::owner_id, body)), Owes::Owner)?);
    }
    Ok(found)
}

/// Decisions are recorded by the office, whoever owns the opinion.
pub fn to_decide(tx: &mut Tx<'_>, wish: &Wish) -> Maybe<Vec<Found>> {
    if tx.caller.role_for(Op::opinion_decide).is_none() {
        return Ok(Vec::new());
    }
    waiting(tx, wish, Box::new(opinions::jurisdiction_id.eq(tx.jurisdiction())), Owes::Office)
}

fn waiting(tx: &mut Tx<'_>, wish: &Wish, whose: Filter, owes: Owes) -> Maybe<Vec<Found>> {
    let from = wish.from(Order::Due);
    if from == From::End {
        return Ok(Vec::new());
    }
    let kinds: Vec<DueKind> = DueKind::ALL.iter().copied().filter(|kind| kind.owed_by() == owes).collect();
    let mut query = opinions::table
        .filter(opinions::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(whose)
        .filter(opinions::due_kind.eq_any(kinds))
        .filter(opinions::due_on.is_not_null())
        .into_boxed();
    if let Some(day) = wish.due_before {
        query = query.filter(opinions::due_on.lt(day));
    }
    type Row = (Id, String, Option<DueKind>, Option<NaiveDate>, bool, Option<NaiveDate>);
    let rows: Vec<Row> = in_order!(query, from, opinions::due_on, opinions::id, wish.reads)
        .select((
            opinions::id,
            opinions::title,
            opinions::due_kind,
            opinions::due_on,
            opinions::due_assumed,
            opinions::submitted_on,
        ))
        .load(tx.conn)?;
    let show = |(id, title, due, due_on, assumed, since): Row| {
        let ((kind, op), due_on) = (step(due?)?, due_on?);
        let text = Bilingual { zh: format!("{}：《{title}》", kind.zh()), en: format!("{}: “{title}”", english(kind)) };
        let todo = Todo { since, ..Todo::new(kind, text, ("opinion", id)) };
        Some((wish.key(Order::Due, due_on, id), todo.due(due_on, assumed, tx.today).by(op)))
    };
    Ok(rows.into_iter().filter_map(show).collect())
}

fn english(kind: TodoKind) -> &'static str {
    match kind {
        TodoKind::OpinionTriage => "Triage the opinion",
        TodoKind::OpinionReport => "Report the opinion",
        TodoKind::OpinionDecision => "Record the meeting's decision on the opinion",
        TodoKind::OpinionFeedback => "Give feedback on the opinion",
        _ => "Deal with the opinion",
    }
}

/// What came back to the caller as its author. An author has few, so all are read.
pub fn returned(tx: &mut Tx<'_>, wish: &Wish) -> Maybe<Vec<Found>> {
    let Some(own) = own!(tx, Op::opinion_submit, opinions) else { return Ok(Vec::new()) };
    type Row = (Id, String, Option<NaiveDate>, bool, Option<NaiveDate>);
    let rows: Vec<Row> = opinions::table
        .filter(opinions::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(own)
        .filter(opinions::state.eq(State::Returned))
        .select((opinions::id, opinions::title, opinions::due_on, opinions::due_assumed, opinions::returned_on))
        .load(tx.conn)?;
    let show = |(id, title, due_on, assumed, since): Row| {
        let due_on = due_on?;
        let text = Bilingual {
            zh: format!("修改并重新提交，逾期即作撤回：《{title}》"),
            en: format!("Correct and submit again, or it lapses: “{title}”"),
        };
        let todo = Todo { since, ..Todo::new(TodoKind::OpinionResubmission, text, ("opinion", id)) };
        Some((wish.key(Order::Due, due_on, id), todo.due(due_on, assumed, tx.today).by(Op::opinion_submit)))
    };
    Ok(wish.cut(rows.into_iter().filter_map(show).collect()))
}

/// Feedback whose receipt the caller has yet to acknowledge.
pub fn to_acknowledge(tx: &mut Tx<'_>, wish: &Wish) -> Maybe<Vec<Found>> {
    let Some(own) = own!(tx, Op::feedback_acknowledge, adoption_feedback) else { return Ok(Vec::new()) };
    type Row = (Id, String, NaiveDate, Option<NaiveDate>, bool);
    let rows: Vec<Row> = adoption_feedback::table
        .inner_join(opinions::table.on(opinions::id.eq(adoption_feedback::opinion_id)))
        .filter(adoption_feedback::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(own)
        .filter(adoption_feedback::state.eq(ReceiptState::Open))
        .select((
            adoption_feedback::id,
            opinions::title,
            adoption_feedback::given_on,
            adoption_feedback::due_on,
            opinions::due_assumed,
        ))
        .load(tx.conn)?;
    let show = |(id, title, given_on, due_on, assumed): Row| {
        let text = Bilingual {
            zh: format!("确认收到的反馈：《{title}》"), en: format!("Acknowledge the feedback on “{title}”")
        };
        let todo = Todo::new(TodoKind::FeedbackAcknowledgement, text, ("adoption_feedback", id)).since(given_on);
        let todo = todo.by(Op::feedback_acknowledge);
        match due_on {
            Some(day) => (wish.key(Order::Due, day, id), todo.due(day, assumed, tx.today)),
            None => (wish.key(Order::Since, given_on, id), todo),
        }
    };
    Ok(wish.cut(rows.into_iter().map(show).collect()))
}
