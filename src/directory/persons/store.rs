//! Rows, queries, and what a person is known by.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::wire::{Gender, Person, PersonFilter, PersonIdentifier, PersonIdentifierCreate};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Fault, Maybe, Problem, say};
use crate::base::text::normalise_phone;
use crate::db::schema::person_identifiers as identifiers;
use crate::db::schema::persons::{self, dsl};
use crate::db::schema::posts;
use crate::db::{Engine, Tx};
use crate::directory::dated;
use crate::directory::posts::PostKind;
use crate::policy::Op;
use crate::record;
use crate::{each, in_force, thing};

/// The purpose under which telephone numbers are hashed to be found again: one for the whole house, so that a constituent's
/// number can be held against the persons'.
pub const PHONE: &str = "phone";
/// What a person's number is sealed for.
const SEALED_AS: &str = "persons.phone";

#[derive(Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = persons, treat_none_as_null = true)]
pub struct Row {
    pub id: Id,
    pub name: String,
    pub gender: Option<Gender>,
    pub phone: Option<Vec<u8>>,
    pub phone_hash: Option<Vec<u8>>,
    pub work_unit: Option<String>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

thing!(Row, "person");

/// Every query of a person starts here.
fn visible(tx: &Tx<'_>) -> persons::BoxedQuery<'static, Engine> {
    dsl::persons.filter(dsl::jurisdiction_id.eq(tx.jurisdiction())).into_boxed()
}

pub fn find(tx: &mut Tx<'_>, id: Id) -> Maybe<Row> {
    Ok(visible(tx).filter(dsl::id.eq(id)).select(Row::as_select()).first(tx.conn)?)
}

/// The person whom another system knows by `identifier`.
pub fn by_identifier(tx: &mut Tx<'_>, scheme: &str, identifier: &str) -> Maybe<Option<Id>> {
    Ok(identifiers::table.find((tx.jurisdiction(), scheme, identifier)).select(identifiers::person_id).first(tx.conn).optional()?)
}

/// The person with this telephone number, in whatever way it is written.
pub fn by_phone(tx: &mut Tx<'_>, phone: &str) -> Maybe<Option<Id>> {
    let Some(phone) = normalise_phone(phone) else { return Ok(None) };
    let hash = tx.seal.hash(PHONE, &phone);
    Ok(visible(tx).filter(dsl::phone_hash.eq(hash)).select(dsl::id).first(tx.conn).optional()?)
}

pub fn list(tx: &Tx<'_>, filter: &PersonFilter) -> persons::BoxedQuery<'static, Engine> {
    let mut list = visible(tx);
    if let Some(start) = &filter.name {
        list = list.filter(dsl::name.ge(start.clone())).filter(dsl::name.lt(format!("{start}{}", char::MAX)));
    }
    if let Some((scheme, identifier)) = filter.identifier.as_deref().and_then(|of| of.split_once(':')) {
        let known = identifiers::table
            .filter(identifiers::jurisdiction_id.eq(tx.jurisdiction()))
            .filter(identifiers::scheme.eq(scheme.to_owned()))
            .filter(identifiers::identifier.eq(identifier.to_owned()))
            .select(identifiers::person_id);
        list = list.filter(dsl::id.eq_any(known));
    }
    let day = filter.as_of.unwrap_or(tx.today);
    macro_rules! holders {
        ($which:expr) => {
            posts::table
                .filter(posts::jurisdiction_id.eq(tx.jurisdiction()))
                .filter(in_force!(posts, day, day))
                .filter($which)
                .select(posts::person_id)
        };
    }
    if !filter.post.is_empty() || filter.as_of.is_some() {
        let kinds = if filter.post.is_empty() { PostKind::ALL.to_vec() } else { filter.post.clone() };
        list = list.filter(dsl::id.eq_any(holders!(posts::kind.eq_any(kinds))));
    }
    if !filter.sector.is_empty() {
        list = list.filter(dsl::id.eq_any(holders!(posts::sector_id.eq_any(filter.sector.clone()))));
    }
    list
}

/// Identifiers serve those who keep persons and those who give them accounts.
pub fn may_see_identifiers(tx: &Tx<'_>) -> bool {
    [Op::person_update, Op::account_create].into_iter().any(|op| tx.caller.role_for(op).is_some())
}

fn identifiers_of(tx: &mut Tx<'_>, persons: &[Id]) -> Maybe<Vec<(Id, String, String)>> {
    Ok(identifiers::table
        .filter(identifiers::person_id.eq_any(persons))
        .order((identifiers::scheme, identifiers::identifier))
        .select((identifiers::person_id, identifiers::scheme, identifiers::identifier))
        .load(tx.conn)?)
}

/// One statement more, and only for those who see identifiers.
pub fn show(tx: &mut Tx<'_>, rows: Vec<Row>) -> Maybe<Vec<Person>> {
    let known = if may_see_identifiers(tx) {
        let persons: Vec<Id> = rows.iter().map(|row| row.id).collect();
        Some(identifiers_of(tx, &persons)?)
    } else {
        None
    };
    let of = |person: Id| {
        known.as_ref().map(|known| {
            let own = known.iter().filter(|(of, ..)| *of == person);
            own.map(|(_, scheme, of)| PersonIdentifier { scheme: scheme.clone(), identifier: of.clone() }).collect()
        })
    };
    let shown = rows.into_iter().map(|row| Person {
        id: row.id,
        name: row.name,
        gender: row.gender,
        work_unit: row.work_unit,
        has_phone: row.phone.is_some(),
        identifiers: of(row.id),
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    });
    Ok(shown.collect())
}

pub fn one(tx: &mut Tx<'_>, row: Row) -> Maybe<Person> {
    record::only(show(tx, vec![row])?)
}

/// What the audit log keeps of a person: plain what everybody reads, as digests what may have to be erased.
pub fn facts(tx: &mut Tx<'_>, row: &Row) -> Maybe<Value> {
    let phone = match &row.phone {
        None => None,
        Some(sealed) => Some(tx.seal.open(SEALED_AS, sealed).map_err(|_| Problem::internal("a person's phone does not open"))?),
    };
    let identifiers: Vec<Value> = identifiers_of(tx, &[row.id])?
        .iter()
        .map(|(_, scheme, identifier)| record::digest(tx.seal, &format!("{scheme}:{identifier}")))
        .collect();
    Ok(json!({
        "name": row.name,
        "gender": row.gender,
        "work_unit": row.work_unit,
        "phone": phone.map(|phone| record::digest(tx.seal, &phone)),
        "identifiers": identifiers,
    }))
}

/// A number as it is kept: sealed, and hashed to be found by.
pub fn seal_phone(tx: &Tx<'_>, phone: Option<&str>) -> Maybe<Option<(Vec<u8>, Vec<u8>)>> {
    let Some(phone) = phone else { return Ok(None) };
    let phone = normalise_phone(phone).ok_or_else(|| {
        let detail = say("不是手机号码，也不是带区号的固定电话", "neither a mobile number nor one with its area code");
        Problem::rule("/phone", "phone", detail)
    })?;
    Ok(Some((tx.seal.close(SEALED_AS, &phone), tx.seal.hash(PHONE, &phone))))
}

/// 409 when the number or an identifier is another person's already, 422 when an identifier is given twice.
pub fn refuse_double(tx: &mut Tx<'_>, row: &Row, given: &[PersonIdentifierCreate]) -> Maybe<()> {
    if let Some(hash) = row.phone_hash.clone() {
        let other = visible(tx).filter(dsl::phone_hash.eq(hash)).filter(dsl::id.ne(row.id));
        let other: Option<Id> = other.select(dsl::id).first(tx.conn).optional()?;
        dated::refuse(other.is_some(), say("这个电话已属于另一人", "this number is another person's"))?;
    }
    for (at, of) in given.iter().enumerate() {
        if given[..at].contains(of) {
            let detail = say("不得重复", "must not repeat");
            return Err(Problem::invalid(vec![Fault::new(format!("/identifiers/{at}"), "repeated", detail)]));
        }
        let other = by_identifier(tx, &of.scheme, &of.identifier)?.is_some_and(|person| person != row.id);
        let detail = say(format!("第 {} 个外部标识已属于另一人", at + 1), format!("identifier {} is another person's", at + 1));
        dated::refuse(other, detail)?;
    }
    Ok(())
}

/// The identifiers of a person, as a whole.
pub fn set_identifiers(tx: &mut Tx<'_>, person: Id, given: &[PersonIdentifierCreate]) -> Maybe<()> {
    diesel::delete(identifiers::table.filter(identifiers::person_id.eq(person))).execute(tx.conn)?;
    if given.is_empty() {
        return Ok(());
    }
    let jurisdiction = tx.jurisdiction();
    let rows: Vec<_> = given
        .iter()
        .map(|of| {
            (
                identifiers::jurisdiction_id.eq(jurisdiction),
                identifiers::scheme.eq(&of.scheme),
                identifiers::identifier.eq(&of.identifier),
                identifiers::person_id.eq(person),
            )
        })
        .collect();
    each!(tx.conn, conn => diesel::insert_into(identifiers::table).values(&rows).execute(conn))?;
    Ok(())
}
