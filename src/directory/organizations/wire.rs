//! What travels.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::directory::refs::Ref;
use crate::http::PageQuery;
use crate::http::answer::Tagged;
use crate::http::etag::as_etag;
use crate::http::input::given;
use crate::{page, words};

words! {
    /// 机构类别
    pub enum OrganizationKind {
        SpecialCommittee = "special_committee", "专委会";
        MemberAffairsCommittee = "member_affairs_committee", "委员工委";
        GeneralOffice = "general_office", "办公室";
        SectorGroup = "sector_group", "界别活动组";
        LiaisonGroup = "liaison_group", "联络组";
        ChairpersonsMeeting = "chairpersons_meeting", "主席会议";
        Department = "department", "党政部门";
        Party = "party", "民主党派";
        Federation = "federation", "工商联";
        PeopleOrganization = "people_organization", "人民团体";
    }
}

impl OrganizationKind {
    /// A jurisdiction has one of these at a time.
    pub fn is_single(self) -> bool {
        matches!(self, Self::MemberAffairsCommittee | Self::GeneralOffice | Self::ChairpersonsMeeting)
    }
}

/// 机构
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Organization {
    /// 标识
    pub id: Id,
    /// 类别，不能改变
    pub kind: OrganizationKind,
    /// 名称
    #[schema(max_length = 100, examples("提案和委员联络委员会"))]
    pub name: String,
    /// 简称
    #[schema(required = true, max_length = 40, examples("提案委"))]
    pub short_name: Option<String>,
    /// 联络组的地点
    #[schema(required = true, max_length = 100, examples("灵溪镇"))]
    pub place: Option<String>,
    /// 界别活动组的界别，按次序；其他机构为空
    #[schema(max_items = 50)]
    pub sectors: Vec<Ref>,
    /// 排列次序，小者在前
    #[schema(minimum = 0, maximum = 9999, examples(3))]
    pub position: i64,
    /// 生效之日
    #[schema(examples("2022-01-01"))]
    pub from: NaiveDate,
    /// 生效的最后一日；仍在生效时为 null
    #[schema(required = true, examples("2026-12-31"))]
    pub to: Option<NaiveDate>,
    /// 版本，用于 If-Match
    #[serde(rename = "etag", serialize_with = "as_etag")]
    #[schema(value_type = String, max_length = 40, examples("\"3\""))]
    pub version: i64,
    /// 录入时刻
    pub created_at: Instant,
    /// 最近修改时刻
    pub updated_at: Instant,
}

impl Tagged for Organization {
    fn version(&self) -> i64 {
        self.version
    }
}

/// 新的机构
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationCreate {
    /// 类别
    pub kind: OrganizationKind,
    /// 名称
    #[schema(min_length = 1, max_length = 100, examples("提案和委员联络委员会"))]
    pub name: String,
    /// 简称
    #[schema(min_length = 1, max_length = 40, examples("提案委"))]
    pub short_name: Option<String>,
    /// 地点：联络组必填，其他机构不填
    #[schema(min_length = 1, max_length = 100, examples("灵溪镇"))]
    pub place: Option<String>,
    /// 界别：界别活动组必填，其他机构不填
    #[schema(max_items = 50)]
    pub sector_ids: Option<Vec<Id>>,
    /// 排列次序，小者在前；默认 0
    #[serde(default)]
    #[schema(minimum = 0, maximum = 9999, examples(3))]
    pub position: i64,
    /// 生效之日
    #[serde(rename = "from")]
    #[schema(examples("2022-01-01"))]
    pub from_day: NaiveDate,
    /// 生效的最后一日
    #[serde(rename = "to")]
    #[schema(examples("2026-12-31"))]
    pub to_day: Option<NaiveDate>,
}

/// 机构的修改 (RFC 7396)
#[derive(Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationPatch {
    /// 名称
    #[schema(nullable = false, min_length = 1, max_length = 100, examples("提案和委员联络委员会"))]
    pub name: Option<String>,
    /// 简称
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 40, examples("提案委"))]
    pub short_name: Option<Option<String>>,
    /// 联络组的地点
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, examples("灵溪镇"))]
    pub place: Option<Option<String>>,
    /// 界别活动组的界别，整体替换
    #[schema(nullable = false, max_items = 50)]
    pub sector_ids: Option<Vec<Id>>,
    /// 排列次序
    #[schema(nullable = false, minimum = 0, maximum = 9999, examples(3))]
    pub position: Option<i64>,
    /// 生效之日（更正录入错误时）
    #[serde(rename = "from")]
    #[schema(nullable = false, examples("2022-01-01"))]
    pub from_day: Option<NaiveDate>,
    /// 生效的最后一日；null 表示仍在生效
    #[serde(rename = "to", default, deserialize_with = "given")]
    #[schema(value_type = Option<NaiveDate>, examples("2026-12-31"))]
    pub to_day: Option<Option<NaiveDate>>,
    /// 更正的理由，记入审计日志；更正名称、生效之日或已过去的最后一日时必填
    #[schema(nullable = false, min_length = 1, max_length = 200, examples("录入错误"))]
    pub reason: Option<String>,
}

/// 机构的筛选
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OrganizationFilter {
    /// 类别，可给多个
    #[serde(default)]
    #[param(required = false, max_items = 10)]
    pub kind: Vec<OrganizationKind>,
    /// 含有这些界别之一的界别活动组
    #[serde(default)]
    #[param(required = false, max_items = 50)]
    pub sector: Vec<Id>,
    /// 只列这一天在生效的
    #[param(example = "2026-03-01")]
    pub as_of: Option<NaiveDate>,
    /// 排序：position、id，前加 - 为倒序；默认 position
    #[param(pattern = "^-?(position|id)$", example = "position")]
    pub sort: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub page: PageQuery,
}

page! {
    /// 一页机构
    pub OrganizationPage of Organization
}
