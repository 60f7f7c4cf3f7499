//! 字典: code -> label in Chinese and English, for sets that can grow.
//!
//! A jurisdiction may change labels and add entries; an entry that is no longer used is switched off and stays readable.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::base::problem::{Fault, Maybe, Problem, say};
use crate::db::Tx;
use crate::db::schema::dictionaries;
use crate::db::words::Json;

/// 字典中的一项
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// 代码
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", examples("education"))]
    pub code: String,
    /// 中文名称
    #[schema(min_length = 1, max_length = 60, examples("教育"))]
    pub zh: String,
    /// 英文名称
    #[schema(min_length = 1, max_length = 100, examples("Education"))]
    pub en: String,
    /// 是否在用；停用的仍可读，不能再选
    pub active: bool,
}

/// The dictionaries of the program, each with its entries: name, Chinese name, `code zh en`.
pub const BUILT_IN: &[(&str, &str, &[(&str, &str, &str)])] = &[
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

/// The entries of a dictionary in the caller's jurisdiction; none for a name that there is not.
pub fn entries(tx: &mut Tx<'_>, name: &str) -> Maybe<Option<Vec<Entry>>> {
    let own: Option<Json> = dictionaries::table
        .filter(dictionaries::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(dictionaries::name.eq(name.to_owned()))
        .select(dictionaries::entries)
        .first(tx.conn)
        .optional()?;
    match own {
        Some(own) => serde_json::from_value(own.0).map(Some).map_err(Problem::internal),
        None => Ok(built_in(name)),
    }
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
