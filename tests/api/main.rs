//! One integration test program: every test talks HTTP to a server of its own, on both engines.

mod auth;
mod contact_events;
mod contract;
mod sectors;
mod surface;
mod town;
