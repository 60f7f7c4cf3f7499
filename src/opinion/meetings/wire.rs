//! What travels of meetings.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::Warning;
use crate::db::schema::meetings;
use crate::http::PageQuery;
use crate::http::answer::Tagged;
use crate::http::etag::as_etag;
use crate::http::input::given;
use crate::{page, words};

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

/// 新的主席会议
#[derive(Clone, Debug, Deserialize, Insertable, ToSchema)]
#[diesel(table_name = meetings)]
#[serde(deny_unknown_fields)]
pub struct MeetingCreate {
    /// 名称
    #[schema(min_length = 1, max_length = 100, examples("十届县政协第二十次主席会议"))]
    pub name: String,
    /// 召开之日
    #[schema(examples("2026-03-20"))]
    pub held_on: NaiveDate,
    /// 地点
    #[schema(nullable = false, min_length = 1, max_length = 100, examples("县政协三楼会议室"))]
    pub place: Option<String>,
}

/// 主席会议的修改 (RFC 7396)
#[derive(Clone, Debug, Default, PartialEq, Deserialize, AsChangeset, ToSchema)]
#[diesel(table_name = meetings)]
#[serde(deny_unknown_fields)]
pub struct MeetingPatch {
    /// 名称
    #[schema(nullable = false, min_length = 1, max_length = 100, examples("十届县政协第二十次主席会议"))]
    pub name: Option<String>,
    /// 召开之日
    #[schema(nullable = false, examples("2026-03-27"))]
    pub held_on: Option<NaiveDate>,
    /// 地点；null 为未定
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, examples("县政协三楼会议室"))]
    pub place: Option<Option<String>>,
}

/// 取消主席会议
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeetingCancel {
    /// 理由
    #[schema(min_length = 1, max_length = 500, examples("与全会时间冲突"))]
    pub reason: String,
}

/// 主席会议的筛选；同一参数给多次表示任一
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MeetingFilter {
    /// 状态
    #[serde(default)]
    #[param(max_items = 3)]
    pub state: Vec<MeetingState>,
    /// 召开之日，自（含）
    #[param(example = "2026-01-01")]
    pub held_from: Option<NaiveDate>,
    /// 召开之日，至（不含）
    #[param(example = "2027-01-01")]
    pub held_before: Option<NaiveDate>,
    /// 排序：held_on、id，前加 - 为倒序；默认 -held_on
    #[param(pattern = "^-?(held_on|id)$", example = "-held_on")]
    pub sort: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub page: PageQuery,
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
