//! Sessions: families of refresh tokens of which only the newest is good, and the failures that lock a door for a while.
//!
//! A refresh token is its row's id and a keyed tag of it: the database holds nothing that could be presented.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::json;

use crate::base::calendar::local_day;
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Maybe, Problem};
use crate::base::seal::Seal;
use crate::db::schema::{
    account_persons, account_roles, accounts, jurisdictions as jurisdiction_rows, login_failures, refresh_tokens,
};
use crate::db::{Conn, Tx, dialect};
use crate::directory::accounts::end_sessions;
use crate::directory::jurisdictions;
use crate::http::House;
use crate::http::admitted::Admitted;
use crate::policy::{Caller, Op};
use crate::record;

/// Failures from one source within this time lock the account for that source.
const WINDOW_MINUTES: i64 = 15;
const FAILURES: i64 = 5;
/// A refresh that came twice within this time (a retry on a bad line) gets the same successor.
const GRACE_SECONDS: i64 = 30;

/// An account as a login needs it.
pub struct Account {
    pub id: Id,
    pub name: String,
    pub password_hash: String,
    pub must_change_password: bool,
    pub disabled: bool,
    /// The jurisdiction that made it.
    pub home: Id,
    pub places: Vec<Place>,
}

/// A jurisdiction that the account belongs to.
pub struct Place {
    pub id: Id,
    pub code: String,
    pub roles: Vec<String>,
}

/// The owner of a refresh token.
pub struct Owner {
    pub account: Account,
    pub jurisdiction: Id,
}

/// A family of refresh tokens, and the one of them that is good now.
pub struct Session {
    pub family: Id,
    pub token: Id,
}

pub fn find(conn: &mut Conn, name: &str, now: Instant) -> Maybe<Option<Account>> {
    let id: Option<Id> = accounts::table.filter(accounts::name.eq(name)).select(accounts::id).first(conn).optional()?;
    id.map(|id| load(conn, id, now)).transpose()
}

fn load(conn: &mut Conn, id: Id, now: Instant) -> Maybe<Account> {
    type Row = (String, String, bool, bool, Id);
    let columns =
        (accounts::name, accounts::password_hash, accounts::must_change_password, accounts::disabled, accounts::jurisdiction_id);
    let (name, password_hash, must_change_password, disabled, home): Row = accounts::table.find(id).select(columns).first(conn)?;
    let places: Vec<Id> =
        account_persons::table.filter(account_persons::account_id.eq(id)).select(account_persons::jurisdiction_id).load(conn)?;
    let mut places: Vec<(Id, String)> = jurisdictions::codes_now(conn, &places, now)?;
    places.sort_by(|a, b| a.1.cmp(&b.1));
    let roles: Vec<(Id, String)> = account_roles::table
        .filter(account_roles::account_id.eq(id))
        .order(account_roles::role.asc())
        .select((account_roles::jurisdiction_id, account_roles::role))
        .load(conn)?;
    let places = places
        .into_iter()
        .map(|(place, code)| {
            let mut own: Vec<String> = roles.iter().filter(|(of, _)| *of == place).map(|(_, role)| role.clone()).collect();
            own.dedup();
            Place { id: place, code, roles: own }
        })
        .collect();
    Ok(Account { id, name, password_hash, must_change_password, disabled, home, places })
}

fn account_hash(seal: &Seal, name: &str) -> Vec<u8> {
    seal.hash("login", name)
}

/// Counts an attempt as failed before it is made: of many at once no more are let through than of many one after the other.
/// Who succeeds takes it back. `false`: the account is locked for this source.
pub fn attempt(conn: &mut Conn, house: &House, name: &str, source: &str) -> Maybe<bool> {
    let (seal, now) = (house.db.seal(), house.db.clock().now());
    let hash = account_hash(seal, name);
    dialect::lock(conn, &seal.hash("attempt", &format!("{source} {name}")))?;
    let recent: i64 = login_failures::table
        .filter(login_failures::account_hash.eq(&hash))
        .filter(login_failures::source.eq(source))
        .filter(login_failures::at.gt(now.plus(-Duration::minutes(WINDOW_MINUTES))))
        .count()
        .get_result(conn)?;
    if recent >= FAILURES {
        return Ok(false);
    }
    let row = (
        login_failures::id.eq(Id::fresh()),
        login_failures::account_hash.eq(hash),
        login_failures::source.eq(source),
        login_failures::at.eq(now),
    );
    diesel::insert_into(login_failures::table).values(row).execute(conn)?;
    Ok(true)
}

/// The password was right.
pub fn forget_attempts(conn: &mut Conn, house: &House, name: &str, source: &str) -> Maybe<()> {
    let own = login_failures::table
        .filter(login_failures::account_hash.eq(account_hash(house.db.seal(), name)))
        .filter(login_failures::source.eq(source));
    diesel::delete(own).execute(conn)?;
    Ok(())
}

/// Locks the account's row, as whoever touches a session does first. `false`: since `account` was read its password was changed,
/// or it was disabled.
fn is_still(conn: &mut Conn, account: &Account) -> Maybe<bool> {
    let now = dialect::lock_account(conn, account.id)?;
    Ok(now.is_some_and(|(hash, disabled)| hash == account.password_hash && !disabled))
}

/// The text form of a refresh token.
pub fn write_token(seal: &Seal, id: Id) -> String {
    format!("{}.{}", id.0.simple(), seal.tag("refresh", &id.to_string()))
}

/// The row that a text names, where its tag is ours.
pub fn read_token(seal: &Seal, text: &str) -> Option<Id> {
    let (id, tag) = text.split_once('.')?;
    let id: Id = id.parse().ok()?;
    seal.is_tag("refresh", &id.to_string(), tag).then_some(id)
}

/// Begins a session for a password that was right, and says so in the audit log of its jurisdiction. `None`: it is the password
/// no more.
pub fn begin(conn: &mut Conn, house: &House, account: &Account, place: &Place, by: &Admitted) -> Maybe<Option<Session>> {
    if !is_still(conn, account)? {
        return Ok(None);
    }
    forget_attempts(conn, house, &account.name, &by.source)?;
    let family = Id::fresh();
    let token = insert(conn, house, family, account.id, place.id)?;
    entered(conn, house, Op::auth_login, account.id, place, &by.request_id)?;
    Ok(Some(Session { family, token }))
}

/// Says in the audit log of a jurisdiction who came in. No role acts yet, so none is named.
fn entered(conn: &mut Conn, house: &House, op: Op, account: Id, place: &Place, request_id: &str) -> Maybe<()> {
    let zone: String = jurisdiction_rows::table.find(place.id).select(jurisdiction_rows::time_zone).first(conn)?;
    let zone = zone.parse().map_err(|_| Problem::internal("a jurisdiction with an unknown time zone"))?;
    let caller = Caller { account, request_id: request_id.to_owned(), ..Caller::clock(place.id, zone) };
    audited(conn, house, &caller, op, account)
}

fn audited(conn: &mut Conn, house: &House, caller: &Caller, op: Op, account: Id) -> Maybe<()> {
    let now = house.db.clock().now();
    let mut tx = Tx { conn, caller, seal: house.db.seal(), now, today: local_day(now.0, caller.zone), deeds: Vec::new() };
    record::access(&mut tx, op, "account", account, json!({}));
    record::finish(&mut tx)
}

fn insert(conn: &mut Conn, house: &House, family: Id, account: Id, jurisdiction: Id) -> Maybe<Id> {
    let (id, now) = (Id::fresh(), house.db.clock().now());
    let row = (
        refresh_tokens::id.eq(id),
        refresh_tokens::family_id.eq(family),
        refresh_tokens::account_id.eq(account),
        refresh_tokens::jurisdiction_id.eq(jurisdiction),
        refresh_tokens::issued_at.eq(now),
        refresh_tokens::expires_at.eq(now.plus(Duration::seconds(house.refresh_seconds))),
    );
    diesel::insert_into(refresh_tokens::table).values(row).execute(conn)?;
    Ok(id)
}

pub fn owner(conn: &mut Conn, token: Id, now: Instant) -> Maybe<Option<Owner>> {
    let row: Option<(Id, Id)> = refresh_tokens::table
        .find(token)
        .select((refresh_tokens::account_id, refresh_tokens::jurisdiction_id))
        .first(conn)
        .optional()?;
    row.map(|(account, jurisdiction)| Ok(Owner { account: load(conn, account, now)?, jurisdiction })).transpose()
}

/// Uses a token up: of two that come at once, on whichever instances, one rotates and the other gets the same successor. `None`:
/// the token is not good.
pub fn rotate(
    conn: &mut Conn,
    house: &House,
    token: Id,
    account: &Account,
    place: &Place,
    by: &Admitted,
) -> Maybe<Option<Session>> {
    let now = house.db.clock().now();
    if dialect::lock_account(conn, account.id)?.is_none_or(|(_, disabled)| disabled) {
        return Ok(None);
    }
    type Row = (Id, Id, Instant, Option<Instant>, Option<Id>, Option<Instant>);
    let (family, before, expires, used, successor, revoked): Row = refresh_tokens::table
        .find(token)
        .select((
            refresh_tokens::family_id,
            refresh_tokens::jurisdiction_id,
            refresh_tokens::expires_at,
            refresh_tokens::used_at,
            refresh_tokens::successor_id,
            refresh_tokens::revoked_at,
        ))
        .first(conn)?;
    if revoked.is_some() {
        return Ok(None);
    }
    let Some((used, successor)) = used.zip(successor) else {
        if expires <= now {
            return Ok(None);
        }
        let next = insert(conn, house, family, account.id, place.id)?;
        let set = (refresh_tokens::used_at.eq(now), refresh_tokens::successor_id.eq(next));
        diesel::update(refresh_tokens::table.find(token)).set(set).execute(conn)?;
        if place.id != before {
            entered(conn, house, Op::auth_refresh, account.id, place, &by.request_id)?;
        }
        return Ok(Some(Session { family, token: next }));
    };
    let successor_used: Option<Instant> = refresh_tokens::table.find(successor).select(refresh_tokens::used_at).first(conn)?;
    if successor_used.is_none() && now <= used.plus(Duration::seconds(GRACE_SECONDS)) {
        return Ok(Some(Session { family, token: successor }));
    }
    end_family(conn, family, now)?;
    Ok(None)
}

pub fn end_family_of(conn: &mut Conn, token: Id, now: Instant) -> Maybe<()> {
    let of: Option<(Id, Id)> =
        refresh_tokens::table.find(token).select((refresh_tokens::family_id, refresh_tokens::account_id)).first(conn).optional()?;
    let Some((family, account)) = of else { return Ok(()) };
    dialect::lock_account(conn, account)?;
    end_family(conn, family, now)
}

fn end_family(conn: &mut Conn, family: Id, now: Instant) -> Maybe<()> {
    let open = refresh_tokens::table.filter(refresh_tokens::family_id.eq(family)).filter(refresh_tokens::revoked_at.is_null());
    diesel::update(open).set(refresh_tokens::revoked_at.eq(now)).execute(conn)?;
    Ok(())
}

/// Sets the own password, after the current one was right, and ends every session. `false`: it is the password no more, so
/// that of two changes at once one succeeds.
pub fn set_password(conn: &mut Conn, house: &House, caller: &Caller, account: &Account, hash: &str, source: &str) -> Maybe<bool> {
    let now = house.db.clock().now();
    if !is_still(conn, account)? {
        return Ok(false);
    }
    forget_attempts(conn, house, &account.name, source)?;
    let set = (accounts::password_hash.eq(hash), accounts::must_change_password.eq(false), accounts::password_changed_at.eq(now));
    diesel::update(accounts::table.find(account.id)).set(set).execute(conn)?;
    // Whether the password has to be changed is seen at home.
    let home = account_persons::table.find((account.home, account.id));
    let next = (account_persons::version.eq(account_persons::version + 1), account_persons::updated_at.eq(now));
    diesel::update(home).set(next).execute(conn)?;
    end_sessions(conn, account.id, now)?;
    audited(conn, house, caller, Op::auth_password_change, account.id)?;
    Ok(true)
}

/// Forgets what no longer counts: old failures, sessions long over. Returns how many rows went.
pub fn tidy(conn: &mut Conn, now: Instant) -> Maybe<usize> {
    let old = now.plus(-Duration::minutes(WINDOW_MINUTES));
    let failures = diesel::delete(login_failures::table.filter(login_failures::at.lt(old))).execute(conn)?;
    let over = now.plus(-Duration::days(1));
    let tokens = diesel::delete(refresh_tokens::table.filter(refresh_tokens::expires_at.lt(over))).execute(conn)?;
    Ok(failures + tokens)
}
