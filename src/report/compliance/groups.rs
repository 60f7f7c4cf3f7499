//! Which groups a member is of (art. 26): the sector group of the member's sector, and any group the member belongs to.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;
use uuid::Uuid;

use super::status::Row;
use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::db::Tx;
use crate::db::schema::{group_sectors, memberships, organizations};

/// The groups of the caller's jurisdiction on one day.
#[derive(Debug, Default)]
pub struct Groups {
    by_sector: HashMap<Uuid, Vec<Uuid>>,
    by_person: HashMap<Uuid, Vec<Uuid>>,
}

impl Groups {
    pub fn on(tx: &mut Tx<'_>, day: NaiveDate) -> Maybe<Self> {
        let in_force = organizations::from_day.le(day).and(organizations::to_day.is_null().or(organizations::to_day.ge(day)));
        let sectors: Vec<(Id, Id)> = organizations::table
            .inner_join(group_sectors::table.on(group_sectors::organization_id.eq(organizations::id)))
            .filter(organizations::jurisdiction_id.eq(tx.jurisdiction()))
            .filter(in_force)
            .select((group_sectors::sector_id, organizations::id))
            .load(tx.conn)?;
        let members: Vec<(Id, Id)> = organizations::table
            .inner_join(memberships::table.on(memberships::organization_id.eq(organizations::id)))
            .filter(organizations::jurisdiction_id.eq(tx.jurisdiction()))
            .filter(organizations::kind.eq_any(["sector_group", "liaison_group"]))
            .filter(in_force)
            .filter(memberships::from_day.le(day).and(memberships::to_day.is_null().or(memberships::to_day.ge(day))))
            .select((memberships::person_id, organizations::id))
            .load(tx.conn)?;
        let mut groups = Self::default();
        for (sector, group) in sectors {
            groups.by_sector.entry(sector.0).or_default().push(group.0);
        }
        for (person, group) in members {
            groups.by_person.entry(person.0).or_default().push(group.0);
        }
        Ok(groups)
    }

    pub fn of(&self, row: &Row) -> BTreeSet<Uuid> {
        let own = self.by_person.get(&row.subject).into_iter().flatten();
        self.of_sector(row.sector).chain(own.copied()).collect()
    }

    pub fn of_sector(&self, sector: Option<Uuid>) -> impl Iterator<Item = Uuid> + '_ {
        sector.and_then(|sector| self.by_sector.get(&sector)).into_iter().flatten().copied()
    }
}
