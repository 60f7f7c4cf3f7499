//! Lianxi (联系): the contact regulation of a county CPPCC committee as one HTTP API.
//!
//! The map, top to bottom; imports run downward only:
//!
//! ```text
//! app  openapi            what it answers, and the document of it
//! directory               who and what there is, all dated
//! http  record            a request's way in and an answer's way out; what every deed leaves behind
//! db                      two engines behind one type
//! policy                  who may do what
//! base                    problems, ids, instants, calendars, Chinese text
//! ```

pub mod app;
pub mod base;
pub mod config;
pub mod db;
pub mod directory;
pub mod http;
pub mod openapi;
pub mod policy;
pub mod record;
