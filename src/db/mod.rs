//! The engines and what stands in them. Only `dialect` asks which engine it is.

pub mod dialect;
pub mod engine;
pub mod limited;
pub mod schema;
pub mod words;

pub use engine::{Conn, Db, Engine, Tx};
