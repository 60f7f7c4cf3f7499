//! 所属: a person in an organization, with a duty (arts. 25, 26).
//!
//! A person belongs to one organization once at a time, an organization has one chair at a time, and nobody belongs to what
//! is not in force. A change of duty is an end and a beginning, each with its resolution; a duty is corrected only where it
//! was entered wrongly.

use actix_web::{get, patch, post};
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::dated::{self, Span};
use super::refs::{self, Kind, Names, Ref};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Maybe, say};
use crate::db::schema::memberships::{self, dsl};
use crate::db::{Engine, Tx};
use crate::http::answer::Tagged;
use crate::http::etag::as_etag;
use crate::http::input::given;
use crate::http::{Answer, Ask, At, Body, Call, IfMatch, Page, PageQuery, Reply};
use crate::policy::Op;
use crate::record;
use crate::{in_force, keyset, overwrite, page, paged, thing, words};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(membership_list).service(membership_create).service(membership_read).service(membership_update);
}

words! {
    /// 在机构中的职责
    pub enum Duty {
        Chair = "chair", "主任、组长（负责人）";
        DeputyChair = "deputy_chair", "副主任、副组长";
        Convener = "convener", "召集人";
        Member = "member", "成员";
        Staff = "staff", "工作人员";
    }
}

/// 所属
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Membership {
    /// 标识
    pub id: Id,
    /// 人员
    pub person: Ref,
    /// 机构
    pub organization: Ref,
    /// 职责
    pub duty: Duty,
    /// 生效之日
    #[schema(examples("2022-01-01"))]
    pub from: NaiveDate,
    /// 生效的最后一日；仍在生效时为 null
    #[schema(required = true, examples("2026-12-31"))]
    pub to: Option<NaiveDate>,
    /// 任命或加入的决定
    #[schema(required = true, max_length = 200, examples("十届政协常委会第3次会议"))]
    pub resolution: Option<String>,
    /// 免去或退出的决定
    #[schema(required = true, max_length = 200, examples("十届政协常委会第12次会议"))]
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

/// 新的所属
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MembershipCreate {
    /// 人员
    person_id: Id,
    /// 机构
    organization_id: Id,
    /// 职责
    duty: Duty,
    /// 生效之日
    #[serde(rename = "from")]
    #[schema(examples("2022-01-01"))]
    from_day: NaiveDate,
    /// 生效的最后一日
    #[serde(rename = "to")]
    #[schema(examples("2026-12-31"))]
    to_day: Option<NaiveDate>,
    /// 任命或加入的决定
    #[schema(min_length = 1, max_length = 200, examples("十届政协常委会第3次会议"))]
    resolution: Option<String>,
}

/// 所属的修改 (RFC 7396)
#[derive(Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MembershipPatch {
    /// 职责（更正录入错误时；职责变动应结束原来的、新增一项）
    #[schema(nullable = false)]
    duty: Option<Duty>,
    /// 生效之日（更正录入错误时）
    #[serde(rename = "from")]
    #[schema(nullable = false, examples("2022-01-01"))]
    from_day: Option<NaiveDate>,
    /// 生效的最后一日；null 表示仍在生效
    #[serde(rename = "to", default, deserialize_with = "given")]
    #[schema(value_type = Option<NaiveDate>, examples("2026-12-31"))]
    to_day: Option<Option<NaiveDate>>,
    /// 任命或加入的决定（更正录入错误时）
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, examples("十届政协常委会第3次会议"))]
    resolution: Option<Option<String>>,
    /// 免去或退出的决定，与最后一日同给
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, examples("十届政协常委会第12次会议"))]
    end_resolution: Option<Option<String>>,
    /// 更正的理由，记入审计日志；更正职责、生效之日、决定或已过去的最后一日时必填
    #[schema(nullable = false, min_length = 1, max_length = 200, examples("录入错误"))]
    reason: Option<String>,
}

/// 所属的筛选
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MembershipFilter {
    /// 人员，可给多个
    #[serde(default)]
    #[param(required = false, max_items = 50)]
    person: Vec<Id>,
    /// 机构，可给多个
    #[serde(default)]
    #[param(required = false, max_items = 50)]
    organization: Vec<Id>,
    /// 职责，可给多个
    #[serde(default)]
    #[param(required = false, max_items = 5)]
    duty: Vec<Duty>,
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
    /// 一页所属
    pub MembershipPage of Membership
}

impl Tagged for Membership {
    fn version(&self) -> i64 {
        self.version
    }
}

/// 所属列表
///
/// 第二十五条、第二十六条：谁在哪个机构、任什么职责。可按人员、机构、职责查，可查某一天在生效的。
#[utoipa::path(params(MembershipFilter, PageQuery),
    responses((status = 200, description = "一页所属", body = MembershipPage)))]
#[get("/memberships")]
async fn membership_list(call: Call, ask: Ask<MembershipFilter>) -> Reply<MembershipPage> {
    call.read(ask, |tx, filter| {
        let bound = (&filter.person, &filter.organization, &filter.duty, filter.as_of);
        let page = Page::of(tx, &filter.page, filter.sort.as_deref().unwrap_or("id"), &bound)?;
        let rows = keyset!(tx, &page, list(tx, filter), Row::as_select(), memberships {});
        let mark = |row: &Row| (String::new(), row.id);
        let ids = list(tx, filter).select(dsl::id);
        Ok(Answer::plain(paged!(MembershipPage, tx, page, filter.page, rows, mark, |rows| show(tx, rows), ids)))
    })
    .await
}

/// 新增所属
///
/// 第二十五条：同一人在同一机构同一时间只有一项所属，一个机构同一时间只有一位主任（负责人）；机构须在生效期内。
#[utoipa::path(request_body = MembershipCreate, responses((status = 201, description = "已新增", body = Membership)))]
#[post("/memberships")]
async fn membership_create(call: Call, body: Body<MembershipCreate>) -> Reply<Membership> {
    call.write(body, |tx, new| {
        dated::alone(tx)?;
        let row = Row {
            id: Id::fresh(),
            person_id: new.person_id,
            organization_id: new.organization_id,
            duty: new.duty,
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
        diesel::insert_into(dsl::memberships).values((&row, own)).execute(tx.conn)?;
        record::deed(tx, Op::membership_create, &row);
        Ok(Answer::created(format!("/v1/memberships/{}", row.id), one(tx, row)?))
    })
    .await
}

/// 一项所属
///
/// 第二十五条：各角色都可读。
#[utoipa::path(params(At), responses((status = 200, description = "所属", body = Membership)))]
#[get("/memberships/{id}")]
async fn membership_read(call: Call, at: At) -> Reply<Membership> {
    call.read((), move |tx, ()| {
        let row = find(tx, at.id)?;
        Ok(Answer::one(one(tx, row)?))
    })
    .await
}

/// 修改所属
///
/// 第二十五条：职责变动或退出，给出最后一日与决定，再新增一项；录入有误的，附理由更正。
#[utoipa::path(params(At, IfMatch), request_body(content = MembershipPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = Membership)))]
#[patch("/memberships/{id}")]
async fn membership_update(call: Call, at: At, seen: IfMatch, body: Body<MembershipPatch>) -> Reply<Membership> {
    call.write(body, move |tx, patch| {
        dated::alone(tx)?;
        let row = find(tx, at.id)?;
        seen.check(row.version)?;
        let before = one(tx, row.clone())?;
        if *patch == MembershipPatch::default() {
            return Ok(Answer::one(before));
        }
        let rewrites = dated::rewrites_end(row.to_day, patch.to_day, tx.today);
        let corrects = patch.duty.is_some() || patch.from_day.is_some() || patch.resolution.is_some() || rewrites;
        dated::reason_for(corrects, patch.reason.as_deref())?;
        let to_day = patch.to_day.unwrap_or(row.to_day);
        let changed = Row {
            duty: patch.duty.unwrap_or(row.duty),
            from_day: patch.from_day.unwrap_or(row.from_day),
            to_day,
            resolution: patch.resolution.clone().unwrap_or(row.resolution),
            end_resolution: dated::end_resolution(to_day, row.end_resolution.as_deref(), patch.end_resolution.as_ref())?,
            version: row.version + 1,
            updated_at: tx.now,
            ..row
        };
        check(tx, &changed)?;
        overwrite!(tx, memberships, (changed.id, row.version), &changed)?;
        let after = one(tx, changed.clone())?;
        record::deed_with(tx, Op::membership_update, &changed, dated::correction(&before, &after, patch.reason.as_deref()));
        Ok(Answer::one(after))
    })
    .await
}

#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = memberships, treat_none_as_null = true)]
struct Row {
    id: Id,
    person_id: Id,
    organization_id: Id,
    duty: Duty,
    from_day: NaiveDate,
    to_day: Option<NaiveDate>,
    resolution: Option<String>,
    end_resolution: Option<String>,
    version: i64,
    created_at: Instant,
    updated_at: Instant,
}

thing!(Row, "membership");

/// Every query of a membership starts here.
fn visible(tx: &Tx<'_>) -> memberships::BoxedQuery<'static, Engine> {
    dsl::memberships.filter(dsl::jurisdiction_id.eq(tx.jurisdiction())).into_boxed()
}

fn find(tx: &mut Tx<'_>, id: Id) -> Maybe<Row> {
    Ok(visible(tx).filter(dsl::id.eq(id)).select(Row::as_select()).first(tx.conn)?)
}

fn list(tx: &Tx<'_>, filter: &MembershipFilter) -> memberships::BoxedQuery<'static, Engine> {
    let mut list = visible(tx);
    if !filter.person.is_empty() {
        list = list.filter(dsl::person_id.eq_any(filter.person.clone()));
    }
    if !filter.duty.is_empty() {
        list = list.filter(dsl::duty.eq_any(filter.duty.clone()));
    }
    if !filter.organization.is_empty() {
        list = list.filter(dsl::organization_id.eq_any(filter.organization.clone()));
    }
    if let Some(day) = filter.as_of {
        list = list.filter(in_force!(memberships, day, day));
    }
    list
}

fn show(tx: &mut Tx<'_>, rows: Vec<Row>) -> Maybe<Vec<Membership>> {
    let persons = Names::load(tx, Kind::Person, rows.iter().map(|row| row.person_id))?;
    let organizations = Names::load(tx, Kind::Organization, rows.iter().map(|row| row.organization_id))?;
    let shown = rows.into_iter().map(|row| Membership {
        id: row.id,
        person: persons.of(row.person_id),
        organization: organizations.of(row.organization_id),
        duty: row.duty,
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

fn one(tx: &mut Tx<'_>, row: Row) -> Maybe<Membership> {
    record::only(show(tx, vec![row])?)
}

fn check(tx: &mut Tx<'_>, row: &Row) -> Maybe<()> {
    let span = Span::new(row.from_day, row.to_day);
    let mut faults = dated::order(span);
    faults.extend(refs::must_cover(tx, Kind::Person, row.person_id, "/person_id", span)?);
    faults.extend(refs::must_cover(tx, Kind::Organization, row.organization_id, "/organization_id", span)?);
    dated::none_of(faults)?;
    let beside = |tx: &Tx<'_>| {
        visible(tx)
            .filter(dsl::organization_id.eq(row.organization_id))
            .filter(dsl::id.ne(row.id))
            .filter(in_force!(memberships, span.from, span.end()))
            .select(dsl::id)
    };
    let twice: Option<Id> = beside(tx).filter(dsl::person_id.eq(row.person_id)).first(tx.conn).optional()?;
    dated::refuse(twice.is_some(), say("此人同一时间已属于该机构", "this person belongs to the organization at that time"))?;
    if row.duty != Duty::Chair {
        return Ok(());
    }
    let chair: Option<Id> = beside(tx).filter(dsl::duty.eq(Duty::Chair)).first(tx.conn).optional()?;
    dated::refuse(chair.is_some(), say("该机构同一时间已有主任（负责人）", "the organization has a chair at that time"))
}
