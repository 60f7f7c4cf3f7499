//! 联系活动: one contact that took place (arts. 1, 4 to 10, 12 to 14, 18), and the resource that a county uses most.
//!
//! A record of half a minute is valid: a day that is not in the future, a form, whom, one line. The other side confirms or
//! disputes it; an edit voids what was confirmed; the member affairs committee ends a dispute. Recorded and confirmed events
//! count, disputed and voided ones nowhere, linked ones once. A phone's `client_ref` is kept for ever, so that nothing doubles.
//! The day stands with each participant and committee too, so that every list comes from one index.

mod entry;
mod list;
mod matches;
mod sight;
mod states;
mod store;
mod wire;
mod words;

use actix_web::{get, patch, post};
use serde_json::{Map, Value, json};
use utoipa_actix_web::service_config::ServiceConfig;

use super::constituents::store as constituents;
use crate::base::problem::{Maybe, Problem, say};
use crate::db::schema::contact_events;
use crate::db::{Tx, dialect};
use crate::directory::dated;
use crate::http::{Answer, Ask, At, Body, Call, IfMatch, Page, PageQuery, Reply, once, page};
use crate::policy::Op;
use crate::record::{self, Thing, To};
use diesel::prelude::*;

use entry::Hat;
use store::Event;
pub use wire::{
    Confirmation, ContactEvent, ContactEventCreate, ContactEventFilter, ContactEventLink, ContactEventPage, ContactEventPatch,
    ContactEventReason, ContactEventSettle, ContactEventState, ContactSide, ContentKind,
};

/// So many like records are counted when one is written, which is to stay quick.
const MOST_COUNTED: i64 = 10;
/// So many are offered for linking.
const MOST_OFFERED: i64 = 50;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(contact_event_list)
        .service(contact_event_create)
        .service(contact_event_read)
        .service(contact_event_update)
        .service(contact_event_confirm)
        .service(contact_event_dispute)
        .service(contact_event_settle)
        .service(contact_event_void)
        .service(contact_event_link)
        .service(contact_event_matches);
}

/// 联系活动列表
///
/// 第一条、第十三条、第二十三条：本人记录或参加的；专委会看对口界别委员的双方、日期、形式与数量；委员工委看全部，不看内容。
#[utoipa::path(params(ContactEventFilter, PageQuery),
    responses((status = 200, description = "一页联系活动", body = ContactEventPage)))]
#[get("/contact-events")]
async fn contact_event_list(call: Call, ask: Ask<ContactEventFilter>) -> Reply<ContactEventPage> {
    call.read(ask, |tx, filter| {
        let sort = filter.sort.as_deref().unwrap_or("-occurred_on");
        let page = Page::of(tx, &filter.page, sort, &filter.marks())?;
        let rows = list::rows(tx, filter, &page)?;
        let (rows, next_cursor) = page.cut(tx, rows, |row| (row.occurred_on.to_string(), row.id));
        let counted = if filter.page.with_total == Some(true) { Some(list::count(tx, filter)?) } else { None };
        let (total, total_is_exact) = counted.map_or((None, None), page::total);
        let items = store::dress(tx, rows)?.into_iter().map(|event| ContactEvent::shown_to(tx, event)).collect::<Maybe<_>>()?;
        Ok(Answer::plain(ContactEventPage { items, next_cursor, total, total_is_exact }))
    })
    .await
}

/// 记录一次联系
///
/// 第一条、第九条、第十条、第十八条：日期、形式、联系了谁、一句话即可；对方由系统告知，可确认或提出异议。带 client_ref 再次提交同一正文，得到原来的记录。
#[utoipa::path(request_body = ContactEventCreate, responses((status = 201, description = "已记录", body = ContactEvent)))]
#[post("/contact-events")]
async fn contact_event_create(call: Call, body: Body<ContactEventCreate>) -> Reply<ContactEvent> {
    call.write(body, |tx, said| {
        let recorder = entry::recorder(tx)?;
        let seen = said.client_ref.as_deref().map(|client_ref| Seen::of(tx, said, client_ref, recorder)).transpose()?;
        if let Some(before) = seen.as_ref().map(|seen| seen.find(tx)).transpose()?.flatten() {
            let shown = ContactEvent::shown_to(tx, before)?;
            return Ok(Answer::created(place(&shown), shown).replayed());
        }
        let hat = Hat::of(tx, said)?;
        let found = entry::check(tx, said, (recorder, hat.side), None)?;
        let mut event = entry::compose(tx, said, hat, recorder, found)?;
        if let Some(seen) = seen {
            event.row.client_ref.clone_from(&said.client_ref);
            event.row.client_ref_hash = Some(seen.hash);
            event.row.client_ref_print = Some(seen.print);
        }
        store::insert(tx, &event)?;
        constituents::touch(tx, &said.constituents, said.occurred_on)?;
        record::deed(tx, Op::contact_event_create, &event);
        words::tell(tx, &event, &words::everybody_but(Some(recorder), &event), "contact_event_recorded")?;
        let similar = matches::named_alike(tx, &event, MOST_COUNTED)?;
        let mut shown = ContactEvent::shown_to(tx, event)?;
        shown.warnings = Some(entry::warnings(said));
        shown.similar_count = Some(similar);
        Ok(Answer::created(place(&shown), shown))
    })
    .await
}

/// 一次联系
///
/// 第一条：双方都可看；专委会、委员工委按其职责看一部分，其余不予显示。
#[utoipa::path(params(At), responses((status = 200, description = "联系活动", body = ContactEvent)))]
#[get("/contact-events/{id}")]
async fn contact_event_read(call: Call, at: At) -> Reply<ContactEvent> {
    call.read((), move |tx, ()| {
        let event = store::find(tx, Op::contact_event_read, at.id)?;
        Ok(Answer::one(ContactEvent::shown_to(tx, event)?))
    })
    .await
}

/// 修改联系记录
///
/// 第一条：由记录者修改；各人的确认与裁定随之失效，须重新作出，异议仍在，有异议的人不能去掉。改变日期、形式或任一方的，与其他记录的关联随之解除。
#[utoipa::path(params(At, IfMatch), request_body(content = ContactEventPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = ContactEvent)))]
#[patch("/contact-events/{id}")]
async fn contact_event_update(call: Call, at: At, seen: IfMatch, body: Body<ContactEventPatch>) -> Reply<ContactEvent> {
    call.write(body, move |tx, patch| {
        let mut event = open(tx, at, &seen, Op::contact_event_update)?;
        let before = event.as_written()?;
        let said = patch.clone().over(before.clone());
        let changed = changed(&before, &said);
        refuse_silencing(&event, &said)?;
        if !changed.is_empty() {
            edit(tx, &mut event, &before, &said, changed)?;
        }
        let mut shown = ContactEvent::shown_to(tx, event)?;
        shown.warnings = Some(entry::warnings(&said));
        Ok(Answer::one(shown))
    })
    .await
}

/// 确认联系记录
///
/// 第一条：记录者以外的参加者各自确认；委员向专委会反映工作的，由该专委会的人确认。
#[utoipa::path(params(At, IfMatch), responses((status = 200, description = "已确认", body = ContactEvent)))]
#[post("/contact-events/{id}/confirm")]
async fn contact_event_confirm(call: Call, at: At, seen: IfMatch) -> Reply<ContactEvent> {
    call.write((), move |tx, ()| {
        let mut event = open(tx, at, &seen, Op::contact_event_confirm)?;
        words::give(tx, Op::contact_event_confirm, &mut event, Confirmation::Confirmed, None)?;
        Ok(Answer::one(ContactEvent::shown_to(tx, event)?))
    })
    .await
}

/// 对联系记录提出异议
///
/// 第一条：记录者以外的参加者说明理由；异议未了结的记录不计入统计。
#[utoipa::path(params(At, IfMatch), request_body = ContactEventReason,
    responses((status = 200, description = "已提出异议", body = ContactEvent)))]
#[post("/contact-events/{id}/dispute")]
async fn contact_event_dispute(call: Call, at: At, seen: IfMatch, body: Body<ContactEventReason>) -> Reply<ContactEvent> {
    call.write(body, move |tx, why| {
        let mut event = open(tx, at, &seen, Op::contact_event_dispute)?;
        words::give(tx, Op::contact_event_dispute, &mut event, Confirmation::Disputed, Some(&why.reason))?;
        Ok(Answer::one(ContactEvent::shown_to(tx, event)?.warned_of("/reason", &why.reason)))
    })
    .await
}

/// 裁定有异议的联系记录
///
/// 第二十三条：由委员工委裁定记录属实或作废；本人参加的须回避。
#[utoipa::path(params(At, IfMatch), request_body = ContactEventSettle,
    responses((status = 200, description = "已裁定", body = ContactEvent)))]
#[post("/contact-events/{id}/settle")]
async fn contact_event_settle(call: Call, at: At, seen: IfMatch, body: Body<ContactEventSettle>) -> Reply<ContactEvent> {
    call.write(body, move |tx, settled| {
        let mut event = open(tx, at, &seen, Op::contact_event_settle)?;
        words::settle(tx, &mut event, settled.outcome, &settled.reason)?;
        Ok(Answer::one(ContactEvent::shown_to(tx, event)?.warned_of("/reason", &settled.reason)))
    })
    .await
}

/// 作废联系记录
///
/// 第二十三条：由记录者或委员工委作废，说明理由；作废的记录不计入统计，仍可查看。
#[utoipa::path(params(At, IfMatch), request_body = ContactEventReason,
    responses((status = 200, description = "已作废", body = ContactEvent)))]
#[post("/contact-events/{id}/void")]
async fn contact_event_void(call: Call, at: At, seen: IfMatch, body: Body<ContactEventReason>) -> Reply<ContactEvent> {
    call.write(body, move |tx, why| {
        let mut event = open(tx, at, &seen, Op::contact_event_void)?;
        words::void(tx, &mut event, &why.reason)?;
        Ok(Answer::one(ContactEvent::shown_to(tx, event)?.warned_of("/reason", &why.reason)))
    })
    .await
}

/// 关联同一次联系的另一条记录
///
/// 第一条：双方各记了一条的，关联后在各项统计中合为一次；与任一条已关联的也一并关联，告知各条的记录者。两条的双方、日期与形式须相同（见 matches），
/// 委员工委不受此限。修改其中一条的日期、形式或任一方，即解除其关联。
#[utoipa::path(params(At), request_body = ContactEventLink, responses((status = 200, description = "已关联", body = ContactEvent)))]
#[post("/contact-events/{id}/link")]
async fn contact_event_link(call: Call, at: At, body: Body<ContactEventLink>) -> Reply<ContactEvent> {
    call.write(body, move |tx, with| {
        matches::take_turn(tx)?;
        let event = store::find(tx, Op::contact_event_read, at.id)?;
        states::admit(tx.caller, &event, Op::contact_event_link)?;
        states::check(tx.caller, &event, Op::contact_event_link)?;
        matches::link(tx, &event, with.event)?;
        let event = store::find(tx, Op::contact_event_read, at.id)?;
        Ok(Answer::one(ContactEvent::shown_to(tx, event)?))
    })
    .await
}

/// 像是同一次联系的其他记录
///
/// 第一条：双方、日期、形式相同而尚未关联的记录，供核对后关联；至多 50 条，没有下一页。
#[utoipa::path(params(At), responses((status = 200, description = "相像的记录", body = ContactEventPage)))]
#[get("/contact-events/{id}/matches")]
async fn contact_event_matches(call: Call, at: At) -> Reply<ContactEventPage> {
    call.read((), move |tx, ()| {
        let event = store::find(tx, Op::contact_event_matches, at.id)?;
        let found = matches::of(tx, &event, MOST_OFFERED)?;
        let items = found.into_iter().map(|event| ContactEvent::shown_to(tx, event)).collect::<Maybe<_>>()?;
        Ok(Answer::plain(ContactEventPage { items, next_cursor: None, total: None, total_is_exact: None }))
    })
    .await
}

fn place(event: &ContactEvent) -> String {
    format!("/v1/contact-events/{}", event.id)
}

/// The event that `op` is to be done to: there for the caller, theirs to do, unchanged since it was read, in a state for it.
fn open(tx: &mut Tx<'_>, at: At, seen: &IfMatch, op: Op) -> Maybe<Event> {
    let event = store::find_to_write(tx, Op::contact_event_read, at.id)?;
    states::admit(tx.caller, &event, op)?;
    seen.check(event.row.version)?;
    states::check(tx.caller, &event, op)?;
    Ok(event)
}

fn edit(
    tx: &mut Tx<'_>,
    event: &mut Event,
    before: &ContactEventCreate,
    said: &ContactEventCreate,
    changed: Vec<String>,
) -> Maybe<()> {
    let recorder = event.row.recorded_by;
    let side = said.recorder_side.unwrap_or(ContactSide::Contacting);
    let found = entry::check(tx, said, (recorder, side), Some(before))?;
    let earlier = std::mem::take(&mut event.participants);
    entry::write_over(tx, event, said, side, found)?;
    // Who disputed what was written has not yet agreed to what is written now.
    for one in &mut event.participants {
        let disputed =
            |was: &&store::Participant| was.row.person_id == one.row.person_id && was.row.confirmation == Confirmation::Disputed;
        if let Some(was) = earlier.iter().find(disputed) {
            one.row.confirmation = was.row.confirmation;
            one.row.reason.clone_from(&was.row.reason);
            one.row.answered_at = was.row.answered_at;
        }
    }
    if matches!(event.row.body_confirmation, Some(Confirmation::Confirmed | Confirmation::Overruled)) {
        event.row.body_confirmation = Some(Confirmation::Pending);
        event.row.body_reason = None;
        event.row.body_answered_by = None;
    }
    if changed.iter().any(|field| ONE_CONTACT.contains(&field.as_str())) {
        event.row.link_id = None;
        event.linked.clear();
    }
    event.row.settled = false;
    event.row.state_reason = None;
    event.row.state = states::state_of(event.words(), false);
    store::save(tx, event)?;
    store::replace_parts(tx, event)?;
    if before.constituents.iter().any(|met| !said.constituents.contains(met)) {
        // Nothing leads from whoever was taken out to the answers that name them.
        once::forget(tx.conn, &[event.row.id])?;
    }
    constituents::touch(tx, &said.constituents, said.occurred_on)?;
    record::deed_with(tx, Op::contact_event_update, event, json!({"changed": changed}));
    let (known, new): (Vec<To>, Vec<To>) = words::everybody_but(Some(recorder), event).into_iter().partition(|to| match to {
        To::Person(person) => earlier.iter().any(|was| was.row.person_id == *person),
        To::Body(_) => true,
    });
    words::tell(tx, event, &known, "contact_event_updated")?;
    words::tell(tx, event, &new, "contact_event_recorded")
}

/// What makes two records one contact: changed, the record has to be linked anew.
const ONE_CONTACT: [&str; 7] =
    ["occurred_on", "form", "form_word", "person_ids", "co_participant_ids", "constituent_ids", "outside_persons"];

/// 409 where an edit would take out somebody whose dispute stands, and the dispute with them.
fn refuse_silencing(event: &Event, said: &ContactEventCreate) -> Maybe<()> {
    let stays = |person: &crate::base::id::Id| said.persons.contains(person) || said.co_participants.contains(person);
    let disputes = event.participants.iter().filter(|one| one.row.confirmation == Confirmation::Disputed);
    let silenced = disputes.into_iter().any(|one| !stays(&one.row.person_id));
    let detail = say(
        "对记录有异议的人不能从记录中去掉：先由本人收回异议，或由委员工委裁定",
        "somebody who disputes the record cannot be taken out of it: the dispute is withdrawn or settled first",
    );
    dated::refuse(silenced, detail)
}

/// The names of the fields that an edit changes.
fn changed(before: &ContactEventCreate, after: &ContactEventCreate) -> Vec<String> {
    let fields = |of: &ContactEventCreate| match json!(of) {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let before = fields(before);
    fields(after).into_iter().filter(|(field, new)| before.get(field) != Some(new)).map(|(field, _)| field).collect()
}

/// A `client_ref` of this author, and the fingerprint of what came under it.
struct Seen {
    hash: Vec<u8>,
    print: Vec<u8>,
}

impl Seen {
    /// Holds other requests with the same reference off until this one is done.
    fn of(tx: &mut Tx<'_>, said: &ContactEventCreate, client_ref: &str, author: crate::base::id::Id) -> Maybe<Self> {
        let hash = tx.seal.hash("contact-event-client-ref", &format!("{author} {client_ref}"));
        dialect::lock(tx.conn, &hash)?;
        Ok(Self { hash, print: tx.seal.hash("contact-event-body", &json!(said).to_string()) })
    }

    /// What was recorded under the reference before; 409 where that was something else.
    fn find(&self, tx: &mut Tx<'_>) -> Maybe<Option<Event>> {
        let known: Option<(crate::base::id::Id, Option<Vec<u8>>)> = contact_events::table
            .filter(contact_events::client_ref_hash.eq(&self.hash))
            .select((contact_events::id, contact_events::client_ref_print))
            .first(tx.conn)
            .optional()?;
        let Some((id, print)) = known else { return Ok(None) };
        if print.as_ref() != Some(&self.print) {
            return Err(Problem::client_ref_taken(Event::KIND, id));
        }
        store::find(tx, Op::contact_event_read, id).map(Some)
    }
}
