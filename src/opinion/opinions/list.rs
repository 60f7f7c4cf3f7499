//! The filters of the list.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::wire::OpinionFilter;
use crate::db::Engine;
use crate::db::schema::opinions;
use crate::opinion::way::DueKind;

type Query = opinions::BoxedQuery<'static, Engine>;

/// The list's filters; a filter given twice means either.
pub fn narrowed(mut query: Query, filter: &OpinionFilter, today: NaiveDate) -> Query {
    macro_rules! any {
        ($values:expr, $column:expr) => {
            if !$values.is_empty() {
                query = query.filter($column.eq_any($values.clone()));
            }
        };
        (nullable $values:expr, $column:expr) => {
            if !$values.is_empty() {
                query = query.filter($column.is_not_null().and($column.assume_not_null().eq_any($values.clone())));
            }
        };
    }
    any!(filter.state, opinions::state);
    any!(filter.track, opinions::track);
    any!(filter.category, opinions::category);
    any!(filter.urgency, opinions::urgency);
    any!(nullable filter.sector, opinions::sector_id);
    any!(nullable filter.owner, opinions::owner_id);
    any!(nullable filter.meeting, opinions::meeting_id);
    if !filter.author.is_empty() {
        let person = opinions::author_person_id;
        let body = opinions::author_organization_id;
        let is_person = person.is_not_null().and(person.assume_not_null().eq_any(filter.author.clone()));
        let is_body = body.is_not_null().and(body.assume_not_null().eq_any(filter.author.clone()));
        query = query.filter(is_person.or(is_body));
    }
    if let Some(from) = filter.submitted_from {
        query = query.filter(opinions::submitted_on.is_not_null().and(opinions::submitted_on.assume_not_null().ge(from)));
    }
    if let Some(before) = filter.submitted_before {
        query = query.filter(opinions::submitted_on.is_not_null().and(opinions::submitted_on.assume_not_null().lt(before)));
    }
    let late = || {
        let owed = opinions::due_kind.is_not_null().and(opinions::due_kind.assume_not_null().eq_any(DueKind::OF_BODIES));
        owed.and(opinions::due_on.is_not_null().and(opinions::due_on.assume_not_null().lt(today)))
    };
    match filter.overdue {
        Some(true) => query.filter(late()),
        Some(false) => query.filter(diesel::dsl::not(late())),
        None => query,
    }
}
