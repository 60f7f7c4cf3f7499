//! A record as it comes in, and what is asked.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::words::{ContactEventState, ContactSide, ContentKind, PublicityLevel, SettleOutcome};
use crate::base::id::Id;
use crate::http::PageQuery;
use crate::http::input::given;

/// The form that needs a word of its own.
pub const OTHER: &str = "other";

/// 姓名
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(min_length = 1, max_length = 60, examples("林阿婆"))]
pub struct OutsideName(pub String);

/// 宣传的一项政策（第十八条）
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicityCreate {
    /// 政策法规的名称
    #[schema(min_length = 1, max_length = 100, examples("乡村振兴促进法"))]
    pub policy: String,
    /// 层级
    #[schema(examples("nation"))]
    pub level: PublicityLevel,
}

/// 为群众办的一件实事（第九条）
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceCreate {
    /// 类别，字典 service_kinds 的代码
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", examples("medical"))]
    pub kind: String,
    /// 办了什么
    #[schema(min_length = 1, max_length = 200, examples("义诊"))]
    pub what: String,
    /// 受益人数
    #[schema(minimum = 1, maximum = 100_000, examples(12))]
    pub for_how_many: i64,
}

/// 一次联系的记录：日期、形式、联系了谁、一句话，半分钟可写成
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactEventCreate {
    /// 联系之日，不晚于今天，不早于 2000 年
    #[schema(examples("2026-03-05"))]
    pub occurred_on: NaiveDate,
    /// 形式，字典 contact_forms 的代码
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", examples("visit"))]
    pub form: String,
    /// 其他形式的名称；form 为 other 时必填，否则不填
    #[schema(nullable = false, min_length = 1, max_length = 20, examples("赶集日摆摊听意见"))]
    pub form_word: Option<String>,
    /// 一句话概述
    #[schema(min_length = 1, max_length = 500, examples("走访养殖户，了解台风后的恢复情况"))]
    pub summary: String,
    /// 对方人员
    #[serde(default)]
    #[schema(max_items = 50)]
    #[serde(rename = "person_ids")]
    pub persons: Vec<Id>,
    /// 界别群众，须为记录者本人所联系
    #[serde(default)]
    #[schema(max_items = 100)]
    #[serde(rename = "constituent_ids")]
    pub constituents: Vec<Id>,
    /// 没有登记的群众，写姓名
    #[serde(default)]
    #[schema(max_items = 50)]
    pub outside_persons: Vec<OutsideName>,
    /// 此外还有多少群众
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100_000, examples(20))]
    pub others_count: i64,
    /// 本方同去的人员
    #[serde(default)]
    #[schema(max_items = 50)]
    #[serde(rename = "co_participant_ids")]
    pub co_participants: Vec<Id>,
    /// 记录者属于哪一方；默认为联系方，委员向专委会反映工作时为被联系方
    #[schema(nullable = false, examples("contacting"))]
    pub recorder_side: Option<ContactSide>,
    /// 哪一方发起；默认为记录者一方
    #[schema(nullable = false, examples("contacting"))]
    pub initiated_by: Option<ContactSide>,
    /// 专委会，联系方；以专委会身份记录时必填且须为本专委会，委员向专委会反映工作时填其专委会
    #[schema(nullable = false)]
    pub organization_id: Option<Id>,
    /// 地点
    #[schema(nullable = false, min_length = 1, max_length = 100, examples("灵溪镇渎浦村"))]
    pub place: Option<String>,
    /// 联系内容
    #[serde(default)]
    #[schema(max_items = 5)]
    pub content_kinds: Vec<ContentKind>,
    /// 了解哪一年的工作（第十二条、第十三条）；不是年度了解时不填
    #[schema(nullable = false, minimum = 2000, maximum = 2100, examples(2026))]
    pub review_of_year: Option<i64>,
    /// 宣传的政策
    #[serde(default)]
    #[schema(max_items = 20)]
    pub publicity: Vec<PublicityCreate>,
    /// 办的实事
    #[serde(default)]
    #[schema(max_items = 20)]
    pub services: Vec<ServiceCreate>,
    /// 客户端自编的编号，同一记录者永久唯一：同一正文再次提交得到原来的记录，不会重复
    #[schema(nullable = false, min_length = 1, max_length = 100, pattern = "^[\\x21-\\x7e]+$", examples("phone-1-20260305-0007"))]
    pub client_ref: Option<String>,
}

/// 对一次联系的记录的修改 (RFC 7396)；修改后各人的确认须重新作出
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactEventPatch {
    /// 联系之日
    #[schema(nullable = false, examples("2026-03-05"))]
    pub occurred_on: Option<NaiveDate>,
    /// 形式，字典 contact_forms 的代码
    #[schema(nullable = false, min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$", examples("visit"))]
    pub form: Option<String>,
    /// 其他形式的名称
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20, examples("赶集日摆摊听意见"))]
    pub form_word: Option<Option<String>>,
    /// 一句话概述
    #[schema(nullable = false, min_length = 1, max_length = 500, examples("走访养殖户，了解台风后的恢复情况"))]
    pub summary: Option<String>,
    /// 对方人员
    #[schema(nullable = false, max_items = 50)]
    #[serde(rename = "person_ids")]
    pub persons: Option<Vec<Id>>,
    /// 界别群众，须为记录者本人所联系
    #[schema(nullable = false, max_items = 100)]
    #[serde(rename = "constituent_ids")]
    pub constituents: Option<Vec<Id>>,
    /// 没有登记的群众，写姓名
    #[schema(nullable = false, max_items = 50)]
    pub outside_persons: Option<Vec<OutsideName>>,
    /// 此外还有多少群众
    #[schema(nullable = false, minimum = 0, maximum = 100_000, examples(20))]
    pub others_count: Option<i64>,
    /// 本方同去的人员
    #[schema(nullable = false, max_items = 50)]
    #[serde(rename = "co_participant_ids")]
    pub co_participants: Option<Vec<Id>>,
    /// 哪一方发起
    #[schema(nullable = false, examples("contacting"))]
    pub initiated_by: Option<ContactSide>,
    /// 地点
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, examples("灵溪镇渎浦村"))]
    pub place: Option<Option<String>>,
    /// 联系内容
    #[schema(nullable = false, max_items = 5)]
    pub content_kinds: Option<Vec<ContentKind>>,
    /// 了解哪一年的工作
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, minimum = 2000, maximum = 2100, examples(2026))]
    pub review_of_year: Option<Option<i64>>,
    /// 宣传的政策
    #[schema(nullable = false, max_items = 20)]
    pub publicity: Option<Vec<PublicityCreate>>,
    /// 办的实事
    #[schema(nullable = false, max_items = 20)]
    pub services: Option<Vec<ServiceCreate>>,
}

/// 理由
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactEventReason {
    /// 理由
    #[schema(min_length = 1, max_length = 200, examples("当天不在县里"))]
    pub reason: String,
}

/// 裁定
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactEventSettle {
    /// 裁定的结果
    #[schema(examples("confirmed"))]
    pub outcome: SettleOutcome,
    /// 理由
    #[schema(min_length = 1, max_length = 200, examples("经向双方核实"))]
    pub reason: String,
}

/// 同一次联系的另一条记录
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactEventLink {
    /// 另一条记录的标识
    pub event: Id,
}

/// 联系活动的筛选
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ContactEventFilter {
    /// 形式，字典 contact_forms 的代码；可给多个
    #[param(nullable = false, max_items = 20, example = json!(["visit"]))]
    pub form: Option<Vec<String>>,
    /// 状态；可给多个
    #[param(nullable = false, max_items = 4, example = json!(["recorded"]))]
    pub state: Option<Vec<ContactEventState>>,
    /// 从这一天起
    #[param(example = "2026-01-01")]
    pub occurred_from: Option<NaiveDate>,
    /// 在这一天之前
    #[param(example = "2027-01-01")]
    pub occurred_before: Option<NaiveDate>,
    /// 这位人员参加的
    pub person: Option<Id>,
    /// 联系了这位界别群众的；只对其联系委员有结果
    pub constituent: Option<Id>,
    /// 了解这一年工作的
    #[param(minimum = 2000, maximum = 2100, example = 2026)]
    pub review_of_year: Option<i64>,
    /// 是否有群众
    pub with_people: Option<bool>,
    /// 与这个专委会有关的：其为一方，或参加的委员当日属其对口界别或其成员
    pub organization: Option<Id>,
    /// 排序：occurred_on，前加 - 为倒序；默认 -occurred_on
    #[param(pattern = "^-?occurred_on$", example = "-occurred_on")]
    pub sort: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub page: PageQuery,
}

impl ContactEventPatch {
    /// The record as it was, with what the patch changes.
    pub fn over(self, mut record: ContactEventCreate) -> ContactEventCreate {
        macro_rules! replace {
            ($($field:ident),+) => { $(if let Some(value) = self.$field { record.$field = value; })+ };
        }
        // A word for `other` goes with it.
        if self.form.as_ref().is_some_and(|form| form != OTHER) {
            record.form_word = None;
        }
        replace!(
            occurred_on,
            form,
            form_word,
            summary,
            persons,
            constituents,
            outside_persons,
            others_count,
            co_participants,
            place,
            content_kinds,
            review_of_year,
            publicity,
            services
        );
        record.initiated_by = self.initiated_by.or(record.initiated_by);
        record
    }
}

impl ContactEventCreate {
    /// Every text that somebody wrote freely, with where it stands.
    pub fn texts(&self) -> impl Iterator<Item = (String, &str)> {
        let single = [("/summary", Some(&self.summary)), ("/place", self.place.as_ref()), ("/form_word", self.form_word.as_ref())];
        let single = single.into_iter().filter_map(|(at, text)| Some((at.to_owned(), text?.as_str())));
        let outside = self.outside_persons.iter().enumerate().map(|(n, name)| (format!("/outside_persons/{n}"), name.0.as_str()));
        let policies = self.publicity.iter().enumerate().map(|(n, of)| (format!("/publicity/{n}/policy"), of.policy.as_str()));
        let services = self.services.iter().enumerate().map(|(n, of)| (format!("/services/{n}/what"), of.what.as_str()));
        single.chain(outside).chain(policies).chain(services)
    }
}
