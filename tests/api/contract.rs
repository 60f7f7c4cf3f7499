//! The committed document, the served one and the policy table say the same.

use std::collections::BTreeSet;

use lianxi::http::index::DOCUMENTED;
use lianxi::policy::Op;
use lianxi::{app, openapi};
use serde_json::Value;

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().expect("paths");
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .expect("an item")
                .iter()
                .map(move |(method, operation)| (path.clone(), method.clone(), operation.clone()))
        })
        .collect()
}

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/lianxi.json")).unwrap_or_default();
    let served = openapi::text(&app::document());
    assert!(
        committed == served,
        "the contract changed: look at the difference, then adopt it with\n  cargo run -- openapi > openapi/lianxi.json"
    );
}

#[test]
fn every_operation_has_a_row_and_every_row_an_operation() {
    let document = app::document();
    let documented: BTreeSet<_> = operations(&document)
        .iter()
        .filter(|(path, ..)| !DOCUMENTED.contains(&path.as_str()))
        .map(|(.., operation)| operation["operationId"].as_str().unwrap_or_default().to_owned())
        .collect();
    let rows: BTreeSet<_> = Op::ALL.iter().chain(Op::OPEN).map(|op| op.as_str().to_owned()).collect();
    assert_eq!(documented.difference(&rows).collect::<Vec<_>>(), Vec::<&String>::new(), "operations without a row");
    assert_eq!(rows.difference(&documented).collect::<Vec<_>>(), Vec::<&String>::new(), "rows without an operation");
}

#[test]
fn every_operation_is_described_and_names_its_article() {
    for (path, method, operation) in operations(&app::document()) {
        let at = format!("{method} {path}");
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{at} has no summary");
        let described = operation["description"].as_str().unwrap_or_default();
        let serves = described.contains('第') && described.contains('条');
        assert!(serves || (DOCUMENTED.contains(&path.as_str()) && !described.is_empty()), "{at} names no article");
        let good: Vec<_> =
            operation["responses"].as_object().expect("responses").keys().filter(|status| status.starts_with('2')).collect();
        assert_eq!(good.len(), 1, "{at} has not one good answer");
    }
}

#[test]
fn every_field_and_parameter_is_described_and_bounded() {
    let document = app::document();
    let mut faults = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
        if schema["description"].as_str().is_none_or(str::is_empty) {
            faults.push(format!("{name}: no description"));
        }
        for (field, of) in schema["properties"].as_object().into_iter().flatten() {
            let at = format!("{name}.{field}");
            let is_reference = !of["$ref"].is_null() || of["oneOf"].is_array();
            if of["description"].as_str().is_none_or(str::is_empty) {
                faults.push(format!("{at}: no description"));
            }
            let is =
                |kind: &str| of["type"] == kind || of["type"].as_array().is_some_and(|kinds| kinds.iter().any(|of| of == kind));
            let bounded = of["enum"].is_array()
                || of["pattern"].is_string()
                || of["maxLength"].is_number()
                || matches!(of["format"].as_str(), Some("uuid" | "date" | "date-time"));
            if is("string") && !is_reference && !bounded {
                faults.push(format!("{at}: a string without a bound"));
            }
            if is("array") && of["maxItems"].is_null() {
                faults.push(format!("{at}: a list without a bound"));
            }
            if is("integer") && (of["minimum"].is_null() || of["maximum"].is_null()) {
                faults.push(format!("{at}: a number without bounds"));
            }
        }
    }
    for (path, method, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let resolved =
                parameter["$ref"].as_str().map_or(parameter, |r| document.pointer(r.trim_start_matches('#')).unwrap_or(parameter));
            if resolved["description"].as_str().is_none_or(str::is_empty) {
                faults.push(format!("{method} {path} {}: no description", resolved["name"]));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_reference_leads_somewhere_and_requests_are_closed() {
    fn walk(value: &Value, document: &Value, faults: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                if let Some(reference) = fields.get("$ref").and_then(Value::as_str)
                    && document.pointer(reference.trim_start_matches('#')).is_none()
                {
                    faults.push(format!("dangling {reference}"));
                }
                fields.values().for_each(|value| walk(value, document, faults));
            }
            Value::Array(values) => values.iter().for_each(|value| walk(value, document, faults)),
            _ => {}
        }
    }
    let document = app::document();
    let mut faults = Vec::new();
    walk(&document, &document, &mut faults);
    for (path, method, operation) in operations(&document) {
        for content in operation["requestBody"]["content"].as_object().into_iter().flatten() {
            let reference = content.1["schema"]["$ref"].as_str().unwrap_or_default();
            let schema = document.pointer(reference.trim_start_matches('#')).cloned().unwrap_or_default();
            if schema["additionalProperties"] != Value::Bool(false) {
                faults.push(format!("{method} {path}: the request {reference} takes unknown fields"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
