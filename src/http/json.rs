//! JSON as it comes in. Everything in it is bounded, so that no body costs much more than its bytes, and every string is brought
//! into its one form on the way.

use std::collections::HashSet;
use std::fmt::{self, Write as _};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::told::{flawed, unknown_field};
use crate::base::problem::{Code, Fault, MOST_FAULTS, Maybe, Problem, say};
use crate::base::text::{self, Form};

/// Values in a body, those of all lists and objects together: several times what the largest request needs.
const MOST_VALUES: usize = 10_000;
/// Characters of a key: what is longer is no field of ours.
const LONGEST_KEY: usize = 100;
/// Whole numbers that a float holds exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads JSON, refusing keys given twice; `lines` are the fields that may have several lines. Texts that must not be stay as they
/// are and are told beside the value, so that whatever else is wrong can be told at once.
pub(super) fn parse(bytes: &[u8], lines: &HashSet<String>) -> Maybe<(Value, Vec<Fault>)> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Problem::new(Code::MalformedJson, say("正文不是 UTF-8", "the body is not UTF-8")))?;
    let mut reader = Reader { lines, values: 0, field: String::new(), pointer: String::new(), faults: Vec::new() };
    let mut json = serde_json::Deserializer::from_str(text);
    let value = Seed(&mut reader).deserialize(&mut json).and_then(|value| json.end().map(|()| value)).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Problem::new(
            Code::MalformedJson,
            say(format!("第 {line} 行第 {column} 列无法读取"), format!("unreadable at line {line} column {column}")),
        )
    })?;
    if reader.values > MOST_VALUES {
        let detail = say(format!("正文至多 {MOST_VALUES} 个值"), format!("a body has at most {MOST_VALUES} values"));
        return Err(Problem::rule("", "too_many", detail));
    }
    Ok((value, reader.faults))
}

/// A name as a part of a JSON Pointer (RFC 6901, 3).
pub(super) fn push_name(pointer: &mut String, name: &str) {
    pointer.push('/');
    for letter in name.chars() {
        match letter {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

struct Reader<'a> {
    lines: &'a HashSet<String>,
    values: usize,
    /// Where it reads, `*` standing for any place in a list, and the same as a pointer.
    field: String,
    pointer: String,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn tell(&mut self, fault: impl FnOnce(&str) -> Fault) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(fault(&self.pointer));
        }
    }

    fn lengths(&self) -> (usize, usize) {
        (self.field.len(), self.pointer.len())
    }

    fn back(&mut self, (field, pointer): (usize, usize)) {
        self.field.truncate(field);
        self.pointer.truncate(pointer);
    }
}

struct Seed<'r, 'a>(&'r mut Reader<'a>);

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        self.0.values += 1;
        if self.0.values > MOST_VALUES {
            return IgnoredAny::deserialize(from).map(|IgnoredAny| Value::Null);
        }
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    /// `1.0` is an integer to JSON Schema, so it is one here.
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within what both hold exactly")]
        Ok(if value.fract() == 0.0 && value.abs() <= EXACT { (value as i64).into() } else { value.into() })
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        let form = if self.0.lines.contains(&self.0.field) { Form::Lines } else { Form::Line };
        Ok(Value::String(text::normalise(value, form).unwrap_or_else(|flaw| {
            self.0.tell(|pointer| flawed(pointer, &flaw));
            value.to_owned()
        })))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let lengths = self.0.lengths();
        let mut values = Vec::new();
        loop {
            self.0.field.push_str("/*");
            // Writing to a string does not fail.
            let _ = write!(self.0.pointer, "/{}", values.len());
            let value = seq.next_element_seed(Seed(self.0))?;
            self.0.back(lengths);
            match value {
                Some(value) => values.push(value),
                None => return Ok(Value::Array(values)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let lengths = self.0.lengths();
        let mut object = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if key.chars().nth(LONGEST_KEY).is_some() {
                self.0.tell(|pointer| unknown_field(pointer, &key));
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            push_name(&mut self.0.field, &key);
            push_name(&mut self.0.pointer, &key);
            let value = map.next_value_seed(Seed(self.0))?;
            self.0.back(lengths);
            if object.insert(key, value).is_some() {
                return Err(serde::de::Error::custom("a key stands twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Maybe<(Value, Vec<Fault>)> {
        parse(text.as_bytes(), &HashSet::from(["/notes/*".to_owned()]))
    }

    #[test]
    fn a_text_that_must_not_be_is_pointed_to() {
        let (_, faults) = read(r#"{"a~/b": ["x", "\u0007"], "notes": ["1\n2", "\u0007"], "c": "1\n2"}"#).expect("JSON");
        let told: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect();
        assert_eq!(told, [("/a~0~1b/1", "control_character"), ("/notes/1", "control_character"), ("/c", "line_break")]);
    }

    #[test]
    fn a_whole_number_is_an_integer_however_it_is_written() {
        let (value, _) = read("[1.0, -2e3, 1.5, 1e300, 12345678901234567890]").expect("JSON");
        assert_eq!(value, json!([1, -2000, 1.5, 1e300, 12_345_678_901_234_567_890_u64]));
    }

    #[test]
    fn what_is_read_is_bounded() {
        let key = "k".repeat(1000);
        let (value, faults) = read(&format!(r#"{{"{key}": [1, 2], "a": 1}}"#)).expect("JSON");
        assert_eq!((value, faults.len()), (json!({"a": 1}), 1));
        assert!(faults[0].pointer.len() < 210 && faults[0].code == "unknown_field");
        let flaws = format!("[{}1]", r#""\u0007","#.repeat(5000));
        assert_eq!(read(&flaws).expect("JSON").1.len(), MOST_FAULTS);
        let problem = read(&format!("[{}1]", "[],".repeat(MOST_VALUES))).expect_err("too many");
        assert_eq!(problem.faults[0].code, "too_many");
    }
}
