//! 字典: code -> label in Chinese and English, for sets that can grow.
//!
//! A jurisdiction may change labels, order and add entries. An entry that is no longer used is switched off and stays readable,
//! since old rows name its code; so do the program's own, even in a jurisdiction that never heard of them.

use std::collections::HashSet;

use actix_web::{get, put, web};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::dated;
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Fault, Maybe, Problem, say};
use crate::db::schema::dictionaries::{self, dsl};
use crate::db::words::Json;
use crate::db::{Engine, Tx};
use crate::http::answer::Tagged;
use crate::http::etag::as_etag;
use crate::http::{Answer, Ask, Body, Call, IfMatch, Page, PageQuery, Reply};
use crate::policy::Op;
use crate::record;
use crate::{each, overwrite, page, thing};

/// Raised whenever an entry of [`BUILT_IN`] changes: it is part of every dictionary's version, so that a newer program's
/// entries are not taken for those that a client has kept.
const EDITION: i64 = 0;

/// A dictionary has at most so many entries, those switched off included.
const MOST: usize = 1000;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(dictionary_list).service(dictionary_read).service(dictionary_replace);
}

/// 字典中的一项
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DictionaryEntry)]
pub struct Entry {
    /// 代码
    #[schema(max_length = 60, examples("education"))]
    pub code: String,
    /// 中文名称
    #[schema(max_length = 60, examples("教育"))]
    pub zh: String,
    /// 英文名称
    #[schema(max_length = 100, examples("Education"))]
    pub en: String,
    /// 是否在用；停用的仍可读，不能再选
    #[schema(examples(true))]
    pub active: bool,
}

/// 字典中的代码
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", examples("visit"))]
#[serde(transparent)]
pub struct DictionaryCode(pub String);

/// 字典
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Dictionary {
    #[serde(skip)]
    #[schema(ignore)]
    id: Id,
    /// 名字
    #[schema(max_length = 60, examples("opinion_categories"))]
    pub name: String,
    /// 中文名称
    #[schema(max_length = 60, examples("社情民意类别"))]
    pub label: String,
    /// 各项，按次序
    #[schema(max_items = 1000)]
    pub entries: Vec<Entry>,
    /// 版本，用于 If-Match；本地区或系统的新版本改变内容时随之改变
    #[serde(rename = "etag", serialize_with = "as_etag")]
    #[schema(value_type = String, max_length = 40, examples("\"0\""))]
    pub version: i64,
    /// 最近修改时刻；本地区从未改过的为 null
    #[schema(required = true)]
    pub updated_at: Option<Instant>,
}

/// 字典的新内容
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DictionaryReplace {
    /// 各项，按次序；没有列出的不会丢失，只是停用
    #[schema(min_items = 1, max_items = 500)]
    entries: Vec<DictionaryReplaceEntry>,
}

/// 字典新内容中的一项
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DictionaryReplaceEntry {
    /// 代码，一经使用不再改变
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", examples("education"))]
    code: String,
    /// 中文名称
    #[schema(min_length = 1, max_length = 60, examples("教育"))]
    zh: String,
    /// 英文名称
    #[schema(min_length = 1, max_length = 100, examples("Education"))]
    en: String,
    /// 是否在用；默认在用
    #[serde(default = "yes")]
    #[schema(default = true, examples(true))]
    active: bool,
}

fn yes() -> bool {
    true
}

/// 字典的筛选
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DictionaryFilter {
    /// 排序：name，前加 - 为倒序；默认 name
    #[param(pattern = "^-?name$", max_length = 5, example = "name")]
    sort: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

/// The name in the path.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct DictionaryAt {
    /// 字典的名字
    #[param(pattern = "^[a-z0-9_]+$", max_length = 60, example = "opinion_categories")]
    name: String,
}

page! {
    /// 一页字典
    pub DictionaryPage of Dictionary
}

impl Tagged for Dictionary {
    fn version(&self) -> i64 {
        self.version
    }
}

thing!(Dictionary, "dictionary");

/// A dictionary of the program: name, Chinese name, entries as `code zh en`.
type BuiltIn = (&'static str, &'static str, &'static [(&'static str, &'static str, &'static str)]);

/// The dictionaries of the program.
pub const BUILT_IN: &[BuiltIn] = &[
    (
        "opinion_categories",
        "社情民意类别",
        &[
            ("party_building", "党的建设", "Party building"),
            ("economy", "经济发展", "Economy"),
            ("agriculture", "农业农村", "Agriculture and villages"),
            ("industry", "工业与科技", "Industry and technology"),
            ("commerce", "商贸流通", "Commerce"),
            ("marine", "海洋渔业", "Sea and fishery"),
            ("urban_construction", "城乡建设", "Urban and rural construction"),
            ("transport", "交通出行", "Transport"),
            ("environment", "生态环境", "Environment"),
            ("education", "教育", "Education"),
            ("health", "医疗卫生", "Health"),
            ("culture_tourism", "文化旅游", "Culture and tourism"),
            ("social_security", "社会保障", "Social security"),
            ("employment", "劳动就业", "Employment"),
            ("law_order", "法治与平安", "Law and order"),
            ("governance", "基层治理", "Local governance"),
            ("united_front", "统战与民族宗教", "United front"),
            ("cppcc", "政协工作", "Work of the CPPCC"),
            ("other", "其他", "Other"),
        ],
    ),
    (
        "contact_forms",
        "联系形式",
        &[
            ("visit", "走访", "Visit"),
            ("interview", "约谈", "Interview"),
            ("symposium", "座谈", "Symposium"),
            ("telephone", "电话沟通", "Telephone"),
            ("online", "网络交流", "Online"),
            ("letter", "书信反映", "Letter"),
            ("reciprocal_visit", "互访", "Reciprocal visit"),
            ("other", "其他", "Other"),
        ],
    ),
    (
        "service_kinds",
        "为民服务类别",
        &[
            ("legal", "法律服务", "Legal"),
            ("medical", "医疗服务", "Medical"),
            ("farming", "农技服务", "Farming"),
            ("teaching", "教育服务", "Teaching"),
            ("jobs", "就业服务", "Jobs"),
            ("donation", "捐助", "Donation"),
            ("other", "其他", "Other"),
        ],
    ),
    ("consent_ways", "知情同意方式", &[("oral", "口头", "Oral"), ("written", "书面", "Written"), ("online", "线上", "Online")]),
];

/// 字典列表
///
/// 第二十二条：联系的形式等可以增加的各类代码及其中英文名称，各角色都可读。
#[utoipa::path(params(DictionaryFilter, PageQuery), responses((status = 200, description = "一页字典", body = DictionaryPage)))]
#[get("/dictionaries")]
async fn dictionary_list(call: Call, ask: Ask<DictionaryFilter>) -> Reply<DictionaryPage> {
    call.read(ask, |tx, filter| {
        let page = Page::of(tx, &filter.page, filter.sort.as_deref().unwrap_or("name"), &())?;
        let rows: Vec<Row> = visible(tx).select(Row::as_select()).load(tx.conn)?;
        let of = |name: &str| rows.iter().find(|row| row.name == name).cloned();
        let all = BUILT_IN.iter().map(|(name, ..)| Dictionary::of(name, of(name))).collect::<Maybe<Vec<_>>>()?;
        let (total, total_is_exact) = page.total_of_few(&filter.page, all.len());
        let (items, next_cursor) = page.of_few(tx, all, |dictionary| dictionary.name.clone())?;
        Ok(Answer::plain(DictionaryPage { items, next_cursor, total, total_is_exact }))
    })
    .await
}

/// 一个字典
///
/// 第二十二条：各角色都可读；停用的项仍列出，以便读懂旧数据。
#[utoipa::path(params(DictionaryAt), responses((status = 200, description = "字典", body = Dictionary)))]
#[get("/dictionaries/{name}")]
async fn dictionary_read(call: Call, at: web::Path<DictionaryAt>) -> Reply<Dictionary> {
    call.read((), move |tx, ()| Ok(Answer::one(find(tx, &at.name)?))).await
}

/// 更换字典的内容
///
/// 第二十二条：管理员改名称、次序，增加新的项；没有列出的项停用而不丢失。从未改过的字典也以读到的 etag 更换。
#[utoipa::path(params(DictionaryAt, IfMatch), request_body = DictionaryReplace,
    responses((status = 200, description = "已更换", body = Dictionary)))]
#[put("/dictionaries/{name}")]
async fn dictionary_replace(
    call: Call,
    at: web::Path<DictionaryAt>,
    seen: IfMatch,
    body: Body<DictionaryReplace>,
) -> Reply<Dictionary> {
    call.write(body, move |tx, new| {
        let before = find(tx, &at.name)?;
        seen.check(before.version)?;
        let entries = merged(&before.entries, &new.entries)?;
        save(tx, &before, &entries)?;
        let after = find(tx, &at.name)?;
        record::deed_with(tx, Op::dictionary_replace, &after, json!({"name": after.name, "codes": changed(&before, &after)}));
        Ok(Answer::one(after))
    })
    .await
}

/// The given entries in their order, then those left out, switched off.
fn merged(before: &[Entry], given: &[DictionaryReplaceEntry]) -> Maybe<Vec<Entry>> {
    let mut faults = Vec::new();
    let (mut codes, mut labels) = (HashSet::new(), HashSet::new());
    for (at, entry) in given.iter().enumerate() {
        let mut repeated = |field: &str| {
            faults.push(Fault::new(format!("/entries/{at}/{field}"), "repeated", say("不得重复", "must not repeat")));
        };
        if !codes.insert(entry.code.as_str()) {
            repeated("code");
        }
        if entry.active && !labels.insert(entry.zh.as_str()) {
            repeated("zh");
        }
    }
    let left_out = before.iter().filter(|entry| !codes.contains(entry.code.as_str()));
    let new = given.iter().map(|entry| {
        let DictionaryReplaceEntry { code, zh, en, active } = entry.clone();
        Entry { code, zh, en, active }
    });
    let entries: Vec<Entry> = new.chain(left_out.map(|entry| Entry { active: false, ..entry.clone() })).collect();
    if entries.len() > MOST {
        let detail = say(format!("连同停用的至多 {MOST} 项"), format!("at most {MOST} entries, those switched off included"));
        faults.push(Fault::new("/entries", "too_many", detail));
    }
    if faults.is_empty() { Ok(entries) } else { Err(Problem::invalid(faults)) }
}

/// The codes whose entries are new or no longer as they were.
fn changed(before: &Dictionary, after: &Dictionary) -> Vec<String> {
    let is_new = |entry: &&Entry| !before.entries.contains(entry);
    after.entries.iter().filter(is_new).map(|entry| entry.code.clone()).collect()
}

fn save(tx: &mut Tx<'_>, before: &Dictionary, entries: &[Entry]) -> Maybe<()> {
    let entries = Json(serde_json::to_value(entries).map_err(Problem::internal)?);
    let version = before.version - EDITION;
    let new = (dsl::entries.eq(entries), dsl::version.eq(version + 1), dsl::updated_at.eq(tx.now));
    if version > 0 {
        return overwrite!(tx, dictionaries, (before.id, version), new);
    }
    // Of two that were first at once, the later finds the other's row: it has not seen it.
    let own = (dsl::id.eq(Id::fresh()), dsl::jurisdiction_id.eq(tx.jurisdiction()), dsl::name.eq(&before.name));
    dated::one(each!(tx.conn, conn => {
        diesel::insert_into(dsl::dictionaries).values((own, new)).on_conflict_do_nothing().execute(conn)
    })?)
}

#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = dictionaries)]
struct Row {
    id: Id,
    name: String,
    entries: Json,
    version: i64,
    updated_at: Instant,
}

impl Dictionary {
    /// A known dictionary as it stands in a jurisdiction; 404 for a name that there is not.
    fn of(name: &str, row: Option<Row>) -> Maybe<Self> {
        let (_, label, _) = BUILT_IN.iter().find(|(known, ..)| *known == name).ok_or_else(Problem::not_found)?;
        let built_in = built_in(name).unwrap_or_default();
        let (id, entries, version, updated_at) = match row {
            Some(row) => (row.id, with_built_in(parse(row.entries)?, built_in), row.version, Some(row.updated_at)),
            None => (Id::NIL, built_in, 0, None),
        };
        let version = version + EDITION;
        Ok(Self { id, name: name.to_owned(), label: (*label).to_owned(), entries, version, updated_at })
    }
}

fn parse(entries: Json) -> Maybe<Vec<Entry>> {
    serde_json::from_value(entries.0).map_err(Problem::internal)
}

/// A newer program may bring entries that the jurisdiction's own list does not know.
fn with_built_in(mut own: Vec<Entry>, built_in: Vec<Entry>) -> Vec<Entry> {
    for entry in built_in {
        if !own.iter().any(|known| known.code == entry.code) {
            own.push(entry);
        }
    }
    own
}

/// Every query of a dictionary starts here.
fn visible(tx: &Tx<'_>) -> dictionaries::BoxedQuery<'static, Engine> {
    dsl::dictionaries.filter(dsl::jurisdiction_id.eq(tx.jurisdiction())).into_boxed()
}

fn find(tx: &mut Tx<'_>, name: &str) -> Maybe<Dictionary> {
    let row = visible(tx).filter(dsl::name.eq(name.to_owned())).select(Row::as_select()).first(tx.conn).optional()?;
    Dictionary::of(name, row)
}

/// The entries of a dictionary in the caller's jurisdiction; none for a name that there is not.
pub fn entries(tx: &mut Tx<'_>, name: &str) -> Maybe<Option<Vec<Entry>>> {
    if !BUILT_IN.iter().any(|(known, ..)| *known == name) {
        return Ok(None);
    }
    find(tx, name).map(|dictionary| Some(dictionary.entries))
}

/// The entries that the program brings along.
pub fn built_in(name: &str) -> Option<Vec<Entry>> {
    let (_, _, entries) = BUILT_IN.iter().find(|(known, ..)| *known == name)?;
    let entry = |(code, zh, en): &(&str, &str, &str)| Entry {
        code: (*code).to_owned(),
        zh: (*zh).to_owned(),
        en: (*en).to_owned(),
        active: true,
    };
    Some(entries.iter().map(entry).collect())
}

/// 422 at `pointer` unless `code` is an entry in use.
pub fn must_have(tx: &mut Tx<'_>, name: &str, code: &str, pointer: &str) -> Maybe<()> {
    let known = entries(tx, name)?.unwrap_or_default().iter().any(|entry| entry.code == code && entry.active);
    if known {
        return Ok(());
    }
    let detail = say(format!("不是字典 {name} 中在用的代码"), format!("no code in use of the dictionary {name}"));
    Err(Problem::invalid(vec![Fault::new(pointer, "unknown_code", detail)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(code: &str, zh: &str, active: bool) -> DictionaryReplaceEntry {
        DictionaryReplaceEntry { code: code.to_owned(), zh: zh.to_owned(), en: code.to_owned(), active }
    }

    fn codes(entries: &[Entry]) -> Vec<(&str, bool)> {
        entries.iter().map(|entry| (entry.code.as_str(), entry.active)).collect()
    }

    #[test]
    fn what_is_left_out_is_switched_off_and_never_lost() {
        let before = built_in("consent_ways").expect("a dictionary");
        let after = merged(&before, &[given("video", "视频", true), given("oral", "口头同意", true)]).expect("entries");
        assert_eq!(codes(&after), [("video", true), ("oral", true), ("written", false), ("online", false)]);
        let again = merged(&after, &[given("online", "线上", true)]).expect("entries");
        assert_eq!(codes(&again), [("online", true), ("video", false), ("oral", false), ("written", false)]);
    }

    #[test]
    fn every_repetition_is_told_at_once() {
        let twice = merged(&[], &[given("a", "甲", true), given("a", "甲", true), given("b", "甲", false)]).expect_err("faults");
        let pointers: Vec<_> = twice.faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/entries/1/code", "/entries/1/zh"]);
    }

    #[test]
    fn an_entry_of_a_newer_program_appears() {
        let own = vec![Entry { code: "oral".into(), zh: "口头".into(), en: "Oral".into(), active: false }];
        let all = with_built_in(own, built_in("consent_ways").expect("a dictionary"));
        assert_eq!(codes(&all), [("oral", false), ("written", true), ("online", true)]);
    }

    #[test]
    fn a_changed_entry_of_the_program_is_another_edition() {
        use sha2::Digest;
        let (edition, digest) = (0, "51077aeae57acb8c");
        let now = record::hex(&sha2::Sha256::digest(format!("{BUILT_IN:?}")))[..16].to_owned();
        assert_eq!((EDITION, now.as_str()), (edition, digest), "raise EDITION and put both here");
    }

    #[test]
    fn names_and_codes_of_the_program_are_well_formed() {
        let names: HashSet<_> = BUILT_IN.iter().map(|(name, ..)| name).collect();
        assert_eq!(names.len(), BUILT_IN.len());
        for (name, _, entries) in BUILT_IN {
            let given: Vec<_> = entries.iter().map(|(code, zh, _)| given(code, zh, true)).collect();
            assert!(merged(&[], &given).is_ok(), "{name}");
        }
    }
}
