//! What is written and asked.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::words::{Intake, Outlet, OwnerChoice};
use crate::base::id::Id;
use crate::contact::contact_events::ContentKind;
use crate::http::PageQuery;
use crate::http::input::given;
use crate::opinion::deadlines::Urgency;
use crate::opinion::way::{State, Track};

/// 新的社情民意
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionCreate {
    /// 渠道
    pub track: Track,
    /// 标题；一事一议
    #[schema(min_length = 1, max_length = 100, examples("关于在实验小学门口增设斑马线的建议"))]
    pub title: String,
    /// 情况反映；三部分合计的字数（不计空白）以设置为限，默认 1500
    #[schema(format = "multi-line", min_length = 1, max_length = 20000, examples("实验小学门口车流量大，学生过街没有斑马线。"))]
    pub situation: String,
    /// 原因分析
    #[schema(format = "multi-line", nullable = false, min_length = 1, max_length = 20000, examples("道路改造后标线没有恢复。"))]
    pub analysis: Option<String>,
    /// 意见建议
    #[schema(format = "multi-line", nullable = false, min_length = 1, max_length = 20000, examples("恢复斑马线，设置让行标志。"))]
    pub suggestions: Option<String>,
    /// 类别，字典 opinion_categories 中的代码
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", examples("transport"))]
    pub category: String,
    /// 紧急程度；默认 normal
    #[serde(default = "normal")]
    pub urgency: Urgency,
    /// 内容的方面，一项或多项
    #[schema(min_items = 1, max_items = 5)]
    pub content_kinds: Vec<ContentKind>,
    /// 来件方式；默认 online
    #[serde(default = "online")]
    pub intake: Intake,
    /// 拟用的渠道；默认 information
    #[serde(default = "information")]
    pub outlet: Outlet,
    /// 作者是否同意公开；默认否
    #[serde(default)]
    pub may_publish: bool,
    /// 作者确认不涉及国家秘密；提交时须为 true
    #[serde(default)]
    pub no_state_secrets: bool,
    /// 受理机构；不给时，对政协工作的意见建议由对口专委会受理，社情民意由办公室受理
    #[schema(nullable = false)]
    pub owner_choice: Option<OwnerChoice>,
    /// 来自哪一次联系活动（作者参加或记录的）
    #[schema(nullable = false)]
    pub event_id: Option<Id>,
    /// 来自哪些界别群众（作者本人联系的）
    #[serde(default)]
    #[schema(max_items = 50)]
    pub constituent_ids: Vec<Id>,
    /// 作者为机构时的联系人；默认为提交的人
    #[schema(nullable = false)]
    pub contact_person_id: Option<Id>,
    /// 客户端自定的编号：离线写下、之后再传的，同一作者同一编号同一内容只存一份，永久有效
    #[schema(nullable = false, min_length = 1, max_length = 100, pattern = "^[\\x21-\\x7e]+$", examples("phone-7-20260305-0001"))]
    pub client_ref: Option<String>,
}

/// 代为登记的来信、来电与约谈意见
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionRegister {
    /// 作者（人员）；与 author_organization_id 二者取一
    #[schema(nullable = false)]
    pub author_person_id: Option<Id>,
    /// 作者（民主党派、工商联、人民团体）
    #[schema(nullable = false)]
    pub author_organization_id: Option<Id>,
    /// 作者为机构时的联系人
    #[schema(nullable = false)]
    pub contact_person_id: Option<Id>,
    /// 渠道
    pub track: Track,
    /// 来件方式
    pub intake: Intake,
    /// 标题；一事一议
    #[schema(min_length = 1, max_length = 100, examples("建议常委会会议提前一周通知"))]
    pub title: String,
    /// 情况反映
    #[schema(format = "multi-line", min_length = 1, max_length = 20000, examples("会议通知太晚，难以准备。"))]
    pub situation: String,
    /// 原因分析
    #[schema(
        format = "multi-line",
        nullable = false,
        min_length = 1,
        max_length = 20000,
        examples("通知随材料一并发出，材料定稿晚。")
    )]
    pub analysis: Option<String>,
    /// 意见建议
    #[schema(format = "multi-line", nullable = false, min_length = 1, max_length = 20000, examples("先发通知，材料后补。"))]
    pub suggestions: Option<String>,
    /// 类别，字典 opinion_categories 中的代码
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", examples("cppcc"))]
    pub category: String,
    /// 紧急程度；默认 normal
    #[serde(default = "normal")]
    pub urgency: Urgency,
    /// 内容的方面，一项或多项
    #[schema(min_items = 1, max_items = 5)]
    pub content_kinds: Vec<ContentKind>,
    /// 拟用的渠道；默认 information
    #[serde(default = "information")]
    pub outlet: Outlet,
    /// 作者是否同意公开；默认否
    #[serde(default)]
    pub may_publish: bool,
    /// 已向作者确认不涉及国家秘密；须为 true
    pub no_state_secrets: bool,
    /// 受理机构；不给时按渠道默认
    #[schema(nullable = false)]
    pub owner_choice: Option<OwnerChoice>,
}

/// 社情民意的修改 (RFC 7396)；只在草稿与退回时
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionPatch {
    /// 渠道；只在首次提交之前
    #[schema(nullable = false)]
    pub track: Option<Track>,
    /// 标题
    #[schema(nullable = false, min_length = 1, max_length = 100, examples("关于在实验小学门口增设斑马线的建议"))]
    pub title: Option<String>,
    /// 情况反映
    #[schema(format = "multi-line", nullable = false, min_length = 1, max_length = 20000, examples("实验小学门口没有斑马线。"))]
    pub situation: Option<String>,
    /// 原因分析；null 为删去
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = "multi-line", min_length = 1, max_length = 20000, examples("标线没有恢复。"))]
    pub analysis: Option<Option<String>>,
    /// 意见建议；null 为删去
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = "multi-line", min_length = 1, max_length = 20000, examples("恢复斑马线。"))]
    pub suggestions: Option<Option<String>>,
    /// 类别
    #[schema(nullable = false, min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", examples("transport"))]
    pub category: Option<String>,
    /// 紧急程度
    #[schema(nullable = false)]
    pub urgency: Option<Urgency>,
    /// 内容的方面
    #[schema(nullable = false, min_items = 1, max_items = 5)]
    pub content_kinds: Option<Vec<ContentKind>>,
    /// 来件方式
    #[schema(nullable = false)]
    pub intake: Option<Intake>,
    /// 拟用的渠道
    #[schema(nullable = false)]
    pub outlet: Option<Outlet>,
    /// 作者是否同意公开
    #[schema(nullable = false)]
    pub may_publish: Option<bool>,
    /// 作者确认不涉及国家秘密
    #[schema(nullable = false)]
    pub no_state_secrets: Option<bool>,
    /// 受理机构；null 为按渠道默认；只在首次提交之前
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<OwnerChoice>)]
    pub owner_choice: Option<Option<OwnerChoice>>,
    /// 来自哪一次联系活动；null 为不指明
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Id>)]
    pub event_id: Option<Option<Id>>,
    /// 来自哪些界别群众
    #[schema(nullable = false, max_items = 50)]
    pub constituent_ids: Option<Vec<Id>>,
    /// 作者为机构时的联系人
    #[schema(nullable = false)]
    pub contact_person_id: Option<Id>,
}

/// 办理的理由
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionReason {
    /// 理由，作者可见
    #[schema(format = "multi-line", min_length = 1, max_length = 2000, examples("缺少具体地点，请补充。"))]
    pub reason: String,
}

/// 撤回
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionWithdraw {
    /// 理由；已受理的须说明
    #[schema(format = "multi-line", nullable = false, min_length = 1, max_length = 2000, examples("问题已经解决。"))]
    pub reason: Option<String>,
}

/// 不予受理；理由即给作者的反馈
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionDecline {
    /// 理由，即给作者的反馈
    #[schema(format = "multi-line", min_length = 1, max_length = 10000, examples("所反映事项属于诉讼程序，请依法定途径解决。"))]
    pub reason: String,
}

/// 转交
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionTransfer {
    /// 转给哪个专委会或办公室
    pub organization_id: Id,
    /// 理由，作者可见
    #[schema(format = "multi-line", min_length = 1, max_length = 2000, examples("属教科卫体委的工作范围。"))]
    pub reason: String,
}

/// 改变渠道
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionReclassify {
    /// 新的渠道
    pub track: Track,
    /// 理由，作者可见
    #[schema(format = "multi-line", min_length = 1, max_length = 2000, examples("反映的是政协会议组织工作。"))]
    pub reason: String,
}

/// 查找相近的社情民意
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionLike {
    /// 标题
    #[schema(min_length = 1, max_length = 100, examples("校门口缺一条斑马线"))]
    pub title: String,
    /// 正文
    #[schema(format = "multi-line", nullable = false, min_length = 1, max_length = 20000, examples("实验小学门口车流量大。"))]
    pub situation: Option<String>,
}

/// 社情民意的筛选；同一参数给多次表示任一
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OpinionFilter {
    /// 状态
    #[serde(default)]
    #[param(max_items = 10)]
    pub state: Vec<State>,
    /// 渠道
    #[serde(default)]
    #[param(max_items = 2)]
    pub track: Vec<Track>,
    /// 类别代码
    #[serde(default)]
    #[param(max_items = 20)]
    pub category: Vec<String>,
    /// 紧急程度
    #[serde(default)]
    #[param(max_items = 3)]
    pub urgency: Vec<Urgency>,
    /// 界别
    #[serde(default)]
    #[param(max_items = 50)]
    pub sector: Vec<Id>,
    /// 承办机构
    #[serde(default)]
    #[param(max_items = 20)]
    pub owner: Vec<Id>,
    /// 作者：人员或机构
    #[serde(default)]
    #[param(max_items = 20)]
    pub author: Vec<Id>,
    /// 主席会议
    #[serde(default)]
    #[param(max_items = 20)]
    pub meeting: Vec<Id>,
    /// 是否已超过承办时限
    pub overdue: Option<bool>,
    /// 首次提交之日，自（含）
    #[param(example = "2026-01-01")]
    pub submitted_from: Option<NaiveDate>,
    /// 首次提交之日，至（不含）
    #[param(example = "2027-01-01")]
    pub submitted_before: Option<NaiveDate>,
    /// 在标题与正文中查找的词；两个字也能找到，符号没有特殊含义
    #[param(min_length = 1, max_length = 100, example = "斑马线")]
    pub q: Option<String>,
    /// 排序：id（即录入先后），前加 - 为倒序；默认 -id
    #[param(pattern = "^-?id$", example = "-id")]
    pub sort: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub page: PageQuery,
}

fn normal() -> Urgency {
    Urgency::Normal
}

fn online() -> Intake {
    Intake::Online
}

fn information() -> Outlet {
    Outlet::Information
}
