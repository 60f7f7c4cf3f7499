//! One integration test program: every test talks HTTP to a server of its own, on both engines.

mod auth;
mod contract;
mod docs;
mod house;
mod policy;
mod schema;
mod sectors;
mod surface;
mod town;
