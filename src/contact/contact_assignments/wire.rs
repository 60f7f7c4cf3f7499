//! What travels of a contact assignment.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::contact::constituents::mask::ConstituentRef;
use crate::directory::refs::Ref;
use crate::http::PageQuery;
use crate::http::answer::Tagged;
use crate::{page, words};

words! {
    /// 联系的关系（第十一条）
    pub enum AssignmentKind {
        LeaderStandingMember = "leader_standing_member", "领导联系常委";
        CommitteeMember = "committee_member", "专委会联系委员";
        MemberConstituent = "member_constituent", "委员联系群众";
    }
}

/// 一项联系安排：谁联系谁，自何日至何日
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactAssignment {
    /// 标识
    pub id: Id,
    /// 关系
    pub kind: AssignmentKind,
    /// 联系人：领导或委员
    #[schema(required = true)]
    pub contacting_person: Option<Ref>,
    /// 联系的专委会
    #[schema(required = true)]
    pub contacting_organization: Option<Ref>,
    /// 被联系的常委或委员
    #[schema(required = true)]
    pub contacted_person: Option<Ref>,
    /// 被联系的群众；姓名只对其委员显示
    #[schema(required = true)]
    pub contacted_constituent: Option<ConstituentRef>,
    /// 起始之日
    #[schema(examples("2026-01-01"))]
    pub from: NaiveDate,
    /// 最后一日；没有期限的为 null
    #[schema(required = true, examples("2026-12-31"))]
    pub to: Option<NaiveDate>,
    /// 依据的决议
    #[schema(required = true, max_length = 100, examples("苍政协主席会议〔2026〕3号"))]
    pub resolution: Option<String>,
    /// 结束的理由
    #[schema(required = true, max_length = 200, examples("分工调整"))]
    pub end_reason: Option<String>,
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

impl Tagged for ContactAssignment {
    fn version(&self) -> i64 {
        self.version
    }
}

/// 新的联系安排；各关系须给出的双方见各字段
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactAssignmentCreate {
    /// 关系
    pub kind: AssignmentKind,
    /// 联系人：领导联系常委时为领导，委员联系群众时为委员
    #[schema(nullable = false)]
    pub contacting_person_id: Option<Id>,
    /// 联系的专委会：专委会联系委员时
    #[schema(nullable = false)]
    pub contacting_organization_id: Option<Id>,
    /// 被联系的人员：领导联系常委时为常委，专委会联系委员时为委员
    #[schema(nullable = false)]
    pub contacted_person_id: Option<Id>,
    /// 被联系的群众：委员联系群众时，须是该委员登记的
    #[schema(nullable = false)]
    pub contacted_constituent_id: Option<Id>,
    /// 起始之日；委员联系群众的不晚于今天
    #[schema(examples("2026-01-01"))]
    pub from: NaiveDate,
    /// 最后一日
    #[schema(nullable = false, examples("2026-12-31"))]
    pub to: Option<NaiveDate>,
    /// 依据的决议
    #[schema(nullable = false, min_length = 1, max_length = 100, examples("苍政协主席会议〔2026〕3号"))]
    pub resolution: Option<String>,
}

/// 结束联系安排
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactAssignmentEnd {
    /// 最后一日
    #[schema(examples("2026-06-30"))]
    pub to: NaiveDate,
    /// 理由；不得含有电话与身份证号码
    #[schema(min_length = 1, max_length = 200, examples("分工调整"))]
    pub reason: String,
    /// 依据的决议；给出时取代原有的
    #[schema(nullable = false, min_length = 1, max_length = 100, examples("苍政协主席会议〔2026〕9号"))]
    pub resolution: Option<String>,
}

/// 联系安排的筛选
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ContactAssignmentFilter {
    /// 关系，可给多项
    #[param(max_items = 3)]
    pub kind: Option<Vec<AssignmentKind>>,
    /// 联系人
    pub contacting_person_id: Option<Id>,
    /// 联系的专委会
    pub contacting_organization_id: Option<Id>,
    /// 被联系的人员
    pub contacted_person_id: Option<Id>,
    /// 被联系的群众
    pub contacted_constituent_id: Option<Id>,
    /// 只列这一天在生效的
    #[param(example = "2026-03-01")]
    pub as_of: Option<NaiveDate>,
    /// 排序：id（录入先后），前加 - 为倒序；默认 -id
    #[param(pattern = "^-?id$", example = "-id")]
    pub sort: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub page: PageQuery,
}

page! {
    /// 一页联系安排
    pub ContactAssignmentPage of ContactAssignment
}
