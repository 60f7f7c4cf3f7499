//! An event as it goes out.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::received::OutsideName;
use super::words::{Confirmation, ContactEventState, ContactSide, ContentKind, PublicityLevel};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Warning, warnings};
use crate::contact::constituents::mask::ConstituentRef;
use crate::directory::refs::Ref;
use crate::http::answer::Tagged;
use crate::http::etag::as_etag;
use crate::page;

/// 一位参加的人员
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContactEventParticipant {
    /// 人员
    pub person: Ref,
    /// 属于哪一方
    pub side: ContactSide,
    /// 对记录的答复
    pub confirmation: Confirmation,
    /// 异议的理由；没有或不予显示时为 null
    #[schema(required = true, max_length = 200, examples("当天不在县里"))]
    pub reason: Option<String>,
    /// 答复的时刻
    #[schema(required = true)]
    pub answered_at: Option<Instant>,
}

/// 作为一方的专委会
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContactEventOrganization {
    /// 标识
    pub id: Id,
    /// 名称
    #[schema(max_length = 200, examples("经济科技委员会"))]
    pub name: String,
    /// 属于哪一方
    pub side: ContactSide,
    /// 对记录的答复
    pub confirmation: Confirmation,
    /// 异议的理由；没有或不予显示时为 null
    #[schema(required = true, max_length = 200, examples("未见来访"))]
    pub reason: Option<String>,
}

/// 宣传的一项政策
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContactEventPublicity {
    /// 政策法规的名称；不予显示时为 null
    #[schema(required = true, max_length = 100, examples("乡村振兴促进法"))]
    pub policy: Option<String>,
    /// 层级
    pub level: PublicityLevel,
}

/// 为群众办的一件实事
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContactEventService {
    /// 类别，字典 service_kinds 的代码
    #[schema(max_length = 60, examples("medical"))]
    pub kind: String,
    /// 办了什么；不予显示时为 null
    #[schema(required = true, max_length = 200, examples("义诊"))]
    pub what: Option<String>,
    /// 受益人数
    #[schema(minimum = 1, maximum = 100_000, examples(12))]
    pub for_how_many: i64,
}

/// 同一次联系的另一条记录
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LinkedContactEvent {
    /// 标识
    pub id: Id,
    /// 联系之日
    pub occurred_on: NaiveDate,
    /// 由谁记录
    pub recorded_by: Ref,
}

/// 联系活动
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContactEvent {
    /// 标识
    pub id: Id,
    /// 联系之日
    #[schema(examples("2026-03-05"))]
    pub occurred_on: NaiveDate,
    /// 形式，字典 contact_forms 的代码
    #[schema(max_length = 60, examples("visit"))]
    pub form: String,
    /// 其他形式的名称
    #[schema(required = true, max_length = 20, examples("赶集日摆摊听意见"))]
    pub form_word: Option<String>,
    /// 一句话概述；不予显示时为 null
    #[schema(required = true, max_length = 500, examples("走访养殖户，了解台风后的恢复情况"))]
    pub summary: Option<String>,
    /// 地点；没有或不予显示时为 null
    #[schema(required = true, max_length = 100, examples("灵溪镇渎浦村"))]
    pub place: Option<String>,
    /// 哪一方发起
    pub initiated_by: ContactSide,
    /// 参加的人员，联系方在前
    #[schema(max_items = 101)]
    pub participants: Vec<ContactEventParticipant>,
    /// 作为一方的专委会
    #[schema(required = true)]
    pub organization: Option<ContactEventOrganization>,
    /// 由谁记录
    pub recorded_by: Ref,
    /// 以哪个角色记录
    #[schema(max_length = 40, examples("member"))]
    pub recorded_as: String,
    /// 界别群众；不予显示时为 null
    #[schema(required = true, max_items = 100)]
    pub constituents: Option<Vec<ConstituentRef>>,
    /// 界别群众的人数
    #[schema(minimum = 0, maximum = 100, examples(1))]
    pub constituents_count: i64,
    /// 没有登记的群众的姓名；不予显示时为 null
    #[schema(required = true, max_items = 50)]
    pub outside_persons: Option<Vec<OutsideName>>,
    /// 没有登记的群众的人数
    #[schema(minimum = 0, maximum = 50, examples(0))]
    pub outside_persons_count: i64,
    /// 此外还有多少群众
    #[schema(minimum = 0, maximum = 100_000, examples(20))]
    pub others_count: i64,
    /// 是否有群众
    pub with_people: bool,
    /// 联系内容
    #[schema(max_items = 5)]
    pub content_kinds: Vec<ContentKind>,
    /// 了解哪一年的工作
    #[schema(required = true, minimum = 2000, maximum = 2100, examples(2026))]
    pub review_of_year: Option<i64>,
    /// 宣传的政策
    #[schema(max_items = 20)]
    pub publicity: Vec<ContactEventPublicity>,
    /// 办的实事
    #[schema(max_items = 20)]
    pub services: Vec<ContactEventService>,
    /// 状态
    pub state: ContactEventState,
    /// 异议是否经委员工委裁定
    pub settled: bool,
    /// 裁定或作废的理由；没有或不予显示时为 null
    #[schema(required = true, max_length = 200, examples("重复记录"))]
    pub state_reason: Option<String>,
    /// 同一次联系的其他记录，统计时合为一次
    #[schema(max_items = 100)]
    pub linked: Vec<LinkedContactEvent>,
    /// 客户端自编的编号，只对记录者显示
    #[schema(required = true, max_length = 100, examples("phone-1-20260305-0007"))]
    pub client_ref: Option<String>,
    /// 是否有内容不予显示或隐去了一部分
    pub masked: bool,
    /// 现在可做的动作
    #[schema(max_items = 10)]
    pub allowed_actions: Vec<String>,
    /// 所写的文字中像是个人信息的地方，只在写入文字的答复中
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_items = 100)]
    pub warnings: Option<Vec<Warning>>,
    /// 双方、日期、形式相同的其他记录有几条（在最近的 10 条中数），只在新增的答复中；群众只有人数的不计，详见 matches
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 10)]
    pub similar_count: Option<i64>,
    /// 版本，用于 If-Match
    #[serde(rename = "etag", serialize_with = "as_etag")]
    #[schema(value_type = String, max_length = 40, examples("\"3\""))]
    pub version: i64,
    /// 录入时刻
    pub created_at: Instant,
    /// 最近修改时刻
    pub updated_at: Instant,
}

page! {
    /// 一页联系活动
    pub ContactEventPage of ContactEvent
}

impl Tagged for ContactEvent {
    fn version(&self) -> i64 {
        self.version
    }
}

impl ContactEvent {
    /// With what a text that came along holds of personal data.
    pub fn warned_of(mut self, pointer: &str, text: &str) -> Self {
        self.warnings.get_or_insert_default().extend(warnings(pointer, text));
        self
    }
}
