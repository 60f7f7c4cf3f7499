//! Who is calling, with the rights of this moment: read anew for every request, never remembered.

use super::reach::{Belongs, Reach};
use super::table::{Op, Role};
use crate::base::calendar::Zone;
use crate::base::id::Id;
use crate::base::problem::{Code, Maybe, Problem};

/// One role of the caller and what it is bound to.
#[derive(Clone, Debug)]
pub struct Grant {
    pub role: Role,
    /// The person of a person-bound role.
    pub person: Option<Id>,
    /// The body that the role speaks for.
    pub organization: Option<Id>,
    /// For a body: the sectors that correspond to it today.
    pub sectors: Vec<Id>,
    /// For a body: the caller chairs it today.
    pub chairs: bool,
    /// A member whose office ended less than twelve months ago.
    pub former: bool,
}

/// The account behind a request, in one jurisdiction.
#[derive(Clone, Debug)]
pub struct Caller {
    pub account: Id,
    pub account_name: String,
    /// The person that the account links in this jurisdiction.
    pub person: Option<Id>,
    pub jurisdiction: Id,
    /// The jurisdiction's time zone: whose day it is.
    pub zone: Zone,
    pub grants: Vec<Grant>,
    /// `Lianxi-Acting-As`: the one role to act under.
    pub acting_as: Option<Role>,
    pub must_change_password: bool,
    /// Of the request; stamped into every entry of the audit log.
    pub request_id: String,
}

impl Caller {
    /// The service itself, when a time has come.
    pub fn clock(jurisdiction: Id, zone: Zone) -> Self {
        Self {
            account: Id::NIL,
            account_name: "clock".to_owned(),
            person: None,
            jurisdiction,
            zone,
            grants: Vec::new(),
            acting_as: None,
            must_change_password: false,
            request_id: String::new(),
        }
    }

    pub fn is_clock(&self) -> bool {
        self.account == Id::NIL
    }

    /// The grants that count for `op`, the narrowest role first, with how far each reaches.
    pub fn reaches(&self, op: Op) -> impl Iterator<Item = (Reach, &Grant)> {
        Role::NARROWEST_FIRST
            .iter()
            .filter(move |role| self.acting_as.is_none_or(|only| only == **role))
            .flat_map(move |role| self.grants.iter().filter(move |grant| grant.role == *role))
            .filter(move |grant| !grant.former || Op::OF_FORMER_MEMBERS.contains(&op))
            .map(move |grant| (op.reach(grant.role), grant))
            .filter(|(reach, _)| *reach != Reach::Nobody)
    }

    /// Whether any role may do this at all: 403 otherwise.
    pub fn admit(&self, op: Op) -> Maybe<()> {
        if self.must_change_password && !Op::BEFORE_PASSWORD_CHANGE.contains(&op) {
            return Err(Problem::plain(Code::PasswordChangeRequired));
        }
        if self.reaches(op).next().is_some() { Ok(()) } else { Err(Problem::plain(Code::Forbidden)) }
    }

    /// The grant under which the caller may do `op` to what belongs so; the same answer as the resource's filter gives in SQL.
    pub fn may(&self, op: Op, thing: &Belongs) -> Option<&Grant> {
        self.grants_for(op, thing).next()
    }

    /// All of them, the narrowest first: for deeds that ask more of a role than its reach.
    pub fn grants_for(&self, op: Op, thing: &Belongs) -> impl Iterator<Item = &Grant> {
        self.reaches(op).filter(|(reach, grant)| self.within(*reach, grant, thing)).map(|(_, grant)| grant)
    }

    fn within(&self, reach: Reach, grant: &Grant, thing: &Belongs) -> bool {
        let body = |of: Option<Id>| grant.organization.is_some() && of == grant.organization;
        match reach {
            Reach::Nobody | Reach::ByPhone | Reach::Counts => false,
            Reach::All => true,
            Reach::Own => {
                grant.person.is_some_and(|own| thing.persons.contains(&own))
                    || grant.organization.is_some_and(|own| thing.organizations.contains(&own))
            }
            Reach::Owned => body(thing.owner),
            Reach::Sectors => body(thing.owner) || grant.organization.is_some_and(|own| thing.committees.contains(&own)),
            Reach::Submitted => thing.submitted,
            Reach::Reported => thing.reported,
            Reach::Recorded => self.person.is_some() && thing.recorded_by == self.person,
            Reach::Contacted => self.person.is_some_and(|own| {
                let is_about_own_body = grant.organization.is_some_and(|body| thing.contacted_bodies.contains(&body));
                (thing.contacted.contains(&own) || is_about_own_body) && thing.recorded_by != Some(own)
            }),
        }
    }

    /// The role that a deed is put down to where no thing narrows it.
    pub fn role_for(&self, op: Op) -> Option<Role> {
        self.reaches(op).next().map(|(_, grant)| grant.role)
    }

    /// The bodies that the caller speaks for under roles that may do `op`.
    pub fn bodies(&self, op: Op) -> Vec<Id> {
        self.reaches(op).filter_map(|(_, grant)| grant.organization).collect()
    }

    /// The person on whose behalf an own thing is made, where the table says `Own`.
    pub fn own_person(&self, op: Op) -> Option<Id> {
        self.reaches(op).find(|(reach, _)| *reach == Reach::Own).and_then(|(_, grant)| grant.person)
    }
}
