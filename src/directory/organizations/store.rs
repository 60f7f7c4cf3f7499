//! Rows, queries and what an organization has to be.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::wire::{Organization, OrganizationFilter, OrganizationKind};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Fault, Maybe, say};
use crate::db::schema::group_sectors;
use crate::db::schema::organizations::{self, dsl};
use crate::db::schema::{memberships, sector_correspondences, sectors};
use crate::db::{Engine, Tx};
use crate::directory::dated::{self, Span};
use crate::directory::refs::{Kind, Names, Ref};
use crate::{each, in_force, reaches_beyond, thing};

#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = organizations, treat_none_as_null = true)]
pub struct Row {
    pub id: Id,
    pub kind: OrganizationKind,
    pub name: String,
    pub short_name: Option<String>,
    pub place: Option<String>,
    pub position: i64,
    pub from_day: NaiveDate,
    pub to_day: Option<NaiveDate>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

thing!(Row, "organization");

/// Every query of an organization starts here.
fn visible(tx: &Tx<'_>) -> organizations::BoxedQuery<'static, Engine> {
    dsl::organizations.filter(dsl::jurisdiction_id.eq(tx.jurisdiction())).into_boxed()
}

pub fn find(tx: &mut Tx<'_>, id: Id) -> Maybe<Row> {
    Ok(visible(tx).filter(dsl::id.eq(id)).select(Row::as_select()).first(tx.conn)?)
}

/// What an organization of this jurisdiction is.
pub fn kind(tx: &mut Tx<'_>, id: Id) -> Maybe<Option<OrganizationKind>> {
    Ok(visible(tx).filter(dsl::id.eq(id)).select(dsl::kind).first(tx.conn).optional()?)
}

pub fn list(tx: &Tx<'_>, filter: &OrganizationFilter) -> organizations::BoxedQuery<'static, Engine> {
    let mut list = visible(tx);
    if !filter.kind.is_empty() {
        list = list.filter(dsl::kind.eq_any(filter.kind.clone()));
    }
    if !filter.sector.is_empty() {
        let groups = group_sectors::table
            .filter(group_sectors::sector_id.eq_any(filter.sector.clone()))
            .select(group_sectors::organization_id);
        list = list.filter(dsl::id.eq_any(groups));
    }
    if let Some(day) = filter.as_of {
        list = list.filter(in_force!(organizations, day, day));
    }
    list
}

/// Two statements, however many rows: the rows' own and their sectors'.
pub fn show(tx: &mut Tx<'_>, rows: Vec<Row>) -> Maybe<Vec<Organization>> {
    let groups: Vec<Id> = rows.iter().filter(|row| row.kind == OrganizationKind::SectorGroup).map(|row| row.id).collect();
    let sectors: Vec<(Id, Id, String)> = if groups.is_empty() {
        Vec::new()
    } else {
        group_sectors::table
            .inner_join(sectors::table.on(sectors::id.eq(group_sectors::sector_id)))
            .filter(group_sectors::organization_id.eq_any(groups))
            .order((sectors::position, sectors::id))
            .select((group_sectors::organization_id, sectors::id, sectors::name))
            .load(tx.conn)?
    };
    let of = |group: Id| {
        let own = sectors.iter().filter(|(organization, ..)| *organization == group);
        own.map(|(_, id, name)| Ref { id: *id, name: name.clone() }).collect()
    };
    let shown = rows.into_iter().map(|row| Organization {
        id: row.id,
        kind: row.kind,
        name: row.name,
        short_name: row.short_name,
        place: row.place,
        sectors: of(row.id),
        position: row.position,
        from: row.from_day,
        to: row.to_day,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    });
    Ok(shown.collect())
}

/// What is wrong with the row by itself comes first and at once; then what stands beside it.
pub fn check(tx: &mut Tx<'_>, row: &Row, sectors: &[Id]) -> Maybe<()> {
    let mut faults = dated::order(Span::new(row.from_day, row.to_day));
    let mut unless = |right: bool, pointer: &str, code: &str, zh: &'static str, en: &'static str| {
        if !right {
            faults.push(Fault::new(pointer, code, say(zh, en)));
        }
    };
    if row.kind == OrganizationKind::SectorGroup {
        unless(!sectors.is_empty(), "/sector_ids", "required", "界别活动组须有界别", "a sector group has sectors");
    } else {
        unless(sectors.is_empty(), "/sector_ids", "not_allowed", "只有界别活动组有界别", "only a sector group has sectors");
    }
    if row.kind == OrganizationKind::LiaisonGroup {
        unless(row.place.is_some(), "/place", "required", "联络组须有地点", "a liaison group has a place");
    } else {
        unless(row.place.is_none(), "/place", "not_allowed", "只有联络组有地点", "only a liaison group has a place");
    }
    let known = Names::load(tx, Kind::Sector, sectors.iter().copied())?;
    for (at, sector) in sectors.iter().enumerate() {
        if !known.has(*sector) {
            faults.push(Fault::unknown_reference(format!("/sector_ids/{at}")));
        } else if sectors[..at].contains(sector) {
            faults.push(Fault::new(format!("/sector_ids/{at}"), "repeated", say("不得重复", "must not repeat")));
        }
    }
    dated::none_of(faults)?;
    refuse_double(tx, row)
}

fn refuse_double(tx: &mut Tx<'_>, row: &Row) -> Maybe<()> {
    let span = Span::new(row.from_day, row.to_day);
    let beside = |tx: &Tx<'_>| visible(tx).filter(dsl::id.ne(row.id)).filter(in_force!(organizations, span.from, span.end()));
    let same = beside(tx).filter(dsl::name.eq(row.name.clone())).select(dsl::id).first::<Id>(tx.conn).optional()?;
    dated::refuse(same.is_some(), say("同一时间已有同名的机构", "there is an organization of this name at that time"))?;
    if !row.kind.is_single() {
        return Ok(());
    }
    let other = beside(tx).filter(dsl::kind.eq(row.kind)).select(dsl::id).first::<Id>(tx.conn).optional()?;
    let name = row.kind.zh();
    dated::refuse(other.is_some(), say(format!("同一时间只能有一个{name}"), format!("there is one {} at a time", row.kind)))
}

/// 409 when somebody belongs to it, or a sector corresponds to it, on a day outside `span`.
pub fn refuse_to_leave(tx: &mut Tx<'_>, organization: Id, span: Span) -> Maybe<()> {
    let member: Option<Id> = memberships::table
        .filter(memberships::organization_id.eq(organization))
        .filter(reaches_beyond!(memberships, span))
        .select(memberships::id)
        .first(tx.conn)
        .optional()?;
    dated::refuse(member.is_some(), say("须先结束人员在该机构的所属", "memberships reach beyond it: end them first"))?;
    let sector: Option<Id> = sector_correspondences::table
        .filter(sector_correspondences::organization_id.eq(organization))
        .filter(reaches_beyond!(sector_correspondences, span))
        .select(sector_correspondences::id)
        .first(tx.conn)
        .optional()?;
    dated::refuse(sector.is_some(), say("须先结束该机构的对口联系", "correspondences reach beyond it: end them first"))
}

/// The sectors of a group, as a whole.
pub fn set_sectors(tx: &mut Tx<'_>, group: Id, sectors: &[Id]) -> Maybe<()> {
    diesel::delete(group_sectors::table.filter(group_sectors::organization_id.eq(group))).execute(tx.conn)?;
    if sectors.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> =
        sectors.iter().map(|sector| (group_sectors::organization_id.eq(group), group_sectors::sector_id.eq(*sector))).collect();
    each!(tx.conn, conn => diesel::insert_into(group_sectors::table).values(&rows).execute(conn))?;
    Ok(())
}
