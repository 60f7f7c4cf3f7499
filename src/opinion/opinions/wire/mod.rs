//! What travels of opinions.

mod received;
mod shown;
mod words;

pub use self::received::{
    OpinionCreate, OpinionDecline, OpinionFilter, OpinionLike, OpinionPatch, OpinionReason, OpinionReclassify, OpinionRegister,
    OpinionTransfer, OpinionWithdraw,
};
pub use self::shown::{
    Opinion, OpinionAuthor, OpinionDue, OpinionPage, OpinionSummary, Rest, SimilarOpinion, SimilarOpinions, Transition,
    TransitionPage,
};
pub use self::words::{DueCalendar, Intake, Outcome, Outlet, OwnerChoice};
