//! Rows of opinions: whose they are, who finds them, and how a step is saved.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::wire::{Intake, Outcome, Outlet, OwnerChoice};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::Maybe;
use crate::contact::contact_events::ContentKind;
use crate::db::schema::{opinion_constituents, opinion_texts, opinions};
use crate::db::{Engine, Tx};
use crate::directory::in_force;
use crate::opinion::deadlines::Urgency;
use crate::opinion::way::{DueKind, Facts, Standing, State, Track};
use crate::policy::{Belongs, Caller, Op, Reach};
use crate::record::{self, Thing, To};
use crate::{each, overwrite};

/// Where an opinion stands; what was written is in [`TextRow`].
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = opinions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct OpinionRow {
    pub id: Id,
    pub jurisdiction_id: Id,
    pub track: Track,
    pub state: State,
    pub title: String,
    pub category: String,
    pub urgency: Urgency,
    pub author_person_id: Option<Id>,
    pub author_organization_id: Option<Id>,
    /// The author's sector on the day of the first submission.
    pub sector_id: Option<Id>,
    pub recorded_by: Option<Id>,
    pub owner_id: Option<Id>,
    pub accepted_by: Option<Id>,
    /// The first submission; a later one does not change it.
    pub submitted_on: Option<NaiveDate>,
    pub returned_on: Option<NaiveDate>,
    pub due_kind: Option<DueKind>,
    pub due_on: Option<NaiveDate>,
    pub due_assumed: bool,
    pub transfers: i64,
    pub objected: bool,
    /// The person who declined it last; the account, where it links no person.
    pub declined_by: Option<Id>,
    pub declined_on: Option<NaiveDate>,
    /// An author was dissatisfied once: that opens it again no second time.
    pub dissatisfied: bool,
    /// How many results its authors were told.
    pub round: i64,
    /// The meeting on whose agenda it stands, or that decided it.
    pub meeting_id: Option<Id>,
    pub outcome: Option<Outcome>,
    pub resolution_id: Option<Id>,
    pub reminded_on: Option<NaiveDate>,
    /// Decided, but by an earlier decision: it may be reported anew.
    pub reopened: bool,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl OpinionRow {
    /// An empty draft, without an author yet.
    pub fn blank(jurisdiction_id: Id, id: Id, at: Instant) -> Self {
        Self {
            id,
            jurisdiction_id,
            track: Track::SocialConditions,
            state: State::Draft,
            title: String::new(),
            category: String::new(),
            urgency: Urgency::Normal,
            author_person_id: None,
            author_organization_id: None,
            sector_id: None,
            recorded_by: None,
            owner_id: None,
            accepted_by: None,
            submitted_on: None,
            returned_on: None,
            due_kind: None,
            due_on: None,
            due_assumed: false,
            transfers: 0,
            objected: false,
            declined_by: None,
            declined_on: None,
            dissatisfied: false,
            round: 0,
            meeting_id: None,
            outcome: None,
            resolution_id: None,
            reminded_on: None,
            reopened: false,
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }
}

/// What the author wrote.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = opinion_texts, primary_key(opinion_id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct TextRow {
    pub opinion_id: Id,
    pub situation: String,
    pub analysis: Option<String>,
    pub suggestions: Option<String>,
    /// Words of [`ContentKind`], joined by commas.
    pub content_kinds: String,
    pub intake: Intake,
    pub outlet: Outlet,
    pub may_publish: bool,
    pub no_state_secrets: bool,
    pub owner_choice: Option<OwnerChoice>,
    pub event_id: Option<Id>,
    pub contact_person_id: Option<Id>,
    pub client_ref: Option<String>,
}

impl TextRow {
    pub fn content_kinds(&self) -> Vec<ContentKind> {
        self.content_kinds.split(',').filter_map(|word| word.parse().ok()).collect()
    }
}

/// The set as it stands in the column: each word once, in the order of the regulation.
pub fn joined(kinds: &[ContentKind]) -> String {
    ContentKind::ALL.iter().filter(|kind| kinds.contains(kind)).map(|kind| kind.as_str()).collect::<Vec<_>>().join(",")
}

/// An author as a person or as an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    Person(Id),
    Organization(Id),
}

impl Author {
    pub const fn person(self) -> Option<Id> {
        match self {
            Self::Person(id) => Some(id),
            Self::Organization(_) => None,
        }
    }

    pub const fn organization(self) -> Option<Id> {
        match self {
            Self::Person(_) => None,
            Self::Organization(id) => Some(id),
        }
    }

    /// Where the author is told.
    pub const fn to(self) -> To {
        match self {
            Self::Person(id) => To::Person(id),
            Self::Organization(id) => To::Body(id),
        }
    }
}

/// An opinion with the committees that correspond to its sector today.
#[derive(Clone, Debug)]
pub struct Case {
    pub row: OpinionRow,
    committees: Vec<Id>,
}

impl Case {
    pub fn author(&self) -> Option<Author> {
        self.row.author_person_id.map(Author::Person).or_else(|| self.row.author_organization_id.map(Author::Organization))
    }

    /// Everybody who is told the result: each has a receipt of their own.
    pub fn authors(&self) -> Vec<Author> {
        self.author().into_iter().collect()
    }

    pub fn facts(&self, today: NaiveDate) -> Facts {
        let row = &self.row;
        Facts {
            reopened: row.reopened,
            may_object: !row.objected && row.due_kind == Some(DueKind::Objection) && row.due_on.is_some_and(|on| today <= on),
            reminded_today: row.reminded_on == Some(today),
            ..Facts::default()
        }
    }

    pub fn standing(&self, today: NaiveDate) -> Standing {
        Standing {
            state: self.row.state,
            facts: self.facts(today),
            belongs: self.belongs(),
            track: self.row.track,
            transfers: self.row.transfers,
            author_person: self.row.author_person_id,
            author_organization: self.row.author_organization_id,
            declined_by: self.row.declined_by.filter(|_| self.row.objected),
        }
    }
}

impl Thing for Case {
    const KIND: &'static str = "opinion";

    fn id(&self) -> Id {
        self.row.id
    }

    fn version(&self) -> i64 {
        self.row.version
    }

    fn state(&self) -> Option<&'static str> {
        Some(self.row.state.as_str())
    }

    fn belongs(&self) -> Belongs {
        let row = &self.row;
        let submitted = row.submitted_on.is_some();
        let within = self.committees.iter().copied().chain(row.accepted_by);
        Belongs {
            persons: row.author_person_id.into_iter().collect(),
            organizations: row.author_organization_id.into_iter().collect(),
            recorded_by: row.recorded_by,
            owner: row.owner_id,
            committees: if submitted { within.collect() } else { Vec::new() },
            submitted,
            reported: row.meeting_id.is_some(),
            ..Belongs::default()
        }
    }
}

type Filter = Box<dyn BoxableExpression<opinions::table, Engine, SqlType = Bool>>;

macro_rules! is {
    ($column:expr, $value:expr) => {
        $column.is_not_null().and($column.assume_not_null().eq($value))
    };
}

/// Every query of an opinion starts here: what the caller's roles reach under `op`.
pub fn visible(tx: &Tx<'_>, op: Op) -> opinions::BoxedQuery<'static, Engine> {
    let ours = opinions::table.filter(opinions::jurisdiction_id.eq(tx.jurisdiction())).into_boxed();
    match scope(tx.caller, op) {
        Some(reach) => ours.filter(reach),
        None => ours.filter(opinions::id.ne(opinions::id)),
    }
}

fn scope(caller: &Caller, op: Op) -> Option<Filter> {
    let filters = caller.reaches(op).filter_map(|(reach, grant)| -> Option<Filter> {
        let body = grant.organization;
        match reach {
            Reach::All => Some(Box::new(opinions::id.eq(opinions::id))),
            Reach::Submitted => Some(Box::new(opinions::submitted_on.is_not_null())),
            Reach::Reported => Some(Box::new(opinions::meeting_id.is_not_null())),
            Reach::Owned => Some(Box::new(is!(opinions::owner_id, body?))),
            Reach::Recorded => Some(Box::new(is!(opinions::recorded_by, caller.person?))),
            Reach::Own => match (grant.person, body) {
                (Some(person), None) => Some(Box::new(is!(opinions::author_person_id, person))),
                (None, Some(body)) => Some(Box::new(is!(opinions::author_organization_id, body))),
                (Some(person), Some(body)) => {
                    Some(Box::new(is!(opinions::author_person_id, person).or(is!(opinions::author_organization_id, body))))
                }
                (None, None) => None,
            },
            Reach::Sectors => {
                let sectors = grant.sectors.clone();
                let of_sectors = opinions::sector_id.is_not_null().and(opinions::sector_id.assume_not_null().eq_any(sectors));
                let of_body = is!(opinions::owner_id, body?).or(is!(opinions::accepted_by, body?));
                Some(Box::new(opinions::submitted_on.is_not_null().and(of_body.or(of_sectors))))
            }
            Reach::Nobody | Reach::Contacted | Reach::ByPhone | Reach::Counts => None,
        }
    });
    filters.reduce(|a, b| Box::new(a.or(b)))
}

/// The rows with the committees of their sectors: one statement, however many.
pub fn cases(tx: &mut Tx<'_>, rows: Vec<OpinionRow>) -> Maybe<Vec<Case>> {
    let mut sectors: Vec<Id> = rows.iter().filter_map(|row| row.sector_id).collect();
    sectors.sort_unstable();
    sectors.dedup();
    let today = tx.today;
    let pairs = in_force::committees_of(tx, &sectors, today)?;
    let committees = |row: &OpinionRow| {
        pairs.iter().filter(|(sector, _)| row.sector_id == Some(*sector)).map(|(_, committee)| *committee).collect()
    };
    Ok(rows.into_iter().map(|row| Case { committees: committees(&row), row }).collect())
}

fn case(tx: &mut Tx<'_>, row: OpinionRow) -> Maybe<Case> {
    record::only(cases(tx, vec![row])?)
}

/// What is in the caller's scope under the reading operation; anything else is not there.
pub fn find(tx: &mut Tx<'_>, id: Id) -> Maybe<Case> {
    let row = visible(tx, Op::opinion_read).filter(opinions::id.eq(id)).select(OpinionRow::as_select()).first(tx.conn)?;
    case(tx, row)
}

/// Whatever the caller's scope: for the clock, and for what follows from a deed on another thing.
pub fn any(tx: &mut Tx<'_>, id: Id) -> Maybe<Case> {
    let row = opinions::table
        .filter(opinions::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(opinions::id.eq(id))
        .select(OpinionRow::as_select())
        .first(tx.conn)?;
    case(tx, row)
}

/// The same, and nobody else changes it until this transaction ends.
pub fn hold(tx: &mut Tx<'_>, id: Id) -> Maybe<Case> {
    let row = opinions::table.filter(opinions::jurisdiction_id.eq(tx.jurisdiction())).filter(opinions::id.eq(id));
    diesel::update(row).set(opinions::updated_at.eq(opinions::updated_at)).execute(tx.conn)?;
    any(tx, id)
}

pub fn text(tx: &mut Tx<'_>, id: Id) -> Maybe<TextRow> {
    Ok(opinion_texts::table.find(id).select(TextRow::as_select()).first(tx.conn)?)
}

pub fn constituents(tx: &mut Tx<'_>, id: Id) -> Maybe<Vec<Id>> {
    Ok(opinion_constituents::table
        .filter(opinion_constituents::opinion_id.eq(id))
        .select(opinion_constituents::constituent_id)
        .order(opinion_constituents::constituent_id)
        .load(tx.conn)?)
}

pub fn set_constituents(tx: &mut Tx<'_>, id: Id, constituents: &[Id]) -> Maybe<()> {
    diesel::delete(opinion_constituents::table.filter(opinion_constituents::opinion_id.eq(id))).execute(tx.conn)?;
    let rows: Vec<_> = constituents
        .iter()
        .map(|constituent| (opinion_constituents::opinion_id.eq(id), opinion_constituents::constituent_id.eq(*constituent)))
        .collect();
    if !rows.is_empty() {
        each!(tx.conn, conn => diesel::insert_into(opinion_constituents::table).values(&rows).execute(conn))?;
    }
    Ok(())
}

/// Writes the row over the version that was read.
pub fn put(tx: &mut Tx<'_>, row: &mut OpinionRow) -> Maybe<()> {
    let seen = row.version;
    row.version += 1;
    row.updated_at = tx.now;
    overwrite!(tx, opinions, (row.id, seen), &*row)
}
