//! Identifiers: UUIDv7 (RFC 9562), so that rows of one time lie together and sort by creation.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// UUIDv7 标识 (RFC 9562)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String, format = "uuid", examples("0192f0c1-2b3c-7d4e-8f50-61728394a5b6"))]
#[serde(transparent)]
pub struct Id(pub Uuid);

impl Id {
    /// A fresh identifier; its time part is for locality only, nothing relies on it for order.
    #[expect(clippy::disallowed_methods, reason = "the identifiers' own room")]
    pub fn fresh() -> Self {
        Self(Uuid::now_v7())
    }

    /// The identifier that no row has.
    pub const NIL: Self = Self(Uuid::nil());
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Id {
    type Err = uuid::Error;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(s).map(Self)
    }
}
