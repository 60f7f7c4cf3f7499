//! What is shown: opinions, their history, and those like them.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::words::{DueCalendar, Intake, Outcome, Outlet, OwnerChoice};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Warning, warnings};
use crate::contact::constituents::mask::ConstituentRef;
use crate::contact::contact_events::ContentKind;
use crate::directory::refs::Ref;
use crate::http::answer::Tagged;
use crate::http::etag::as_etag;
use crate::opinion::deadlines::Urgency;
use crate::opinion::way::{DueKind, Owes, State, Track};
use crate::page;

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

/// 相近的社情民意
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct SimilarOpinions {
    /// 可以看到的，最相近的在前
    #[schema(max_items = 5)]
    pub items: Vec<SimilarOpinion>,
    /// 另有多少件相近而不能看到的
    #[schema(minimum = 0, maximum = 20, examples(2))]
    pub others: i64,
}

/// 一件相近的社情民意
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SimilarOpinion {
    /// 标识
    pub id: Id,
    /// 标题
    #[schema(max_length = 100, examples("建议在实验小学门口划斑马线"))]
    pub title: String,
    /// 首次提交之日
    #[schema(required = true, examples("2026-02-11"))]
    pub submitted_on: Option<NaiveDate>,
    /// 相近的程度，百分数
    #[schema(minimum = 0, maximum = 100, examples(45))]
    pub likeness: i64,
}
