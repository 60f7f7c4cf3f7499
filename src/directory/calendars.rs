//! 工作日历: days off and weekend days worked (调休), a calendar a year.
//!
//! A jurisdiction's own calendar of a year goes before the published one that the program brings along. A year with neither
//! counts Monday to Friday, and deadlines in it say so.

use std::collections::BTreeMap;

use actix_web::{get, put, web};
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::dated;
use crate::base::calendar::{self, Calendars, FaultKind, List, YearCalendar};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Fault, Maybe, Problem, say};
use crate::db::schema::calendars::{self, dsl};
use crate::db::words::Json;
use crate::db::{Engine, Tx};
use crate::http::answer::Tagged;
use crate::http::etag::as_etag;
use crate::http::{Answer, Ask, Body, Call, IfMatch, Page, PageQuery, Reply};
use crate::policy::Op;
use crate::record;
use crate::{each, overwrite, page, thing, words};

/// The years for which there may be a calendar.
const YEARS: std::ops::RangeInclusive<i64> = 2000..=2100;

/// The years of [`YearCalendar::published`] and the notices that they were published by.
const PUBLISHED: [(i64, &str); 2] = [(2025, "国办发明电〔2024〕12号"), (2026, "国办发明电〔2025〕7号")];

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(calendar_list).service(calendar_read).service(calendar_replace);
}

words! {
    /// 日历的来历
    pub enum CalendarOrigin {
        Published = "published", "国务院办公厅公布的";
        Own = "own", "本地区录入的";
    }
}

/// 一年的工作日历
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Calendar {
    #[serde(skip)]
    #[schema(ignore)]
    id: Id,
    /// 公历年份
    #[schema(minimum = 2000, maximum = 2100, examples(2026))]
    pub year: i64,
    /// 来历
    pub origin: CalendarOrigin,
    /// 周一至周五中的休息日
    #[schema(max_items = 262)]
    pub days_off: Vec<NaiveDate>,
    /// 周六、周日中的上班日（调休）
    #[schema(max_items = 106)]
    pub days_worked: Vec<NaiveDate>,
    /// 依据的文件；没有时为 null
    #[schema(required = true, max_length = 200, examples("国办发明电〔2025〕7号"))]
    pub source: Option<String>,
    /// 版本，用于 If-Match；本地区没有录入过的为 "0"
    #[serde(rename = "etag", serialize_with = "as_etag")]
    #[schema(value_type = String, max_length = 40, examples("\"0\""))]
    pub version: i64,
    /// 最近修改时刻；本地区没有录入过的为 null
    #[schema(required = true)]
    pub updated_at: Option<Instant>,
}

/// 一年工作日历的新内容
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarReplace {
    /// 周一至周五中的休息日
    #[schema(max_items = 262)]
    days_off: Vec<NaiveDate>,
    /// 周六、周日中的上班日（调休）
    #[schema(max_items = 106)]
    days_worked: Vec<NaiveDate>,
    /// 依据的文件
    #[schema(min_length = 1, max_length = 200, examples("国办发明电〔2025〕7号"))]
    source: Option<String>,
}

/// 工作日历的筛选
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CalendarFilter {
    /// 排序：year，前加 - 为倒序；默认 year
    #[param(pattern = "^-?year$", max_length = 5, example = "-year")]
    sort: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

/// The year in the path.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct CalendarAt {
    /// 公历年份
    #[param(minimum = 2000, maximum = 2100, example = 2026)]
    #[serde(deserialize_with = "plain")]
    year: i64,
}

/// One address a year: `+2026` is none.
fn plain<'de, D: serde::Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    let text = String::deserialize(from)?;
    let year = text.parse::<i64>().ok().filter(|year| year.to_string() == text);
    year.ok_or_else(|| serde::de::Error::custom("no year"))
}

page! {
    /// 一页工作日历
    pub CalendarPage of Calendar
}

impl Tagged for Calendar {
    fn version(&self) -> i64 {
        self.version
    }
}

thing!(Calendar, "calendar");

/// 工作日历列表
///
/// 第二十五条：时限按工作日计算。列出公布的与本地区录入的各年日历，各角色都可读。
#[utoipa::path(params(CalendarFilter, PageQuery), responses((status = 200, description = "一页工作日历", body = CalendarPage)))]
#[get("/calendars")]
async fn calendar_list(call: Call, ask: Ask<CalendarFilter>) -> Reply<CalendarPage> {
    call.read(ask, |tx, filter| {
        let page = Page::of(tx, &filter.page, filter.sort.as_deref().unwrap_or("year"), &())?;
        let mut all: BTreeMap<i64, Calendar> = PUBLISHED.iter().filter_map(|(year, _)| Some((*year, published(*year)?))).collect();
        for row in visible(tx).select(Row::as_select()).load(tx.conn)? {
            all.insert(row.year, Calendar::of(row)?);
        }
        let (total, total_is_exact) = page.total_of_few(&filter.page, all.len());
        let (items, next_cursor) = page.of_few(tx, all.into_values().collect(), |calendar| calendar.year.to_string())?;
        Ok(Answer::plain(CalendarPage { items, next_cursor, total, total_is_exact }))
    })
    .await
}

/// 一年的工作日历
///
/// 第二十五条：时限按工作日计算。本地区录入的优先于公布的；两者都没有的年份答复 404，按周一至周五计算。
#[utoipa::path(params(CalendarAt), responses((status = 200, description = "工作日历", body = Calendar)))]
#[get("/calendars/{year}")]
async fn calendar_read(call: Call, at: web::Path<CalendarAt>) -> Reply<Calendar> {
    call.read((), move |tx, ()| find(tx, at.year)?.map(Answer::one).ok_or_else(Problem::not_found)).await
}

/// 录入一年的工作日历
///
/// 第二十五条：管理员按公布的节假日安排录入或更正一年的休息日与调休上班日；办理中的社情民意的时限随后按新的日历重新计算。
/// 本地区没有录入过的年份以 If-Match: "0" 录入。
#[utoipa::path(params(CalendarAt, IfMatch), request_body = CalendarReplace,
    responses((status = 200, description = "已录入", body = Calendar)))]
#[put("/calendars/{year}")]
async fn calendar_replace(call: Call, at: web::Path<CalendarAt>, seen: IfMatch, body: Body<CalendarReplace>) -> Reply<Calendar> {
    call.write(body, move |tx, new| {
        if !YEARS.contains(&at.year) {
            return Err(Problem::not_found());
        }
        let before = find(tx, at.year)?;
        seen.check(before.as_ref().map_or(0, |before| before.version))?;
        let year = checked(at.year, new)?;
        save(tx, before.as_ref(), &year, new.source.as_deref())?;
        let after = find(tx, at.year)?.ok_or_else(|| record::vanished("a calendar"))?;
        let details = match &before {
            Some(before) => dated::correction(before, &after, None),
            None => serde_json::json!({"year": after.year, "days_off": after.days_off, "days_worked": after.days_worked}),
        };
        record::deed_with(tx, Op::calendar_replace, &after, details);
        Ok(Answer::one(after))
    })
    .await
}

/// Every fault of both lists at once.
fn checked(year: i64, new: &CalendarReplace) -> Maybe<YearCalendar> {
    let year = i32::try_from(year).map_err(|_| Problem::not_found())?;
    YearCalendar::new(year, &new.days_off, &new.days_worked)
        .map_err(|faults| Problem::invalid(faults.iter().map(|fault| told(fault, year)).collect()))
}

fn told(fault: &calendar::Fault, year: i32) -> Fault {
    let list = match fault.list {
        List::DaysOff => "days_off",
        List::DaysWorked => "days_worked",
    };
    let say = match fault.kind {
        FaultKind::OutsideYear => say(format!("不是 {year} 年的日子"), format!("not a day of {year}")),
        FaultKind::NotAWeekday => say("是周六或周日，本来就休息", "a Saturday or Sunday, off anyhow"),
        FaultKind::NotAWeekendDay => say("是周一至周五，本来就上班", "a Monday to Friday, worked anyhow"),
        FaultKind::Duplicate => say("不得重复", "must not repeat"),
    };
    Fault::new(format!("/{list}/{}", fault.index), fault.kind.code(), say)
}

fn save(tx: &mut Tx<'_>, before: Option<&Calendar>, year: &YearCalendar, source: Option<&str>) -> Maybe<()> {
    let version = before.map_or(0, |before| before.version);
    let new = (
        dsl::days_off.eq(Json(serde_json::json!(year.days_off()))),
        dsl::days_worked.eq(Json(serde_json::json!(year.days_worked()))),
        dsl::source.eq(source),
        dsl::version.eq(version + 1),
        dsl::updated_at.eq(tx.now),
    );
    if let Some(before) = before.filter(|_| version > 0) {
        return overwrite!(tx, calendars, (before.id, version), new);
    }
    // Of two that were first at once, the later finds the other's row: it has not seen it.
    let own = (
        dsl::id.eq(Id::fresh()),
        dsl::jurisdiction_id.eq(tx.jurisdiction()),
        dsl::year.eq(i64::from(year.year())),
        dsl::counted_version.eq(0_i64),
    );
    dated::one(each!(tx.conn, conn => {
        diesel::insert_into(dsl::calendars).values((own, new)).on_conflict_do_nothing().execute(conn)
    })?)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = calendars)]
struct Row {
    id: Id,
    year: i64,
    days_off: Json,
    days_worked: Json,
    source: Option<String>,
    version: i64,
    updated_at: Instant,
}

impl Calendar {
    fn of(row: Row) -> Maybe<Self> {
        let days = |json: Json| serde_json::from_value(json.0).map_err(Problem::internal);
        Ok(Self {
            id: row.id,
            year: row.year,
            origin: CalendarOrigin::Own,
            days_off: days(row.days_off)?,
            days_worked: days(row.days_worked)?,
            source: row.source,
            version: row.version,
            updated_at: Some(row.updated_at),
        })
    }
}

/// What the program brings along for a year.
fn published(year: i64) -> Option<Calendar> {
    let (_, source) = PUBLISHED.iter().find(|(of, _)| *of == year)?;
    let days = YearCalendar::published(i32::try_from(year).ok()?)?;
    Some(Calendar {
        id: Id::NIL,
        year,
        origin: CalendarOrigin::Published,
        days_off: days.days_off().iter().copied().collect(),
        days_worked: days.days_worked().iter().copied().collect(),
        source: Some((*source).to_owned()),
        version: 0,
        updated_at: None,
    })
}

/// Every query of a calendar starts here.
fn visible(tx: &Tx<'_>) -> calendars::BoxedQuery<'static, Engine> {
    dsl::calendars.filter(dsl::jurisdiction_id.eq(tx.jurisdiction())).into_boxed()
}

/// The calendar that counts for a year: the jurisdiction's own, else the published one.
fn find(tx: &mut Tx<'_>, year: i64) -> Maybe<Option<Calendar>> {
    let own = visible(tx).filter(dsl::year.eq(year)).select(Row::as_select()).first(tx.conn).optional()?;
    own.map_or_else(|| Ok(published(year)), |row| Calendar::of(row).map(Some))
}

/// A calendar that was entered or changed since open deadlines were last counted by it.
#[derive(Clone, Copy, Debug, Queryable)]
pub struct Uncounted {
    id: Id,
    pub year: i64,
    version: i64,
}

pub fn uncounted(tx: &mut Tx<'_>) -> Maybe<Option<Uncounted>> {
    let changed = visible(tx).filter(dsl::counted_version.lt(dsl::version)).order(dsl::year);
    Ok(changed.select((dsl::id, dsl::year, dsl::version)).first(tx.conn).optional()?)
}

/// All open deadlines are counted by this version of it.
pub fn counted(tx: &mut Tx<'_>, calendar: &Uncounted) -> Maybe<()> {
    let row = dsl::calendars.find(calendar.id);
    diesel::update(row).set(dsl::counted_version.eq(calendar.version)).execute(tx.conn)?;
    Ok(())
}

/// The calendars that count in the caller's jurisdiction.
pub fn in_force(tx: &mut Tx<'_>) -> Maybe<Calendars> {
    let own = tx.jurisdiction();
    Ok(in_force_in(tx, &[own])?.remove(&own).unwrap_or_default())
}

/// The calendars that count in each of these jurisdictions, in one statement: for sums over those below.
pub fn in_force_in(tx: &mut Tx<'_>, jurisdictions: &[Id]) -> Maybe<BTreeMap<Id, Calendars>> {
    let rows: Vec<(Id, Row)> = dsl::calendars
        .filter(dsl::jurisdiction_id.eq_any(jurisdictions))
        .select((dsl::jurisdiction_id, Row::as_select()))
        .load(tx.conn)?;
    let published = || PUBLISHED.iter().filter_map(|(year, _)| YearCalendar::published(i32::try_from(*year).ok()?));
    let mut own: BTreeMap<Id, Vec<YearCalendar>> = jurisdictions.iter().map(|id| (*id, published().collect())).collect();
    for (of, row) in rows {
        let year = i32::try_from(row.year).map_err(Problem::internal)?;
        let days = Calendar::of(row)?;
        let calendar = YearCalendar::new(year, &days.days_off, &days.days_worked);
        own.entry(of).or_default().push(calendar.map_err(|_| Problem::internal("a calendar with faults"))?);
    }
    // Later ones of the same year replace earlier ones.
    Ok(own.into_iter().map(|(of, calendars)| (of, calendars.into_iter().collect())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_year_has_its_notice() {
        for year in YEARS {
            let days = i32::try_from(year).ok().and_then(YearCalendar::published);
            assert_eq!(days.is_some(), published(year).is_some(), "{year}");
        }
    }

    #[test]
    fn every_fault_has_its_pointer() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let new = CalendarReplace {
            days_off: vec![day("2027-01-01"), day("2027-01-02"), day("2026-12-31"), day("2027-01-01")],
            days_worked: vec![day("2027-01-04")],
            source: None,
        };
        let refused = checked(2027, &new).expect_err("faults");
        let faults: Vec<_> = refused.faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect();
        assert_eq!(
            faults,
            [
                ("/days_off/1", "not_a_weekday"),
                ("/days_off/2", "outside_year"),
                ("/days_off/3", "repeated"),
                ("/days_worked/0", "not_a_weekend_day"),
            ]
        );
    }
}
