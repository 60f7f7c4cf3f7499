//! What travels of a constituent.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::Warning;
use crate::directory::refs::Ref;
use crate::http::PageQuery;
use crate::http::answer::Tagged;
use crate::http::input::given;
use crate::{page, words};

words! {
    /// 委员与群众的联系基础（第三条：就近就地）
    pub enum Basis {
        Workplace = "workplace", "所在单位";
        Industry = "industry", "所在行业";
        Field = "field", "所在领域";
        Residence = "residence", "居住地";
    }
}

words! {
    /// 群众记录的状态
    pub enum ConstituentState {
        Active = "active", "在联系";
        Anonymised = "anonymised", "委员离任或长期没有联系，个人信息已隐去";
        Erased = "erased", "应本人要求，个人信息已删除";
    }
}

/// 委员联系的一名群众；姓名只对其委员显示，电话一律隐去中间
#[derive(Debug, Serialize, ToSchema)]
pub struct Constituent {
    /// 标识
    pub id: Id,
    /// 状态
    pub state: ConstituentState,
    /// 联系他的委员
    pub member: Ref,
    /// 姓名；对其委员以外的人只有姓；已隐去或删除的为 null
    #[schema(required = true, max_length = 60, examples("王小明"))]
    pub name: Option<String>,
    /// 电话，隐去中间；查看全号用 reveal
    #[schema(required = true, max_length = 40, examples("138****1234"))]
    pub phone: Option<String>,
    /// 姓名是否已隐去
    pub masked: bool,
    /// 联系基础
    #[schema(min_items = 1, max_items = 4)]
    pub bases: Vec<Basis>,
    /// 所属界别
    #[schema(required = true)]
    pub sector: Option<Ref>,
    /// 乡镇、街道
    #[schema(required = true, max_length = 60, examples("灵溪镇"))]
    pub township: Option<String>,
    /// 备注；只对其委员显示
    #[schema(required = true, format = "multi-line", max_length = 500, examples("合作社理事长"))]
    pub note: Option<String>,
    /// 本人同意之日
    #[schema(required = true, examples("2026-03-01"))]
    pub consent_on: Option<NaiveDate>,
    /// 同意的方式（字典 consent_ways）
    #[schema(required = true, max_length = 60, examples("oral"))]
    pub consent_way: Option<String>,
    /// 最近一次联系之日；随联系活动更新，不改变 etag
    #[schema(required = true, examples("2026-03-05"))]
    pub last_contact_on: Option<NaiveDate>,
    /// 个人信息隐去之日
    #[schema(required = true, examples("2028-03-05"))]
    pub anonymised_on: Option<NaiveDate>,
    /// 个人信息删除之日
    #[schema(required = true, examples("2026-04-01"))]
    pub erased_on: Option<NaiveDate>,
    /// 应本人要求删除的办理记录
    #[schema(required = true)]
    pub erasure: Option<Erasure>,
    /// 备注中不宜保存的内容
    #[schema(max_items = 20)]
    pub warnings: Vec<Warning>,
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

impl Tagged for Constituent {
    fn version(&self) -> i64 {
        self.version
    }
}

/// 应本人要求删除个人信息的办理记录（15 个工作日内办结）
#[derive(Debug, Serialize, ToSchema)]
pub struct Erasure {
    /// 本人提出之日
    #[schema(examples("2026-03-20"))]
    pub requested_on: NaiveDate,
    /// 办结的期限
    #[schema(examples("2026-04-10"))]
    pub due_on: NaiveDate,
    /// 办结之日
    #[schema(examples("2026-04-01"))]
    pub erased_on: NaiveDate,
    /// 是否在期限内办结
    pub in_time: bool,
    /// `assumed` 表示期限所在的年份没有工作日历，按周一至周五推算；否则为 null
    #[schema(required = true, max_length = 20, examples("assumed"))]
    pub calendar: Option<&'static str>,
}

/// 新的群众
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConstituentCreate {
    /// 姓名；不得含有电话与身份证号码
    #[schema(min_length = 1, max_length = 60, examples("王小明"))]
    pub name: String,
    /// 电话：手机、带区号的固定电话或 + 开头的国际号码
    #[schema(nullable = false, min_length = 1, max_length = 40, examples("13800001234"))]
    pub phone: Option<String>,
    /// 联系基础，一项或多项
    #[schema(min_items = 1, max_items = 4)]
    pub bases: Vec<Basis>,
    /// 所属界别；不给时为委员所在的界别
    #[schema(nullable = false)]
    pub sector_id: Option<Id>,
    /// 乡镇、街道；不得含有电话与身份证号码
    #[schema(nullable = false, min_length = 1, max_length = 60, examples("灵溪镇"))]
    pub township: Option<String>,
    /// 备注；不得含有身份证号码
    #[schema(nullable = false, format = "multi-line", min_length = 1, max_length = 500, examples("合作社理事长"))]
    pub note: Option<String>,
    /// 本人同意之日，不晚于今天
    #[schema(examples("2026-03-01"))]
    pub consent_on: NaiveDate,
    /// 同意的方式（字典 consent_ways）
    #[schema(min_length = 1, max_length = 60, examples("oral"))]
    pub consent_way: String,
    /// 联系安排的起始之日，不晚于今天；默认今天
    #[schema(nullable = false, examples("2026-03-01"))]
    pub assigned_from: Option<NaiveDate>,
}

/// 群众记录的修改 (RFC 7396)
#[derive(Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConstituentPatch {
    /// 姓名
    #[schema(nullable = false, min_length = 1, max_length = 60, examples("王小明"))]
    pub name: Option<String>,
    /// 电话；null 表示没有
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 40, examples("13800001234"))]
    pub phone: Option<Option<String>>,
    /// 联系基础
    #[schema(nullable = false, min_items = 1, max_items = 4)]
    pub bases: Option<Vec<Basis>>,
    /// 所属界别；null 表示不明
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Id>)]
    pub sector_id: Option<Option<Id>>,
    /// 乡镇、街道；null 表示不明
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 60, examples("灵溪镇"))]
    pub township: Option<Option<String>>,
    /// 备注；null 表示没有
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = "multi-line", min_length = 1, max_length = 500, examples("合作社理事长"))]
    pub note: Option<Option<String>>,
    /// 本人同意之日
    #[schema(nullable = false, examples("2026-03-01"))]
    pub consent_on: Option<NaiveDate>,
    /// 同意的方式（字典 consent_ways）
    #[schema(nullable = false, min_length = 1, max_length = 60, examples("oral"))]
    pub consent_way: Option<String>,
}

/// 群众的筛选
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ConstituentFilter {
    /// 姓名中的字；只在自己的群众中查找
    #[param(min_length = 1, max_length = 60, example = "小明")]
    pub q: Option<String>,
    /// 完整的电话；委员工委只能这样查找
    #[param(min_length = 1, max_length = 40, example = "13800001234")]
    pub phone: Option<String>,
    /// 联系基础，可给多项
    #[param(max_items = 4)]
    pub basis: Option<Vec<Basis>>,
    /// 所属界别，可给多项
    #[param(max_items = 50)]
    pub sector_id: Option<Vec<Id>>,
    /// 乡镇、街道，可给多项
    #[param(max_items = 50)]
    pub township: Option<Vec<String>>,
    /// 状态，可给多项
    #[param(max_items = 3)]
    pub state: Option<Vec<ConstituentState>>,
    /// 排序：id（录入先后），前加 - 为倒序；默认 -id
    #[param(pattern = "^-?id$", example = "-id")]
    pub sort: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub page: PageQuery,
}

page! {
    /// 一页群众
    pub ConstituentPage of Constituent
}

/// 查看全部信息的理由
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConstituentReveal {
    /// 理由，加密保存，本人可以查阅
    #[schema(min_length = 1, max_length = 200, examples("回访前核对电话"))]
    pub reason: String,
}

/// 群众的全部个人信息
#[derive(Debug, Serialize, ToSchema)]
pub struct ConstituentRevealed {
    /// 标识
    pub id: Id,
    /// 姓名
    #[schema(required = true, max_length = 60, examples("王小明"))]
    pub name: Option<String>,
    /// 电话
    #[schema(required = true, max_length = 40, examples("13800001234"))]
    pub phone: Option<String>,
    /// 备注；委员工委导出时为 null
    #[schema(required = true, format = "multi-line", max_length = 500, examples("合作社理事长"))]
    pub note: Option<String>,
}

/// 应本人要求删除个人信息
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConstituentErase {
    /// 理由，加密保存；不得含有姓名、电话与身份证号码
    #[schema(min_length = 1, max_length = 200, examples("本人要求删除"))]
    pub reason: String,
    /// 本人提出之日，不晚于今天
    #[schema(examples("2026-03-20"))]
    pub requested_on: NaiveDate,
    /// 本人的完整电话；委员工委办理时必填，须与所登记的相同
    #[schema(nullable = false, min_length = 1, max_length = 40, examples("13800001234"))]
    pub phone: Option<String>,
}

/// 应本人要求导出所保存的内容
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConstituentExport {
    /// 理由，加密保存，本人可以查阅
    #[schema(min_length = 1, max_length = 200, examples("本人要求查阅"))]
    pub reason: String,
    /// 本人的完整电话；委员工委办理时必填，须与所登记的相同
    #[schema(nullable = false, min_length = 1, max_length = 40, examples("13800001234"))]
    pub phone: Option<String>,
}

/// 对一份个人信息做过的一件事
#[derive(Debug, Serialize, ToSchema)]
pub struct Handling {
    /// 时刻
    pub at: Instant,
    /// 做了什么
    #[schema(max_length = 60, examples("constituent_reveal"))]
    pub op: String,
    /// 何人；没有对应人员的账号为 null
    #[schema(required = true)]
    pub by: Option<Ref>,
    /// 理由
    #[schema(required = true, max_length = 200, examples("回访前核对电话"))]
    pub reason: Option<String>,
}

/// 涉及该群众的一次联系活动
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedEvent {
    /// 标识
    pub id: Id,
    /// 日期
    #[schema(examples("2026-03-05"))]
    pub occurred_on: NaiveDate,
    /// 形式（字典 contact_forms）
    #[schema(max_length = 60, examples("visit"))]
    pub form: String,
    /// 状态
    #[schema(max_length = 60, examples("recorded"))]
    pub state: String,
    /// 地点；委员工委不见内容，为 null
    #[schema(required = true, max_length = 200, examples("灵溪镇"))]
    pub place: Option<String>,
    /// 内容；委员工委不见内容，为 null
    #[schema(required = true, format = "multi-line", max_length = 10000, examples("了解春耕用水情况"))]
    pub summary: Option<String>,
}

/// 源自该群众的一件社情民意
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedOpinion {
    /// 标识
    pub id: Id,
    /// 状态
    #[schema(max_length = 60, examples("submitted"))]
    pub state: String,
    /// 提交之日；未提交的为 null
    #[schema(required = true, examples("2026-03-06"))]
    pub submitted_on: Option<NaiveDate>,
    /// 标题；委员工委不见内容，为 null
    #[schema(required = true, max_length = 200, examples("校门口缺一条斑马线"))]
    pub title: Option<String>,
}

/// 联系该群众的一项安排
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedAssignment {
    /// 标识
    pub id: Id,
    /// 起始之日
    #[schema(examples("2026-03-01"))]
    pub from: NaiveDate,
    /// 最后一日
    #[schema(required = true, examples("2026-12-31"))]
    pub to: Option<NaiveDate>,
}

/// 所保存的关于一名群众的全部内容，可交给本人
#[derive(Debug, Serialize, ToSchema)]
pub struct ConstituentDataExport {
    /// 制作时刻
    pub made_at: Instant,
    /// 记录
    pub constituent: Constituent,
    /// 个人信息，全部
    pub personal: ConstituentRevealed,
    /// 联系安排
    #[schema(max_items = 10000)]
    pub assignments: Vec<ExportedAssignment>,
    /// 涉及本人的联系活动
    #[schema(max_items = 10000)]
    pub events: Vec<ExportedEvent>,
    /// 源自本人的社情民意
    #[schema(max_items = 10000)]
    pub opinions: Vec<ExportedOpinion>,
    /// 个人信息的查看、导出与删除记录
    #[schema(max_items = 10000)]
    pub handlings: Vec<Handling>,
}
