//! Moments and the clock. Order never depends on them: they are for people to read and for deadlines.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, SecondsFormat, SubsecRound, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

/// UTC 时刻 (RFC 3339)，精确到微秒
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ToSchema)]
#[schema(value_type = String, format = "date-time", examples("2026-03-05T01:30:00Z"))]
pub struct Instant(pub DateTime<Utc>);

impl Instant {
    /// Cut to microseconds, which both engines keep.
    pub fn of(at: DateTime<Utc>) -> Self {
        Self(at.trunc_subsecs(6))
    }

    pub fn plus(self, by: Duration) -> Self {
        Self(self.0 + by)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        DateTime::<Utc>::deserialize(from).map(Self::of)
    }
}

/// The one place that asks what time it is. The demo moves it; nothing else can.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset_us: Arc<AtomicI64>,
    fixed_us: Arc<AtomicI64>,
}

impl Clock {
    pub fn now(&self) -> Instant {
        let fixed = self.fixed_us.load(Ordering::Relaxed);
        if fixed != 0 {
            return Instant(DateTime::from_timestamp_micros(fixed).unwrap_or_default());
        }
        Instant::of(wall() + Duration::microseconds(self.offset_us.load(Ordering::Relaxed)))
    }

    /// From now on the clock runs as if it were `at`: the demo's and the tests' door to other days.
    pub fn set(&self, at: Instant) {
        self.offset_us.store((at.0 - wall()).num_microseconds().unwrap_or(0), Ordering::Relaxed);
    }

    /// The clock stands still at `at`: tests read the same time everywhere.
    pub fn fix(&self, at: Instant) {
        self.fixed_us.store(at.0.timestamp_micros(), Ordering::Relaxed);
    }
}

#[expect(clippy::disallowed_methods, reason = "the clock's own room")]
fn wall() -> DateTime<Utc> {
    Utc::now()
}
