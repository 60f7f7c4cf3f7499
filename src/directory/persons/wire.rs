//! What travels. A person and an identifier are named as Popolo names them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::directory::posts::PostKind;
use crate::http::PageQuery;
use crate::http::answer::Tagged;
use crate::http::etag::as_etag;
use crate::http::input::given;
use crate::{page, words};

words! {
    /// 性别
    pub enum Gender {
        Male = "male", "男";
        Female = "female", "女";
    }
}

/// 人员
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Person {
    /// 标识
    pub id: Id,
    /// 姓名；会有同名的人
    #[schema(max_length = 60, examples("林秀英"))]
    pub name: String,
    /// 性别
    #[schema(required = true)]
    pub gender: Option<Gender>,
    /// 工作单位
    #[schema(required = true, max_length = 100, examples("苍南县第一中学"))]
    pub work_unit: Option<String>,
    /// 是否登记了电话；电话本身从不给出
    pub has_phone: bool,
    /// 在其他系统中的标识；只给委员工委与管理员，其他角色为 null
    #[schema(required = true, max_items = 20)]
    pub identifiers: Option<Vec<PersonIdentifier>>,
    /// 版本，用于 If-Match
    #[serde(rename = "etag", serialize_with = "as_etag")]
    #[schema(value_type = String, max_length = 40, examples("\"3\""))]
    pub version: i64,
    /// 录入时刻
    pub created_at: Instant,
    /// 最近修改时刻
    pub updated_at: Instant,
}

impl Tagged for Person {
    fn version(&self) -> i64 {
        self.version
    }
}

/// 在其他系统中的标识
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonIdentifier {
    /// 哪个系统
    #[schema(max_length = 40, examples("zwding"))]
    pub scheme: String,
    /// 在该系统中的标识
    #[schema(max_length = 100, examples("GE_4f1c2a"))]
    pub identifier: String,
}

/// 给出的在其他系统中的标识
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonIdentifierCreate {
    /// 哪个系统
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z0-9_-]+$", examples("zwding"))]
    pub scheme: String,
    /// 在该系统中的标识
    #[schema(min_length = 1, max_length = 100, examples("GE_4f1c2a"))]
    pub identifier: String,
}

/// 新的人员
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonCreate {
    /// 姓名
    #[schema(min_length = 1, max_length = 60, examples("林秀英"))]
    pub name: String,
    /// 性别
    pub gender: Option<Gender>,
    /// 工作单位
    #[schema(min_length = 1, max_length = 100, examples("苍南县第一中学"))]
    pub work_unit: Option<String>,
    /// 电话：手机，或带区号的固定电话；只写不读，加密保存
    #[schema(min_length = 1, max_length = 40, examples("13806680001"))]
    pub phone: Option<String>,
    /// 在其他系统中的标识
    #[schema(max_items = 20)]
    pub identifiers: Option<Vec<PersonIdentifierCreate>>,
}

/// 人员的修改 (RFC 7396)
#[derive(Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonPatch {
    /// 姓名（更正录入错误，或改名时）
    #[schema(nullable = false, min_length = 1, max_length = 60, examples("林秀英"))]
    pub name: Option<String>,
    /// 性别
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Gender>)]
    pub gender: Option<Option<Gender>>,
    /// 工作单位
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, examples("苍南县第一中学"))]
    pub work_unit: Option<Option<String>>,
    /// 电话；null 为删去
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 40, examples("13806680001"))]
    pub phone: Option<Option<String>>,
    /// 在其他系统中的标识，整体替换
    #[schema(nullable = false, max_items = 20)]
    pub identifiers: Option<Vec<PersonIdentifierCreate>>,
    /// 更正的理由，记入审计日志；更正姓名、性别时必填
    #[schema(nullable = false, min_length = 1, max_length = 200, examples("录入错误"))]
    pub reason: Option<String>,
}

/// 人员的筛选
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PersonFilter {
    /// 姓名的开头
    #[param(min_length = 1, max_length = 60, example = "林")]
    pub name: Option<String>,
    /// 外部标识，写作 系统:标识；只供委员工委与管理员
    #[param(max_length = 141, pattern = "^[a-z0-9_-]{1,40}:.{1,100}$", example = "zwding:GE_4f1c2a")]
    pub identifier: Option<String>,
    /// 任这些职务之一的人，可给多个
    #[serde(default)]
    #[param(required = false, max_items = 5)]
    pub post: Vec<PostKind>,
    /// 在这些界别之一的委员，可给多个
    #[serde(default)]
    #[param(required = false, max_items = 50)]
    pub sector: Vec<Id>,
    /// post、sector 所指的日子，默认今天；单独给出时，列出这一天任职的人
    #[param(example = "2026-03-01")]
    pub as_of: Option<NaiveDate>,
    /// 排序：name（按字符编码）、id，前加 - 为倒序；默认 id
    #[param(pattern = "^-?(name|id)$", example = "name")]
    pub sort: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub page: PageQuery,
}

page! {
    /// 一页人员
    pub PersonPage of Person
}
