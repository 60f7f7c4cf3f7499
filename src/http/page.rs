//! Pages by keyset: the page after a row costs what the first one costs, however deep it lies.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::input::PageQuery;
use crate::base::id::Id;
use crate::base::problem::{Maybe, Problem, say};
use crate::db::Tx;

/// Page sizes: 1 to 100, 20 where none is asked for.
pub const DEFAULT_LIMIT: i64 = 20;
/// What a page size is rounded up to in the statement: its text holds the number, and a hundred texts of each list would be
/// planned and kept.
const STEPS: [i64; 3] = [DEFAULT_LIMIT, 50, 100];
/// Totals are counted up to here; beyond it they are only known to be more.
pub const EXACT: i64 = 10_000;

/// One page to be read.
#[derive(Clone, Debug)]
pub struct Page {
    /// How many rows are shown.
    pub shown: usize,
    /// How many rows to read: more than are shown, which tells whether there are more.
    pub reads: i64,
    pub field: String,
    pub descending: bool,
    after: Option<Mark>,
    bound_to: String,
}

/// The last row of the page before: its sort value as text, and its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Mark {
    k: String,
    i: Id,
}

impl Page {
    /// `sort`: `field` or `-field`, the list's default where none was asked for. `filters`: whatever tells two lists apart,
    /// since a cursor serves only the list it came from.
    pub fn of(tx: &Tx<'_>, wish: &PageQuery, sort: &str, filters: &impl std::fmt::Debug) -> Maybe<Self> {
        let (descending, field) = sort.strip_prefix('-').map_or((false, sort), |field| (true, field));
        let bound_to = format!("{} {} {sort} {filters:?}", tx.caller.account, tx.caller.jurisdiction);
        let after = wish
            .cursor
            .as_deref()
            .map(|cursor| {
                let (mark, tag) = cursor.split_once('.').unwrap_or((cursor, ""));
                let read = URL_SAFE_NO_PAD.decode(mark).ok().and_then(|json| serde_json::from_slice::<Mark>(&json).ok());
                read.filter(|_| tx.seal.is_tag("cursor", &format!("{bound_to} {mark}"), tag)).ok_or_else(|| {
                    Problem::rule(
                        "/cursor",
                        "cursor",
                        say("游标无效，或不属于这个列表、筛选条件与账号", "not a cursor of this list, filter and account"),
                    )
                })
            })
            .transpose()?;
        let limit = wish.limit.unwrap_or(DEFAULT_LIMIT);
        let reads = STEPS.into_iter().find(|step| limit <= *step).unwrap_or(limit) + 1;
        let shown = usize::try_from(limit).unwrap_or(0);
        Ok(Self { shown, reads, field: field.to_owned(), descending, after, bound_to })
    }

    /// Where the page begins: the sort value and id of the row before it.
    pub fn after<K: std::str::FromStr>(&self) -> Maybe<Option<(K, Id)>> {
        self.after
            .as_ref()
            .map(|mark| {
                mark.k
                    .parse()
                    .map(|key| (key, mark.i))
                    .map_err(|_| Problem::rule("/cursor", "cursor", say("游标无效", "not a cursor of this list")))
            })
            .transpose()
    }

    /// Takes the extra rows off and makes the next page's cursor from the last one shown.
    pub fn cut<R>(&self, tx: &Tx<'_>, mut rows: Vec<R>, mark: impl Fn(&R) -> (String, Id)) -> (Vec<R>, Option<String>) {
        let more = rows.len() > self.shown;
        rows.truncate(self.shown);
        let next = rows.last().filter(|_| more).map(|row| {
            let (k, i) = mark(row);
            let mark = URL_SAFE_NO_PAD.encode(serde_json::json!(Mark { k, i }).to_string());
            let tag = tx.seal.tag("cursor", &format!("{} {mark}", self.bound_to));
            format!("{mark}.{tag}")
        });
        (rows, next)
    }

    /// A page of what is few enough to be in memory whole, in the order of `key`, which no two rows share.
    pub fn of_few<R>(&self, tx: &Tx<'_>, mut rows: Vec<R>, key: impl Fn(&R) -> String) -> Maybe<(Vec<R>, Option<String>)> {
        rows.sort_by_key(&key);
        if self.descending {
            rows.reverse();
        }
        if let Some((after, _)) = self.after::<String>()? {
            rows.retain(|row| if self.descending { key(row) < after } else { key(row) > after });
        }
        Ok(self.cut(tx, rows, |row| (key(row), Id::NIL)))
    }

    /// The total of such a page, where it was asked for.
    pub fn total_of_few(&self, wish: &PageQuery, rows: usize) -> (Option<i64>, Option<bool>) {
        if wish.with_total == Some(true) { total(rows) } else { (None, None) }
    }
}

/// `total` and whether it is exact, from ids counted up to one more than [`EXACT`].
pub fn total(counted: usize) -> (Option<i64>, Option<bool>) {
    let counted = i64::try_from(counted).unwrap_or(i64::MAX);
    (Some(counted.min(EXACT)), Some(counted <= EXACT))
}

/// The rows of a page of `$list`: `$columns` of it, in the page's order, from behind the page before. `(sort, id) < (…)` as a row
/// value, which both engines answer from one index.
#[macro_export]
macro_rules! keyset {
    ($tx:ident, $page:expr, $list:expr, $columns:expr, $table:ident { $($name:literal => $column:ident: $sql:ty, $rust:ty);* $(;)? }) => {{
        let page: &$crate::http::page::Page = $page;
        let mut list = $list;
        match page.field.as_str() {
            $($name => {
                if let Some((key, id)) = page.after::<$rust>()? {
                    list = list.filter(
                        diesel::dsl::sql::<diesel::sql_types::Bool>(concat!("(", stringify!($table), ".", stringify!($column), ", ", stringify!($table), ".id) "))
                            .sql(if page.descending { "< (" } else { "> (" })
                            .bind::<$sql, _>(key)
                            .sql(", ")
                            .bind::<$crate::db::words::Uuid, _>(id)
                            .sql(")"),
                    );
                }
                list = if page.descending {
                    list.order(($table::$column.desc(), $table::id.desc()))
                } else {
                    list.order(($table::$column.asc(), $table::id.asc()))
                };
            })*
            _ => {
                if let Some((_, id)) = page.after::<String>()? {
                    list = if page.descending { list.filter($table::id.lt(id)) } else { list.filter($table::id.gt(id)) };
                }
                list = if page.descending { list.order($table::id.desc()) } else { list.order($table::id.asc()) };
            }
        }
        $crate::db::limited::limited(list.select($columns), page.reads).load($tx.conn)?
    }};
}

/// Names a list's page type, with its items by reference: `page! { /// … pub SectorPage of Sector }`.
#[macro_export]
macro_rules! page {
    ($(#[doc = $doc:literal])+ pub $name:ident of $item:ty) => {
        $(#[doc = $doc])+
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            /// 本页内容
            #[schema(max_items = 100)]
            pub items: Vec<$item>,
            /// 下一页的游标；没有下一页时为 null
            #[schema(required = true, max_length = 1000)]
            pub next_cursor: Option<String>,
            /// 总数，with_total=true 时给出；超过 10000 时为 10000
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(nullable = false, minimum = 0, maximum = 10000)]
            pub total: Option<i64>,
            /// total 是否为准确值
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(nullable = false)]
            pub total_is_exact: Option<bool>,
        }
    };
}

/// Builds the named page from its parts, counting the whole list where it was asked for.
#[macro_export]
macro_rules! paged {
    ($name:ident, $tx:expr, $page:expr, $wish:expr, $rows:expr, $mark:expr, $show:expr, $ids:expr) => {{
        let (rows, next_cursor) = $page.cut($tx, $rows, $mark);
        let (total, total_is_exact) = if $wish.with_total == Some(true) {
            let counted: Vec<$crate::base::id::Id> =
                $crate::db::limited::limited($ids, $crate::http::page::EXACT + 1).load($tx.conn)?;
            $crate::http::page::total(counted.len())
        } else {
            (None, None)
        };
        $name { items: $show(rows)?, next_cursor, total, total_is_exact }
    }};
}
