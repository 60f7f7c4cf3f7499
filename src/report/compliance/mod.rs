//! 履职情况: who has met the duties of a year (arts. 11, 12, 13, 14, 19), for any day of it.

mod contacts;
pub mod coverage;
pub mod days;
pub mod facts;
pub mod feedback;
#[cfg(test)]
mod model;
pub mod review;
pub mod roll_up;
pub mod rules;
#[cfg(test)]
mod scene;
pub mod status;
pub mod visits;
