//! One integration test program: every test talks HTTP to a server of its own, on both engines.

mod accounts;
mod auth;
mod calendars;
mod contract;
mod dictionaries;
mod docs;
mod house;
mod jurisdictions;
mod policy;
mod schema;
mod sectors;
mod settings;
mod setup;
mod surface;
mod town;
mod traces;
