//! Who logs in: an account for each role, and for some roles several.

use std::collections::BTreeSet;

use super::contacts;
use super::county::{Body, County};
use super::dice::minus;
use super::maker::{Maker, Notice};
use super::names::SECTORS;
use super::rows::{AccountPersonRow, AccountRoleRow, AccountRow, ReadRow};
use crate::base::id::Id;
use crate::policy::Role;

/// An account that somebody can use.
#[derive(Clone, Debug)]
pub struct Login {
    pub name: String,
    pub roles: Vec<&'static str>,
    /// Who it is, in Chinese.
    pub who: String,
}

/// Which of a county's people and bodies have an account.
#[derive(Clone, Debug)]
pub struct Accounts {
    /// Places of members, `member-1` first.
    pub members: Vec<usize>,
    /// Places of committees, `committee-1` first.
    pub committees: Vec<usize>,
    /// Places of sector groups, `group-1` first.
    pub groups: Vec<usize>,
}

/// The account to be, with what its roles are bound to.
struct Bound {
    login: Login,
    person: Option<Id>,
    roles: Vec<(Role, Option<Id>, Option<Id>)>,
}

impl Accounts {
    /// Two teachers, a standing member among the physicians, one of the economy, and one who is behind with the duties: each
    /// with the committee and the group that matter to them.
    pub fn of_demo(county: &County) -> Self {
        let of = |sector: usize, number: usize, is_standing: bool| {
            let fits = |at: &usize| {
                let member = &county.members[*at];
                member.sector() == sector
                    && member.is_standing == is_standing
                    && member.seats.len() == 1
                    && member.office().1.is_none()
            };
            (0..county.members.len()).filter(fits).nth(number)
        };
        let members = [of(15, 0, false), of(15, 1, false), of(16, 0, true), of(13, 0, false), contacts::slack(county)];
        Self { members: members.into_iter().flatten().collect(), committees: vec![4, 1], groups: vec![1] }
    }

    /// Everybody.
    pub fn of_all(county: &County) -> Self {
        let all = |count: usize| (0..count).collect();
        Self { members: all(county.members.len()), committees: all(county.committees.len()), groups: all(county.groups.len()) }
    }

    /// Puts the accounts in, each with the one password; what they were told two weeks ago they have read.
    pub fn write(&self, maker: &mut Maker<'_>, county: &County, password_hash: &str) -> Vec<Login> {
        let mut logins = Vec::new();
        for bound in self.bound(county) {
            let account = insert(maker, county, &bound, password_hash);
            let old = minus(maker.today, 14);
            let of_old = |notice: &&Notice| notice.at.0.date_naive() < old;
            for notice in maker.told.iter().filter(of_old) {
                let is_own = notice.person.is_some() && notice.person == bound.person;
                if is_own || bound.roles.iter().any(|(_, _, body)| body.is_some() && *body == notice.body) {
                    let read_at = notice.at.plus(chrono::TimeDelta::hours(20));
                    maker.rows.reads.push(ReadRow { account_id: account, notification_id: notice.id, read_at });
                }
            }
            logins.push(bound.login);
        }
        logins
    }

    fn bound(&self, county: &County) -> Vec<Bound> {
        let mut all = vec![apart("admin", Role::Admin), apart("auditor", Role::Auditor)];
        for (name, leader) in ["chairperson", "vice-chairperson"].into_iter().zip(county.leaders()) {
            let member = &county.members[leader];
            let post = if name == "chairperson" { "主席" } else { "副主席" };
            let roles = [Role::Leader, Role::Member].map(|role| (role, Some(member.person), None));
            all.push(bound(name.to_owned(), format!("{post} {}", member.name), Some(member.person), roles.to_vec()));
        }
        all.push(of_body("office".to_owned(), Role::Office, &county.office));
        for (number, at) in (1..).zip(&self.committees) {
            all.push(of_body(format!("committee-{number}"), Role::Committee, &county.committees[*at]));
        }
        all.push(of_body("member-affairs".to_owned(), Role::MemberAffairs, &county.affairs));
        // In a small county one clerk writes for several bodies.
        if let Some(committee) = self.committees.first().map(|at| &county.committees[*at]) {
            let bodies = [(Role::Office, &county.office), (Role::Committee, committee), (Role::MemberAffairs, &county.affairs)];
            let who = format!("机关干部，兼办{}", bodies.map(|(_, body)| body.name.as_str()).join("、"));
            all.push(bound("clerk".to_owned(), who, None, bodies.map(|(role, body)| (role, None, Some(body.id))).to_vec()));
        }
        for (number, at) in (1..).zip(&self.groups) {
            all.extend(of_group(format!("group-{number}"), county, *at));
        }
        // A person has one account: leaders and conveners have theirs already.
        let taken: BTreeSet<Id> = all.iter().filter_map(|bound| bound.person).collect();
        let members = self.members.iter().map(|at| &county.members[*at]).filter(|member| !taken.contains(&member.person));
        for (number, member) in (1..).zip(members) {
            let standing = if member.is_standing { "常委" } else { "委员" };
            let who = format!("{standing} {}，{}", member.name, SECTORS[member.sector()].name);
            all.push(bound(format!("member-{number}"), who, Some(member.person), vec![(Role::Member, Some(member.person), None)]));
        }
        if let Some((person, name)) = county.informants.first() {
            let who = format!("社情民意信息员 {name}");
            all.push(bound("contributor".to_owned(), who, Some(*person), vec![(Role::Contributor, Some(*person), None)]));
        }
        // The third department is the government's office.
        if let Some(department) = county.departments.get(2) {
            let who = super::names::DEPARTMENTS[2].0.to_owned();
            all.push(bound("recipient-1".to_owned(), who, None, vec![(Role::Recipient, None, Some(*department))]));
        }
        all
    }
}

fn bound(name: String, who: String, person: Option<Id>, roles: Vec<(Role, Option<Id>, Option<Id>)>) -> Bound {
    Bound { login: Login { name, roles: roles.iter().map(|(role, ..)| role.as_str()).collect(), who }, person, roles }
}

fn apart(name: &str, role: Role) -> Bound {
    bound(name.to_owned(), role.zh().to_owned(), None, vec![(role, None, None)])
}

fn of_body(name: String, role: Role, body: &Body) -> Bound {
    bound(name, format!("{} {}", body.name, body.head_name), Some(body.head), vec![(role, None, Some(body.id))])
}

/// The convener of a sector group: the first standing member of its sectors.
fn of_group(name: String, county: &County, at: usize) -> Option<Bound> {
    let convener = county.members.iter().find(|member| member.is_standing && SECTORS[member.sector()].group == at)?;
    let who = format!("{} {}", super::names::GROUPS[at], convener.name);
    Some(bound(name, who, Some(convener.person), vec![(Role::Group, None, Some(county.groups[at]))]))
}

fn insert(maker: &mut Maker<'_>, county: &County, bound: &Bound, password_hash: &str) -> Id {
    let made = maker.moment(county.since);
    let id = maker.id(made);
    maker.rows.accounts.push(AccountRow {
        id,
        jurisdiction_id: county.id,
        name: bound.login.name.clone(),
        password_hash: password_hash.to_owned(),
        must_change_password: false,
        password_changed_at: made,
        disabled: false,
    });
    maker.rows.account_persons.push(AccountPersonRow {
        jurisdiction_id: county.id,
        account_id: id,
        person_id: bound.person,
        version: 1,
        created_at: made,
        updated_at: made,
    });
    for (role, person_id, organization_id) in &bound.roles {
        let role_id = maker.id(made);
        maker.rows.account_roles.push(AccountRoleRow {
            id: role_id,
            jurisdiction_id: county.id,
            account_id: id,
            role: role.as_str(),
            person_id: *person_id,
            organization_id: *organization_id,
        });
    }
    id
}
