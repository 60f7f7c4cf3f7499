//! What travels: the question, a row, its sums.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::feedback::Answers;
use super::roll_up::Tally;
use super::status::{self, Charged, Row};
use crate::base::id::Id;
use crate::directory::refs::{Names, Ref};
use crate::http::PageQuery;
use crate::opinion::opinions::wire::DueCalendar;
use crate::words;

words! {
    /// 应尽的职责
    pub enum ComplianceDuty {
        Constituents = "constituents", "委员联系群众（第十一条）";
        StandingMembers = "standing_members", "领导联系常委（第十一条）";
        Leader = "leader", "常委有领导联系（第十一条）";
        LeaderReview = "leader_review", "领导每年了解常委工作（第十二条）";
        CommitteeReview = "committee_review", "专委会每年了解委员工作（第十三条）";
        Visits = "visits", "委员走访群众（第十四条）";
    }
}

words! {
    /// 职责履行的情况
    pub enum ComplianceStatus {
        Exempt = "exempt", "免除，或任职不满六十日";
        Met = "met", "已完成";
        OnTrack = "on_track", "尚有时间";
        AtRisk = "at_risk", "有风险";
        Unmet = "unmet", "未完成";
    }
}

words! {
    /// 履职情况所及的条
    pub enum ComplianceArticle {
        Eleven = "11", "联系谁、联系多少";
        Twelve = "12", "领导每年了解常委工作";
        Thirteen = "13", "专委会每年了解委员工作";
        Fourteen = "14", "委员走访群众";
        Nineteen = "19", "对政协工作的意见建议的反馈";
    }
}

words! {
    /// 按什么汇总
    pub enum RollUpBy {
        Sector = "sector", "界别";
        Committee = "committee", "专委会";
        Group = "group", "界别活动组、联络组";
        Jurisdiction = "jurisdiction", "下级地区";
    }
}

impl ComplianceArticle {
    pub fn number(self) -> u8 {
        match self {
            Self::Eleven => 11,
            Self::Twelve => 12,
            Self::Thirteen => 13,
            Self::Fourteen => 14,
            Self::Nineteen => 19,
        }
    }
}

impl From<status::Duty> for ComplianceDuty {
    fn from(duty: status::Duty) -> Self {
        match duty {
            status::Duty::Constituents => Self::Constituents,
            status::Duty::StandingMembers => Self::StandingMembers,
            status::Duty::Leader => Self::Leader,
            status::Duty::LeaderReview => Self::LeaderReview,
            status::Duty::CommitteeReview => Self::CommitteeReview,
            status::Duty::Visits => Self::Visits,
        }
    }
}

impl From<status::Status> for ComplianceStatus {
    fn from(status: status::Status) -> Self {
        match status {
            status::Status::Exempt => Self::Exempt,
            status::Status::Met => Self::Met,
            status::Status::OnTrack => Self::OnTrack,
            status::Status::AtRisk => Self::AtRisk,
            status::Status::Unmet => Self::Unmet,
        }
    }
}

/// 履职情况的年份、日期、筛选与汇总
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ComplianceFilter {
    /// 哪一年，不晚于今年；默认今年
    #[param(minimum = 2000, maximum = 2100, example = 2026)]
    pub year: Option<i32>,
    /// 截至哪一天，在该年之内，不晚于今天；默认今天，往年为 12 月 31 日
    #[param(example = "2026-03-01")]
    pub as_of: Option<NaiveDate>,
    /// 只看这些条；可给多个。11 至 14 为逐人的职责，19 为反馈
    #[param(nullable = false, max_items = 5, example = json!(["14"]))]
    pub article: Option<Vec<ComplianceArticle>>,
    /// 只看这位人员的职责
    pub person: Option<Id>,
    /// 只看这个界别的委员
    pub sector: Option<Id>,
    /// 只看界别对口这个专委会的委员；第十九条为其承办的意见
    pub committee: Option<Id>,
    /// 只看这个界别活动组或联络组的委员
    pub group: Option<Id>,
    /// 只看这些情况的职责；可给多个；按下级地区汇总时不能给出
    #[param(nullable = false, max_items = 5, example = json!(["at_risk", "unmet"]))]
    pub status: Option<Vec<ComplianceStatus>>,
    /// 按什么汇总；给出时答复含 totals、feedback 与 roll_up。jurisdiction 为下级地区，只给汇总，不满五人的不显示
    pub roll_up: Option<RollUpBy>,
    #[serde(flatten)]
    #[param(ignore)]
    pub page: PageQuery,
}

/// 一位人员一年的一项职责
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ComplianceRow {
    /// 条
    #[schema(minimum = 11, maximum = 14, examples(14))]
    pub article: u8,
    /// 职责
    pub duty: ComplianceDuty,
    /// 关于谁：委员、领导或常委
    pub person: Ref,
    /// 截至之日所在的界别，已不任委员的为最后所在的
    #[schema(required = true)]
    pub sector: Option<Ref>,
    /// 该界别对口的专委会
    #[schema(required = true)]
    pub committee: Option<Ref>,
    /// 由谁尽责（个人）；由专委会尽责或无人尽责时为 null
    #[schema(required = true)]
    pub charged_person: Option<Ref>,
    /// 由哪个专委会尽责（第十三条）
    #[schema(required = true)]
    pub charged_committee: Option<Ref>,
    /// 当年任职的第一天
    #[schema(examples("2026-01-01"))]
    pub begins_on: NaiveDate,
    /// 应在哪一天之前完成：12 月 31 日，或更早的任职最后一日
    #[schema(examples("2026-12-31"))]
    pub due_on: NaiveDate,
    /// 当年任职天数，扣除准假
    #[schema(minimum = 0, maximum = 366, examples(365))]
    pub days: u32,
    /// 应完成的数量：群众人数、常委人数、领导人数、了解次数或走访天数
    #[schema(minimum = 0, maximum = 1000, examples(2))]
    pub owed: u32,
    /// 已完成的数量，可多于应完成的
    #[schema(minimum = 0, maximum = 100_000, examples(1))]
    pub done: u32,
    /// 其中经记录者以外的参加者确认或经裁定的
    #[schema(minimum = 0, maximum = 100_000, examples(1))]
    pub confirmed: u32,
    /// 还差多少；免除的为 0
    #[schema(minimum = 0, maximum = 1000, examples(1))]
    pub missing: u32,
    /// 情况
    pub status: ComplianceStatus,
    /// 截至之日有效的免除；没有时为 null
    #[schema(required = true)]
    pub exemption: Option<ComplianceExemption>,
}

/// 免除的起止，理由见 /v1/exemptions/{id}
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ComplianceExemption {
    /// 标识
    pub id: Id,
    /// 生效之日
    #[schema(examples("2026-01-01"))]
    pub from: NaiveDate,
    /// 生效的最后一日；没有期限时为 null
    #[schema(required = true, examples("2026-12-31"))]
    pub to: Option<NaiveDate>,
}

/// 各种情况的职责各有多少
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ComplianceCounts {
    /// 免除的
    #[schema(minimum = 0, maximum = 10_000_000, examples(0))]
    pub exempt: u32,
    /// 已完成的
    #[schema(minimum = 0, maximum = 10_000_000, examples(180))]
    pub met: u32,
    /// 尚有时间的
    #[schema(minimum = 0, maximum = 10_000_000, examples(40))]
    pub on_track: u32,
    /// 有风险的
    #[schema(minimum = 0, maximum = 10_000_000, examples(15))]
    pub at_risk: u32,
    /// 未完成的
    #[schema(minimum = 0, maximum = 10_000_000, examples(5))]
    pub unmet: u32,
    /// 应完成的总量，含免除的
    #[schema(minimum = 0, maximum = 10_000_000, examples(480))]
    pub owed: u32,
    /// 已完成的总量；一人多做的不抵别人少做的
    #[schema(minimum = 0, maximum = 10_000_000, examples(430))]
    pub done: u32,
    /// 其中经确认的
    #[schema(minimum = 0, maximum = 10_000_000, examples(200))]
    pub confirmed: u32,
    /// 逐项还差的总量
    #[schema(minimum = 0, maximum = 10_000_000, examples(70))]
    pub missing: u32,
    /// 涉及多少人
    #[schema(minimum = 0, maximum = 10_000_000, examples(240))]
    pub persons: u32,
    /// 其中职责未免除的
    #[schema(minimum = 0, maximum = 10_000_000, examples(240))]
    pub judged_persons: u32,
}

/// 一项职责的合计
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ComplianceTally {
    /// 条
    #[schema(minimum = 11, maximum = 14, examples(14))]
    pub article: u8,
    /// 职责
    pub duty: ComplianceDuty,
    /// 是否因人数过少而不显示（下级地区）
    pub hidden: bool,
    /// 合计；不显示时为 null
    #[schema(required = true)]
    pub counts: Option<ComplianceCounts>,
}

/// 对政协工作的意见建议在时限内首次反馈的情况（第十九条）
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct FeedbackCounts {
    /// 时限已到的
    #[schema(minimum = 0, maximum = 10_000_000, examples(12))]
    pub due: u32,
    /// 时限内反馈的
    #[schema(minimum = 0, maximum = 10_000_000, examples(10))]
    pub on_time: u32,
    /// 逾期后反馈的
    #[schema(minimum = 0, maximum = 10_000_000, examples(1))]
    pub late: u32,
    /// 逾期仍未反馈的
    #[schema(minimum = 0, maximum = 10_000_000, examples(1))]
    pub open: u32,
    /// 作者人数
    #[schema(minimum = 0, maximum = 10_000_000, examples(9))]
    pub persons: u32,
}

/// 一个承办机构的反馈情况（第十九条）
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ComplianceFeedback {
    /// 条，总是 19
    #[schema(minimum = 19, maximum = 19, examples(19))]
    pub article: u8,
    /// 时限届满之日的承办机构
    #[schema(required = true)]
    pub owner: Option<Ref>,
    /// 数目
    pub counts: FeedbackCounts,
}

/// 汇总的一格
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ComplianceCell {
    /// 界别、专委会、组或下级地区；null 为不属任何一个的
    #[schema(required = true)]
    pub of: Option<Ref>,
    /// 下级地区的行政区划代码；其他汇总为 null
    #[schema(required = true, max_length = 6, examples("330327"))]
    pub code: Option<String>,
    /// 各项职责的合计
    #[schema(max_items = 6)]
    pub duties: Vec<ComplianceTally>,
    /// 第十九条的数目，只在按下级地区汇总时给出；没有到期的，或因人数过少不显示的为 null
    #[schema(required = true)]
    pub feedback: Option<FeedbackCounts>,
    /// 第十九条的数目是否因人数过少而不显示
    pub feedback_hidden: bool,
}

/// 履职情况
#[derive(Debug, Serialize, ToSchema)]
pub struct ComplianceReport {
    /// 年份
    #[schema(minimum = 2000, maximum = 2100, examples(2026))]
    pub year: i32,
    /// 截至之日
    #[schema(examples("2026-03-01"))]
    pub as_of: NaiveDate,
    /// 本页的逐人职责，按条、职责、人员的次序
    #[schema(max_items = 100)]
    pub items: Vec<ComplianceRow>,
    /// 下一页的游标；没有下一页时为 null
    #[schema(required = true, max_length = 1000)]
    pub next_cursor: Option<String>,
    /// 总数，with_total=true 时给出；超过 10000 时为 10000
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 10000)]
    pub total: Option<i64>,
    /// total 是否为准确值
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub total_is_exact: Option<bool>,
    /// 各项职责的合计，with_total=true 或有 roll_up 时给出
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_items = 6)]
    pub totals: Option<Vec<ComplianceTally>>,
    /// 汇总的各格，有 roll_up 时给出
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_items = 1000)]
    pub roll_up: Option<Vec<ComplianceCell>>,
    /// 第十九条按承办机构的数目，article=19、with_total=true 或有 roll_up 时给出
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_items = 1000)]
    pub feedback: Option<Vec<ComplianceFeedback>>,
    /// 第十九条截至之日：往年在其意见全部到期之前为今天
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, examples("2026-03-01"))]
    pub feedback_as_of: Option<NaiveDate>,
    /// 第十九条时限所依据的工作日历
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub calendar: Option<DueCalendar>,
}

/// The names that rows need, read once for a page.
pub struct Named {
    pub persons: Names,
    pub sectors: Names,
    pub organizations: Names,
}

impl ComplianceRow {
    pub fn of(row: &Row, exemption: Option<ComplianceExemption>, named: &Named) -> Self {
        let (person, committee) = match row.charged {
            Some(Charged::Person(id)) => (Some(Id(id)), None),
            Some(Charged::Committee(id)) => (None, Some(Id(id))),
            None => (None, None),
        };
        Self {
            article: row.article,
            duty: row.duty.into(),
            person: named.persons.of(Id(row.subject)),
            sector: named.sectors.maybe(row.sector.map(Id)),
            committee: named.organizations.maybe(row.committee.map(Id)),
            charged_person: named.persons.maybe(person),
            charged_committee: named.organizations.maybe(committee),
            begins_on: row.begins_on,
            due_on: row.due_on,
            days: row.days,
            owed: row.owed,
            done: row.done,
            confirmed: row.confirmed,
            missing: row.missing,
            status: row.status.into(),
            exemption,
        }
    }
}

impl From<Tally> for ComplianceCounts {
    fn from(tally: Tally) -> Self {
        let Tally { exempt, met, on_track, at_risk, unmet, owed, done, confirmed, missing, persons, judged_persons } = tally;
        Self { exempt, met, on_track, at_risk, unmet, owed, done, confirmed, missing, persons, judged_persons }
    }
}

impl From<Answers> for FeedbackCounts {
    fn from(answers: Answers) -> Self {
        let Answers { due, on_time, late, open, persons } = answers;
        Self { due, on_time, late, open, persons }
    }
}

impl ComplianceTally {
    /// `None`: withheld.
    pub fn of(duty: status::Duty, tally: Option<Tally>) -> Self {
        Self { article: duty.article(), duty: duty.into(), hidden: tally.is_none(), counts: tally.map(Into::into) }
    }
}
