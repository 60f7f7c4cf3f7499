//! How a fault of the input is told, in the words of people.

use serde_json::Value;

use super::json::push_name;
use crate::base::problem::{Fault, Say, cut, say};
use crate::base::text::Flaw;

pub(super) fn flawed(pointer: &str, flaw: &Flaw) -> Fault {
    let say = match flaw.code() {
        "line_break" => say("不得含有换行或制表符", "must be a single line"),
        _ => say("含有不允许的控制字符", "holds a control character"),
    };
    Fault::new(pointer, flaw.code(), say)
}

/// `name`, which the object at `pointer` does not have.
pub(super) fn unknown_field(pointer: &str, name: &str) -> Fault {
    let mut pointer = pointer.to_owned();
    push_name(&mut pointer, name);
    Fault::new(pointer, "unknown_field", say("不识别的字段或参数", "unknown field or parameter"))
}

/// What a value should be, by the names of JSON Schema.
pub(super) fn kinds<'a>(names: impl Iterator<Item = &'a str>) -> Say {
    let names: Vec<_> = names.collect();
    let zh = names.iter().map(|name| match *name {
        "integer" => "整数",
        "number" => "数字",
        "string" => "文本",
        "boolean" => "true 或 false",
        "array" => "列表",
        "object" => "对象",
        other => other,
    });
    say(format!("类型须为{}", zh.collect::<Vec<_>>().join("或")), format!("must be of type {}", names.join(" or ")))
}

/// The words that an enumeration has.
pub(super) fn one_of(options: &Value) -> Say {
    let words: Vec<_> = options.as_array().into_iter().flatten().map(|word| word.as_str().unwrap_or("null")).collect();
    say(format!("须为所列的值之一：{}", cut(&words.join("、"), 400)), format!("must be one of {}", cut(&words.join(", "), 400)))
}

pub(super) fn format(name: &str) -> Say {
    match name {
        "date" => say("须为日期 YYYY-MM-DD", "must be a day, YYYY-MM-DD"),
        "date-time" => say("须为 UTC 时刻，如 2026-03-02T02:00:00Z", "must be an instant like 2026-03-02T02:00:00Z"),
        "uuid" => say("须为标识 (UUID)", "must be an id (UUID)"),
        _ => say("格式不对", "not of the agreed format"),
    }
}

/// A pattern of the contract's in words; a test asks for those of every pattern.
pub fn shape(pattern: &str) -> Option<Say> {
    if let Some(fields) = pattern.strip_prefix("^-?").and_then(|rest| rest.strip_suffix('$')) {
        let fields: Vec<_> = fields.trim_matches(['(', ')']).split('|').collect();
        let (zh, en) = (fields.join("、"), fields.join(", "));
        return Some(say(format!("可按 {zh} 排序，前加 - 为倒序"), format!("sorts by {en}, with - before it downwards")));
    }
    Some(match pattern {
        "^[0-9]{6}$" => say("须为六位数字", "must be six digits"),
        "^[a-z0-9_]+$" => say("只能用小写字母、数字和下划线", "only lower-case letters, digits and _"),
        "^[a-z0-9_-]+$" => say("只能用小写字母、数字、下划线和连字符", "only lower-case letters, digits, _ and -"),
        "^[a-z0-9._-]+$" => say("只能用小写字母、数字和 . _ -", "only lower-case letters, digits and . _ -"),
        "^[a-z0-9][a-z0-9._-]*$" => say(
            "须以小写字母或数字开头，只能用小写字母、数字和 . _ -",
            "a lower-case letter or digit first, then only those and . _ -",
        ),
        "^[\\x21-\\x7e]+$" => say("只能用可见的 ASCII 字符，不含空格", "only visible ASCII characters, no space"),
        "^[a-z0-9_-]{1,40}:.{1,100}$" => say("须为“体系:标识”，如 zwding:10086", "must be scheme:identifier, like zwding:10086"),
        _ => return None,
    })
}
