//! 界别群众: the people whom a member contacts (arts. 2, 3, 11), and their personal data (PIPL).
//!
//! A record belongs to one member and says when and how the person agreed to it. Name, phone and note are sealed at rest; the
//! name is shown to its member alone, a phone to nobody but by `reveal`. No identity number is kept. A record that was erased or
//! anonymised keeps its bases, sector and township, and nothing that tells who it was. Whatever reads or wipes personal data
//! leaves a row in the book of handlings and an entry in the audit log, neither with a value in it.

use actix_web::{get, patch, post};
use diesel::prelude::*;
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;

mod check;
mod export;
mod handlings;
pub mod mask;
pub mod store;
pub mod wipe;
pub mod wire;

use store::{ConstituentRow, Wanted};
use wire::{
    Constituent, ConstituentCreate, ConstituentDataExport, ConstituentErase, ConstituentExport, ConstituentFilter, ConstituentPage,
    ConstituentPatch, ConstituentReveal, ConstituentRevealed, ConstituentState,
};

use super::contact_assignments::store as assignments;
use crate::base::problem::{Code, Maybe, Problem};
use crate::db::Tx;
use crate::db::schema::constituents::{self, dsl};
use crate::directory::in_force;
use crate::http::{Answer, Ask, At, Body, Call, IfMatch, Page, PageQuery, Reply};
use crate::policy::Op;
use crate::record::{self, Thing, To};
use crate::{keyset, paged};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(constituent_list)
        .service(constituent_create)
        .service(constituent_read)
        .service(constituent_update)
        .service(constituent_reveal)
        .service(constituent_erase)
        .service(constituent_data_export);
}

/// 群众列表
///
/// 第三条、第十一条：委员看自己联系的群众，可按姓名中的字查找；委员工委只能按完整的电话查找，姓名与电话隐去，每次都记入审计日志。
#[utoipa::path(params(ConstituentFilter, PageQuery), responses((status = 200, description = "一页群众", body = ConstituentPage)))]
#[get("/constituents")]
async fn constituent_list(call: Call, ask: Ask<ConstituentFilter>) -> Reply<ConstituentPage> {
    // Whose number somebody looked up goes into the audit log before the answer.
    if ask.gives("phone") { call.write(ask, listed).await } else { call.read(ask, listed).await }
}

fn listed(tx: &mut Tx<'_>, filter: &ConstituentFilter) -> Maybe<Answer<ConstituentPage>> {
    let wanted = Wanted::new(tx, filter)?;
    let page = Page::of(tx, &filter.page, filter.sort.as_deref().unwrap_or("-id"), &wanted.key())?;
    let rows: Vec<ConstituentRow> = keyset!(tx, &page, wanted.rows(tx), ConstituentRow::as_select(), constituents {});
    wanted.account_for(tx, &rows);
    let mark = |row: &ConstituentRow| (String::new(), row.id);
    let ids = wanted.rows(tx).select(dsl::id);
    Ok(Answer::plain(paged!(
        ConstituentPage,
        tx,
        page,
        filter.page,
        rows,
        mark,
        |rows: Vec<ConstituentRow>| Constituent::all_shown_to(tx, &rows),
        ids
    )))
}

/// 登记群众
///
/// 第十一条：委员登记所联系的群众，同时建立联系安排；须记下本人同意之日与方式。每位委员至多 500 名。
#[utoipa::path(request_body = ConstituentCreate, responses((status = 201, description = "已登记", body = Constituent)))]
#[post("/constituents")]
async fn constituent_create(call: Call, body: Body<ConstituentCreate>) -> Reply<Constituent> {
    call.write(body, |tx, new| {
        let member = tx.caller.own_person(Op::constituent_create).ok_or_else(|| Problem::plain(Code::Forbidden))?;
        let phone = check::create(tx, member, new)?;
        let mut row = ConstituentRow::new(tx, member);
        row.set_name(tx.seal, &new.name);
        row.set_phone(tx.seal, phone.as_deref());
        row.set_note(tx.seal, new.note.as_deref());
        row.set_bases(&new.bases);
        row.sector_id = match new.sector_id {
            Some(sector) => Some(sector),
            None => in_force::sector_of(tx, member, tx.today)?,
        };
        row.township.clone_from(&new.township);
        row.consent_on = Some(new.consent_on);
        row.consent_way = Some(new.consent_way.clone());
        store::hold(tx, member)?;
        store::refuse_one_more(tx, member)?;
        store::refuse_double(tx, &row)?;
        store::insert(tx, &row)?;
        record::deed(tx, Op::constituent_create, &row);
        let from = new.assigned_from.unwrap_or(tx.today);
        let assignment = assignments::AssignmentRow::of_constituent(tx, member, row.id, from);
        assignments::begin(tx, &assignment)?;
        let shown = Constituent::one_shown_to(tx, &row)?;
        Ok(Answer::created(format!("/v1/constituents/{}", row.id), shown))
    })
    .await
}

/// 一名群众
///
/// 第三条、第十一条：姓名对其委员显示，对委员工委隐去；电话一律隐去中间。
#[utoipa::path(params(At), responses((status = 200, description = "群众", body = Constituent)))]
#[get("/constituents/{id}")]
async fn constituent_read(call: Call, at: At) -> Reply<Constituent> {
    call.read((), move |tx, ()| {
        let row = store::find(tx, Op::constituent_read, at.id)?;
        Ok(Answer::one(Constituent::one_shown_to(tx, &row)?))
    })
    .await
}

/// 修改群众
///
/// 第三条、第十一条：由联系他的委员修改；已隐去或删除个人信息的不再修改。
#[utoipa::path(params(At, IfMatch), request_body(content = ConstituentPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = Constituent)))]
#[patch("/constituents/{id}")]
async fn constituent_update(call: Call, at: At, seen: IfMatch, body: Body<ConstituentPatch>) -> Reply<Constituent> {
    call.write(body, move |tx, patch| {
        let mut row = store::find(tx, Op::constituent_update, at.id)?;
        seen.check(row.version)?;
        must_be_active(tx, &row)?;
        if *patch == ConstituentPatch::default() {
            return Ok(Answer::one(Constituent::one_shown_to(tx, &row)?));
        }
        let phone = check::patch(tx, patch)?;
        let fields = apply(tx, &mut row, patch, phone);
        store::hold(tx, row.member_id)?;
        store::refuse_double(tx, &row)?;
        store::save(tx, &mut row)?;
        record::deed_with(tx, Op::constituent_update, &row, json!({"fields": fields}));
        Ok(Answer::one(Constituent::one_shown_to(tx, &row)?))
    })
    .await
}

/// 查看群众的全部信息
///
/// 第十一条、个人信息保护法：委员须说明理由；每小时的次数有上限（设置 reveals_an_hour，与导出合计），每次都记入审计日志。
#[utoipa::path(params(At), request_body = ConstituentReveal,
    responses((status = 200, description = "姓名、电话与备注", body = ConstituentRevealed)))]
#[post("/constituents/{id}/reveal")]
async fn constituent_reveal(call: Call, at: At, body: Body<ConstituentReveal>) -> Reply<ConstituentRevealed> {
    call.write(body, move |tx, wish| {
        let row = store::find(tx, Op::constituent_reveal, at.id)?;
        must_be_active(tx, &row)?;
        handlings::within_limit(tx)?;
        let handling = handlings::add(tx, Op::constituent_reveal, &row, Some(&wish.reason))?;
        record::access(tx, Op::constituent_reveal, ConstituentRow::KIND, row.id, handling);
        Ok(Answer::plain(ConstituentRevealed::of(tx, &row)?).secret())
    })
    .await
}

/// 应本人要求删除个人信息
///
/// 个人信息保护法第四十七条：由委员或委员工委在本人提出后 15 个工作日内办结；姓名、电话、备注删除，联系安排结束，联系基础、界别、乡镇留作统计。
/// 委员工委须给出本人的完整电话；没有登记电话的，只由其委员办理。
#[utoipa::path(params(At, IfMatch), request_body = ConstituentErase,
    responses((status = 200, description = "已删除", body = Constituent)))]
#[post("/constituents/{id}/erase")]
async fn constituent_erase(call: Call, at: At, seen: IfMatch, body: Body<ConstituentErase>) -> Reply<Constituent> {
    call.write(body, move |tx, wish| {
        let mut row = store::find(tx, Op::constituent_erase, at.id)?;
        if row.state_now() != ConstituentState::Erased {
            check::identified(tx, &row, wish.phone.as_deref())?;
        }
        seen.check(row.version)?;
        if row.state_now() == ConstituentState::Erased {
            return Err(Problem::state(row.state_now().as_str(), row.state_now().zh(), allowed_actions(tx, &row)));
        }
        check::erase(tx, &row, wish)?;
        wipe::erase(tx, &mut row, wish)?;
        if tx.caller.person != Some(row.member_id) {
            record::notify(tx, To::Person(row.member_id), "constituent_erased", ConstituentRow::KIND, row.id, json!({}))?;
        }
        Ok(Answer::one(Constituent::one_shown_to(tx, &row)?))
    })
    .await
}

/// 导出一名群众的全部内容
///
/// 个人信息保护法第四十五条：应本人要求，由委员或委员工委说明理由，把所保存的关于本人的全部内容交给本人；记入审计日志。委员工委须给出本人的
/// 完整电话（没有登记电话的，只由其委员办理），所得不含委员的备注。
#[utoipa::path(params(At), request_body = ConstituentExport,
    responses((status = 200, description = "全部内容", body = ConstituentDataExport)))]
#[post("/constituents/{id}/data-export")]
async fn constituent_data_export(call: Call, at: At, body: Body<ConstituentExport>) -> Reply<ConstituentDataExport> {
    call.write(body, move |tx, wish| {
        let row = store::find(tx, Op::constituent_data_export, at.id)?;
        check::identified(tx, &row, wish.phone.as_deref())?;
        handlings::within_limit(tx)?;
        let handling = handlings::add(tx, Op::constituent_data_export, &row, Some(&wish.reason))?;
        record::access(tx, Op::constituent_data_export, ConstituentRow::KIND, row.id, handling);
        Ok(Answer::plain(export::of(tx, &row)?).secret())
    })
    .await
}

/// The names of the fields that the patch gives, for the audit log.
fn apply(tx: &Tx<'_>, row: &mut ConstituentRow, patch: &ConstituentPatch, phone: Option<Option<String>>) -> Vec<&'static str> {
    let mut fields = Vec::new();
    if let Some(name) = &patch.name {
        row.set_name(tx.seal, name);
        fields.push("name");
    }
    if let Some(phone) = phone {
        row.set_phone(tx.seal, phone.as_deref());
        fields.push("phone");
    }
    if let Some(bases) = &patch.bases {
        row.set_bases(bases);
        fields.push("bases");
    }
    if let Some(sector) = patch.sector_id {
        row.sector_id = sector;
        fields.push("sector_id");
    }
    if let Some(township) = &patch.township {
        row.township.clone_from(township);
        fields.push("township");
    }
    if let Some(note) = &patch.note {
        row.set_note(tx.seal, note.as_deref());
        fields.push("note");
    }
    if let Some(day) = patch.consent_on {
        row.consent_on = Some(day);
        fields.push("consent_on");
    }
    if let Some(way) = &patch.consent_way {
        row.consent_way = Some(way.clone());
        fields.push("consent_way");
    }
    fields
}

fn must_be_active(tx: &Tx<'_>, row: &ConstituentRow) -> Maybe<()> {
    let state = row.state_now();
    if state == ConstituentState::Active {
        Ok(())
    } else {
        Err(Problem::state(state.as_str(), state.zh(), allowed_actions(tx, row)))
    }
}

/// What this caller may still do with a record.
fn allowed_actions(tx: &Tx<'_>, row: &ConstituentRow) -> Vec<String> {
    let possible: &[Op] = match row.state_now() {
        ConstituentState::Active => {
            &[Op::constituent_update, Op::constituent_reveal, Op::constituent_erase, Op::constituent_data_export]
        }
        ConstituentState::Anonymised => &[Op::constituent_erase, Op::constituent_data_export],
        ConstituentState::Erased => &[Op::constituent_data_export],
    };
    let belongs = row.belongs();
    let may = |op: &&Op| tx.caller.may(**op, &belongs).is_some() && check::may_identify(tx, row);
    possible.iter().filter(may).map(|op| op.as_str().to_owned()).collect()
}
