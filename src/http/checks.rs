//! The contract as the rule that is applied: bodies and queries are held against the document's own schemas, and every fault
//! is told at once, with a pointer to each.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, RwLock};

use chrono::{Datelike, NaiveDate};
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::told::{self, flawed, push_name, unknown_field};
use crate::base::problem::{Code, Fault, MOST_FAULTS, Maybe, Problem, say};
use crate::base::text::{self, Form};
use crate::policy::Op;

/// The compiled rules, one a body type or query, made when first needed.
#[derive(Default)]
pub struct Checks {
    bodies: RwLock<HashMap<&'static str, Arc<Check>>>,
    queries: RwLock<HashMap<Op, Arc<Check>>>,
}

/// The rules for one body or query.
pub struct Check {
    validator: jsonschema::Validator,
    /// Fields that may hold line feeds and tabs, as pointers with `*` for any array index.
    pub(super) lines: HashSet<String>,
    /// Query parameters and their schemas.
    fields: BTreeMap<String, Value>,
}

impl Checks {
    pub(super) fn body<T: ToSchema + 'static>(&self, document: &Value) -> Maybe<Arc<Check>> {
        let name = std::any::type_name::<T>();
        if let Some(check) = self.bodies.read().ok().and_then(|made| made.get(name).cloned()) {
            return Ok(check);
        }
        let schema = json!({"$ref": format!("#/components/schemas/{}", T::name())});
        let check = Arc::new(Check::new(schema, document, BTreeMap::new())?);
        if let Ok(mut made) = self.bodies.write() {
            made.insert(name, check.clone());
        }
        Ok(check)
    }

    pub(super) fn query(&self, op: Op, document: &Value) -> Maybe<Arc<Check>> {
        if let Some(check) = self.queries.read().ok().and_then(|made| made.get(&op).cloned()) {
            return Ok(check);
        }
        let mut fields = BTreeMap::new();
        let mut required = Vec::new();
        for parameter in parameters(document, op) {
            if let (Some("query"), Some(name)) = (parameter["in"].as_str(), parameter["name"].as_str()) {
                fields.insert(name.to_owned(), parameter["schema"].clone());
                if parameter["required"] == json!(true) {
                    required.push(name.to_owned());
                }
            }
        }
        let schema = json!({"type": "object", "properties": fields, "required": required, "additionalProperties": false});
        let check = Arc::new(Check::new(schema, document, fields)?);
        if let Ok(mut made) = self.queries.write() {
            made.insert(op, check.clone());
        }
        Ok(check)
    }
}

/// The parameters of an operation, references resolved.
fn parameters(document: &Value, op: Op) -> Vec<Value> {
    let operations =
        document["paths"].as_object().into_iter().flatten().flat_map(|(_, item)| item.as_object().into_iter().flatten());
    operations
        .filter(|(_, operation)| operation["operationId"] == op.as_str())
        .flat_map(|(_, operation)| operation["parameters"].as_array().cloned().unwrap_or_default())
        .map(|parameter| match parameter["$ref"].as_str() {
            Some(reference) => document.pointer(reference.trim_start_matches('#')).cloned().unwrap_or_default(),
            None => parameter,
        })
        .collect()
}

impl Check {
    fn new(mut schema: Value, document: &Value, fields: BTreeMap<String, Value>) -> Maybe<Self> {
        let mut lines = HashSet::new();
        find_lines(&schema, document, &mut String::new(), &mut lines, 0);
        schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
        schema["components"] = json!({"schemas": reachable(&schema, document)});
        let validator = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .should_ignore_unknown_formats(true)
            .with_format("date", is_day)
            .build(&schema)
            .map_err(|error| Problem::internal(format!("schema: {error}")))?;
        Ok(Self { validator, lines, fields })
    }

    /// What the schema finds beside the `flaws` of the reading; a place that has one of those is told once.
    pub(super) fn faults(&self, value: &Value, mut flaws: Vec<Fault>) -> Vec<Fault> {
        if self.validator.is_valid(value) {
            return flaws;
        }
        let mut found = Vec::new();
        for error in self.validator.iter_errors(value) {
            explain(&error, &mut found);
            if found.len() >= MOST_FAULTS {
                break;
            }
        }
        found.retain(|fault| !flaws.iter().any(|flaw| flaw.pointer == fault.pointer));
        flaws.append(&mut found);
        flaws
    }

    /// A value that has no faults, as what it is. What its type says against it names types of ours, so it is not told.
    pub(super) fn form<T: DeserializeOwned>(value: Value) -> Maybe<T> {
        serde_json::from_value(value).map_err(|_| Problem::rule("", "type", say("不合约定的结构", "does not have the agreed form")))
    }

    /// A query string as the JSON that its parameters' schemas describe; a value that does not read as its type stays a
    /// string, so that the schema names the fault.
    pub(super) fn read_query(&self, query: &str) -> Maybe<(Value, Vec<Fault>)> {
        let mut object = Map::new();
        let mut faults = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (unescape(name)?, unescape(value)?);
            let mut pointer = String::new();
            push_name(&mut pointer, &name);
            let value = text::normalise(&value, Form::Line).unwrap_or_else(|flaw| {
                faults.push(flawed(&pointer, &flaw));
                value
            });
            let schema = self.fields.get(&name);
            let is_list = schema.is_some_and(|schema| has_type(schema, "array"));
            let value = typed(schema.map(|schema| if is_list { &schema["items"] } else { schema }), value);
            match object.get_mut(&name) {
                Some(Value::Array(values)) if is_list => values.push(value),
                Some(_) => {
                    faults.push(Fault::new(pointer, "repeated", say("这个参数只能给一次", "this parameter may be given once")))
                }
                None => {
                    object.insert(name, if is_list { Value::Array(vec![value]) } else { value });
                }
            }
        }
        Ok((Value::Object(object), faults))
    }
}

/// The years that a day of the contract may lie in: what is reckoned from one, as deadlines are, is a day as well.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2999;

/// A day as RFC 3339 writes it.
fn day(text: &str) -> Option<NaiveDate> {
    let right = |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    (text.len() == 10 && text.bytes().enumerate().all(right)).then(|| text.parse().ok()).flatten()
}

fn is_day(text: &str) -> bool {
    day(text).is_some_and(|day| YEARS.contains(&day.year()))
}

/// A query where there is none to be: every parameter is a fault.
pub(super) fn refuse_query(query: &str) -> Maybe<Vec<Fault>> {
    let names = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name));
    names.take(MOST_FAULTS).map(|name| Ok(unknown_field("", &unescape(name)?))).collect()
}

fn has_type(schema: &Value, name: &str) -> bool {
    schema["type"] == name || schema["type"].as_array().is_some_and(|types| types.iter().any(|of| of == name))
}

fn typed(schema: Option<&Value>, value: String) -> Value {
    match schema {
        // `+5` and `05` are no way to write a number.
        Some(schema) if has_type(schema, "integer") => match value.parse::<i64>() {
            Ok(number) if number.to_string() == value => number.into(),
            _ => Value::String(value),
        },
        Some(schema) if has_type(schema, "boolean") => match value.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => Value::String(value),
        },
        _ => Value::String(value),
    }
}

/// Percent-decoding of a query's name or value.
pub(super) fn unescape(raw: &str) -> Maybe<String> {
    let malformed = || {
        Problem::new(Code::MalformedRequest, say("查询串的百分号编码有误", "the query string is not valid percent-encoded UTF-8"))
    };
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (digits, tail) = rest.split_at_checked(2).ok_or_else(malformed)?;
                rest = tail;
                let digit = |at: usize| char::from(digits[at]).to_digit(16).ok_or_else(malformed);
                u8::try_from(digit(0)? * 16 + digit(1)?).map_err(|_| malformed())?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).map_err(|_| malformed())
}

/// The schemas that `schema` refers to, and theirs.
fn reachable(schema: &Value, document: &Value) -> Map<String, Value> {
    let mut found = Map::new();
    let mut open = vec![schema.clone()];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(values) => open.extend(values),
            Value::Object(fields) => {
                if let Some(name) = fields.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix("#/components/schemas/"))
                    && !found.contains_key(name)
                {
                    let target = document["components"]["schemas"][name].clone();
                    found.insert(name.to_owned(), target.clone());
                    open.push(target);
                }
                open.extend(fields.into_iter().map(|(_, value)| value));
            }
            _ => {}
        }
    }
    found
}

/// The pointers of multi-line fields: those whose schema says `format: multi-line`.
fn find_lines(schema: &Value, document: &Value, at: &mut String, found: &mut HashSet<String>, depth: usize) {
    if depth > 12 {
        return;
    }
    if let Some(reference) = schema["$ref"].as_str() {
        if let Some(target) = document.pointer(reference.trim_start_matches('#')) {
            find_lines(target, document, at, found, depth + 1);
        }
        return;
    }
    if schema["format"] == "multi-line" {
        found.insert(at.clone());
    }
    let length = at.len();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        at.push('/');
        at.push_str(name);
        find_lines(field, document, at, found, depth + 1);
        at.truncate(length);
    }
    if schema["items"].is_object() {
        at.push_str("/*");
        find_lines(&schema["items"], document, at, found, depth + 1);
        at.truncate(length);
    }
    for union in ["oneOf", "anyOf", "allOf"] {
        for branch in schema[union].as_array().into_iter().flatten() {
            find_lines(branch, document, at, found, depth + 1);
        }
    }
}

/// One fault of the schema's in the words of the contract.
fn explain(error: &jsonschema::ValidationError<'_>, faults: &mut Vec<Fault>) {
    let at = error.instance_path().to_string();
    let fault = match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            faults.extend(unexpected.iter().take(MOST_FAULTS).map(|name| unknown_field(&at, name)));
            return;
        }
        Kind::Required { property } => {
            let mut at = at;
            push_name(&mut at, property.as_str().unwrap_or_default());
            Fault::new(at, "required", say("必填", "required"))
        }
        Kind::Type { kind } => {
            let told = match kind {
                TypeKind::Single(of) => told::kinds([of.as_str()].into_iter()),
                TypeKind::Multiple(of) => told::kinds(of.iter().map(|of| of.as_str())),
            };
            Fault::new(at, "type", told)
        }
        Kind::Enum { options } => Fault::new(at, "enum", told::one_of(options)),
        Kind::MaxLength { limit } => {
            Fault::new(at, "too_long", say(format!("不得超过 {limit} 个字符"), format!("at most {limit} characters")))
        }
        Kind::MinLength { limit } => {
            Fault::new(at, "too_short", say(format!("至少 {limit} 个字符"), format!("at least {limit} characters")))
        }
        Kind::Maximum { limit } | Kind::ExclusiveMaximum { limit } => {
            Fault::new(at, "too_large", say(format!("不得大于 {limit}"), format!("at most {limit}")))
        }
        Kind::Minimum { limit } | Kind::ExclusiveMinimum { limit } => {
            Fault::new(at, "too_small", say(format!("不得小于 {limit}"), format!("at least {limit}")))
        }
        Kind::MaxItems { limit } => Fault::new(at, "too_many", say(format!("至多 {limit} 项"), format!("at most {limit} items"))),
        Kind::MinItems { limit } => Fault::new(at, "too_few", say(format!("至少 {limit} 项"), format!("at least {limit} items"))),
        Kind::MinProperties { .. } => Fault::new(at, "too_few", say("至少要有一个字段", "at least one field")),
        Kind::MaxProperties { limit } => {
            Fault::new(at, "too_many", say(format!("至多 {limit} 个字段"), format!("at most {limit} fields")))
        }
        Kind::UniqueItems => Fault::new(at, "repeated", say("不得重复", "must not repeat")),
        Kind::Pattern { pattern } => {
            Fault::new(at, "pattern", told::shape(pattern).unwrap_or_else(|| say("样式不对", "not of the agreed form")))
        }
        Kind::Format { format } if format == "date" && error.instance().as_str().is_some_and(|text| day(text).is_some()) => {
            Fault::new(at, "out_of_range", say("须在 1900-01-01 与 2999-12-31 之间", "must lie between 1900-01-01 and 2999-12-31"))
        }
        Kind::Format { format } => Fault::new(at, "format", told::format(format)),
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
            // An optional object is `null` or the object: the object's own faults say more than the union's.
            let branch = context.iter().find(|branch| {
                !branch.iter().any(|inner| matches!(inner.kind(), Kind::Type { .. }) && inner.instance_path().to_string() == at)
            });
            match branch {
                Some(branch) => {
                    for inner in branch {
                        explain(inner, faults);
                    }
                    return;
                }
                None => Fault::new(at, "type", say("类型不对", "of the wrong type")),
            }
        }
        other => Fault::new(at, other.keyword().to_owned(), say("不合约定", "not as agreed")),
    };
    faults.push(fault);
}
