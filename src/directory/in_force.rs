//! What was in force on a day: a member's sector, the committee that corresponds to it, who led, who belonged where.
//!
//! Posts, memberships and correspondences are read as of the day in question, never as they are now (arts. 11 to 14).

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::db::Tx;
use crate::db::schema::{memberships, organizations, posts, sector_correspondences};

/// The sector in which a member stood on `day`; none for who was no member then.
pub fn sector_of(tx: &mut Tx<'_>, person: Id, day: NaiveDate) -> Maybe<Option<Id>> {
    Ok(sectors_of(tx, &[person], day)?.into_iter().next().map(|(_, sector)| sector))
}

/// The same for many persons: pairs of member and sector.
pub fn sectors_of(tx: &mut Tx<'_>, persons: &[Id], day: NaiveDate) -> Maybe<Vec<(Id, Id)>> {
    let rows: Vec<(Id, Option<Id>)> = posts::table
        .filter(posts::person_id.eq_any(persons))
        .filter(posts::kind.eq("member"))
        .filter(posts::from_day.le(day))
        .filter(posts::to_day.is_null().or(posts::to_day.ge(day)))
        .select((posts::person_id, posts::sector_id))
        .load(tx.conn)?;
    Ok(rows.into_iter().filter_map(|(person, sector)| Some((person, sector?))).collect())
}

/// The committee that corresponded to `sector` on `day`.
pub fn committee_of(tx: &mut Tx<'_>, sector: Id, day: NaiveDate) -> Maybe<Option<Id>> {
    Ok(committees_of(tx, &[sector], day)?.into_iter().next().map(|(_, committee)| committee))
}

/// The same for many sectors: pairs of sector and committee.
pub fn committees_of(tx: &mut Tx<'_>, sectors: &[Id], day: NaiveDate) -> Maybe<Vec<(Id, Id)>> {
    if sectors.is_empty() {
        return Ok(Vec::new());
    }
    Ok(sector_correspondences::table
        .filter(sector_correspondences::sector_id.eq_any(sectors))
        .filter(sector_correspondences::from_day.le(day))
        .filter(sector_correspondences::to_day.is_null().or(sector_correspondences::to_day.ge(day)))
        .select((sector_correspondences::sector_id, sector_correspondences::organization_id))
        .load(tx.conn)?)
}

/// The bodies of `kind` that `persons` belonged to on `day`: pairs of person and organization.
pub fn bodies_of(tx: &mut Tx<'_>, persons: &[Id], kind: &str, day: NaiveDate) -> Maybe<Vec<(Id, Id)>> {
    Ok(memberships::table
        .inner_join(organizations::table.on(organizations::id.eq(memberships::organization_id)))
        .filter(memberships::person_id.eq_any(persons))
        .filter(organizations::kind.eq(kind.to_owned()))
        .filter(memberships::from_day.le(day))
        .filter(memberships::to_day.is_null().or(memberships::to_day.ge(day)))
        .select((memberships::person_id, memberships::organization_id))
        .load(tx.conn)?)
}

/// The special committees that `persons` came under on `day`: those corresponding to their sectors, and those they belonged to.
pub fn committees_over(tx: &mut Tx<'_>, persons: &[Id], day: NaiveDate) -> Maybe<Vec<Id>> {
    let by_sector: Vec<Id> = posts::table
        .inner_join(sector_correspondences::table.on(posts::sector_id.eq(sector_correspondences::sector_id.nullable())))
        .filter(posts::person_id.eq_any(persons))
        .filter(posts::kind.eq("member"))
        .filter(posts::from_day.le(day))
        .filter(posts::to_day.is_null().or(posts::to_day.ge(day)))
        .filter(sector_correspondences::from_day.le(day))
        .filter(sector_correspondences::to_day.is_null().or(sector_correspondences::to_day.ge(day)))
        .select(sector_correspondences::organization_id)
        .load(tx.conn)?;
    let by_membership = bodies_of(tx, persons, "special_committee", day)?.into_iter().map(|(_, body)| body);
    Ok(by_sector.into_iter().chain(by_membership).collect::<BTreeSet<_>>().into_iter().collect())
}

/// The kinds of posts that `person` held on `day`.
pub fn posts_of(tx: &mut Tx<'_>, person: Id, day: NaiveDate) -> Maybe<Vec<String>> {
    Ok(posts::table
        .filter(posts::person_id.eq(person))
        .filter(posts::from_day.le(day))
        .filter(posts::to_day.is_null().or(posts::to_day.ge(day)))
        .select(posts::kind)
        .load(tx.conn)?)
}

/// Whether `body` was an organization of `kind` on `day`.
pub fn is_body(tx: &mut Tx<'_>, body: Id, kind: &str, day: NaiveDate) -> Maybe<bool> {
    let found: Option<Id> = organizations::table
        .filter(organizations::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(organizations::id.eq(body))
        .filter(organizations::kind.eq(kind.to_owned()))
        .filter(organizations::from_day.le(day))
        .filter(organizations::to_day.is_null().or(organizations::to_day.ge(day)))
        .select(organizations::id)
        .first(tx.conn)
        .optional()?;
    Ok(found.is_some())
}

/// The jurisdiction's one body of a kind that there is once: the general office, the member affairs committee.
pub fn the_body(tx: &mut Tx<'_>, kind: &str) -> Maybe<Option<Id>> {
    Ok(organizations::table
        .filter(organizations::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(organizations::kind.eq(kind.to_owned()))
        .filter(organizations::to_day.is_null().or(organizations::to_day.ge(tx.today)))
        .order((organizations::from_day.desc(), organizations::id.asc()))
        .select(organizations::id)
        .first(tx.conn)
        .optional()?)
}
