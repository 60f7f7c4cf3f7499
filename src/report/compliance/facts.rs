//! What articles 11 to 14 are judged by: plain rows of one jurisdiction, as somebody fetched them.
//!
//! Nothing here is filtered by day: a span is given whole, also where it began years ago, because an
//! unbroken time in office is measured from its first day. Whoever asks for one committee may give
//! that committee's rows alone; what is missing is taken as never having been.

use super::days::Span;
use chrono::NaiveDate;
use std::sync::Arc;
use uuid::Uuid;

/// A member's time in one sector (article 2: each member acts from exactly one).
/// A change of sector or of term ends one seat and begins the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    /// The member.
    pub person: Uuid,
    /// The sector the member sits for.
    pub sector: Uuid,
    /// In force; an open seat lasts until it is ended.
    pub span: Span,
}

/// The posts that articles 11 and 12 speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PostKind {
    /// 主席, a leader.
    Chairperson,
    /// 副主席, a leader.
    ViceChairperson,
    /// 秘书长, a leader.
    SecretaryGeneral,
    /// 常委: one to be contacted, on days without a leader's post.
    StandingMember,
}

impl PostKind {
    /// Whether articles 11 and 12 bind the holder as a leader.
    #[must_use]
    pub const fn is_leader(self) -> bool {
        !matches!(self, Self::StandingMember)
    }
}

/// A post held for a time (articles 11, 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Post {
    /// The holder.
    pub person: Uuid,
    /// Which post.
    pub kind: PostKind,
    /// In force.
    pub span: Span,
}

/// Who is to contact whom (article 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AssignmentKind {
    /// A leader and a standing member.
    LeaderStandingMember,
    /// A committee and a member. Article 13 follows the sector's correspondence, so no rule here reads it.
    CommitteeMember,
    /// A member and a constituent.
    MemberConstituent,
}

/// A contact assignment (article 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    /// Which of the three relations.
    pub kind: AssignmentKind,
    /// Who contacts: a person, or a committee.
    pub by: Uuid,
    /// Who is contacted: a person, or a constituent.
    pub whom: Uuid,
    /// In force.
    pub span: Span,
    /// Grows with every assignment that is created: of two that begin on one day the greater is the later.
    pub created: u64,
}

/// A sector that a special committee corresponds to (articles 11, 13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Correspondence {
    /// The sector.
    pub sector: Uuid,
    /// The special committee.
    pub committee: Uuid,
    /// In force; two of one sector do not overlap, and if they do the later one counts.
    pub span: Span,
}

/// What makes somebody on a member's list none of the people (article 11, article 14).
/// A constituent without such a row is one of the people for every member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Constituent {
    /// The constituent.
    pub id: Uuid,
    /// Holds an account in this jurisdiction, so counts for no member.
    pub holds_account: bool,
    /// The person this constituent is, where that is known: does not count for that member.
    pub person: Option<Uuid>,
}

/// What was granted: the two kinds of an exemption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExemptionKind {
    /// Lifts the judgement on the days it is in force and leaves the figures alone.
    Exemption,
    /// Leave: its days are taken off the days in office, so that less is owed.
    Leave,
}

/// An exemption or a leave that was granted to somebody (articles 11 to 14).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exemption {
    /// Its id, so that a row can name the reason.
    pub id: Uuid,
    /// Whom it was granted to.
    pub person: Uuid,
    /// Exemption or leave.
    pub kind: ExemptionKind,
    /// The article it is for, 11 to 14; `None`: all of them.
    pub article: Option<u8>,
    /// In force.
    pub span: Span,
}

impl Exemption {
    /// Whether it is of this kind and speaks of this article.
    #[must_use]
    pub fn is_for(&self, kind: ExemptionKind, article: u8) -> bool {
        self.kind == kind && self.article.is_none_or(|only| only == article)
    }
}

/// How an event stands with those who took part (article 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EventState {
    /// Written down, not yet answered.
    Recorded,
    /// Confirmed, or a dispute about it was settled so.
    Confirmed,
    /// Somebody disputes it: counts nowhere until that is settled.
    Disputed,
    /// Taken back: counts nowhere.
    Voided,
}

/// One side of an event: a person who took part, or an organization that was a side of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Participant {
    /// The person, or the organization.
    pub id: Uuid,
    /// The person whose confirmation stands for this side; `None`: not confirmed.
    pub confirmed_by: Option<Uuid>,
}

/// One record of a contact (articles 1, 10, 12 to 14).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactEvent {
    /// The record.
    pub id: Uuid,
    /// The local day it took place.
    pub occurred_on: NaiveDate,
    /// The form of contact, as the dictionary spells it (article 10). Shared, since a city's year repeats a few of them
    /// a hundred thousand times.
    pub form: Arc<str>,
    /// How it stands.
    pub state: EventState,
    /// The member affairs committee settled a dispute about it as confirmed.
    pub settled: bool,
    /// Shared by the records that tell of one contact. Records of a group that touches the year must
    /// all be given, whatever their day: the earliest of them decides.
    pub link_group: Option<Uuid>,
    /// The year whose work was reviewed (articles 12, 13); `None`: no review.
    pub review_of_year: Option<i32>,
    /// The person who recorded it.
    pub recorded_by: Uuid,
    /// The organization it was recorded for, where somebody recorded it under a committee's or the
    /// office's role: that side then cannot be the one to confirm.
    pub recorded_for: Option<Uuid>,
    /// Persons who took part, whoever initiated it.
    pub persons: Vec<Participant>,
    /// Organizations that were a side of it.
    pub organizations: Vec<Participant>,
    /// Constituents who were met (article 14).
    pub constituents: Vec<Uuid>,
    /// Outside persons who were met, given by name, without an account here (article 14).
    pub outsiders: u32,
    /// People who were met and only counted (article 14).
    pub others_count: u32,
}

/// The forms of contact that count as going among the people (article 14), from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountingForms {
    /// First day of this version of the setting; it holds until the next one begins.
    pub from: NaiveDate,
    /// Forms as the dictionary spells them.
    pub forms: Vec<String>,
}

/// Forms that count on days before any version of the setting (article 14).
pub const COUNTING_FORMS: [&str; 2] = ["visit", "reciprocal_visit"];

/// The thresholds of the day the report is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// Visits among the people in a whole year of office (article 14).
    pub visits: u32,
    /// Constituents of each member (article 11).
    pub constituents: u32,
    /// A duty not yet met is at risk with fewer days than this left, in calendar days.
    pub at_risk_days: u32,
    /// Calendar days at the head of an unbroken time in office in which article 11 is not yet pressed.
    pub grace_days: u32,
    /// Working days from submission to the first feedback (article 19).
    pub first_feedback_days: u32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { visits: 2, constituents: 5, at_risk_days: 90, grace_days: 60, first_feedback_days: 60 }
    }
}

/// Everything articles 11 to 14 look at, for one jurisdiction or a part of it, in any order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    /// Members' times in their sectors.
    pub seats: &'a [Seat],
    /// Leaders' and standing members' posts.
    pub posts: &'a [Post],
    /// Who is to contact whom.
    pub assignments: &'a [Assignment],
    /// Which committee corresponds to which sector.
    pub correspondences: &'a [Correspondence],
    /// Constituents who do not count for everybody; the others may be left out.
    pub constituents: &'a [Constituent],
    /// Exemptions and leaves.
    pub exemptions: &'a [Exemption],
    /// Records of contacts.
    pub events: &'a [ContactEvent],
    /// Versions of the setting of counting forms.
    pub counting_forms: &'a [CountingForms],
    /// Thresholds in force on the day the report is made for.
    pub thresholds: Thresholds,
}
