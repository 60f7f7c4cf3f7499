//! 决议: what a meeting resolved (art. 19). Append-only: a correction names the one it replaces, and no resolution changes an
//! opinion by itself; deciding names one.

use actix_web::{get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::store;
use super::wire::MeetingState;
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Fault, Maybe, Problem, Warning, say, warnings};
use crate::db::schema::{meetings, resolutions, resolutions::dsl};
use crate::db::{Engine, Tx};
use crate::directory::dated;
use crate::directory::refs::Ref;
use crate::http::answer::Tagged;
use crate::http::etag::etag;
use crate::http::{Answer, Ask, At, Body, Call, Page, PageQuery, Reply};
use crate::policy::Op;
use crate::record::{self, Thing};
use crate::{keyset, page, paged};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(resolution_list).service(resolution_create);
}

/// 决议
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Resolution {
    /// 标识
    pub id: Id,
    /// 编号
    #[schema(max_length = 60, examples("苍政协主〔2026〕7号"))]
    pub number: String,
    /// 内容
    #[schema(max_length = 10000, examples("同意采纳关于提前通知常委会会议的建议。"))]
    pub text: String,
    /// 所更正的决议，名称为其编号
    #[schema(required = true)]
    pub replaces: Option<Ref>,
    /// 更正本决议的决议
    #[schema(required = true)]
    pub replaced_by: Option<Ref>,
    /// 内容中像是个人信息的地方
    #[schema(max_items = 20)]
    pub warnings: Vec<Warning>,
    /// 版本；决议不会改动
    #[schema(max_length = 40, examples("\"1\""))]
    pub etag: String,
    /// 录入时刻
    pub created_at: Instant,
}

/// 新的决议
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolutionCreate {
    /// 编号；本地区内不得重复
    #[schema(min_length = 1, max_length = 60, examples("苍政协主〔2026〕7号"))]
    number: String,
    /// 内容
    #[schema(format = "multi-line", min_length = 1, max_length = 10000, examples("同意采纳关于提前通知常委会会议的建议。"))]
    text: String,
    /// 更正时：所更正的决议；一项决议只能被更正一次
    #[schema(nullable = false)]
    replaces_id: Option<Id>,
}

page! {
    /// 一页决议
    pub ResolutionPage of Resolution
}

impl Tagged for Resolution {
    fn version(&self) -> i64 {
        1
    }
}

/// 一次会议的决议
///
/// 第十九条：只增不改；更正的决议指明所更正的。
#[utoipa::path(params(At, PageQuery), responses((status = 200, description = "一页决议", body = ResolutionPage)))]
#[get("/meetings/{id}/resolutions")]
async fn resolution_list(call: Call, at: At, ask: Ask<PageQuery>) -> Reply<ResolutionPage> {
    call.read(ask, move |tx, wish| {
        let meeting = store::find(tx, at.id)?;
        let page = Page::of(tx, wish, "id", &meeting.id)?;
        let list = |tx: &Tx<'_>| visible(tx).filter(dsl::meeting_id.eq(meeting.id));
        let rows = keyset!(tx, &page, list(tx), ResolutionRow::as_select(), resolutions {});
        let mark = |row: &ResolutionRow| (String::new(), row.id);
        Ok(Answer::plain(paged!(ResolutionPage, tx, page, wish, rows, mark, |rows| shown(tx, rows), list(tx).select(dsl::id))))
    })
    .await
}

/// 记录决议
///
/// 第十九条：会议未取消时由办公室记录；决议本身不改变任何社情民意，作出决定时指明决议。
#[utoipa::path(params(At), request_body = ResolutionCreate, responses((status = 201, description = "已记录", body = Resolution)))]
#[post("/meetings/{id}/resolutions")]
async fn resolution_create(call: Call, at: At, body: Body<ResolutionCreate>) -> Reply<Resolution> {
    call.write(body, move |tx, new| {
        let meeting = store::find(tx, at.id)?;
        if !hold_uncancelled(tx, meeting.id)? {
            return Err(Problem::state(MeetingState::Cancelled.as_str(), MeetingState::Cancelled.zh(), Vec::new()));
        }
        refuse_double(tx, new)?;
        let row = ResolutionRow {
            id: Id::fresh(),
            jurisdiction_id: tx.jurisdiction(),
            meeting_id: meeting.id,
            number: new.number.clone(),
            text: new.text.clone(),
            replaces_id: new.replaces_id,
            created_at: tx.now,
        };
        diesel::insert_into(dsl::resolutions).values(&row).execute(tx.conn)?;
        record::deed(tx, Op::resolution_create, &row);
        let resolution = record::only(shown(tx, vec![row])?)?;
        Ok(Answer::created(format!("/v1/meetings/{}/resolutions", meeting.id), resolution))
    })
    .await
}

/// A resolution as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = resolutions)]
struct ResolutionRow {
    id: Id,
    jurisdiction_id: Id,
    meeting_id: Id,
    number: String,
    text: String,
    replaces_id: Option<Id>,
    created_at: Instant,
}

impl Thing for ResolutionRow {
    const KIND: &'static str = "resolution";

    fn id(&self) -> Id {
        self.id
    }

    fn version(&self) -> i64 {
        1
    }
}

/// Every query of a resolution starts here.
fn visible(tx: &Tx<'_>) -> resolutions::BoxedQuery<'static, Engine> {
    dsl::resolutions.filter(dsl::jurisdiction_id.eq(tx.jurisdiction())).into_boxed()
}

/// Locks the meeting, so that it is not cancelled while it resolves.
fn hold_uncancelled(tx: &mut Tx<'_>, meeting: Id) -> Maybe<bool> {
    let row = meetings::table.filter(meetings::id.eq(meeting)).filter(meetings::state.ne(MeetingState::Cancelled));
    Ok(diesel::update(row).set(meetings::updated_at.eq(meetings::updated_at)).execute(tx.conn)? == 1)
}

fn refuse_double(tx: &mut Tx<'_>, new: &ResolutionCreate) -> Maybe<()> {
    let same: Option<Id> = visible(tx).filter(dsl::number.eq(new.number.clone())).select(dsl::id).first(tx.conn).optional()?;
    dated::refuse(same.is_some(), say("已有这个编号的决议", "there is a resolution of this number"))?;
    let Some(replaces) = new.replaces_id else { return Ok(()) };
    let known: Option<Id> = visible(tx).filter(dsl::id.eq(replaces)).select(dsl::id).first(tx.conn).optional()?;
    if known.is_none() {
        return Err(Problem::invalid(vec![Fault::unknown_reference("/replaces_id")]));
    }
    let replaced: Option<Id> = dsl::resolutions.filter(dsl::replaces_id.eq(replaces)).select(dsl::id).first(tx.conn).optional()?;
    dated::refuse(replaced.is_some(), say("该决议已被更正", "this resolution was replaced already"))
}

fn shown(tx: &mut Tx<'_>, rows: Vec<ResolutionRow>) -> Maybe<Vec<Resolution>> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let replaced: Vec<Id> = rows.iter().filter_map(|row| row.replaces_id).collect();
    let linked: Vec<(Id, String, Option<Id>)> = visible(tx)
        .filter(dsl::id.eq_any(replaced).or(dsl::replaces_id.is_not_null().and(dsl::replaces_id.assume_not_null().eq_any(ids))))
        .select((dsl::id, dsl::number, dsl::replaces_id))
        .load(tx.conn)?;
    let names: HashMap<Id, Ref> = linked.iter().map(|(id, number, _)| (*id, Ref { id: *id, name: number.clone() })).collect();
    let by = |of: Id| linked.iter().find(|(.., replaces)| *replaces == Some(of)).and_then(|(id, ..)| names.get(id).cloned());
    let resolution = |row: ResolutionRow| Resolution {
        id: row.id,
        number: row.number,
        warnings: warnings("/text", &row.text),
        text: row.text,
        replaces: row.replaces_id.and_then(|id| names.get(&id).cloned()),
        replaced_by: by(row.id),
        etag: etag(1),
        created_at: row.created_at,
    };
    Ok(rows.into_iter().map(resolution).collect())
}
