//! 届: a term of the committee, within which posts are held (换届).
//!
//! Terms of one jurisdiction never overlap. A term may be extended until the next one begins; it is not shortened past the
//! posts that were entered in it.

use actix_web::{get, patch, post};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::dated::{self, Span};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Maybe, Problem, say};
use crate::db::schema::posts;
use crate::db::schema::terms::{self, dsl};
use crate::db::{Engine, Tx};
use crate::http::answer::Tagged;
use crate::http::etag::as_etag;
use crate::http::{Answer, Ask, At, Body, Call, IfMatch, Page, PageQuery, Reply};
use crate::policy::Op;
use crate::record;
use crate::{keyset, new_row, overwrite, page, paged, thing};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(term_list).service(term_create).service(term_read).service(term_update);
}

/// 届
#[derive(Clone, Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = terms)]
pub struct Term {
    /// 标识
    pub id: Id,
    /// 名称
    #[schema(max_length = 60, examples("十届"))]
    pub name: String,
    /// 开始之日
    #[schema(examples("2022-01-01"))]
    pub starts_on: NaiveDate,
    /// 最后一日，可以延长
    #[schema(examples("2026-12-31"))]
    pub ends_on: NaiveDate,
    /// 版本，用于 If-Match
    #[serde(rename = "etag", serialize_with = "as_etag")]
    #[schema(value_type = String, max_length = 40, examples("\"3\""))]
    pub version: i64,
    /// 录入时刻
    pub created_at: Instant,
    /// 最近修改时刻
    pub updated_at: Instant,
}

/// 新的一届
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = terms)]
#[serde(deny_unknown_fields)]
pub struct TermCreate {
    /// 名称
    #[schema(min_length = 1, max_length = 60, examples("十届"))]
    name: String,
    /// 开始之日
    #[schema(examples("2022-01-01"))]
    starts_on: NaiveDate,
    /// 最后一日
    #[schema(examples("2026-12-31"))]
    ends_on: NaiveDate,
}

/// 届的修改 (RFC 7396)
#[derive(Debug, Default, PartialEq, Deserialize, AsChangeset, ToSchema)]
#[diesel(table_name = terms)]
#[serde(deny_unknown_fields)]
pub struct TermPatch {
    /// 名称
    #[schema(nullable = false, min_length = 1, max_length = 60, examples("十届"))]
    name: Option<String>,
    /// 开始之日（更正录入错误时）
    #[schema(nullable = false, examples("2022-01-01"))]
    starts_on: Option<NaiveDate>,
    /// 最后一日，延长任期时改为新的日期
    #[schema(nullable = false, examples("2027-03-31"))]
    ends_on: Option<NaiveDate>,
    /// 更正的理由，记入审计日志；更正名称、开始之日或已过去的最后一日时必填
    #[diesel(skip_update)]
    #[schema(nullable = false, min_length = 1, max_length = 200, examples("录入错误"))]
    reason: Option<String>,
}

/// 届的筛选
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TermFilter {
    /// 只列这一天所在的届
    #[param(example = "2026-03-01")]
    as_of: Option<NaiveDate>,
    /// 排序：starts_on、id，前加 - 为倒序；默认 -starts_on
    #[param(pattern = "^-?(starts_on|id)$", example = "-starts_on")]
    sort: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

page! {
    /// 一页届
    pub TermPage of Term
}

impl Tagged for Term {
    fn version(&self) -> i64 {
        self.version
    }
}

thing!(Term, "term");

/// 届的列表
///
/// 第十二条至第十四条：履职都在一届之内。列出本地区的各届，可查某一天所在的届。
#[utoipa::path(params(TermFilter, PageQuery), responses((status = 200, description = "一页届", body = TermPage)))]
#[get("/terms")]
async fn term_list(call: Call, ask: Ask<TermFilter>) -> Reply<TermPage> {
    call.read(ask, |tx, filter| {
        let page = Page::of(tx, &filter.page, filter.sort.as_deref().unwrap_or("-starts_on"), &filter.as_of)?;
        let list = |tx: &Tx<'_>| match filter.as_of {
            None => visible(tx),
            Some(day) => visible(tx).filter(dsl::starts_on.le(day)).filter(dsl::ends_on.ge(day)),
        };
        let rows = keyset!(tx, &page, list(tx), Term::as_select(), terms { "starts_on" => starts_on: Date, NaiveDate });
        let mark = |row: &Term| (row.starts_on.to_string(), row.id);
        let ids = list(tx).select(dsl::id);
        Ok(Answer::plain(paged!(TermPage, tx, page, filter.page, rows, mark, Ok::<_, Problem>, ids)))
    })
    .await
}

/// 新增一届
///
/// 第十四条：换届时由委员工委录入；同一地区的各届不得重叠。
#[utoipa::path(request_body = TermCreate, responses((status = 201, description = "已新增", body = Term)))]
#[post("/terms")]
async fn term_create(call: Call, body: Body<TermCreate>) -> Reply<Term> {
    call.write(body, |tx, new| {
        dated::alone(tx)?;
        refuse_overlap(tx, new.starts_on, new.ends_on, Id::NIL)?;
        let id = Id::fresh();
        diesel::insert_into(dsl::terms).values((new, new_row!(tx, terms, id))).execute(tx.conn)?;
        let term = find(tx, id)?;
        record::deed(tx, Op::term_create, &term);
        Ok(Answer::created(format!("/v1/terms/{id}"), term))
    })
    .await
}

/// 一届
///
/// 第十四条：各角色都可读。
#[utoipa::path(params(At), responses((status = 200, description = "届", body = Term)))]
#[get("/terms/{id}")]
async fn term_read(call: Call, at: At) -> Reply<Term> {
    call.read((), move |tx, ()| Ok(Answer::one(find(tx, at.id)?))).await
}

/// 修改一届
///
/// 第十四条：任期可以延长；录入有误的，附理由更正。已录入的职务不得落在任期之外。
#[utoipa::path(params(At, IfMatch), request_body(content = TermPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = Term)))]
#[patch("/terms/{id}")]
async fn term_update(call: Call, at: At, seen: IfMatch, body: Body<TermPatch>) -> Reply<Term> {
    call.write(body, move |tx, patch| {
        dated::alone(tx)?;
        let before = find(tx, at.id)?;
        seen.check(before.version)?;
        if *patch == TermPatch::default() {
            return Ok(Answer::one(before));
        }
        let rewrites = dated::rewrites_end(Some(before.ends_on), patch.ends_on.map(Some), tx.today);
        dated::reason_for(patch.name.is_some() || patch.starts_on.is_some() || rewrites, patch.reason.as_deref())?;
        let (starts_on, ends_on) = (patch.starts_on.unwrap_or(before.starts_on), patch.ends_on.unwrap_or(before.ends_on));
        refuse_overlap(tx, starts_on, ends_on, before.id)?;
        refuse_to_leave_posts(tx, before.id, Span::new(starts_on, Some(ends_on)))?;
        let next = (dsl::version.eq(before.version + 1), dsl::updated_at.eq(tx.now));
        overwrite!(tx, terms, (before.id, before.version), (patch, next))?;
        let after = find(tx, before.id)?;
        record::deed_with(tx, Op::term_update, &after, dated::correction(&before, &after, patch.reason.as_deref()));
        Ok(Answer::one(after))
    })
    .await
}

/// Every query of a term starts here.
fn visible(tx: &Tx<'_>) -> terms::BoxedQuery<'static, Engine> {
    dsl::terms.filter(dsl::jurisdiction_id.eq(tx.jurisdiction())).into_boxed()
}

fn find(tx: &mut Tx<'_>, id: Id) -> Maybe<Term> {
    Ok(visible(tx).filter(dsl::id.eq(id)).select(Term::as_select()).first(tx.conn)?)
}

fn refuse_overlap(tx: &mut Tx<'_>, starts_on: NaiveDate, ends_on: NaiveDate, except: Id) -> Maybe<()> {
    if ends_on < starts_on {
        return Err(Problem::rule("/ends_on", "order", say("最后一日不得早于开始之日", "a term must not end before it starts")));
    }
    let other: Option<Id> = visible(tx)
        .filter(dsl::id.ne(except))
        .filter(dsl::starts_on.le(ends_on))
        .filter(dsl::ends_on.ge(starts_on))
        .select(dsl::id)
        .first(tx.conn)
        .optional()?;
    dated::refuse(other.is_some(), say("与另一届的任期重叠", "it overlaps another term"))
}

fn refuse_to_leave_posts(tx: &mut Tx<'_>, term: Id, span: Span) -> Maybe<()> {
    // An open post follows its term's end, so only one with a last day of its own can be left outside.
    let left: Option<Id> = posts::table
        .filter(posts::term_id.eq(term))
        .filter(posts::from_day.lt(span.from).or(posts::from_day.gt(span.end())).or(posts::to_day.gt(span.end())))
        .select(posts::id)
        .first(tx.conn)
        .optional()?;
    dated::refuse(left.is_some(), say("本届已录入的职务将落在任期之外", "posts of this term would lie outside it"))
}
