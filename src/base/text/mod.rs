//! What strings are made of: how input is cleaned, how Chinese text is searched and compared, and how personal data
//! in it is found and masked.
//!
//! Lengths and positions are counted in characters (Unicode scalar values), never in bytes.

mod input;
mod likeness;
mod mask;
mod personal;
mod phone;
#[cfg(test)]
mod samples;
mod search;

pub use self::input::{Flaw, Form, length_without_white_space, normalise};
pub use self::likeness::{Outline, similarity};
pub use self::mask::{mask_name, mask_phone};
pub use self::personal::{Finding, FindingKind, personal_data};
pub use self::phone::normalise_phone;
pub use self::search::{contains, query_tokens, search_form, tokens};
