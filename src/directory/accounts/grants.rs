//! Roles and what each is bound to: who may hold which, for whom it speaks, and who is told.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::wire::AccountRoleGrant;
use crate::base::id::Id;
use crate::base::problem::{Fault, Maybe, Problem, say};
use crate::db::Tx;
use crate::db::schema::{account_persons, organizations};
use crate::directory::in_force;
use crate::directory::organizations::OrganizationKind;
use crate::directory::refs::{Kind, Names};
use crate::policy::Role;
use crate::record::{self, To};

/// One role of an account, with whom or what it speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    pub role: Role,
    /// The person, where the role is a person's.
    pub person: Option<Id>,
    /// The body, where the role is a body's.
    pub organization: Option<Id>,
}

impl Granted {
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }
}

impl From<&Granted> for AccountRoleGrant {
    fn from(granted: &Granted) -> Self {
        Self { role: granted.role, organization: granted.organization }
    }
}

/// What a role has to be bound to.
enum Binding {
    Nothing,
    Person,
    Body(&'static [OrganizationKind]),
    PersonOrBody(&'static [OrganizationKind]),
    /// Not an account of people: it is made elsewhere.
    Elsewhere,
}

fn binding(role: Role) -> Binding {
    use OrganizationKind::*;
    match role {
        Role::Admin | Role::Auditor => Binding::Nothing,
        Role::Leader | Role::Member => Binding::Person,
        Role::Office => Binding::Body(&[GeneralOffice]),
        Role::Committee => Binding::Body(&[SpecialCommittee]),
        Role::MemberAffairs => Binding::Body(&[MemberAffairsCommittee]),
        Role::Group => Binding::Body(&[SectorGroup, LiaisonGroup]),
        Role::Recipient => Binding::Body(&[Department, Party, Federation, PeopleOrganization]),
        Role::Contributor => Binding::PersonOrBody(&[Party, Federation, PeopleOrganization]),
        Role::Integration => Binding::Elsewhere,
    }
}

/// What is known of an organization that a role is to speak for.
struct Body {
    kind: OrganizationKind,
    ended: bool,
}

/// The account whose roles are to change, as it stands; of a new one there is nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Before<'a> {
    pub account: Option<Id>,
    pub held: &'a [Granted],
}

/// The roles as they are to be held, or every fault at once. A role that is held already may go on speaking for a body that
/// has ended.
pub fn checked(tx: &mut Tx<'_>, before: Before<'_>, person: Option<Id>, wanted: &[AccountRoleGrant]) -> Maybe<Vec<Granted>> {
    let held = before.held;
    let mut faults = Vec::new();
    if let Some(person) = person {
        if !Names::load(tx, Kind::Person, [person])?.has(person) {
            faults.push(Fault::unknown_reference("/person_id"));
        } else if is_linked(tx, person, before.account)? {
            let say = say("这个人员已有账号", "an account links this person already");
            faults.push(Fault::new("/person_id", "has_account", say));
        }
    }
    let bodies = bodies(tx, wanted)?;
    let mut granted = Vec::with_capacity(wanted.len());
    for (at, grant) in wanted.iter().enumerate() {
        let pointer = format!("/roles/{at}");
        if wanted[..at].contains(grant) {
            faults.push(Fault::new(&pointer, "repeated", say("不得重复", "must not repeat")));
        }
        if grant.role == Role::Auditor && wanted.iter().any(|other| other.role != Role::Auditor) {
            let say = say("审计员不得兼任其他角色", "an auditor holds no other role");
            faults.push(Fault::new(format!("{pointer}/role"), "exclusive", say));
        }
        let keeps = held.iter().any(|held| held.role == grant.role && held.organization == grant.organization);
        match bound(grant, person, &bodies, keeps) {
            Ok(person) => granted.push(Granted { role: grant.role, person, organization: grant.organization }),
            Err(fault) => faults.push(fault.at(&pointer)),
        }
    }
    if faults.is_empty() { Ok(granted) } else { Err(Problem::invalid(faults)) }
}

/// Whether an account other than `account` links this person.
fn is_linked(tx: &mut Tx<'_>, person: Id, account: Option<Id>) -> Maybe<bool> {
    let by: Option<Id> = account_persons::table
        .filter(account_persons::person_id.eq(person))
        .select(account_persons::account_id)
        .first(tx.conn)
        .optional()?;
    Ok(by.is_some() && by != account)
}

/// Why a role cannot be bound so.
#[derive(Debug, PartialEq, Eq)]
enum Unfit {
    NotHere,
    NoPerson,
    NoBody,
    BodyNotWanted,
    Unknown,
    WrongKind,
    Ended,
}

impl Unfit {
    fn at(&self, pointer: &str) -> Fault {
        let organization = format!("{pointer}/organization_id");
        match self {
            Self::NotHere => Fault::new(
                format!("{pointer}/role"),
                "not_here",
                say("系统对接账号不在这里授予", "integration is no role of a person's account"),
            ),
            Self::NoPerson => Fault::new("/person_id", "required", say("这个角色须关联人员", "this role needs a person")),
            Self::NoBody => Fault::new(organization, "required", say("这个角色须有机构", "this role needs an organization")),
            Self::BodyNotWanted => {
                Fault::new(organization, "not_allowed", say("这个角色不代表机构", "this role speaks for no organization"))
            }
            Self::Unknown => Fault::unknown_reference(organization),
            Self::WrongKind => Fault::new(
                organization,
                "wrong_kind",
                say("机构的类别与角色不符", "an organization of a kind that does not fit the role"),
            ),
            Self::Ended => Fault::new(organization, "ended", say("机构已经撤销", "the organization has ended")),
        }
    }
}

/// The person that the role is to be bound to, if any.
fn bound(grant: &AccountRoleGrant, person: Option<Id>, bodies: &HashMap<Id, Body>, keeps: bool) -> Result<Option<Id>, Unfit> {
    let of_kind = |id: Id, kinds: &[OrganizationKind]| match bodies.get(&id) {
        None => Err(Unfit::Unknown),
        Some(body) if !kinds.contains(&body.kind) => Err(Unfit::WrongKind),
        Some(body) if body.ended && !keeps => Err(Unfit::Ended),
        Some(_) => Ok(None),
    };
    match (binding(grant.role), grant.organization) {
        (Binding::Elsewhere, _) => Err(Unfit::NotHere),
        (Binding::Nothing, None) => Ok(None),
        (Binding::Person | Binding::PersonOrBody(_), None) => person.map(Some).ok_or(Unfit::NoPerson),
        (Binding::Nothing | Binding::Person, Some(_)) => Err(Unfit::BodyNotWanted),
        (Binding::Body(_), None) => Err(Unfit::NoBody),
        (Binding::Body(kinds) | Binding::PersonOrBody(kinds), Some(id)) => of_kind(id, kinds),
    }
}

fn bodies(tx: &mut Tx<'_>, wanted: &[AccountRoleGrant]) -> Maybe<HashMap<Id, Body>> {
    let ids: Vec<Id> = wanted.iter().filter_map(|grant| grant.organization).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Id, OrganizationKind, Option<NaiveDate>)> = organizations::table
        .filter(organizations::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(organizations::id.eq_any(&ids))
        .select((organizations::id, organizations::kind, organizations::to_day))
        .load(tx.conn)?;
    let today = tx.today;
    Ok(rows.into_iter().map(|(id, kind, to)| (id, Body { kind, ended: to.is_some_and(|to| to < today) })).collect())
}

/// What was granted and what withdrawn, for the audit log: roles and ids.
pub fn details(after: &[Granted], before: &[Granted]) -> Value {
    let told = |of: &[Granted], without: &[Granted]| -> Vec<Value> {
        let new = of.iter().filter(|granted| !without.contains(granted));
        new.map(|granted| json!({"role": granted.role.as_str(), "person": granted.person, "organization": granted.organization}))
            .collect()
    };
    json!({"granted": told(after, before), "withdrawn": told(before, after)})
}

/// Tells the general office and the member affairs committee which roles were granted.
pub fn tell(tx: &mut Tx<'_>, account: Id, granted: &[Granted]) -> Maybe<()> {
    if granted.is_empty() {
        return Ok(());
    }
    let roles: Vec<&str> = granted.iter().map(|granted| granted.role.as_str()).collect();
    let bodies = watchers(tx)?;
    record::notify_all(tx, &bodies, "account_granted", "account", account, &json!({"roles": roles}))
}

/// Tells them, and the account's person, what an admin did to it.
pub fn tell_too(tx: &mut Tx<'_>, account: Id, person: Option<Id>, kind: &str) -> Maybe<()> {
    let mut all = watchers(tx)?;
    all.extend(person.map(To::Person));
    record::notify_all(tx, &all, kind, "account", account, &json!({}))
}

fn watchers(tx: &mut Tx<'_>) -> Maybe<Vec<To>> {
    let mut bodies = Vec::new();
    for kind in [OrganizationKind::GeneralOffice, OrganizationKind::MemberAffairsCommittee] {
        bodies.extend(in_force::the_body(tx, kind.as_str())?.map(To::Body));
    }
    Ok(bodies)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(role: Role, organization: Option<Id>) -> AccountRoleGrant {
        AccountRoleGrant { role, organization }
    }

    #[test]
    fn every_role_is_bound_to_what_it_speaks_for() {
        use OrganizationKind::*;
        let ids: HashMap<OrganizationKind, Id> = OrganizationKind::ALL.iter().map(|kind| (*kind, Id::fresh())).collect();
        let bodies: HashMap<Id, Body> = ids.iter().map(|(kind, id)| (*id, Body { kind: *kind, ended: false })).collect();
        let person = Some(Id::fresh());
        for role in Role::ALL {
            let fits = |kind: &OrganizationKind| bound(&grant(*role, Some(ids[kind])), None, &bodies, false).is_ok();
            let fitting: Vec<OrganizationKind> = OrganizationKind::ALL.iter().copied().filter(fits).collect();
            let (expected, alone): (&[OrganizationKind], _) = match role {
                Role::Admin | Role::Auditor => (&[], Ok(None)),
                Role::Leader | Role::Member => (&[], Ok(person)),
                Role::Office => (&[GeneralOffice], Err(Unfit::NoBody)),
                Role::Committee => (&[SpecialCommittee], Err(Unfit::NoBody)),
                Role::MemberAffairs => (&[MemberAffairsCommittee], Err(Unfit::NoBody)),
                Role::Group => (&[SectorGroup, LiaisonGroup], Err(Unfit::NoBody)),
                Role::Contributor => (&[Party, Federation, PeopleOrganization], Ok(person)),
                Role::Recipient => (&[Department, Party, Federation, PeopleOrganization], Err(Unfit::NoBody)),
                Role::Integration => (&[], Err(Unfit::NotHere)),
            };
            assert_eq!(fitting, expected, "{role}");
            assert_eq!(bound(&grant(*role, None), person, &bodies, false), alone, "{role}");
        }
        assert_eq!(bound(&grant(Role::Member, None), None, &bodies, false), Err(Unfit::NoPerson));
        assert_eq!(bound(&grant(Role::Office, Some(Id::fresh())), person, &bodies, false), Err(Unfit::Unknown));
    }

    #[test]
    fn a_role_outlives_its_body_only_where_it_was_held() {
        let id = Id::fresh();
        let bodies = HashMap::from([(id, Body { kind: OrganizationKind::SpecialCommittee, ended: true })]);
        assert_eq!(bound(&grant(Role::Committee, Some(id)), None, &bodies, false), Err(Unfit::Ended));
        assert_eq!(bound(&grant(Role::Committee, Some(id)), None, &bodies, true), Ok(None));
    }
}
