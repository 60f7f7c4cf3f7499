//! 联系安排: who is to contact whom (art. 11), from which day to which.
//!
//! Three relations: a leader and a standing member, a special committee and a member, a member and one of the people. Each side
//! holds what the relation asks for on the day it begins. The same two have one assignment at a time. It is ended, never
//! deleted, and can be asked for as of any day.

use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

mod sides;
pub mod store;
pub mod wire;

use store::AssignmentRow;
use wire::{ContactAssignment, ContactAssignmentCreate, ContactAssignmentEnd, ContactAssignmentFilter, ContactAssignmentPage};

use super::constituents::mask::ConstituentRefs;
use crate::base::problem::{Fault, Maybe, Problem, say, warnings};
use crate::db::Tx;
use crate::directory::refs::{Kind, Names};
use crate::http::page::total;
use crate::http::{Answer, Ask, At, Body, Call, IfMatch, Page, PageQuery, Reply};
use crate::policy::Op;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(contact_assignment_list)
        .service(contact_assignment_create)
        .service(contact_assignment_read)
        .service(contact_assignment_end);
}

/// 联系安排列表
///
/// 第十一条：领导、委员看自己的，专委会看本会的与所联系界别、所属委员的，委员工委看全部；可查某一天在生效的。
#[utoipa::path(params(ContactAssignmentFilter, PageQuery),
    responses((status = 200, description = "一页联系安排", body = ContactAssignmentPage)))]
#[get("/contact-assignments")]
async fn contact_assignment_list(call: Call, ask: Ask<ContactAssignmentFilter>) -> Reply<ContactAssignmentPage> {
    call.read(ask, |tx, filter| {
        let key = (
            (&filter.kind, filter.as_of),
            (filter.contacting_person_id, filter.contacting_organization_id),
            (filter.contacted_person_id, filter.contacted_constituent_id),
        );
        let page = Page::of(tx, &filter.page, filter.sort.as_deref().unwrap_or("-id"), &key)?;
        let rows = store::page(tx, &page, filter)?;
        let (rows, next_cursor) = page.cut(tx, rows, |row| (String::new(), row.id));
        let (total, total_is_exact) =
            if filter.page.with_total == Some(true) { total(store::count(tx, filter)?) } else { (None, None) };
        let items = ContactAssignment::all_shown_to(tx, &rows)?;
        Ok(Answer::plain(ContactAssignmentPage { items, next_cursor, total, total_is_exact }))
    })
    .await
}

/// 新增联系安排
///
/// 第十一条：领导联系常委、专委会联系委员、委员联系群众；同一双方同一时间只有一项。专委会只以本会名义，委员只安排自己的群众。
#[utoipa::path(request_body = ContactAssignmentCreate,
    responses((status = 201, description = "已新增", body = ContactAssignment)))]
#[post("/contact-assignments")]
async fn contact_assignment_create(call: Call, body: Body<ContactAssignmentCreate>) -> Reply<ContactAssignment> {
    call.write(body, |tx, new| {
        let mut row = AssignmentRow::new(tx, new.kind, new.from);
        row.contacting_person_id = new.contacting_person_id;
        row.contacting_organization_id = new.contacting_organization_id;
        row.contacted_person_id = new.contacted_person_id;
        row.contacted_constituent_id = new.contacted_constituent_id;
        row.to_day = new.to;
        row.resolution.clone_from(&new.resolution);
        sides::named(new)?;
        store::admit(tx, Op::contact_assignment_create, &row)?;
        sides::hold_what_it_asks(tx, new)?;
        store::begin(tx, &row)?;
        let shown = ContactAssignment::one_shown_to(tx, &row)?;
        Ok(Answer::created(format!("/v1/contact-assignments/{}", row.id), shown))
    })
    .await
}

/// 一项联系安排
///
/// 第十一条：范围与列表相同。
#[utoipa::path(params(At), responses((status = 200, description = "联系安排", body = ContactAssignment)))]
#[get("/contact-assignments/{id}")]
async fn contact_assignment_read(call: Call, at: At) -> Reply<ContactAssignment> {
    call.read((), move |tx, ()| {
        let row = store::find(tx, Op::contact_assignment_read, at.id)?;
        Ok(Answer::one(ContactAssignment::one_shown_to(tx, &row)?))
    })
    .await
}

/// 结束联系安排
///
/// 第十一条：给出最后一日与理由；已结束的不再改动，有期限的只能提前。专委会只结束本会的，委员只结束自己联系群众的。
#[utoipa::path(params(At, IfMatch), request_body = ContactAssignmentEnd,
    responses((status = 200, description = "已结束", body = ContactAssignment)))]
#[post("/contact-assignments/{id}/end")]
async fn contact_assignment_end(call: Call, at: At, seen: IfMatch, body: Body<ContactAssignmentEnd>) -> Reply<ContactAssignment> {
    call.write(body, move |tx, end| {
        let mut row = store::find(tx, Op::contact_assignment_read, at.id)?;
        store::admit(tx, Op::contact_assignment_end, &row)?;
        seen.check(row.version)?;
        if row.end_reason.is_some() || row.to_day.is_some_and(|to| to < tx.today) {
            return Err(Problem::state("ended", "已结束", Vec::new()));
        }
        may_end_so(&row, end)?;
        if end.resolution.is_some() {
            row.resolution.clone_from(&end.resolution);
        }
        store::end(tx, &mut row, end.to, &end.reason)?;
        Ok(Answer::one(ContactAssignment::one_shown_to(tx, &row)?))
    })
    .await
}

fn may_end_so(row: &AssignmentRow, end: &ContactAssignmentEnd) -> Maybe<()> {
    let mut faults = Vec::new();
    if end.to < row.from_day {
        faults.push(Fault::new("/to", "order", say("最后一日不得早于起始之日", "the last day must not be before the first")));
    }
    if row.to_day.is_some_and(|to| end.to > to) {
        faults.push(Fault::new(
            "/to",
            "order",
            say("有期限的安排只能提前结束", "an assignment with a last day may only end earlier"),
        ));
    }
    for found in warnings("/reason", &end.reason) {
        faults.push(Fault::new(
            found.pointer,
            found.code,
            say("不得含有电话与身份证号码", "must hold no phone or identity number"),
        ));
    }
    Problem::unless_none(faults)
}

impl ContactAssignment {
    /// Many at once: three queries for the names on both sides.
    pub fn all_shown_to(tx: &mut Tx<'_>, rows: &[AssignmentRow]) -> Maybe<Vec<Self>> {
        let persons = rows.iter().flat_map(|row| [row.contacting_person_id, row.contacted_person_id]).flatten();
        let persons = Names::load(tx, Kind::Person, persons)?;
        let bodies = Names::load(tx, Kind::Organization, rows.iter().filter_map(|row| row.contacting_organization_id))?;
        let people = ConstituentRefs::load(tx, rows.iter().filter_map(|row| row.contacted_constituent_id))?;
        let show = |row: &AssignmentRow| Self {
            id: row.id,
            kind: row.kind,
            contacting_person: persons.maybe(row.contacting_person_id),
            contacting_organization: bodies.maybe(row.contacting_organization_id),
            contacted_person: persons.maybe(row.contacted_person_id),
            contacted_constituent: people.maybe(row.contacted_constituent_id),
            from: row.from_day,
            to: row.to_day,
            resolution: row.resolution.clone(),
            end_reason: row.end_reason.clone(),
            etag: crate::http::etag::etag(row.version),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        };
        Ok(rows.iter().map(show).collect())
    }

    pub fn one_shown_to(tx: &mut Tx<'_>, row: &AssignmentRow) -> Maybe<Self> {
        let shown = Self::all_shown_to(tx, std::slice::from_ref(row))?;
        shown.into_iter().next().ok_or_else(|| crate::record::vanished("an assignment"))
    }
}
