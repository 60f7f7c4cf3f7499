//! 人员: anyone with a post, a membership or an account in one jurisdiction (art. 11).
//!
//! Names repeat, so nobody is ever matched by a name: a person is known by an identifier in another system or by a telephone
//! number, and either belongs to one person only. The number is sealed at rest and goes in but never out. A person is not
//! deleted: posts and memberships end.

mod store;
mod wire;

use actix_web::{get, patch, post};
use diesel::prelude::*;
use diesel::sql_types::Text;
use utoipa_actix_web::service_config::ServiceConfig;

pub use self::store::{PHONE, by_identifier, by_phone};
use self::store::{Row, facts, find, list, may_see_identifiers, one, show};
pub use self::wire::{
    Gender, Person, PersonCreate, PersonFilter, PersonIdentifier, PersonIdentifierCreate, PersonPage, PersonPatch,
};
use super::dated;
use crate::base::id::Id;
use crate::base::problem::{Problem, say};
use crate::db::schema::persons::{self, dsl};
use crate::http::{Answer, Ask, At, Body, Call, IfMatch, Page, PageQuery, Reply};
use crate::policy::Op;
use crate::record;
use crate::{keyset, overwrite, paged};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(person_list).service(person_create).service(person_read).service(person_update);
}

/// 人员列表
///
/// 第十一条：可按姓名的开头、外部标识查，也可查某一天任某职务、在某界别的人。电话不在其中。
#[utoipa::path(params(PersonFilter, PageQuery), responses((status = 200, description = "一页人员", body = PersonPage)))]
#[get("/persons")]
async fn person_list(call: Call, ask: Ask<PersonFilter>) -> Reply<PersonPage> {
    call.read(ask, |tx, filter| {
        if filter.identifier.is_some() && !may_see_identifiers(tx) {
            let detail = say("外部标识只供委员工委与管理员查找", "identifiers are for member affairs and administrators");
            return Err(Problem::rule("/identifier", "not_allowed", detail));
        }
        let bound = (&filter.name, &filter.identifier, &filter.post, &filter.sector, filter.as_of);
        let page = Page::of(tx, &filter.page, filter.sort.as_deref().unwrap_or("id"), &bound)?;
        let rows = keyset!(tx, &page, list(tx, filter), Row::as_select(), persons { "name" => name: Text, String });
        let mark = |row: &Row| (row.name.clone(), row.id);
        let ids = list(tx, filter).select(dsl::id);
        Ok(Answer::plain(paged!(PersonPage, tx, page, filter.page, rows, mark, |rows| show(tx, rows), ids)))
    })
    .await
}

/// 新增人员
///
/// 第十一条：由委员工委录入。姓名可以相同；外部标识与电话不得已属于另一人。电话只写不读。
#[utoipa::path(request_body = PersonCreate, responses((status = 201, description = "已新增", body = Person)))]
#[post("/persons")]
async fn person_create(call: Call, body: Body<PersonCreate>) -> Reply<Person> {
    call.write(body, |tx, new| {
        dated::alone(tx)?;
        let (phone, phone_hash) = store::seal_phone(tx, new.phone.as_deref())?.unzip();
        let row = Row {
            id: Id::fresh(),
            name: new.name.clone(),
            gender: new.gender,
            phone,
            phone_hash,
            work_unit: new.work_unit.clone(),
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
        };
        let identifiers = new.identifiers.clone().unwrap_or_default();
        store::refuse_double(tx, &row, &identifiers)?;
        diesel::insert_into(dsl::persons).values((&row, dsl::jurisdiction_id.eq(tx.jurisdiction()))).execute(tx.conn)?;
        store::set_identifiers(tx, row.id, &identifiers)?;
        record::deed(tx, Op::person_create, &row);
        Ok(Answer::created(format!("/v1/persons/{}", row.id), one(tx, row)?))
    })
    .await
}

/// 一位人员
///
/// 第十一条：各角色都可读；外部标识只给委员工委与管理员。
#[utoipa::path(params(At), responses((status = 200, description = "人员", body = Person)))]
#[get("/persons/{id}")]
async fn person_read(call: Call, at: At) -> Reply<Person> {
    call.read((), move |tx, ()| {
        let row = find(tx, at.id)?;
        Ok(Answer::one(one(tx, row)?))
    })
    .await
}

/// 修改人员
///
/// 第十一条：姓名、性别录入有误的，附理由更正，前后的值都留在审计日志；电话与外部标识只留摘要。
#[utoipa::path(params(At, IfMatch), request_body(content = PersonPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = Person)))]
#[patch("/persons/{id}")]
async fn person_update(call: Call, at: At, seen: IfMatch, body: Body<PersonPatch>) -> Reply<Person> {
    call.write(body, move |tx, patch| {
        dated::alone(tx)?;
        let row = find(tx, at.id)?;
        seen.check(row.version)?;
        if *patch == PersonPatch::default() {
            return Ok(Answer::one(one(tx, row)?));
        }
        let corrects = patch.name.is_some() || (patch.gender.is_some() && row.gender.is_some());
        dated::reason_for(corrects, patch.reason.as_deref())?;
        let before = facts(tx, &row)?;
        let (phone, phone_hash) = match &patch.phone {
            None => (row.phone, row.phone_hash),
            Some(phone) => store::seal_phone(tx, phone.as_deref())?.unzip(),
        };
        let changed = Row {
            name: patch.name.clone().unwrap_or(row.name),
            gender: patch.gender.unwrap_or(row.gender),
            phone,
            phone_hash,
            work_unit: patch.work_unit.clone().unwrap_or(row.work_unit),
            version: row.version + 1,
            updated_at: tx.now,
            ..row
        };
        store::refuse_double(tx, &changed, patch.identifiers.as_deref().unwrap_or_default())?;
        overwrite!(tx, persons, (changed.id, row.version), &changed)?;
        if let Some(identifiers) = &patch.identifiers {
            store::set_identifiers(tx, changed.id, identifiers)?;
        }
        let after = facts(tx, &changed)?;
        record::deed_with(tx, Op::person_update, &changed, dated::correction(&before, &after, patch.reason.as_deref()));
        Ok(Answer::one(one(tx, changed)?))
    })
    .await
}
