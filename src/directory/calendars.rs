//! 工作日历: days off and weekend days worked (调休), a calendar a year.
//!
//! A jurisdiction's own calendar of a year goes before the published one that the program brings along.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::base::calendar::{Calendars, YearCalendar};
use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::db::Tx;
use crate::db::schema::calendars;
use crate::db::words::Json;

/// The calendars that count in the caller's jurisdiction.
pub fn in_force(tx: &mut Tx<'_>) -> Maybe<Calendars> {
    let own = tx.jurisdiction();
    Ok(in_force_in(tx, &[own])?.remove(&own).unwrap_or_default())
}

/// The calendars that count in each of these jurisdictions: one statement.
pub fn in_force_in(tx: &mut Tx<'_>, jurisdictions: &[Id]) -> Maybe<BTreeMap<Id, Calendars>> {
    let rows: Vec<(Id, i64, Json, Json)> = calendars::table
        .filter(calendars::jurisdiction_id.eq_any(jurisdictions))
        .select((calendars::jurisdiction_id, calendars::year, calendars::days_off, calendars::days_worked))
        .load(tx.conn)?;
    let days = |json: &Json| serde_json::from_value::<Vec<NaiveDate>>(json.0.clone()).unwrap_or_default();
    let of = |jurisdiction: &Id| {
        let own = rows.iter().filter(|(of, ..)| of == jurisdiction).filter_map(|(_, year, off, worked)| {
            YearCalendar::new(i32::try_from(*year).ok()?, &days(off), &days(worked)).ok()
        });
        let published = (2025..=2026).filter_map(YearCalendar::published);
        // Later ones of the same year replace earlier ones.
        (*jurisdiction, published.chain(own).collect())
    };
    Ok(jurisdictions.iter().map(of).collect())
}
