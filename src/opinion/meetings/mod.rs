//! 主席会议: meetings of the chairpersons, which decide on what members say about the CPPCC's own work (art. 19).
//!
//! `planned`, then `closed` or `cancelled`. Only a planned meeting takes opinions on its agenda; closing and reporting wait for
//! each other on the meeting's row, so that no opinion comes onto an agenda that is closed. Its day is what decisions are
//! counted from.

pub mod agenda;
pub mod resolutions;
mod store;
mod wire;

use actix_web::{get, patch, post};
use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;

use self::store::{MeetingRow, count_decisions_from, end, find, planned, shown, visible};
pub use self::wire::MeetingState;
use self::wire::{Meeting, MeetingCancel, MeetingCreate, MeetingFilter, MeetingPage, MeetingPatch};
use crate::base::id::Id;
use crate::base::problem::{Problem, say};
use crate::db::Tx;
use crate::db::schema::{meetings, meetings::dsl, resolutions as resolutions_made};
use crate::http::{Answer, Ask, At, Body, Call, IfMatch, Page, PageQuery, Reply};
use crate::policy::Op;
use crate::record;
use crate::{keyset, new_row, overwrite, paged};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(meeting_list)
        .service(meeting_create)
        .service(meeting_read)
        .service(meeting_update)
        .service(meeting_close)
        .service(meeting_cancel);
    agenda::routes(cfg);
    resolutions::routes(cfg);
}

/// 主席会议列表
///
/// 第十九条：主席会议研究委员的意见建议。
#[utoipa::path(params(MeetingFilter, PageQuery), responses((status = 200, description = "一页主席会议", body = MeetingPage)))]
#[get("/meetings")]
async fn meeting_list(call: Call, ask: Ask<MeetingFilter>) -> Reply<MeetingPage> {
    call.read(ask, |tx, filter| {
        let bound = MeetingFilter { page: PageQuery::default(), sort: None, ..filter.clone() };
        let page = Page::of(tx, &filter.page, filter.sort.as_deref().unwrap_or("-held_on"), &bound)?;
        let list = |tx: &Tx<'_>| {
            let mut query = visible(tx);
            if !filter.state.is_empty() {
                query = query.filter(dsl::state.eq_any(filter.state.clone()));
            }
            if let Some(from) = filter.held_from {
                query = query.filter(dsl::held_on.ge(from));
            }
            if let Some(before) = filter.held_before {
                query = query.filter(dsl::held_on.lt(before));
            }
            query
        };
        let rows = keyset!(tx, &page, list(tx), MeetingRow::as_select(), meetings { "held_on" => held_on: diesel::sql_types::Date, NaiveDate });
        let mark = |row: &MeetingRow| (row.held_on.to_string(), row.id);
        Ok(Answer::plain(paged!(MeetingPage, tx, page, filter.page, rows, mark, shown, list(tx).select(dsl::id))))
    })
    .await
}

/// 新增主席会议
///
/// 第十九条：由办公室安排；等候下一次会议的议题随后列入。
#[utoipa::path(request_body = MeetingCreate, responses((status = 201, description = "已新增", body = Meeting)))]
#[post("/meetings")]
async fn meeting_create(call: Call, body: Body<MeetingCreate>) -> Reply<Meeting> {
    call.write(body, |tx, new| {
        let id = Id::fresh();
        diesel::insert_into(dsl::meetings)
            .values((new, new_row!(tx, meetings, id), dsl::state.eq(MeetingState::Planned)))
            .execute(tx.conn)?;
        let meeting = find(tx, id)?;
        record::deed(tx, Op::meeting_create, &meeting);
        Ok(Answer::created(format!("/v1/meetings/{id}"), meeting.into()))
    })
    .await
}

/// 一次主席会议
///
/// 第十九条：办公室、专委会与政协领导可读。
#[utoipa::path(params(At), responses((status = 200, description = "主席会议", body = Meeting)))]
#[get("/meetings/{id}")]
async fn meeting_read(call: Call, at: At) -> Reply<Meeting> {
    call.read((), move |tx, ()| Ok(Answer::one(find(tx, at.id)?.into()))).await
}

/// 修改主席会议
///
/// 第十九条：只在召开之前；改期的，各议题作出决定的时限随之改变。
#[utoipa::path(params(At, IfMatch), request_body(content = MeetingPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = Meeting)))]
#[patch("/meetings/{id}")]
async fn meeting_update(call: Call, at: At, seen: IfMatch, body: Body<MeetingPatch>) -> Reply<Meeting> {
    call.write(body, move |tx, patch| {
        let before = planned(tx, at.id, &seen)?;
        if *patch == MeetingPatch::default() {
            return Ok(Answer::one(before.into()));
        }
        let own = (dsl::version.eq(before.version + 1), dsl::updated_at.eq(tx.now));
        overwrite!(tx, meetings, (at.id, before.version), (patch, own))?;
        let meeting = find(tx, at.id)?;
        if meeting.held_on != before.held_on {
            count_decisions_from(tx, at.id, Some(meeting.held_on))?;
        }
        record::deed(tx, Op::meeting_update, &meeting);
        Ok(Answer::one(meeting.into()))
    })
    .await
}

/// 结束主席会议
///
/// 第十九条：此后不再列入议题；未作决定的议题转入下一次会议，作出决定的时限从今日起算。
#[utoipa::path(params(At, IfMatch), responses((status = 200, description = "已结束", body = Meeting)))]
#[post("/meetings/{id}/close")]
async fn meeting_close(call: Call, at: At, seen: IfMatch) -> Reply<Meeting> {
    call.write((), move |tx, ()| {
        let before = planned(tx, at.id, &seen)?;
        let today = tx.today;
        let meeting = end(tx, &before, MeetingState::Closed, Some(today), None)?;
        count_decisions_from(tx, at.id, Some(today))?;
        record::deed(tx, Op::meeting_close, &meeting);
        Ok(Answer::one(meeting.into()))
    })
    .await
}

/// 取消主席会议
///
/// 第十九条：附理由；议题转入下一次会议。已有决议的会议不能取消。
#[utoipa::path(params(At, IfMatch), request_body = MeetingCancel, responses((status = 200, description = "已取消", body = Meeting)))]
#[post("/meetings/{id}/cancel")]
async fn meeting_cancel(call: Call, at: At, seen: IfMatch, body: Body<MeetingCancel>) -> Reply<Meeting> {
    call.write(body, move |tx, body| {
        let before = planned(tx, at.id, &seen)?;
        let meeting = end(tx, &before, MeetingState::Cancelled, None, Some(&body.reason))?;
        let made: i64 = resolutions_made::table.filter(resolutions_made::meeting_id.eq(at.id)).count().get_result(tx.conn)?;
        if made > 0 {
            return Err(Problem::conflict(say("会议已有决议，不能取消", "the meeting has made resolutions")));
        }
        count_decisions_from(tx, at.id, None)?;
        record::deed_with(tx, Op::meeting_cancel, &meeting, json!({"reason": true}));
        Ok(Answer::one(meeting.into()))
    })
    .await
}
