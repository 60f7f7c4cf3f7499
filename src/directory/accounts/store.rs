//! Rows of accounts: who belongs to which jurisdiction, who links whom, who holds which role.

use std::collections::HashMap;

use diesel::dsl::exists;
use diesel::prelude::*;

use super::grants::Granted;
use super::wire::{Account, AccountFilter, AccountRole};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Code, Maybe, Problem, say};
use crate::db::schema::{account_persons, account_roles, accounts, refresh_tokens};
use crate::db::{Conn, Engine, Tx, dialect};
use crate::directory::dated;
use crate::directory::refs::{Kind, Names};
use crate::each;
use crate::http::Page;
use crate::http::tokens::unauthenticated;
use crate::policy::Role;
use crate::record::{self, Thing};

/// An account as one jurisdiction sees it, without its password.
#[derive(Clone, Debug, Queryable)]
pub struct AccountRow {
    pub id: Id,
    pub name: String,
    pub must_change_password: bool,
    pub disabled: bool,
    /// The jurisdiction that made it: only there it is disabled and its password reset.
    pub home: Id,
    /// The jurisdiction that sees it.
    pub seen_in: Id,
    pub note: Option<String>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
    /// The person that it links here.
    pub person_id: Option<Id>,
}

impl AccountRow {
    /// The account is another jurisdiction's and only holds roles here.
    pub fn is_guest(&self) -> bool {
        self.home != self.seen_in
    }
}

impl Thing for AccountRow {
    const KIND: &'static str = "account";

    fn id(&self) -> Id {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn state(&self) -> Option<&'static str> {
        (!self.is_guest()).then_some(if self.disabled { "disabled" } else { "enabled" })
    }
}

type Columns = (
    accounts::id,
    accounts::name,
    accounts::must_change_password,
    accounts::disabled,
    accounts::jurisdiction_id,
    account_persons::jurisdiction_id,
    account_persons::note,
    account_persons::version,
    account_persons::created_at,
    account_persons::updated_at,
    account_persons::person_id,
);

const COLUMNS: Columns = (
    accounts::id,
    accounts::name,
    accounts::must_change_password,
    accounts::disabled,
    accounts::jurisdiction_id,
    account_persons::jurisdiction_id,
    account_persons::note,
    account_persons::version,
    account_persons::created_at,
    account_persons::updated_at,
    account_persons::person_id,
);

type On = diesel::dsl::Eq<accounts::id, account_persons::account_id>;
type Visible = diesel::dsl::IntoBoxed<'static, diesel::dsl::InnerJoinOn<account_persons::table, accounts::table, On>, Engine>;

/// Every query of an account starts here.
fn visible(tx: &Tx<'_>) -> Visible {
    account_persons::table
        .inner_join(accounts::table.on(accounts::id.eq(account_persons::account_id)))
        .into_boxed()
        .filter(account_persons::jurisdiction_id.eq(tx.jurisdiction()))
}

fn filtered(tx: &Tx<'_>, filter: &AccountFilter) -> Visible {
    let mut query = visible(tx);
    if !filter.role.is_empty() {
        let names: Vec<&'static str> = filter.role.iter().map(|role| role.as_str()).collect();
        let holds = account_roles::table
            .filter(account_roles::account_id.eq(account_persons::account_id))
            .filter(account_roles::jurisdiction_id.eq(account_persons::jurisdiction_id))
            .filter(account_roles::role.eq_any(names));
        query = query.filter(exists(holds));
    }
    if let Some(disabled) = filter.disabled {
        query = query.filter(accounts::disabled.eq(disabled)).filter(accounts::jurisdiction_id.eq(tx.jurisdiction()));
    }
    if let Some(person) = filter.person {
        query = query.filter(account_persons::person_id.eq(person));
    }
    if let Some(name) = &filter.name {
        // Names hold lower case only, so that LIKE means the same on both engines.
        let prefix = name.replace('_', "\\_");
        query = query.filter(accounts::name.like(format!("{prefix}%")).escape('\\'));
    }
    query
}

/// One page and a row. The order is that of the links' key, so that a page costs the same wherever it lies.
pub fn list(tx: &mut Tx<'_>, filter: &AccountFilter, page: &Page) -> Maybe<Vec<AccountRow>> {
    let mut query = filtered(tx, filter);
    if let Some((_, after)) = page.after::<String>()? {
        query = match page.descending {
            true => query.filter(account_persons::account_id.lt(after)),
            false => query.filter(account_persons::account_id.gt(after)),
        };
    }
    query = match page.descending {
        true => query.order(account_persons::account_id.desc()),
        false => query.order(account_persons::account_id.asc()),
    };
    Ok(query.limit(page.reads).select(COLUMNS).load(tx.conn)?)
}

/// How many there are, counted up to one more than totals are exact.
pub fn count(tx: &mut Tx<'_>, filter: &AccountFilter) -> Maybe<usize> {
    let ids: Vec<Id> = filtered(tx, filter).select(accounts::id).limit(crate::http::page::EXACT + 1).load(tx.conn)?;
    Ok(ids.len())
}

pub fn find_row(tx: &mut Tx<'_>, id: Id) -> Maybe<AccountRow> {
    Ok(visible(tx).filter(account_persons::account_id.eq(id)).select(COLUMNS).first(tx.conn)?)
}

pub fn find(tx: &mut Tx<'_>, id: Id) -> Maybe<Account> {
    let row = find_row(tx, id)?;
    show(tx, row)
}

pub fn show(tx: &mut Tx<'_>, row: AccountRow) -> Maybe<Account> {
    shown(tx, vec![row])?.pop().ok_or_else(|| record::vanished("an account"))
}

/// Accounts with their roles and names: three statements, whatever the count.
pub fn shown(tx: &mut Tx<'_>, rows: Vec<AccountRow>) -> Maybe<Vec<Account>> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let mut roles = roles(tx, &ids)?;
    let persons = Names::load(tx, Kind::Person, rows.iter().filter_map(|row| row.person_id))?;
    let organizations = Names::load(tx, Kind::Organization, roles.values().flatten().filter_map(|role| role.organization))?;
    Ok(rows
        .into_iter()
        .map(|row| Account {
            id: row.id,
            guest: row.is_guest(),
            disabled: (!row.is_guest()).then_some(row.disabled),
            must_change_password: (!row.is_guest()).then_some(row.must_change_password),
            name: row.name,
            person: persons.maybe(row.person_id),
            roles: roles
                .remove(&row.id)
                .unwrap_or_default()
                .into_iter()
                .map(|granted| AccountRole { role: granted.role, organization: organizations.maybe(granted.organization) })
                .collect(),
            note: row.note,
            one_time_password: None,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
        .collect())
}

fn roles(tx: &mut Tx<'_>, ids: &[Id]) -> Maybe<HashMap<Id, Vec<Granted>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Id, String, Option<Id>, Option<Id>)> = account_roles::table
        .filter(account_roles::account_id.eq_any(ids))
        .filter(account_roles::jurisdiction_id.eq(tx.jurisdiction()))
        .order(account_roles::id)
        .select((account_roles::account_id, account_roles::role, account_roles::person_id, account_roles::organization_id))
        .load(tx.conn)?;
    let mut roles: HashMap<Id, Vec<Granted>> = HashMap::new();
    for (id, role, person, organization) in rows {
        let role = role.parse().map_err(|()| Problem::internal("a role that this version does not know"))?;
        roles.entry(id).or_default().push(Granted { role, person, organization });
    }
    Ok(roles)
}

pub fn roles_of(tx: &mut Tx<'_>, id: Id) -> Maybe<Vec<Granted>> {
    Ok(roles(tx, &[id])?.remove(&id).unwrap_or_default())
}

/// From here to the end of the transaction no other admin of the jurisdiction changes an account. Whoever was disabled or
/// stripped while waiting is refused: of two that remove each other one is left, and whoever acts is an admin still.
pub fn admins_take_turns(tx: &mut Tx<'_>) -> Maybe<()> {
    let key = tx.seal.hash("admins", &tx.jurisdiction().to_string());
    dialect::lock(tx.conn, &key)?;
    let disabled: Option<bool> = account_roles::table
        .inner_join(accounts::table.on(accounts::id.eq(account_roles::account_id)))
        .filter(account_roles::account_id.eq(tx.caller.account))
        .filter(account_roles::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(account_roles::role.eq(Role::Admin.as_str()))
        .select(accounts::disabled)
        .first(tx.conn)
        .optional()?;
    match disabled {
        Some(false) => Ok(()),
        Some(true) => Err(unauthenticated()),
        None => Err(Problem::plain(Code::Forbidden)),
    }
}

/// 409 where the jurisdiction would be left without an admin of its own: those of others may be disabled where they belong.
pub fn keeps_an_admin(tx: &mut Tx<'_>) -> Maybe<()> {
    let own: Option<Id> = account_roles::table
        .inner_join(accounts::table.on(accounts::id.eq(account_roles::account_id)))
        .filter(account_roles::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(account_roles::role.eq(Role::Admin.as_str()))
        .filter(accounts::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(accounts::disabled.eq(false))
        .select(accounts::id)
        .first(tx.conn)
        .optional()?;
    dated::refuse(own.is_none(), say("本地区至少须有一个自己的管理员", "the jurisdiction needs an admin of its own"))
}

/// The account of this name, wherever it belongs: for who types the name and learns no more than that there is one.
pub fn by_name(tx: &mut Tx<'_>, name: &str) -> Maybe<Option<Id>> {
    Ok(accounts::table.filter(accounts::name.eq(name.to_owned())).select(accounts::id).first(tx.conn).optional()?)
}

/// 409 for an account that belongs here already.
pub fn refuse_attached(tx: &mut Tx<'_>, id: Id) -> Maybe<()> {
    let known = visible(tx).filter(account_persons::account_id.eq(id)).select(accounts::id).first::<Id>(tx.conn).optional()?;
    dated::refuse(known.is_some(), say("账号已属于本地区", "the account belongs to this jurisdiction already"))
}

/// 409 without a word on where the name is in use.
pub fn refuse_taken(conn: &mut Conn, name: &str) -> Maybe<()> {
    let taken: Option<Id> =
        accounts::table.filter(accounts::name.eq(name.to_owned())).select(accounts::id).first(conn).optional()?;
    dated::refuse(taken.is_some(), say("这个名字已被使用", "this name is in use"))
}

/// What a new account is made of.
#[derive(Clone, Copy, Debug)]
pub struct NewAccount<'a> {
    pub name: &'a str,
    pub password_hash: &'a str,
    /// The password is a one-time password.
    pub must_change_password: bool,
    pub person: Option<Id>,
    pub note: Option<&'a str>,
}

/// An account that belongs to one jurisdiction.
pub fn insert(conn: &mut Conn, jurisdiction: Id, now: Instant, new: &NewAccount<'_>, roles: &[Granted]) -> Maybe<Id> {
    let id = Id::fresh();
    let row = (
        accounts::id.eq(id),
        accounts::jurisdiction_id.eq(jurisdiction),
        accounts::name.eq(new.name),
        accounts::password_hash.eq(new.password_hash),
        accounts::must_change_password.eq(new.must_change_password),
        accounts::password_changed_at.eq(now),
        accounts::disabled.eq(false),
    );
    diesel::insert_into(accounts::table).values(row).execute(conn)?;
    attach(conn, jurisdiction, now, id, &Attached { person: new.person, note: new.note, roles })?;
    Ok(id)
}

/// What an account has in one jurisdiction.
#[derive(Clone, Copy, Debug)]
pub struct Attached<'a> {
    pub person: Option<Id>,
    pub note: Option<&'a str>,
    pub roles: &'a [Granted],
}

/// Lets an account that is there belong to a jurisdiction.
pub fn attach(conn: &mut Conn, jurisdiction: Id, now: Instant, account: Id, new: &Attached<'_>) -> Maybe<()> {
    let row = (
        account_persons::jurisdiction_id.eq(jurisdiction),
        account_persons::account_id.eq(account),
        account_persons::person_id.eq(new.person),
        account_persons::note.eq(new.note),
        account_persons::version.eq(1_i64),
        account_persons::created_at.eq(now),
        account_persons::updated_at.eq(now),
    );
    diesel::insert_into(account_persons::table).values(row).execute(conn)?;
    insert_roles(conn, jurisdiction, account, new.roles)
}

/// Replaces the person and the roles of an account in the caller's jurisdiction.
pub fn bind(tx: &mut Tx<'_>, account: Id, person: Option<Id>, roles: &[Granted]) -> Maybe<()> {
    let link = account_persons::table.find((tx.jurisdiction(), account));
    diesel::update(link).set(account_persons::person_id.eq(person)).execute(tx.conn)?;
    let held = account_roles::table
        .filter(account_roles::account_id.eq(account))
        .filter(account_roles::jurisdiction_id.eq(tx.jurisdiction()));
    diesel::delete(held).execute(tx.conn)?;
    insert_roles(tx.conn, tx.caller.jurisdiction, account, roles)
}

#[derive(Insertable)]
#[diesel(table_name = account_roles, treat_none_as_default_value = false)]
struct RoleRow {
    id: Id,
    jurisdiction_id: Id,
    account_id: Id,
    role: &'static str,
    person_id: Option<Id>,
    organization_id: Option<Id>,
}

fn insert_roles(conn: &mut Conn, jurisdiction_id: Id, account_id: Id, roles: &[Granted]) -> Maybe<()> {
    if roles.is_empty() {
        return Ok(());
    }
    let rows: Vec<RoleRow> = roles
        .iter()
        .map(|granted| RoleRow {
            id: Id::fresh(),
            jurisdiction_id,
            account_id,
            role: granted.role.as_str(),
            person_id: granted.person,
            organization_id: granted.organization,
        })
        .collect();
    each!(conn, conn => diesel::insert_into(account_roles::table).values(&rows).execute(conn))?;
    Ok(())
}

/// No token of the account is good any more.
pub fn end_sessions(conn: &mut Conn, id: Id, now: Instant) -> Maybe<()> {
    dialect::lock_account(conn, id)?;
    let open = refresh_tokens::table.filter(refresh_tokens::account_id.eq(id)).filter(refresh_tokens::revoked_at.is_null());
    diesel::update(open).set(refresh_tokens::revoked_at.eq(now)).execute(conn)?;
    Ok(())
}

/// What a deed changes in the account itself, in whichever jurisdiction it is used; what is `None` stays.
#[derive(Default, AsChangeset)]
#[diesel(table_name = accounts)]
pub struct Change<'a> {
    pub disabled: Option<bool>,
    pub password_hash: Option<&'a str>,
    pub must_change_password: Option<bool>,
    pub password_changed_at: Option<Instant>,
}

/// The next version of the account as this jurisdiction sees it; 412 when somebody was faster.
pub fn save(tx: &mut Tx<'_>, before: &AccountRow, note: Option<Option<&str>>) -> Maybe<AccountRow> {
    let row = account_persons::table
        .filter(account_persons::jurisdiction_id.eq(before.seen_in))
        .filter(account_persons::account_id.eq(before.id))
        .filter(account_persons::version.eq(before.version));
    let next = (
        note.map(|note| account_persons::note.eq(note)),
        account_persons::version.eq(before.version + 1),
        account_persons::updated_at.eq(tx.now),
    );
    dated::one(diesel::update(row).set(next).execute(tx.conn)?)?;
    find_row(tx, before.id)
}

/// The same with a change of the account itself.
pub fn save_with(tx: &mut Tx<'_>, before: &AccountRow, change: Change<'_>) -> Maybe<AccountRow> {
    diesel::update(accounts::table.find(before.id)).set(change).execute(tx.conn)?;
    save(tx, before, None)
}
