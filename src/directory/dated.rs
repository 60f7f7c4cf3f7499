//! What all dated rows share: days in order, corrections with a reason, nothing written over what somebody else changed.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::base::problem::{Code, Maybe, Problem, Say, say};

/// The last day is not before the first.
pub fn check(from: NaiveDate, to: Option<NaiveDate>) -> Maybe<()> {
    if to.is_none_or(|to| to >= from) {
        return Ok(());
    }
    Err(Problem::rule("/to", "order", say("最后一日不得早于生效之日", "the last day must not be before the first")))
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

/// The update's WHERE held the version that was seen: no row means that somebody was faster.
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
