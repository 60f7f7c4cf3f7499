//! How stories go, and how often each.

/// How a story goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Draft,
    /// It waits to be triaged.
    Submitted,
    Returned,
    Accepted,
    /// On the agenda of the next meeting.
    Reported,
    /// The meeting decided, nobody was told yet.
    Decided,
    /// Kept for reference, nobody was told yet.
    Kept,
    /// The author has not acknowledged yet.
    Answered,
    /// All the way, with the author content.
    Closed,
    /// The author never answered.
    Silent,
    Declined,
    /// Declined, objected to, taken up by the office.
    Objected,
    Withdrawn,
    /// Returned and never submitted again.
    Lapsed,
    /// Returned, submitted again, and all the way.
    Resubmitted,
    Retained,
    /// Handed from one body to another, then all the way.
    Transferred,
    /// The answer dissatisfied, and was given anew.
    Dissatisfied,
    /// Put off to the next meeting.
    Deferred,
    /// Written down for its author by the office.
    Registered,
}

use Fate::{
    Accepted, Answered, Closed, Decided, Declined, Deferred, Dissatisfied, Draft, Kept, Lapsed, Objected, Registered, Reported,
    Resubmitted, Retained, Returned, Silent, Submitted, Transferred, Withdrawn,
};

/// The frequent ones more than once.
pub const FATES: &[Fate] = &[
    Closed,
    Closed,
    Closed,
    Closed,
    Closed,
    Closed,
    Closed,
    Silent,
    Silent,
    Declined,
    Objected,
    Withdrawn,
    Lapsed,
    Resubmitted,
    Resubmitted,
    Retained,
    Retained,
    Transferred,
    Dissatisfied,
    Deferred,
    Registered,
    Registered,
];

/// Those that stand somewhere on the way today, and how many working days ago they were written so that they do.
pub const PENDING: &[(Fate, usize)] = &[
    (Draft, 3),
    (Submitted, 1),
    (Submitted, 2),
    (Submitted, 7),
    (Returned, 9),
    (Accepted, 9),
    (Accepted, 22),
    (Reported, 16),
    (Decided, 0),
    (Answered, 0),
    (Kept, 14),
    (Returned, 14),
];

/// What the first members of the demo find on their desks.
pub const DESK: &[&[Fate]] = &[
    &[Closed, Dissatisfied, Answered, Accepted, Returned, Submitted, Draft, Declined],
    &[Closed, Silent, Decided, Reported, Submitted, Draft],
    &[Closed, Retained, Answered, Submitted],
    &[Closed, Transferred, Reported, Submitted, Returned, Draft],
    &[Withdrawn, Draft],
];
