//! References as they stand in answers: `{id, name}`, read with one query per kind and never one per row.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::dated::Span;
use crate::base::id::Id;
use crate::base::problem::{Fault, Maybe, Problem, say};
use crate::db::Tx;
use crate::db::schema::{organizations, persons, sectors, terms};

/// 引用：标识与名称
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Ref {
    /// 标识
    pub id: Id,
    /// 名称
    #[schema(max_length = 200, examples("教育界"))]
    pub name: String,
}

/// What can be referred to by id and name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Person,
    Organization,
    Sector,
    Term,
}

/// The names of many ids of one kind.
#[derive(Clone, Debug, Default)]
pub struct Names(HashMap<Id, String>);

impl Names {
    /// One query, whatever the count; ids of other jurisdictions have no name.
    pub fn load(tx: &mut Tx<'_>, kind: Kind, ids: impl IntoIterator<Item = Id>) -> Maybe<Self> {
        let ids: Vec<Id> = ids.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        if ids.is_empty() {
            return Ok(Self::default());
        }
        let own = tx.jurisdiction();
        macro_rules! names {
            ($table:ident) => {
                $table::table
                    .filter($table::id.eq_any(&ids))
                    .select(($table::id, $table::name, $table::jurisdiction_id))
                    .load(tx.conn)?
            };
        }
        // Asked for both, SQLite would walk through all names of the jurisdiction and not fetch the few by their ids.
        let rows: Vec<(Id, String, Id)> = match kind {
            Kind::Person => names!(persons),
            Kind::Organization => names!(organizations),
            Kind::Sector => names!(sectors),
            Kind::Term => names!(terms),
        };
        Ok(Self(rows.into_iter().filter(|(.., of)| *of == own).map(|(id, name, _)| (id, name)).collect()))
    }

    pub fn of(&self, id: Id) -> Ref {
        Ref { id, name: self.0.get(&id).cloned().unwrap_or_default() }
    }

    pub fn maybe(&self, id: Option<Id>) -> Option<Ref> {
        id.map(|id| self.of(id))
    }

    pub fn has(&self, id: Id) -> bool {
        self.0.contains_key(&id)
    }
}

/// 422 at `pointer` unless `id` is a row of this jurisdiction.
pub fn must_exist(tx: &mut Tx<'_>, kind: Kind, id: Id, pointer: &str) -> Maybe<()> {
    if Names::load(tx, kind, [id])?.has(id) { Ok(()) } else { Err(Problem::invalid(vec![Fault::unknown_reference(pointer)])) }
}

/// From when to when a dated thing of this jurisdiction is there; `None`: there is no such thing.
pub fn span(tx: &mut Tx<'_>, kind: Kind, id: Id) -> Maybe<Option<Span>> {
    let own = tx.jurisdiction();
    macro_rules! span {
        ($table:ident, $from:ident, $to:expr) => {
            $table::table
                .filter($table::jurisdiction_id.eq(own))
                .filter($table::id.eq(id))
                .select(($table::$from, $to))
                .first(tx.conn)
                .optional()?
        };
    }
    let found: Option<(NaiveDate, Option<NaiveDate>)> = match kind {
        // A person is there for good.
        Kind::Person => Names::load(tx, kind, [id])?.has(id).then_some((NaiveDate::MIN, None)),
        Kind::Organization => span!(organizations, from_day, organizations::to_day),
        Kind::Sector => span!(sectors, from_day, sectors::to_day),
        Kind::Term => span!(terms, starts_on, terms::ends_on.nullable()),
    };
    Ok(found.map(|(from, to)| Span::new(from, to)))
}

/// A fault for each way in which `of`, the span of a row, does not lie within that of the thing it refers to at `pointer`.
/// An open row may be in a term, whose end may still be put off.
pub fn must_cover(tx: &mut Tx<'_>, kind: Kind, id: Id, pointer: &str, of: Span) -> Maybe<Option<Fault>> {
    let Some(whole) = span(tx, kind, id)? else { return Ok(Some(Fault::unknown_reference(pointer))) };
    let of = if kind == Kind::Term && of.to.is_none() { Span::new(of.from, whole.to) } else { of };
    Ok(of.outside(whole).map(|field| {
        let (zh, en) = match kind {
            Kind::Person => ("人员", "the person"),
            Kind::Organization => ("机构", "the organization"),
            Kind::Sector => ("界别", "the sector"),
            Kind::Term => ("届", "the term"),
        };
        let (from, to) = (whole.from, whole.to.map(|to| to.to_string()).unwrap_or_default());
        Fault::new(
            field,
            "outside",
            say(format!("不在{zh}的期间 {from} 至 {to} 之内"), format!("outside the days of {en}, {from} to {to}")),
        )
    }))
}
