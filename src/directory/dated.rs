//! What all dated rows share: days in order, corrections with a reason, nothing written over what somebody else changed.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::base::problem::{Code, Fault, Maybe, Problem, Say, say};
use crate::db::{Tx, dialect};

/// The day that no row reaches: where an open span is compared, it ends here.
pub const FAR: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// From the first day in force to the last one; without a last day it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
}

impl Span {
    pub fn new(from: NaiveDate, to: Option<NaiveDate>) -> Self {
        Self { from, to }
    }

    /// The last day, far off for an open span.
    pub fn end(self) -> NaiveDate {
        self.to.unwrap_or(FAR)
    }

    /// What of this span lies outside `whole`: the field that says so.
    pub fn outside(self, whole: Self) -> Option<&'static str> {
        if self.from < whole.from || self.from > whole.end() {
            Some("/from")
        } else if self.end() > whole.end() {
            Some("/to")
        } else {
            None
        }
    }
}

/// The rows of a dated table that are in force on some day of a span; on one day: `in_force!(posts, day, day)`.
#[macro_export]
macro_rules! in_force {
    ($table:ident, $from:expr, $to:expr) => {
        $table::from_day.le($to).and($table::to_day.is_null().or($table::to_day.ge($from)))
    };
}

/// The rows of a dated table that are in force on some day outside a span.
#[macro_export]
macro_rules! reaches_beyond {
    ($table:ident, $span:expr) => {{
        let span: $crate::directory::dated::Span = $span;
        $table::from_day
            .lt(span.from)
            .or($table::to_day.is_null().and(span.to.is_some().into_sql::<diesel::sql_types::Bool>()))
            .or($table::to_day.gt(span.end()))
    }};
}

/// What every new row of a jurisdiction begins with, beside what was given for it.
#[macro_export]
macro_rules! new_row {
    ($tx:ident, $table:ident, $id:expr) => {
        (
            $table::id.eq($id),
            $table::jurisdiction_id.eq($tx.jurisdiction()),
            $table::version.eq(1_i64),
            $table::created_at.eq($tx.now),
            $table::updated_at.eq($tx.now),
        )
    };
}

/// Writes `$set`, a new version in it, over the row that was seen: `overwrite!(tx, posts, (id, version), &row)`. The version
/// stands in the WHERE: 412 where somebody was faster.
#[macro_export]
macro_rules! overwrite {
    ($tx:ident, $table:ident, ($id:expr, $version:expr), $set:expr) => {{
        let seen = $table::table.filter($table::id.eq($id)).filter($table::version.eq($version));
        let changed = diesel::update(seen).set($set).execute($tx.conn);
        changed.map_err($crate::base::problem::Problem::from).and_then($crate::directory::dated::one)
    }};
}

/// One writer of a jurisdiction's directory at a time: its rules look at several rows, and of two writers who do not see
/// each other's each could break what the other has checked.
pub fn alone(tx: &mut Tx<'_>) -> Maybe<()> {
    let key = tx.seal.hash("directory", &tx.jurisdiction().to_string());
    dialect::lock(tx.conn, &key)
}

/// The last day is not before the first.
pub fn check(from: NaiveDate, to: Option<NaiveDate>) -> Maybe<()> {
    if to.is_none_or(|to| to >= from) {
        return Ok(());
    }
    Err(Problem::rule("/to", "order", say("最后一日不得早于生效之日", "the last day must not be before the first")))
}

/// The same as a fault among others.
pub fn order(span: Span) -> Vec<Fault> {
    check(span.from, span.to).err().map(|problem| problem.faults.clone()).unwrap_or_default()
}

/// Whether a patch moves an end that has passed: that rewrites history, where setting a coming one makes it.
pub fn rewrites_end(before: Option<NaiveDate>, patch: Option<Option<NaiveDate>>, today: NaiveDate) -> bool {
    patch.is_some_and(|to| to != before) && before.is_some_and(|to| to < today)
}

/// Refuses with all faults, if there are any.
pub fn none_of(faults: Vec<Fault>) -> Maybe<()> {
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

/// What ended a row is kept with its end: it goes when the end is taken back, and there is none without an end.
pub fn end_resolution(to: Option<NaiveDate>, before: Option<&str>, patch: Option<&Option<String>>) -> Maybe<Option<String>> {
    let after = patch.map_or(before, Option::as_deref);
    match (to, patch) {
        (None, Some(Some(_))) => Err(Problem::rule(
            "/end_resolution",
            "not_ended",
            say("没有最后一日的，不得有结束的决定", "there is no resolution of an end without an end"),
        )),
        (None, _) => Ok(None),
        (Some(_), _) => Ok(after.map(str::to_owned)),
    }
}

/// A correction of what was entered wrongly says why.
pub fn reason_for(corrects: bool, reason: Option<&str>) -> Maybe<()> {
    if !corrects || reason.is_some() {
        return Ok(());
    }
    Err(Problem::rule("/reason", "required", say("更正已录入的内容须说明理由", "a correction needs a reason")))
}

/// 409 in the words of the resource.
pub fn refuse(conflict: bool, detail: Say) -> Maybe<()> {
    if conflict { Err(Problem::conflict(detail)) } else { Ok(()) }
}

/// A row was written; none means that somebody was faster.
pub fn one(changed: usize) -> Maybe<()> {
    if changed == 1 { Ok(()) } else { Err(Problem::plain(Code::VersionMismatch)) }
}

/// What a correction changed, with both values, and why: for the audit log. Only for rows without personal data.
pub fn correction<T: Serialize>(before: &T, after: &T, reason: Option<&str>) -> Value {
    let (before, after) = (json!(before), json!(after));
    let mut changed = Map::new();
    for (field, new) in after.as_object().into_iter().flatten() {
        let old = &before[field];
        if old != new && !matches!(field.as_str(), "etag" | "updated_at") {
            changed.insert(field.clone(), json!({"before": old, "after": new}));
        }
    }
    json!({"changed": changed, "reason": reason})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn span(from: &str, to: &str) -> Span {
        Span::new(day(from), to.parse().ok())
    }

    #[test]
    fn a_span_names_the_end_that_lies_outside() {
        let whole = span("2022-01-01", "2026-12-31");
        for (of, expected) in [
            (span("2022-01-01", "2026-12-31"), None),
            (span("2021-12-31", "2023-01-01"), Some("/from")),
            (span("2027-01-01", ""), Some("/from")),
            (span("2024-01-01", "2027-01-01"), Some("/to")),
            (span("2024-01-01", ""), Some("/to")),
        ] {
            assert_eq!(of.outside(whole), expected, "{of:?}");
        }
        assert_eq!(span("2024-01-01", "").outside(span("2022-01-01", "")), None);
    }

    #[test]
    fn only_an_end_that_has_passed_is_history() {
        let (past, today, coming) = (Some(day("2026-01-01")), day("2026-06-01"), Some(day("2026-12-31")));
        for (before, patch, expected) in [
            (None, Some(past), false),
            (past, None, false),
            (past, Some(past), false),
            (past, Some(None), true),
            (past, Some(coming), true),
            (coming, Some(past), false),
            (coming, Some(None), false),
        ] {
            assert_eq!(rewrites_end(before, patch, today), expected, "{before:?} {patch:?}");
        }
    }

    #[test]
    fn a_resolution_of_an_end_goes_with_the_end() {
        let (end, other) = (Some(day("2026-01-01")), Some("第3次会议".to_owned()));
        assert_eq!(end_resolution(end, None, Some(&other)).expect("kept"), other);
        assert_eq!(end_resolution(end, Some("第3次会议"), None).expect("kept"), other);
        assert_eq!(end_resolution(None, Some("第3次会议"), None).expect("gone"), None);
        assert!(end_resolution(None, None, Some(&other)).is_err());
    }
}
