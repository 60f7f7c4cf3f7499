//! Rows, queries and what a post has to be.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::wire::{Post, PostFilter, PostKind};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Fault, Maybe, say};
use crate::db::schema::posts::{self, dsl};
use crate::db::{Engine, Tx};
use crate::directory::dated::{self, Span};
use crate::directory::refs::{self, Kind, Names};
use crate::record;
use crate::{in_force, thing};

#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = posts, treat_none_as_null = true)]
pub struct Row {
    pub id: Id,
    pub person_id: Id,
    pub kind: PostKind,
    pub term_id: Id,
    pub sector_id: Option<Id>,
    pub title: Option<String>,
    pub from_day: NaiveDate,
    pub to_day: Option<NaiveDate>,
    pub resolution: Option<String>,
    pub end_resolution: Option<String>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

thing!(Row, "post");

/// Every query of a post starts here.
fn visible(tx: &Tx<'_>) -> posts::BoxedQuery<'static, Engine> {
    dsl::posts.filter(dsl::jurisdiction_id.eq(tx.jurisdiction())).into_boxed()
}

pub fn find(tx: &mut Tx<'_>, id: Id) -> Maybe<Row> {
    Ok(visible(tx).filter(dsl::id.eq(id)).select(Row::as_select()).first(tx.conn)?)
}

pub fn list(tx: &Tx<'_>, filter: &PostFilter) -> posts::BoxedQuery<'static, Engine> {
    let mut list = visible(tx);
    if !filter.person.is_empty() {
        list = list.filter(dsl::person_id.eq_any(filter.person.clone()));
    }
    if !filter.kind.is_empty() {
        list = list.filter(dsl::kind.eq_any(filter.kind.clone()));
    }
    if !filter.sector.is_empty() {
        list = list.filter(dsl::sector_id.eq_any(filter.sector.clone()));
    }
    if !filter.term.is_empty() {
        list = list.filter(dsl::term_id.eq_any(filter.term.clone()));
    }
    if let Some(day) = filter.as_of {
        list = list.filter(in_force!(posts, day, day));
    }
    list
}

/// Three statements more, however many rows.
pub fn show(tx: &mut Tx<'_>, rows: Vec<Row>) -> Maybe<Vec<Post>> {
    let persons = Names::load(tx, Kind::Person, rows.iter().map(|row| row.person_id))?;
    let terms = Names::load(tx, Kind::Term, rows.iter().map(|row| row.term_id))?;
    let sectors = Names::load(tx, Kind::Sector, rows.iter().filter_map(|row| row.sector_id))?;
    let shown = rows.into_iter().map(|row| Post {
        id: row.id,
        person: persons.of(row.person_id),
        kind: row.kind,
        term: terms.of(row.term_id),
        sector: sectors.maybe(row.sector_id),
        title: row.title,
        from: row.from_day,
        to: row.to_day,
        resolution: row.resolution,
        end_resolution: row.end_resolution,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    });
    Ok(shown.collect())
}

pub fn one(tx: &mut Tx<'_>, row: Row) -> Maybe<Post> {
    record::only(show(tx, vec![row])?)
}

/// What is wrong with the row by itself comes first and at once; then what stands beside it.
pub fn check(tx: &mut Tx<'_>, row: &Row) -> Maybe<()> {
    let span = Span::new(row.from_day, row.to_day);
    let mut faults = dated::order(span);
    faults.extend(refs::must_cover(tx, Kind::Person, row.person_id, "/person_id", span)?);
    faults.extend(refs::must_cover(tx, Kind::Term, row.term_id, "/term_id", span)?);
    if let Some(sector) = row.sector_id {
        faults.extend(refs::must_cover(tx, Kind::Sector, sector, "/sector_id", span)?);
    }
    faults.extend(fault_of_sector(row.kind, row.sector_id));
    if row.kind == PostKind::StandingMember && !is_member(tx, row.person_id, row.from_day)? {
        let detail = say("任常委之日须是委员", "a standing member is a member on the first day");
        faults.push(Fault::new("/person_id", "no_member", detail));
    }
    dated::none_of(faults)?;
    refuse_double(tx, row, span)
}

/// A member has a sector, nobody else has one.
fn fault_of_sector(kind: PostKind, sector: Option<Id>) -> Option<Fault> {
    match (kind, sector) {
        (PostKind::Member, None) => Some(Fault::new("/sector_id", "required", say("委员须有界别", "a member has a sector"))),
        (PostKind::Member, Some(_)) | (_, None) => None,
        (_, Some(_)) => Some(Fault::new("/sector_id", "not_allowed", say("只有委员有界别", "only a member has a sector"))),
    }
}

fn is_member(tx: &mut Tx<'_>, person: Id, day: NaiveDate) -> Maybe<bool> {
    let post: Option<Id> = visible(tx)
        .filter(dsl::person_id.eq(person))
        .filter(dsl::kind.eq(PostKind::Member))
        .filter(in_force!(posts, day, day))
        .select(dsl::id)
        .first(tx.conn)
        .optional()?;
    Ok(post.is_some())
}

fn refuse_double(tx: &mut Tx<'_>, row: &Row, span: Span) -> Maybe<()> {
    let beside = |tx: &Tx<'_>| {
        visible(tx)
            .filter(dsl::kind.eq(row.kind))
            .filter(dsl::id.ne(row.id))
            .filter(in_force!(posts, span.from, span.end()))
            .select(dsl::id)
    };
    let twice: Option<Id> = beside(tx).filter(dsl::person_id.eq(row.person_id)).first(tx.conn).optional()?;
    dated::refuse(
        twice.is_some(),
        if row.kind == PostKind::Member {
            say("委员同一时间只在一个界别", "a member stands in one sector at a time")
        } else {
            say("此人同一时间已任这一职务", "this person holds the post at that time")
        },
    )?;
    if row.kind != PostKind::Chairperson {
        return Ok(());
    }
    let other: Option<Id> = beside(tx).first(tx.conn).optional()?;
    dated::refuse(other.is_some(), say("同一时间只能有一位主席", "there is one chairperson at a time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_have_a_sector_and_nobody_else_has() {
        for kind in PostKind::ALL {
            let is_member = *kind == PostKind::Member;
            assert_eq!(fault_of_sector(*kind, Some(Id::NIL)).is_none(), is_member, "{kind}");
            assert_eq!(fault_of_sector(*kind, None).is_some(), is_member, "{kind}");
        }
    }
}
