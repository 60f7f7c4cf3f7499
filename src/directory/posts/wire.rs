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
    /// 职务类别；主席、副主席、秘书长为政协领导
    pub enum PostKind {
        Chairperson = "chairperson", "主席";
        ViceChairperson = "vice_chairperson", "副主席";
        SecretaryGeneral = "secretary_general", "秘书长";
        StandingMember = "standing_member", "常委";
        Member = "member", "委员";
    }
}

/// 职务
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Post {
    /// 标识
    pub id: Id,
    /// 任职的人
    pub person: Ref,
    /// 类别，不能改变
    pub kind: PostKind,
    /// 届
    pub term: Ref,
    /// 委员的界别；其他职务为 null
    #[schema(required = true)]
    pub sector: Option<Ref>,
    /// 职务全称
    #[schema(required = true, max_length = 100, examples("党组书记、主席"))]
    pub title: Option<String>,
    /// 任职之日
    #[schema(examples("2022-01-01"))]
    pub from: NaiveDate,
    /// 任职的最后一日；仍在任时为 null
    #[schema(required = true, examples("2026-12-31"))]
    pub to: Option<NaiveDate>,
    /// 任职的决定
    #[schema(required = true, max_length = 200, examples("十届政协常委会第3次会议"))]
    pub resolution: Option<String>,
    /// 离任的决定
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

impl Tagged for Post {
    fn version(&self) -> i64 {
        self.version
    }
}

/// 新的职务
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostCreate {
    /// 任职的人
    pub person_id: Id,
    /// 类别
    pub kind: PostKind,
    /// 届
    pub term_id: Id,
    /// 界别：委员必填，其他职务不填
    pub sector_id: Option<Id>,
    /// 职务全称
    #[schema(min_length = 1, max_length = 100, examples("党组书记、主席"))]
    pub title: Option<String>,
    /// 任职之日
    #[serde(rename = "from")]
    #[schema(examples("2022-01-01"))]
    pub from_day: NaiveDate,
    /// 任职的最后一日；未定时不填，至届满
    #[serde(rename = "to")]
    #[schema(examples("2026-12-31"))]
    pub to_day: Option<NaiveDate>,
    /// 任职的决定
    #[schema(min_length = 1, max_length = 200, examples("十届政协常委会第3次会议"))]
    pub resolution: Option<String>,
}

/// 职务的修改 (RFC 7396)
#[derive(Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostPatch {
    /// 职务全称
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, examples("党组书记、主席"))]
    pub title: Option<Option<String>>,
    /// 任职之日（更正录入错误时）
    #[serde(rename = "from")]
    #[schema(nullable = false, examples("2022-01-01"))]
    pub from_day: Option<NaiveDate>,
    /// 任职的最后一日；null 表示仍在任
    #[serde(rename = "to", default, deserialize_with = "given")]
    #[schema(value_type = Option<NaiveDate>, examples("2026-12-31"))]
    pub to_day: Option<Option<NaiveDate>>,
    /// 任职的决定（更正录入错误时）
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, examples("十届政协常委会第3次会议"))]
    pub resolution: Option<Option<String>>,
    /// 离任的决定，与最后一日同给
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, examples("十届政协常委会第12次会议"))]
    pub end_resolution: Option<Option<String>>,
    /// 更正的理由，记入审计日志；更正任职之日、任职的决定或已过去的最后一日时必填
    #[schema(nullable = false, min_length = 1, max_length = 200, examples("录入错误"))]
    pub reason: Option<String>,
}

/// 职务的筛选
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PostFilter {
    /// 人员，可给多个
    #[serde(default)]
    #[param(required = false, max_items = 50)]
    pub person: Vec<Id>,
    /// 类别，可给多个
    #[serde(default)]
    #[param(required = false, max_items = 5)]
    pub kind: Vec<PostKind>,
    /// 界别，可给多个
    #[serde(default)]
    #[param(required = false, max_items = 50)]
    pub sector: Vec<Id>,
    /// 届，可给多个
    #[serde(default)]
    #[param(required = false, max_items = 50)]
    pub term: Vec<Id>,
    /// 只列这一天在任的
    #[param(example = "2026-03-01")]
    pub as_of: Option<NaiveDate>,
    /// 排序：id，前加 - 为倒序；默认 id
    #[param(pattern = "^-?id$", example = "-id")]
    pub sort: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub page: PageQuery,
}

page! {
    /// 一页职务
    pub PostPage of Post
}
