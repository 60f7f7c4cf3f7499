//! 通知: what the caller's person, and the bodies that the caller speaks for, were told (art. 25).
//!
//! A notification says that something happened to a thing and never what is in it: its text is made here, from its kind and its
//! days, in both languages; an account's name is put in here, since who is told may not read it. Whether it was read is each account's own mark. Of a body's there are those since the account belongs to
//! the jurisdiction.

use std::collections::HashMap;

use actix_web::{get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::texts::{self, Bilingual};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Maybe, Problem};
use crate::db::schema::{account_persons, accounts, notification_reads, notifications, persons};
use crate::db::words::Json;
use crate::db::{Engine, Tx};
use crate::directory::refs::{Kind, Names, Ref};
use crate::http::page::{EXACT, total};
use crate::http::{Answer, Ask, At, Call, Page, PageQuery, Reply};
use crate::policy::Op;
use crate::{each, page};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(notification_list).service(notification_read);
}

/// 所及的事项
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ThingRef {
    /// 种类，如 opinion、contact_event
    #[schema(max_length = 60, examples("opinion"))]
    pub kind: String,
    /// 标识
    pub id: Id,
}

/// 通知
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Notification {
    /// 标识
    pub id: Id,
    /// 种类，如 opinion_returned
    #[schema(max_length = 60, examples("opinion_returned"))]
    pub kind: String,
    /// 内容
    pub text: Bilingual,
    /// 所及的事项
    pub thing: ThingRef,
    /// 发给我所代表的哪个机构；发给我本人时为 null
    #[schema(required = true)]
    pub organization: Option<Ref>,
    /// 发出的时刻
    pub created_at: Instant,
    /// 我读过的时刻；未读时为 null
    #[schema(required = true)]
    pub read_at: Option<Instant>,
}

/// 通知的筛选
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NotificationFilter {
    /// true 只列未读的，false 只列已读的
    #[param(example = true)]
    unread: Option<bool>,
    /// 只列这些种类的；可给多个
    #[param(nullable = false, max_items = 20, example = json!(["opinion_returned"]))]
    kind: Option<Vec<String>>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

page! {
    /// 一页通知
    pub NotificationPage of Notification
}

/// 通知列表
///
/// 第二十五条：发给本人与所代表的机构的通知，新的在前。
#[utoipa::path(params(NotificationFilter, PageQuery), responses((status = 200, description = "一页通知", body = NotificationPage)))]
#[get("/me/notifications")]
async fn notification_list(call: Call, ask: Ask<NotificationFilter>) -> Reply<NotificationPage> {
    call.read(ask, |tx, filter| {
        let page = Page::of(tx, &filter.page, "-id", &(filter.unread, &filter.kind))?;
        let boxes = boxes(tx, Op::notification_list)?;
        let mut rows: Vec<Row> = Vec::new();
        let mut counted = 0;
        for inbox in &boxes {
            let mut query = inbox.query(tx, filter).order(notifications::id.desc()).limit(page.reads);
            if let Some((_, before)) = page.after::<String>()? {
                query = query.filter(notifications::id.lt(before));
            }
            rows.extend(query.select(columns!()).load::<Row>(tx.conn)?);
            if filter.page.with_total == Some(true) {
                let ids: Vec<Id> = inbox.query(tx, filter).limit(EXACT + 1).select(notifications::id).load(tx.conn)?;
                counted += ids.len();
            }
        }
        rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.id));
        rows.truncate(usize::try_from(page.reads).unwrap_or(0));
        let (rows, next_cursor) = page.cut(tx, rows, |row| (String::new(), row.id));
        let (total, total_is_exact) = if filter.page.with_total == Some(true) { total(counted) } else { (None, None) };
        Ok(Answer::plain(NotificationPage { items: show(tx, rows)?, next_cursor, total, total_is_exact }))
    })
    .await
}

/// 标为已读
///
/// 第二十五条：只改本账号的已读标记；读过的再标一次，时刻不变。
#[utoipa::path(params(At), responses((status = 200, description = "已标为已读", body = Notification)))]
#[post("/me/notifications/{id}/read")]
async fn notification_read(call: Call, at: At) -> Reply<Notification> {
    call.write((), move |tx, ()| {
        find(tx, at.id)?;
        let mark = (
            notification_reads::account_id.eq(tx.caller.account),
            notification_reads::notification_id.eq(at.id),
            notification_reads::read_at.eq(tx.now),
        );
        each!(tx.conn, conn => diesel::insert_into(notification_reads::table).values(mark).on_conflict_do_nothing().execute(conn))?;
        let row = find(tx, at.id)?;
        show(tx, vec![row])?.pop().map(Answer::plain).ok_or_else(Problem::not_found)
    })
    .await
}

#[derive(Queryable)]
struct Row {
    id: Id,
    organization: Option<Id>,
    kind: String,
    thing_kind: String,
    thing: Id,
    params: Json,
    created_at: Instant,
    read_at: Option<Instant>,
}

macro_rules! columns {
    () => {
        (
            notifications::id,
            notifications::organization_id,
            notifications::kind,
            notifications::thing_kind,
            notifications::thing_id,
            notifications::params,
            notifications::created_at,
            notification_reads::read_at.nullable(),
        )
    };
}
use columns;

/// Where the caller is told something: as a person, or for a body since the account is.
enum Inbox {
    Person(Id),
    Body(Id, Instant),
}

/// Each has an index of its own, so each is read by itself: an account has a few.
fn boxes(tx: &mut Tx<'_>, op: Op) -> Maybe<Vec<Inbox>> {
    let mut bodies = tx.caller.bodies(op);
    bodies.sort_unstable();
    bodies.dedup();
    let mut boxes: Vec<Inbox> = tx.caller.person.into_iter().map(Inbox::Person).collect();
    if !bodies.is_empty() {
        let since: Instant = account_persons::table
            .find((tx.jurisdiction(), tx.caller.account))
            .select(account_persons::created_at)
            .first(tx.conn)?;
        boxes.extend(bodies.into_iter().map(|body| Inbox::Body(body, since)));
    }
    Ok(boxes)
}

type Joined = diesel::helper_types::IntoBoxed<
    'static,
    diesel::helper_types::LeftJoinOn<
        notifications::table,
        notification_reads::table,
        diesel::helper_types::And<
            diesel::helper_types::Eq<notification_reads::notification_id, notifications::id>,
            diesel::helper_types::Eq<notification_reads::account_id, Id>,
        >,
    >,
    Engine,
>;

impl Inbox {
    /// Every query of a notification starts here.
    fn all(&self, tx: &Tx<'_>) -> Joined {
        let mark =
            notification_reads::notification_id.eq(notifications::id).and(notification_reads::account_id.eq(tx.caller.account));
        let query = notifications::table.left_join(notification_reads::table.on(mark)).into_boxed();
        let query = query.filter(notifications::jurisdiction_id.eq(tx.jurisdiction()));
        match *self {
            Self::Person(person) => query.filter(notifications::person_id.eq(person)),
            Self::Body(body, since) => {
                query.filter(notifications::organization_id.eq(body)).filter(notifications::created_at.ge(since))
            }
        }
    }

    fn query(&self, tx: &Tx<'_>, filter: &NotificationFilter) -> Joined {
        let query = self.all(tx);
        let query = match filter.unread {
            None => query,
            Some(true) => query.filter(notification_reads::read_at.is_null()),
            Some(false) => query.filter(notification_reads::read_at.is_not_null()),
        };
        match &filter.kind {
            None => query,
            Some(kinds) => query.filter(notifications::kind.eq_any(kinds.clone())),
        }
    }
}

fn find(tx: &mut Tx<'_>, id: Id) -> Maybe<Row> {
    for inbox in boxes(tx, Op::notification_read)? {
        let found = inbox.all(tx).filter(notifications::id.eq(id)).select(columns!()).first(tx.conn).optional()?;
        if let Some(row) = found {
            return Ok(row);
        }
    }
    Err(Problem::not_found())
}

/// The names of the accounts that are told of, and of whom they link here.
fn accounts(tx: &mut Tx<'_>, rows: &[Row]) -> Maybe<HashMap<Id, (String, Option<String>)>> {
    let ids: Vec<Id> = rows.iter().filter(|row| row.thing_kind == "account").map(|row| row.thing).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let names: Vec<(Id, String, Option<String>)> = account_persons::table
        .inner_join(accounts::table.on(accounts::id.eq(account_persons::account_id)))
        .left_join(persons::table.on(persons::id.nullable().eq(account_persons::person_id)))
        .filter(account_persons::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(account_persons::account_id.eq_any(ids))
        .select((accounts::id, accounts::name, persons::name.nullable()))
        .load(tx.conn)?;
    Ok(names.into_iter().map(|(id, account, person)| (id, (account, person))).collect())
}

fn show(tx: &mut Tx<'_>, rows: Vec<Row>) -> Maybe<Vec<Notification>> {
    let names = Names::load(tx, Kind::Organization, rows.iter().filter_map(|row| row.organization))?;
    let accounts = accounts(tx, &rows)?;
    let show = |mut row: Row| Notification {
        id: row.id,
        text: {
            if let Some((Some(params), (account, person))) =
                accounts.get(&row.thing).map(|names| (row.params.0.as_object_mut(), names))
            {
                params.insert("account".to_owned(), json!(account));
                params.insert("person".to_owned(), json!(person));
            }
            texts::of(&row.kind, &row.params.0)
        },
        kind: row.kind,
        thing: ThingRef { kind: row.thing_kind, id: row.thing },
        organization: names.maybe(row.organization),
        created_at: row.created_at,
        read_at: row.read_at,
    };
    Ok(rows.into_iter().map(show).collect())
}
