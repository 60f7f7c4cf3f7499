//! How far a role reaches: the words of the policy table's cells, and what a thing belongs to.

use crate::base::id::Id;

/// What a cell of the policy table says. A resource turns it into a filter of its queries; [`Caller::may`](super::Caller::may)
/// answers the same for one thing in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Denied: for this role the operation does not exist.
    Nobody,
    /// Everything in the jurisdiction.
    All,
    /// What is the caller's own: written, recorded, owed or received by the caller's person; for an organization, by it.
    Own,
    /// What the body that the role speaks for has to deal with.
    Owned,
    /// What comes from the sectors of the body, from its own members, and what it owns (arts. 11, 13).
    Sectors,
    /// Opinions from their submission on.
    Submitted,
    /// Opinions that were reported to a meeting, or went beyond it.
    Reported,
    /// Only whoever recorded it.
    Recorded,
    /// Only those it is about who did not record it themselves.
    Contacted,
    /// Found by a full telephone number, and shown masked.
    ByPhone,
    /// Counts of the whole, never persons or texts.
    Counts,
}

/// What one thing belongs to, as far as the table's cells ask.
#[derive(Clone, Debug, Default)]
pub struct Belongs {
    /// Persons whose own it is.
    pub persons: Vec<Id>,
    /// Organizations whose own it is (an author that is a party or a federation).
    pub organizations: Vec<Id>,
    /// Who recorded it.
    pub recorded_by: Option<Id>,
    /// Persons whom it is about.
    pub contacted: Vec<Id>,
    /// Bodies that it is about and that did not record it themselves.
    pub contacted_bodies: Vec<Id>,
    /// The body that has to deal with it.
    pub owner: Option<Id>,
    /// Committees within whose sectors it lies.
    pub committees: Vec<Id>,
    /// It left its author's desk.
    pub submitted: bool,
    /// It was put before a meeting.
    pub reported: bool,
}
