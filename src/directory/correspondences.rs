//! 对口联系: which special committee contacts the members of a sector (arts. 11, 13, 25).
//!
//! A sector corresponds to at most one committee on any day. Both ends are in force while the correspondence is; a change of
//! committee is an end and a beginning, each with its resolution, never an edit.

use actix_web::{get, patch, post};
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::dated::{self, Span};
use super::organizations::{self, OrganizationKind};
use super::refs::{self, Kind, Names, Ref};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Fault, Maybe, say};
use crate::db::schema::sector_correspondences::{self, dsl};
use crate::db::{Engine, Tx};
use crate::http::answer::Tagged;
use crate::http::etag::as_etag;
use crate::http::input::given;
use crate::http::{Answer, Ask, At, Body, Call, IfMatch, Page, PageQuery, Reply};
use crate::policy::Op;
use crate::record;
use crate::{in_force, keyset, overwrite, page, paged, thing};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(correspondence_list).service(correspondence_create).service(correspondence_read).service(correspondence_update);
}

/// 对口联系
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Correspondence {
    /// 标识
    pub id: Id,
    /// 界别
    pub sector: Ref,
    /// 对口的专委会
    pub organization: Ref,
    /// 生效之日
    #[schema(examples("2022-01-01"))]
    pub from: NaiveDate,
    /// 生效的最后一日；仍在生效时为 null
    #[schema(required = true, examples("2026-12-31"))]
    pub to: Option<NaiveDate>,
    /// 确定对口联系的决定
    #[schema(required = true, max_length = 200, examples("十届政协第5次主席会议"))]
    pub resolution: Option<String>,
    /// 结束对口联系的决定
    #[schema(required = true, max_length = 200, examples("十届政协第12次主席会议"))]
    pub end_resolution: Option<String>,
    /// 版本，用于 If-Match
    #[serde(rename = "etag", serialize_with = "as_etag")]
    #[schema(value_type = String, max_length = 40, examples("\"3\""))]
    pub version: i64,
    /// 录入时刻
    pub created_at: Instant,
    /// 最近修改时刻
    pub updated_at: Instant,
}

/// 新的对口联系
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrespondenceCreate {
    /// 界别
    sector_id: Id,
    /// 对口的专委会
    organization_id: Id,
    /// 生效之日
    #[serde(rename = "from")]
    #[schema(examples("2022-01-01"))]
    from_day: NaiveDate,
    /// 生效的最后一日
    #[serde(rename = "to")]
    #[schema(examples("2026-12-31"))]
    to_day: Option<NaiveDate>,
    /// 确定对口联系的决定
    #[schema(min_length = 1, max_length = 200, examples("十届政协第5次主席会议"))]
    resolution: Option<String>,
}

/// 对口联系的修改 (RFC 7396)
#[derive(Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrespondencePatch {
    /// 生效之日（更正录入错误时）
    #[serde(rename = "from")]
    #[schema(nullable = false, examples("2022-01-01"))]
    from_day: Option<NaiveDate>,
    /// 生效的最后一日；null 表示仍在生效
    #[serde(rename = "to", default, deserialize_with = "given")]
    #[schema(value_type = Option<NaiveDate>, examples("2026-12-31"))]
    to_day: Option<Option<NaiveDate>>,
    /// 确定对口联系的决定（更正录入错误时）
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, examples("十届政协第5次主席会议"))]
    resolution: Option<Option<String>>,
    /// 结束对口联系的决定，与最后一日同给
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, examples("十届政协第12次主席会议"))]
    end_resolution: Option<Option<String>>,
    /// 更正的理由，记入审计日志；更正生效之日、决定或已过去的最后一日时必填
    #[schema(nullable = false, min_length = 1, max_length = 200, examples("录入错误"))]
    reason: Option<String>,
}

/// 对口联系的筛选
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CorrespondenceFilter {
    /// 界别，可给多个
    #[serde(default)]
    #[param(required = false, max_items = 50)]
    sector: Vec<Id>,
    /// 专委会，可给多个
    #[serde(default)]
    #[param(required = false, max_items = 50)]
    organization: Vec<Id>,
    /// 只列这一天在生效的
    #[param(example = "2026-03-01")]
    as_of: Option<NaiveDate>,
    /// 排序：id，前加 - 为倒序；默认 id
    #[param(pattern = "^-?id$", example = "-id")]
    sort: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

page! {
    /// 一页对口联系
    pub CorrespondencePage of Correspondence
}

impl Tagged for Correspondence {
    fn version(&self) -> i64 {
        self.version
    }
}

/// 对口联系列表
///
/// 第十一条：专委会联系对应界别的委员。可按界别、专委会查，可查某一天在生效的。
#[utoipa::path(params(CorrespondenceFilter, PageQuery),
    responses((status = 200, description = "一页对口联系", body = CorrespondencePage)))]
#[get("/sector-correspondences")]
async fn correspondence_list(call: Call, ask: Ask<CorrespondenceFilter>) -> Reply<CorrespondencePage> {
    call.read(ask, |tx, filter| {
        let bound = (&filter.sector, &filter.organization, filter.as_of);
        let page = Page::of(tx, &filter.page, filter.sort.as_deref().unwrap_or("id"), &bound)?;
        let rows = keyset!(tx, &page, list(tx, filter), Row::as_select(), sector_correspondences {});
        let mark = |row: &Row| (String::new(), row.id);
        let ids = list(tx, filter).select(dsl::id);
        Ok(Answer::plain(paged!(CorrespondencePage, tx, page, filter.page, rows, mark, |rows| show(tx, rows), ids)))
    })
    .await
}

/// 新增对口联系
///
/// 第十一条：一个界别同一天只对口一个专委会；界别与专委会须在生效期内。
#[utoipa::path(request_body = CorrespondenceCreate, responses((status = 201, description = "已新增", body = Correspondence)))]
#[post("/sector-correspondences")]
async fn correspondence_create(call: Call, body: Body<CorrespondenceCreate>) -> Reply<Correspondence> {
    call.write(body, |tx, new| {
        dated::alone(tx)?;
        let row = Row {
            id: Id::fresh(),
            sector_id: new.sector_id,
            organization_id: new.organization_id,
            from_day: new.from_day,
            to_day: new.to_day,
            resolution: new.resolution.clone(),
            end_resolution: None,
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
        };
        check(tx, &row)?;
        let own = dsl::jurisdiction_id.eq(tx.jurisdiction());
        diesel::insert_into(dsl::sector_correspondences).values((&row, own)).execute(tx.conn)?;
        record::deed(tx, Op::correspondence_create, &row);
        Ok(Answer::created(format!("/v1/sector-correspondences/{}", row.id), one(tx, row)?))
    })
    .await
}

/// 一项对口联系
///
/// 第十一条：各角色都可读。
#[utoipa::path(params(At), responses((status = 200, description = "对口联系", body = Correspondence)))]
#[get("/sector-correspondences/{id}")]
async fn correspondence_read(call: Call, at: At) -> Reply<Correspondence> {
    call.read((), move |tx, ()| {
        let row = find(tx, at.id)?;
        Ok(Answer::one(one(tx, row)?))
    })
    .await
}

/// 修改对口联系
///
/// 第十一条：调整对口的专委会，先给出最后一日，再新增一项；生效之日或决定录入有误的，附理由更正。
#[utoipa::path(params(At, IfMatch), request_body(content = CorrespondencePatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = Correspondence)))]
#[patch("/sector-correspondences/{id}")]
async fn correspondence_update(call: Call, at: At, seen: IfMatch, body: Body<CorrespondencePatch>) -> Reply<Correspondence> {
    call.write(body, move |tx, patch| {
        dated::alone(tx)?;
        let row = find(tx, at.id)?;
        seen.check(row.version)?;
        let before = one(tx, row.clone())?;
        if *patch == CorrespondencePatch::default() {
            return Ok(Answer::one(before));
        }
        let rewrites = dated::rewrites_end(row.to_day, patch.to_day, tx.today);
        let corrects = patch.from_day.is_some() || patch.resolution.is_some() || rewrites;
        dated::reason_for(corrects, patch.reason.as_deref())?;
        let to_day = patch.to_day.unwrap_or(row.to_day);
        let changed = Row {
            from_day: patch.from_day.unwrap_or(row.from_day),
            to_day,
            resolution: patch.resolution.clone().unwrap_or(row.resolution),
            end_resolution: dated::end_resolution(to_day, row.end_resolution.as_deref(), patch.end_resolution.as_ref())?,
            version: row.version + 1,
            updated_at: tx.now,
            ..row
        };
        check(tx, &changed)?;
        overwrite!(tx, sector_correspondences, (changed.id, row.version), &changed)?;
        let after = one(tx, changed.clone())?;
        record::deed_with(tx, Op::correspondence_update, &changed, dated::correction(&before, &after, patch.reason.as_deref()));
        Ok(Answer::one(after))
    })
    .await
}

#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sector_correspondences, treat_none_as_null = true)]
struct Row {
    id: Id,
    sector_id: Id,
    organization_id: Id,
    from_day: NaiveDate,
    to_day: Option<NaiveDate>,
    resolution: Option<String>,
    end_resolution: Option<String>,
    version: i64,
    created_at: Instant,
    updated_at: Instant,
}

thing!(Row, "correspondence");

/// Every query of a correspondence starts here.
fn visible(tx: &Tx<'_>) -> sector_correspondences::BoxedQuery<'static, Engine> {
    dsl::sector_correspondences.filter(dsl::jurisdiction_id.eq(tx.jurisdiction())).into_boxed()
}

fn find(tx: &mut Tx<'_>, id: Id) -> Maybe<Row> {
    Ok(visible(tx).filter(dsl::id.eq(id)).select(Row::as_select()).first(tx.conn)?)
}

fn list(tx: &Tx<'_>, filter: &CorrespondenceFilter) -> sector_correspondences::BoxedQuery<'static, Engine> {
    let mut list = visible(tx);
    if !filter.sector.is_empty() {
        list = list.filter(dsl::sector_id.eq_any(filter.sector.clone()));
    }
    if !filter.organization.is_empty() {
        list = list.filter(dsl::organization_id.eq_any(filter.organization.clone()));
    }
    if let Some(day) = filter.as_of {
        list = list.filter(in_force!(sector_correspondences, day, day));
    }
    list
}

fn show(tx: &mut Tx<'_>, rows: Vec<Row>) -> Maybe<Vec<Correspondence>> {
    let sectors = Names::load(tx, Kind::Sector, rows.iter().map(|row| row.sector_id))?;
    let committees = Names::load(tx, Kind::Organization, rows.iter().map(|row| row.organization_id))?;
    let shown = rows.into_iter().map(|row| Correspondence {
        id: row.id,
        sector: sectors.of(row.sector_id),
        organization: committees.of(row.organization_id),
        from: row.from_day,
        to: row.to_day,
        resolution: row.resolution,
        end_resolution: row.end_resolution,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    });
    Ok(shown.collect())
}

fn one(tx: &mut Tx<'_>, row: Row) -> Maybe<Correspondence> {
    record::only(show(tx, vec![row])?)
}

fn check(tx: &mut Tx<'_>, row: &Row) -> Maybe<()> {
    let span = Span::new(row.from_day, row.to_day);
    let mut faults = dated::order(span);
    faults.extend(refs::must_cover(tx, Kind::Sector, row.sector_id, "/sector_id", span)?);
    faults.extend(refs::must_cover(tx, Kind::Organization, row.organization_id, "/organization_id", span)?);
    let kind = organizations::kind(tx, row.organization_id)?;
    if kind.is_some_and(|kind| kind != OrganizationKind::SpecialCommittee) {
        faults.push(Fault::new("/organization_id", "wrong_kind", say("须为专委会", "must be a special committee")));
    }
    dated::none_of(faults)?;
    let other: Option<Id> = visible(tx)
        .filter(dsl::sector_id.eq(row.sector_id))
        .filter(dsl::id.ne(row.id))
        .filter(in_force!(sector_correspondences, span.from, span.end()))
        .select(dsl::id)
        .first(tx.conn)
        .optional()?;
    dated::refuse(other.is_some(), say("该界别同一时间已对口专委会", "the sector corresponds to a committee at that time"))
}
