//! 主席会议: meetings of the chairpersons, which decide on what members say about the CPPCC's own work (art. 19).
//!
//! `planned`, then `closed` or `cancelled`. Only a planned meeting takes opinions on its agenda; closing and reporting wait for
//! each other on the meeting's row, so that no opinion comes onto an agenda that is closed. Its day is what decisions are
//! counted from.

pub mod agenda;
pub mod resolutions;

use actix_web::{get, patch, post};
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::deadlines::{Deadlines, Urgency};
use super::way::{DueKind, State};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Maybe, Problem, Warning, say, warnings};
use crate::db::schema::{meetings, meetings::dsl, opinions, resolutions as resolutions_made};
use crate::db::{Engine, Tx};
use crate::directory::dated;
use crate::http::answer::Tagged;
use crate::http::etag::as_etag;
use crate::http::input::given;
use crate::http::{Answer, Ask, At, Body, Call, IfMatch, Page, PageQuery, Reply};
use crate::policy::Op;
use crate::record::{self, Thing};
use crate::{keyset, page, paged, words};

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

words! {
    /// 主席会议的状态
    pub enum MeetingState {
        Planned = "planned", "计划中";
        Closed = "closed", "已结束";
        Cancelled = "cancelled", "已取消";
    }
}

/// 主席会议
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Meeting {
    /// 标识
    pub id: Id,
    /// 名称
    #[schema(max_length = 100, examples("十届县政协第二十次主席会议"))]
    pub name: String,
    /// 召开之日
    #[schema(examples("2026-03-20"))]
    pub held_on: NaiveDate,
    /// 地点
    #[schema(required = true, max_length = 100, examples("县政协三楼会议室"))]
    pub place: Option<String>,
    /// 状态
    pub state: MeetingState,
    /// 取消的理由
    #[schema(required = true, max_length = 500, examples("与全会时间冲突"))]
    pub state_reason: Option<String>,
    /// 结束之日
    #[schema(required = true, examples("2026-03-20"))]
    pub closed_on: Option<NaiveDate>,
    /// 文字中像是个人信息的地方
    #[schema(max_items = 60)]
    pub warnings: Vec<Warning>,
    /// 版本，用于 If-Match
    #[serde(rename = "etag", serialize_with = "as_etag")]
    #[schema(value_type = String, max_length = 40, examples("\"1\""))]
    pub version: i64,
    /// 录入时刻
    pub created_at: Instant,
    /// 最近修改时刻
    pub updated_at: Instant,
}

/// A meeting as it is stored.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = meetings)]
pub struct MeetingRow {
    pub id: Id,
    name: String,
    pub held_on: NaiveDate,
    place: Option<String>,
    pub state: MeetingState,
    state_reason: Option<String>,
    closed_on: Option<NaiveDate>,
    version: i64,
    created_at: Instant,
    updated_at: Instant,
}

impl From<MeetingRow> for Meeting {
    fn from(row: MeetingRow) -> Self {
        let texts = [("/name", Some(&row.name)), ("/place", row.place.as_ref()), ("/state_reason", row.state_reason.as_ref())];
        let warnings = texts.into_iter().flat_map(|(pointer, text)| warnings(pointer, text.map_or("", String::as_str))).collect();
        let MeetingRow { id, name, held_on, place, state, state_reason, closed_on, version, created_at, updated_at } = row;
        Self { id, name, held_on, place, state, state_reason, closed_on, warnings, version, created_at, updated_at }
    }
}

/// 新的主席会议
#[derive(Clone, Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = meetings)]
#[serde(deny_unknown_fields)]
pub struct MeetingCreate {
    /// 名称
    #[schema(min_length = 1, max_length = 100, examples("十届县政协第二十次主席会议"))]
    name: String,
    /// 召开之日
    #[schema(examples("2026-03-20"))]
    held_on: NaiveDate,
    /// 地点
    #[schema(nullable = false, min_length = 1, max_length = 100, examples("县政协三楼会议室"))]
    place: Option<String>,
}

/// 主席会议的修改 (RFC 7396)
#[derive(Clone, Debug, Default, PartialEq, Deserialize, AsChangeset, ToSchema)]
#[diesel(table_name = meetings)]
#[serde(deny_unknown_fields)]
pub struct MeetingPatch {
    /// 名称
    #[schema(nullable = false, min_length = 1, max_length = 100, examples("十届县政协第二十次主席会议"))]
    name: Option<String>,
    /// 召开之日
    #[schema(nullable = false, examples("2026-03-27"))]
    held_on: Option<NaiveDate>,
    /// 地点；null 为未定
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, examples("县政协三楼会议室"))]
    place: Option<Option<String>>,
}

/// 取消主席会议
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeetingCancel {
    /// 理由
    #[schema(min_length = 1, max_length = 500, examples("与全会时间冲突"))]
    reason: String,
}

/// 主席会议的筛选；同一参数给多次表示任一
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MeetingFilter {
    /// 状态
    #[serde(default)]
    #[param(max_items = 3)]
    state: Vec<MeetingState>,
    /// 召开之日，自（含）
    #[param(example = "2026-01-01")]
    held_from: Option<NaiveDate>,
    /// 召开之日，至（不含）
    #[param(example = "2027-01-01")]
    held_before: Option<NaiveDate>,
    /// 排序：held_on、id，前加 - 为倒序；默认 -held_on
    #[param(pattern = "^-?(held_on|id)$", example = "-held_on")]
    sort: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

page! {
    /// 一页主席会议
    pub MeetingPage of Meeting
}

impl Tagged for Meeting {
    fn version(&self) -> i64 {
        self.version
    }
}

impl Thing for MeetingRow {
    const KIND: &'static str = "meeting";

    fn id(&self) -> Id {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn state(&self) -> Option<&'static str> {
        Some(self.state.as_str())
    }
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
        let mut query = list(tx);
        keyset!(query, &page, meetings { "held_on" => held_on: diesel::sql_types::Date, NaiveDate });
        let rows = query.select(MeetingRow::as_select()).load(tx.conn)?;
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
        let own = (
            dsl::id.eq(id),
            dsl::jurisdiction_id.eq(tx.jurisdiction()),
            dsl::state.eq(MeetingState::Planned),
            dsl::version.eq(1_i64),
            dsl::created_at.eq(tx.now),
            dsl::updated_at.eq(tx.now),
        );
        diesel::insert_into(dsl::meetings).values((new, own)).execute(tx.conn)?;
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
        let row = dsl::meetings.filter(dsl::id.eq(at.id)).filter(dsl::version.eq(before.version));
        let own = (dsl::version.eq(before.version + 1), dsl::updated_at.eq(tx.now));
        dated::one(diesel::update(row).set((patch, own)).execute(tx.conn)?)?;
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

/// Every query of a meeting starts here.
fn visible(tx: &Tx<'_>) -> meetings::BoxedQuery<'static, Engine> {
    dsl::meetings.filter(dsl::jurisdiction_id.eq(tx.jurisdiction())).into_boxed()
}

fn shown(rows: Vec<MeetingRow>) -> Maybe<Vec<Meeting>> {
    Ok(rows.into_iter().map(Meeting::from).collect())
}

pub fn find(tx: &mut Tx<'_>, id: Id) -> Maybe<MeetingRow> {
    Ok(visible(tx).filter(dsl::id.eq(id)).select(MeetingRow::as_select()).first(tx.conn)?)
}

/// 409 unless it is yet to be held.
fn planned(tx: &mut Tx<'_>, id: Id, seen: &IfMatch) -> Maybe<MeetingRow> {
    let meeting = find(tx, id)?;
    seen.check(meeting.version)?;
    if meeting.state == MeetingState::Planned {
        return Ok(meeting);
    }
    Err(Problem::state(meeting.state.as_str(), Vec::new()))
}

/// Locks a meeting until this transaction ends, if it is still planned: whoever closes it has to wait, or was faster.
pub fn hold_planned(tx: &mut Tx<'_>, id: Id) -> Maybe<bool> {
    let row = dsl::meetings.filter(dsl::id.eq(id)).filter(dsl::state.eq(MeetingState::Planned));
    Ok(diesel::update(row).set(dsl::updated_at.eq(dsl::updated_at)).execute(tx.conn)? == 1)
}

fn end(
    tx: &mut Tx<'_>,
    before: &MeetingRow,
    state: MeetingState,
    closed_on: Option<NaiveDate>,
    reason: Option<&str>,
) -> Maybe<MeetingRow> {
    let row = dsl::meetings.filter(dsl::id.eq(before.id)).filter(dsl::version.eq(before.version));
    let changed = diesel::update(row)
        .set((
            dsl::state.eq(state),
            dsl::closed_on.eq(closed_on),
            dsl::state_reason.eq(reason),
            dsl::version.eq(before.version + 1),
            dsl::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    dated::one(changed)?;
    find(tx, before.id)
}

/// The deadline of every decision that is open on a meeting's agenda; `None`: it will not be held. As lateness is, it is told
/// by the meeting and not by the opinions' versions.
fn count_decisions_from(tx: &mut Tx<'_>, meeting: Id, day: Option<NaiveDate>) -> Maybe<()> {
    let deadlines = Deadlines::load(tx)?;
    for urgency in Urgency::ALL {
        let due = day.map(|day| deadlines.due(DueKind::Decision, *urgency, day));
        let open = opinions::table
            .filter(opinions::meeting_id.eq(meeting))
            .filter(opinions::state.eq(State::Reported))
            .filter(opinions::due_kind.eq(DueKind::Decision))
            .filter(opinions::urgency.eq(*urgency));
        diesel::update(open)
            .set((
                opinions::due_kind.eq(due.map(|_| DueKind::Decision)),
                opinions::due_on.eq(due.map(|due| due.day)),
                opinions::due_assumed.eq(due.is_some_and(|due| due.assumed)),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}
