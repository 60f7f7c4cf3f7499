//! 设置: the thresholds and deadlines that a jurisdiction sets for itself, in dated versions.
//!
//! A version holds from its first day until the next one's; what was judged by an earlier version stays judged by it.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::base::problem::{Maybe, Problem};
use crate::db::Tx;
use crate::db::schema::settings_versions;
use crate::db::words::Json;

/// 标准与时限
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// 第十四条：每年走访群众的次数
    #[schema(minimum = 1, maximum = 366, examples(2))]
    pub visits_a_year: u32,
    /// 第十一条：联系群众的人数
    #[schema(minimum = 1, maximum = 1000, examples(5))]
    pub constituents: u32,
    /// 第十四条：计为走访的联系形式
    #[schema(min_items = 1, max_items = 20)]
    pub counting_forms: Vec<String>,
    /// 年底前不足多少天未完成即为有风险
    #[schema(minimum = 0, maximum = 366, examples(90))]
    pub at_risk_days: u32,
    /// 任职后多少天内不计联系群众人数不足
    #[schema(minimum = 0, maximum = 366, examples(60))]
    pub grace_days: u32,
    /// 第十九条：首次反馈的工作日数
    #[schema(minimum = 1, maximum = 250, examples(60))]
    pub first_feedback_days: u32,
    /// 审查（受理）的工作日数
    #[schema(minimum = 1, maximum = 250, examples(3))]
    pub triage_days: u32,
    /// 报送的工作日数
    #[schema(minimum = 1, maximum = 250, examples(10))]
    pub report_days: u32,
    /// 会后作出决定的工作日数
    #[schema(minimum = 1, maximum = 250, examples(5))]
    pub decision_days: u32,
    /// 决定后反馈的工作日数
    #[schema(minimum = 1, maximum = 250, examples(5))]
    pub feedback_days: u32,
    /// 作者确认反馈的工作日数
    #[schema(minimum = 1, maximum = 250, examples(15))]
    pub acknowledgement_days: u32,
    /// 对谢绝提出异议的工作日数
    #[schema(minimum = 1, maximum = 250, examples(15))]
    pub objection_days: u32,
    /// 退回后多少个自然日未重新提交即作撤回
    #[schema(minimum = 1, maximum = 366, examples(30))]
    pub lapse_days: u32,
    /// 社情民意正文的最多字数（不计空白与标题）
    #[schema(minimum = 100, maximum = 10000, examples(1500))]
    pub opinion_characters: u32,
    /// 谢绝是否只由专委会主任办理
    pub decline_by_chair: bool,
    /// 每小时查看群众联系方式的次数上限
    #[schema(minimum = 1, maximum = 1000, examples(20))]
    pub reveals_an_hour: u32,
    /// 多少个月没有联系即隐去群众的个人信息
    #[schema(minimum = 1, maximum = 120, examples(24))]
    pub anonymise_months: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            visits_a_year: 2,
            constituents: 5,
            counting_forms: vec!["visit".to_owned(), "reciprocal_visit".to_owned()],
            at_risk_days: 90,
            grace_days: 60,
            first_feedback_days: 60,
            triage_days: 3,
            report_days: 10,
            decision_days: 5,
            feedback_days: 5,
            acknowledgement_days: 15,
            objection_days: 15,
            lapse_days: 30,
            opinion_characters: 1500,
            decline_by_chair: false,
            reveals_an_hour: 20,
            anonymise_months: 24,
        }
    }
}

/// The settings of the caller's jurisdiction on `day`; the defaults where none were made.
pub fn on(tx: &mut Tx<'_>, day: NaiveDate) -> Maybe<Settings> {
    let values: Option<Json> = settings_versions::table
        .filter(settings_versions::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(settings_versions::from_day.le(day))
        .order(settings_versions::from_day.desc())
        .select(settings_versions::values)
        .first(tx.conn)
        .optional()?;
    values.map_or_else(|| Ok(Settings::default()), |values| serde_json::from_value(values.0).map_err(Problem::internal))
}
