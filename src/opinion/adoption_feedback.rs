//! 采纳情况反馈: what became of an opinion, told to each of its authors (art. 19).
//!
//! One receipt by opinion, author and round; a decline's reason is feedback too, but asks for no acknowledgement. An author
//! says how satisfied they are within the time set; silence is `no_response` and never satisfaction. The first `dissatisfied`
//! opens the opinion again, once, for all its authors.

use actix_web::{get, post};
use chrono::NaiveDate;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::opinions::store::{self, Author, Begins, Case, Note};
use super::opinions::wire::{Opinion, OpinionAuthor, OpinionDecline, OpinionReason, Outcome};
use super::opinions::{tell_authors, tell_owner, view};
use super::way::{self, Facts, State, To};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{self, Code, Maybe, Problem, Warning};
use crate::db::schema::{adoption_feedback, adoption_feedback::dsl, opinions};
use crate::db::{Engine, Tx};
use crate::directory::dated;
use crate::directory::refs::{Kind, Names, Ref};
use crate::each;
use crate::http::answer::Tagged;
use crate::http::etag::as_etag;
use crate::http::{Answer, Ask, At, Body, Call, IfMatch, Page, PageQuery, Reply};
use crate::policy::{Belongs, Grant, Op, Reach};
use crate::record::{self, Thing, notify};
use crate::{keyset, page, paged, words};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(opinion_decline)
        .service(opinion_feedback)
        .service(opinion_reopen)
        .service(feedback_list)
        .service(feedback_read)
        .service(feedback_acknowledge);
}

words! {
    /// 回执的状态
    pub enum ReceiptState {
        Open = "open", "待作者确认";
        Acknowledged = "acknowledged", "作者已确认";
        NoResponse = "no_response", "逾期未回应";
        Ended = "ended", "因重新办理而终止";
        NotRequired = "not_required", "不要求确认";
    }
}

words! {
    /// 作者对反馈的满意程度
    pub enum Satisfaction {
        Satisfied = "satisfied", "满意";
        BasicallySatisfied = "basically_satisfied", "基本满意";
        Dissatisfied = "dissatisfied", "不满意";
    }
}

views! {
    /// 采纳情况反馈（列表中的一项，不含文字）
    AdoptionFeedbackSummary,
    /// 采纳情况反馈：给一位作者的一份回执
    AdoptionFeedback,
    FeedbackTexts,
    {
        /// 标识
        id: Id,
        /// 社情民意，名称为其标题
        opinion: Ref,
        /// 第几次反馈
        #[schema(minimum = 1, maximum = 100000, examples(1))]
        round: i64,
        /// 给哪位作者
        author: OpinionAuthor,
        /// 作者的界别
        #[schema(required = true)]
        sector: Option<Ref>,
        /// 当时的承办机构
        #[schema(required = true)]
        owner: Option<Ref>,
        /// 采纳情况
        outcome: Outcome,
        /// 反馈之日
        #[schema(examples("2026-04-02"))]
        given_on: NaiveDate,
        /// 谁反馈的
        #[schema(required = true)]
        given_by: Option<Ref>,
        /// 是否在时限之内；没有时限时为 null
        #[schema(required = true)]
        in_time: Option<bool>,
        /// 作者确认的最后一日
        #[schema(required = true, examples("2026-04-24"))]
        due_on: Option<NaiveDate>,
        /// 回执的状态
        state: ReceiptState,
        /// 满意程度
        #[schema(required = true)]
        satisfaction: Option<Satisfaction>,
        /// 确认的时刻
        #[schema(required = true)]
        acknowledged_at: Option<Instant>,
        /// 现在可做的事，以操作名表示
        #[schema(max_items = 5, examples("feedback_acknowledge"))]
        allowed_actions: Vec<&'static str>,
        /// 版本，用于 If-Match
        #[serde(rename = "etag", serialize_with = "as_etag")]
        #[schema(value_type = String, max_length = 40, examples("\"1\""))]
        version: i64,
        /// 录入时刻
        created_at: Instant,
        /// 最近修改时刻
        updated_at: Instant,
    }
    {
        /// 反馈的内容
        #[schema(max_length = 10000, examples("已采纳，斑马线将于四月底前施划。"))]
        text: String,
        /// 作者的意见
        #[schema(required = true, max_length = 2000)]
        comment: Option<String>,
        /// 文字中像是个人信息的地方
        #[schema(max_items = 40)]
        warnings: Vec<Warning>,
    }
}

page! {
    /// 一页采纳情况反馈
    pub AdoptionFeedbackPage of AdoptionFeedbackSummary
}

impl Tagged for AdoptionFeedback {
    fn version(&self) -> i64 {
        self.version
    }
}

/// 给作者的反馈
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionFeedback {
    /// 采纳情况的说明
    #[schema(format = "multi-line", min_length = 1, max_length = 10000, examples("已采纳，斑马线将于四月底前施划。"))]
    pub text: String,
}

/// 作者的确认
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedbackAcknowledge {
    /// 满意程度
    pub satisfaction: Satisfaction,
    /// 意见
    #[schema(format = "multi-line", nullable = false, min_length = 1, max_length = 2000, examples("谢谢，已转告群众。"))]
    pub comment: Option<String>,
}

/// 采纳情况反馈的筛选；同一参数给多次表示任一
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FeedbackFilter {
    /// 社情民意
    #[serde(default)]
    #[param(max_items = 20)]
    pub opinion: Vec<Id>,
    /// 作者：人员或机构
    #[serde(default)]
    #[param(max_items = 20)]
    pub author: Vec<Id>,
    /// 回执的状态
    #[serde(default)]
    #[param(max_items = 5)]
    pub state: Vec<ReceiptState>,
    /// 采纳情况
    #[serde(default)]
    #[param(max_items = 5)]
    pub outcome: Vec<Outcome>,
    /// 满意程度
    #[serde(default)]
    #[param(max_items = 3)]
    pub satisfaction: Vec<Satisfaction>,
    /// 是否在时限之内反馈
    pub in_time: Option<bool>,
    /// 反馈之日，自（含）
    #[param(example = "2026-01-01")]
    pub given_from: Option<NaiveDate>,
    /// 反馈之日，至（不含）
    #[param(example = "2027-01-01")]
    pub given_before: Option<NaiveDate>,
    /// 排序：id（即反馈先后），前加 - 为倒序；默认 -id
    #[param(pattern = "^-?id$", example = "-id")]
    pub sort: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    pub page: PageQuery,
}

/// 不予受理
///
/// 第十九条：附理由，理由即给作者的反馈；作者可在期限内提出一次异议。设置可规定专委会只由主任作出。
#[utoipa::path(params(At, IfMatch), request_body = OpinionDecline, responses((status = 200, description = "不予受理", body = Opinion)))]
#[post("/opinions/{id}/decline")]
async fn opinion_decline(call: Call, at: At, seen: IfMatch, body: Body<OpinionDecline>) -> Reply<Opinion> {
    call.write(body, move |tx, body| {
        let mut case = store::find(tx, at.id)?;
        let taken = store::take(tx, &case, Op::opinion_decline, Some(&seen))?;
        let in_time = in_time(tx, &case);
        case.row.declined_by = Some(tx.caller.person.unwrap_or(tx.caller.account));
        case.row.declined_on = Some(tx.today);
        case.row.outcome = Some(Outcome::Declined);
        case.row.round += 1;
        let mut note = Note::because(&body.reason);
        note.details.outcome = case.row.outcome;
        if case.row.objected {
            // A second decline is final: nobody waits for an objection.
            note.counted_from = Begins::Never;
        }
        store::save(tx, &mut case, &taken, note)?;
        give(tx, &case, Op::opinion_decline, &body.reason, in_time)?;
        tell_authors(tx, &case, "opinion_declined", json!({"due_on": case.row.due_on}))?;
        Ok(Answer::one(view::whole(tx, &case, None)?.warned_of("/reason", &body.reason)))
    })
    .await
}

/// 反馈采纳情况
///
/// 第十九条：把采纳情况及时反馈作者；每位作者各有一份回执，在期限内确认。
#[utoipa::path(params(At, IfMatch), request_body = OpinionFeedback, responses((status = 200, description = "已反馈", body = Opinion)))]
#[post("/opinions/{id}/feedback")]
async fn opinion_feedback(call: Call, at: At, seen: IfMatch, body: Body<OpinionFeedback>) -> Reply<Opinion> {
    call.write(body, move |tx, body| {
        let mut case = store::find(tx, at.id)?;
        let taken = store::take(tx, &case, Op::opinion_feedback, Some(&seen))?;
        let in_time = in_time(tx, &case);
        case.row.round += 1;
        case.row.reopened = false;
        let mut note = Note::default();
        note.details.outcome = case.row.outcome;
        store::save(tx, &mut case, &taken, note)?;
        give(tx, &case, Op::opinion_feedback, &body.text, in_time)?;
        tell_authors(tx, &case, "opinion_answered", json!({"outcome": case.row.outcome, "due_on": case.row.due_on}))?;
        Ok(Answer::one(view::whole(tx, &case, None)?.warned_of("/text", &body.text)))
    })
    .await
}

/// 重新办理
///
/// 第十九条：已反馈或已办结的，附理由重新办理，之后再次反馈；未确认的回执随之终止。
#[utoipa::path(params(At, IfMatch), request_body = OpinionReason, responses((status = 200, description = "已重新办理", body = Opinion)))]
#[post("/opinions/{id}/reopen")]
async fn opinion_reopen(call: Call, at: At, seen: IfMatch, body: Body<OpinionReason>) -> Reply<Opinion> {
    call.write(body, move |tx, body| {
        let mut case = store::find(tx, at.id)?;
        let taken = store::take(tx, &case, Op::opinion_reopen, Some(&seen))?;
        case.row.reopened = true;
        store::save(tx, &mut case, &taken, Note::because(&body.reason))?;
        end_receipts(tx, at.id)?;
        tell_authors(tx, &case, "opinion_reopened", json!({}))?;
        tell_owner(tx, &case, "opinion_reopened")?;
        Ok(Answer::one(view::whole(tx, &case, None)?.warned_of("/reason", &body.reason)))
    })
    .await
}

/// 采纳情况反馈列表
///
/// 第十九条：给谁、何时、是否及时、是否满意；作者只见自己的。
#[utoipa::path(params(FeedbackFilter, PageQuery), responses((status = 200, description = "一页反馈", body = AdoptionFeedbackPage)))]
#[get("/adoption-feedback")]
async fn feedback_list(call: Call, ask: Ask<FeedbackFilter>) -> Reply<AdoptionFeedbackPage> {
    call.read(ask, |tx, filter| {
        let bound = FeedbackFilter { page: PageQuery::default(), sort: None, ..filter.clone() };
        let page = Page::of(tx, &filter.page, filter.sort.as_deref().unwrap_or("-id"), &bound)?;
        let list = |tx: &Tx<'_>| narrowed(visible(tx, Op::feedback_list), filter);
        let mut query = list(tx);
        keyset!(query, &page, adoption_feedback {});
        let rows = query.select(ReceiptRow::as_select()).load(tx.conn)?;
        let mark = |row: &ReceiptRow| (String::new(), row.id);
        Ok(Answer::plain(paged!(
            AdoptionFeedbackPage,
            tx,
            page,
            filter.page,
            rows,
            mark,
            |rows: Vec<ReceiptRow>| summaries(tx, &rows),
            list(tx).select(dsl::id)
        )))
    })
    .await
}

/// 一份采纳情况反馈
///
/// 第十九条：含反馈的文字与作者的确认。
#[utoipa::path(params(At), responses((status = 200, description = "反馈", body = AdoptionFeedback)))]
#[get("/adoption-feedback/{id}")]
async fn feedback_read(call: Call, at: At) -> Reply<AdoptionFeedback> {
    call.read((), move |tx, ()| {
        let row = find(tx, at.id)?;
        Ok(Answer::one(whole(tx, row)?))
    })
    .await
}

/// 确认反馈
///
/// 第十九条：作者确认收到并评价是否满意；首次不满意的，重新办理一次。
#[utoipa::path(params(At, IfMatch), request_body = FeedbackAcknowledge,
    responses((status = 200, description = "已确认", body = AdoptionFeedback)))]
#[post("/adoption-feedback/{id}/acknowledge")]
async fn feedback_acknowledge(call: Call, at: At, seen: IfMatch, body: Body<FeedbackAcknowledge>) -> Reply<AdoptionFeedback> {
    call.write(body, move |tx, body| {
        let receipt = find(tx, at.id)?;
        let mut case = store::hold(tx, receipt.opinion_id)?;
        let own = Receipt::of(&receipt, &case);
        let grant = tx.caller.may(Op::feedback_acknowledge, &own.belongs()).ok_or_else(|| Problem::plain(Code::Forbidden))?;
        let (role, organization) = (grant.role.as_str(), grant.organization);
        seen.check(receipt.version)?;
        let facts = Facts {
            first_dissatisfied: body.satisfaction == Satisfaction::Dissatisfied && !case.row.dissatisfied,
            more_receipts: others_open(tx, &receipt)?,
            ..case.facts(tx.today)
        };
        let open = (receipt.state == ReceiptState::Open).then_some(case.row.state);
        let Some(edge) = open.and_then(|state| way::next(Some(state), Op::feedback_acknowledge, &facts)) else {
            return Err(Problem::state(receipt.state.as_str(), Vec::new()));
        };
        let given =
            Given { state: ReceiptState::Acknowledged, satisfaction: Some(body.satisfaction), comment: body.comment.as_deref() };
        let receipt = answer(tx, receipt, given)?;
        record::deed(tx, Op::feedback_acknowledge, &Receipt::of(&receipt, &case));
        let reopens = edge.to == To::State(State::Decided);
        if reopens {
            (case.row.dissatisfied, case.row.reopened) = (true, true);
            end_receipts(tx, case.row.id)?;
        }
        let taken = store::Taken { edge, role, organization };
        store::save(tx, &mut case, &taken, Note::default())?;
        if reopens {
            tell_owner(tx, &case, "opinion_dissatisfied")?;
        }
        Ok(Answer::one(whole(tx, receipt)?))
    })
    .await
}

/// One receipt as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = adoption_feedback, treat_none_as_default_value = false)]
pub struct ReceiptRow {
    pub id: Id,
    pub jurisdiction_id: Id,
    pub opinion_id: Id,
    pub round: i64,
    pub author_person_id: Option<Id>,
    pub author_organization_id: Option<Id>,
    pub sector_id: Option<Id>,
    pub owner_id: Option<Id>,
    pub outcome: Outcome,
    pub text: String,
    pub given_on: NaiveDate,
    pub given_by: Option<Id>,
    pub in_time: Option<bool>,
    pub due_on: Option<NaiveDate>,
    pub state: ReceiptState,
    pub satisfaction: Option<Satisfaction>,
    pub comment: Option<String>,
    pub acknowledged_at: Option<Instant>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

/// A receipt with what its opinion belongs to.
struct Receipt<'a> {
    row: &'a ReceiptRow,
    of_opinion: Belongs,
}

impl<'a> Receipt<'a> {
    fn of(row: &'a ReceiptRow, case: &Case) -> Self {
        Self { row, of_opinion: case.belongs() }
    }
}

impl Thing for Receipt<'_> {
    const KIND: &'static str = "adoption_feedback";

    fn id(&self) -> Id {
        self.row.id
    }

    fn version(&self) -> i64 {
        self.row.version
    }

    fn state(&self) -> Option<&'static str> {
        Some(self.row.state.as_str())
    }

    /// Its own author's and no other's; for bodies it lies where its opinion does.
    fn belongs(&self) -> Belongs {
        Belongs {
            persons: self.row.author_person_id.into_iter().collect(),
            organizations: self.row.author_organization_id.into_iter().collect(),
            ..self.of_opinion.clone()
        }
    }
}

type Query = adoption_feedback::BoxedQuery<'static, Engine>;
type Filter = Box<dyn BoxableExpression<adoption_feedback::table, Engine, SqlType = Bool>>;

/// Every query of a receipt starts here: an author's own, and for bodies those of the opinions they see.
fn visible(tx: &Tx<'_>, op: Op) -> Query {
    let ours = dsl::adoption_feedback.filter(dsl::jurisdiction_id.eq(tx.jurisdiction())).into_boxed();
    let filters = tx.caller.reaches(op).filter_map(|(reach, grant)| scope(reach, grant));
    match filters.reduce(|a, b| Box::new(a.or(b))) {
        Some(reach) => ours.filter(reach),
        None => ours.filter(dsl::id.ne(dsl::id)),
    }
}

fn scope(reach: Reach, grant: &Grant) -> Option<Filter> {
    let opinion = opinions::table.filter(opinions::id.eq(dsl::opinion_id));
    match reach {
        Reach::Own => {
            let (person, body) = (dsl::author_person_id, dsl::author_organization_id);
            match (grant.organization, grant.person) {
                (Some(own), _) => Some(Box::new(body.is_not_null().and(body.assume_not_null().eq(own)))),
                (None, Some(own)) => Some(Box::new(person.is_not_null().and(person.assume_not_null().eq(own)))),
                (None, None) => None,
            }
        }
        Reach::All | Reach::Submitted => Some(Box::new(dsl::id.eq(dsl::id))),
        Reach::Reported => Some(Box::new(exists(opinion.filter(opinions::meeting_id.is_not_null())))),
        Reach::Sectors => {
            let body = grant.organization?;
            let owner = opinions::owner_id.is_not_null().and(opinions::owner_id.assume_not_null().eq(body));
            let accepted = opinions::accepted_by.is_not_null().and(opinions::accepted_by.assume_not_null().eq(body));
            let sectors = grant.sectors.clone();
            let sector = opinions::sector_id.is_not_null().and(opinions::sector_id.assume_not_null().eq_any(sectors));
            Some(Box::new(exists(opinion.filter(owner.or(accepted).or(sector)))))
        }
        _ => None,
    }
}

fn find(tx: &mut Tx<'_>, id: Id) -> Maybe<ReceiptRow> {
    Ok(visible(tx, Op::feedback_read).filter(dsl::id.eq(id)).select(ReceiptRow::as_select()).first(tx.conn)?)
}

fn narrowed(mut query: Query, filter: &FeedbackFilter) -> Query {
    macro_rules! any {
        ($($values:expr => $column:expr;)+) => {
            $(if !$values.is_empty() { query = query.filter($column.eq_any($values.clone())); })+
        };
    }
    any! { filter.opinion => dsl::opinion_id; filter.state => dsl::state; filter.outcome => dsl::outcome; }
    if !filter.satisfaction.is_empty() {
        let given = dsl::satisfaction.assume_not_null().eq_any(filter.satisfaction.clone());
        query = query.filter(dsl::satisfaction.is_not_null().and(given));
    }
    if !filter.author.is_empty() {
        let (person, body) = (dsl::author_person_id, dsl::author_organization_id);
        let is_person = person.is_not_null().and(person.assume_not_null().eq_any(filter.author.clone()));
        let is_body = body.is_not_null().and(body.assume_not_null().eq_any(filter.author.clone()));
        query = query.filter(is_person.or(is_body));
    }
    if let Some(in_time) = filter.in_time {
        query = query.filter(dsl::in_time.is_not_null().and(dsl::in_time.assume_not_null().eq(in_time)));
    }
    if let Some(from) = filter.given_from {
        query = query.filter(dsl::given_on.ge(from));
    }
    if let Some(before) = filter.given_before {
        query = query.filter(dsl::given_on.lt(before));
    }
    query
}

fn summaries(tx: &mut Tx<'_>, rows: &[ReceiptRow]) -> Maybe<Vec<AdoptionFeedbackSummary>> {
    let titles = view::titles(tx, rows.iter().map(|row| row.opinion_id))?;
    let persons = Names::load(tx, Kind::Person, rows.iter().flat_map(|row| [row.author_person_id, row.given_by]).flatten())?;
    let bodies =
        Names::load(tx, Kind::Organization, rows.iter().flat_map(|row| [row.author_organization_id, row.owner_id]).flatten())?;
    let sectors = Names::load(tx, Kind::Sector, rows.iter().filter_map(|row| row.sector_id))?;
    let summary = |row: &ReceiptRow| AdoptionFeedbackSummary {
        id: row.id,
        opinion: titles.get(&row.opinion_id).cloned().unwrap_or_default(),
        round: row.round,
        author: OpinionAuthor {
            person: persons.maybe(row.author_person_id),
            organization: bodies.maybe(row.author_organization_id),
        },
        sector: sectors.maybe(row.sector_id),
        owner: bodies.maybe(row.owner_id),
        outcome: row.outcome,
        given_on: row.given_on,
        given_by: persons.maybe(row.given_by),
        in_time: row.in_time,
        due_on: row.due_on,
        state: row.state,
        satisfaction: row.satisfaction,
        acknowledged_at: row.acknowledged_at,
        allowed_actions: actions(tx, row),
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    Ok(rows.iter().map(summary).collect())
}

/// A receipt is answered by whom it was made out to, whatever became of the opinion's other sides.
fn actions(tx: &Tx<'_>, row: &ReceiptRow) -> Vec<&'static str> {
    let own = Belongs {
        persons: row.author_person_id.into_iter().collect(),
        organizations: row.author_organization_id.into_iter().collect(),
        ..Belongs::default()
    };
    let op = Op::feedback_acknowledge;
    if row.state == ReceiptState::Open && tx.caller.may(op, &own).is_some() { vec![op.as_str()] } else { Vec::new() }
}

fn whole(tx: &mut Tx<'_>, row: ReceiptRow) -> Maybe<AdoptionFeedback> {
    let summary = summaries(tx, std::slice::from_ref(&row))?.pop().ok_or_else(|| record::vanished("a receipt"))?;
    let mut warnings = problem::warnings("/text", &row.text);
    warnings.extend(problem::warnings("/comment", row.comment.as_deref().unwrap_or_default()));
    Ok(summary.with(FeedbackTexts { text: row.text, comment: row.comment, warnings }))
}

/// Whether today is within the deadline that now ends.
fn in_time(tx: &Tx<'_>, case: &Case) -> Option<bool> {
    case.row.due_on.map(|due| tx.today <= due)
}

/// One receipt for each author, in the round that the opinion is in; a decline asks for no acknowledgement.
fn give(tx: &mut Tx<'_>, case: &Case, op: Op, text: &str, in_time: Option<bool>) -> Maybe<()> {
    let row = &case.row;
    let state = if op == Op::opinion_decline { ReceiptState::NotRequired } else { ReceiptState::Open };
    let receipt = |author: Author| ReceiptRow {
        id: Id::fresh(),
        jurisdiction_id: row.jurisdiction_id,
        opinion_id: row.id,
        round: row.round,
        author_person_id: author.person(),
        author_organization_id: author.organization(),
        sector_id: row.sector_id,
        owner_id: row.owner_id,
        outcome: row.outcome.unwrap_or(Outcome::Retained),
        text: text.to_owned(),
        given_on: tx.today,
        given_by: tx.caller.person,
        in_time,
        due_on: row.due_on.filter(|_| state == ReceiptState::Open),
        state,
        satisfaction: None,
        comment: None,
        acknowledged_at: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    let receipts: Vec<ReceiptRow> = case.authors().into_iter().map(receipt).collect();
    each!(tx.conn, conn => diesel::insert_into(dsl::adoption_feedback).values(&receipts).execute(conn))?;
    for receipt in &receipts {
        record::deed(tx, op, &Receipt::of(receipt, case));
    }
    Ok(())
}

/// How a receipt ends.
struct Given<'a> {
    state: ReceiptState,
    satisfaction: Option<Satisfaction>,
    comment: Option<&'a str>,
}

fn answer(tx: &mut Tx<'_>, receipt: ReceiptRow, given: Given<'_>) -> Maybe<ReceiptRow> {
    let version = receipt.version + 1;
    let answered = given.satisfaction.map(|_| tx.now);
    let row = dsl::adoption_feedback.filter(dsl::id.eq(receipt.id)).filter(dsl::version.eq(receipt.version));
    let changed = diesel::update(row)
        .set((
            dsl::state.eq(given.state),
            dsl::satisfaction.eq(given.satisfaction),
            dsl::comment.eq(given.comment),
            dsl::acknowledged_at.eq(answered),
            dsl::version.eq(version),
            dsl::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    dated::one(changed)?;
    Ok(ReceiptRow {
        state: given.state,
        satisfaction: given.satisfaction,
        comment: given.comment.map(str::to_owned),
        acknowledged_at: answered,
        version,
        updated_at: tx.now,
        ..receipt
    })
}

fn others_open(tx: &mut Tx<'_>, receipt: &ReceiptRow) -> Maybe<bool> {
    let other: Option<Id> = dsl::adoption_feedback
        .filter(dsl::opinion_id.eq(receipt.opinion_id))
        .filter(dsl::state.eq(ReceiptState::Open))
        .filter(dsl::id.ne(receipt.id))
        .select(dsl::id)
        .first(tx.conn)
        .optional()?;
    Ok(other.is_some())
}

/// A round that is taken up again waits for nobody.
fn end_receipts(tx: &mut Tx<'_>, opinion: Id) -> Maybe<()> {
    let open = dsl::adoption_feedback.filter(dsl::opinion_id.eq(opinion)).filter(dsl::state.eq(ReceiptState::Open));
    diesel::update(open)
        .set((dsl::state.eq(ReceiptState::Ended), dsl::version.eq(dsl::version + 1), dsl::updated_at.eq(tx.now)))
        .execute(tx.conn)?;
    Ok(())
}

/// Receipts whose time ran out by yesterday, at most `limit`: nobody answered, which is never satisfaction.
pub fn close_unanswered(tx: &mut Tx<'_>, limit: i64) -> Maybe<usize> {
    let late: Vec<(Id, Id)> = dsl::adoption_feedback
        .filter(dsl::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(dsl::state.eq(ReceiptState::Open))
        .filter(dsl::due_on.is_not_null().and(dsl::due_on.assume_not_null().lt(tx.today)))
        .order((dsl::opinion_id, dsl::id))
        .limit(limit)
        .select((dsl::id, dsl::opinion_id))
        .load(tx.conn)?;
    for (id, opinion) in &late {
        close_one(tx, *id, *opinion)?;
    }
    Ok(late.len())
}

fn close_one(tx: &mut Tx<'_>, id: Id, opinion: Id) -> Maybe<()> {
    let mut case = store::hold(tx, opinion)?;
    let receipt: ReceiptRow = dsl::adoption_feedback.filter(dsl::id.eq(id)).select(ReceiptRow::as_select()).first(tx.conn)?;
    // Its author was faster.
    if receipt.state != ReceiptState::Open {
        return Ok(());
    }
    let facts = Facts { more_receipts: others_open(tx, &receipt)?, ..Facts::default() };
    let receipt = answer(tx, receipt, Given { state: ReceiptState::NoResponse, satisfaction: None, comment: None })?;
    record::deed(tx, Op::feedback_close, &Receipt::of(&receipt, &case));
    let taken = store::take_by_clock(&case, Op::feedback_close, &facts)?;
    store::save(tx, &mut case, &taken, Note::default())?;
    if case.row.state == State::Closed {
        notify_closed(tx, &case)?;
    }
    Ok(())
}

fn notify_closed(tx: &mut Tx<'_>, case: &Case) -> Maybe<()> {
    match case.row.owner_id {
        Some(owner) => notify(tx, record::To::Body(owner), "opinion_closed", Case::KIND, case.row.id, json!({})),
        None => Ok(()),
    }
}
