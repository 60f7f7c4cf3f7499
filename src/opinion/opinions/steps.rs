//! The steps between the submission and what becomes of it, and those with which an author takes it back: each judges, changes
//! the row, saves it with its history, and tells whom it concerns.

use actix_web::post;
use diesel::prelude::*;
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;

use super::history::Details;
use super::store;
use super::taking::{Note, keep, refused, save, take};
use super::told::{tell_authors, tell_owner};
use super::wire::{Opinion, OpinionReason, OpinionReclassify, OpinionTransfer, OpinionWithdraw, Outcome};
use super::{drafting, routing, similar, view};
use crate::base::id::Id;
use crate::base::problem::{Fault, Maybe, Problem, say};
use crate::db::Tx;
use crate::db::schema::{opinions, organizations};
use crate::http::{Answer, At, Body, Call, IfMatch, Reply};
use crate::opinion::way::{State, Track};
use crate::policy::Op;
use crate::record;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(opinion_submit)
        .service(opinion_withdraw)
        .service(opinion_accept)
        .service(opinion_return)
        .service(opinion_object)
        .service(opinion_transfer)
        .service(opinion_reclassify)
        .service(opinion_retain)
        .service(opinion_remind);
}

/// 提交社情民意
///
/// 第十九条：交由一个机构承办，从此开始计算审查时限。退回后重新提交的，回到原承办机构。
#[utoipa::path(params(At, IfMatch), responses((status = 200, description = "已提交", body = Opinion)))]
#[post("/opinions/{id}/submit")]
async fn opinion_submit(call: Call, at: At, seen: IfMatch) -> Reply<Opinion> {
    call.write((), move |tx, ()| {
        let mut case = store::find(tx, at.id)?;
        let taken = take(tx, &case, Op::opinion_submit, Some(&seen))?;
        let text = store::text(tx, at.id)?;
        let people = store::constituents(tx, at.id)?;
        drafting::check(tx, &case.row, &text, &people)?;
        drafting::must_be_free_of_secrets(&text)?;
        let author = case.author().ok_or_else(|| record::vanished("an author"))?;
        routing::submit(tx, &mut case.row, &text, author)?;
        // Its sector is known only now, and with it the committee that may see it.
        let mut case = record::only(store::cases(tx, vec![case.row])?)?;
        save(tx, &mut case, &taken, Note::default())?;
        tell_owner(tx, &case, "opinion_submitted")?;
        let similar = similar::to(tx, &case, &text)?;
        Ok(Answer::one(view::with_text(tx, &case, text, Some(similar))?))
    })
    .await
}

/// 撤回社情民意
///
/// 第十九条：由作者撤回；已受理的须说明理由。
#[utoipa::path(params(At, IfMatch), request_body = OpinionWithdraw, responses((status = 200, description = "已撤回", body = Opinion)))]
#[post("/opinions/{id}/withdraw")]
async fn opinion_withdraw(call: Call, at: At, seen: IfMatch, body: Body<OpinionWithdraw>) -> Reply<Opinion> {
    call.write(body, move |tx, body| {
        let mut case = store::find(tx, at.id)?;
        let taken = take(tx, &case, Op::opinion_withdraw, Some(&seen))?;
        if case.row.state == State::Accepted && body.reason.is_none() {
            let detail = say("已受理的，撤回须说明理由", "withdrawing an accepted opinion needs a reason");
            return Err(Problem::rule("/reason", "required", detail));
        }
        case.row.returned_on = None;
        save(tx, &mut case, &taken, Note { reason: body.reason.clone(), ..Note::default() })?;
        tell_owner(tx, &case, "opinion_withdrawn")?;
        Ok(Answer::one(view::whole(tx, &case, None)?.warned_of("/reason", body.reason.as_deref().unwrap_or_default())))
    })
    .await
}

/// 受理社情民意
///
/// 第二十五条：专委会、办公室受理，开始计算报送时限；专委会受理的社情民意，由办公室报送。
#[utoipa::path(params(At, IfMatch), responses((status = 200, description = "已受理", body = Opinion)))]
#[post("/opinions/{id}/accept")]
async fn opinion_accept(call: Call, at: At, seen: IfMatch) -> Reply<Opinion> {
    call.write((), move |tx, ()| {
        let mut case = store::find(tx, at.id)?;
        let taken = take(tx, &case, Op::opinion_accept, Some(&seen))?;
        case.row.accepted_by = case.row.owner_id;
        let handed_over = hand_over(tx, &mut case.row)?;
        save(tx, &mut case, &taken, handed_over)?;
        tell_authors(tx, &case, "opinion_accepted", json!({}))?;
        if case.row.owner_id != case.row.accepted_by {
            tell_owner(tx, &case, "opinion_to_report")?;
        }
        Ok(Answer::one(view::whole(tx, &case, None)?))
    })
    .await
}

/// 退回社情民意
///
/// 第二十五条：附理由退回作者补正，时限停止计算；三十日内未重新提交的视为撤回。
#[utoipa::path(params(At, IfMatch), request_body = OpinionReason, responses((status = 200, description = "已退回", body = Opinion)))]
#[post("/opinions/{id}/return")]
async fn opinion_return(call: Call, at: At, seen: IfMatch, body: Body<OpinionReason>) -> Reply<Opinion> {
    call.write(body, move |tx, body| {
        let mut case = store::find(tx, at.id)?;
        let taken = take(tx, &case, Op::opinion_return, Some(&seen))?;
        case.row.returned_on = Some(tx.today);
        case.row.accepted_by = None;
        save(tx, &mut case, &taken, Note::because(&body.reason))?;
        tell_authors(tx, &case, "opinion_returned", json!({"due_on": case.row.due_on}))?;
        Ok(Answer::one(view::whole(tx, &case, None)?.warned_of("/reason", &body.reason)))
    })
    .await
}

/// 对不予受理提出异议
///
/// 第十九条：限一次，在期限之内；由办公室重新审查，作出原决定的人回避。
#[utoipa::path(params(At, IfMatch), request_body = OpinionReason, responses((status = 200, description = "已重新提交", body = Opinion)))]
#[post("/opinions/{id}/object")]
async fn opinion_object(call: Call, at: At, seen: IfMatch, body: Body<OpinionReason>) -> Reply<Opinion> {
    call.write(body, move |tx, body| {
        let mut case = store::find(tx, at.id)?;
        let taken = take(tx, &case, Op::opinion_object, Some(&seen))?;
        let previous_owner = case.row.owner_id;
        case.row.owner_id = Some(routing::office(tx)?);
        case.row.objected = true;
        (case.row.accepted_by, case.row.outcome) = (None, None);
        let details = Details { previous_owner, ..Details::default() };
        save(tx, &mut case, &taken, Note { details, ..Note::because(&body.reason) })?;
        tell_owner(tx, &case, "opinion_objected")?;
        Ok(Answer::one(view::whole(tx, &case, None)?.warned_of("/reason", &body.reason)))
    })
    .await
}

/// 转交社情民意
///
/// 第二十五条：转给另一专委会或办公室，时限不变，作者得到通知；第三次起只由办公室转交。
#[utoipa::path(params(At, IfMatch), request_body = OpinionTransfer, responses((status = 200, description = "已转交", body = Opinion)))]
#[post("/opinions/{id}/transfer")]
async fn opinion_transfer(call: Call, at: At, seen: IfMatch, body: Body<OpinionTransfer>) -> Reply<Opinion> {
    call.write(body, move |tx, body| {
        let mut case = store::find(tx, at.id)?;
        let taken = take(tx, &case, Op::opinion_transfer, Some(&seen))?;
        let kind = owner_kind(tx, body.organization_id)?;
        let refuse = |code, zh, en| Err(Problem::rule("/organization_id", code, say(zh, en)));
        if case.row.owner_id == Some(body.organization_id) {
            return refuse("unchanged", "已由该机构承办", "this body owns it already");
        }
        let reports = case.row.state == State::Accepted && case.row.track == Track::SocialConditions;
        if reports && kind != routing::OFFICE {
            return refuse("report_step", "已受理的社情民意由办公室报送", "the office reports an accepted opinion of this track");
        }
        let details = Details { previous_owner: case.row.owner_id, ..Details::default() };
        case.row.owner_id = Some(body.organization_id);
        case.row.transfers += 1;
        save(tx, &mut case, &taken, Note { details, ..Note::because(&body.reason) })?;
        tell_authors(tx, &case, "opinion_transferred", json!({}))?;
        tell_owner(tx, &case, "opinion_transferred")?;
        Ok(Answer::one(view::whole(tx, &case, None)?.warned_of("/reason", &body.reason)))
    })
    .await
}

/// 改变渠道
///
/// 第十六条、第十九条：在报送领导和部门与报送主席会议之间改变，附理由，时限不变，作者得到通知。
#[utoipa::path(params(At, IfMatch), request_body = OpinionReclassify, responses((status = 200, description = "已改变", body = Opinion)))]
#[post("/opinions/{id}/reclassify")]
async fn opinion_reclassify(call: Call, at: At, seen: IfMatch, body: Body<OpinionReclassify>) -> Reply<Opinion> {
    call.write(body, move |tx, body| {
        let mut case = store::find(tx, at.id)?;
        let taken = take(tx, &case, Op::opinion_reclassify, Some(&seen))?;
        if case.row.track == body.track {
            return Err(Problem::rule("/track", "unchanged", say("已是这一渠道", "it is of this track already")));
        }
        case.row.track = body.track;
        let accepted = case.row.state == State::Accepted;
        let mut note = if accepted { hand_over(tx, &mut case.row)? } else { Note::default() };
        note.reason = Some(body.reason.clone());
        note.details.track = Some(body.track);
        save(tx, &mut case, &taken, note)?;
        tell_authors(tx, &case, "opinion_reclassified", json!({"track": body.track}))?;
        tell_owner(tx, &case, "opinion_reclassified")?;
        Ok(Answer::one(view::whole(tx, &case, None)?.warned_of("/reason", &body.reason)))
    })
    .await
}

/// 留存参考
///
/// 第十九条：已受理而不报送的，附理由留存参考，仍须反馈作者。
#[utoipa::path(params(At, IfMatch), request_body = OpinionReason, responses((status = 200, description = "已留存", body = Opinion)))]
#[post("/opinions/{id}/retain")]
async fn opinion_retain(call: Call, at: At, seen: IfMatch, body: Body<OpinionReason>) -> Reply<Opinion> {
    call.write(body, move |tx, body| {
        let mut case = store::find(tx, at.id)?;
        let taken = take(tx, &case, Op::opinion_retain, Some(&seen))?;
        case.row.outcome = Some(Outcome::Retained);
        let details = Details { outcome: case.row.outcome, ..Details::default() };
        save(tx, &mut case, &taken, Note { details, ..Note::because(&body.reason) })?;
        tell_authors(tx, &case, "opinion_decided", json!({"outcome": Outcome::Retained}))?;
        Ok(Answer::one(view::whole(tx, &case, None)?.warned_of("/reason", &body.reason)))
    })
    .await
}

/// 催办
///
/// 第二十五条：提醒承办机构，每日至多一次；不需要 If-Match。
#[utoipa::path(params(At), responses((status = 200, description = "已催办", body = Opinion)))]
#[post("/opinions/{id}/remind")]
async fn opinion_remind(call: Call, at: At) -> Reply<Opinion> {
    call.write((), move |tx, ()| {
        let mut case = store::find(tx, at.id)?;
        let taken = take(tx, &case, Op::opinion_remind, None)?;
        // Two reminders at once are one: the day stands in the WHERE, while the version stays what others have seen.
        let unreminded = opinions::reminded_on.is_null().or(opinions::reminded_on.ne(tx.today));
        let row = opinions::table.filter(opinions::id.eq(at.id)).filter(unreminded);
        case.row.reminded_on = Some(tx.today);
        if diesel::update(row).set(opinions::reminded_on.eq(tx.today)).execute(tx.conn)? == 0 {
            return Err(refused(tx, &case)?);
        }
        keep(tx, &case, &taken, Some(case.row.state), Note::default())?;
        record::deed(tx, Op::opinion_remind, &case);
        tell_owner(tx, &case, "opinion_reminded")?;
        Ok(Answer::one(view::whole(tx, &case, None)?))
    })
    .await
}

/// Whoever accepted it: reporting what goes to leaders and departments, with its to-do and its lateness, is the office's.
fn hand_over(tx: &mut Tx<'_>, row: &mut store::OpinionRow) -> Maybe<Note> {
    let mut note = Note::default();
    if row.track == Track::SocialConditions {
        let office = routing::office(tx)?;
        if row.owner_id != Some(office) {
            note.details.previous_owner = row.owner_id;
            row.owner_id = Some(office);
        }
    }
    Ok(note)
}

/// The kind of a body that can own an opinion today; 422 for any other.
fn owner_kind(tx: &mut Tx<'_>, id: Id) -> Maybe<String> {
    let kind: Option<String> = organizations::table
        .filter(organizations::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(organizations::id.eq(id))
        .filter(organizations::from_day.le(tx.today))
        .filter(organizations::to_day.is_null().or(organizations::to_day.ge(tx.today)))
        .select(organizations::kind)
        .first(tx.conn)
        .optional()?;
    match kind {
        Some(kind) if [routing::OFFICE, routing::COMMITTEE].contains(&kind.as_str()) => Ok(kind),
        Some(_) => Err(Problem::rule(
            "/organization_id",
            "not_an_owner",
            say("只能转给专委会或办公室", "only a special committee or the office can own an opinion"),
        )),
        None => Err(Problem::invalid(vec![Fault::unknown_reference("/organization_id")])),
    }
}
