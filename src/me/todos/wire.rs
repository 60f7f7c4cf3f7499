//! What travels of to-dos.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::base::id::Id;
use crate::http::PageQuery;
use crate::me::notifications::ThingRef;
use crate::me::texts::Bilingual;
use crate::opinion::opinions::wire::DueCalendar;
use crate::policy::Op;
use crate::{page, words};

words! {
    /// 待办的种类
    pub enum TodoKind {
        OpinionTriage = "opinion_triage", "审查社情民意";
        OpinionReport = "opinion_report", "报送社情民意";
        OpinionDecision = "opinion_decision", "记录主席会议的决定";
        OpinionFeedback = "opinion_feedback", "向作者反馈";
        OpinionResubmission = "opinion_resubmission", "修改并重新提交退回的社情民意";
        FeedbackAcknowledgement = "feedback_acknowledgement", "确认收到的反馈";
        EventConfirmation = "event_confirmation", "确认关于自己的联系记录";
        EventSettlement = "event_settlement", "裁定有异议的联系记录";
        Duty = "duty", "当年有风险或未完成的职责";
        TellBack = "tell_back", "回告群众";
    }
}

/// 一件待办
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Todo {
    /// 种类
    pub kind: TodoKind,
    /// 要做什么
    pub title: Bilingual,
    /// 所及的事项；职责为所关的人员 (person)
    pub thing: ThingRef,
    /// 从哪一天起；不知道的为 null
    #[schema(required = true, examples("2026-03-02"))]
    pub since: Option<NaiveDate>,
    /// 时限的最后一日；没有时限的为 null
    #[schema(required = true, examples("2026-03-05"))]
    pub due_on: Option<NaiveDate>,
    /// 时限所据的工作日历：known 为已公布或已录入，assumed 为推算；没有时限的为 null
    #[schema(required = true)]
    pub calendar: Option<DueCalendar>,
    /// 逾期多少个自然日；未逾期的为 0
    #[schema(minimum = 0, maximum = 100_000, examples(0))]
    pub overdue_days: i64,
    /// 办理它的操作 (operationId)；须由他人办理的为 null
    #[schema(required = true, max_length = 60, examples("opinion_accept"))]
    pub operation: Option<String>,
}

/// 待办的筛选
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TodoFilter {
    /// 只列这些种类的；可给多个
    #[param(nullable = false, max_items = 10, example = json!(["opinion_triage"]))]
    pub kind: Option<Vec<TodoKind>>,
    /// true 只列逾期的
    #[param(example = true)]
    pub overdue: Option<bool>,
    #[serde(flatten)]
    #[param(ignore)]
    pub page: PageQuery,
}

page! {
    /// 一页待办
    pub TodoPage of Todo
}

impl Todo {
    pub fn new(kind: TodoKind, title: Bilingual, thing: (&str, Id)) -> Self {
        Self {
            kind,
            title,
            thing: ThingRef { kind: thing.0.to_owned(), id: thing.1 },
            since: None,
            due_on: None,
            calendar: None,
            overdue_days: 0,
            operation: None,
        }
    }

    pub fn since(mut self, day: NaiveDate) -> Self {
        self.since = Some(day);
        self
    }

    pub fn due(mut self, day: NaiveDate, assumed: bool, today: NaiveDate) -> Self {
        self.due_on = Some(day);
        self.calendar = Some(if assumed { DueCalendar::Assumed } else { DueCalendar::Known });
        self.overdue_days = (today - day).num_days().max(0);
        self
    }

    pub fn by(mut self, op: Op) -> Self {
        self.operation = Some(op.as_str().to_owned());
        self
    }
}
