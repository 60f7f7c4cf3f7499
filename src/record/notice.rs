//! What people are told (art. 25): a row in the inbox of a person, or of everybody who speaks for a body.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use serde_json::Value;

use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::Maybe;
use crate::db::Tx;
use crate::db::schema::notifications::{self, dsl};
use crate::db::words::Json;
use crate::each;

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    Person(Id),
    Body(Id),
}

impl To {
    /// The person's column and the body's.
    fn columns(self) -> (Option<Id>, Option<Id>) {
        match self {
            Self::Person(id) => (Some(id), None),
            Self::Body(id) => (None, Some(id)),
        }
    }
}

/// Tells `to` that `kind` happened to a thing. `params` hold what the text needs: names of states, days, numbers; never the
/// text of an opinion or a citizen's data.
pub fn notify(tx: &mut Tx<'_>, to: To, kind: &str, thing_kind: &str, thing: Id, params: Value) -> Maybe<()> {
    insert(tx, to, kind, thing_kind, thing, params, None).map(drop)
}

/// The same to many, in one statement.
pub fn notify_all(tx: &mut Tx<'_>, to: &[To], kind: &str, thing_kind: &str, thing: Id, params: &Value) -> Maybe<()> {
    if to.is_empty() {
        return Ok(());
    }
    let row = |to: &To| {
        let (person_id, organization_id) = to.columns();
        NoticeRow {
            id: Id::fresh(),
            jurisdiction_id: tx.caller.jurisdiction,
            person_id,
            organization_id,
            kind: kind.to_owned(),
            thing_kind: thing_kind.to_owned(),
            thing_id: thing,
            params: Json(params.clone()),
            created_at: tx.now,
        }
    };
    let rows: Vec<NoticeRow> = to.iter().map(row).collect();
    each!(tx.conn, conn => diesel::insert_into(dsl::notifications).values(&rows).execute(conn))?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = notifications, treat_none_as_default_value = false)]
struct NoticeRow {
    id: Id,
    jurisdiction_id: Id,
    person_id: Option<Id>,
    organization_id: Option<Id>,
    kind: String,
    thing_kind: String,
    thing_id: Id,
    params: Json,
    created_at: Instant,
}

/// The same, but only the first time for this `once`: a reminder that two instances send at once is sent by one.
pub fn notify_once(tx: &mut Tx<'_>, to: To, kind: &str, thing_kind: &str, thing: Id, params: Value, once: &str) -> Maybe<bool> {
    let once = tx.seal.hash("once", once);
    insert(tx, to, kind, thing_kind, thing, params, Some(once))
}

/// Which of these were told before, in one statement.
pub fn told<'a>(tx: &mut Tx<'_>, once: impl IntoIterator<Item = &'a str>) -> Maybe<HashSet<String>> {
    let sought: HashMap<Vec<u8>, &str> = once.into_iter().map(|once| (tx.seal.hash("once", once), once)).collect();
    if sought.is_empty() {
        return Ok(HashSet::new());
    }
    let hashes: Vec<&Vec<u8>> = sought.keys().collect();
    let known: Vec<Option<Vec<u8>>> = dsl::notifications.filter(dsl::once.eq_any(hashes)).select(dsl::once).load(tx.conn)?;
    Ok(known.into_iter().flatten().filter_map(|hash| sought.get(&hash).map(|once| (*once).to_owned())).collect())
}

fn insert(tx: &mut Tx<'_>, to: To, kind: &str, thing_kind: &str, thing: Id, params: Value, once: Option<Vec<u8>>) -> Maybe<bool> {
    let (person, body) = to.columns();
    let row = (
        dsl::id.eq(Id::fresh()),
        dsl::jurisdiction_id.eq(tx.caller.jurisdiction),
        dsl::person_id.eq(person),
        dsl::organization_id.eq(body),
        dsl::kind.eq(kind),
        dsl::thing_kind.eq(thing_kind),
        dsl::thing_id.eq(thing),
        dsl::params.eq(Json(params)),
        dsl::once.eq(once),
        dsl::created_at.eq(tx.now),
    );
    let added = each!(tx.conn, conn => diesel::insert_into(dsl::notifications).values(row).on_conflict_do_nothing().execute(conn))?;
    Ok(added == 1)
}
