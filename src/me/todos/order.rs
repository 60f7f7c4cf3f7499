//! The order of the list, and what each source is asked for in it.

use chrono::NaiveDate;

use super::wire::Todo;
use crate::base::id::Id;
use crate::base::problem::{Maybe, Problem, say};

/// Where a to-do stands in the list. Of one source no two have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub order: Order,
    pub day: NaiveDate,
    pub source: u8,
    pub id: Id,
}

/// What comes before what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Order {
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
    pub fn parse(text: &str, id: Id) -> Maybe<Self> {
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
pub struct Wish {
    pub source: u8,
    pub after: Option<Key>,
    pub reads: i64,
    /// Only what was due before this day.
    pub due_before: Option<NaiveDate>,
}

/// Where a source's rows of one order begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
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
    pub fn from(&self, order: Order) -> From {
        let Some(after) = self.after else { return From::Start };
        match order.cmp(&after.order) {
            std::cmp::Ordering::Less => From::End,
            std::cmp::Ordering::Greater => From::Start,
            std::cmp::Ordering::Equal if self.source > after.source => From::Day(after.day),
            std::cmp::Ordering::Equal if self.source == after.source => From::Behind(after.day, after.id),
            std::cmp::Ordering::Equal => after.day.succ_opt().map_or(From::End, From::Day),
        }
    }

    pub fn key(&self, order: Order, day: NaiveDate, id: Id) -> Key {
        Key { order, day, source: self.source, id }
    }

    /// Of a source that gives all it has: what lies behind the place.
    pub fn cut(&self, mut all: Vec<Found>) -> Vec<Found> {
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
pub type Found = (Key, Todo);

/// Orders a source's query by a day and an id, and starts it where the wish says. It must not be asked from the end.
macro_rules! in_order {
    ($query:expr, $from:expr, $day:expr, $id:expr, $reads:expr) => {{
        let query = match $from {
            $crate::me::todos::order::From::Start | $crate::me::todos::order::From::End => $query,
            $crate::me::todos::order::From::Day(day) => $query.filter($day.ge(day)),
            $crate::me::todos::order::From::Behind(day, id) => $query.filter($day.ge(day)).filter($day.gt(day).or($id.gt(id))),
        };
        query.order(($day.asc(), $id.asc())).limit($reads)
    }};
}
pub(super) use in_order;

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
