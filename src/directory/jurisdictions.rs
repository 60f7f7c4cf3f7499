//! 地区: the tenant, one CPPCC committee, and its place below a city, a province and the nation.
//!
//! On the wire a jurisdiction is its GB/T 2260 code in force today. Codes change: every one that it has had keeps its days and
//! goes on finding it, none is ever given to another, and each jurisdiction has exactly one code without a last day. Everybody
//! sees the own jurisdiction and those below it.

use std::collections::{BTreeSet, HashMap};

use actix_web::{get, patch, web};
use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::dated;
use crate::base::calendar::local_day;
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Code, Maybe, Problem, say};
use crate::db::schema::{jurisdiction_codes, jurisdictions};
use crate::db::words::Uuid;
use crate::db::{Conn, Engine, Tx};
use crate::http::answer::Tagged;
use crate::http::etag::as_etag;
use crate::http::{Answer, Ask, Body, Call, IfMatch, Page, PageQuery, Reply};
use crate::policy::Op;
use crate::record;
use crate::{keyset, overwrite, page, paged, thing, words};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(jurisdiction_list).service(jurisdiction_read).service(jurisdiction_update);
}

words! {
    /// 地区的级别
    pub enum Level {
        Nation = "nation", "全国";
        Province = "province", "省级";
        City = "city", "地市级";
        County = "county", "县级";
    }
}

impl Level {
    /// The level that a division code tells (GB/T 2260: two digits each for province, city and county); none for what is no
    /// code.
    pub fn of(code: &str) -> Option<Self> {
        if code.len() != 6 || !code.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        match (&code[..2], &code[2..4], &code[4..]) {
            ("00" | "10", "00", "00") => Some(Self::Nation),
            (province, ..) if !("11"..="91").contains(&province) => None,
            (_, "00", "00") => Some(Self::Province),
            (_, _, "00") => Some(Self::City),
            _ => Some(Self::County),
        }
    }
}

/// 地区的引用：现行代码与名称
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct JurisdictionRef {
    /// 现行的行政区划代码 (GB/T 2260)
    #[schema(pattern = "^[0-9]{6}$", max_length = 6, examples("330300"))]
    pub code: String,
    /// 名称
    #[schema(max_length = 100, examples("政协温州市委员会"))]
    pub name: String,
}

/// 地区
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Jurisdiction {
    #[serde(skip)]
    #[schema(ignore)]
    id: Id,
    /// 现行的行政区划代码 (GB/T 2260)
    #[schema(pattern = "^[0-9]{6}$", max_length = 6, examples("330327"))]
    pub code: String,
    /// 名称
    #[schema(max_length = 100, examples("政协苍南县委员会"))]
    pub name: String,
    /// 级别
    pub level: Level,
    /// 上级地区；没有时为 null
    #[schema(required = true)]
    pub parent: Option<JurisdictionRef>,
    /// 时区 (IANA)，日期与时限以此为准
    #[schema(max_length = 40, examples("Asia/Shanghai"))]
    pub time_zone: String,
    /// 曾用、现行与将启用的代码，按启用之日排列
    #[schema(max_items = 100)]
    pub codes: Vec<JurisdictionCode>,
    /// 版本，用于 If-Match
    #[serde(rename = "etag", serialize_with = "as_etag")]
    #[schema(value_type = String, max_length = 40, examples("\"3\""))]
    pub version: i64,
    /// 录入时刻
    pub created_at: Instant,
    /// 最近修改时刻
    pub updated_at: Instant,
}

/// 行政区划代码及其有效期
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct JurisdictionCode {
    /// 代码
    #[schema(pattern = "^[0-9]{6}$", max_length = 6, examples("330327"))]
    pub code: String,
    /// 启用之日
    #[schema(examples("2017-07-05"))]
    pub from: NaiveDate,
    /// 最后一日；未定时为 null
    #[schema(required = true, examples("2026-12-31"))]
    pub to: Option<NaiveDate>,
}

/// 地区的修改 (RFC 7396)
#[derive(Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JurisdictionPatch {
    /// 名称
    #[schema(nullable = false, min_length = 1, max_length = 100, examples("政协苍南县委员会"))]
    name: Option<String>,
    /// 变更行政区划代码
    #[schema(nullable = false)]
    new_code: Option<JurisdictionNewCode>,
}

/// 新的行政区划代码；级别须与原来相同
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JurisdictionNewCode {
    /// 代码
    #[schema(pattern = "^[0-9]{6}$", max_length = 6, examples("330383"))]
    code: String,
    /// 启用之日，晚于前一个代码的启用之日
    #[schema(examples("2026-07-01"))]
    from: NaiveDate,
}

/// 地区的筛选
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct JurisdictionFilter {
    /// 只列这个地区的下一级，取其任一代码
    #[param(pattern = "^[0-9]{6}$", max_length = 6, example = "330300")]
    parent: Option<String>,
    /// 只列这一级别的
    level: Option<Level>,
    /// 排序：code，前加 - 为倒序；默认 code
    #[param(pattern = "^-?code$", max_length = 5, example = "code")]
    sort: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

/// The code in the path.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct JurisdictionAt {
    /// 行政区划代码，现行或曾用的
    #[param(pattern = "^[0-9]{6}$", max_length = 6, example = "330327")]
    code: String,
}

page! {
    /// 一页地区
    pub JurisdictionPage of Jurisdiction
}

impl Tagged for Jurisdiction {
    fn version(&self) -> i64 {
        self.version
    }
}

thing!(Jurisdiction, "jurisdiction");

/// 地区列表
///
/// 第十一条：本地区及其下级各地区，按代码排列。
#[utoipa::path(params(JurisdictionFilter, PageQuery), responses((status = 200, description = "一页地区", body = JurisdictionPage)))]
#[get("/jurisdictions")]
async fn jurisdiction_list(call: Call, ask: Ask<JurisdictionFilter>) -> Reply<JurisdictionPage> {
    call.read(ask, |tx, filter| {
        let sort = filter.sort.as_deref().unwrap_or("code");
        let page = Page::of(tx, &filter.page, sort, &(&filter.parent, filter.level))?;
        let parent = filter.parent.as_deref().map(|code| known(tx, code)).transpose()?;
        let list = |tx: &Tx<'_>| {
            let mut query = visible(tx).filter(jurisdiction_codes::to_day.is_null());
            if let Some(parent) = parent {
                let below = jurisdictions::table.filter(jurisdictions::parent_id.eq(parent)).select(jurisdictions::id);
                query = query.filter(jurisdiction_codes::jurisdiction_id.eq_any(below));
            }
            if let Some(level) = filter.level {
                let of = jurisdictions::table.filter(jurisdictions::level.eq(level)).select(jurisdictions::id);
                query = query.filter(jurisdiction_codes::jurisdiction_id.eq_any(of));
            }
            query
        };
        let columns = (jurisdiction_codes::id, jurisdiction_codes::code, jurisdiction_codes::jurisdiction_id);
        let rows: Vec<(Id, String, Id)> =
            keyset!(tx, &page, list(tx), columns, jurisdiction_codes { "code" => code: Text, String });
        let mark = |(id, code, _): &(Id, String, Id)| (code.clone(), *id);
        let show = |tx: &mut Tx<'_>, rows: Vec<(Id, String, Id)>| shown(tx, rows.into_iter().map(|(.., id)| id).collect());
        Ok(Answer::plain(paged!(
            JurisdictionPage,
            tx,
            page,
            filter.page,
            rows,
            mark,
            |rows| show(tx, rows),
            list(tx).select(jurisdiction_codes::id)
        )))
    })
    .await
}

/// 一个地区
///
/// 第十一条：以现行或曾用的行政区划代码读取；旧数据中的旧代码一直有效。
#[utoipa::path(params(JurisdictionAt), responses((status = 200, description = "地区", body = Jurisdiction)))]
#[get("/jurisdictions/{code}")]
async fn jurisdiction_read(call: Call, at: web::Path<JurisdictionAt>) -> Reply<Jurisdiction> {
    call.read((), move |tx, ()| Ok(Answer::one(find(tx, &at.code)?))).await
}

/// 修改地区
///
/// 第十一条：管理员更正本地区的名称，或登记自某日起启用的新代码；旧代码自前一日止，仍可用来查找。
#[utoipa::path(params(JurisdictionAt, IfMatch),
    request_body(content = JurisdictionPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = Jurisdiction)))]
#[patch("/jurisdictions/{code}")]
async fn jurisdiction_update(
    call: Call,
    at: web::Path<JurisdictionAt>,
    seen: IfMatch,
    body: Body<JurisdictionPatch>,
) -> Reply<Jurisdiction> {
    call.write(body, move |tx, patch| {
        let before = find(tx, &at.code)?;
        seen.check(before.version)?;
        if before.id != tx.jurisdiction() {
            return Err(Problem::plain(Code::Forbidden));
        }
        if *patch == JurisdictionPatch::default() {
            return Ok(Answer::one(before));
        }
        if let Some(new) = &patch.new_code {
            recode(tx, &before, new)?;
        }
        let own = (
            jurisdictions::name.eq(patch.name.as_ref().unwrap_or(&before.name)),
            jurisdictions::version.eq(before.version + 1),
            jurisdictions::updated_at.eq(tx.now),
        );
        overwrite!(tx, jurisdictions, (before.id, before.version), own)?;
        let after = record::only(shown(tx, vec![before.id])?)?;
        record::deed_with(tx, Op::jurisdiction_update, &after, dated::correction(&before, &after, None));
        Ok(Answer::one(after))
    })
    .await
}

/// Gives the code without a last day one, and the new code its first.
fn recode(tx: &mut Tx<'_>, before: &Jurisdiction, new: &JurisdictionNewCode) -> Maybe<()> {
    let fault = |field: &str, code: &str, say| Err(Problem::rule(&format!("/new_code/{field}"), code, say));
    if Level::of(&new.code) != Some(before.level) {
        return fault("code", "level", say("不是这一级别的行政区划代码", "no division code of this level"));
    }
    let Some((last, ends)) = before.codes.last().and_then(|last| Some((last, new.from.pred_opt()?))) else {
        return fault("from", "order", say("日期超出范围", "out of range"));
    };
    if new.from <= last.from {
        return fault("from", "order", say("须晚于前一个代码的启用之日", "must be after the first day of the code before"));
    }
    refuse_taken(tx.conn, &new.code)?;
    let open = jurisdiction_codes::table
        .filter(jurisdiction_codes::jurisdiction_id.eq(before.id))
        .filter(jurisdiction_codes::to_day.is_null());
    diesel::update(open).set(jurisdiction_codes::to_day.eq(ends)).execute(tx.conn)?;
    add_code(tx.conn, before.id, &new.code, new.from)
}

/// 409 for a code that any jurisdiction has, had or is about to have.
pub fn refuse_taken(conn: &mut Conn, code: &str) -> Maybe<()> {
    let taken = id_of(conn, code)?.is_some();
    dated::refuse(taken, say("这个行政区划代码已有地区使用", "a jurisdiction has this division code already"))
}

/// A code without a last day, from `from` on.
pub fn add_code(conn: &mut Conn, jurisdiction: Id, code: &str, from: NaiveDate) -> Maybe<()> {
    let row = (
        jurisdiction_codes::id.eq(Id::fresh()),
        jurisdiction_codes::jurisdiction_id.eq(jurisdiction),
        jurisdiction_codes::code.eq(code),
        jurisdiction_codes::from_day.eq(from),
    );
    diesel::insert_into(jurisdiction_codes::table).values(row).execute(conn)?;
    Ok(())
}

/// The jurisdiction that has, had or is about to have this code.
pub fn id_of(conn: &mut Conn, code: &str) -> Maybe<Option<Id>> {
    let of = jurisdiction_codes::table.filter(jurisdiction_codes::code.eq(code.to_owned()));
    Ok(of.select(jurisdiction_codes::jurisdiction_id).first(conn).optional()?)
}

/// The codes and names of jurisdictions on `day`, whoever asks: for references, in two statements.
pub fn references(conn: &mut Conn, ids: &BTreeSet<Id>, day: NaiveDate) -> Maybe<HashMap<Id, JurisdictionRef>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let names: Vec<(Id, String)> =
        jurisdictions::table.filter(jurisdictions::id.eq_any(ids)).select((jurisdictions::id, jurisdictions::name)).load(conn)?;
    let codes = codes_of(conn, ids)?;
    let named = |(id, name): (Id, String)| (id, JurisdictionRef { code: on(codes.get(&id), day), name });
    Ok(names.into_iter().map(named).collect())
}

/// The code of each jurisdiction on its own today: what a token names.
pub fn codes_now(conn: &mut Conn, ids: &[Id], now: Instant) -> Maybe<Vec<(Id, String)>> {
    let zones: Vec<(Id, String)> = jurisdictions::table
        .filter(jurisdictions::id.eq_any(ids))
        .select((jurisdictions::id, jurisdictions::time_zone))
        .load(conn)?;
    let codes = codes_of(conn, &ids.iter().copied().collect())?;
    let code = |(id, zone): (Id, String)| {
        let zone = zone.parse().map_err(|_| Problem::internal("a jurisdiction with an unknown time zone"))?;
        Ok((id, on(codes.get(&id), local_day(now.0, zone))))
    };
    zones.into_iter().map(code).collect()
}

/// All codes of each jurisdiction, in the order in which they came into force.
fn codes_of(conn: &mut Conn, ids: &BTreeSet<Id>) -> Maybe<HashMap<Id, Vec<JurisdictionCode>>> {
    let rows: Vec<(Id, String, NaiveDate, Option<NaiveDate>)> = jurisdiction_codes::table
        .filter(jurisdiction_codes::jurisdiction_id.eq_any(ids))
        .order((jurisdiction_codes::jurisdiction_id, jurisdiction_codes::from_day))
        .select((
            jurisdiction_codes::jurisdiction_id,
            jurisdiction_codes::code,
            jurisdiction_codes::from_day,
            jurisdiction_codes::to_day,
        ))
        .load(conn)?;
    let mut codes: HashMap<Id, Vec<JurisdictionCode>> = HashMap::new();
    for (id, code, from, to) in rows {
        codes.entry(id).or_default().push(JurisdictionCode { code, from, to });
    }
    Ok(codes)
}

/// The code in force on `day`; before the first one's day, the first.
fn on(codes: Option<&Vec<JurisdictionCode>>, day: NaiveDate) -> String {
    let codes = codes.map(Vec::as_slice).unwrap_or_default();
    codes.iter().rfind(|code| code.from <= day).or_else(|| codes.first()).map(|code| code.code.clone()).unwrap_or_default()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = jurisdictions)]
struct Row {
    id: Id,
    parent_id: Option<Id>,
    name: String,
    level: Level,
    time_zone: String,
    version: i64,
    created_at: Instant,
    updated_at: Instant,
}

/// The jurisdictions of these ids in this order, with codes and parents: three statements, whatever the count.
fn shown(tx: &mut Tx<'_>, ids: Vec<Id>) -> Maybe<Vec<Jurisdiction>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = jurisdictions::table.filter(jurisdictions::id.eq_any(&ids)).select(Row::as_select()).load(tx.conn)?;
    let parents = rows.iter().filter_map(|row| row.parent_id).collect();
    let parents = references(tx.conn, &parents, tx.today)?;
    let mut codes = codes_of(tx.conn, &ids.iter().copied().collect())?;
    let mut rows: HashMap<Id, Row> = rows.into_iter().map(|row| (row.id, row)).collect();
    Ok(ids
        .iter()
        .filter_map(|id| rows.remove(id))
        .map(|row| Jurisdiction {
            code: on(codes.get(&row.id), tx.today),
            codes: codes.remove(&row.id).unwrap_or_default(),
            id: row.id,
            name: row.name,
            level: row.level,
            parent: row.parent_id.and_then(|parent| parents.get(&parent).cloned()),
            time_zone: row.time_zone,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
        .collect())
}

/// Every query of a jurisdiction starts here: the codes of the own one and of all below it.
fn visible(tx: &Tx<'_>) -> jurisdiction_codes::BoxedQuery<'static, Engine> {
    let below = sql::<Bool>(
        "jurisdiction_codes.jurisdiction_id IN (WITH RECURSIVE below (id) AS (SELECT id FROM jurisdictions WHERE id = ",
    )
    .bind::<Uuid, _>(tx.jurisdiction())
    .sql(" UNION ALL SELECT child.id FROM jurisdictions AS child JOIN below ON child.parent_id = below.id) SELECT id FROM below)");
    jurisdiction_codes::table.filter(below).into_boxed()
}

fn find(tx: &mut Tx<'_>, code: &str) -> Maybe<Jurisdiction> {
    let of = visible(tx).filter(jurisdiction_codes::code.eq(code.to_owned()));
    let id = of.select(jurisdiction_codes::jurisdiction_id).first(tx.conn)?;
    shown(tx, vec![id])?.pop().ok_or_else(Problem::not_found)
}

/// 422 at `/parent` unless the code is one in the caller's sight.
fn known(tx: &mut Tx<'_>, code: &str) -> Maybe<Id> {
    let of = visible(tx).filter(jurisdiction_codes::code.eq(code.to_owned()));
    let id: Option<Id> = of.select(jurisdiction_codes::jurisdiction_id).first(tx.conn).optional()?;
    id.ok_or_else(|| Problem::invalid(vec![crate::base::problem::Fault::unknown_reference("/parent")]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_follows_from_the_code() {
        for (code, level) in [
            ("330327", Some(Level::County)),
            ("330300", Some(Level::City)),
            ("330000", Some(Level::Province)),
            ("429004", Some(Level::County)),
            ("000000", Some(Level::Nation)),
            ("100000", Some(Level::Nation)),
            ("100001", None),
            ("092000", None),
            ("33032", None),
            ("3303277", None),
            ("33032a", None),
            ("三十三", None),
            ("", None),
        ] {
            assert_eq!(Level::of(code), level, "{code}");
        }
        assert!(Level::Nation < Level::Province && Level::City < Level::County);
    }

    #[test]
    fn the_code_of_a_day_is_the_one_in_force() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let codes = vec![
            JurisdictionCode { code: "330327".into(), from: day("2020-01-01"), to: Some(day("2026-06-30")) },
            JurisdictionCode { code: "330383".into(), from: day("2026-07-01"), to: None },
        ];
        for (when, code) in [("2019-01-01", "330327"), ("2026-06-30", "330327"), ("2026-07-01", "330383")] {
            assert_eq!(on(Some(&codes), day(when)), code);
        }
        assert_eq!(on(None, day("2026-07-01")), "");
    }
}
