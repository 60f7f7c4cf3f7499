//! 界别: the sector in which a member stands (arts. 2, 11).
//!
//! A sector is in force from its first to its last day; it is ended, never deleted, since members, opinions and reports of
//! earlier days name it. Names are unique among the sectors in force on a day.

use actix_web::{get, patch, post};
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::dated::{self, Span};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Maybe, say};
use crate::db::schema::sectors::{self, dsl};
use crate::db::schema::{posts, sector_correspondences};
use crate::db::{Engine, Tx};
use crate::http::answer::Tagged;
use crate::http::etag::as_etag;
use crate::http::input::given;
use crate::http::{Answer, Ask, At, Body, Call, IfMatch, Page, PageQuery, Reply};
use crate::policy::Op;
use crate::record;
use crate::{in_force, keyset, new_row, overwrite, page, paged, reaches_beyond, thing};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(sector_list).service(sector_create).service(sector_read).service(sector_update);
}

/// 界别
#[derive(Clone, Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = sectors)]
pub struct Sector {
    /// 标识
    pub id: Id,
    /// 名称
    #[schema(max_length = 60, examples("教育界"))]
    pub name: String,
    /// 排列次序，小者在前
    #[schema(minimum = 0, maximum = 9999, examples(3))]
    pub position: i64,
    /// 生效之日
    #[serde(rename = "from")]
    #[schema(examples("2022-01-01"))]
    pub from_day: NaiveDate,
    /// 生效的最后一日；仍在生效时为 null
    #[serde(rename = "to")]
    #[schema(required = true, examples("2026-12-31"))]
    pub to_day: Option<NaiveDate>,
    /// 版本，用于 If-Match
    #[serde(rename = "etag", serialize_with = "as_etag")]
    #[schema(value_type = String, max_length = 40, examples("\"3\""))]
    pub version: i64,
    /// 录入时刻
    pub created_at: Instant,
    /// 最近修改时刻
    pub updated_at: Instant,
}

/// 新的界别
#[derive(Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = sectors)]
#[serde(deny_unknown_fields)]
pub struct SectorCreate {
    /// 名称
    #[schema(min_length = 1, max_length = 60, examples("教育界"))]
    name: String,
    /// 排列次序，小者在前；默认 0
    #[serde(default)]
    #[schema(minimum = 0, maximum = 9999, examples(3))]
    position: i64,
    /// 生效之日
    #[serde(rename = "from")]
    #[schema(examples("2022-01-01"))]
    from_day: NaiveDate,
    /// 生效的最后一日
    #[serde(rename = "to")]
    #[schema(examples("2026-12-31"))]
    to_day: Option<NaiveDate>,
}

/// 界别的修改 (RFC 7396)
#[derive(Debug, Default, PartialEq, Deserialize, AsChangeset, ToSchema)]
#[diesel(table_name = sectors)]
#[serde(deny_unknown_fields)]
pub struct SectorPatch {
    /// 名称
    #[schema(nullable = false, min_length = 1, max_length = 60, examples("教育界"))]
    name: Option<String>,
    /// 排列次序
    #[schema(nullable = false, minimum = 0, maximum = 9999, examples(3))]
    position: Option<i64>,
    /// 生效之日（更正录入错误时）
    #[serde(rename = "from")]
    #[schema(nullable = false, examples("2022-01-01"))]
    from_day: Option<NaiveDate>,
    /// 生效的最后一日；null 表示仍在生效
    #[serde(rename = "to", default, deserialize_with = "given")]
    #[schema(value_type = Option<NaiveDate>, examples("2026-12-31"))]
    to_day: Option<Option<NaiveDate>>,
    /// 更正的理由，记入审计日志；更正名称、生效之日或已过去的最后一日时必填
    #[diesel(skip_update)]
    #[schema(nullable = false, min_length = 1, max_length = 200, examples("录入错误"))]
    reason: Option<String>,
}

/// 界别的筛选
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SectorFilter {
    /// 只列这一天在生效的
    #[param(example = "2026-03-01")]
    as_of: Option<NaiveDate>,
    /// 排序：position、id，前加 - 为倒序；默认 position
    #[param(pattern = "^-?(position|id)$", example = "position")]
    sort: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

page! {
    /// 一页界别
    pub SectorPage of Sector
}

impl Tagged for Sector {
    fn version(&self) -> i64 {
        self.version
    }
}

thing!(Sector, "sector");

/// 界别列表
///
/// 第二条：立足界别。按次序列出本地区的界别，可查某一天在生效的。
#[utoipa::path(params(SectorFilter, PageQuery), responses((status = 200, description = "一页界别", body = SectorPage)))]
#[get("/sectors")]
async fn sector_list(call: Call, ask: Ask<SectorFilter>) -> Reply<SectorPage> {
    call.read(ask, |tx, filter| {
        let page = Page::of(tx, &filter.page, filter.sort.as_deref().unwrap_or("position"), &filter.as_of)?;
        let list = |tx: &Tx<'_>| match filter.as_of {
            None => visible(tx),
            Some(day) => visible(tx).filter(in_force!(sectors, day, day)),
        };
        let rows =
            keyset!(tx, &page, list(tx), Sector::as_select(), sectors { "position" => position: diesel::sql_types::BigInt, i64 });
        let mark = |row: &Sector| (row.position.to_string(), row.id);
        Ok(Answer::plain(paged!(
            SectorPage,
            tx,
            page,
            filter.page,
            rows,
            mark,
            Ok::<_, crate::base::problem::Problem>,
            list(tx).select(dsl::id)
        )))
    })
    .await
}

/// 新增界别
///
/// 第二条：界别由委员工委维护；同一天不得有两个同名的界别。
#[utoipa::path(request_body = SectorCreate, responses((status = 201, description = "已新增", body = Sector)))]
#[post("/sectors")]
async fn sector_create(call: Call, body: Body<SectorCreate>) -> Reply<Sector> {
    call.write(body, |tx, new| {
        dated::check(new.from_day, new.to_day)?;
        dated::alone(tx)?;
        refuse_double(tx, &new.name, new.from_day, new.to_day, Id::NIL)?;
        let id = Id::fresh();
        diesel::insert_into(dsl::sectors).values((new, new_row!(tx, sectors, id))).execute(tx.conn)?;
        let sector = find(tx, id)?;
        record::deed(tx, Op::sector_create, &sector);
        Ok(Answer::created(format!("/v1/sectors/{id}"), sector))
    })
    .await
}

/// 一个界别
///
/// 第二条：各角色都可读。
#[utoipa::path(params(At), responses((status = 200, description = "界别", body = Sector)))]
#[get("/sectors/{id}")]
async fn sector_read(call: Call, at: At) -> Reply<Sector> {
    call.read((), move |tx, ()| Ok(Answer::one(find(tx, at.id)?))).await
}

/// 修改界别
///
/// 第二条：撤销的界别给出最后一日，其中的委员与对口联系须先结束；名称或生效之日录入有误的，附理由更正，前后的值都留在审计日志。
#[utoipa::path(params(At, IfMatch), request_body(content = SectorPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = Sector)))]
#[patch("/sectors/{id}")]
async fn sector_update(call: Call, at: At, seen: IfMatch, body: Body<SectorPatch>) -> Reply<Sector> {
    call.write(body, move |tx, patch| {
        dated::alone(tx)?;
        let before = find(tx, at.id)?;
        seen.check(before.version)?;
        if *patch == SectorPatch::default() {
            return Ok(Answer::one(before));
        }
        let rewrites = dated::rewrites_end(before.to_day, patch.to_day, tx.today);
        let corrects = patch.name.is_some() || patch.from_day.is_some() || rewrites;
        dated::reason_for(corrects, patch.reason.as_deref())?;
        let (from, to) = (patch.from_day.unwrap_or(before.from_day), patch.to_day.unwrap_or(before.to_day));
        dated::check(from, to)?;
        refuse_double(tx, patch.name.as_ref().unwrap_or(&before.name), from, to, before.id)?;
        refuse_to_leave(tx, before.id, Span::new(from, to))?;
        let next = (dsl::version.eq(before.version + 1), dsl::updated_at.eq(tx.now));
        overwrite!(tx, sectors, (before.id, before.version), (patch, next))?;
        let after = find(tx, before.id)?;
        record::deed_with(tx, Op::sector_update, &after, dated::correction(&before, &after, patch.reason.as_deref()));
        Ok(Answer::one(after))
    })
    .await
}

/// Every query of a sector starts here.
fn visible(tx: &Tx<'_>) -> sectors::BoxedQuery<'static, Engine> {
    dsl::sectors.filter(dsl::jurisdiction_id.eq(tx.jurisdiction())).into_boxed()
}

fn find(tx: &mut Tx<'_>, id: Id) -> Maybe<Sector> {
    Ok(visible(tx).filter(dsl::id.eq(id)).select(Sector::as_select()).first(tx.conn)?)
}

fn refuse_double(tx: &mut Tx<'_>, name: &str, from: NaiveDate, to: Option<NaiveDate>, except: Id) -> Maybe<()> {
    let double: Option<Id> = visible(tx)
        .filter(dsl::name.eq(name.to_owned()))
        .filter(dsl::id.ne(except))
        .filter(in_force!(sectors, from, Span::new(from, to).end()))
        .select(dsl::id)
        .first(tx.conn)
        .optional()?;
    dated::refuse(double.is_some(), say("同一时间已有同名的界别", "there is a sector of this name at that time"))
}

/// 409 when a member stands in it, or a committee corresponds to it, on a day outside `span`.
fn refuse_to_leave(tx: &mut Tx<'_>, sector: Id, span: Span) -> Maybe<()> {
    let member: Option<Id> = posts::table
        .filter(posts::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(posts::sector_id.eq(sector))
        .filter(reaches_beyond!(posts, span))
        .select(posts::id)
        .first(tx.conn)
        .optional()?;
    dated::refuse(member.is_some(), say("须先结束该界别的委员职务", "members stand in it beyond that: end their posts first"))?;
    let committee: Option<Id> = sector_correspondences::table
        .filter(sector_correspondences::sector_id.eq(sector))
        .filter(reaches_beyond!(sector_correspondences, span))
        .select(sector_correspondences::id)
        .first(tx.conn)
        .optional()?;
    dated::refuse(committee.is_some(), say("须先结束该界别的对口联系", "correspondences reach beyond it: end them first"))
}
