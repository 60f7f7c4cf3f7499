//! Whom a step is told.

use serde_json::{Value, json};

use super::store::Case;
use crate::base::problem::Maybe;
use crate::db::Tx;
use crate::record::{Thing, To, notify};

pub fn tell_owner(tx: &mut Tx<'_>, case: &Case, kind: &str) -> Maybe<()> {
    let Some(owner) = case.row.owner_id else { return Ok(()) };
    notify(tx, To::Body(owner), kind, Case::KIND, case.row.id, json!({"due_on": case.row.due_on}))
}

pub fn tell_authors(tx: &mut Tx<'_>, case: &Case, kind: &str, params: Value) -> Maybe<()> {
    for author in case.authors() {
        notify(tx, author.to(), kind, Case::KIND, case.row.id, params.clone())?;
    }
    Ok(())
}
