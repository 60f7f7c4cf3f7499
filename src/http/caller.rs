//! The caller, read from the database for every request: a right that was withdrawn, a post that ended, an account that was
//! disabled count on the next one.

use actix_web::HttpRequest;
use chrono::{Months, NaiveDate};
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::admitted::Admitted;
use super::tokens::unauthenticated;
use crate::base::calendar::{Zone, local_day};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Code, Maybe, Problem, say};
use crate::db::Conn;
use crate::db::schema::{
    account_persons, account_roles, accounts, group_sectors, jurisdictions, memberships, posts, refresh_tokens,
    sector_correspondences,
};
use crate::policy::{Caller, Grant, Role};

/// `Lianxi-Acting-As`: one role out of several, where the caller has a choice.
pub fn acting_as(request: &HttpRequest) -> Maybe<Option<Role>> {
    let Some(value) = request.headers().get("Lianxi-Acting-As") else { return Ok(None) };
    let role = value.to_str().ok().and_then(|name| name.trim().parse().ok());
    role.map(Some).ok_or_else(|| {
        Problem::new(Code::MalformedHeader, say("Lianxi-Acting-As 不是已知的角色", "Lianxi-Acting-As names no known role"))
    })
}

/// What stands in the row of one role, beside the account: each part as the joins found it.
type Row = (
    (String, bool, bool, Option<Id>, String),
    (Option<String>, Option<Id>, Option<Id>),
    (Option<String>, Option<NaiveDate>, Option<NaiveDate>),
    (Option<String>, Option<NaiveDate>, Option<NaiveDate>),
    (Option<Id>, Option<NaiveDate>, Option<NaiveDate>),
    Option<Id>,
);

/// Loads who is calling, with the grants that hold today: one statement, since every request sends it. The days are compared
/// here, because the zone that says which day it is comes with the rows.
pub fn load(conn: &mut Conn, admitted: &Admitted, acting_as: Option<Role>, now: Instant) -> Maybe<Caller> {
    let claims = admitted.claims.as_ref().ok_or_else(unauthenticated)?;
    let rows = rows(conn, claims.jurisdiction_id, claims.sub, claims.sid)?;
    let ((name, disabled, must_change_password, person, zone), ..) = rows.first().ok_or_else(unauthenticated)?;
    if *disabled {
        return Err(unauthenticated());
    }
    let zone: Zone = zone.parse().map_err(|_| Problem::internal("a jurisdiction with an unknown time zone"))?;
    let caller = Caller {
        account: claims.sub,
        account_name: name.clone(),
        person: *person,
        jurisdiction: claims.jurisdiction_id,
        zone,
        grants: grants(&rows, *person, local_day(now.0, zone)),
        acting_as,
        must_change_password: *must_change_password,
        request_id: admitted.request_id.clone(),
    };
    if let Some(role) = acting_as
        && !caller.grants.iter().any(|grant| grant.role == role)
    {
        return Err(Problem::new(
            Code::Forbidden,
            say("账号没有 Lianxi-Acting-As 所指的角色", "the account has no such role to act as"),
        ));
    }
    Ok(caller)
}

/// The account once for each of its roles, with the posts, the memberships and the sectors that the role rests on; nothing where
/// the session is over.
fn rows(conn: &mut Conn, jurisdiction: Id, account: Id, session: Option<Id>) -> QueryResult<Vec<Row>> {
    // No session is NIL, so that the statement is the same for a token without one.
    let ended = refresh_tokens::table
        .filter(refresh_tokens::family_id.eq(session.unwrap_or(Id::NIL)))
        .filter(refresh_tokens::revoked_at.is_not_null());
    let role = |word: Role| account_roles::role.eq(word.as_str());
    account_persons::table
        .inner_join(accounts::table.on(accounts::id.eq(account_persons::account_id)))
        .inner_join(jurisdictions::table.on(jurisdictions::id.eq(account_persons::jurisdiction_id)))
        .left_join(
            account_roles::table.on(account_roles::account_id
                .eq(account_persons::account_id)
                .and(account_roles::jurisdiction_id.eq(account_persons::jurisdiction_id))),
        )
        .left_join(
            posts::table
                .on(posts::person_id.nullable().eq(account_roles::person_id).and(role(Role::Member).or(role(Role::Leader)))),
        )
        .left_join(
            memberships::table.on(memberships::person_id
                .nullable()
                .eq(account_persons::person_id)
                .and(memberships::organization_id.nullable().eq(account_roles::organization_id))),
        )
        .left_join(
            sector_correspondences::table.on(sector_correspondences::organization_id
                .nullable()
                .eq(account_roles::organization_id)
                .and(role(Role::Committee))),
        )
        .left_join(
            group_sectors::table
                .on(group_sectors::organization_id.nullable().eq(account_roles::organization_id).and(role(Role::Group))),
        )
        .filter(account_persons::jurisdiction_id.eq(jurisdiction))
        .filter(account_persons::account_id.eq(account))
        .filter(not(exists(ended)))
        .select((
            (
                accounts::name,
                accounts::disabled,
                accounts::must_change_password,
                account_persons::person_id,
                jurisdictions::time_zone,
            ),
            (account_roles::role.nullable(), account_roles::person_id.nullable(), account_roles::organization_id.nullable()),
            (posts::kind.nullable(), posts::from_day.nullable(), posts::to_day.nullable()),
            (memberships::duty.nullable(), memberships::from_day.nullable(), memberships::to_day.nullable()),
            (
                sector_correspondences::sector_id.nullable(),
                sector_correspondences::from_day.nullable(),
                sector_correspondences::to_day.nullable(),
            ),
            group_sectors::sector_id.nullable(),
        ))
        .load(conn)
}

/// The posts that make a leader.
pub const LEADERS: [&str; 3] = ["chairperson", "vice_chairperson", "secretary_general"];

/// The roles that hold today.
fn grants(rows: &[Row], person: Option<Id>, today: NaiveDate) -> Vec<Grant> {
    let mut grants: Vec<Grant> = Vec::new();
    for (_, (role, bound, organization), post, membership, correspondence, sector) in rows {
        let Some(role) = role.as_deref().and_then(|role| role.parse().ok()) else { continue };
        let Some(standing) = standing(role, person, post, membership, today) else { continue };
        let known = grants.iter_mut().find(|of| of.role == role && of.person == *bound && of.organization == *organization);
        let grant = match known {
            Some(grant) => grant,
            None => {
                let (person, organization) = (*bound, *organization);
                grants.push(Grant { role, person, organization, sectors: Vec::new(), chairs: false, former: true });
                let Some(last) = grants.last_mut() else { continue };
                last
            }
        };
        grant.former &= standing == Standing::Former;
        grant.chairs |= standing == Standing::Chairs;
        let (corresponding, from, to) = correspondence;
        let of = sector.or(corresponding.filter(|_| is_in_force(*from, *to, today)));
        grant.sectors.extend(of.filter(|of| !grant.sectors.contains(of)));
    }
    grants
}

/// How somebody stands in a role by one of the rows that it rests on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Holds,
    Chairs,
    Former,
}

type Part = (Option<String>, Option<NaiveDate>, Option<NaiveDate>);

/// A member or leader needs a post, a member that of the last twelve months; a person speaks for a body only while a membership
/// lasts, and an account that links no person speaks for it as staff.
fn standing(role: Role, person: Option<Id>, post: &Part, membership: &Part, today: NaiveDate) -> Option<Standing> {
    match role {
        Role::Member | Role::Leader => {
            let (kind, from, to) = post;
            let is_of_role = |kind: &str| if role == Role::Member { kind == "member" } else { LEADERS.contains(&kind) };
            if !kind.as_deref().is_some_and(is_of_role) || from.is_none_or(|from| from > today) {
                return None;
            }
            let year_ago = today.checked_sub_months(Months::new(12)).unwrap_or(today);
            match to {
                Some(to) if *to < today => (role == Role::Member && *to >= year_ago).then_some(Standing::Former),
                _ => Some(Standing::Holds),
            }
        }
        Role::Office | Role::Committee | Role::MemberAffairs | Role::Group if person.is_some() => {
            let (duty, from, to) = membership;
            is_in_force(*from, *to, today).then_some(if duty.as_deref() == Some("chair") {
                Standing::Chairs
            } else {
                Standing::Holds
            })
        }
        _ => Some(Standing::Holds),
    }
}

/// A row that no join found has no first day.
fn is_in_force(from: Option<NaiveDate>, to: Option<NaiveDate>, today: NaiveDate) -> bool {
    from.is_some_and(|from| from <= today) && to.is_none_or(|to| to >= today)
}
