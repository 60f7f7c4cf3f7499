//! One integration test program: every test talks HTTP to a server of its own, on both engines.

mod auth;
mod constituents;
mod contact_assignments;
mod contract;
mod correspondences;
mod directory;
mod docs;
mod house;
mod memberships;
mod organizations;
mod persons;
mod policy;
mod posts;
mod schema;
mod exemptions;
mod sectors;
mod surface;
mod terms;
mod town;
