//! The history of an opinion: a row a step, never changed.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::wire::Outcome;
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::db::schema::opinion_transitions;
use crate::db::words::Json;
use crate::opinion::way::{State, Track};

/// One step of the history.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = opinion_transitions, treat_none_as_default_value = false)]
pub struct TransitionRow {
    pub id: Id,
    pub jurisdiction_id: Id,
    pub opinion_id: Id,
    pub at: Instant,
    pub op: String,
    pub from_state: Option<State>,
    pub to_state: State,
    pub role: String,
    pub person_id: Option<Id>,
    pub organization_id: Option<Id>,
    pub owner_id: Option<Id>,
    pub reason: Option<String>,
    pub details: Json,
}

impl TransitionRow {
    pub fn details(&self) -> Details {
        serde_json::from_value(self.details.0.clone()).unwrap_or_default()
    }
}

/// The particulars of a step, as they are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meeting: Option<Id>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Id>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<Track>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_owner: Option<Id>,
}
