//! Lianxi (联系): the contact regulation of a county CPPCC committee as one HTTP API.
//!
//! The map, top to bottom; imports run downward only:
//!
//! ```text
//! cli                     the commands
//! seed                    bulk data for measuring
//! demo                    a county that somebody can try
//! app  jobs  openapi      what it answers, what it does by itself, and the document
//! me  report              what one account owes; what the whole has done
//! opinion                 an opinion's way, meetings, feedback
//! contact                 constituents, assignments, events
//! access                  logging in
//! directory               who and what there is, all dated
//! http  record            a request's way in and an answer's way out; what every deed leaves behind
//! db                      two engines behind one type
//! policy                  who may do what
//! base                    problems, ids, instants, calendars, Chinese text
//! ```

pub mod access;
pub mod app;
pub mod base;
pub mod cli;
pub mod config;
pub mod contact;
pub mod db;
pub mod demo;
pub mod directory;
pub mod http;
pub mod jobs;
pub mod me;
pub mod openapi;
pub mod opinion;
pub mod policy;
pub mod record;
pub mod report;
pub mod seed;
