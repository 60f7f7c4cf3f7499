//! 议题: what stands on a meeting's agenda, and the steps that put it there, move it, take it off and decide it (art. 19).
//!
//! An opinion has at most one open item, on a planned meeting, or on one that ended while it waits for the next. An item that
//! was moved on stays as a record, and still names a meeting whose resolution may decide the opinion: minutes are often
//! written when the next meeting is planned already.

use actix_web::{get, post};
use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::store::{self as held, MeetingRow, hold_planned};
use super::wire::MeetingState;
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Fault, Maybe, Problem, say};
use crate::db::schema::{agenda_items, agenda_items::dsl, meetings, opinions, resolutions};
use crate::db::{Engine, Tx};
use crate::directory::refs::Ref;
use crate::http::etag::etag;
use crate::http::{Answer, Ask, At, Body, Call, IfMatch, Page, PageQuery, Reply};
use crate::opinion::opinions::history::Details;
use crate::opinion::opinions::store::{self, Case};
use crate::opinion::opinions::taking::{Begins, Note, conflict, save, take, take_by_clock};
use crate::opinion::opinions::told::{tell_authors, tell_owner};
use crate::opinion::opinions::view;
use crate::opinion::opinions::wire::{Opinion, OpinionReason, Outcome};
use crate::opinion::way::{Facts, State};
use crate::policy::{Op, Reach};
use crate::{keyset, page, paged, words};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(opinion_report).service(opinion_defer).service(opinion_take_off).service(opinion_decide).service(agenda_item_list);
}

words! {
    /// 议题的状态
    pub enum AgendaItemState {
        Open = "open", "待研究";
        Decided = "decided", "已作出决定";
        Deferred = "deferred", "推迟到下一次会议";
        TakenOff = "taken_off", "已撤下";
        CarriedOver = "carried_over", "会议结束或取消，转入下一次会议";
    }
}

words! {
    /// 主席会议的决定
    pub enum Decision {
        Adopted = "adopted", "采纳";
        PartiallyAdopted = "partially_adopted", "部分采纳";
        NotAdopted = "not_adopted", "未采纳";
        Retained = "retained", "留存参考";
    }
}

impl Decision {
    const fn outcome(self) -> Outcome {
        match self {
            Self::Adopted => Outcome::Adopted,
            Self::PartiallyAdopted => Outcome::PartiallyAdopted,
            Self::NotAdopted => Outcome::NotAdopted,
            Self::Retained => Outcome::Retained,
        }
    }
}

/// 提请主席会议
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionReport {
    /// 列入哪一次主席会议；须在计划中
    pub meeting_id: Id,
}

/// 推迟到下一次会议
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionDefer {
    /// 理由
    #[schema(format = "multi-line", nullable = false, min_length = 1, max_length = 2000, examples("材料尚需补充。"))]
    pub reason: Option<String>,
}

/// 记录主席会议的决定
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionDecide {
    /// 决定
    pub outcome: Decision,
    /// 所据的决议；其会议须是本件列入过议题的
    pub resolution_id: Id,
}

/// 议题
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgendaItem {
    /// 标识
    pub id: Id,
    /// 次序，从 1 起
    #[schema(minimum = 1, maximum = 100000, examples(3))]
    pub position: i64,
    /// 社情民意，名称为其标题
    pub opinion: Ref,
    /// 状态
    pub state: AgendaItemState,
    /// 推迟或撤下的理由
    #[schema(required = true, max_length = 2000)]
    pub reason: Option<String>,
    /// 版本
    #[schema(max_length = 40, examples("\"1\""))]
    pub etag: String,
    /// 列入的时刻
    pub created_at: Instant,
}

page! {
    /// 一页议题
    pub AgendaItemPage of AgendaItem
}

/// 提请主席会议研究
///
/// 第十九条：列入一次计划中的主席会议的议题；对政协工作的意见建议，承办的专委会也可提请。重新办理的可再次提请。
#[utoipa::path(params(At, IfMatch), request_body = OpinionReport, responses((status = 200, description = "已列入议题", body = Opinion)))]
#[post("/opinions/{id}/report")]
async fn opinion_report(call: Call, at: At, seen: IfMatch, body: Body<OpinionReport>) -> Reply<Opinion> {
    call.write(body, move |tx, body| {
        let mut case = store::find(tx, at.id)?;
        let taken = take(tx, &case, Op::opinion_report, Some(&seen))?;
        let meeting = known(tx, body.meeting_id)?;
        if !hold_planned(tx, meeting.id)? {
            let detail = say("该会议已结束或取消，不再列入议题", "this meeting is over and takes no more items");
            return Err(conflict(tx, &case, detail)?);
        }
        add(tx, &case, meeting.id)?;
        case.row.meeting_id = Some(meeting.id);
        (case.row.outcome, case.row.resolution_id, case.row.reopened) = (None, None, false);
        save(tx, &mut case, &taken, on(&meeting))?;
        tell_authors(tx, &case, "opinion_reported", json!({"held_on": meeting.held_on}))?;
        Ok(Answer::one(view::whole(tx, &case, None)?))
    })
    .await
}

/// 推迟到下一次会议
///
/// 第十九条：列入其后的下一次计划中的会议；还没有计划的，等候到有为止。
#[utoipa::path(params(At, IfMatch), request_body = OpinionDefer, responses((status = 200, description = "已推迟", body = Opinion)))]
#[post("/opinions/{id}/defer")]
async fn opinion_defer(call: Call, at: At, seen: IfMatch, body: Body<OpinionDefer>) -> Reply<Opinion> {
    call.write(body, move |tx, body| {
        let mut case = store::find(tx, at.id)?;
        let taken = take(tx, &case, Op::opinion_defer, Some(&seen))?;
        let Some(item) = open_item(tx, at.id)? else {
            let detail = say("已在等候下一次会议", "it waits for the next meeting already");
            return Err(conflict(tx, &case, detail)?);
        };
        let next = next_meeting(tx, item.meeting_id)?;
        set(tx, &item, AgendaItemState::Deferred, body.reason.as_deref())?;
        let mut note = move_to(tx, &mut case, next)?;
        note.reason.clone_from(&body.reason);
        save(tx, &mut case, &taken, note)?;
        tell_owner(tx, &case, "opinion_deferred")?;
        Ok(Answer::one(view::whole(tx, &case, None)?.warned_of("/reason", body.reason.as_deref().unwrap_or_default())))
    })
    .await
}

/// 撤下议题
///
/// 第十九条：附理由从议题中撤下，回到已受理，重新计算报送时限。
#[utoipa::path(params(At, IfMatch), request_body = OpinionReason, responses((status = 200, description = "已撤下", body = Opinion)))]
#[post("/opinions/{id}/take-off")]
async fn opinion_take_off(call: Call, at: At, seen: IfMatch, body: Body<OpinionReason>) -> Reply<Opinion> {
    call.write(body, move |tx, body| {
        let mut case = store::find(tx, at.id)?;
        let taken = take(tx, &case, Op::opinion_take_off, Some(&seen))?;
        if let Some(item) = open_item(tx, at.id)? {
            set(tx, &item, AgendaItemState::TakenOff, Some(&body.reason))?;
        }
        let mut note = Note::because(&body.reason);
        note.details.meeting = case.row.meeting_id.take();
        save(tx, &mut case, &taken, note)?;
        tell_authors(tx, &case, "opinion_taken_off", json!({}))?;
        tell_owner(tx, &case, "opinion_taken_off")?;
        Ok(Answer::one(view::whole(tx, &case, None)?.warned_of("/reason", &body.reason)))
    })
    .await
}

/// 记录主席会议的决定
///
/// 第十九条：采纳、部分采纳、未采纳或留存参考，须指明会议的决议；随后在期限内反馈作者。
#[utoipa::path(params(At, IfMatch), request_body = OpinionDecide, responses((status = 200, description = "已作出决定", body = Opinion)))]
#[post("/opinions/{id}/decide")]
async fn opinion_decide(call: Call, at: At, seen: IfMatch, body: Body<OpinionDecide>) -> Reply<Opinion> {
    call.write(body, move |tx, body| {
        // Held, so that of two decisions at once the second sees the first, and not an agenda without its item.
        let found = store::find(tx, at.id)?;
        let mut case = store::hold(tx, found.row.id)?;
        let taken = take(tx, &case, Op::opinion_decide, Some(&seen))?;
        let meeting = meeting_of(tx, &case, body.resolution_id)?;
        settle(tx, at.id, meeting)?;
        case.row.meeting_id = Some(meeting);
        case.row.outcome = Some(body.outcome.outcome());
        case.row.resolution_id = Some(body.resolution_id);
        let details =
            Details { meeting: Some(meeting), resolution: case.row.resolution_id, outcome: case.row.outcome, ..Details::default() };
        save(tx, &mut case, &taken, Note { details, ..Note::default() })?;
        tell_authors(tx, &case, "opinion_decided", json!({"outcome": case.row.outcome}))?;
        tell_owner(tx, &case, "opinion_decided")?;
        Ok(Answer::one(view::whole(tx, &case, None)?))
    })
    .await
}

/// 一次会议的议题
///
/// 第十九条：由提请列入而成，只读；专委会见其承办的，政协领导不见已撤下的。
#[utoipa::path(params(At, PageQuery), responses((status = 200, description = "一页议题", body = AgendaItemPage)))]
#[get("/meetings/{id}/agenda-items")]
async fn agenda_item_list(call: Call, at: At, ask: Ask<PageQuery>) -> Reply<AgendaItemPage> {
    call.read(ask, move |tx, wish| {
        let meeting = held::find(tx, at.id)?;
        let page = Page::of(tx, wish, "position", &meeting.id)?;
        let list = |tx: &Tx<'_>| visible(tx).filter(dsl::meeting_id.eq(meeting.id));
        let rows = keyset!(tx, &page, list(tx), ItemRow::as_select(), agenda_items { "position" => position: diesel::sql_types::BigInt, i64 });
        let mark = |row: &ItemRow| (row.position.to_string(), row.id);
        Ok(Answer::plain(paged!(AgendaItemPage, tx, page, wish, rows, mark, |rows| shown(tx, rows), list(tx).select(dsl::id))))
    })
    .await
}

/// An item as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = agenda_items, treat_none_as_default_value = false)]
pub struct ItemRow {
    pub id: Id,
    pub jurisdiction_id: Id,
    pub meeting_id: Id,
    pub opinion_id: Id,
    pub position: i64,
    pub state: AgendaItemState,
    pub reason: Option<String>,
    pub version: i64,
    pub created_at: Instant,
}

/// Every list of items starts here: all of them, for a leader those of opinions that stand before a meeting or went beyond it
/// (what was taken off is out of sight with its opinion), for a committee those of the opinions it owns.
fn visible(tx: &Tx<'_>) -> agenda_items::BoxedQuery<'static, Engine> {
    let op = Op::agenda_item_list;
    let ours = dsl::agenda_items.filter(dsl::jurisdiction_id.eq(tx.jurisdiction())).into_boxed();
    if tx.caller.reaches(op).any(|(reach, _)| reach == Reach::All) {
        return ours;
    }
    let bodies: Vec<Id> =
        tx.caller.reaches(op).filter(|(reach, _)| *reach == Reach::Owned).filter_map(|(_, grant)| grant.organization).collect();
    let own = opinions::owner_id.is_not_null().and(opinions::owner_id.assume_not_null().eq_any(bodies));
    let of = opinions::table.filter(opinions::id.eq(dsl::opinion_id));
    if tx.caller.reaches(op).any(|(reach, _)| reach == Reach::Reported) {
        return ours.filter(exists(of.filter(own.or(opinions::meeting_id.is_not_null()))));
    }
    ours.filter(exists(of.filter(own)))
}

fn shown(tx: &mut Tx<'_>, rows: Vec<ItemRow>) -> Maybe<Vec<AgendaItem>> {
    let titles = view::titles(tx, rows.iter().map(|row| row.opinion_id))?;
    let item = |row: ItemRow| AgendaItem {
        id: row.id,
        position: row.position,
        opinion: titles.get(&row.opinion_id).cloned().unwrap_or_default(),
        state: row.state,
        reason: row.reason,
        etag: etag(row.version),
        created_at: row.created_at,
    };
    Ok(rows.into_iter().map(item).collect())
}

/// 422 unless the meeting that a body names is there.
fn known(tx: &mut Tx<'_>, id: Id) -> Maybe<MeetingRow> {
    let unknown = |_| Problem::invalid(vec![Fault::unknown_reference("/meeting_id")]);
    let found = meetings::table
        .filter(meetings::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(meetings::id.eq(id))
        .select(MeetingRow::as_select())
        .first(tx.conn)
        .optional()?;
    found.ok_or(()).map_err(unknown)
}

/// A new item at the end of a meeting's agenda; the meeting's row is held, so that positions do not collide.
fn add(tx: &mut Tx<'_>, case: &Case, meeting: Id) -> Maybe<()> {
    let last: Option<i64> =
        dsl::agenda_items.filter(dsl::meeting_id.eq(meeting)).select(diesel::dsl::max(dsl::position)).first(tx.conn)?;
    let row = ItemRow {
        id: Id::fresh(),
        jurisdiction_id: case.row.jurisdiction_id,
        meeting_id: meeting,
        opinion_id: case.row.id,
        position: last.unwrap_or(0) + 1,
        state: AgendaItemState::Open,
        reason: None,
        version: 1,
        created_at: tx.now,
    };
    diesel::insert_into(dsl::agenda_items).values(&row).execute(tx.conn)?;
    Ok(())
}

fn open_item(tx: &mut Tx<'_>, opinion: Id) -> Maybe<Option<ItemRow>> {
    Ok(dsl::agenda_items
        .filter(dsl::opinion_id.eq(opinion))
        .filter(dsl::state.eq(AgendaItemState::Open))
        .select(ItemRow::as_select())
        .first(tx.conn)
        .optional()?)
}

fn set(tx: &mut Tx<'_>, item: &ItemRow, state: AgendaItemState, reason: Option<&str>) -> Maybe<()> {
    diesel::update(dsl::agenda_items.filter(dsl::id.eq(item.id)))
        .set((dsl::state.eq(state), dsl::reason.eq(reason), dsl::version.eq(item.version + 1)))
        .execute(tx.conn)?;
    Ok(())
}

/// The planned meeting that comes after `current`, or where that one has ended, the first that is yet to be held.
fn next_meeting(tx: &mut Tx<'_>, current: Id) -> Maybe<Option<MeetingRow>> {
    let current = held::find(tx, current)?;
    let from = if current.state == MeetingState::Planned { current.held_on.max(tx.today) } else { tx.today };
    Ok(meetings::table
        .filter(meetings::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(meetings::state.eq(MeetingState::Planned))
        .filter(meetings::held_on.ge(from))
        .filter(meetings::id.ne(current.id))
        .order((meetings::held_on, meetings::id))
        .select(MeetingRow::as_select())
        .first(tx.conn)
        .optional()?)
}

fn on(meeting: &MeetingRow) -> Note {
    let details = Details { meeting: Some(meeting.id), ..Details::default() };
    Note { details, counted_from: Begins::On(meeting.held_on), ..Note::default() }
}

/// Puts an opinion on the next meeting; without one it waits, and its decision has no day.
fn move_to(tx: &mut Tx<'_>, case: &mut Case, next: Option<MeetingRow>) -> Maybe<Note> {
    if let Some(next) = next
        && hold_planned(tx, next.id)?
    {
        add(tx, case, next.id)?;
        case.row.meeting_id = Some(next.id);
        return Ok(on(&next));
    }
    Ok(Note { counted_from: Begins::Never, ..Note::default() })
}

/// The meeting that made a resolution, if the opinion stood on its agenda since it was last reported.
fn meeting_of(tx: &mut Tx<'_>, case: &Case, resolution: Id) -> Maybe<Id> {
    let made: Option<Id> = resolutions::table
        .filter(resolutions::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(resolutions::id.eq(resolution))
        .select(resolutions::meeting_id)
        .first(tx.conn)
        .optional()?;
    let Some(meeting) = made else {
        return Err(Problem::invalid(vec![Fault::unknown_reference("/resolution_id")]));
    };
    let refuse = |code, zh, en| Err(Problem::rule("/resolution_id", code, say(zh, en)));
    let replaced: Option<Id> =
        resolutions::table.filter(resolutions::replaces_id.eq(resolution)).select(resolutions::id).first(tx.conn).optional()?;
    if replaced.is_some() {
        return refuse(
            "replaced",
            "该决议已被更正，请指明更正后的决议",
            "this resolution was replaced; name the one that replaced it",
        );
    }
    let stood = since_last_report(tx, case.row.id)?.iter().any(|item| item.meeting_id == meeting);
    if !stood {
        return refuse(
            "other_meeting",
            "该决议不是本件所列会议的决议",
            "the resolution is of a meeting on whose agenda it did not stand",
        );
    }
    Ok(meeting)
}

/// The items of the present report: what is open, and what was carried over before.
fn since_last_report(tx: &mut Tx<'_>, opinion: Id) -> Maybe<Vec<ItemRow>> {
    let items: Vec<ItemRow> = dsl::agenda_items
        .filter(dsl::opinion_id.eq(opinion))
        .order((dsl::created_at.desc(), dsl::id.desc()))
        .select(ItemRow::as_select())
        .load(tx.conn)?;
    let ended = |item: &ItemRow| matches!(item.state, AgendaItemState::Decided | AgendaItemState::TakenOff);
    Ok(items.into_iter().take_while(|item| !ended(item)).collect())
}

/// Marks the item that was decided; one that stands on a later agenda is not needed there.
fn settle(tx: &mut Tx<'_>, opinion: Id, meeting: Id) -> Maybe<()> {
    for item in since_last_report(tx, opinion)? {
        if item.meeting_id == meeting {
            set(tx, &item, AgendaItemState::Decided, None)?;
        } else if item.state == AgendaItemState::Open {
            set(tx, &item, AgendaItemState::TakenOff, None)?;
        }
    }
    Ok(())
}

/// Opinions whose meeting ended, or that were deferred when there was no next one: each onto the next planned meeting, at most
/// `limit`. Those without one go on waiting.
pub fn carry_over(tx: &mut Tx<'_>, limit: usize) -> Maybe<usize> {
    let today = tx.today;
    if planned_from(tx, today)?.is_none() {
        return Ok(0);
    }
    let mut moved = 0;
    for (opinion, meeting) in waiting(tx)? {
        if moved == limit {
            break;
        }
        let Some(next) = next_meeting(tx, meeting)? else { continue };
        moved += usize::from(carry(tx, opinion, next)?);
    }
    Ok(moved)
}

fn planned_from(tx: &mut Tx<'_>, day: NaiveDate) -> Maybe<Option<Id>> {
    Ok(meetings::table
        .filter(meetings::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(meetings::state.eq(MeetingState::Planned))
        .filter(meetings::held_on.ge(day))
        .select(meetings::id)
        .first(tx.conn)
        .optional()?)
}

/// Reported, but on no agenda that is yet to be worked through: with the meeting it was last on.
fn waiting(tx: &mut Tx<'_>) -> Maybe<Vec<(Id, Id)>> {
    let stands = agenda_items::table
        .inner_join(meetings::table.on(meetings::id.eq(agenda_items::meeting_id)))
        .filter(agenda_items::opinion_id.eq(opinions::id))
        .filter(agenda_items::state.eq(AgendaItemState::Open))
        .filter(meetings::state.eq(MeetingState::Planned));
    let rows: Vec<(Id, Option<Id>)> = opinions::table
        .filter(opinions::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(opinions::state.eq(State::Reported))
        .filter(not(exists(stands)))
        .order(opinions::id)
        .select((opinions::id, opinions::meeting_id))
        .load(tx.conn)?;
    Ok(rows.into_iter().filter_map(|(opinion, meeting)| Some((opinion, meeting?))).collect())
}

fn carry(tx: &mut Tx<'_>, opinion: Id, next: MeetingRow) -> Maybe<bool> {
    // The meeting first, as everywhere: whoever reports or closes locks in the same order.
    if !hold_planned(tx, next.id)? {
        return Ok(false);
    }
    let mut case = store::hold(tx, opinion)?;
    if case.row.state != State::Reported {
        return Ok(false);
    }
    if let Some(item) = open_item(tx, opinion)? {
        let of: MeetingState = meetings::table.find(item.meeting_id).select(meetings::state).first(tx.conn)?;
        if of == MeetingState::Planned {
            return Ok(false);
        }
        set(tx, &item, AgendaItemState::CarriedOver, None)?;
    }
    let taken = take_by_clock(&case, Op::agenda_carry_over, &Facts::default())?;
    let note = move_to(tx, &mut case, Some(next))?;
    save(tx, &mut case, &taken, note)?;
    tell_owner(tx, &case, "opinion_carried_over")?;
    Ok(true)
}
