//! What travels of feedback and its receipts.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::Warning;
use crate::directory::refs::Ref;
use crate::http::PageQuery;
use crate::http::answer::Tagged;
use crate::http::etag::as_etag;
use crate::opinion::opinions::wire::{OpinionAuthor, Outcome};
use crate::{page, words};

words! {
    /// 回执的状态
    pub enum ReceiptState {
        Open = "open", "待作者确认";
        Acknowledged = "acknowledged", "作者已确认";
        NoResponse = "no_response", "逾期未回应";
        Ended = "ended", "因重新办理而终止";
        NotRequired = "not_required", "不要求确认";
    }
}

words! {
    /// 作者对反馈的满意程度
    pub enum Satisfaction {
        Satisfied = "satisfied", "满意";
        BasicallySatisfied = "basically_satisfied", "基本满意";
        Dissatisfied = "dissatisfied", "不满意";
    }
}

views! {
    /// 采纳情况反馈（列表中的一项，不含文字）
    AdoptionFeedbackSummary,
    /// 采纳情况反馈：给一位作者的一份回执
    AdoptionFeedback,
    FeedbackTexts,
    {
        /// 标识
        id: Id,
        /// 社情民意，名称为其标题
        opinion: Ref,
        /// 第几次反馈
        #[schema(minimum = 1, maximum = 100000, examples(1))]
        round: i64,
        /// 给哪位作者
        author: OpinionAuthor,
        /// 作者的界别
        #[schema(required = true)]
        sector: Option<Ref>,
        /// 当时的承办机构
        #[schema(required = true)]
        owner: Option<Ref>,
        /// 采纳情况
        outcome: Outcome,
        /// 反馈之日
        #[schema(examples("2026-04-02"))]
        given_on: NaiveDate,
        /// 谁反馈的
        #[schema(required = true)]
        given_by: Option<Ref>,
        /// 是否在时限之内；没有时限时为 null
        #[schema(required = true)]
        in_time: Option<bool>,
        /// 作者确认的最后一日
        #[schema(required = true, examples("2026-04-24"))]
        due_on: Option<NaiveDate>,
        /// 回执的状态
        state: ReceiptState,
        /// 满意程度
        #[schema(required = true)]
        satisfaction: Option<Satisfaction>,
        /// 确认的时刻
        #[schema(required = true)]
        acknowledged_at: Option<Instant>,
        /// 现在可做的事，以操作名表示
        #[schema(max_items = 5, examples("feedback_acknowledge"))]
        allowed_actions: Vec<&'static str>,
        /// 版本，用于 If-Match
        #[serde(rename = "etag", serialize_with = "as_etag")]
        #[schema(value_type = String, max_length = 40, examples("\"1\""))]
        version: i64,
        /// 录入时刻
        created_at: Instant,
        /// 最近修改时刻
        updated_at: Instant,
    }
    {
        /// 反馈的内容
        #[schema(max_length = 10000, examples("已采纳，斑马线将于四月底前施划。"))]
        text: String,
        /// 作者的意见
        #[schema(required = true, max_length = 2000)]
        comment: Option<String>,
        /// 文字中像是个人信息的地方
        #[schema(max_items = 40)]
        warnings: Vec<Warning>,
    }
}

page! {
    /// 一页采纳情况反馈
    pub AdoptionFeedbackPage of AdoptionFeedbackSummary
}

impl Tagged for AdoptionFeedback {
    fn version(&self) -> i64 {
        self.version
    }
}

/// 给作者的反馈
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionFeedback {
    /// 采纳情况的说明
    #[schema(format = "multi-line", min_length = 1, max_length = 10000, examples("已采纳，斑马线将于四月底前施划。"))]
    pub text: String,
}

/// 作者的确认
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedbackAcknowledge {
    /// 满意程度
    pub satisfaction: Satisfaction,
    /// 意见
    #[schema(format = "multi-line", nullable = false, min_length = 1, max_length = 2000, examples("谢谢，已转告群众。"))]
    pub comment: Option<String>,
}

/// 采纳情况反馈的筛选；同一参数给多次表示任一
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FeedbackFilter {
    /// 社情民意
    #[serde(default)]
    #[param(max_items = 20)]
    pub opinion: Vec<Id>,
    /// 作者：人员或机构
    #[serde(default)]
    #[param(max_items = 20)]
    pub author: Vec<Id>,
    /// 回执的状态
    #[serde(default)]
    #[param(max_items = 5)]
    pub state: Vec<ReceiptState>,
    /// 采纳情况
    #[serde(default)]
    #[param(max_items = 5)]
    pub outcome: Vec<Outcome>,
    /// 满意程度
    #[serde(default)]
    #[param(max_items = 3)]
    pub satisfaction: Vec<Satisfaction>,
    /// 是否在时限之内反馈
    pub in_time: Option<bool>,
    /// 反馈之日，自（含）
    #[param(example = "2026-01-01")]
    pub given_from: Option<NaiveDate>,
    /// 反馈之日，至（不含）
    #[param(example = "2027-01-01")]
    pub given_before: Option<NaiveDate>,
    /// 排序：id（即反馈先后），前加 - 为倒序；默认 -id
    #[param(pattern = "^-?id$", example = "-id")]
    pub sort: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub page: PageQuery,
}
