//! One integration test program: every test talks HTTP to a server of its own, on both engines.

mod auth;
mod calendars;
mod constituents;
mod contact_assignments;
mod contact_events;
mod contract;
mod correspondences;
mod dictionaries;
mod directory;
mod docs;
mod exemptions;
mod house;
mod jurisdictions;
mod memberships;
mod organizations;
mod persons;
mod policy;
mod posts;
mod schema;
mod sectors;
mod settings;
mod surface;
mod terms;
mod town;
mod traces;
