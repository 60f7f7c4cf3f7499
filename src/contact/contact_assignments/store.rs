//! Rows of contact assignments: how one begins and how one ends, for every room that has a reason to.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde_json::json;

use super::wire::{AssignmentKind, ContactAssignmentFilter};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Code, Maybe, Problem, say};
use crate::db::limited::limited;
use crate::db::schema::contact_assignments::{self, dsl};
use crate::db::schema::{memberships, posts};
use crate::db::{Engine, Tx, dialect};
use crate::directory::{dated, in_force};
use crate::http::Page;
use crate::http::page::EXACT;
use crate::policy::{Belongs, Grant, Op, Reach};
use crate::record::{self, Thing, To};
use crate::{keyset, overwrite};

/// A row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = contact_assignments)]
pub struct AssignmentRow {
    pub id: Id,
    pub jurisdiction_id: Id,
    pub kind: AssignmentKind,
    pub contacting_person_id: Option<Id>,
    pub contacting_organization_id: Option<Id>,
    pub contacted_person_id: Option<Id>,
    pub contacted_constituent_id: Option<Id>,
    pub from_day: NaiveDate,
    pub to_day: Option<NaiveDate>,
    pub resolution: Option<String>,
    pub end_reason: Option<String>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl AssignmentRow {
    /// An assignment between two sides that are yet to be named.
    pub fn new(tx: &Tx<'_>, kind: AssignmentKind, from: NaiveDate) -> Self {
        Self {
            id: Id::fresh(),
            jurisdiction_id: tx.jurisdiction(),
            kind,
            contacting_person_id: None,
            contacting_organization_id: None,
            contacted_person_id: None,
            contacted_constituent_id: None,
            from_day: from,
            to_day: None,
            resolution: None,
            end_reason: None,
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
        }
    }

    /// A member and one of the people (art. 11).
    pub fn of_constituent(tx: &Tx<'_>, member: Id, constituent: Id, from: NaiveDate) -> Self {
        let mut row = Self::new(tx, AssignmentKind::MemberConstituent, from);
        row.contacting_person_id = Some(member);
        row.contacted_constituent_id = Some(constituent);
        row
    }
}

/// A row with the committees within whose sectors the contacted person stands today.
struct Placed<'r> {
    row: &'r AssignmentRow,
    committees: Vec<Id>,
}

impl Thing for Placed<'_> {
    const KIND: &'static str = "contact_assignment";

    fn id(&self) -> Id {
        self.row.id
    }

    fn version(&self) -> i64 {
        self.row.version
    }

    fn belongs(&self) -> Belongs {
        Belongs {
            persons: [self.row.contacting_person_id, self.row.contacted_person_id].into_iter().flatten().collect(),
            owner: self.row.contacting_organization_id,
            committees: self.committees.clone(),
            ..Belongs::default()
        }
    }
}

impl<'r> Placed<'r> {
    fn of(tx: &mut Tx<'_>, row: &'r AssignmentRow) -> Maybe<Self> {
        let mut committees = Vec::new();
        if let Some(person) = row.contacted_person_id {
            let day = tx.today;
            let sectors: Vec<Id> = in_force::sector_of(tx, person, day)?.into_iter().collect();
            committees.extend(in_force::committees_of(tx, &sectors, day)?.into_iter().map(|(_, committee)| committee));
            committees.extend(in_force::bodies_of(tx, &[person], "special_committee", day)?.into_iter().map(|(_, body)| body));
        }
        Ok(Self { row, committees })
    }
}

type Rows = contact_assignments::BoxedQuery<'static, Engine>;
type Condition = Box<dyn BoxableExpression<contact_assignments::table, Engine, SqlType = Bool>>;

/// What the caller reaches, in parts that are each answered in order from one index.
fn reached(tx: &Tx<'_>, op: Op) -> Vec<Condition> {
    let mut parts = Vec::new();
    for (reach, grant) in tx.caller.reaches(op) {
        match (reach, grant.person, grant.organization) {
            (Reach::All, ..) => parts.push(Box::new(dsl::id.eq(dsl::id)) as Condition),
            (Reach::Own, Some(own), _) => parts.extend([is_contacting(own), is_contacted(own)]),
            (Reach::Owned, _, Some(body)) => parts.push(of_body(body)),
            (Reach::Sectors, _, Some(body)) => {
                parts.push(of_body(body));
                parts.extend(OF_MEMBERS.map(|kind| of_kind_in_sectors(tx, grant, body, kind)));
            }
            _ => {}
        }
    }
    parts
}

fn ours(tx: &Tx<'_>) -> Rows {
    dsl::contact_assignments.filter(dsl::jurisdiction_id.eq(tx.jurisdiction())).into_boxed()
}

/// Every query of an assignment starts here or in [`page`].
fn visible(tx: &Tx<'_>, op: Op) -> Rows {
    match reached(tx, op).into_iter().reduce(|a, b| Box::new(a.or(b))) {
        Some(within) => ours(tx).filter(within),
        None => ours(tx).filter(dsl::id.ne(dsl::id)),
    }
}

/// The relations whose contacted side is a member.
const OF_MEMBERS: [AssignmentKind; 2] = [AssignmentKind::LeaderStandingMember, AssignmentKind::CommitteeMember];

fn is_contacting(person: Id) -> Condition {
    Box::new(dsl::contacting_person_id.is_not_null().and(dsl::contacting_person_id.assume_not_null().eq(person)))
}

fn is_contacted(person: Id) -> Condition {
    Box::new(dsl::contacted_person_id.is_not_null().and(dsl::contacted_person_id.assume_not_null().eq(person)))
}

fn of_body(body: Id) -> Condition {
    Box::new(dsl::contacting_organization_id.is_not_null().and(dsl::contacting_organization_id.assume_not_null().eq(body)))
}

/// Those of members who stand in the body's sectors or belong to it today.
fn of_kind_in_sectors(tx: &Tx<'_>, grant: &Grant, body: Id, kind: AssignmentKind) -> Condition {
    let members = posts::table
        .filter(posts::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(posts::kind.eq("member"))
        .filter(posts::sector_id.eq_any(grant.sectors.clone()))
        .filter(posts::from_day.le(tx.today))
        .filter(posts::to_day.is_null().or(posts::to_day.ge(tx.today)))
        .select(posts::person_id);
    let own = memberships::table
        .filter(memberships::organization_id.eq(body))
        .filter(memberships::from_day.le(tx.today))
        .filter(memberships::to_day.is_null().or(memberships::to_day.ge(tx.today)))
        .select(memberships::person_id);
    let contacted = dsl::contacted_person_id.assume_not_null();
    let theirs = dsl::contacted_person_id.is_not_null().and(contacted.eq_any(members).or(contacted.eq_any(own)));
    Box::new(dsl::kind.eq(kind).and(theirs))
}

/// The rows of a page. Each part of what the caller reaches is read by itself and the parts are put together: as one condition
/// with OR the engines would walk through all assignments in the order of their ids.
pub fn page(tx: &mut Tx<'_>, page: &Page, filter: &ContactAssignmentFilter) -> Maybe<Vec<AssignmentRow>> {
    let mut rows: Vec<AssignmentRow> = Vec::new();
    for part in reached(tx, Op::contact_assignment_list) {
        rows.extend(keyset!(tx, page, wanted(ours(tx).filter(part), filter), AssignmentRow::as_select(), contact_assignments {}));
    }
    rows.sort_unstable_by(|a, b| if page.descending { b.id.cmp(&a.id) } else { a.id.cmp(&b.id) });
    rows.dedup_by_key(|row| row.id);
    Ok(rows)
}

/// How many rows the whole list has, up to one more than are counted exactly.
pub fn count(tx: &mut Tx<'_>, filter: &ContactAssignmentFilter) -> Maybe<usize> {
    let mut ids: BTreeSet<Id> = BTreeSet::new();
    for part in reached(tx, Op::contact_assignment_list) {
        let query = limited(wanted(ours(tx).filter(part), filter).select(dsl::id), EXACT + 1);
        ids.extend(query.load::<Id>(tx.conn)?);
    }
    Ok(ids.len())
}

fn wanted(mut rows: Rows, filter: &ContactAssignmentFilter) -> Rows {
    if let Some(kinds) = &filter.kind {
        rows = rows.filter(dsl::kind.eq_any(kinds.clone()));
    }
    if let Some(id) = filter.contacting_person_id {
        rows = rows.filter(dsl::contacting_person_id.eq(id));
    }
    if let Some(id) = filter.contacting_organization_id {
        rows = rows.filter(dsl::contacting_organization_id.eq(id));
    }
    if let Some(id) = filter.contacted_person_id {
        rows = rows.filter(dsl::contacted_person_id.eq(id));
    }
    if let Some(id) = filter.contacted_constituent_id {
        rows = rows.filter(dsl::contacted_constituent_id.eq(id));
    }
    if let Some(day) = filter.as_of {
        rows = rows.filter(dsl::from_day.le(day)).filter(dsl::to_day.is_null().or(dsl::to_day.ge(day)));
    }
    rows
}

pub fn find(tx: &mut Tx<'_>, op: Op, id: Id) -> Maybe<AssignmentRow> {
    Ok(visible(tx, op).filter(dsl::id.eq(id)).select(AssignmentRow::as_select()).first(tx.conn)?)
}

/// Whether the caller may begin or end this one: a member only with own people, a committee only in its own name.
pub fn admit(tx: &Tx<'_>, op: Op, row: &AssignmentRow) -> Maybe<()> {
    let may = tx.caller.reaches(op).any(|(reach, grant)| match reach {
        Reach::All => true,
        Reach::Own => {
            row.kind == AssignmentKind::MemberConstituent && grant.person.is_some() && row.contacting_person_id == grant.person
        }
        Reach::Owned => grant.organization.is_some() && row.contacting_organization_id == grant.organization,
        _ => false,
    });
    if may { Ok(()) } else { Err(Problem::plain(Code::Forbidden)) }
}

/// Begins an assignment whose sides are judged already. 409 when the two have one at that time.
pub fn begin(tx: &mut Tx<'_>, row: &AssignmentRow) -> Maybe<()> {
    refuse_double(tx, row)?;
    diesel::insert_into(dsl::contact_assignments).values(row).execute(tx.conn)?;
    let placed = Placed::of(tx, row)?;
    record::deed(tx, Op::contact_assignment_create, &placed);
    tell(tx, "contact_assignment_created", row, json!({"kind": row.kind, "from": row.from_day}))
}

fn refuse_double(tx: &mut Tx<'_>, row: &AssignmentRow) -> Maybe<()> {
    let sides = [row.contacting_person_id, row.contacting_organization_id, row.contacted_person_id, row.contacted_constituent_id];
    let key = tx.seal.hash("contact-assignment", &format!("{:?} {sides:?}", row.kind));
    dialect::lock(tx.conn, &key)?;
    let mut same = dsl::contact_assignments
        .filter(dsl::jurisdiction_id.eq(row.jurisdiction_id))
        .filter(dsl::kind.eq(row.kind))
        .filter(dsl::to_day.is_null().or(dsl::to_day.ge(row.from_day)))
        .into_boxed();
    if let Some(id) = row.contacted_person_id {
        same = same.filter(dsl::contacted_person_id.eq(id));
    }
    if let Some(id) = row.contacted_constituent_id {
        same = same.filter(dsl::contacted_constituent_id.eq(id));
    }
    if let Some(id) = row.contacting_person_id {
        same = same.filter(dsl::contacting_person_id.eq(id));
    }
    if let Some(id) = row.contacting_organization_id {
        same = same.filter(dsl::contacting_organization_id.eq(id));
    }
    if let Some(to) = row.to_day {
        same = same.filter(dsl::from_day.le(to));
    }
    let double: Option<Id> = same.select(dsl::id).first(tx.conn).optional()?;
    let detail = say("双方在这段时间已有联系安排", "these two have an assignment at that time already");
    dated::refuse(double.is_some(), detail)
}

/// Ends an assignment with `to` as its last day.
pub fn end(tx: &mut Tx<'_>, row: &mut AssignmentRow, to: NaiveDate, reason: &str) -> Maybe<()> {
    let seen = row.version;
    row.to_day = Some(to);
    row.end_reason = Some(reason.to_owned());
    row.version += 1;
    row.updated_at = tx.now;
    let values = (
        dsl::to_day.eq(row.to_day),
        dsl::end_reason.eq(&row.end_reason),
        dsl::resolution.eq(&row.resolution),
        dsl::version.eq(row.version),
        dsl::updated_at.eq(row.updated_at),
    );
    overwrite!(tx, contact_assignments, (row.id, seen), values)?;
    let placed = Placed::of(tx, row)?;
    record::deed_with(tx, Op::contact_assignment_end, &placed, json!({"to": to}));
    tell(tx, "contact_assignment_ended", row, json!({"kind": row.kind, "to": to}))
}

/// Ends today whatever assignment of a constituent still runs: nobody contacts whom the record no longer names.
pub fn end_of_constituent(tx: &mut Tx<'_>, constituent: Id, reason: &str) -> Maybe<()> {
    let running: Vec<AssignmentRow> = dsl::contact_assignments
        .filter(dsl::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(dsl::contacted_constituent_id.eq(constituent))
        .filter(dsl::to_day.is_null().or(dsl::to_day.gt(tx.today)))
        .order(dsl::id)
        .select(AssignmentRow::as_select())
        .load(tx.conn)?;
    for mut row in running {
        let to = tx.today.max(row.from_day);
        end(tx, &mut row, to, reason)?;
    }
    Ok(())
}

/// Tells both sides, but not whoever did it.
fn tell(tx: &mut Tx<'_>, kind: &str, row: &AssignmentRow, params: serde_json::Value) -> Maybe<()> {
    let persons = [row.contacting_person_id, row.contacted_person_id].into_iter().flatten();
    let others = persons.filter(|person| Some(*person) != tx.caller.person).map(To::Person);
    let own_bodies = tx.caller.bodies(Op::contact_assignment_create);
    let body = row.contacting_organization_id.filter(|body| !own_bodies.contains(body)).map(To::Body);
    for to in others.chain(body).collect::<Vec<_>>() {
        record::notify(tx, to, kind, "contact_assignment", row.id, params.clone())?;
    }
    Ok(())
}
