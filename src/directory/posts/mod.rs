//! 职务: chairperson, vice chairpersons, secretary-general, standing members and members, each for days within a term
//! (arts. 11 to 14).
//!
//! A member stands in exactly one sector at a time, and only members do; a standing member is a member when elected; there is
//! one chairperson at a time; nobody holds the same post twice on a day. 增补, 辞去, 撤销, 调整界别 are ends and beginnings, each
//! with its resolution: neither the kind nor the sector of a post is ever edited.

mod store;
mod wire;

use actix_web::{get, patch, post};
use diesel::prelude::*;
use utoipa_actix_web::service_config::ServiceConfig;

use self::store::{Row, check, find, list, one, show};
pub use self::wire::{Post, PostCreate, PostFilter, PostKind, PostPage, PostPatch};
use super::dated;
use crate::base::id::Id;
use crate::base::problem::{Code, Maybe, Problem};
use crate::db::Tx;
use crate::db::schema::posts::{self, dsl};
use crate::http::{Answer, Ask, At, Body, Call, IfMatch, Page, PageQuery, Reply};
use crate::policy::Op;
use crate::record;
use crate::{keyset, overwrite, paged};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(post_list).service(post_create).service(post_read).service(post_update);
}

/// 职务列表
///
/// 第十一条：主席、副主席、秘书长、常委、委员。可按人员、类别、界别、届查，可查某一天在任的。
#[utoipa::path(params(PostFilter, PageQuery), responses((status = 200, description = "一页职务", body = PostPage)))]
#[get("/posts")]
async fn post_list(call: Call, ask: Ask<PostFilter>) -> Reply<PostPage> {
    call.read(ask, |tx, filter| {
        let bound = (&filter.person, &filter.kind, &filter.sector, &filter.term, filter.as_of);
        let page = Page::of(tx, &filter.page, filter.sort.as_deref().unwrap_or("id"), &bound)?;
        let rows = keyset!(tx, &page, list(tx, filter), Row::as_select(), posts {});
        let mark = |row: &Row| (String::new(), row.id);
        let ids = list(tx, filter).select(dsl::id);
        Ok(Answer::plain(paged!(PostPage, tx, page, filter.page, rows, mark, |rows| show(tx, rows), ids)))
    })
    .await
}

/// 新增职务
///
/// 第十一条：增补、选举、任命，附有关决定。委员须有一个界别，任常委之日须是委员，主席同时只有一位，任职在届内。本人的职务由他人办理。
#[utoipa::path(request_body = PostCreate, responses((status = 201, description = "已新增", body = Post)))]
#[post("/posts")]
async fn post_create(call: Call, body: Body<PostCreate>) -> Reply<Post> {
    call.write(body, |tx, new| {
        not_own(tx, new.person_id)?;
        dated::alone(tx)?;
        let row = Row {
            id: Id::fresh(),
            person_id: new.person_id,
            kind: new.kind,
            term_id: new.term_id,
            sector_id: new.sector_id,
            title: new.title.clone(),
            from_day: new.from_day,
            to_day: new.to_day,
            resolution: new.resolution.clone(),
            end_resolution: None,
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
        };
        check(tx, &row)?;
        diesel::insert_into(dsl::posts).values((&row, dsl::jurisdiction_id.eq(tx.jurisdiction()))).execute(tx.conn)?;
        record::deed(tx, Op::post_create, &row);
        Ok(Answer::created(format!("/v1/posts/{}", row.id), one(tx, row)?))
    })
    .await
}

/// 一项职务
///
/// 第十一条：各角色都可读。
#[utoipa::path(params(At), responses((status = 200, description = "职务", body = Post)))]
#[get("/posts/{id}")]
async fn post_read(call: Call, at: At) -> Reply<Post> {
    call.read((), move |tx, ()| {
        let row = find(tx, at.id)?;
        Ok(Answer::one(one(tx, row)?))
    })
    .await
}

/// 修改职务
///
/// 第十一条：辞去、撤销的，给出最后一日与决定；调整界别的，再新增一项；录入有误的，附理由更正，前后的值都留在审计日志。
#[utoipa::path(params(At, IfMatch), request_body(content = PostPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = Post)))]
#[patch("/posts/{id}")]
async fn post_update(call: Call, at: At, seen: IfMatch, body: Body<PostPatch>) -> Reply<Post> {
    call.write(body, move |tx, patch| {
        dated::alone(tx)?;
        let row = find(tx, at.id)?;
        not_own(tx, row.person_id)?;
        seen.check(row.version)?;
        let before = one(tx, row.clone())?;
        if *patch == PostPatch::default() {
            return Ok(Answer::one(before));
        }
        let rewrites = dated::rewrites_end(row.to_day, patch.to_day, tx.today);
        let corrects = patch.from_day.is_some() || patch.resolution.is_some() || rewrites;
        dated::reason_for(corrects, patch.reason.as_deref())?;
        let to_day = patch.to_day.unwrap_or(row.to_day);
        let changed = Row {
            title: patch.title.clone().unwrap_or(row.title),
            from_day: patch.from_day.unwrap_or(row.from_day),
            to_day,
            resolution: patch.resolution.clone().unwrap_or(row.resolution),
            end_resolution: dated::end_resolution(to_day, row.end_resolution.as_deref(), patch.end_resolution.as_ref())?,
            version: row.version + 1,
            updated_at: tx.now,
            ..row
        };
        check(tx, &changed)?;
        overwrite!(tx, posts, (changed.id, row.version), &changed)?;
        let after = one(tx, changed.clone())?;
        record::deed_with(tx, Op::post_update, &changed, dated::correction(&before, &after, patch.reason.as_deref()));
        Ok(Answer::one(after))
    })
    .await
}

/// Nobody enters or ends the office that they hold themselves.
fn not_own(tx: &Tx<'_>, person: Id) -> Maybe<()> {
    if tx.caller.person == Some(person) { Err(Problem::plain(Code::OwnMatter)) } else { Ok(()) }
}
