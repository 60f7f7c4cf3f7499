//! What the operator's monitoring reads at `/metrics`: counts and times by operation, never by person.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::db::Db;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByStatus {
    operation: &'static str,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByOperation {
    operation: &'static str,
}

/// The service's own figures.
pub struct Metrics {
    registry: Registry,
    requests: Family<ByStatus, Counter>,
    seconds: Family<ByOperation, Histogram>,
    connections: Gauge,
    connections_in_use: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("lianxi");
        let requests = Family::<ByStatus, Counter>::default();
        let seconds =
            Family::<ByOperation, Histogram>::new_with_constructor(|| Histogram::new(exponential_buckets(0.0005, 2.0, 14)));
        let (connections, connections_in_use) = (Gauge::default(), Gauge::default());
        registry.register("requests", "Requests answered, by operation and status", requests.clone());
        registry.register("request_seconds", "Time to answer, by operation", seconds.clone());
        registry.register("database_connections", "Connections open in the pool", connections.clone());
        registry.register("database_connections_in_use", "Connections of the pool at work", connections_in_use.clone());
        Self { registry, requests, seconds, connections, connections_in_use }
    }
}

impl Metrics {
    pub fn count(&self, operation: &'static str, status: u16, seconds: f64) {
        self.requests.get_or_create(&ByStatus { operation, status }).inc();
        self.seconds.get_or_create(&ByOperation { operation }).observe(seconds);
    }

    /// The OpenMetrics text.
    pub fn text(&self, db: &Db) -> String {
        let (in_use, open) = db.in_use();
        self.connections.set(open.into());
        self.connections_in_use.set(in_use.into());
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
