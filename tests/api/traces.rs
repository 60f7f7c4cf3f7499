//! What a deed left behind: entries of the audit log, notifications, whole chains.

use diesel::prelude::*;
use lianxi::base::id::Id;
use lianxi::db::schema::{audit_entries, changes, notifications};
use lianxi::db::words::Json;
use lianxi::record;
use serde_json::Value;

use crate::town::Town;

/// One entry of the audit log.
#[derive(Debug)]
pub struct Entry {
    /// `None`: no role acted, as at a login.
    pub role: Option<String>,
    pub thing: Id,
    pub details: Value,
}

/// The entries of an operation, oldest first.
pub fn audited(town: &Town, op: &str) -> Vec<Entry> {
    town.rows(|conn| {
        let rows: Vec<(Option<String>, Id, Json)> = audit_entries::table
            .filter(audit_entries::op.eq(op.to_owned()))
            .order((audit_entries::jurisdiction_id, audit_entries::seq))
            .select((audit_entries::role, audit_entries::thing_id, audit_entries::details))
            .load(conn)
            .expect("entries");
        rows.into_iter().map(|(role, thing, details)| Entry { role, thing, details: details.0 }).collect()
    })
}

/// How often the change feed has an operation.
pub fn changed(town: &Town, op: &str) -> i64 {
    town.rows(|conn| changes::table.filter(changes::op.eq(op.to_owned())).count().get_result(conn).expect("a count"))
}

/// Whom a kind of notification went to, with its parameters: bodies only, oldest first.
pub fn told_bodies(town: &Town, kind: &str) -> Vec<(Option<Id>, Value)> {
    town.rows(|conn| {
        let rows: Vec<(Option<Id>, Json)> = notifications::table
            .filter(notifications::kind.eq(kind.to_owned()))
            .order(notifications::id)
            .select((notifications::organization_id, notifications::params))
            .load(conn)
            .expect("notifications");
        rows.into_iter().map(|(body, params)| (body, params.0)).collect()
    })
}

/// Every audit chain is whole.
pub fn chains_are_whole(town: &Town) {
    let verified = town.rows(|conn| record::verify_all(conn, town.db.seal()).expect("a verification"));
    assert!(verified.is_ok(), "{verified:?}");
}
