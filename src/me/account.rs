//! 我的账号: who am I, for which jurisdiction do I speak, as what, and which operations are open to me.
//!
//! It is answered from the rights of this very moment, also before a one-time password was changed: a client starts here.

use actix_web::get;
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::base::id::Id;
use crate::base::problem::{Maybe, Problem};
use crate::db::Tx;
use crate::db::schema::{account_persons, jurisdiction_codes, jurisdictions};
use crate::directory::refs::{Kind, Names, Ref};
use crate::http::{Answer, Call, Reply};
use crate::policy::{Grant, Op, Role};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(me_read);
}

/// 账号所属的一个地区
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MyJurisdiction {
    /// 行政区划代码 (GB/T 2260)
    #[schema(max_length = 6, examples("330327"))]
    pub code: String,
    /// 名称
    #[schema(max_length = 100, examples("苍南县"))]
    pub name: String,
    /// 层级
    #[schema(max_length = 20, examples("county"))]
    pub level: String,
    /// 上级地区的行政区划代码；没有时为 null
    #[schema(required = true, max_length = 6, examples("330300"))]
    pub parent: Option<String>,
}

/// 一个角色，以及它所代表的
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MyRole {
    /// 角色，可用作 Lianxi-Acting-As
    #[schema(max_length = 40, examples("committee"))]
    pub role: String,
    /// 名称
    #[schema(max_length = 40, examples("专委会"))]
    pub label: String,
    /// 代表的人员；角色属于机构时为 null
    #[schema(required = true)]
    pub person: Option<Ref>,
    /// 代表的机构；角色属于个人时为 null
    #[schema(required = true)]
    pub organization: Option<Ref>,
    /// 该机构今天对口的或包含的界别
    #[schema(max_items = 100)]
    pub sectors: Vec<Ref>,
    /// 是否为该机构的主任
    pub chairs: bool,
    /// 委员职务已结束不满十二个月，只能办理自己已有的社情民意
    pub former: bool,
}

/// 我的账号
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Me {
    /// 账号
    pub account: Ref,
    /// 在本地区对应的人员；没有时为 null
    #[schema(required = true)]
    pub person: Option<Ref>,
    /// 令牌所代表的地区
    pub jurisdiction: MyJurisdiction,
    /// 账号所属的全部地区；登录或刷新时可选其一
    #[schema(max_items = 100)]
    pub jurisdictions: Vec<MyJurisdiction>,
    /// 今天有效的角色，范围窄的在前
    #[schema(max_items = 100)]
    pub roles: Vec<MyRole>,
    /// 本次请求以哪个角色办理（Lianxi-Acting-As）；没有指定时为 null
    #[schema(required = true, max_length = 40, examples("committee"))]
    pub acting_as: Option<String>,
    /// 现在可用的操作（operationId）；指定了 Lianxi-Acting-As 时为该角色的
    #[schema(max_items = 1000, examples("opinion_create"))]
    pub may: Vec<String>,
    /// 是否须先修改密码
    pub must_change_password: bool,
    /// 本地区的今天
    #[schema(examples("2026-03-02"))]
    pub today: NaiveDate,
    /// 本地区的时区
    #[schema(max_length = 40, examples("Asia/Shanghai"))]
    pub time_zone: String,
}

/// 我的账号
///
/// 第二十五条：我是谁，代表哪个地区，有哪些角色，可以做什么。
#[utoipa::path(responses((status = 200, description = "我的账号", body = Me)))]
#[get("/me")]
async fn me_read(call: Call) -> Reply<Me> {
    call.read((), |tx, ()| Ok(Answer::plain(me(tx)?))).await
}

fn me(tx: &mut Tx<'_>) -> Maybe<Me> {
    let caller = tx.caller;
    let (current, jurisdictions) = jurisdictions_of(tx)?;
    let of_roles = |f: fn(&Grant) -> Option<Id>| caller.grants.iter().filter_map(f).chain(caller.person).collect::<Vec<_>>();
    let persons = Names::load(tx, Kind::Person, of_roles(|grant| grant.person))?;
    let organizations = Names::load(tx, Kind::Organization, caller.grants.iter().filter_map(|grant| grant.organization))?;
    let sectors = Names::load(tx, Kind::Sector, caller.grants.iter().flat_map(|grant| grant.sectors.iter().copied()))?;
    let role = |grant: &Grant| MyRole {
        role: grant.role.as_str().to_owned(),
        label: grant.role.zh().to_owned(),
        person: persons.maybe(grant.person.filter(|_| grant.organization.is_none())),
        organization: organizations.maybe(grant.organization),
        sectors: grant.sectors.iter().map(|sector| sectors.of(*sector)).collect(),
        chairs: grant.chairs,
        former: grant.former,
    };
    let by_width = Role::NARROWEST_FIRST.iter().flat_map(|role| caller.grants.iter().filter(move |grant| grant.role == *role));
    Ok(Me {
        account: Ref { id: caller.account, name: caller.account_name.clone() },
        person: persons.maybe(caller.person),
        jurisdiction: current,
        jurisdictions,
        roles: by_width.map(role).collect(),
        acting_as: caller.acting_as.map(|role| role.as_str().to_owned()),
        may: Op::ALL.iter().filter(|op| caller.admit(**op).is_ok()).map(|op| op.as_str().to_owned()).collect(),
        must_change_password: caller.must_change_password,
        today: tx.today,
        time_zone: caller.zone.name().to_owned(),
    })
}

/// The caller's jurisdiction, and all that the account belongs to, by code.
fn jurisdictions_of(tx: &mut Tx<'_>) -> Maybe<(MyJurisdiction, Vec<MyJurisdiction>)> {
    let rows: Vec<(Id, Option<Id>, String, String)> = account_persons::table
        .inner_join(jurisdictions::table.on(jurisdictions::id.eq(account_persons::jurisdiction_id)))
        .filter(account_persons::account_id.eq(tx.caller.account))
        .select((jurisdictions::id, jurisdictions::parent_id, jurisdictions::name, jurisdictions::level))
        .load(tx.conn)?;
    let ids: Vec<Id> = rows.iter().flat_map(|(id, parent, ..)| [Some(*id), *parent]).flatten().collect();
    let codes: Vec<(Id, String)> = jurisdiction_codes::table
        .filter(jurisdiction_codes::jurisdiction_id.eq_any(ids))
        .filter(jurisdiction_codes::from_day.le(tx.today))
        .order(jurisdiction_codes::from_day.desc())
        .select((jurisdiction_codes::jurisdiction_id, jurisdiction_codes::code))
        .load(tx.conn)?;
    let code = |of: Id| codes.iter().find(|(id, _)| *id == of).map(|(_, code)| code.clone());
    let mut all: Vec<(Id, MyJurisdiction)> = rows
        .into_iter()
        .map(|(id, parent, name, level)| {
            (id, MyJurisdiction { code: code(id).unwrap_or_default(), name, level, parent: parent.and_then(code) })
        })
        .collect();
    all.sort_by(|(_, a), (_, b)| a.code.cmp(&b.code));
    let own = tx.jurisdiction();
    let current = all.iter().find(|(id, _)| *id == own).map(|(_, of)| of.clone());
    let current = current.ok_or_else(|| Problem::internal("an account outside its own jurisdiction"))?;
    Ok((current, all.into_iter().map(|(_, of)| of).collect()))
}
