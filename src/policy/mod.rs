//! Who may do what: one table, one way to read it. No HTTP, no SQL.

pub mod caller;
pub mod reach;
pub mod table;
pub mod token;

pub use caller::{Caller, Grant};
pub use reach::{Belongs, Reach};
pub use table::{Op, Role};
