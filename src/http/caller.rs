//! The caller, read from the database for every request: a right that was withdrawn, a post that ended, an account that was
//! disabled count on the next one.

use actix_web::HttpRequest;
use chrono::{Months, NaiveDate};
use diesel::prelude::*;

use super::admitted::Admitted;
use super::tokens::unauthenticated;
use crate::base::calendar::{Zone, local_day};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Code, Maybe, Problem, say};
use crate::db::Conn;
use crate::db::schema::{
    account_persons, account_roles, accounts, group_sectors, jurisdictions, memberships, posts, sector_correspondences,
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

/// Loads who is calling, with the grants that hold today. Two statements for a member, three or four for a body.
pub fn load(conn: &mut Conn, admitted: &Admitted, acting_as: Option<Role>, now: Instant) -> Maybe<Caller> {
    let claims = admitted.claims.as_ref().ok_or_else(unauthenticated)?;
    type Row = (String, bool, bool, Option<Id>, String, Option<String>, Option<Id>, Option<Id>);
    let rows: Vec<Row> = account_persons::table
        .inner_join(accounts::table.on(accounts::id.eq(account_persons::account_id)))
        .inner_join(jurisdictions::table.on(jurisdictions::id.eq(account_persons::jurisdiction_id)))
        .left_join(
            account_roles::table.on(account_roles::account_id
                .eq(account_persons::account_id)
                .and(account_roles::jurisdiction_id.eq(account_persons::jurisdiction_id))),
        )
        .filter(account_persons::jurisdiction_id.eq(claims.jurisdiction_id))
        .filter(account_persons::account_id.eq(claims.sub))
        .select((
            accounts::name,
            accounts::disabled,
            accounts::must_change_password,
            account_persons::person_id,
            jurisdictions::time_zone,
            account_roles::role.nullable(),
            account_roles::person_id.nullable(),
            account_roles::organization_id.nullable(),
        ))
        .load(conn)?;
    let (name, disabled, must_change_password, person, zone, ..) = rows.first().ok_or_else(unauthenticated)?;
    if *disabled {
        return Err(unauthenticated());
    }
    let zone: Zone = zone.parse().map_err(|_| Problem::internal("a jurisdiction with an unknown time zone"))?;
    let mut grants = Vec::with_capacity(rows.len());
    for (.., role, person, organization) in &rows {
        let role = role.as_deref().and_then(|role| role.parse().ok());
        if let Some(role) = role {
            grants.push(Grant {
                role,
                person: *person,
                organization: *organization,
                sectors: Vec::new(),
                chairs: false,
                former: false,
            });
        }
    }
    let mut caller = Caller {
        account: claims.sub,
        account_name: name.clone(),
        person: *person,
        jurisdiction: claims.jurisdiction_id,
        zone,
        grants,
        acting_as,
        must_change_password: *must_change_password,
        request_id: admitted.request_id.clone(),
    };
    let today = local_day(now.0, zone);
    hold_to_posts(conn, &mut caller, today)?;
    hold_to_memberships(conn, &mut caller, today)?;
    add_sectors(conn, &mut caller, today)?;
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

/// The posts that make a leader.
pub const LEADERS: [&str; 3] = ["chairperson", "vice_chairperson", "secretary_general"];

fn hold_to_posts(conn: &mut Conn, caller: &mut Caller, today: NaiveDate) -> Maybe<()> {
    let bound: Vec<Id> = caller
        .grants
        .iter()
        .filter(|grant| matches!(grant.role, Role::Member | Role::Leader))
        .filter_map(|grant| grant.person)
        .collect();
    if bound.is_empty() {
        caller.grants.retain(|grant| !matches!(grant.role, Role::Member | Role::Leader));
        return Ok(());
    }
    let year_ago = today.checked_sub_months(Months::new(12)).unwrap_or(today);
    let held: Vec<(Id, String, Option<NaiveDate>)> = posts::table
        .filter(posts::person_id.eq_any(&bound))
        .filter(posts::from_day.le(today))
        .filter(posts::to_day.is_null().or(posts::to_day.ge(year_ago)))
        .select((posts::person_id, posts::kind, posts::to_day))
        .load(conn)?;
    caller.grants.retain_mut(|grant| {
        let is_of_role = |kind: &str| if grant.role == Role::Member { kind == "member" } else { LEADERS.contains(&kind) };
        if !matches!(grant.role, Role::Member | Role::Leader) {
            return true;
        }
        let mut own = held.iter().filter(|(person, kind, _)| Some(*person) == grant.person && is_of_role(kind)).peekable();
        let was = own.peek().is_some();
        let lasts = own.any(|(.., to)| to.is_none_or(|to| to >= today));
        grant.former = !lasts;
        lasts || (was && grant.role == Role::Member)
    });
    Ok(())
}

fn is_body(role: Role) -> bool {
    matches!(role, Role::Office | Role::Committee | Role::MemberAffairs | Role::Group)
}

/// A person speaks for a body only while a membership lasts; an account that links no person speaks for it as staff.
fn hold_to_memberships(conn: &mut Conn, caller: &mut Caller, today: NaiveDate) -> Maybe<()> {
    let Some(person) = caller.person else { return Ok(()) };
    if !caller.grants.iter().any(|grant| is_body(grant.role)) {
        return Ok(());
    }
    let held: Vec<(Id, String)> = memberships::table
        .filter(memberships::person_id.eq(person))
        .filter(memberships::from_day.le(today))
        .filter(memberships::to_day.is_null().or(memberships::to_day.ge(today)))
        .select((memberships::organization_id, memberships::duty))
        .load(conn)?;
    caller.grants.retain_mut(|grant| {
        if !is_body(grant.role) {
            return true;
        }
        let mut own = held.iter().filter(|(organization, _)| Some(*organization) == grant.organization).peekable();
        let holds = own.peek().is_some();
        grant.chairs = own.any(|(_, duty)| duty == "chair");
        holds
    });
    Ok(())
}

fn add_sectors(conn: &mut Conn, caller: &mut Caller, today: NaiveDate) -> Maybe<()> {
    let of = |role: Role| -> Vec<Id> {
        caller.grants.iter().filter(|grant| grant.role == role).filter_map(|grant| grant.organization).collect()
    };
    let (committees, groups) = (of(Role::Committee), of(Role::Group));
    let mut found: Vec<(Id, Id)> = Vec::new();
    if !committees.is_empty() {
        found.extend(
            sector_correspondences::table
                .filter(sector_correspondences::organization_id.eq_any(&committees))
                .filter(sector_correspondences::from_day.le(today))
                .filter(sector_correspondences::to_day.is_null().or(sector_correspondences::to_day.ge(today)))
                .select((sector_correspondences::organization_id, sector_correspondences::sector_id))
                .load::<(Id, Id)>(conn)?,
        );
    }
    if !groups.is_empty() {
        found.extend(
            group_sectors::table
                .filter(group_sectors::organization_id.eq_any(&groups))
                .select((group_sectors::organization_id, group_sectors::sector_id))
                .load::<(Id, Id)>(conn)?,
        );
    }
    for grant in &mut caller.grants {
        grant.sectors =
            found.iter().filter(|(organization, _)| Some(*organization) == grant.organization).map(|(_, sector)| *sector).collect();
    }
    Ok(())
}
