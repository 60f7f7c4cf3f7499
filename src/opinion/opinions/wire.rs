//! What travels: opinions as they are written and as they are shown.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::similar::SimilarOpinions;
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Warning, warnings};
use crate::contact::constituents::mask::ConstituentRef;
use crate::contact::contact_events::ContentKind;
use crate::directory::refs::Ref;
use crate::http::PageQuery;
use crate::http::answer::Tagged;
use crate::http::etag::as_etag;
use crate::http::input::given;
use crate::opinion::deadlines::Urgency;
use crate::opinion::way::{DueKind, Owes, State, Track};
use crate::{page, words};

words! {
    /// 来件方式
    pub enum Intake {
        Online = "online", "网上";
        Letter = "letter", "信函";
        Telephone = "telephone", "电话";
        AppointmentMeeting = "appointment_meeting", "委员约谈会";
        InPerson = "in_person", "当面";
        Campaign = "campaign", "集中联系、约稿";
    }
}

words! {
    /// 拟用的渠道
    pub enum Outlet {
        Information = "information", "社情民意信息";
        Proposal = "proposal", "提案";
        PlenarySpeech = "plenary_speech", "大会发言";
        ThematicResearch = "thematic_research", "专题调研";
    }
}

words! {
    /// 作者选择的受理机构
    pub enum OwnerChoice {
        Office = "office", "办公室";
        CorrespondingCommittee = "corresponding_committee", "所在界别的对口专委会";
        OwnCommittee = "own_committee", "作者所属的专委会";
    }
}

words! {
    /// 采纳情况
    pub enum Outcome {
        Adopted = "adopted", "采纳";
        PartiallyAdopted = "partially_adopted", "部分采纳";
        NotAdopted = "not_adopted", "未采纳";
        Retained = "retained", "留存参考";
        Declined = "declined", "不予受理";
    }
}

words! {
    /// 时限所据的工作日历：known 为已公布或已录入，assumed 为尚无日历而按周一至周五推算
    pub enum DueCalendar {
        Known = "known", "已有日历";
        Assumed = "assumed", "推算";
    }
}

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

/// 作者：人员或机构之一
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpinionAuthor {
    /// 人员
    #[schema(required = true)]
    pub person: Option<Ref>,
    /// 民主党派、工商联、人民团体等
    #[schema(required = true)]
    pub organization: Option<Ref>,
}

/// 当前的时限
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpinionDue {
    /// 所指的事
    pub kind: DueKind,
    /// 最后一日，至当日 24 时
    #[schema(examples("2026-03-10"))]
    pub on: NaiveDate,
    /// 由谁承担
    pub owed_by: Owes,
    /// 所据的工作日历
    pub calendar: DueCalendar,
    /// 是否已超过
    pub overdue: bool,
    /// 超过的工作日数
    #[schema(minimum = 0, maximum = 100000, examples(2))]
    pub overdue_days: i64,
}

views! {
    /// 社情民意（列表中的一项，不含正文）
    OpinionSummary,
    /// 社情民意
    Opinion,
    Rest,
    {
        /// 标识
        id: Id,
        /// 渠道
        track: Track,
        /// 状态
        state: State,
        /// 标题
        #[schema(max_length = 100, examples("关于在实验小学门口增设斑马线的建议"))]
        title: String,
        /// 类别代码
        #[schema(max_length = 60, examples("transport"))]
        category: String,
        /// 紧急程度
        urgency: Urgency,
        /// 作者
        author: OpinionAuthor,
        /// 首次提交之日作者所在的界别
        #[schema(required = true)]
        sector: Option<Ref>,
        /// 承办机构；提交之前为 null
        #[schema(required = true)]
        owner: Option<Ref>,
        /// 首次提交之日
        #[schema(required = true, examples("2026-03-05"))]
        submitted_on: Option<NaiveDate>,
        /// 退回之日；重新提交后为 null
        #[schema(required = true, examples("2026-03-09"))]
        returned_on: Option<NaiveDate>,
        /// 当前的时限；没有时为 null
        #[schema(required = true)]
        due: Option<OpinionDue>,
        /// 所在的主席会议
        #[schema(required = true)]
        meeting: Option<Ref>,
        /// 采纳情况
        #[schema(required = true)]
        outcome: Option<Outcome>,
        /// 已反馈的次数，不予受理也算一次
        #[schema(minimum = 0, maximum = 100000, examples(1))]
        round: i64,
        /// 现在可做的事，以操作名表示
        #[schema(max_items = 20, examples("opinion_accept"))]
        allowed_actions: Vec<&'static str>,
        /// 版本，用于 If-Match
        #[serde(rename = "etag", serialize_with = "as_etag")]
        #[schema(value_type = String, max_length = 40, examples("\"3\""))]
        version: i64,
        /// 录入时刻
        created_at: Instant,
        /// 最近修改时刻
        updated_at: Instant,
    }
    {
        /// 情况反映
        #[schema(max_length = 20000, examples("实验小学门口车流量大，学生过街没有斑马线。"))]
        situation: String,
        /// 原因分析
        #[schema(required = true, max_length = 20000)]
        analysis: Option<String>,
        /// 意见建议
        #[schema(required = true, max_length = 20000)]
        suggestions: Option<String>,
        /// 内容的方面
        #[schema(max_items = 5)]
        content_kinds: Vec<ContentKind>,
        /// 来件方式
        intake: Intake,
        /// 拟用的渠道
        outlet: Outlet,
        /// 作者是否同意公开
        may_publish: bool,
        /// 作者是否确认不涉及国家秘密
        no_state_secrets: bool,
        /// 作者选择的受理机构
        #[schema(required = true)]
        owner_choice: Option<OwnerChoice>,
        /// 作者为机构时的联系人
        #[schema(required = true)]
        contact_person: Option<Ref>,
        /// 代为登记的人
        #[schema(required = true)]
        recorded_by: Option<Ref>,
        /// 受理的机构
        #[schema(required = true)]
        accepted_by: Option<Ref>,
        /// 所来自的联系活动，名称为活动之日；只有作者可见
        #[schema(required = true)]
        event: Option<Ref>,
        /// 所来自的界别群众；只有作者可见
        #[schema(max_items = 50)]
        constituents: Vec<ConstituentRef>,
        /// 所来自的界别群众的人数
        #[schema(minimum = 0, maximum = 100000, examples(2))]
        constituents_count: i64,
        /// 作出决定所据的决议，名称为决议编号
        #[schema(required = true)]
        resolution: Option<Ref>,
        /// 客户端自定的编号；只有作者可见
        #[schema(required = true, max_length = 100)]
        client_ref: Option<String>,
        /// 文字中像是个人信息的地方；写入理由或反馈的，答复中也有其中的
        #[schema(max_items = 100)]
        warnings: Vec<Warning>,
        /// 相近的社情民意；起草与提交的答复中给出，其余为 null
        #[schema(required = true)]
        similar: Option<SimilarOpinions>,
    }
}

impl Opinion {
    /// With what a text that came along holds of personal data.
    pub fn warned_of(mut self, pointer: &str, text: &str) -> Self {
        self.warnings.extend(warnings(pointer, text));
        self
    }
}

impl Tagged for Opinion {
    fn version(&self) -> i64 {
        self.version
    }
}

page! {
    /// 一页社情民意
    pub OpinionPage of OpinionSummary
}

/// 办理过程中的一步
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Transition {
    /// 标识
    pub id: Id,
    /// 时刻
    pub at: Instant,
    /// 所做的事，以操作名表示；到期自行发生的为 opinion_lapse、agenda_carry_over、feedback_close
    #[schema(max_length = 60, examples("opinion_accept"))]
    pub op: String,
    /// 之前的状态；起始时为 null
    #[serde(rename = "from")]
    #[schema(required = true)]
    pub from_state: Option<State>,
    /// 之后的状态
    #[serde(rename = "to")]
    pub to_state: State,
    /// 以哪个角色；到期自行发生的为 clock
    #[schema(max_length = 40, examples("office"))]
    pub role: String,
    /// 谁
    #[schema(required = true)]
    pub person: Option<Ref>,
    /// 代表的机构
    #[schema(required = true)]
    pub organization: Option<Ref>,
    /// 之后的承办机构
    #[schema(required = true)]
    pub owner: Option<Ref>,
    /// 理由
    #[schema(required = true, max_length = 10000)]
    pub reason: Option<String>,
    /// 所涉的主席会议
    #[schema(required = true)]
    pub meeting: Option<Ref>,
    /// 作出的决定
    #[schema(required = true)]
    pub outcome: Option<Outcome>,
    /// 改变后的渠道
    #[schema(required = true)]
    pub track: Option<Track>,
    /// 版本；过程不会改动
    #[schema(max_length = 40, examples("\"1\""))]
    pub etag: String,
}

page! {
    /// 一页办理过程
    pub TransitionPage of Transition
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
