//! What is known of a request on its way in: its name and origin at the surface, its operation and caller behind the gate.

use crate::base::problem::Language;
use crate::policy::Op;
use crate::policy::token::Claims;

/// What is known of a request before anything else is.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    pub id: String,
    pub source: String,
    pub language: Language,
}

/// What the gate knows of a request that it let through.
#[derive(Clone, Debug)]
pub struct Admitted {
    pub op: Op,
    pub claims: Option<Claims>,
    pub request_id: String,
    /// The caller's network address, proxies of ours taken off.
    pub source: String,
}
