//! 设置: the thresholds and deadlines that a jurisdiction sets for itself, in dated versions.
//!
//! A version is whole and holds from its first day until the next one's; none is changed or taken back, so that what was judged
//! by an earlier version stays judged by it. A new one begins today at the earliest.

use actix_web::{get, post};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::dated;
use super::dictionaries::{self, DictionaryCode};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Fault, Maybe, Problem, say};
use crate::db::schema::settings_versions::{self, dsl};
use crate::db::words::Json;
use crate::db::{Conn, Engine, Tx};
use crate::http::answer::Tagged;
use crate::http::etag::as_etag;
use crate::http::{Answer, Ask, At, Body, Call, Page, PageQuery, Reply};
use crate::policy::Op;
use crate::record;
use crate::{keyset, page, paged, thing};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(settings_list).service(settings_create).service(settings_read);
}

/// One list for what stands in a version, for what a new version may give, and for the regulation's own values.
macro_rules! settings {
    ($($(#[doc = $doc:literal])+ #[schema($($rule:tt)*)] $field:ident: $type:ty = $default:expr;)+) => {
        /// 标准与时限
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(default)]
        pub struct Settings {
            $($(#[doc = $doc])+ #[schema(required = true, $($rule)*)] pub $field: $type,)+
        }

        impl Default for Settings {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        /// 要改变的标准与时限；没有给出的沿用那一天有效的
        #[derive(Clone, Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct SettingsChange {
            $($(#[doc = $doc])+ #[schema(required = false, nullable = false, $($rule)*)] $field: Option<$type>,)+
        }

        impl SettingsChange {
            fn on_top_of(&self, base: Settings) -> Settings {
                Settings { $($field: self.$field.clone().unwrap_or(base.$field),)+ }
            }
        }
    };
}

settings! {
    /// 第十四条：每年走访群众的次数
    #[schema(minimum = 1, maximum = 366, examples(2))]
    visits_a_year: u32 = 2;
    /// 第十一条：联系群众的人数
    #[schema(minimum = 1, maximum = 1000, examples(5))]
    constituents: u32 = 5;
    /// 第十四条：计为走访的联系形式，取字典 contact_forms 中的代码
    #[schema(value_type = Vec<DictionaryCode>, min_items = 1, max_items = 20)]
    counting_forms: Vec<String> = vec!["visit".to_owned(), "reciprocal_visit".to_owned()];
    /// 年底前不足多少天未完成即为有风险
    #[schema(minimum = 0, maximum = 366, examples(90))]
    at_risk_days: u32 = 90;
    /// 任职后多少天内不计联系群众人数不足
    #[schema(minimum = 0, maximum = 366, examples(60))]
    grace_days: u32 = 60;
    /// 第十九条：首次反馈的工作日数
    #[schema(minimum = 1, maximum = 250, examples(60))]
    first_feedback_days: u32 = 60;
    /// 审查（受理）的工作日数
    #[schema(minimum = 1, maximum = 250, examples(3))]
    triage_days: u32 = 3;
    /// 报送的工作日数
    #[schema(minimum = 1, maximum = 250, examples(10))]
    report_days: u32 = 10;
    /// 会后作出决定的工作日数
    #[schema(minimum = 1, maximum = 250, examples(5))]
    decision_days: u32 = 5;
    /// 决定后反馈的工作日数
    #[schema(minimum = 1, maximum = 250, examples(5))]
    feedback_days: u32 = 5;
    /// 作者确认反馈的工作日数
    #[schema(minimum = 1, maximum = 250, examples(15))]
    acknowledgement_days: u32 = 15;
    /// 对谢绝提出异议的工作日数
    #[schema(minimum = 1, maximum = 250, examples(15))]
    objection_days: u32 = 15;
    /// 退回后多少个自然日未重新提交即作撤回
    #[schema(minimum = 1, maximum = 366, examples(30))]
    lapse_days: u32 = 30;
    /// 社情民意正文的最多字数（不计空白与标题）
    #[schema(minimum = 100, maximum = 10000, examples(1500))]
    opinion_characters: u32 = 1500;
    /// 谢绝是否只由专委会主任办理
    #[schema(examples(false))]
    decline_by_chair: bool = false;
    /// 每小时查看群众联系方式的次数上限
    #[schema(minimum = 1, maximum = 1000, examples(20))]
    reveals_an_hour: u32 = 20;
    /// 多少个月没有联系即隐去群众的个人信息
    #[schema(minimum = 1, maximum = 120, examples(24))]
    anonymise_months: u32 = 24;
    /// 委员离任后多少天隐去所联系群众的个人信息；其间可更正误录的离任
    #[schema(minimum = 0, maximum = 366, examples(30))]
    leaver_grace_days: u32 = 30;
}

/// The settings of the caller's jurisdiction on `day`; the defaults where none were made.
pub fn on(tx: &mut Tx<'_>, day: NaiveDate) -> Maybe<Settings> {
    let of = visible(tx).filter(dsl::from_day.le(day)).order(dsl::from_day.desc());
    let values: Option<Json> = of.select(dsl::values).first(tx.conn).optional()?;
    values.map_or_else(|| Ok(Settings::default()), |values| serde_json::from_value(values.0).map_err(Problem::internal))
}

/// The settings on many days, in one statement.
pub struct Dated(Vec<(NaiveDate, Settings)>);

impl Dated {
    pub fn load(tx: &mut Tx<'_>) -> Maybe<Self> {
        let versions: Vec<(NaiveDate, Json)> =
            visible(tx).order(dsl::from_day.asc()).select((dsl::from_day, dsl::values)).load(tx.conn)?;
        let read = |(from, values): (NaiveDate, Json)| {
            serde_json::from_value(values.0).map(|values| (from, values)).map_err(Problem::internal)
        };
        Ok(Self(versions.into_iter().map(read).collect::<Maybe<_>>()?))
    }

    /// Those in force on `day`; the defaults before the first.
    pub fn on(&self, day: NaiveDate) -> Settings {
        self.0.iter().rfind(|(from, _)| *from <= day).map(|(_, values)| values.clone()).unwrap_or_default()
    }
}

/// 设置的一个版本
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SettingsVersion {
    /// 标识
    pub id: Id,
    /// 生效之日；到下一个版本生效的前一日为止
    #[schema(examples("2026-07-01"))]
    pub from: NaiveDate,
    /// 标准与时限
    pub values: Settings,
    /// 理由或依据；没有时为 null
    #[schema(required = true, max_length = 200, examples("十届第五次主席会议决定"))]
    pub reason: Option<String>,
    /// 版本；设置只增不改，总是 "1"
    #[serde(rename = "etag", serialize_with = "as_etag")]
    #[schema(value_type = String, max_length = 40, examples("\"1\""))]
    pub version: i64,
    /// 录入时刻
    pub created_at: Instant,
}

/// 设置的新版本
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsCreate {
    /// 生效之日，不早于今日
    #[schema(examples("2026-07-01"))]
    from: NaiveDate,
    /// 要改变的标准与时限
    values: SettingsChange,
    /// 理由或依据
    #[schema(nullable = false, min_length = 1, max_length = 200, examples("十届第五次主席会议决定"))]
    reason: Option<String>,
}

/// 设置的筛选
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SettingsFilter {
    /// 只列这一天有效的版本
    #[param(example = "2026-03-01")]
    as_of: Option<NaiveDate>,
    /// 排序：from，前加 - 为倒序；默认 -from
    #[param(pattern = "^-?from$", max_length = 5, example = "-from")]
    sort: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

page! {
    /// 一页设置的版本
    pub SettingsPage of SettingsVersion
}

impl Tagged for SettingsVersion {
    fn version(&self) -> i64 {
        self.version
    }
}

thing!(SettingsVersion, "settings");

/// 设置的版本列表
///
/// 第二十五条：各项时限与标准的各个版本，各角色都可读；可查某一天有效的。
#[utoipa::path(params(SettingsFilter, PageQuery), responses((status = 200, description = "一页版本", body = SettingsPage)))]
#[get("/settings")]
async fn settings_list(call: Call, ask: Ask<SettingsFilter>) -> Reply<SettingsPage> {
    call.read(ask, |tx, filter| {
        let page = Page::of(tx, &filter.page, filter.sort.as_deref().unwrap_or("-from"), &filter.as_of)?;
        let in_force = filter.as_of.map(|day| first_day(tx, day)).transpose()?;
        let list = |tx: &Tx<'_>| match in_force {
            None => visible(tx),
            Some(from) => visible(tx).filter(dsl::from_day.nullable().eq(from)),
        };
        let rows = keyset!(tx, &page, list(tx), Row::as_select(), settings_versions { "from" => from_day: Date, NaiveDate });
        let mark = |row: &Row| (row.from_day.to_string(), row.id);
        let show = |rows: Vec<Row>| rows.into_iter().map(SettingsVersion::of).collect::<Maybe<Vec<_>>>();
        Ok(Answer::plain(paged!(SettingsPage, tx, page, filter.page, rows, mark, show, list(tx).select(dsl::id))))
    })
    .await
}

/// 新增设置的版本
///
/// 第二十五条：管理员自某日起改变时限与标准；没有给出的沿用那一天有效的。同一天只能有一个版本，已有的不改不删。
#[utoipa::path(request_body = SettingsCreate, responses((status = 201, description = "已新增", body = SettingsVersion)))]
#[post("/settings")]
async fn settings_create(call: Call, body: Body<SettingsCreate>) -> Reply<SettingsVersion> {
    call.write(body, |tx, new| {
        check(tx, new)?;
        let before = on(tx, new.from)?;
        let after = new.values.on_top_of(before.clone());
        let id = insert(tx.conn, tx.caller.jurisdiction, new.from, &after, new.reason.as_deref(), tx.now)?;
        let version = find(tx, id)?;
        let mut details = dated::correction(&before, &after, new.reason.as_deref());
        details["from"] = serde_json::json!(new.from);
        record::deed_with(tx, Op::settings_create, &version, details);
        Ok(Answer::created(format!("/v1/settings/{id}"), version))
    })
    .await
}

/// 设置的一个版本
///
/// 第二十五条：各角色都可读。
#[utoipa::path(params(At), responses((status = 200, description = "版本", body = SettingsVersion)))]
#[get("/settings/{id}")]
async fn settings_read(call: Call, at: At) -> Reply<SettingsVersion> {
    call.read((), move |tx, ()| Ok(Answer::one(find(tx, at.id)?))).await
}

fn check(tx: &mut Tx<'_>, new: &SettingsCreate) -> Maybe<()> {
    let mut faults = Vec::new();
    if new.from < tx.today {
        faults.push(Fault::new("/from", "in_the_past", say("生效之日不得早于今日", "the first day must not be before today")));
    }
    let forms = new.values.counting_forms.as_deref().unwrap_or_default();
    let known = if forms.is_empty() { Vec::new() } else { dictionaries::entries(tx, "contact_forms")?.unwrap_or_default() };
    for (at, form) in forms.iter().enumerate() {
        let mut fault = |code: &str, say| faults.push(Fault::new(format!("/values/counting_forms/{at}"), code, say));
        if !known.iter().any(|entry| entry.code == *form && entry.active) {
            fault("unknown_code", say("不是字典 contact_forms 中在用的代码", "no code in use of the dictionary contact_forms"));
        }
        if forms[..at].contains(form) {
            fault("repeated", say("不得重复", "must not repeat"));
        }
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let taken: Option<Id> = visible(tx).filter(dsl::from_day.eq(new.from)).select(dsl::id).first(tx.conn).optional()?;
    dated::refuse(taken.is_some(), say("这一天已有一个版本", "there is a version from that day already"))
}

/// A version as it is given: whole, whatever day it begins.
pub fn insert(conn: &mut Conn, of: Id, from: NaiveDate, values: &Settings, reason: Option<&str>, now: Instant) -> Maybe<Id> {
    let id = Id::fresh();
    let row = (
        dsl::id.eq(id),
        dsl::jurisdiction_id.eq(of),
        dsl::from_day.eq(from),
        dsl::values.eq(Json(serde_json::to_value(values).map_err(Problem::internal)?)),
        dsl::reason.eq(reason),
        dsl::version.eq(1_i64),
        dsl::created_at.eq(now),
    );
    diesel::insert_into(dsl::settings_versions).values(row).execute(conn)?;
    Ok(id)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = settings_versions)]
struct Row {
    id: Id,
    from_day: NaiveDate,
    values: Json,
    reason: Option<String>,
    version: i64,
    created_at: Instant,
}

impl SettingsVersion {
    fn of(row: Row) -> Maybe<Self> {
        let values = serde_json::from_value(row.values.0).map_err(Problem::internal)?;
        let Row { id, from_day: from, reason, version, created_at, .. } = row;
        Ok(Self { id, from, values, reason, version, created_at })
    }
}

/// Every query of a version starts here.
fn visible(tx: &Tx<'_>) -> settings_versions::BoxedQuery<'static, Engine> {
    dsl::settings_versions.filter(dsl::jurisdiction_id.eq(tx.jurisdiction())).into_boxed()
}

fn find(tx: &mut Tx<'_>, id: Id) -> Maybe<SettingsVersion> {
    SettingsVersion::of(visible(tx).filter(dsl::id.eq(id)).select(Row::as_select()).first(tx.conn)?)
}

/// The first day of the version in force on `day`.
fn first_day(tx: &mut Tx<'_>, day: NaiveDate) -> Maybe<Option<NaiveDate>> {
    Ok(visible(tx).filter(dsl::from_day.le(day)).select(diesel::dsl::max(dsl::from_day)).first(tx.conn)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_stays() {
        let change: SettingsChange = serde_json::from_value(serde_json::json!({"triage_days": 5})).expect("a change");
        let base = Settings { visits_a_year: 4, ..Settings::default() };
        assert_eq!(change.on_top_of(base.clone()), Settings { triage_days: 5, ..base });
    }

    #[test]
    fn a_version_of_an_older_program_is_read_with_the_regulations_values() {
        let old: Settings = serde_json::from_value(serde_json::json!({"visits_a_year": 4, "gone": 1})).expect("settings");
        assert_eq!(old, Settings { visits_a_year: 4, ..Settings::default() });
    }
}
