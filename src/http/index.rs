//! Which operation a method and path are: made from the document, so that a route without a row of the policy table stops the
//! service at start.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::policy::Op;

/// What is no operation and stands in the document all the same: for whoever operates the service, without a token and apart from
/// the limits.
pub const DOCUMENTED: [&str; 3] = ["/health/live", "/health/ready", "/metrics"];

/// A tree of path segments; `{…}` is one branch for all values.
#[derive(Default)]
pub struct Index {
    root: Node,
}

#[derive(Default)]
struct Node {
    fixed: HashMap<String, Node>,
    any: Option<Box<Node>>,
    methods: HashMap<String, Op>,
}

/// What a method and path come to.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    Op(Op),
    /// The path is known, the method is not: the methods that are.
    OtherMethods(String),
    Nothing,
}

impl Index {
    /// Every operation without a row, or there twice, is told at once.
    pub fn new(document: &Value) -> Result<Self, String> {
        let mut index = Self::default();
        let mut faults = Vec::new();
        let mut seen = BTreeSet::new();
        let operations = document["paths"].as_object().into_iter().flatten();
        for (path, item) in operations.filter(|(path, _)| !DOCUMENTED.contains(&path.as_str())) {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let Some(id) = operation["operationId"].as_str() else { continue };
                match id.parse::<Op>() {
                    Ok(op) => {
                        if !seen.insert(op) {
                            faults.push(format!("{id} stands twice in the document"));
                        }
                        index.root.insert(path, method.to_ascii_uppercase(), op);
                    }
                    Err(()) => faults.push(format!("{method} {path}: no row {id} in the policy table")),
                }
            }
        }
        if faults.is_empty() { Ok(index) } else { Err(faults.join("\n")) }
    }

    pub fn find(&self, method: &str, path: &str) -> Found {
        let mut node = &self.root;
        for segment in path.split('/').skip(1) {
            match node.fixed.get(segment).or(node.any.as_deref()) {
                Some(next) => node = next,
                None => return Found::Nothing,
            }
        }
        if let Some(op) = node.methods.get(method) {
            return Found::Op(*op);
        }
        if node.methods.is_empty() {
            return Found::Nothing;
        }
        let head = node.methods.contains_key("GET").then_some("HEAD");
        let mut methods: Vec<_> = node.methods.keys().map(String::as_str).chain(["OPTIONS"]).chain(head).collect();
        methods.sort_unstable();
        Found::OtherMethods(methods.join(", "))
    }
}

impl Node {
    fn insert(&mut self, path: &str, method: String, op: Op) {
        let mut node = self;
        for segment in path.split('/').skip(1) {
            node = if segment.starts_with('{') {
                node.any.get_or_insert_with(Box::default)
            } else {
                node.fixed.entry(segment.to_owned()).or_default()
            };
        }
        node.methods.insert(method, op);
    }
}
