//! The list of events. Each scope has an index of its own that is in the list's order, and the query starts from it: the
//! 2,000th page of a committee costs what the first one costs. Who has several scopes gets their pages merged.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Date, Text};

use super::store::{self, Condition, EventRow, concerns, ours, took_part};
use super::wire::ContactEventFilter;
use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::db::limited::limited;
use crate::db::schema::{contact_events, event_committees, event_constituents, event_participants};
use crate::db::words::Uuid;
use crate::db::{Engine, Tx};
use crate::http::Page;
use crate::http::page::EXACT;
use crate::policy::{Op, Reach};

/// What leads to the events: the scope itself, or a filter that is narrower than any scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lead {
    Everything,
    Person(Id),
    Committee(Id),
    Constituent(Id),
}

impl ContactEventFilter {
    /// What tells this list from others.
    pub fn marks(&self) -> impl std::fmt::Debug + '_ {
        let narrow = (self.person, self.constituent, self.organization);
        (&self.form, &self.state, self.occurred_from, self.occurred_before, self.review_of_year, self.with_people, narrow)
    }
}

fn leads(tx: &Tx<'_>, filter: &ContactEventFilter) -> Vec<Lead> {
    let narrow = filter.constituent.map(Lead::Constituent);
    let narrow = narrow.or(filter.person.map(Lead::Person)).or(filter.organization.map(Lead::Committee));
    if let Some(narrow) = narrow {
        return vec![narrow];
    }
    let mut leads: Vec<Lead> = Vec::new();
    for (reach, grant) in tx.caller.reaches(Op::contact_event_list) {
        let lead = match reach {
            Reach::All => return vec![Lead::Everything],
            Reach::Own => grant.person.map(Lead::Person),
            Reach::Sectors => grant.organization.map(Lead::Committee),
            _ => None,
        };
        leads.extend(lead.filter(|lead| !leads.contains(lead)));
    }
    leads
}

/// Names the columns that give the list's order under a lead.
struct Order {
    day: &'static str,
    id: &'static str,
}

/// The query that a lead begins, narrowed by the filter, and what is to be done with it.
macro_rules! led {
    ($tx:expr, $filter:expr, $lead:expr, |$query:ident, $order:ident| $then:expr) => {
        match $lead {
            Lead::Everything => {
                let $order = Order { day: "contact_events.occurred_on", id: "contact_events.id" };
                let $query =
                    contact_events::table.filter(contact_events::jurisdiction_id.eq($tx.jurisdiction())).into_boxed::<Engine>();
                let $query = narrowed!($tx, $filter, $lead, $query, $order);
                $then
            }
            Lead::Person(person) => {
                let $order = Order { day: "event_participants.occurred_on", id: "event_participants.event_id" };
                let $query = event_participants::table
                    .inner_join(contact_events::table.on(contact_events::id.eq(event_participants::event_id)))
                    .filter(event_participants::person_id.eq(person))
                    .filter(ours($tx))
                    .into_boxed::<Engine>();
                let $query = narrowed!($tx, $filter, $lead, $query, $order);
                $then
            }
            Lead::Committee(committee) => {
                let $order = Order { day: "event_committees.occurred_on", id: "event_committees.event_id" };
                let mut $query = event_committees::table
                    .inner_join(contact_events::table.on(contact_events::id.eq(event_committees::event_id)))
                    .filter(event_committees::organization_id.eq(committee))
                    .filter(ours($tx))
                    .into_boxed::<Engine>();
                // One form has an index in the list's order; several are sifted from the committee's.
                if let Some([form]) = $filter.form.as_deref() {
                    $query = $query.filter(event_committees::form.eq(form.clone()));
                }
                let $query = narrowed!($tx, $filter, $lead, $query, $order);
                $then
            }
            Lead::Constituent(constituent) => {
                let $order = Order { day: "contact_events.occurred_on", id: "contact_events.id" };
                let $query = event_constituents::table
                    .inner_join(contact_events::table.on(contact_events::id.eq(event_constituents::event_id)))
                    .filter(event_constituents::constituent_id.eq(constituent))
                    .filter(ours($tx))
                    .filter(is_own_constituent($tx, constituent))
                    .into_boxed::<Engine>();
                let $query = narrowed!($tx, $filter, $lead, $query, $order);
                $then
            }
        }
    };
}

macro_rules! narrowed {
    ($tx:expr, $filter:expr, $lead:expr, $query:expr, $order:expr) => {{
        let mut query = $query;
        if let Some(forms) = &$filter.form {
            query = query.filter(contact_events::form.eq_any(forms.clone()));
        }
        if let Some(states) = &$filter.state {
            query = query.filter(contact_events::state.eq_any(states.clone()));
        }
        if let Some(year) = $filter.review_of_year {
            query = query.filter(contact_events::review_of_year.eq(year));
        }
        if let Some(with_people) = $filter.with_people {
            query = query.filter(contact_events::with_people.eq(with_people));
        }
        for condition in conditions($tx, $filter, $lead, &$order) {
            query = query.filter(condition);
        }
        query
    }};
}

/// Days, on the column that the index holds; the scope and the narrow filters, where they do not lead.
fn conditions<QS: 'static>(tx: &Tx<'_>, filter: &ContactEventFilter, lead: Lead, order: &Order) -> Vec<Condition<QS>> {
    let mut all: Vec<Condition<QS>> = Vec::new();
    let mut day = |sign: &str, day: Option<NaiveDate>| {
        if let Some(day) = day {
            all.push(Box::new(sql::<Bool>(&format!("{} {sign} ", order.day)).bind::<Date, _>(day)));
        }
    };
    day(">=", filter.occurred_from);
    day("<", filter.occurred_before);
    if filter.constituent.is_none() && filter.person.is_none() && filter.organization.is_none() {
        return all;
    }
    all.push(store::reached(tx, Op::contact_event_list));
    all.extend(filter.person.filter(|person| lead != Lead::Person(*person)).map(took_part));
    all.extend(filter.organization.filter(|body| lead != Lead::Committee(*body)).map(concerns));
    all
}

fn is_own_constituent<QS>(tx: &Tx<'_>, constituent: Id) -> Condition<QS> {
    Box::new(
        sql::<Bool>("EXISTS (SELECT 1 FROM constituents AS own WHERE own.id = ")
            .bind::<Uuid, _>(constituent)
            .sql(" AND own.member_id = ")
            .bind::<Uuid, _>(tx.caller.person.unwrap_or(Id::NIL))
            .sql(")"),
    )
}

/// The rows of one page, and one more where there is one.
pub fn rows(tx: &mut Tx<'_>, filter: &ContactEventFilter, page: &Page) -> Maybe<Vec<EventRow>> {
    let leads = leads(tx, filter);
    let several = leads.len() > 1;
    let mut rows: Vec<EventRow> = Vec::new();
    for lead in leads {
        rows.extend(page_of(tx, filter, page, lead)?);
    }
    if several {
        let mut once: BTreeMap<(NaiveDate, Id), EventRow> = rows.into_iter().map(|row| ((row.occurred_on, row.id), row)).collect();
        rows =
            std::iter::from_fn(|| if page.descending { once.pop_last() } else { once.pop_first() }).map(|(_, row)| row).collect();
    }
    Ok(rows)
}

fn page_of(tx: &mut Tx<'_>, filter: &ContactEventFilter, page: &Page, lead: Lead) -> Maybe<Vec<EventRow>> {
    let after = page.after::<NaiveDate>()?;
    let (sign, direction) = if page.descending { ("<", "DESC") } else { (">", "ASC") };
    led!(tx, filter, lead, |query, order| {
        let mut query = query;
        if let Some((day, id)) = after {
            let behind = sql::<Bool>(&format!("({}, {}) {sign} (", order.day, order.id));
            query = query.filter(behind.bind::<Date, _>(day).sql(", ").bind::<Uuid, _>(id).sql(")"));
        }
        let in_order = sql::<Text>(&format!("{} {direction}, {} {direction}", order.day, order.id));
        Ok(limited(query.order(in_order).select(EventRow::as_select()), page.reads).load(tx.conn)?)
    })
}

/// How many events the list has, counted up to one more than is told exactly.
pub fn count(tx: &mut Tx<'_>, filter: &ContactEventFilter) -> Maybe<usize> {
    let mut ids: BTreeSet<Id> = BTreeSet::new();
    for lead in leads(tx, filter) {
        let more: Vec<Id> =
            led!(tx, filter, lead, |query, _order| limited(query.select(contact_events::id), EXACT + 1).load(tx.conn)?);
        ids.extend(more);
    }
    Ok(ids.len().min(usize::try_from(EXACT + 1).unwrap_or(usize::MAX)))
}
