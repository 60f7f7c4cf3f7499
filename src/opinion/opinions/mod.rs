//! 社情民意: what a member hears and proposes, and where it stands (arts. 4, 6, 9, 16, 19).
//!
//! Invariants: the author's text changes only while it is a draft or returned; every step is a row of its history; it has one
//! owner from its submission on; nobody takes a body's step on what is their own; the state changes by [`super::way`] alone.

mod beginning;
pub mod drafting;
pub mod history;
mod list;
pub mod routing;
pub mod search;
pub mod similar;
mod steps;
pub mod store;
pub mod taking;
pub mod told;
pub mod view;
pub mod wire;

use actix_web::{delete, get, patch, post};
use diesel::prelude::*;
use utoipa_actix_web::service_config::ServiceConfig;

use self::beginning::{begun, blank, insert};
use self::drafting::Earlier;
use self::history::TransitionRow;
use self::list::narrowed;
use self::search::Sought;
use self::store::{Case, OpinionRow, TextRow};
use self::taking::{Begins, Note, save, set_due, take};
use self::told::tell_owner;
use self::wire::{
    Opinion, OpinionCreate, OpinionFilter, OpinionLike, OpinionPage, OpinionPatch, OpinionRegister, SimilarOpinions, TransitionPage,
};
use super::way::State;
use crate::base::id::Id;
use crate::base::problem::{Code, Fault, Maybe, Problem, say};
use crate::db::schema::{opinion_constituents, opinion_texts, opinion_transitions as steps_taken, opinions};
use crate::db::{Engine, Tx, dialect};
use crate::http::{Answer, Ask, At, Body, Call, IfMatch, Page, PageQuery, Reply, once};
use crate::policy::Op;
use crate::record::{self, Thing, notify};
use crate::{keyset, paged};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(opinion_list)
        .service(opinion_create)
        .service(opinion_register)
        .service(opinion_similar)
        .service(opinion_read)
        .service(opinion_update)
        .service(opinion_delete)
        .service(opinion_transitions);
    steps::routes(cfg);
}

/// 社情民意列表
///
/// 第十九条、第二十五条：各角色只见其范围内的；不含正文。q 在标题与正文中查找，两个字也能找到。
#[utoipa::path(params(OpinionFilter, PageQuery), responses((status = 200, description = "一页社情民意", body = OpinionPage)))]
#[get("/opinions")]
async fn opinion_list(call: Call, ask: Ask<OpinionFilter>) -> Reply<OpinionPage> {
    call.read(ask, |tx, filter| {
        let bound = OpinionFilter { page: PageQuery::default(), sort: None, ..filter.clone() };
        let page = Page::of(tx, &filter.page, filter.sort.as_deref().unwrap_or("-id"), &bound)?;
        let sought = Sought::of(tx, filter.q.as_deref())?;
        let list = |tx: &Tx<'_>| sought.narrow(tx, narrowed(store::visible(tx, Op::opinion_list), filter, tx.today));
        let rows = keyset!(tx, &page, list(tx), OpinionRow::as_select(), opinions {});
        let mark = |row: &OpinionRow| (String::new(), row.id);
        Ok(Answer::plain(paged!(
            OpinionPage,
            tx,
            page,
            filter.page,
            rows,
            mark,
            |rows| view::summaries(tx, rows),
            list(tx).select(opinions::id)
        )))
    })
    .await
}

/// 起草社情民意
///
/// 第四条、第六条、第九条：一事一议，存为草稿。答复提示文字中疑似的个人信息，以及相近的社情民意。同一作者以同一 client_ref
/// 再次发来相同内容的，答复 201 与现有的一件。
#[utoipa::path(request_body = OpinionCreate, responses((status = 201, description = "已存为草稿", body = Opinion)))]
#[post("/opinions")]
async fn opinion_create(call: Call, body: Body<OpinionCreate>) -> Reply<Opinion> {
    call.write(body, |tx, new| {
        let (author, grant) = drafting::author(tx, Op::opinion_create)?;
        let key = match drafting::earlier(tx, author, new.client_ref.as_deref(), new)? {
            Earlier::None(key) => key,
            Earlier::Same(id) => return as_it_stands(tx, id),
        };
        let mut row = blank(tx, author);
        (row.track, row.urgency) = (new.track, new.urgency);
        (row.title, row.category) = (new.title.clone(), new.category.clone());
        let text = TextRow {
            opinion_id: row.id,
            situation: new.situation.clone(),
            analysis: new.analysis.clone(),
            suggestions: new.suggestions.clone(),
            content_kinds: store::joined(&new.content_kinds),
            intake: new.intake,
            outlet: new.outlet,
            may_publish: new.may_publish,
            no_state_secrets: new.no_state_secrets,
            owner_choice: new.owner_choice,
            event_id: new.event_id,
            contact_person_id: new.contact_person_id.or(author.organization().and(tx.caller.person)),
            client_ref: new.client_ref.clone(),
        };
        let people = distinct(&new.constituent_ids);
        drafting::check(tx, &row, &text, &people)?;
        let taken = begun(Op::opinion_create, grant.role.as_str(), grant.organization)?;
        let case = insert(tx, row, &text, &people, &taken)?;
        drafting::keep_ref(tx, case.row.id, key)?;
        let similar = similar::to(tx, &case, &text)?;
        created(tx, &case, text, similar)
    })
    .await
}

/// 代为登记社情民意
///
/// 第十九条：办公室、专委会收到信函、电话与约谈会上的意见建议，代作者登记，即为已提交；作者得到通知。自己的不能代为登记。
#[utoipa::path(request_body = OpinionRegister, responses((status = 201, description = "已登记并提交", body = Opinion)))]
#[post("/opinions/register")]
async fn opinion_register(call: Call, body: Body<OpinionRegister>) -> Reply<Opinion> {
    call.write(body, |tx, new| {
        let author = drafting::author_of(tx, new)?;
        let grant = tx.caller.reaches(Op::opinion_register).next().map(|(_, grant)| grant.clone());
        let mut row = blank(tx, author);
        if view::is_author(tx.caller, &row) {
            return Err(Problem::plain(Code::OwnMatter));
        }
        (row.track, row.urgency) = (new.track, new.urgency);
        (row.title, row.category) = (new.title.clone(), new.category.clone());
        row.recorded_by = tx.caller.person;
        let text = TextRow {
            opinion_id: row.id,
            situation: new.situation.clone(),
            analysis: new.analysis.clone(),
            suggestions: new.suggestions.clone(),
            content_kinds: store::joined(&new.content_kinds),
            intake: new.intake,
            outlet: new.outlet,
            may_publish: new.may_publish,
            no_state_secrets: new.no_state_secrets,
            owner_choice: new.owner_choice,
            event_id: None,
            contact_person_id: new.contact_person_id,
            client_ref: None,
        };
        drafting::check(tx, &row, &text, &[])?;
        drafting::must_be_free_of_secrets(&text)?;
        routing::submit(tx, &mut row, &text, author)?;
        let (role, body) = grant.map_or(("none", None), |grant| (grant.role.as_str(), grant.organization));
        let taken = begun(Op::opinion_register, role, body)?;
        set_due(tx, &mut row, taken.edge.due, Begins::Today)?;
        row.state = State::Submitted;
        let case = insert(tx, row, &text, &[], &taken)?;
        notify(tx, author.to(), "opinion_registered", Case::KIND, case.row.id, serde_json::json!({}))?;
        tell_owner(tx, &case, "opinion_submitted")?;
        let similar = similar::to(tx, &case, &text)?;
        created(tx, &case, text, similar)
    })
    .await
}

/// 查找相近的社情民意
///
/// 第二十六条：起草之前查看有无相近的。委员只看到自己的，以及已受理且作者同意公开的，其余只给件数；承办机构看到范围内的。
#[utoipa::path(request_body = OpinionLike, responses((status = 200, description = "相近的社情民意", body = SimilarOpinions)))]
#[post("/opinions/similar")]
async fn opinion_similar(call: Call, body: Body<OpinionLike>) -> Reply<SimilarOpinions> {
    call.read(body, |tx, like| {
        Ok(Answer::plain(similar::find(tx, &like.title, like.situation.as_deref().unwrap_or_default(), None)?))
    })
    .await
}

/// 一件社情民意
///
/// 第十九条：含正文、时限、采纳情况与现在可做的事；超出范围的不存在。
#[utoipa::path(params(At), responses((status = 200, description = "社情民意", body = Opinion)))]
#[get("/opinions/{id}")]
async fn opinion_read(call: Call, at: At) -> Reply<Opinion> {
    call.read((), move |tx, ()| {
        let case = store::find(tx, at.id)?;
        Ok(Answer::one(view::whole(tx, &case, None)?))
    })
    .await
}

/// 修改草稿或退回的社情民意
///
/// 第四条：由作者或代为登记的人修改；提交之后作者的文字不再改动。渠道与受理机构只在首次提交之前可改。
#[utoipa::path(params(At, IfMatch), request_body(content = OpinionPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = Opinion)))]
#[patch("/opinions/{id}")]
async fn opinion_update(call: Call, at: At, seen: IfMatch, body: Body<OpinionPatch>) -> Reply<Opinion> {
    call.write(body, move |tx, patch| {
        let mut case = store::find(tx, at.id)?;
        let taken = take(tx, &case, Op::opinion_update, Some(&seen))?;
        if *patch == OpinionPatch::default() {
            return Ok(Answer::one(view::whole(tx, &case, None)?));
        }
        refuse_fixed(&case, patch)?;
        let mut text = store::text(tx, at.id)?;
        patched(&mut case.row, &mut text, patch);
        let people = match &patch.constituent_ids {
            Some(ids) => distinct(ids),
            None => store::constituents(tx, at.id)?,
        };
        drafting::check(tx, &case.row, &text, &people)?;
        save(tx, &mut case, &taken, Note::default())?;
        diesel::update(opinion_texts::table.find(at.id)).set(&text).execute(tx.conn)?;
        if patch.constituent_ids.is_some() {
            store::set_constituents(tx, at.id, &people)?;
            // Nothing leads from whoever was taken out to the answers that name them.
            once::forget(tx.conn, &[at.id])?;
        }
        drafting::index(tx, &case.row, &text)?;
        Ok(Answer::one(view::with_text(tx, &case, text, None)?))
    })
    .await
}

/// 删除草稿
///
/// 第四条：只有从未提交的草稿可由作者删除。
#[utoipa::path(params(At, IfMatch), responses((status = 204, description = "已删除")))]
#[delete("/opinions/{id}")]
async fn opinion_delete(call: Call, at: At, seen: IfMatch) -> Reply<()> {
    call.write((), move |tx, ()| {
        let mut case = store::find(tx, at.id)?;
        take(tx, &case, Op::opinion_delete, Some(&seen))?;
        store::put(tx, &mut case.row)?;
        dialect::forget_text(tx.conn, at.id)?;
        diesel::delete(opinion_constituents::table.filter(opinion_constituents::opinion_id.eq(at.id))).execute(tx.conn)?;
        diesel::delete(steps_taken::table.filter(steps_taken::opinion_id.eq(at.id))).execute(tx.conn)?;
        diesel::delete(opinion_texts::table.find(at.id)).execute(tx.conn)?;
        diesel::delete(opinions::table.find(at.id)).execute(tx.conn)?;
        once::forget(tx.conn, &[at.id])?;
        record::deed(tx, Op::opinion_delete, &case);
        Ok(Answer::empty())
    })
    .await
}

/// 办理过程
///
/// 第二十五条：谁、以何角色、何时、因何、由何状态到何状态，逐步留存。
#[utoipa::path(params(At, PageQuery),
    responses((status = 200, description = "一页办理过程", body = TransitionPage)))]
#[get("/opinions/{id}/transitions")]
async fn opinion_transitions(call: Call, at: At, ask: Ask<PageQuery>) -> Reply<TransitionPage> {
    call.read(ask, move |tx, wish| {
        let opinion: Id =
            store::visible(tx, Op::opinion_transitions).filter(opinions::id.eq(at.id)).select(opinions::id).first(tx.conn)?;
        let page = Page::of(tx, wish, "id", &opinion)?;
        let list = || steps_taken::table.filter(steps_taken::opinion_id.eq(opinion)).into_boxed::<Engine>();
        let rows = keyset!(tx, &page, list(), TransitionRow::as_select(), steps_taken {});
        let mark = |row: &TransitionRow| (String::new(), row.id);
        Ok(Answer::plain(paged!(
            TransitionPage,
            tx,
            page,
            wish,
            rows,
            mark,
            |rows| view::history(tx, rows),
            list().select(steps_taken::id)
        )))
    })
    .await
}

fn created(tx: &mut Tx<'_>, case: &Case, text: TextRow, similar: SimilarOpinions) -> Maybe<Answer<Opinion>> {
    let location = format!("/v1/opinions/{}", case.row.id);
    Ok(Answer::created(location, view::with_text(tx, case, text, Some(similar))?))
}

/// For a `client_ref` that came again. A draft that its author has deleted does not come to life.
fn as_it_stands(tx: &mut Tx<'_>, id: Id) -> Maybe<Answer<Opinion>> {
    let gone = |problem: Problem| {
        let detail = say("以此 client_ref 写下的草稿已被作者删除", "the draft of this client_ref was deleted by its author");
        if problem.code == Code::NotFound { Problem::new(Code::ClientRefTaken, detail) } else { problem }
    };
    let case = store::find(tx, id).map_err(gone)?;
    let opinion = view::whole(tx, &case, None)?;
    Ok(Answer::created(format!("/v1/opinions/{id}"), opinion).replayed())
}

/// Track and owner were settled by the first submission: changing them is the owner's to do.
fn refuse_fixed(case: &Case, patch: &OpinionPatch) -> Maybe<()> {
    if case.row.submitted_on.is_none() {
        return Ok(());
    }
    let mut faults = Vec::new();
    for (given, pointer) in [(patch.track.is_some(), "/track"), (patch.owner_choice.is_some(), "/owner_choice")] {
        if given {
            let detail = say("首次提交之后不可再改", "fixed by the first submission");
            faults.push(Fault::new(pointer, "fixed", detail));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

fn patched(row: &mut OpinionRow, text: &mut TextRow, patch: &OpinionPatch) {
    macro_rules! set {
        ($($of:ident.$field:ident),+) => { $(if let Some(value) = &patch.$field { $of.$field = value.clone(); })+ };
    }
    set!(row.track, row.title, row.category, row.urgency);
    set!(text.situation, text.analysis, text.suggestions, text.intake, text.outlet, text.may_publish, text.no_state_secrets);
    set!(text.owner_choice, text.event_id);
    if let Some(kinds) = &patch.content_kinds {
        text.content_kinds = store::joined(kinds);
    }
    if let Some(person) = patch.contact_person_id {
        text.contact_person_id = Some(person);
    }
}

fn distinct(ids: &[Id]) -> Vec<Id> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    ids
}
