//! The floor: every statement that the service sends for an operation, in a bare handler over diesel.
//!
//! The same pools, the same transactions and the same one hop to a blocking thread, and the rows as JSON. No token, no policy,
//! no validation, no limits, no headers, no problem handling, nothing that is decided about what is in the rows: what the
//! service costs above this is what it adds.

use std::collections::BTreeMap;
use std::net::TcpListener;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use chrono::{Datelike as _, NaiveDate};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::Bool;
use lianxi::base::id::Id;
use lianxi::base::instant::Instant;
use lianxi::base::problem::{Maybe, Problem};
use lianxi::db::limited::limited;
use lianxi::db::schema::{
    account_persons, account_roles, accounts, audit_entries, calendars, changes, constituents, contact_assignments, contact_events,
    dictionaries, event_committees, event_constituents, event_participants, exemptions, group_sectors, heads, idempotency_keys,
    jurisdictions, memberships, notifications, opinion_constituents, opinion_search, opinion_texts, opinion_transitions, opinions,
    organizations, persons, posts, sector_correspondences, sectors, settings_versions,
};
use lianxi::db::words::{Json, Uuid};
use lianxi::db::{Conn, Db, dialect};
use lianxi::each;
use lianxi::opinion::opinions::search::tokens_of;
use serde::{Deserialize, Serialize};

/// Who asks, as the service would have read it from a token.
#[derive(Clone, Debug)]
pub struct Asker {
    jurisdiction: Id,
    account: Id,
    person: Id,
    /// The committee that is spoken for.
    body: Option<Id>,
    today: NaiveDate,
}

impl Asker {
    pub fn find(conn: &mut Conn, name: &str, today: NaiveDate) -> QueryResult<Self> {
        let (jurisdiction, account, person, body): (Id, Id, Option<Id>, Option<Id>) = account_persons::table
            .inner_join(accounts::table.on(accounts::id.eq(account_persons::account_id)))
            .inner_join(account_roles::table.on(account_roles::account_id.eq(account_persons::account_id)))
            .filter(accounts::name.eq(name))
            .select((account_persons::jurisdiction_id, accounts::id, account_persons::person_id, account_roles::organization_id))
            .first(conn)?;
        Ok(Self { jurisdiction, account, person: person.ok_or(Error::NotFound)?, body, today })
    }

    fn body(&self) -> Id {
        self.body.unwrap_or(Id::NIL)
    }
}

/// The days on which a dated row is in force.
macro_rules! holds {
    ($table:ident, $from:expr, $to:expr) => {
        $table::from_day.le($to).and($table::to_day.is_null().or($table::to_day.ge($from)))
    };
}

type Dated = (Option<String>, Option<NaiveDate>, Option<NaiveDate>);
type Caller = (
    (String, bool, bool, Option<Id>, String),
    (Option<String>, Option<Id>, Option<Id>),
    Dated,
    Dated,
    (Option<Id>, Option<NaiveDate>, Option<NaiveDate>),
    Option<Id>,
);

/// The rows of who is calling.
fn caller(conn: &mut Conn, asker: &Asker) -> QueryResult<()> {
    let role = |word: &'static str| account_roles::role.eq(word);
    let organization = account_roles::organization_id;
    let _: Vec<Caller> = account_persons::table
        .inner_join(accounts::table.on(accounts::id.eq(account_persons::account_id)))
        .inner_join(jurisdictions::table.on(jurisdictions::id.eq(account_persons::jurisdiction_id)))
        .left_join(
            account_roles::table.on(account_roles::account_id
                .eq(account_persons::account_id)
                .and(account_roles::jurisdiction_id.eq(account_persons::jurisdiction_id))),
        )
        .left_join(posts::table.on(posts::person_id.nullable().eq(account_roles::person_id).and(role("member").or(role("leader")))))
        .left_join(
            memberships::table.on(memberships::person_id
                .nullable()
                .eq(account_persons::person_id)
                .and(memberships::organization_id.nullable().eq(organization))),
        )
        .left_join(
            sector_correspondences::table
                .on(sector_correspondences::organization_id.nullable().eq(organization).and(role("committee"))),
        )
        .left_join(group_sectors::table.on(group_sectors::organization_id.nullable().eq(organization).and(role("group"))))
        .filter(account_persons::jurisdiction_id.eq(asker.jurisdiction))
        .filter(account_persons::account_id.eq(asker.account))
        .select((
            (
                accounts::name,
                accounts::disabled,
                accounts::must_change_password,
                account_persons::person_id,
                jurisdictions::time_zone,
            ),
            (account_roles::role.nullable(), account_roles::person_id.nullable(), organization.nullable()),
            (posts::kind.nullable(), posts::from_day.nullable(), posts::to_day.nullable()),
            (memberships::duty.nullable(), memberships::from_day.nullable(), memberships::to_day.nullable()),
            (
                sector_correspondences::sector_id.nullable(),
                sector_correspondences::from_day.nullable(),
                sector_correspondences::to_day.nullable(),
            ),
            group_sectors::sector_id.nullable(),
        ))
        .load(conn)?;
    Ok(())
}

fn ours<QS>(asker: &Asker) -> Box<dyn BoxableExpression<QS, lianxi::db::Engine, SqlType = Bool>> {
    Box::new(sql::<Bool>("(contact_events.jurisdiction_id = ").bind::<Uuid, _>(asker.jurisdiction).sql(") IS TRUE"))
}

fn concerns<QS>(asker: &Asker) -> Box<dyn BoxableExpression<QS, lianxi::db::Engine, SqlType = Bool>> {
    Box::new(
        sql::<Bool>("EXISTS (SELECT 1 FROM event_committees AS c WHERE c.organization_id = ")
            .bind::<Uuid, _>(asker.body())
            .sql(" AND c.occurred_on = contact_events.occurred_on AND c.event_id = contact_events.id)"),
    )
}

fn took_part<QS>(asker: &Asker) -> Box<dyn BoxableExpression<QS, lianxi::db::Engine, SqlType = Bool>> {
    Box::new(
        sql::<Bool>("EXISTS (SELECT 1 FROM event_participants AS p WHERE p.event_id = contact_events.id AND p.person_id = ")
            .bind::<Uuid, _>(asker.person)
            .sql(")"),
    )
}

#[derive(Clone, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = contact_events, treat_none_as_default_value = false)]
struct Event {
    id: Id,
    jurisdiction_id: Id,
    occurred_on: NaiveDate,
    form: String,
    form_word: Option<String>,
    place: Option<String>,
    summary: String,
    content_kinds: String,
    initiated_by: String,
    organization_id: Option<Id>,
    body_confirmation: Option<String>,
    body_reason: Option<String>,
    body_answered_by: Option<Id>,
    recorded_by: Id,
    recorded_role: String,
    review_of_year: Option<i64>,
    others_count: i64,
    #[serde(skip)]
    outside_persons: Json,
    #[serde(skip)]
    publicity: Json,
    #[serde(skip)]
    services: Json,
    with_people: bool,
    state: String,
    settled: bool,
    state_reason: Option<String>,
    link_id: Option<Id>,
    client_ref: Option<String>,
    #[serde(skip)]
    client_ref_hash: Option<Vec<u8>>,
    #[serde(skip)]
    client_ref_print: Option<Vec<u8>>,
    version: i64,
    created_at: Instant,
    updated_at: Instant,
}

#[derive(Clone, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = event_participants, treat_none_as_default_value = false)]
struct Participant {
    event_id: Id,
    person_id: Id,
    occurred_on: NaiveDate,
    side: String,
    confirmation: String,
    reason: Option<String>,
    answered_at: Option<Instant>,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    event: Event,
    participants: Vec<(Participant, String)>,
    constituents: Vec<Id>,
}

type Met = (Id, Id, Option<Vec<u8>>);

fn dressed(conn: &mut Conn, asker: &Asker, events: Vec<Event>) -> QueryResult<Vec<Shown>> {
    let ids: Vec<Id> = events.iter().map(|event| event.id).collect();
    let query = event_participants::table
        .inner_join(persons::table.on(persons::id.eq(event_participants::person_id)))
        .select((Participant::as_select(), persons::name))
        .into_boxed::<lianxi::db::Engine>();
    let rows: Vec<(Participant, String)> = match ids.as_slice() {
        [one] => query.filter(event_participants::event_id.eq(*one)).load(conn)?,
        ids => query.filter(event_participants::event_id.eq_any(ids)).load(conn)?,
    };
    let mut participants: BTreeMap<Id, Vec<(Participant, String)>> = BTreeMap::new();
    for row in rows {
        participants.entry(row.0.event_id).or_default().push(row);
    }
    let with_people: Vec<Id> = events.iter().filter(|event| event.with_people).map(|event| event.id).collect();
    let query = event_constituents::table
        .inner_join(constituents::table.on(constituents::id.eq(event_constituents::constituent_id)))
        .select((event_constituents::event_id, (constituents::id, constituents::member_id, constituents::name)))
        .order(constituents::id)
        .into_boxed::<lianxi::db::Engine>();
    let rows: Vec<(Id, Met)> = match with_people.as_slice() {
        [] => Vec::new(),
        [one] => query.filter(event_constituents::event_id.eq(*one)).load(conn)?,
        ids => query.filter(event_constituents::event_id.eq_any(ids)).load(conn)?,
    };
    let mut met: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    for (event, (id, ..)) in rows {
        met.entry(event).or_default().push(id);
    }
    let links: Vec<Id> = events.iter().filter_map(|event| event.link_id).collect();
    if !links.is_empty() {
        let _: Vec<(Option<Id>, Id, NaiveDate, Id, String)> = contact_events::table
            .filter(ours(asker))
            .filter(concerns(asker))
            .into_boxed::<lianxi::db::Engine>()
            .inner_join(persons::table.on(persons::id.eq(contact_events::recorded_by)))
            .filter(contact_events::link_id.eq_any(links))
            .order((contact_events::occurred_on, contact_events::id))
            .select((contact_events::link_id, contact_events::id, contact_events::occurred_on, persons::id, persons::name))
            .load(conn)?;
    }
    let dress = |event: Event| Shown {
        participants: participants.remove(&event.id).unwrap_or_default(),
        constituents: met.remove(&event.id).unwrap_or_default(),
        event,
    };
    Ok(events.into_iter().map(dress).collect())
}

/// `GET /event/{id}`
fn event_read(conn: &mut Conn, asker: &Asker, id: Id) -> Maybe<Vec<u8>> {
    caller(conn, asker)?;
    let event: Event = contact_events::table
        .filter(ours(asker))
        .filter(concerns(asker))
        .into_boxed::<lianxi::db::Engine>()
        .filter(contact_events::id.eq(id))
        .select(Event::as_select())
        .first(conn)?;
    json(&dressed(conn, asker, vec![event])?)
}

/// `GET /events`: the page after a day and an id.
fn event_list(conn: &mut Conn, asker: &Asker, after: Option<(NaiveDate, Id)>) -> Maybe<Vec<u8>> {
    caller(conn, asker)?;
    let page = event_committees::table
        .inner_join(contact_events::table.on(contact_events::id.eq(event_committees::event_id)))
        .filter(event_committees::organization_id.eq(asker.body()))
        .filter(ours(asker))
        .select(Event::as_select())
        .order(sql::<Bool>("event_committees.occurred_on DESC, event_committees.event_id DESC"))
        .into_boxed::<lianxi::db::Engine>();
    let page = match after {
        None => page,
        Some((day, id)) => page.filter(
            sql::<Bool>("(event_committees.occurred_on, event_committees.event_id) < (")
                .bind::<diesel::sql_types::Date, _>(day)
                .sql(", ")
                .bind::<Uuid, _>(id)
                .sql(")"),
        ),
    };
    let events: Vec<Event> = limited(page, super::PAGE + 1).load(conn)?;
    json(&dressed(conn, asker, events)?)
}

#[derive(Clone, Serialize, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = opinions, treat_none_as_null = true)]
struct Opinion {
    id: Id,
    jurisdiction_id: Id,
    track: String,
    state: String,
    title: String,
    category: String,
    urgency: String,
    author_person_id: Option<Id>,
    author_organization_id: Option<Id>,
    sector_id: Option<Id>,
    recorded_by: Option<Id>,
    owner_id: Option<Id>,
    accepted_by: Option<Id>,
    submitted_on: Option<NaiveDate>,
    returned_on: Option<NaiveDate>,
    due_kind: Option<String>,
    due_on: Option<NaiveDate>,
    due_assumed: bool,
    transfers: i64,
    objected: bool,
    declined_by: Option<Id>,
    declined_on: Option<NaiveDate>,
    dissatisfied: bool,
    round: i64,
    meeting_id: Option<Id>,
    outcome: Option<String>,
    resolution_id: Option<Id>,
    reminded_on: Option<NaiveDate>,
    reopened: bool,
    version: i64,
    created_at: Instant,
    updated_at: Instant,
}

type Name = (Id, String, Id);

/// The names of the things that an answer refers to.
fn names(conn: &mut Conn, people: Vec<Id>, bodies: Vec<Id>, of: Vec<Id>) -> QueryResult<Vec<Name>> {
    let columns = (persons::id, persons::name, persons::jurisdiction_id);
    let mut found: Vec<Name> = persons::table.filter(persons::id.eq_any(people)).select(columns).load(conn)?;
    let columns = (organizations::id, organizations::name, organizations::jurisdiction_id);
    found.extend(organizations::table.filter(organizations::id.eq_any(bodies)).select(columns).load::<Name>(conn)?);
    let columns = (sectors::id, sectors::name, sectors::jurisdiction_id);
    found.extend(sectors::table.filter(sectors::id.eq_any(of)).select(columns).load::<Name>(conn)?);
    Ok(found)
}

fn distinct(ids: impl Iterator<Item = Option<Id>>) -> Vec<Id> {
    let ids: std::collections::BTreeSet<Id> = ids.flatten().collect();
    ids.into_iter().collect()
}

/// `GET /found`: those whose text holds a word of two characters.
fn search(conn: &mut Conn, asker: &Asker, word: &Word) -> Maybe<Vec<u8>> {
    caller(conn, asker)?;
    let tokens = tokens_of(asker.jurisdiction, word.tokens.split(',').map(str::to_owned).collect());
    let found = dialect::find_texts(conn, &tokens, &word.form, 1001)?;
    let (before, bound, after) = dialect::among(conn, &found);
    let rows: Vec<Opinion> = opinions::table
        .filter(opinions::jurisdiction_id.eq(asker.jurisdiction))
        .filter(opinions::submitted_on.is_not_null())
        .filter(sql::<Bool>(before).bind::<diesel::sql_types::Text, _>(bound).sql(after))
        .order(opinions::id.desc())
        .limit(super::PAGE + 1)
        .select(Opinion::as_select())
        .into_boxed::<lianxi::db::Engine>()
        .load(conn)?;
    let of: Vec<Id> = distinct(rows.iter().map(|row| row.sector_id));
    let _ = corresponding(conn, asker, of.clone())?;
    let names =
        names(conn, distinct(rows.iter().map(|row| row.author_person_id)), distinct(rows.iter().map(|row| row.owner_id)), of)?;
    json(&(rows, names))
}

fn corresponding(conn: &mut Conn, asker: &Asker, of: Vec<Id>) -> QueryResult<Vec<(Id, Id)>> {
    sector_correspondences::table
        .filter(sector_correspondences::sector_id.eq_any(of))
        .filter(sector_correspondences::from_day.le(asker.today))
        .filter(sector_correspondences::to_day.is_null().or(sector_correspondences::to_day.ge(asker.today)))
        .select((sector_correspondences::sector_id, sector_correspondences::organization_id))
        .load(conn)
}

type Post = (Id, Id, String, Option<Id>, NaiveDate, Option<NaiveDate>);

/// `GET /compliance`: the facts of a committee's members, and those of one page of them.
fn compliance(conn: &mut Conn, asker: &Asker) -> Maybe<Vec<u8>> {
    caller(conn, asker)?;
    let (first, last) = (day(asker.today.year(), 1, 1), day(asker.today.year(), 12, 31));
    let (own, of, body) = ([asker.jurisdiction], asker.today, [asker.body()]);
    let mut people: Vec<Id> = memberships::table
        .filter(memberships::organization_id.eq_any(&body))
        .filter(holds!(memberships, of, of))
        .select(memberships::person_id)
        .load(conn)?;
    let corresponding: Vec<Id> = sector_correspondences::table
        .filter(sector_correspondences::organization_id.eq_any(&body))
        .filter(holds!(sector_correspondences, first, of))
        .select(sector_correspondences::sector_id)
        .load(conn)?;
    people.extend(
        posts::table
            .filter(posts::jurisdiction_id.eq(asker.jurisdiction))
            .filter(posts::sector_id.eq_any(corresponding))
            .filter(posts::kind.eq("member"))
            .filter(holds!(posts, first, of))
            .select(posts::person_id)
            .load::<Id>(conn)?,
    );
    let people = distinct(people.into_iter().map(Some));
    let settings: Vec<(Id, NaiveDate, Json)> = settings_versions::table
        .filter(settings_versions::jurisdiction_id.eq_any(&own))
        .filter(settings_versions::from_day.le(of))
        .order(settings_versions::from_day.asc())
        .select((settings_versions::jurisdiction_id, settings_versions::from_day, settings_versions::values))
        .load(conn)?;
    let columns = (
        sector_correspondences::jurisdiction_id,
        sector_correspondences::sector_id,
        sector_correspondences::organization_id,
        sector_correspondences::from_day,
        sector_correspondences::to_day,
    );
    type Correspondence = (Id, Id, Id, NaiveDate, Option<NaiveDate>);
    let _: Vec<Correspondence> = sector_correspondences::table
        .filter(sector_correspondences::jurisdiction_id.eq_any(&own))
        .filter(holds!(sector_correspondences, first, last))
        .select(columns)
        .load(conn)?;
    let columns = (posts::jurisdiction_id, posts::person_id, posts::kind, posts::sector_id, posts::from_day, posts::to_day);
    let held: Vec<Post> =
        posts::table.filter(posts::person_id.eq_any(&people)).filter(posts::from_day.le(last)).select(columns).load(conn)?;
    let columns = (
        exemptions::jurisdiction_id,
        exemptions::id,
        exemptions::person_id,
        exemptions::kind,
        exemptions::article,
        exemptions::from_day,
        exemptions::to_day,
    );
    type Exemption = (Id, Id, Id, String, Option<i64>, NaiveDate, Option<NaiveDate>);
    let _: Vec<Exemption> = exemptions::table
        .filter(exemptions::person_id.eq_any(&people))
        .filter(holds!(exemptions, first, last))
        .select(columns)
        .load(conn)?;
    let standing: Vec<Id> = held.iter().filter(|(_, _, kind, ..)| kind != "member").map(|(_, person, ..)| *person).collect();
    if !standing.is_empty() {
        leading(conn, (first, of, last), &standing)?;
    }
    let of_page: Vec<Id> = people.iter().take(20).copied().collect();
    listed(conn, first, of, &of_page)?;
    let of_sectors = distinct(held.iter().map(|(_, _, _, sector, ..)| *sector));
    let names = names(conn, of_page, body.to_vec(), of_sectors)?;
    let rows: Vec<_> = held.iter().take(20).collect();
    let settings: Vec<_> = settings.iter().map(|(_, from, _)| from).collect();
    json(&(rows, names, settings))
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

/// Which leaders are to contact the standing members, and those leaders' posts.
fn leading(conn: &mut Conn, (first, of, last): (NaiveDate, NaiveDate, NaiveDate), standing: &[Id]) -> QueryResult<()> {
    let columns = (
        contact_assignments::jurisdiction_id,
        contact_assignments::contacting_person_id,
        contact_assignments::contacted_person_id,
        contact_assignments::from_day,
        contact_assignments::to_day,
        contact_assignments::created_at,
    );
    type Leading = (Id, Option<Id>, Option<Id>, NaiveDate, Option<NaiveDate>, Instant);
    let led: Vec<Leading> = contact_assignments::table
        .filter(contact_assignments::kind.eq("leader_standing_member"))
        .filter(holds!(contact_assignments, first, of))
        .filter(
            contact_assignments::contacting_person_id
                .eq_any(standing)
                .or(contact_assignments::contacted_person_id.eq_any(standing)),
        )
        .select(columns)
        .load(conn)?;
    let leaders = distinct(led.iter().map(|(_, by, ..)| *by));
    let columns = (posts::jurisdiction_id, posts::person_id, posts::kind, posts::sector_id, posts::from_day, posts::to_day);
    let _: Vec<Post> = posts::table
        .filter(posts::person_id.eq_any(leaders))
        .filter(posts::kind.ne("member"))
        .filter(posts::from_day.le(last))
        .select(columns)
        .load(conn)?;
    Ok(())
}

/// The constituents of some members, and who of them is a person here.
fn listed(conn: &mut Conn, first: NaiveDate, of: NaiveDate, members: &[Id]) -> QueryResult<()> {
    let columns = (
        contact_assignments::jurisdiction_id,
        contact_assignments::contacting_person_id,
        contact_assignments::contacted_constituent_id,
        contact_assignments::from_day,
        contact_assignments::to_day,
    );
    type Listed = (Id, Option<Id>, Option<Id>, NaiveDate, Option<NaiveDate>);
    let _: Vec<Listed> = contact_assignments::table
        .filter(contact_assignments::kind.eq("member_constituent"))
        .filter(holds!(contact_assignments, first, of))
        .filter(contact_assignments::contacting_person_id.eq_any(members))
        .select(columns)
        .load(conn)?;
    let _: Vec<(Id, Id, Id, Option<Id>)> =
        contact_assignments::table
            .inner_join(constituents::table.on(contact_assignments::contacted_constituent_id.eq(constituents::id.nullable())))
            .inner_join(persons::table.on(
                persons::jurisdiction_id.eq(constituents::jurisdiction_id).and(persons::phone_hash.eq(constituents::phone_hash)),
            ))
            .left_join(account_persons::table.on(account_persons::person_id.eq(persons::id.nullable())))
            .filter(contact_assignments::kind.eq("member_constituent"))
            .filter(contact_assignments::contacting_person_id.eq_any(members))
            .select((constituents::jurisdiction_id, constituents::id, persons::id, account_persons::account_id.nullable()))
            .load(conn)?;
    Ok(())
}

/// The row of an `Idempotency-Key`, under its lock.
fn kept(conn: &mut Conn, key: &[u8]) -> Maybe<()> {
    type Row = (Vec<u8>, i64, Option<String>, Option<String>, Option<Vec<u8>>, Vec<u8>);
    dialect::try_lock(conn, key)?;
    let columns = (
        idempotency_keys::fingerprint,
        idempotency_keys::status,
        idempotency_keys::etag,
        idempotency_keys::location,
        idempotency_keys::body,
        idempotency_keys::rights,
    );
    let _: Option<Row> = idempotency_keys::table.find(key).select(columns).first(conn).optional()?;
    Ok(())
}

/// What a deed leaves behind: the answer under its key, the entry of the log, the change, the head of both.
fn recorded(conn: &mut Conn, asker: &Asker, key: Vec<u8>, op: &str, thing: Id, body: &[u8], now: Instant) -> Maybe<()> {
    let row = (
        idempotency_keys::key_hash.eq(&key),
        idempotency_keys::fingerprint.eq(&key),
        idempotency_keys::status.eq(201_i64),
        idempotency_keys::etag.eq(Some("\"1\"")),
        idempotency_keys::location.eq(Some(format!("/v1/things/{thing}"))),
        idempotency_keys::body.eq(Some(body)),
        idempotency_keys::rights.eq(&key),
        idempotency_keys::thing_id.eq(Some(thing)),
        idempotency_keys::created_at.eq(now),
    );
    diesel::insert_into(idempotency_keys::table).values(row).execute(conn)?;
    let (change, entry, hash) = dialect::lock_head(conn, asker.jurisdiction)?;
    let row = (
        audit_entries::jurisdiction_id.eq(asker.jurisdiction),
        audit_entries::seq.eq(entry + 1),
        audit_entries::id.eq(Id::fresh()),
        audit_entries::at.eq(now),
        audit_entries::account_id.eq(asker.account),
        audit_entries::person_id.eq(Some(asker.person)),
        audit_entries::role.eq("member"),
        audit_entries::op.eq(op),
        audit_entries::kind.eq("thing"),
        audit_entries::thing_id.eq(thing),
        audit_entries::details.eq(Json::default()),
        audit_entries::request_id.eq("01a20dfc-0b51-76d4-bd26-c13de5aa7261"),
        audit_entries::hash.eq(&hash),
    );
    diesel::insert_into(audit_entries::table).values(row).execute(conn)?;
    let persons = [asker.person];
    let row = (
        changes::jurisdiction_id.eq(asker.jurisdiction),
        changes::seq.eq(change + 1),
        changes::id.eq(Id::fresh()),
        changes::at.eq(now),
        changes::op.eq(op),
        changes::kind.eq("thing"),
        changes::thing_id.eq(thing),
        changes::version.eq(1_i64),
        changes::state.eq(Some("submitted")),
        changes::belongs.eq(Json(serde_json::json!({"persons": persons, "organizations": [], "contacted": [],
            "recorded_by": asker.person, "owner": null, "committees": [], "submitted": true, "reported": false}))),
    );
    diesel::insert_into(changes::table).values(row).execute(conn)?;
    diesel::update(heads::table.find(asker.jurisdiction))
        .set((
            heads::change_seq.eq(change + 1),
            heads::audit_seq.eq(entry + 1),
            heads::audit_hash.eq(&hash),
            heads::audit_mac.eq(&hash),
        ))
        .execute(conn)?;
    Ok(())
}

fn dictionary(conn: &mut Conn, asker: &Asker, name: &str) -> QueryResult<()> {
    let columns = (dictionaries::id, dictionaries::name, dictionaries::entries, dictionaries::version, dictionaries::updated_at);
    let _: Option<(Id, String, Json, i64, Instant)> = dictionaries::table
        .filter(dictionaries::jurisdiction_id.eq(asker.jurisdiction))
        .filter(dictionaries::name.eq(name))
        .select(columns)
        .first(conn)
        .optional()?;
    Ok(())
}

/// What an event is recorded from.
#[derive(Clone, Deserialize)]
pub struct NewEvent {
    occurred_on: NaiveDate,
    form: String,
    summary: String,
    constituent_ids: Vec<Id>,
}

/// `POST /event`
fn event_create(conn: &mut Conn, asker: &Asker, key: Vec<u8>, new: &NewEvent, now: Instant) -> Maybe<Vec<u8>> {
    caller(conn, asker)?;
    kept(conn, &key)?;
    dictionary(conn, asker, "contact_forms")?;
    let mut names: Vec<Name> = persons::table
        .filter(persons::id.eq_any(&[asker.person]))
        .select((persons::id, persons::name, persons::jurisdiction_id))
        .load(conn)?;
    let known = constituents::table
        .filter(constituents::jurisdiction_id.eq(asker.jurisdiction))
        .filter(constituents::member_id.eq(asker.person))
        .select((constituents::id, constituents::member_id, constituents::name))
        .into_boxed::<lianxi::db::Engine>();
    let met: Vec<Met> = known.filter(constituents::id.eq_any(new.constituent_ids.clone())).load(conn)?;
    let bodies: Vec<Id> = posts::table
        .inner_join(sector_correspondences::table.on(posts::sector_id.eq(sector_correspondences::sector_id.nullable())))
        .filter(posts::person_id.eq_any(&[asker.person]))
        .filter(posts::kind.eq("member"))
        .filter(holds!(posts, new.occurred_on, new.occurred_on))
        .filter(holds!(sector_correspondences, new.occurred_on, new.occurred_on))
        .select(sector_correspondences::organization_id)
        .load(conn)?;
    let own: Vec<(Id, Id)> = memberships::table
        .inner_join(organizations::table.on(organizations::id.eq(memberships::organization_id)))
        .filter(memberships::person_id.eq_any(&[asker.person]))
        .filter(organizations::kind.eq("special_committee"))
        .filter(holds!(memberships, new.occurred_on, new.occurred_on))
        .select((memberships::person_id, memberships::organization_id))
        .load(conn)?;
    let id = Id::fresh();
    let event = Event {
        id,
        jurisdiction_id: asker.jurisdiction,
        occurred_on: new.occurred_on,
        form: new.form.clone(),
        form_word: None,
        place: None,
        summary: new.summary.clone(),
        content_kinds: String::new(),
        initiated_by: "contacting".to_owned(),
        organization_id: None,
        body_confirmation: None,
        body_reason: None,
        body_answered_by: None,
        recorded_by: asker.person,
        recorded_role: "member".to_owned(),
        review_of_year: None,
        others_count: 0,
        outside_persons: Json(serde_json::json!([])),
        publicity: Json(serde_json::json!([])),
        services: Json(serde_json::json!([])),
        with_people: true,
        state: "recorded".to_owned(),
        settled: false,
        state_reason: None,
        link_id: None,
        client_ref: None,
        client_ref_hash: None,
        client_ref_print: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    diesel::insert_into(contact_events::table).values(&event).execute(conn)?;
    let participants = vec![Participant {
        event_id: id,
        person_id: asker.person,
        occurred_on: new.occurred_on,
        side: "contacting".to_owned(),
        confirmation: "recorded".to_owned(),
        reason: None,
        answered_at: None,
    }];
    each!(conn, conn => diesel::insert_into(event_participants::table).values(&participants).execute(conn))?;
    let rows: Vec<_> =
        met.iter().map(|(met, ..)| (event_constituents::event_id.eq(id), event_constituents::constituent_id.eq(*met))).collect();
    each!(conn, conn => diesel::insert_into(event_constituents::table).values(&rows).execute(conn))?;
    let rows: Vec<_> = distinct(bodies.into_iter().chain(own.into_iter().map(|(_, body)| body)).map(Some))
        .into_iter()
        .map(|body| {
            (
                event_committees::organization_id.eq(body),
                event_committees::occurred_on.eq(new.occurred_on),
                event_committees::event_id.eq(id),
                event_committees::form.eq(&new.form),
            )
        })
        .collect();
    each!(conn, conn => diesel::insert_into(event_committees::table).values(&rows).execute(conn))?;
    let touched = constituents::table
        .filter(constituents::jurisdiction_id.eq(asker.jurisdiction))
        .filter(constituents::id.eq_any(new.constituent_ids.clone()))
        .filter(constituents::last_contact_on.is_null().or(constituents::last_contact_on.lt(new.occurred_on)));
    diesel::update(touched).set(constituents::last_contact_on.eq(new.occurred_on)).execute(conn)?;
    let same_day = event_participants::table
        .filter(event_participants::person_id.eq_any(vec![asker.person]))
        .filter(event_participants::occurred_on.eq(new.occurred_on))
        .select(event_participants::event_id);
    let newest = contact_events::table
        .filter(ours(asker))
        .filter(took_part(asker))
        .into_boxed::<lianxi::db::Engine>()
        .filter(contact_events::id.eq_any(same_day))
        .filter(contact_events::id.ne(id))
        .filter(contact_events::form.eq(new.form.clone()))
        .filter(contact_events::state.ne("voided"))
        .order(contact_events::id.desc())
        .select(Event::as_select());
    let like: Vec<Event> = limited(newest, 10).load(conn)?;
    names.truncate(1);
    let shown = Shown {
        participants: participants.into_iter().zip(names).map(|(one, (_, name, _))| (one, name)).collect(),
        constituents: new.constituent_ids.clone(),
        event,
    };
    let body = json(&(shown, like.len()))?;
    recorded(conn, asker, key, "contact_event_create", id, &body, now)?;
    Ok(body)
}

type Texts = (
    Id,
    String,
    Option<String>,
    Option<String>,
    String,
    String,
    String,
    bool,
    bool,
    Option<String>,
    Option<Id>,
    Option<Id>,
    Option<String>,
);

fn settings(conn: &mut Conn, asker: &Asker) -> QueryResult<Option<Json>> {
    settings_versions::table
        .filter(settings_versions::jurisdiction_id.eq(asker.jurisdiction))
        .filter(settings_versions::from_day.le(asker.today))
        .order(settings_versions::from_day.desc())
        .select(settings_versions::values)
        .first(conn)
        .optional()
}

fn sources(conn: &mut Conn, opinion: Id) -> QueryResult<Vec<Id>> {
    opinion_constituents::table
        .filter(opinion_constituents::opinion_id.eq(opinion))
        .order(opinion_constituents::constituent_id)
        .select(opinion_constituents::constituent_id)
        .load(conn)
}

/// `POST /opinion/{id}`; `words`: those by which texts like this one are sought.
fn opinion_submit(conn: &mut Conn, asker: &Asker, key: Vec<u8>, id: Id, words: &[String], now: Instant) -> Maybe<Vec<u8>> {
    caller(conn, asker)?;
    kept(conn, &key)?;
    let mut opinion: Opinion = opinions::table
        .filter(opinions::jurisdiction_id.eq(asker.jurisdiction))
        .filter(opinions::author_person_id.is_not_null().and(opinions::author_person_id.assume_not_null().eq(asker.person)))
        .filter(opinions::id.eq(id))
        .select(Opinion::as_select())
        .into_boxed::<lianxi::db::Engine>()
        .first(conn)?;
    let texts: Texts = opinion_texts::table.find(id).first(conn)?;
    let _ = sources(conn, id)?;
    let _ = settings(conn, asker)?;
    dictionary(conn, asker, "opinion_categories")?;
    let of: Vec<(Id, Option<Id>)> = posts::table
        .filter(posts::person_id.eq_any(&[asker.person]))
        .filter(posts::kind.eq("member"))
        .filter(posts::from_day.le(asker.today))
        .filter(posts::to_day.is_null().or(posts::to_day.ge(asker.today)))
        .select((posts::person_id, posts::sector_id))
        .load(conn)?;
    let office: Id = organizations::table
        .filter(organizations::jurisdiction_id.eq(asker.jurisdiction))
        .filter(organizations::kind.eq("general_office"))
        .filter(organizations::to_day.is_null().or(organizations::to_day.ge(asker.today)))
        .order((organizations::from_day.desc(), organizations::id.asc()))
        .select(organizations::id)
        .first(conn)?;
    let of = distinct(of.into_iter().map(|(_, sector)| sector));
    let _ = corresponding(conn, asker, of.clone())?;
    let _ = settings(conn, asker)?;
    let columns = (
        calendars::jurisdiction_id,
        calendars::id,
        calendars::year,
        calendars::days_off,
        calendars::days_worked,
        calendars::source,
        calendars::version,
        calendars::updated_at,
    );
    type Calendar = (Id, Id, i64, Json, Json, Option<String>, i64, Instant);
    let _: Vec<Calendar> =
        calendars::table.filter(calendars::jurisdiction_id.eq_any(&[asker.jurisdiction, Id::NIL])).select(columns).load(conn)?;
    let seen = opinion.version;
    opinion.state = "submitted".to_owned();
    opinion.owner_id = Some(office);
    opinion.submitted_on = Some(asker.today);
    opinion.due_kind = Some("triage".to_owned());
    opinion.due_on = Some(asker.today);
    opinion.version += 1;
    opinion.updated_at = now;
    let row = opinions::table.filter(opinions::id.eq(id)).filter(opinions::version.eq(seen));
    diesel::update(row).set(&opinion).execute(conn)?;
    let row = (
        opinion_transitions::id.eq(Id::fresh()),
        opinion_transitions::jurisdiction_id.eq(asker.jurisdiction),
        opinion_transitions::opinion_id.eq(id),
        opinion_transitions::at.eq(now),
        opinion_transitions::op.eq("opinion_submit"),
        opinion_transitions::from_state.eq(Some("draft")),
        opinion_transitions::to_state.eq("submitted"),
        opinion_transitions::role.eq("member"),
        opinion_transitions::person_id.eq(Some(asker.person)),
        opinion_transitions::organization_id.eq(None::<Id>),
        opinion_transitions::owner_id.eq(Some(office)),
        opinion_transitions::reason.eq(None::<String>),
        opinion_transitions::details.eq(Json::default()),
    );
    diesel::insert_into(opinion_transitions::table).values(row).execute(conn)?;
    let told = vec![(
        notifications::id.eq(Id::fresh()),
        notifications::jurisdiction_id.eq(asker.jurisdiction),
        notifications::person_id.eq(None::<Id>),
        notifications::organization_id.eq(Some(office)),
        notifications::kind.eq("opinion_submitted"),
        notifications::thing_kind.eq("opinion"),
        notifications::thing_id.eq(id),
        notifications::params.eq(Json::default()),
        notifications::once.eq(None::<Vec<u8>>),
        notifications::created_at.eq(now),
    )];
    each!(conn, conn => diesel::insert_into(notifications::table).values(&told).on_conflict_do_nothing().execute(conn))?;
    let least = (words.len() / 3).clamp(1, 3);
    let words = tokens_of(asker.jurisdiction, words.to_vec());
    let like = dialect::sharing(conn, &words, least, 300, 20)?;
    let _: Vec<(Id, String, Option<NaiveDate>, bool, String)> = opinions::table
        .inner_join(opinion_texts::table.on(opinion_texts::opinion_id.eq(opinions::id)))
        .inner_join(opinion_search::table.on(opinion_search::opinion_id.eq(opinions::id)))
        .filter(opinions::jurisdiction_id.eq(asker.jurisdiction))
        .filter(opinions::id.eq_any(&like))
        .filter(opinions::submitted_on.is_not_null())
        .filter(opinions::state.ne("withdrawn"))
        .select((opinions::id, opinions::title, opinions::submitted_on, opinion_texts::may_publish, opinion_search::text))
        .load(conn)?;
    let names = names(conn, vec![asker.person], vec![office], of)?;
    let _ = sources(conn, id)?;
    let body = json(&(&opinion, &texts.1, names))?;
    recorded(conn, asker, key, "opinion_submit", id, &body, now)?;
    Ok(body)
}

/// A word as the search looks for it: its form, and its tokens with commas between them.
#[derive(Clone, Deserialize)]
pub struct Word {
    form: String,
    tokens: String,
}

fn json(of: &impl Serialize) -> Maybe<Vec<u8>> {
    serde_json::to_vec(of).map_err(Problem::internal)
}

/// What a handler needs.
struct Floor {
    db: Db,
    committee: Asker,
    office: Asker,
    member: Asker,
}

type Told = Result<HttpResponse, Problem>;

/// The one hop, and the bytes.
async fn read(floor: web::Data<Floor>, f: impl Fn(&mut Conn, &Floor) -> Maybe<Vec<u8>> + Send + 'static) -> Told {
    told(web::block(move || floor.db.read(|conn| f(conn, &floor))).await)
}

async fn write(floor: web::Data<Floor>, f: impl Fn(&mut Conn, &Floor, Instant) -> Maybe<Vec<u8>> + Send + 'static) -> Told {
    told(web::block(move || floor.db.write(|conn| f(conn, &floor, floor.db.clock().now()))).await)
}

fn told(done: Result<Maybe<Vec<u8>>, actix_web::error::BlockingError>) -> Told {
    let body = done.map_err(Problem::internal)??;
    Ok(HttpResponse::Ok().content_type("application/json").body(body))
}

async fn get_event(floor: web::Data<Floor>, id: web::Path<Id>) -> Told {
    read(floor, move |conn, floor| event_read(conn, &floor.committee, *id)).await
}

async fn get_events(floor: web::Data<Floor>) -> Told {
    read(floor, |conn, floor| event_list(conn, &floor.committee, None)).await
}

async fn get_events_after(floor: web::Data<Floor>, after: web::Path<(NaiveDate, Id)>) -> Told {
    read(floor, move |conn, floor| event_list(conn, &floor.committee, Some(*after))).await
}

async fn get_found(floor: web::Data<Floor>, word: web::Query<Word>) -> Told {
    read(floor, move |conn, floor| search(conn, &floor.office, &word)).await
}

async fn get_compliance(floor: web::Data<Floor>) -> Told {
    read(floor, |conn, floor| compliance(conn, &floor.committee)).await
}

async fn post_event(floor: web::Data<Floor>, request: HttpRequest, new: web::Json<NewEvent>) -> Told {
    let key = key(&request);
    write(floor, move |conn, floor, now| event_create(conn, &floor.member, key.clone(), &new, now)).await
}

async fn post_submission(floor: web::Data<Floor>, request: HttpRequest, id: web::Path<Id>, words: web::Json<Vec<String>>) -> Told {
    let key = key(&request);
    write(floor, move |conn, floor, now| opinion_submit(conn, &floor.member, key.clone(), *id, &words, now)).await
}

fn key(request: &HttpRequest) -> Vec<u8> {
    request.headers().get("Idempotency-Key").map(|key| key.as_bytes().to_vec()).unwrap_or_default()
}

/// Serves the floor on a migrated database until the process is ended.
pub fn serve(db: Db, names: [&str; 3], listener: TcpListener) -> Result<(), String> {
    let today = lianxi::base::calendar::local_day(db.clock().now().0, lianxi::base::calendar::Zone::default());
    let [committee, office, member] = names.map(|name| db.read(|conn| Ok(Asker::find(conn, name, today)?)));
    let told = |problem: Problem| format!("{problem:?}");
    let floor = web::Data::new(Floor {
        db,
        committee: committee.map_err(told)?,
        office: office.map_err(told)?,
        member: member.map_err(told)?,
    });
    let server = move || {
        App::new()
            .app_data(floor.clone())
            .route("/event/{id}", web::get().to(get_event))
            .route("/events", web::get().to(get_events))
            .route("/events/{day}/{id}", web::get().to(get_events_after))
            .route("/found", web::get().to(get_found))
            .route("/compliance", web::get().to(get_compliance))
            .route("/event", web::post().to(post_event))
            .route("/opinion/{id}", web::post().to(post_submission))
    };
    actix_web::rt::System::new().block_on(async {
        HttpServer::new(server).listen(listener).map_err(|error| error.to_string())?.run().await.map_err(|error| error.to_string())
    })
}
