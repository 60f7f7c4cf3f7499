//! Rows of constituents, and what other rooms ask of them.

use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde_json::json;

use super::mask::{self, NAME, NOTE, PHONE};
use super::wire::{Basis, Constituent, ConstituentFilter, ConstituentState, Erasure};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Fault, Maybe, Problem, say, warnings};
use crate::base::seal::Seal;
use crate::base::text;
use crate::db::schema::constituents::{self, dsl};
use crate::db::{Engine, Tx, dialect};
use crate::directory::dated;
use crate::directory::refs::{Kind, Names};
use crate::overwrite;
use crate::policy::{Belongs, Op, Reach};
use crate::record::{self, Thing};

/// How many people one member may have on the list at a time. A list of one's people is opened in memory to be searched, and a
/// member who contacts more than this contacts nobody.
pub const CAP: usize = 500;

/// A row, its personal data sealed.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = constituents)]
pub struct ConstituentRow {
    pub id: Id,
    pub jurisdiction_id: Id,
    pub member_id: Id,
    pub name: Option<Vec<u8>>,
    pub phone: Option<Vec<u8>>,
    pub phone_hash: Option<Vec<u8>>,
    pub bases: String,
    pub sector_id: Option<Id>,
    pub township: Option<String>,
    pub note: Option<Vec<u8>>,
    pub consent_on: Option<NaiveDate>,
    pub consent_way: Option<String>,
    pub last_contact_on: Option<NaiveDate>,
    pub anonymised_on: Option<NaiveDate>,
    pub erased_on: Option<NaiveDate>,
    pub erase_requested_on: Option<NaiveDate>,
    pub erase_due_on: Option<NaiveDate>,
    pub erase_due_assumed: Option<bool>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl ConstituentRow {
    /// Somebody's record that holds nothing yet.
    pub fn new(tx: &Tx<'_>, member: Id) -> Self {
        Self {
            id: Id::fresh(),
            jurisdiction_id: tx.jurisdiction(),
            member_id: member,
            name: None,
            phone: None,
            phone_hash: None,
            bases: String::new(),
            sector_id: None,
            township: None,
            note: None,
            consent_on: None,
            consent_way: None,
            last_contact_on: None,
            anonymised_on: None,
            erased_on: None,
            erase_requested_on: None,
            erase_due_on: None,
            erase_due_assumed: None,
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
        }
    }

    pub fn state_now(&self) -> ConstituentState {
        match (self.erased_on, self.anonymised_on) {
            (Some(_), _) => ConstituentState::Erased,
            (None, Some(_)) => ConstituentState::Anonymised,
            (None, None) => ConstituentState::Active,
        }
    }

    pub fn set_name(&mut self, seal: &Seal, name: &str) {
        self.name = Some(seal.close(NAME, name));
    }

    /// `phone` in its one form, see [`text::normalise_phone`].
    pub fn set_phone(&mut self, seal: &Seal, phone: Option<&str>) {
        self.phone = phone.map(|phone| seal.close(PHONE, phone));
        self.phone_hash = phone.map(|phone| phone_hash(seal, phone));
    }

    pub fn set_note(&mut self, seal: &Seal, note: Option<&str>) {
        self.note = note.map(|note| seal.close(NOTE, note));
    }

    pub fn set_bases(&mut self, bases: &[Basis]) {
        let bases: BTreeSet<Basis> = bases.iter().copied().collect();
        self.bases = bases.into_iter().map(Basis::as_str).collect::<Vec<_>>().join(",");
    }

    /// Takes off what tells who it is; basis, sector and township stay for the counts.
    pub fn wipe(&mut self) {
        self.name = None;
        self.phone = None;
        self.phone_hash = None;
        self.note = None;
    }

    fn erasure(&self) -> Option<Erasure> {
        let (requested_on, due_on, erased_on) = (self.erase_requested_on?, self.erase_due_on?, self.erased_on?);
        let calendar = (self.erase_due_assumed == Some(true)).then_some("assumed");
        Some(Erasure { requested_on, due_on, erased_on, in_time: erased_on <= due_on, calendar })
    }
}

impl Thing for ConstituentRow {
    const KIND: &'static str = "constituent";

    fn id(&self) -> Id {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn state(&self) -> Option<&'static str> {
        Some(self.state_now().as_str())
    }

    fn belongs(&self) -> Belongs {
        Belongs { persons: vec![self.member_id], ..Belongs::default() }
    }
}

/// What a phone is found by, here and among the persons of the directory: one purpose, so that both can be held together.
pub fn phone_hash(seal: &Seal, phone: &str) -> Vec<u8> {
    seal.hash("phone", phone)
}

impl Constituent {
    /// The one way out of a row: for its member with the name, for everybody else masked.
    fn shown_to(tx: &Tx<'_>, row: &ConstituentRow, members: &Names, sectors: &Names) -> Maybe<Self> {
        let clear = mask::sees_name(tx.caller, row.member_id);
        let name = mask::open(tx.seal, NAME, row.name.as_deref())?;
        let phone = mask::open(tx.seal, PHONE, row.phone.as_deref())?;
        let note = if clear { mask::open(tx.seal, NOTE, row.note.as_deref())? } else { None };
        Ok(Self {
            id: row.id,
            state: row.state_now(),
            member: members.of(row.member_id),
            name: mask::shown_name(name, clear),
            phone: phone.map(|phone| text::mask_phone(&phone)),
            masked: !clear,
            bases: row.bases.split(',').filter_map(|basis| basis.parse().ok()).collect(),
            sector: sectors.maybe(row.sector_id),
            township: row.township.clone(),
            warnings: note.as_deref().map(|note| warnings("/note", note)).unwrap_or_default(),
            note,
            consent_on: row.consent_on,
            consent_way: row.consent_way.clone(),
            last_contact_on: row.last_contact_on,
            anonymised_on: row.anonymised_on,
            erased_on: row.erased_on,
            erasure: row.erasure(),
            etag: crate::http::etag::etag(row.version),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        })
    }

    /// Many at once: two queries for the names they refer to.
    pub fn all_shown_to(tx: &mut Tx<'_>, rows: &[ConstituentRow]) -> Maybe<Vec<Self>> {
        let members = Names::load(tx, Kind::Person, rows.iter().map(|row| row.member_id))?;
        let sectors = Names::load(tx, Kind::Sector, rows.iter().filter_map(|row| row.sector_id))?;
        rows.iter().map(|row| Self::shown_to(tx, row, &members, &sectors)).collect()
    }

    pub fn one_shown_to(tx: &mut Tx<'_>, row: &ConstituentRow) -> Maybe<Self> {
        let shown = Self::all_shown_to(tx, std::slice::from_ref(row))?;
        shown.into_iter().next().ok_or_else(|| crate::record::vanished("a constituent"))
    }
}

pub type Rows = constituents::BoxedQuery<'static, Engine>;
type Condition = Box<dyn BoxableExpression<constituents::table, Engine, SqlType = Bool>>;

/// Every query of a constituent starts here. Who may only find by phone sees nothing without one.
pub fn visible(tx: &Tx<'_>, op: Op) -> Rows {
    seen(tx, op, None)
}

fn seen(tx: &Tx<'_>, op: Op, phone: Option<&[u8]>) -> Rows {
    let within = tx.caller.reaches(op).filter_map(|(reach, grant)| -> Option<Condition> {
        match reach {
            Reach::All => Some(Box::new(dsl::id.eq(dsl::id))),
            Reach::Own => Some(Box::new(dsl::member_id.eq(grant.person?))),
            Reach::ByPhone => {
                let hash = phone?.to_vec();
                Some(Box::new(dsl::phone_hash.is_not_null().and(dsl::phone_hash.assume_not_null().eq(hash))))
            }
            _ => None,
        }
    });
    let ours = dsl::constituents.filter(dsl::jurisdiction_id.eq(tx.jurisdiction())).into_boxed();
    match within.reduce(|a, b| Box::new(a.or(b))) {
        Some(within) => ours.filter(within),
        None => ours.filter(dsl::id.ne(dsl::id)),
    }
}

pub fn find(tx: &mut Tx<'_>, op: Op, id: Id) -> Maybe<ConstituentRow> {
    Ok(visible(tx, op).filter(dsl::id.eq(id)).select(ConstituentRow::as_select()).first(tx.conn)?)
}

/// The filters of a list, with what had to be looked up for them.
pub struct Wanted<'f> {
    filter: &'f ConstituentFilter,
    phone: Option<Vec<u8>>,
    named: Option<Vec<Id>>,
}

impl<'f> Wanted<'f> {
    /// Names are sealed, so `q` opens those of the caller's own people and only those: they are at most [`CAP`].
    pub fn new(tx: &mut Tx<'_>, filter: &'f ConstituentFilter) -> Maybe<Self> {
        let only_by_phone = tx.caller.reaches(Op::constituent_list).all(|(reach, _)| reach == Reach::ByPhone);
        if only_by_phone && filter.phone.is_none() {
            let needed = say("只能按完整的电话查找群众", "constituents are found by a full phone number only");
            return Err(Problem::rule("/phone", "required", needed));
        }
        let phone =
            filter.phone.as_deref().map(|phone| normal_phone(phone).map(|phone| phone_hash(tx.seal, &phone))).transpose()?;
        let named = filter.q.as_deref().map(|q| named(tx, q)).transpose()?;
        Ok(Self { filter, phone, named })
    }

    /// What tells this list from another, for its cursors.
    pub fn key(&self) -> impl std::fmt::Debug {
        let filter = self.filter;
        (&filter.q, &filter.phone, &filter.basis, &filter.sector_id, &filter.township, &filter.state)
    }

    /// Who looks for somebody else's people by their number is put down, with whom was found and a digest of the number.
    pub fn account_for(&self, tx: &mut Tx<'_>, found: &[ConstituentRow]) {
        let Some(hash) = &self.phone else { return };
        let op = Op::constituent_list;
        let Some(role) = tx.caller.reaches(op).find(|(reach, _)| *reach == Reach::ByPhone).map(|(_, grant)| grant.role) else {
            return;
        };
        let details = json!({"phone": record::digest(tx.seal, &record::hex(hash))});
        let strangers: Vec<Id> = found.iter().filter(|row| !mask::sees_name(tx.caller, row.member_id)).map(|row| row.id).collect();
        if strangers.is_empty() {
            record::access_as(tx, op, role, "jurisdiction", tx.caller.jurisdiction, details);
            return;
        }
        for id in strangers {
            record::access_as(tx, op, role, ConstituentRow::KIND, id, details.clone());
        }
    }

    pub fn rows(&self, tx: &Tx<'_>) -> Rows {
        let mut rows = seen(tx, Op::constituent_list, self.phone.as_deref());
        if let Some(phone) = &self.phone {
            rows = rows.filter(dsl::phone_hash.eq(phone.clone()));
        }
        if let Some(named) = &self.named {
            rows = rows.filter(dsl::id.eq_any(named.clone()));
        }
        if let Some(sectors) = &self.filter.sector_id {
            rows = rows.filter(dsl::sector_id.eq_any(sectors.clone()));
        }
        if let Some(townships) = &self.filter.township {
            rows = rows.filter(dsl::township.eq_any(townships.clone()));
        }
        if let Some(bases) = either(self.filter.basis.as_deref(), |basis| Box::new(dsl::bases.like(format!("%{basis}%")))) {
            rows = rows.filter(bases);
        }
        if let Some(states) = either(self.filter.state.as_deref(), in_state) {
            rows = rows.filter(states);
        }
        rows
    }
}

fn either<T: Copy>(wanted: Option<&[T]>, condition: impl Fn(T) -> Condition) -> Option<Condition> {
    wanted?.iter().map(|one| condition(*one)).reduce(|a, b| Box::new(a.or(b)))
}

fn in_state(state: ConstituentState) -> Condition {
    match state {
        ConstituentState::Erased => Box::new(dsl::erased_on.is_not_null()),
        ConstituentState::Anonymised => Box::new(dsl::erased_on.is_null().and(dsl::anonymised_on.is_not_null())),
        ConstituentState::Active => Box::new(dsl::erased_on.is_null().and(dsl::anonymised_on.is_null())),
    }
}

fn named(tx: &mut Tx<'_>, q: &str) -> Maybe<Vec<Id>> {
    let own = tx.caller.own_person(Op::constituent_list);
    let rows: Vec<(Id, Option<Vec<u8>>)> = dsl::constituents
        .filter(dsl::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(dsl::member_id.eq_any(own))
        .filter(dsl::name.is_not_null())
        .limit(i64::try_from(CAP).unwrap_or(i64::MAX))
        .select((dsl::id, dsl::name))
        .load(tx.conn)?;
    let mut found = Vec::new();
    for (id, name) in rows {
        let name = mask::open(tx.seal, NAME, name.as_deref())?.unwrap_or_default();
        if text::contains(&text::search_form(&name), q) {
            found.push(id);
        }
    }
    Ok(found)
}

/// The phone in its one form, or 422.
pub fn normal_phone(raw: &str) -> Maybe<String> {
    text::normalise_phone(raw).ok_or_else(|| {
        let known =
            say("须为手机、带区号的固定电话或 + 开头的国际号码", "a mobile, a landline with its area code, or +country code");
        Problem::invalid(vec![Fault::new("/phone", "phone", known)])
    })
}

/// Holds others who write on this member's list off until the transaction ends, so that what the list is judged by stays true.
pub fn hold(tx: &mut Tx<'_>, member: Id) -> Maybe<()> {
    let key = tx.seal.hash("constituents-of", &member.to_string());
    dialect::lock(tx.conn, &key)
}

/// 409 when the member's list is full.
pub fn refuse_one_more(tx: &mut Tx<'_>, member: Id) -> Maybe<()> {
    let held: i64 = dsl::constituents
        .filter(dsl::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(dsl::member_id.eq(member))
        .filter(dsl::anonymised_on.is_null())
        .filter(dsl::erased_on.is_null())
        .count()
        .get_result(tx.conn)?;
    let full = usize::try_from(held).unwrap_or(CAP) >= CAP;
    let detail = say(format!("每位委员至多登记 {CAP} 名群众"), format!("a member has at most {CAP} constituents"));
    dated::refuse(full, detail)
}

/// 409 when the same person stands on the list already: by name and phone, since families share a phone.
pub fn refuse_double(tx: &mut Tx<'_>, row: &ConstituentRow) -> Maybe<()> {
    let Some(hash) = row.phone_hash.clone() else { return Ok(()) };
    let same_phone: Vec<Option<Vec<u8>>> = dsl::constituents
        .filter(dsl::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(dsl::phone_hash.eq(hash))
        .filter(dsl::member_id.eq(row.member_id))
        .filter(dsl::id.ne(row.id))
        .select(dsl::name)
        .load(tx.conn)?;
    let name = mask::open(tx.seal, NAME, row.name.as_deref())?;
    let mut double = false;
    for other in same_phone {
        double |= mask::open(tx.seal, NAME, other.as_deref())? == name;
    }
    dated::refuse(double, say("已登记过姓名与电话都相同的群众", "a constituent of this name and phone is on the list already"))
}

pub fn insert(tx: &mut Tx<'_>, row: &ConstituentRow) -> Maybe<()> {
    diesel::insert_into(dsl::constituents).values(row).execute(tx.conn)?;
    Ok(())
}

/// Saves everything but the day of the last contact, which events write.
pub fn save(tx: &mut Tx<'_>, row: &mut ConstituentRow) -> Maybe<()> {
    let seen = row.version;
    row.version += 1;
    row.updated_at = tx.now;
    let values = (
        (dsl::name.eq(&row.name), dsl::phone.eq(&row.phone), dsl::phone_hash.eq(&row.phone_hash), dsl::note.eq(&row.note)),
        (dsl::bases.eq(&row.bases), dsl::sector_id.eq(row.sector_id), dsl::township.eq(&row.township)),
        (dsl::consent_on.eq(row.consent_on), dsl::consent_way.eq(&row.consent_way)),
        (dsl::anonymised_on.eq(row.anonymised_on), dsl::erased_on.eq(row.erased_on)),
        (dsl::erase_requested_on.eq(row.erase_requested_on), dsl::erase_due_on.eq(row.erase_due_on)),
        dsl::erase_due_assumed.eq(row.erase_due_assumed),
        (dsl::version.eq(row.version), dsl::updated_at.eq(row.updated_at)),
    );
    overwrite!(tx, constituents, (row.id, seen), values)
}

/// Those of `ids` that are this member's own people and not wiped: what an event or an opinion of the member may name.
pub fn known(tx: &mut Tx<'_>, member: Id, ids: &[Id]) -> Maybe<HashSet<Id>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let own: Vec<Id> = dsl::constituents
        .filter(dsl::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(dsl::member_id.eq(member))
        .filter(dsl::id.eq_any(ids.to_vec()))
        .filter(dsl::anonymised_on.is_null())
        .filter(dsl::erased_on.is_null())
        .select(dsl::id)
        .load(tx.conn)?;
    Ok(own.into_iter().collect())
}

/// They were contacted on `day`: what the time without contact is counted from. No deed and no new version, since the event
/// that brought it about is both.
pub fn touch(tx: &mut Tx<'_>, ids: &[Id], day: NaiveDate) -> Maybe<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let earlier = dsl::constituents
        .filter(dsl::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(dsl::id.eq_any(ids.to_vec()))
        .filter(dsl::last_contact_on.is_null().or(dsl::last_contact_on.lt(day)));
    diesel::update(earlier).set(dsl::last_contact_on.eq(day)).execute(tx.conn)?;
    Ok(())
}
