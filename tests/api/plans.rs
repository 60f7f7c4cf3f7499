//! What the operations ask of the database: few statements whatever a page holds, each answered by an index.
//!
//! Every read of the contract is asked for in the demo county, by accounts of every kind, with every order and filter that its
//! document names; then the walk of an opinion and what a member writes down. Each statement that the service sent is planned
//! anew by its engine: PostgreSQL is told that scans and sorts are dear, so that those which remain could not be helped.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use diesel::connection::{Connection as _, InstrumentationEvent};
use diesel::prelude::*;
use lianxi::app;
use lianxi::base::problem::Maybe;
use lianxi::db::{Conn, Db};
use serde_json::{Value, json};

use crate::demo::{self, TODAY};
use crate::town::{Actor, Town, engines};
use crate::walk;

/// Tables that grow with what a county does.
const GROWING: [&str; 22] = [
    "accounts",
    "account_persons",
    "account_roles",
    "adoption_feedback",
    "audit_entries",
    "changes",
    "constituents",
    "contact_assignments",
    "contact_events",
    "event_committees",
    "event_constituents",
    "event_participants",
    "idempotency_keys",
    "notifications",
    "opinion_constituents",
    "opinion_search",
    "opinion_texts",
    "opinion_transitions",
    "opinions",
    "persons",
    "posts",
    "sessions",
];

/// Statements of one read, rights included. A report with all its sums reads the facts twice, for its rows and for the whole; the
/// to-do list asks for every kind of thing that can be owed.
fn most(path: &str) -> usize {
    if path.starts_with("/v1/reports/") || path == "/v1/me/todos" { 40 } else { 25 }
}

/// The statements that are sent while `f` runs, on any of a database's three readers and, on SQLite, its writer.
pub async fn statements(db: &Db, f: impl AsyncFnOnce()) -> Vec<String> {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let watch = |conn: &mut Conn| -> Maybe<()> {
        let seen = seen.clone();
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                seen.lock().expect("a lock").push(query.to_string());
            }
        });
        Ok(())
    };
    let third = || db.read(watch);
    let second = || db.read(|conn| watch(conn).and_then(|()| third()));
    db.read(|conn| watch(conn).and_then(|()| second())).expect("readers");
    if db.place().is_sqlite() {
        db.write(|conn| watch(conn)).expect("a writer");
    }
    seen.lock().expect("a lock").clear();
    f().await;
    let all = std::mem::take(&mut *seen.lock().expect("a lock"));
    let is_statement = |text: &String| !["BEGIN", "COMMIT", "ROLLBACK"].iter().any(|word| text.starts_with(word));
    all.into_iter().filter(is_statement).map(|text| short(text.split(" -- binds").next().unwrap_or_default())).collect()
}

/// With no more than two values in a list: their number changes no plan.
fn short(sql: &str) -> String {
    let mut sql = sql.to_owned();
    while sql.contains("IN (?, ?, ?") {
        sql = sql.replace("IN (?, ?, ?", "IN (?, ?");
    }
    sql
}

/// The steps of a plan, one a line.
pub fn plan(conn: &mut Conn, sql: &str) -> String {
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = diesel::sql_types::Text)]
        detail: String,
    }
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text, column_name = "QUERY PLAN")]
        line: String,
    }
    match conn {
        Conn::Sqlite(c) => {
            let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(c).expect("a plan");
            steps.into_iter().map(|step| step.detail).collect::<Vec<_>>().join("\n")
        }
        Conn::Postgresql(c) => {
            let run = |c: &mut PgConnection, sql: &str| diesel::sql_query(sql).execute(c).map(drop).expect(sql);
            for set in ["enable_seqscan = off", "enable_sort = off", "plan_cache_mode = force_generic_plan"] {
                run(c, &format!("SET LOCAL {set}"));
            }
            run(c, &format!("PREPARE planned AS {sql}"));
            let parameters = (1..=40).rev().find(|number| sql.contains(&format!("${number}"))).unwrap_or(0);
            let nulls = vec!["NULL"; parameters].join(", ");
            let execute = if parameters == 0 { "planned".to_owned() } else { format!("planned({nulls})") };
            let lines: Vec<Line> = diesel::sql_query(format!("EXPLAIN EXECUTE {execute}")).load(c).expect("a plan");
            run(c, "DEALLOCATE planned");
            lines.into_iter().map(|line| line.line).collect::<Vec<_>>().join("\n")
        }
    }
}

/// The step of a plan that costs more the more there is.
fn scan(plan: &str) -> Option<&str> {
    let table = |line: &str, after: &str| -> Option<String> {
        let rest = line.split_once(after)?.1;
        Some(rest.split([' ', '"']).find(|word| !word.is_empty()).unwrap_or_default().to_owned())
    };
    plan.lines().find(|line| {
        let scanned = table(line, "SCAN ").or_else(|| table(line, "Seq Scan on ")).unwrap_or_default();
        GROWING.contains(&scanned.as_str()) && !line.contains("USING")
    })
}

/// Every operation that reads, as its document has it: path, parameters of the query.
fn reads() -> Vec<(String, Vec<(String, Value)>)> {
    let document = app::document();
    let mut reads = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        let Some(operation) = item.get("get").filter(|_| path.starts_with("/v1/")) else { continue };
        let parameters = operation["parameters"].as_array().into_iter().flatten().map(|one| match one["$ref"].as_str() {
            Some(reference) => document.pointer(reference.trim_start_matches('#')).expect("a parameter").clone(),
            None => one.clone(),
        });
        let query = parameters
            .filter(|one| one["in"] == "query")
            .map(|one| (one["name"].as_str().expect("a name").to_owned(), resolved(&document, &one["schema"])))
            .collect();
        reads.push((path.clone(), query));
    }
    reads
}

fn resolved(document: &Value, schema: &Value) -> Value {
    let schema = schema["oneOf"].as_array().and_then(|of| of.first()).unwrap_or(schema);
    let schema = if schema["items"].is_object() { &schema["items"] } else { schema };
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).expect("a schema").clone(),
        None => schema.clone(),
    }
}

/// Things that the paths and filters can name, by the words that stand for them.
async fn known(clerk: &Actor, member: &Actor, admin: &Actor) -> BTreeMap<&'static str, String> {
    let mut known = BTreeMap::new();
    for (actor, path, words) in [
        (clerk, "persons", ["person", "author", "member", "charged"].as_slice()),
        (clerk, "sectors", &["sector"]),
        (clerk, "organizations", &["organization", "owner", "committee", "group"]),
        (clerk, "terms", &["term"]),
        (clerk, "opinions", &["opinion"]),
        (clerk, "contact-events", &["event"]),
        (clerk, "meetings", &["meeting"]),
        (member, "constituents", &["constituent"]),
        (admin, "accounts", &["account"]),
    ] {
        let page = actor.get(&format!("/v1/{path}?limit=1")).send().await.is(200);
        let id = page["items"][0]["id"].as_str().unwrap_or_else(|| panic!("{path}: none")).to_owned();
        known.extend(words.iter().map(|word| (*word, id.clone())));
    }
    known
}

/// A value for a filter, as its schema asks for it.
fn value(name: &str, schema: &Value, known: &BTreeMap<&str, String>) -> Option<String> {
    if let Some(first) = schema["enum"].as_array().and_then(|all| all.first()) {
        return first.as_str().map(str::to_owned);
    }
    if schema["format"] == "uuid" {
        let word = known.keys().find(|word| name.contains(**word))?;
        return Some(known[word].clone());
    }
    if schema["format"] == "date" {
        return Some("2026-06-01".to_owned());
    }
    match name {
        "q" => Some("%E6%96%91%E9%A9%AC".to_owned()),
        "year" | "review_of_year" => Some("2026".to_owned()),
        _ => schema["type"]
            .as_array()
            .map_or(schema["type"] == "boolean", |of| of.contains(&json!("boolean")))
            .then(|| "true".to_owned()),
    }
}

#[actix_web::test]
async fn every_read_sends_few_statements_and_none_that_scans_what_grows() {
    for engine in engines() {
        let made = actix_web::web::block(move || demo::settle(engine, TODAY)).await.expect("a demo");
        let nobody = made.serve();
        let mut actors = Vec::new();
        for name in [
            "clerk",
            "member-1",
            "admin",
            "committee-1",
            "office",
            "member-affairs",
            "chairperson",
            "group-1",
            "contributor",
            "auditor",
        ] {
            actors.push((name, demo::login(&nobody, name).await));
        }
        let known = known(&actors[0].1, &actors[1].1, &actors[2].1).await;
        let mut sent: BTreeMap<String, String> = BTreeMap::new();
        let mut answered: BTreeSet<String> = BTreeSet::new();
        for (template, parameters) in reads() {
            for (name, actor) in &actors {
                let Some(path) = path(actor, &template).await else { continue };
                let is_list = parameters.iter().any(|(name, _)| name == "limit");
                let mut queries = vec![String::new()];
                for (parameter, schema) in &parameters {
                    if parameter == "sort" {
                        let sorts = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
                        queries.extend(sorts.map(|sort| format!("sort={sort}")));
                    } else if let Some(value) = value(parameter, schema, &known) {
                        queries.push(format!("{parameter}={value}"));
                    }
                }
                for query in queries {
                    let ask = |more: &str| format!("{path}?{query}{more}");
                    let first = if is_list { ask("&limit=1") } else { ask("") };
                    let mut status = 0;
                    let mut cursor = None;
                    let one = statements(&made.db, async || {
                        let answer = actor.get(&first).send().await;
                        status = answer.status.as_u16();
                        cursor = answer.json["next_cursor"].as_str().map(str::to_owned);
                    })
                    .await;
                    assert!([200, 403, 404, 422].contains(&status), "{engine} {name} GET {first}: {status}");
                    if status != 200 {
                        continue;
                    }
                    answered.insert(template.clone());
                    assert!(one.len() <= most(&path), "{engine} {name} GET {first}: {} statements {one:#?}", one.len());
                    let mut all = one.clone();
                    if is_list {
                        let more = statements(&made.db, async || drop(actor.get(&ask("&limit=100")).send().await.is(200))).await;
                        // A page of one thing may have nothing of a kind to name.
                        let few = more.len() <= one.len() + 10 && more.len() <= most(&path);
                        assert!(few, "{engine} {name} GET {first}: {} and {}\n{more:#?}", one.len(), more.len());
                        all.extend(more);
                        if let Some(cursor) = cursor {
                            all.extend(
                                statements(&made.db, async || {
                                    drop(actor.get(&ask(&format!("&limit=1&cursor={cursor}"))).send().await.is(200))
                                })
                                .await,
                            );
                        }
                    }
                    for sql in all {
                        sent.entry(sql).or_insert_with(|| format!("{name} GET {first}"));
                    }
                }
            }
        }
        let left: Vec<String> = reads().into_iter().map(|(path, _)| path).filter(|path| !answered.contains(path)).collect();
        assert_eq!(left, Vec::<String>::new(), "{engine}: nobody was answered");
        none_scans(&made.db, &sent);
    }
}

/// A path with the ids of things that this account can list.
async fn path(actor: &Actor, template: &str) -> Option<String> {
    let mut path = template.to_owned();
    while let Some((before, rest)) = path.split_once("/{") {
        let (name, after) = rest.split_once('}')?;
        let list = actor.get(&format!("{before}?limit=1")).send().await;
        let item = if list.status.as_u16() == 200 { list.json["items"][0].clone() } else { return None };
        let value = match name {
            "name" | "code" => item[name].as_str()?.to_owned(),
            "year" => item[name].to_string(),
            _ => item["id"].as_str()?.to_owned(),
        };
        path = format!("{before}/{value}{after}");
    }
    Some(path)
}

fn none_scans(db: &Db, sent: &BTreeMap<String, String>) {
    let mut faults = Vec::new();
    for (sql, of) in sent.iter().filter(|(sql, _)| !sql.starts_with("INSERT INTO") && !sql.starts_with("SET")) {
        let plan = db.write(|conn| Ok(plan(conn, sql))).expect("a plan");
        if let Some(step) = scan(&plan) {
            faults.push(format!("{of}\n{sql}\n{step}\n{plan}"));
        }
    }
    assert!(faults.is_empty(), "{} of {} statements scan\n{}", faults.len(), sent.len(), faults.join("\n\n"));
}

#[actix_web::test]
async fn no_deed_scans_what_grows() {
    for town in Town::on_each_engine().await {
        let sent = statements(&town.db, async || {
            let member = town.member("教育界");
            let opinion = walk::answered(&town, "提前发会议通知").await;
            let receipt = walk::receipt(&member, &opinion).await;
            walk::acknowledge(&member, &receipt, "satisfied").await.is(200);
            let body = json!({"name": "王小明", "phone": "13812345678", "bases": ["residence"], "consent_on": "2026-01-02", "consent_way": "oral"});
            let constituent = member.post("/v1/constituents").json(body).await.is(201);
            let at = format!("/v1/constituents/{}", walk::id(&constituent));
            member.patch(&at).if_match(&constituent).json(json!({"township": "灵溪镇"})).await.is(200);
            member.post(&format!("{at}/reveal")).json(json!({"reason": "电话回访"})).await.is(200);
            let event = json!({"occurred_on": "2026-03-02", "form": "visit", "summary": "走访", "constituent_ids": [walk::id(&constituent)]});
            member.post("/v1/contact-events").key("once").json(event).await.is(201);
            walk::clock_strikes(&town).await;
        })
        .await;
        let sent: BTreeMap<String, String> = sent.into_iter().map(|sql| (sql, "a deed".to_owned())).collect();
        none_scans(&town.db, &sent);
    }
}
