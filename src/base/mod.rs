//! The words and tools that every other room speaks: it imports nothing of the house.

pub mod calendar;
pub mod id;
pub mod instant;
pub mod problem;
pub mod seal;
pub mod text;
