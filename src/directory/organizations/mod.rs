//! 机构: the committee's own bodies, and the departments, parties and federations outside it (arts. 23, 25, 26).
//!
//! There is one general office, one member affairs committee and one chairpersons' meeting at a time. A sector group stands
//! for one or more sectors, a liaison group for a place. Names are unique among the organizations in force on a day. What an
//! organization is does not change: it is ended and another one begins.

mod store;
mod wire;

use actix_web::{get, patch, post};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use utoipa_actix_web::service_config::ServiceConfig;

pub use self::store::kind;
use self::store::{Row, check, find, list, show};
pub use self::wire::{Organization, OrganizationCreate, OrganizationFilter, OrganizationKind, OrganizationPage, OrganizationPatch};
use super::dated::{self, Span};
use crate::base::id::Id;
use crate::base::problem::Problem;
use crate::db::Tx;
use crate::db::schema::organizations::{self, dsl};
use crate::http::{Answer, Ask, At, Body, Call, IfMatch, Page, Reply};
use crate::policy::Op;
use crate::record;
use crate::{keyset, overwrite, paged};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(organization_list).service(organization_create).service(organization_read).service(organization_update);
}

/// 机构列表
///
/// 第二十三条、第二十五条、第二十六条：专委会、办公室、委员工委、活动组、联络组、主席会议，以及参加单位和党政部门。
#[utoipa::path(params(OrganizationFilter, crate::http::PageQuery),
    responses((status = 200, description = "一页机构", body = OrganizationPage)))]
#[get("/organizations")]
async fn organization_list(call: Call, ask: Ask<OrganizationFilter>) -> Reply<OrganizationPage> {
    call.read(ask, |tx, filter| {
        let bound = (&filter.kind, &filter.sector, filter.as_of);
        let page = Page::of(tx, &filter.page, filter.sort.as_deref().unwrap_or("position"), &bound)?;
        let rows = keyset!(tx, &page, list(tx, filter), Row::as_select(), organizations { "position" => position: BigInt, i64 });
        let mark = |row: &Row| (row.position.to_string(), row.id);
        let ids = list(tx, filter).select(dsl::id);
        Ok(Answer::plain(paged!(OrganizationPage, tx, page, filter.page, rows, mark, |rows| show(tx, rows), ids)))
    })
    .await
}

/// 新增机构
///
/// 第二十五条：办公室、委员工委、主席会议同时只有一个；界别活动组须有界别，联络组须有地点。
#[utoipa::path(request_body = OrganizationCreate, responses((status = 201, description = "已新增", body = Organization)))]
#[post("/organizations")]
async fn organization_create(call: Call, body: Body<OrganizationCreate>) -> Reply<Organization> {
    call.write(body, |tx, new| {
        dated::alone(tx)?;
        let row = Row {
            id: Id::fresh(),
            kind: new.kind,
            name: new.name.clone(),
            short_name: new.short_name.clone(),
            place: new.place.clone(),
            position: new.position,
            from_day: new.from_day,
            to_day: new.to_day,
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
        };
        let sectors = new.sector_ids.clone().unwrap_or_default();
        check(tx, &row, &sectors)?;
        diesel::insert_into(dsl::organizations).values((&row, dsl::jurisdiction_id.eq(tx.jurisdiction()))).execute(tx.conn)?;
        store::set_sectors(tx, row.id, &sectors)?;
        record::deed(tx, Op::organization_create, &row);
        Ok(Answer::created(format!("/v1/organizations/{}", row.id), one(tx, row)?))
    })
    .await
}

/// 一个机构
///
/// 第二十五条：各角色都可读。
#[utoipa::path(params(At), responses((status = 200, description = "机构", body = Organization)))]
#[get("/organizations/{id}")]
async fn organization_read(call: Call, at: At) -> Reply<Organization> {
    call.read((), move |tx, ()| {
        let row = find(tx, at.id)?;
        Ok(Answer::one(one(tx, row)?))
    })
    .await
}

/// 修改机构
///
/// 第二十五条：撤销的机构给出最后一日，所属与对口联系须先结束；名称或生效之日录入有误的，附理由更正。
#[utoipa::path(params(At, IfMatch), request_body(content = OrganizationPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = Organization)))]
#[patch("/organizations/{id}")]
async fn organization_update(call: Call, at: At, seen: IfMatch, body: Body<OrganizationPatch>) -> Reply<Organization> {
    call.write(body, move |tx, patch| {
        dated::alone(tx)?;
        let row = find(tx, at.id)?;
        seen.check(row.version)?;
        let before = one(tx, row.clone())?;
        if *patch == OrganizationPatch::default() {
            return Ok(Answer::one(before));
        }
        let rewrites = dated::rewrites_end(row.to_day, patch.to_day, tx.today);
        dated::reason_for(patch.name.is_some() || patch.from_day.is_some() || rewrites, patch.reason.as_deref())?;
        let changed = Row {
            name: patch.name.clone().unwrap_or(row.name),
            short_name: patch.short_name.clone().unwrap_or(row.short_name),
            place: patch.place.clone().unwrap_or(row.place),
            position: patch.position.unwrap_or(row.position),
            from_day: patch.from_day.unwrap_or(row.from_day),
            to_day: patch.to_day.unwrap_or(row.to_day),
            version: row.version + 1,
            updated_at: tx.now,
            ..row
        };
        let old_sectors = before.sectors.iter().map(|sector| sector.id).collect();
        let sectors = patch.sector_ids.clone().unwrap_or(old_sectors);
        check(tx, &changed, &sectors)?;
        store::refuse_to_leave(tx, changed.id, Span::new(changed.from_day, changed.to_day))?;
        overwrite!(tx, organizations, (changed.id, row.version), &changed)?;
        if patch.sector_ids.is_some() {
            store::set_sectors(tx, changed.id, &sectors)?;
        }
        let after = one(tx, changed.clone())?;
        record::deed_with(tx, Op::organization_update, &changed, dated::correction(&before, &after, patch.reason.as_deref()));
        Ok(Answer::one(after))
    })
    .await
}

fn one(tx: &mut Tx<'_>, row: Row) -> Result<Organization, Problem> {
    record::only(show(tx, vec![row])?)
}
