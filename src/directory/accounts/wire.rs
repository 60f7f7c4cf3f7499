//! What travels of an account.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::directory::refs::Ref;
use crate::http::PageQuery;
use crate::http::answer::Tagged;
use crate::http::etag::as_etag;
use crate::http::input::given;
use crate::policy::Role;

/// 账号
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Account {
    /// 标识
    pub id: Id,
    /// 登录用的名字，整个系统内唯一
    #[schema(max_length = 40, examples("member-1"))]
    pub name: String,
    /// 账号在本地区关联的人员；没有时为 null
    #[schema(required = true)]
    pub person: Option<Ref>,
    /// 在本地区的角色
    #[schema(max_items = 20)]
    pub roles: Vec<AccountRole>,
    /// 账号是否由别的地区新增，在本地区只授予角色；停用、启用与重置密码归该地区
    #[schema(examples(false))]
    pub guest: bool,
    /// 是否停用；别的地区的账号为 null
    #[schema(required = true, examples(false))]
    pub disabled: Option<bool>,
    /// 是否须先更换一次性密码；别的地区的账号为 null
    #[schema(required = true, examples(true))]
    pub must_change_password: Option<bool>,
    /// 备注；没有时为 null
    #[schema(required = true, max_length = 200, examples("办公室值班用"))]
    pub note: Option<String>,
    /// 一次性密码，只在新增账号与重置密码的答复中给出
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 40)]
    pub one_time_password: Option<String>,
    /// 版本，用于 If-Match
    #[serde(rename = "etag", serialize_with = "as_etag")]
    #[schema(value_type = String, max_length = 40, examples("\"3\""))]
    pub version: i64,
    /// 新增时刻
    pub created_at: Instant,
    /// 最近修改时刻
    pub updated_at: Instant,
}

impl Account {
    pub fn with_password(self, password: String) -> Self {
        Self { one_time_password: Some(password), ..self }
    }
}

impl Tagged for Account {
    fn version(&self) -> i64 {
        self.version
    }
}

/// 账号的一个角色
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountRole {
    /// 角色
    pub role: Role,
    /// 所代表的机构；以本人身份或不代表机构的角色为 null
    #[schema(required = true)]
    pub organization: Option<Ref>,
}

/// 要授予的一个角色
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountRoleGrant {
    /// 角色；integration 不在这里授予
    pub role: Role,
    /// 所代表的机构：office 为办公室，committee 为专委会，member_affairs 为委员工委，group 为界别活动组或联络组，recipient 为一个外部机构，
    /// contributor 为党派、工商联或人民团体（或者不给，以本人身份）；其余角色不给
    #[serde(rename = "organization_id")]
    pub organization: Option<Id>,
}

/// What [`AccountCreate::name`] has to be: for accounts that are made without HTTP.
pub fn is_name(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (2..=40).contains(&name.len())
        && name.bytes().next().is_some_and(is_letter)
        && name.bytes().all(|byte| is_letter(byte) || b"._-".contains(&byte))
}

/// 新的账号
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountCreate {
    /// 登录用的名字，整个系统内唯一
    #[schema(min_length = 2, max_length = 40, pattern = "^[a-z0-9][a-z0-9._-]*$", examples("member-1"))]
    pub name: String,
    /// 关联的人员；leader、member 必须有
    #[serde(rename = "person_id")]
    pub person: Option<Id>,
    /// 授予的角色；auditor 不得兼任其他角色
    #[schema(min_items = 1, max_items = 20)]
    pub roles: Vec<AccountRoleGrant>,
    /// 备注
    #[schema(nullable = false, min_length = 1, max_length = 200, examples("办公室值班用"))]
    pub note: Option<String>,
}

/// 账号的修改 (RFC 7396)
#[derive(Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountPatch {
    /// 关联的人员；null 表示不再关联
    #[serde(rename = "person_id", default, deserialize_with = "given")]
    #[schema(value_type = Option<Id>)]
    pub person: Option<Option<Id>>,
    /// 角色，整列更换；空表取消全部角色
    #[schema(nullable = false, max_items = 20)]
    pub roles: Option<Vec<AccountRoleGrant>>,
    /// 备注；null 表示删去
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, examples("办公室值班用"))]
    pub note: Option<Option<String>>,
}

/// 账号的筛选
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountFilter {
    /// 只列有这些角色之一的；可给多次
    #[serde(default)]
    #[param(max_items = 11)]
    pub role: Vec<Role>,
    /// 只列停用的，或只列启用的；别的地区的账号都不列
    pub disabled: Option<bool>,
    /// 只列关联这个人员的
    pub person: Option<Id>,
    /// 只列名字以此开头的
    #[param(min_length = 1, max_length = 40, pattern = "^[a-z0-9._-]+$", example = "member-")]
    pub name: Option<String>,
    /// 排序：id（新增的先后），前加 - 为倒序；默认 id
    #[param(pattern = "^-?id$", max_length = 3, example = "-id")]
    pub sort: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub page: PageQuery,
}

impl AccountFilter {
    /// What tells this list from others, for its cursor.
    pub fn told_apart_by(&self) -> impl std::fmt::Debug {
        (self.role.clone(), self.disabled, self.person, self.name.clone())
    }
}
