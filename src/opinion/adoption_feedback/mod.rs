//! 采纳情况反馈: what became of an opinion, told to each of its authors (art. 19).
//!
//! One receipt by opinion, author and round; a decline's reason is feedback too, but asks for no acknowledgement. An author
//! says how satisfied they are within the time set; silence is `no_response` and never satisfaction. The first `dissatisfied`
//! opens the opinion again, once, for all its authors.

pub mod store;
pub mod unanswered;
mod view;
mod wire;

use actix_web::{get, post};
use diesel::prelude::*;
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;

pub use self::store::ReceiptRow;
use self::store::{Given, Receipt, answer, end_receipts, find, give, in_time, narrowed, others_open, visible};
use self::view::{summaries, whole};
use self::wire::{AdoptionFeedback, AdoptionFeedbackPage, FeedbackAcknowledge, FeedbackFilter, OpinionFeedback};
pub use self::wire::{ReceiptState, Satisfaction};
use super::opinions::store as opinions;
use super::opinions::taking::{Begins, Note, Taken, save, take};
use super::opinions::told::{tell_authors, tell_owner};
use super::opinions::view::whole as opinion;
use super::opinions::wire::{Opinion, OpinionDecline, OpinionReason, Outcome};
use super::way::{self, Facts, State, To};
use crate::base::problem::{Code, Problem};
use crate::db::Tx;
use crate::db::schema::{adoption_feedback, adoption_feedback::dsl};
use crate::http::{Answer, Ask, At, Body, Call, IfMatch, Page, PageQuery, Reply};
use crate::policy::Op;
use crate::record::{self, Thing};
use crate::{keyset, paged};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(opinion_decline)
        .service(opinion_feedback)
        .service(opinion_reopen)
        .service(feedback_list)
        .service(feedback_read)
        .service(feedback_acknowledge);
}

/// 不予受理
///
/// 第十九条：附理由，理由即给作者的反馈；作者可在期限内提出一次异议。设置可规定专委会只由主任作出。
#[utoipa::path(params(At, IfMatch), request_body = OpinionDecline, responses((status = 200, description = "不予受理", body = Opinion)))]
#[post("/opinions/{id}/decline")]
async fn opinion_decline(call: Call, at: At, seen: IfMatch, body: Body<OpinionDecline>) -> Reply<Opinion> {
    call.write(body, move |tx, body| {
        let mut case = opinions::find(tx, at.id)?;
        let taken = take(tx, &case, Op::opinion_decline, Some(&seen))?;
        let in_time = in_time(tx, &case);
        case.row.declined_by = Some(tx.caller.person.unwrap_or(tx.caller.account));
        case.row.declined_on = Some(tx.today);
        case.row.outcome = Some(Outcome::Declined);
        case.row.round += 1;
        let mut note = Note::because(&body.reason);
        note.details.outcome = case.row.outcome;
        if case.row.objected {
            // A second decline is final: nobody waits for an objection.
            note.counted_from = Begins::Never;
        }
        save(tx, &mut case, &taken, note)?;
        give(tx, &case, Op::opinion_decline, &body.reason, in_time)?;
        tell_authors(tx, &case, "opinion_declined", json!({"due_on": case.row.due_on}))?;
        Ok(Answer::one(opinion(tx, &case, None)?.warned_of("/reason", &body.reason)))
    })
    .await
}

/// 反馈采纳情况
///
/// 第十九条：把采纳情况及时反馈作者；每位作者各有一份回执，在期限内确认。
#[utoipa::path(params(At, IfMatch), request_body = OpinionFeedback, responses((status = 200, description = "已反馈", body = Opinion)))]
#[post("/opinions/{id}/feedback")]
async fn opinion_feedback(call: Call, at: At, seen: IfMatch, body: Body<OpinionFeedback>) -> Reply<Opinion> {
    call.write(body, move |tx, body| {
        let mut case = opinions::find(tx, at.id)?;
        let taken = take(tx, &case, Op::opinion_feedback, Some(&seen))?;
        let in_time = in_time(tx, &case);
        case.row.round += 1;
        case.row.reopened = false;
        let mut note = Note::default();
        note.details.outcome = case.row.outcome;
        save(tx, &mut case, &taken, note)?;
        give(tx, &case, Op::opinion_feedback, &body.text, in_time)?;
        tell_authors(tx, &case, "opinion_answered", json!({"outcome": case.row.outcome, "due_on": case.row.due_on}))?;
        Ok(Answer::one(opinion(tx, &case, None)?.warned_of("/text", &body.text)))
    })
    .await
}

/// 重新办理
///
/// 第十九条：已反馈或已办结的，附理由重新办理，之后再次反馈；未确认的回执随之终止。
#[utoipa::path(params(At, IfMatch), request_body = OpinionReason, responses((status = 200, description = "已重新办理", body = Opinion)))]
#[post("/opinions/{id}/reopen")]
async fn opinion_reopen(call: Call, at: At, seen: IfMatch, body: Body<OpinionReason>) -> Reply<Opinion> {
    call.write(body, move |tx, body| {
        let mut case = opinions::find(tx, at.id)?;
        let taken = take(tx, &case, Op::opinion_reopen, Some(&seen))?;
        case.row.reopened = true;
        save(tx, &mut case, &taken, Note::because(&body.reason))?;
        end_receipts(tx, at.id)?;
        tell_authors(tx, &case, "opinion_reopened", json!({}))?;
        tell_owner(tx, &case, "opinion_reopened")?;
        Ok(Answer::one(opinion(tx, &case, None)?.warned_of("/reason", &body.reason)))
    })
    .await
}

/// 采纳情况反馈列表
///
/// 第十九条：给谁、何时、是否及时、是否满意；作者只见自己的。
#[utoipa::path(params(FeedbackFilter, PageQuery), responses((status = 200, description = "一页反馈", body = AdoptionFeedbackPage)))]
#[get("/adoption-feedback")]
async fn feedback_list(call: Call, ask: Ask<FeedbackFilter>) -> Reply<AdoptionFeedbackPage> {
    call.read(ask, |tx, filter| {
        let bound = FeedbackFilter { page: PageQuery::default(), sort: None, ..filter.clone() };
        let page = Page::of(tx, &filter.page, filter.sort.as_deref().unwrap_or("-id"), &bound)?;
        let list = |tx: &Tx<'_>| narrowed(visible(tx, Op::feedback_list), filter);
        let rows = keyset!(tx, &page, list(tx), ReceiptRow::as_select(), adoption_feedback {});
        let mark = |row: &ReceiptRow| (String::new(), row.id);
        Ok(Answer::plain(paged!(
            AdoptionFeedbackPage,
            tx,
            page,
            filter.page,
            rows,
            mark,
            |rows: Vec<ReceiptRow>| summaries(tx, &rows),
            list(tx).select(dsl::id)
        )))
    })
    .await
}

/// 一份采纳情况反馈
///
/// 第十九条：含反馈的文字与作者的确认。
#[utoipa::path(params(At), responses((status = 200, description = "反馈", body = AdoptionFeedback)))]
#[get("/adoption-feedback/{id}")]
async fn feedback_read(call: Call, at: At) -> Reply<AdoptionFeedback> {
    call.read((), move |tx, ()| {
        let row = find(tx, at.id)?;
        Ok(Answer::one(whole(tx, row)?))
    })
    .await
}

/// 确认反馈
///
/// 第十九条：作者确认收到并评价是否满意；首次不满意的，重新办理一次。
#[utoipa::path(params(At, IfMatch), request_body = FeedbackAcknowledge,
    responses((status = 200, description = "已确认", body = AdoptionFeedback)))]
#[post("/adoption-feedback/{id}/acknowledge")]
async fn feedback_acknowledge(call: Call, at: At, seen: IfMatch, body: Body<FeedbackAcknowledge>) -> Reply<AdoptionFeedback> {
    call.write(body, move |tx, body| {
        let receipt = find(tx, at.id)?;
        let mut case = opinions::hold(tx, receipt.opinion_id)?;
        let own = Receipt::of(&receipt, &case);
        let grant = tx.caller.may(Op::feedback_acknowledge, &own.belongs()).ok_or_else(|| Problem::plain(Code::Forbidden))?;
        let (role, organization) = (grant.role.as_str(), grant.organization);
        seen.check(receipt.version)?;
        let facts = Facts {
            first_dissatisfied: body.satisfaction == Satisfaction::Dissatisfied && !case.row.dissatisfied,
            more_receipts: others_open(tx, &receipt)?,
            ..case.facts(tx.today)
        };
        let open = (receipt.state == ReceiptState::Open).then_some(case.row.state);
        let Some(edge) = open.and_then(|state| way::next(Some(state), Op::feedback_acknowledge, &facts)) else {
            return Err(Problem::state(receipt.state.as_str(), receipt.state.zh(), Vec::new()));
        };
        let given =
            Given { state: ReceiptState::Acknowledged, satisfaction: Some(body.satisfaction), comment: body.comment.as_deref() };
        let receipt = answer(tx, receipt, given)?;
        record::deed(tx, Op::feedback_acknowledge, &Receipt::of(&receipt, &case));
        let reopens = edge.to == To::State(State::Decided);
        if reopens {
            (case.row.dissatisfied, case.row.reopened) = (true, true);
            end_receipts(tx, case.row.id)?;
        }
        let taken = Taken { edge, role, organization };
        save(tx, &mut case, &taken, Note::default())?;
        if reopens {
            tell_owner(tx, &case, "opinion_dissatisfied")?;
        }
        Ok(Answer::one(whole(tx, receipt)?))
    })
    .await
}
