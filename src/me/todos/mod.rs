//! 待办: what the caller owes now, with its deadline and how late it is (art. 25).
//!
//! It is computed from the things themselves and stored nowhere, so that it cannot fall behind them. Each kind has a source of
//! its own, which gives its next few in the list's order; the list merges them. What has a deadline comes first, by its day;
//! then what has none, the oldest first.

mod duties;
mod events;
mod opinions;
mod order;
mod tell_back;
mod wire;

use actix_web::get;
use utoipa_actix_web::service_config::ServiceConfig;

use self::order::{Found, Key, Wish};
use self::wire::{TodoFilter, TodoKind, TodoPage};
use crate::base::problem::Maybe;
use crate::db::Tx;
use crate::http::page::{EXACT, total};
use crate::http::{Answer, Ask, Call, Page, PageQuery, Reply};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(todo_list);
}

/// 待办列表
///
/// 第二十五条：现在该由我或我所代表的机构办理的，有时限的按时限在前；随事项的办理自动出现与消失。
#[utoipa::path(params(TodoFilter, PageQuery), responses((status = 200, description = "一页待办", body = TodoPage)))]
#[get("/me/todos")]
async fn todo_list(call: Call, ask: Ask<TodoFilter>) -> Reply<TodoPage> {
    call.read(ask, |tx, filter| {
        let page = Page::of(tx, &filter.page, "due", &(&filter.kind, filter.overdue))?;
        let after = page.after::<String>()?.map(|(key, id)| Key::parse(&key, id)).transpose()?;
        let found = merged(tx, filter, after, page.reads)?;
        let (rows, next_cursor) = page.cut(tx, found, |(key, _)| (key.to_string(), key.id));
        let (total, total_is_exact) =
            if filter.page.with_total == Some(true) { total(merged(tx, filter, None, EXACT + 1)?.len()) } else { (None, None) };
        let items = rows.into_iter().map(|(_, todo)| todo).collect();
        Ok(Answer::plain(TodoPage { items, next_cursor, total, total_is_exact }))
    })
    .await
}

type Source = fn(&mut Tx<'_>, &Wish) -> Maybe<Vec<Found>>;

/// Every source, with the kinds that it gives. Its place here orders what is due on one day.
const SOURCES: &[(&[TodoKind], Source)] = &[
    (&[TodoKind::OpinionDecision], opinions::to_decide),
    (&[TodoKind::OpinionTriage, TodoKind::OpinionReport, TodoKind::OpinionFeedback], opinions::owned),
    (&[TodoKind::OpinionResubmission], opinions::returned),
    (&[TodoKind::FeedbackAcknowledgement], opinions::to_acknowledge),
    (&[TodoKind::Duty], duties::own),
    (&[TodoKind::EventSettlement], events::to_settle),
    (&[TodoKind::EventConfirmation], events::to_confirm),
    (&[TodoKind::EventConfirmation], events::to_confirm_for_bodies),
    (&[TodoKind::TellBack], tell_back::owed),
];

fn merged(tx: &mut Tx<'_>, filter: &TodoFilter, after: Option<Key>, reads: i64) -> Maybe<Vec<Found>> {
    let due_before = (filter.overdue == Some(true)).then_some(tx.today);
    let mut found = Vec::new();
    for (source, (kinds, give)) in (0_u8..).zip(SOURCES) {
        let wanted = |kind: &TodoKind| filter.kind.as_ref().is_none_or(|only| only.contains(kind));
        if kinds.iter().any(wanted) {
            let given = give(tx, &Wish { source, after, reads, due_before })?;
            found.extend(given.into_iter().filter(|(_, todo)| wanted(&todo.kind)));
        }
    }
    found.sort_unstable_by_key(|(key, _)| *key);
    found.truncate(usize::try_from(reads).unwrap_or(0));
    Ok(found)
}
