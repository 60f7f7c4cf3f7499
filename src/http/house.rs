//! Everything that outlives a request.

use std::sync::Arc;

use actix_web::web;
use serde_json::Value;

use super::checks::Checks;
use super::index::Index;
use super::limits::Limits;
use super::metrics::Metrics;
use super::tokens::Tokens;
use super::turns::Turns;
use crate::config::Profile;
use crate::db::Db;

/// What the requests share: pools, the document and what is made of it, keys, limits, figures.
pub struct House {
    pub db: Db,
    pub document: Arc<Value>,
    /// The document as it is served.
    pub text: web::Bytes,
    pub index: Index,
    pub checks: Checks,
    pub limits: Limits,
    pub metrics: Metrics,
    pub tokens: Tokens,
    /// For whoever hashes a password.
    pub turns: Turns,
    pub profile: Profile,
    /// Seconds that an access token lives, and a session that nobody uses.
    pub access_seconds: i64,
    pub refresh_seconds: i64,
    /// The demo's house: its clock may be moved over HTTP.
    pub is_demo: bool,
}
