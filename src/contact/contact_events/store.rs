//! Rows of events and of those who took part, and what every query of them starts from.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::wire::{
    Confirmation, ContactEventCreate, ContactEventState, ContactSide, ContentKind, LinkedContactEvent, OutsideName,
    PublicityCreate, ServiceCreate,
};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Maybe, Problem};
use crate::db::schema::{constituents, contact_events, event_committees, event_constituents, event_participants, persons};
use crate::db::words::{Json, Uuid};
use crate::db::{Engine, Tx};
use crate::directory::refs::{Kind, Names, Ref};
use crate::policy::{Belongs, Caller, Grant, Op, Reach, Role};
use crate::record::Thing;
use crate::{each, overwrite};

/// A condition on events, in whatever query they stand.
pub type Condition<QS> = Box<dyn BoxableExpression<QS, Engine, SqlType = Bool>>;

/// The row of an event.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = contact_events, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct EventRow {
    pub id: Id,
    pub jurisdiction_id: Id,
    pub occurred_on: NaiveDate,
    pub form: String,
    pub form_word: Option<String>,
    pub place: Option<String>,
    pub summary: String,
    /// Words of [`ContentKind`], with commas between them.
    pub content_kinds: String,
    pub initiated_by: ContactSide,
    pub organization_id: Option<Id>,
    /// The word of the body of `organization_id`; `recorded` where the event was recorded for it.
    pub body_confirmation: Option<Confirmation>,
    pub body_reason: Option<String>,
    /// The person who gave the body's word.
    pub body_answered_by: Option<Id>,
    pub recorded_by: Id,
    pub recorded_role: String,
    pub review_of_year: Option<i64>,
    pub others_count: i64,
    pub outside_persons: Json,
    pub publicity: Json,
    pub services: Json,
    /// Somebody of the people was met (art. 14).
    pub with_people: bool,
    pub state: ContactEventState,
    /// The member affairs committee found the record true.
    pub settled: bool,
    pub state_reason: Option<String>,
    /// Shared by the records of one contact.
    pub link_id: Option<Id>,
    pub client_ref: Option<String>,
    pub client_ref_hash: Option<Vec<u8>>,
    /// What the body was under `client_ref`, so that another one is noticed.
    pub client_ref_print: Option<Vec<u8>>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

/// One person who took part.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = event_participants, treat_none_as_default_value = false)]
pub struct ParticipantRow {
    pub event_id: Id,
    pub person_id: Id,
    pub occurred_on: NaiveDate,
    pub side: ContactSide,
    pub confirmation: Confirmation,
    pub reason: Option<String>,
    pub answered_at: Option<Instant>,
}

#[derive(Insertable)]
#[diesel(table_name = event_constituents, treat_none_as_default_value = false)]
struct MetRow {
    event_id: Id,
    constituent_id: Id,
}

#[derive(Insertable)]
#[diesel(table_name = event_committees, treat_none_as_default_value = false)]
struct CommitteeRow<'a> {
    organization_id: Id,
    occurred_on: NaiveDate,
    event_id: Id,
    form: &'a str,
}

/// One person who took part, with the name to show.
#[derive(Clone, Debug)]
pub struct Participant {
    pub row: ParticipantRow,
    pub name: String,
}

/// A constituent who was met; the name is still sealed, and gone where the record was wiped.
#[derive(Clone, Debug, Queryable)]
pub struct Met {
    pub id: Id,
    pub member_id: Id,
    pub name: Option<Vec<u8>>,
}

/// An event with everything that is shown of it.
#[derive(Clone, Debug)]
pub struct Event {
    pub row: EventRow,
    pub participants: Vec<Participant>,
    pub constituents: Vec<Met>,
    pub organization: Option<Ref>,
    pub linked: Vec<LinkedContactEvent>,
    /// Only read where the event is written to: the record of a deed says to whom it belonged.
    pub committees: Vec<Id>,
}

impl Event {
    /// The caller's part in the event, where they did not record it.
    pub fn part_of(&self, caller: &Caller) -> Option<&Participant> {
        let own = caller.person?;
        self.participants.iter().find(|participant| participant.row.person_id == own && own != self.row.recorded_by)
    }

    /// The committee that is a side of the event and did not record it.
    pub fn contacted_body(&self) -> Option<Id> {
        self.row.organization_id.filter(|_| self.row.recorded_role != Role::Committee.as_str())
    }

    /// Every word given on the record.
    pub fn words(&self) -> impl Iterator<Item = Confirmation> {
        self.participants.iter().map(|participant| participant.row.confirmation).chain(self.row.body_confirmation)
    }

    pub fn outside_persons(&self) -> Maybe<Vec<OutsideName>> {
        stored(&self.row.outside_persons)
    }

    pub fn publicity(&self) -> Maybe<Vec<PublicityCreate>> {
        stored(&self.row.publicity)
    }

    pub fn services(&self) -> Maybe<Vec<ServiceCreate>> {
        stored(&self.row.services)
    }

    pub fn content_kinds(&self) -> Vec<ContentKind> {
        self.row.content_kinds.split(',').filter_map(|word| word.parse().ok()).collect()
    }

    /// The record as it would come in now: what a merge patch is laid over.
    pub fn as_written(&self) -> Maybe<ContactEventCreate> {
        let recorder = self.participants.iter().find(|one| one.row.person_id == self.row.recorded_by);
        let side = recorder.map_or(ContactSide::Contacting, |one| one.row.side);
        let others = |own_side: bool| {
            let others = self.participants.iter().filter(|one| one.row.person_id != self.row.recorded_by);
            others.filter(|one| (one.row.side == side) == own_side).map(|one| one.row.person_id).collect()
        };
        Ok(ContactEventCreate {
            occurred_on: self.row.occurred_on,
            form: self.row.form.clone(),
            form_word: self.row.form_word.clone(),
            summary: self.row.summary.clone(),
            persons: others(false),
            constituents: self.constituents.iter().map(|met| met.id).collect(),
            outside_persons: self.outside_persons()?,
            others_count: self.row.others_count,
            co_participants: others(true),
            recorder_side: Some(side),
            initiated_by: Some(self.row.initiated_by),
            organization_id: self.row.organization_id,
            place: self.row.place.clone(),
            content_kinds: self.content_kinds(),
            review_of_year: self.row.review_of_year,
            publicity: self.publicity()?,
            services: self.services()?,
            client_ref: self.row.client_ref.clone(),
        })
    }
}

fn stored<T: serde::de::DeserializeOwned>(json: &Json) -> Maybe<T> {
    serde_json::from_value(json.0.clone()).map_err(Problem::internal)
}

impl Thing for Event {
    const KIND: &'static str = "contact_event";

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
        let persons: Vec<Id> = self.participants.iter().map(|participant| participant.row.person_id).collect();
        Belongs {
            contacted: persons.iter().copied().filter(|person| *person != self.row.recorded_by).collect(),
            contacted_bodies: self.contacted_body().into_iter().collect(),
            persons,
            recorded_by: Some(self.row.recorded_by),
            owner: self.row.organization_id,
            committees: self.committees.clone(),
            ..Belongs::default()
        }
    }
}

/// Somebody took part.
pub fn took_part<QS>(person: Id) -> Condition<QS> {
    Box::new(
        sql::<Bool>("EXISTS (SELECT 1 FROM event_participants AS p WHERE p.event_id = contact_events.id AND p.person_id = ")
            .bind::<Uuid, _>(person)
            .sql(")"),
    )
}

/// A committee was a side, or somebody of its sectors or of its own took part.
pub fn concerns<QS>(committee: Id) -> Condition<QS> {
    Box::new(
        sql::<Bool>("EXISTS (SELECT 1 FROM event_committees AS c WHERE c.organization_id = ")
            .bind::<Uuid, _>(committee)
            .sql(" AND c.occurred_on = contact_events.occurred_on AND c.event_id = contact_events.id)"),
    )
}

fn has_side<QS>(committee: Id) -> Condition<QS> {
    Box::new(sql::<Bool>("coalesce(contact_events.organization_id = ").bind::<Uuid, _>(committee).sql(", false)"))
}

/// What the caller reaches under `op`; none: nothing. It is written as text, since the joined queries of the list need it too.
pub fn reached<QS: 'static>(tx: &Tx<'_>, op: Op) -> Condition<QS> {
    let within = |(reach, grant): (Reach, &Grant)| -> Option<Condition<QS>> {
        match reach {
            Reach::All => Some(Box::new(sql::<Bool>("1 = 1"))),
            Reach::Own => grant.person.map(took_part),
            Reach::Sectors => grant.organization.map(concerns),
            Reach::Owned => grant.organization.map(has_side),
            _ => None,
        }
    };
    let nothing: Condition<QS> = Box::new(sql::<Bool>("1 = 0"));
    tx.caller.reaches(op).filter_map(within).reduce(either).unwrap_or(nothing)
}

fn either<QS: 'static>(a: Condition<QS>, b: Condition<QS>) -> Condition<QS> {
    Box::new(a.or(b))
}

/// An event of the caller's jurisdiction. `IS TRUE` keeps it from being what an index is searched by: SQLite knows no sizes and
/// would walk through all events of a jurisdiction rather than fetch the few that something else names.
pub fn ours<QS>(tx: &Tx<'_>) -> Condition<QS> {
    Box::new(sql::<Bool>("(contact_events.jurisdiction_id = ").bind::<Uuid, _>(tx.jurisdiction()).sql(") IS TRUE"))
}

/// Every query of an event starts here, and names the events by their ids, their links or those who took part.
pub fn visible(tx: &Tx<'_>, op: Op) -> contact_events::BoxedQuery<'static, Engine> {
    contact_events::table.filter(ours(tx)).filter(reached(tx, op)).into_boxed()
}

/// One event as `op` reaches it.
pub fn find(tx: &mut Tx<'_>, op: Op, id: Id) -> Maybe<Event> {
    let row = visible(tx, op).filter(contact_events::id.eq(id)).select(EventRow::as_select()).first(tx.conn)?;
    dress(tx, vec![row])?.pop().ok_or_else(Problem::not_found)
}

/// The same, with what a deed's record needs to know.
pub fn find_to_write(tx: &mut Tx<'_>, op: Op, id: Id) -> Maybe<Event> {
    let mut event = find(tx, op, id)?;
    event.committees = committees_of(tx, id)?;
    Ok(event)
}

/// The committees within whose reach an event lies.
pub fn committees_of(tx: &mut Tx<'_>, event: Id) -> Maybe<Vec<Id>> {
    let of = event_committees::table.filter(event_committees::event_id.eq(event));
    Ok(of.select(event_committees::organization_id).load(tx.conn)?)
}

/// One id is asked for by `=`, since SQLite prepares every `IN` anew.
macro_rules! among {
    ($query:expr, $column:expr, $ids:expr) => {
        match $ids {
            [one] => $query.filter($column.eq(*one)),
            many => $query.filter($column.eq_any(many)),
        }
    };
}

/// The rows with all that belongs to them: at most four statements, however many rows there are.
pub fn dress(tx: &mut Tx<'_>, rows: Vec<EventRow>) -> Maybe<Vec<Event>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let mut participants = participants_of(tx, &ids)?;
    let with_people: Vec<Id> = rows.iter().filter(|row| row.with_people).map(|row| row.id).collect();
    let mut constituents = constituents_of(tx, &with_people)?;
    let bodies = Names::load(tx, Kind::Organization, rows.iter().filter_map(|row| row.organization_id))?;
    let links: BTreeSet<Id> = rows.iter().filter_map(|row| row.link_id).collect();
    let linked = linked_by(tx, links)?;
    Ok(rows
        .into_iter()
        .map(|row| Event {
            participants: participants.remove(&row.id).unwrap_or_default(),
            constituents: constituents.remove(&row.id).unwrap_or_default(),
            organization: bodies.maybe(row.organization_id),
            linked: linked.iter().filter(|(link, of)| *link == row.link_id && of.id != row.id).map(|(_, of)| of.clone()).collect(),
            committees: Vec::new(),
            row,
        })
        .collect())
}

fn participants_of(tx: &mut Tx<'_>, events: &[Id]) -> Maybe<HashMap<Id, Vec<Participant>>> {
    let query = event_participants::table
        .inner_join(persons::table.on(persons::id.eq(event_participants::person_id)))
        .select((ParticipantRow::as_select(), persons::name))
        .into_boxed::<Engine>();
    let rows: Vec<(ParticipantRow, String)> = among!(query, event_participants::event_id, events).load(tx.conn)?;
    let mut found: HashMap<Id, Vec<Participant>> = HashMap::new();
    for (row, name) in rows {
        found.entry(row.event_id).or_default().push(Participant { row, name });
    }
    for of in found.values_mut() {
        in_order(of);
    }
    Ok(found)
}

/// The contacting side first, on each side the recorder first.
pub fn in_order(participants: &mut [Participant]) {
    participants.sort_by_key(|one| (one.row.side, one.row.confirmation != Confirmation::Recorded, one.row.person_id));
}

fn constituents_of(tx: &mut Tx<'_>, events: &[Id]) -> Maybe<HashMap<Id, Vec<Met>>> {
    let mut found: HashMap<Id, Vec<Met>> = HashMap::new();
    if events.is_empty() {
        return Ok(found);
    }
    let query = event_constituents::table
        .inner_join(constituents::table.on(constituents::id.eq(event_constituents::constituent_id)))
        .select((event_constituents::event_id, (constituents::id, constituents::member_id, constituents::name)))
        .order(constituents::id)
        .into_boxed::<Engine>();
    let rows: Vec<(Id, Met)> = among!(query, event_constituents::event_id, events).load(tx.conn)?;
    for (event, met) in rows {
        found.entry(event).or_default().push(met);
    }
    Ok(found)
}

/// The records under these links that the caller may see.
fn linked_by(tx: &mut Tx<'_>, links: BTreeSet<Id>) -> Maybe<Vec<(Option<Id>, LinkedContactEvent)>> {
    if links.is_empty() {
        return Ok(Vec::new());
    }
    type Row = (Option<Id>, Id, NaiveDate, Id, String);
    let rows: Vec<Row> = visible(tx, Op::contact_event_read)
        .inner_join(persons::table.on(persons::id.eq(contact_events::recorded_by)))
        .filter(contact_events::link_id.eq_any(links))
        .order((contact_events::occurred_on, contact_events::id))
        .select((contact_events::link_id, contact_events::id, contact_events::occurred_on, persons::id, persons::name))
        .load(tx.conn)?;
    let of = |(link, id, occurred_on, person, name)| {
        (link, LinkedContactEvent { id, occurred_on, recorded_by: Ref { id: person, name } })
    };
    Ok(rows.into_iter().map(of).collect())
}

/// A new event with those who took part.
pub fn insert(tx: &mut Tx<'_>, event: &Event) -> Maybe<()> {
    diesel::insert_into(contact_events::table).values(&event.row).execute(tx.conn)?;
    insert_parts(tx, event)
}

/// Writes the row over the version that was read: 412 where somebody was faster.
pub fn save(tx: &mut Tx<'_>, event: &mut Event) -> Maybe<()> {
    let seen = event.row.version;
    event.row.version += 1;
    event.row.updated_at = tx.now;
    overwrite!(tx, contact_events, (event.row.id, seen), &event.row)
}

/// Everybody who took part, written anew after an edit.
pub fn replace_parts(tx: &mut Tx<'_>, event: &Event) -> Maybe<()> {
    let id = event.row.id;
    diesel::delete(event_participants::table.filter(event_participants::event_id.eq(id))).execute(tx.conn)?;
    diesel::delete(event_constituents::table.filter(event_constituents::event_id.eq(id))).execute(tx.conn)?;
    diesel::delete(event_committees::table.filter(event_committees::event_id.eq(id))).execute(tx.conn)?;
    insert_parts(tx, event)
}

fn insert_parts(tx: &mut Tx<'_>, event: &Event) -> Maybe<()> {
    let row = &event.row;
    let persons: Vec<ParticipantRow> = event.participants.iter().map(|one| one.row.clone()).collect();
    each!(tx.conn, conn => diesel::insert_into(event_participants::table).values(&persons).execute(conn))?;
    let met: Vec<MetRow> = event.constituents.iter().map(|met| MetRow { event_id: row.id, constituent_id: met.id }).collect();
    if !met.is_empty() {
        each!(tx.conn, conn => diesel::insert_into(event_constituents::table).values(&met).execute(conn))?;
    }
    let of = |organization_id: &Id| CommitteeRow {
        organization_id: *organization_id,
        occurred_on: row.occurred_on,
        event_id: row.id,
        form: &row.form,
    };
    let committees: Vec<CommitteeRow<'_>> = event.committees.iter().map(of).collect();
    if !committees.is_empty() {
        each!(tx.conn, conn => diesel::insert_into(event_committees::table).values(&committees).execute(conn))?;
    }
    Ok(())
}

/// Writes the words of the participants over what they were.
pub fn save_words(tx: &mut Tx<'_>, participants: &[ParticipantRow]) -> Maybe<()> {
    for one in participants {
        let row = event_participants::table.find((one.event_id, one.person_id));
        diesel::update(row)
            .set((
                event_participants::confirmation.eq(one.confirmation),
                event_participants::reason.eq(&one.reason),
                event_participants::answered_at.eq(one.answered_at),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// The constituents among `ids` whom `member` contacts.
pub fn own_constituents(tx: &mut Tx<'_>, member: Id, ids: &[Id]) -> Maybe<Vec<Met>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = constituents::table
        .filter(constituents::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(constituents::member_id.eq(member))
        .select((constituents::id, constituents::member_id, constituents::name))
        .into_boxed::<Engine>();
    Ok(among!(query, constituents::id, ids).load(tx.conn)?)
}
