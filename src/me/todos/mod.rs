//! 待办: what the caller owes now, with its deadline and how late it is (art. 25).
//!
//! It is computed from the things themselves and stored nowhere, so that it cannot fall behind them. Each kind has a source of
//! its own, which gives its next few in the list's order; the list merges them. What has a deadline comes first, by its day;
//! then what has none, the oldest first.

mod duties;
mod events;
mod opinions;
mod tell_back;

use actix_web::get;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::notifications::ThingRef;
use super::texts::Bilingual;
use crate::base::id::Id;
use crate::base::problem::{Maybe, Problem, say};
use crate::db::Tx;
use crate::http::page::{EXACT, total};
use crate::http::{Answer, Ask, Call, Page, PageQuery, Reply};
use crate::opinion::opinions::wire::DueCalendar;
use crate::policy::Op;
use crate::{page, words};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(todo_list);
}

words! {
    /// 待办的种类
    pub enum TodoKind {
        OpinionTriage = "opinion_triage", "审查社情民意";
        OpinionReport = "opinion_report", "报送社情民意";
        OpinionDecision = "opinion_decision", "记录主席会议的决定";
        OpinionFeedback = "opinion_feedback", "向作者反馈";
        OpinionResubmission = "opinion_resubmission", "修改并重新提交退回的社情民意";
        FeedbackAcknowledgement = "feedback_acknowledgement", "确认收到的反馈";
        EventConfirmation = "event_confirmation", "确认关于自己的联系记录";
        EventSettlement = "event_settlement", "裁定有异议的联系记录";
        Duty = "duty", "当年有风险或未完成的职责";
        TellBack = "tell_back", "回告群众";
    }
}

/// 一件待办
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Todo {
    /// 种类
    pub kind: TodoKind,
    /// 要做什么
    pub title: Bilingual,
    /// 所及的事项；职责为所关的人员 (person)
    pub thing: ThingRef,
    /// 从哪一天起；不知道的为 null
    #[schema(required = true, examples("2026-03-02"))]
    pub since: Option<NaiveDate>,
    /// 时限的最后一日；没有时限的为 null
    #[schema(required = true, examples("2026-03-05"))]
    pub due_on: Option<NaiveDate>,
    /// 时限所据的工作日历：known 为已公布或已录入，assumed 为推算；没有时限的为 null
    #[schema(required = true)]
    pub calendar: Option<DueCalendar>,
    /// 逾期多少个自然日；未逾期的为 0
    #[schema(minimum = 0, maximum = 100_000, examples(0))]
    pub overdue_days: i64,
    /// 办理它的操作 (operationId)；须由他人办理的为 null
    #[schema(required = true, max_length = 60, examples("opinion_accept"))]
    pub operation: Option<String>,
}

/// 待办的筛选
#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TodoFilter {
    /// 只列这些种类的；可给多个
    #[param(nullable = false, max_items = 10, example = json!(["opinion_triage"]))]
    kind: Option<Vec<TodoKind>>,
    /// true 只列逾期的
    #[param(example = true)]
    overdue: Option<bool>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

page! {
    /// 一页待办
    pub TodoPage of Todo
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

/// Where a to-do stands in the list. Of one source no two have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    order: Order,
    day: NaiveDate,
    source: u8,
    id: Id,
}

/// What comes before what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    /// By its last day.
    Due,
    /// Without a last day, by the day since when.
    Since,
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let order = if self.order == Order::Due { 'd' } else { 's' };
        write!(f, "{order} {} {}", self.day, self.source)
    }
}

impl Key {
    fn parse(text: &str, id: Id) -> Maybe<Self> {
        let parts: Vec<&str> = text.split(' ').collect();
        let parsed = match parts.as_slice() {
            [order, day, source] => day.parse().ok().zip(source.parse().ok()).map(|(day, source)| Self {
                order: if *order == "d" { Order::Due } else { Order::Since },
                day,
                source,
                id,
            }),
            _ => None,
        };
        parsed.ok_or_else(|| Problem::rule("/cursor", "cursor", say("游标无效", "not a cursor of this list")))
    }
}

/// What a source is asked for: its next `reads` behind a place in the list.
#[derive(Clone, Copy, Debug)]
struct Wish {
    source: u8,
    after: Option<Key>,
    reads: i64,
    /// Only what was due before this day.
    due_before: Option<NaiveDate>,
}

/// Where a source's rows of one order begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    /// All of them are behind the place.
    Start,
    /// Those of this day and later.
    Day(NaiveDate),
    /// Those of this day behind this id, and of later days.
    Behind(NaiveDate, Id),
    /// None is.
    End,
}

impl Wish {
    fn from(&self, order: Order) -> From {
        let Some(after) = self.after else { return From::Start };
        match order.cmp(&after.order) {
            std::cmp::Ordering::Less => From::End,
            std::cmp::Ordering::Greater => From::Start,
            std::cmp::Ordering::Equal if self.source > after.source => From::Day(after.day),
            std::cmp::Ordering::Equal if self.source == after.source => From::Behind(after.day, after.id),
            std::cmp::Ordering::Equal => after.day.succ_opt().map_or(From::End, From::Day),
        }
    }

    fn key(&self, order: Order, day: NaiveDate, id: Id) -> Key {
        Key { order, day, source: self.source, id }
    }

    /// Of a source that gives all it has: what lies behind the place.
    fn cut(&self, mut all: Vec<Found>) -> Vec<Found> {
        all.retain(|(key, todo)| {
            self.after.is_none_or(|after| *key > after)
                && self.due_before.is_none_or(|day| todo.due_on.is_some_and(|due| due < day))
        });
        all.sort_unstable_by_key(|(key, _)| *key);
        all.truncate(usize::try_from(self.reads).unwrap_or(0));
        all
    }
}

/// A to-do and its place.
type Found = (Key, Todo);

/// Orders a source's query by a day and an id, and starts it where the wish says. It must not be asked from the end.
macro_rules! in_order {
    ($query:expr, $from:expr, $day:expr, $id:expr, $reads:expr) => {{
        let query = match $from {
            $crate::me::todos::From::Start | $crate::me::todos::From::End => $query,
            $crate::me::todos::From::Day(day) => $query.filter($day.ge(day)),
            $crate::me::todos::From::Behind(day, id) => $query.filter($day.ge(day)).filter($day.gt(day).or($id.gt(id))),
        };
        query.order(($day.asc(), $id.asc())).limit($reads)
    }};
}
use in_order;

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

impl Todo {
    fn new(kind: TodoKind, title: Bilingual, thing: (&str, Id)) -> Self {
        Self {
            kind,
            title,
            thing: ThingRef { kind: thing.0.to_owned(), id: thing.1 },
            since: None,
            due_on: None,
            calendar: None,
            overdue_days: 0,
            operation: None,
        }
    }

    fn since(mut self, day: NaiveDate) -> Self {
        self.since = Some(day);
        self
    }

    fn due(mut self, day: NaiveDate, assumed: bool, today: NaiveDate) -> Self {
        self.due_on = Some(day);
        self.calendar = Some(if assumed { DueCalendar::Assumed } else { DueCalendar::Known });
        self.overdue_days = (today - day).num_days().max(0);
        self
    }

    fn by(mut self, op: Op) -> Self {
        self.operation = Some(op.as_str().to_owned());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn wish(source: u8, after: Option<Key>) -> Wish {
        Wish { source, after, reads: 3, due_before: None }
    }

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let key = Key { order: Order::Since, day: day("2026-03-02"), source: 7, id: Id::fresh() };
        assert_eq!(Key::parse(&key.to_string(), key.id).expect("a place"), key);
        assert!(Key::parse("d 2026-03-02", key.id).is_err());
    }

    #[test]
    fn each_source_begins_behind_the_last_that_was_shown() {
        let id = Id::fresh();
        let after = Some(Key { order: Order::Due, day: day("2026-03-02"), source: 2, id });
        assert_eq!(wish(1, after).from(Order::Due), From::Day(day("2026-03-03")));
        assert_eq!(wish(2, after).from(Order::Due), From::Behind(day("2026-03-02"), id));
        assert_eq!(wish(3, after).from(Order::Due), From::Day(day("2026-03-02")));
        assert_eq!(wish(3, after).from(Order::Since), From::Start);
        let after = Some(Key { order: Order::Since, day: day("2026-03-02"), source: 2, id });
        assert_eq!(wish(3, after).from(Order::Due), From::End);
        assert_eq!(wish(2, None).from(Order::Due), From::Start);
    }
}
