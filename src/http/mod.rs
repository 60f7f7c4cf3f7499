//! From bytes to a call and from an answer to bytes: what is the same for every operation.
//!
//! `surface` is the outermost: request id, language, headers, problems, metrics, the log line. `gate` lets nobody in whom the
//! policy table does not know. A handler gets a [`Call`] and hands it one closure, which runs in one hop to a blocking thread.

pub mod admitted;
pub mod answer;
pub mod call;
pub mod caller;
pub mod checks;
pub mod etag;
pub mod gate;
pub mod house;
pub mod index;
pub mod input;
mod json;
pub mod limits;
pub mod line;
pub mod metrics;
pub mod once;
pub mod page;
pub mod pages;
pub mod surface;
pub mod tokens;
pub mod told;
pub mod turns;

pub use answer::{Answer, Reply};
pub use call::Call;
pub use etag::IfMatch;
pub use house::House;
pub use input::{Ask, At, Body, PageQuery};
pub use page::Page;
