//! 免除与请假: what a person is let off of the year's duties (arts. 11 to 14).
//!
//! An exemption lifts the judgement while it is in force; a leave takes its days off the days in office. Either is for one
//! article or for all. Nobody grants or changes their own. The reason may tell of illness: it is shown to the person concerned
//! and to the member affairs committee, and the audit log holds a digest of it.

use actix_web::{get, patch, post};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Code, Maybe, Problem, gather, say};
use crate::db::schema::exemptions::{self, dsl};
use crate::db::{Engine, Tx, dialect};
use crate::directory::dated;
use crate::directory::refs::{self, Kind, Names, Ref};
use crate::http::answer::Tagged;
use crate::http::etag::etag;
use crate::http::input::given;
use crate::http::{Answer, Ask, At, Body, Call, IfMatch, Page, PageQuery, Reply};
use crate::policy::{Belongs, Op, Reach};
use crate::record::{self, Thing, To};
use crate::{keyset, overwrite, page, paged, words};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(exemption_list).service(exemption_create).service(exemption_read).service(exemption_update);
}

words! {
    /// 免除或请假
    pub enum ExemptionKind {
        Exemption = "exemption", "免除：在此期间不作评判";
        Leave = "leave", "请假：从任职天数中扣除";
    }
}

/// 一项免除或请假
#[derive(Debug, Serialize, ToSchema)]
pub struct Exemption {
    /// 标识
    pub id: Id,
    /// 何人
    pub person: Ref,
    /// 免除或请假
    pub kind: ExemptionKind,
    /// 所涉的条文，11 至 14；各条都涉及的为 null
    #[schema(required = true, minimum = 11, maximum = 14, examples(14))]
    pub article: Option<i64>,
    /// 起始之日
    #[schema(examples("2026-03-01"))]
    pub from: NaiveDate,
    /// 最后一日；没有期限的为 null
    #[schema(required = true, examples("2026-06-30"))]
    pub to: Option<NaiveDate>,
    /// 理由
    #[schema(format = "multi-line", max_length = 500, examples("外出学习"))]
    pub reason: String,
    /// 依据的决议
    #[schema(required = true, max_length = 100, examples("苍政协主席会议〔2026〕3号"))]
    pub resolution: Option<String>,
    /// 版本，用于 If-Match
    #[schema(max_length = 40, examples("\"3\""))]
    pub etag: String,
    /// 录入时刻
    pub created_at: Instant,
    /// 最近修改时刻
    pub updated_at: Instant,
    #[serde(skip)]
    #[schema(ignore)]
    pub version: i64,
}

impl Tagged for Exemption {
    fn version(&self) -> i64 {
        self.version
    }
}

/// 新的免除或请假
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExemptionCreate {
    /// 何人
    person_id: Id,
    /// 免除或请假
    kind: ExemptionKind,
    /// 所涉的条文；不给时为各条
    #[schema(nullable = false, minimum = 11, maximum = 14, examples(14))]
    article: Option<i64>,
    /// 起始之日
    #[schema(examples("2026-03-01"))]
    from: NaiveDate,
    /// 最后一日
    #[schema(nullable = false, examples("2026-06-30"))]
    to: Option<NaiveDate>,
    /// 理由
    #[schema(format = "multi-line", min_length = 1, max_length = 500, examples("外出学习"))]
    reason: String,
    /// 依据的决议
    #[schema(nullable = false, min_length = 1, max_length = 100, examples("苍政协主席会议〔2026〕3号"))]
    resolution: Option<String>,
}

/// 免除或请假的修改 (RFC 7396)
#[derive(Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExemptionPatch {
    /// 免除或请假
    #[schema(nullable = false)]
    kind: Option<ExemptionKind>,
    /// 所涉的条文；null 表示各条
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, minimum = 11, maximum = 14, examples(14))]
    article: Option<Option<i64>>,
    /// 起始之日
    #[schema(nullable = false, examples("2026-03-01"))]
    from: Option<NaiveDate>,
    /// 最后一日；null 表示没有期限
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<NaiveDate>, examples("2026-06-30"))]
    to: Option<Option<NaiveDate>>,
    /// 理由
    #[schema(nullable = false, format = "multi-line", min_length = 1, max_length = 500, examples("外出学习"))]
    reason: Option<String>,
    /// 依据的决议；null 表示没有
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, examples("苍政协主席会议〔2026〕3号"))]
    resolution: Option<Option<String>>,
}

/// 免除与请假的筛选
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExemptionFilter {
    /// 何人
    person_id: Option<Id>,
    /// 免除或请假，可给多项
    #[param(max_items = 2)]
    kind: Option<Vec<ExemptionKind>>,
    /// 只列涉及这一条文的，包括各条都涉及的
    #[param(minimum = 11, maximum = 14, example = 14)]
    article: Option<i64>,
    /// 只列这一天在生效的
    #[param(example = "2026-03-01")]
    as_of: Option<NaiveDate>,
    /// 排序：id（录入先后），前加 - 为倒序；默认 -id
    #[param(pattern = "^-?id$", example = "-id")]
    sort: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

page! {
    /// 一页免除与请假
    pub ExemptionPage of Exemption
}

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = exemptions)]
struct ExemptionRow {
    id: Id,
    jurisdiction_id: Id,
    person_id: Id,
    kind: ExemptionKind,
    article: Option<i64>,
    from_day: NaiveDate,
    to_day: Option<NaiveDate>,
    reason: String,
    resolution: Option<String>,
    version: i64,
    created_at: Instant,
    updated_at: Instant,
}

impl Thing for ExemptionRow {
    const KIND: &'static str = "exemption";

    fn id(&self) -> Id {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn belongs(&self) -> Belongs {
        Belongs { persons: vec![self.person_id], ..Belongs::default() }
    }
}

/// 免除与请假列表
///
/// 第十一条至第十四条：委员看自己的，委员工委看全部；可查某一天在生效的。
#[utoipa::path(params(ExemptionFilter, PageQuery), responses((status = 200, description = "一页免除与请假", body = ExemptionPage)))]
#[get("/exemptions")]
async fn exemption_list(call: Call, ask: Ask<ExemptionFilter>) -> Reply<ExemptionPage> {
    call.read(ask, |tx, filter| {
        let key = (filter.person_id, &filter.kind, filter.article, filter.as_of);
        let page = Page::of(tx, &filter.page, filter.sort.as_deref().unwrap_or("-id"), &key)?;
        let rows: Vec<ExemptionRow> = keyset!(tx, &page, wanted(tx, filter), ExemptionRow::as_select(), exemptions {});
        let mark = |row: &ExemptionRow| (String::new(), row.id);
        let ids = wanted(tx, filter).select(dsl::id);
        Ok(Answer::plain(paged!(ExemptionPage, tx, page, filter.page, rows, mark, |rows| Exemption::all(tx, rows), ids)))
    })
    .await
}

/// 批准免除或请假
///
/// 第十一条至第十四条：由委员工委批准，告知本人；不得批准自己的。
#[utoipa::path(request_body = ExemptionCreate, responses((status = 201, description = "已批准", body = Exemption)))]
#[post("/exemptions")]
async fn exemption_create(call: Call, body: Body<ExemptionCreate>) -> Reply<Exemption> {
    call.write(body, |tx, new| {
        not_own(tx, new.person_id)?;
        let mut faults = Vec::new();
        gather(&mut faults, refs::must_exist(tx, Kind::Person, new.person_id, "/person_id"))?;
        gather(&mut faults, dated::check(new.from, new.to))?;
        Problem::unless_none(faults)?;
        let row = ExemptionRow {
            id: Id::fresh(),
            jurisdiction_id: tx.jurisdiction(),
            person_id: new.person_id,
            kind: new.kind,
            article: new.article,
            from_day: new.from,
            to_day: new.to,
            reason: new.reason.clone(),
            resolution: new.resolution.clone(),
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
        };
        refuse_double(tx, &row)?;
        diesel::insert_into(dsl::exemptions).values(&row).execute(tx.conn)?;
        record::deed(tx, Op::exemption_create, &row);
        tell(tx, "exemption_created", &row)?;
        let id = row.id;
        Ok(Answer::created(format!("/v1/exemptions/{id}"), Exemption::one(tx, row)?))
    })
    .await
}

/// 一项免除或请假
///
/// 第十一条至第十四条：本人与委员工委可读。
#[utoipa::path(params(At), responses((status = 200, description = "免除或请假", body = Exemption)))]
#[get("/exemptions/{id}")]
async fn exemption_read(call: Call, at: At) -> Reply<Exemption> {
    call.read((), move |tx, ()| {
        let row = find(tx, Op::exemption_read, at.id)?;
        Ok(Answer::one(Exemption::one(tx, row)?))
    })
    .await
}

/// 修改免除或请假
///
/// 第十一条至第十四条：由委员工委修改，告知本人；不得修改自己的。
#[utoipa::path(params(At, IfMatch), request_body(content = ExemptionPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = Exemption)))]
#[patch("/exemptions/{id}")]
async fn exemption_update(call: Call, at: At, seen: IfMatch, body: Body<ExemptionPatch>) -> Reply<Exemption> {
    call.write(body, move |tx, patch| {
        let before = find(tx, Op::exemption_update, at.id)?;
        not_own(tx, before.person_id)?;
        seen.check(before.version)?;
        if *patch == ExemptionPatch::default() {
            return Ok(Answer::one(Exemption::one(tx, before)?));
        }
        let after = before.patched(tx, patch);
        dated::check(after.from_day, after.to_day)?;
        refuse_double(tx, &after)?;
        save(tx, &before, &after)?;
        let details = json!({"changed": changed(tx, &before, &after)});
        record::deed_with(tx, Op::exemption_update, &after, details);
        tell(tx, "exemption_updated", &after)?;
        Ok(Answer::one(Exemption::one(tx, after)?))
    })
    .await
}

impl ExemptionRow {
    fn patched(&self, tx: &Tx<'_>, patch: &ExemptionPatch) -> Self {
        Self {
            kind: patch.kind.unwrap_or(self.kind),
            article: patch.article.unwrap_or(self.article),
            from_day: patch.from.unwrap_or(self.from_day),
            to_day: patch.to.unwrap_or(self.to_day),
            reason: patch.reason.clone().unwrap_or_else(|| self.reason.clone()),
            resolution: patch.resolution.clone().unwrap_or_else(|| self.resolution.clone()),
            version: self.version + 1,
            updated_at: tx.now,
            ..self.clone()
        }
    }
}

impl Exemption {
    fn all(tx: &mut Tx<'_>, rows: Vec<ExemptionRow>) -> Maybe<Vec<Self>> {
        let persons = Names::load(tx, Kind::Person, rows.iter().map(|row| row.person_id))?;
        let show = |row: ExemptionRow| Self {
            id: row.id,
            person: persons.of(row.person_id),
            kind: row.kind,
            article: row.article,
            from: row.from_day,
            to: row.to_day,
            reason: row.reason,
            resolution: row.resolution,
            etag: etag(row.version),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        };
        Ok(rows.into_iter().map(show).collect())
    }

    fn one(tx: &mut Tx<'_>, row: ExemptionRow) -> Maybe<Self> {
        Self::all(tx, vec![row])?.into_iter().next().ok_or_else(|| record::vanished("an exemption"))
    }
}

type Condition = Box<dyn BoxableExpression<exemptions::table, Engine, SqlType = Bool>>;

/// Every query of an exemption starts here.
fn visible(tx: &Tx<'_>, op: Op) -> exemptions::BoxedQuery<'static, Engine> {
    let within = tx.caller.reaches(op).filter_map(|(reach, grant)| -> Option<Condition> {
        match reach {
            Reach::All => Some(Box::new(dsl::id.eq(dsl::id))),
            Reach::Own => Some(Box::new(dsl::person_id.eq(grant.person?))),
            _ => None,
        }
    });
    let ours = dsl::exemptions.filter(dsl::jurisdiction_id.eq(tx.jurisdiction())).into_boxed();
    match within.reduce(|a, b| Box::new(a.or(b))) {
        Some(within) => ours.filter(within),
        None => ours.filter(dsl::id.ne(dsl::id)),
    }
}

fn wanted(tx: &Tx<'_>, filter: &ExemptionFilter) -> exemptions::BoxedQuery<'static, Engine> {
    let mut rows = visible(tx, Op::exemption_list);
    if let Some(person) = filter.person_id {
        rows = rows.filter(dsl::person_id.eq(person));
    }
    if let Some(kinds) = &filter.kind {
        rows = rows.filter(dsl::kind.eq_any(kinds.clone()));
    }
    if let Some(article) = filter.article {
        rows = rows.filter(dsl::article.is_null().or(dsl::article.eq(article)));
    }
    if let Some(day) = filter.as_of {
        rows = rows.filter(dsl::from_day.le(day)).filter(dsl::to_day.is_null().or(dsl::to_day.ge(day)));
    }
    rows
}

fn find(tx: &mut Tx<'_>, op: Op, id: Id) -> Maybe<ExemptionRow> {
    Ok(visible(tx, op).filter(dsl::id.eq(id)).select(ExemptionRow::as_select()).first(tx.conn)?)
}

fn not_own(tx: &Tx<'_>, person: Id) -> Maybe<()> {
    if tx.caller.person == Some(person) { Err(Problem::plain(Code::OwnMatter)) } else { Ok(()) }
}

/// One of a kind for an article at a time: a second one would only hide a slip of the pen.
fn refuse_double(tx: &mut Tx<'_>, row: &ExemptionRow) -> Maybe<()> {
    let key = tx.seal.hash("exemptions-of", &row.person_id.to_string());
    dialect::lock(tx.conn, &key)?;
    let mut same = dsl::exemptions
        .filter(dsl::jurisdiction_id.eq(row.jurisdiction_id))
        .filter(dsl::person_id.eq(row.person_id))
        .filter(dsl::kind.eq(row.kind))
        .filter(dsl::id.ne(row.id))
        .filter(dsl::to_day.is_null().or(dsl::to_day.ge(row.from_day)))
        .into_boxed();
    same = match row.article {
        Some(article) => same.filter(dsl::article.eq(article)),
        None => same.filter(dsl::article.is_null()),
    };
    if let Some(to) = row.to_day {
        same = same.filter(dsl::from_day.le(to));
    }
    let double: Option<Id> = same.select(dsl::id).first(tx.conn).optional()?;
    let detail = say("这段时间已有同类的免除或请假", "there is one of this kind and article at that time already");
    dated::refuse(double.is_some(), detail)
}

fn save(tx: &mut Tx<'_>, before: &ExemptionRow, after: &ExemptionRow) -> Maybe<()> {
    let values = (
        dsl::kind.eq(after.kind),
        dsl::article.eq(after.article),
        dsl::from_day.eq(after.from_day),
        dsl::to_day.eq(after.to_day),
        dsl::reason.eq(&after.reason),
        dsl::resolution.eq(&after.resolution),
        dsl::version.eq(after.version),
        dsl::updated_at.eq(after.updated_at),
    );
    overwrite!(tx, exemptions, (before.id, before.version), values)
}

/// Both values of what was changed; of a reason only that it was.
fn changed(tx: &Tx<'_>, before: &ExemptionRow, after: &ExemptionRow) -> Map<String, Value> {
    let digest = |text: &str| record::digest(tx.seal, text);
    let fields = [
        ("kind", json!(before.kind), json!(after.kind)),
        ("article", json!(before.article), json!(after.article)),
        ("from", json!(before.from_day), json!(after.from_day)),
        ("to", json!(before.to_day), json!(after.to_day)),
        ("resolution", json!(before.resolution), json!(after.resolution)),
        ("reason", digest(&before.reason), digest(&after.reason)),
    ];
    let differs = fields.into_iter().filter(|(_, before, after)| before != after);
    differs.map(|(field, before, after)| (field.to_owned(), json!({"before": before, "after": after}))).collect()
}

fn tell(tx: &mut Tx<'_>, kind: &str, row: &ExemptionRow) -> Maybe<()> {
    let params = json!({"kind": row.kind, "article": row.article, "from": row.from_day, "to": row.to_day});
    record::notify(tx, To::Person(row.person_id), kind, ExemptionRow::KIND, row.id, params)
}
