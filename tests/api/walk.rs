//! Steps of an opinion's way as the tests of several resources take them.

use diesel::prelude::*;
use lianxi::base::id::Id;
use lianxi::db::schema::{notifications, opinion_transitions};
use lianxi::jobs;
use serde_json::{Value, json};

use crate::town::{Actor, Answer, Town};

/// An opinion as a member writes it; `over` replaces or adds fields.
pub fn written(title: &str, over: Value) -> Value {
    let mut body = json!({
        "track": "cppcc_work",
        "title": title,
        "situation": "会议通知太晚，委员难以准备。",
        "suggestions": "提前一周通知。",
        "category": "cppcc",
        "content_kinds": ["cppcc_work"],
        "no_state_secrets": true,
    });
    for (field, value) in over.as_object().into_iter().flatten() {
        body[field] = value.clone();
    }
    body
}

pub fn id(thing: &Value) -> &str {
    thing["id"].as_str().expect("an id")
}

pub fn path(opinion: &Value) -> String {
    format!("/v1/opinions/{}", id(opinion))
}

pub async fn draft(actor: &Actor, title: &str, over: Value) -> Value {
    actor.post("/v1/opinions").json(written(title, over)).await.is(201)
}

pub async fn submitted(actor: &Actor, title: &str, over: Value) -> Value {
    let draft = draft(actor, title, over).await;
    act(actor, &draft, "submit", None).await.is(200)
}

/// One step with the etag of what was read.
pub async fn act(actor: &Actor, opinion: &Value, step: &str, body: Option<Value>) -> Answer {
    let ask = actor.post(&format!("{}/{step}", path(opinion))).if_match(opinion);
    match body {
        Some(body) => ask.json(body).await,
        None => ask.send().await,
    }
}

pub async fn read(actor: &Actor, opinion: &Value) -> Value {
    actor.get(&path(opinion)).send().await.is(200)
}

pub async fn accepted(town: &Town, title: &str) -> Value {
    let opinion = submitted(&town.member("教育界"), title, json!({})).await;
    act(&town.committee("教育界"), &opinion, "accept", None).await.is(200)
}

pub async fn meeting(town: &Town, name: &str, held_on: &str) -> Value {
    town.office().post("/v1/meetings").json(json!({"name": name, "held_on": held_on})).await.is(201)
}

pub async fn resolution(town: &Town, meeting: &Value, number: &str) -> Value {
    let path = format!("/v1/meetings/{}/resolutions", id(meeting));
    town.office().post(&path).json(json!({"number": number, "text": "同意采纳。"})).await.is(201)
}

pub async fn reported(town: &Town, title: &str, meeting: &Value) -> Value {
    let opinion = accepted(town, title).await;
    act(&town.office(), &opinion, "report", Some(json!({"meeting_id": id(meeting)}))).await.is(200)
}

/// Decided by a meeting and a resolution of its own.
pub async fn decided(town: &Town, title: &str) -> Value {
    let meeting = meeting(town, title, "2026-03-20").await;
    let opinion = reported(town, title, &meeting).await;
    let resolution = resolution(town, &meeting, title).await;
    let body = json!({"outcome": "adopted", "resolution_id": id(&resolution)});
    act(&town.office(), &opinion, "decide", Some(body)).await.is(200)
}

pub async fn answered(town: &Town, title: &str) -> Value {
    let opinion = decided(town, title).await;
    act(&town.committee("教育界"), &opinion, "feedback", Some(json!({"text": "已采纳，自四月起提前一周通知。"}))).await.is(200)
}

/// The author's receipt of the last round.
pub async fn receipt(author: &Actor, opinion: &Value) -> Value {
    let page = author.get(&format!("/v1/adoption-feedback?opinion={}&limit=1", id(opinion))).send().await.is(200);
    page["items"][0].clone()
}

pub async fn acknowledge(author: &Actor, receipt: &Value, satisfaction: &str) -> Answer {
    let path = format!("/v1/adoption-feedback/{}/acknowledge", id(receipt));
    author.post(&path).if_match(receipt).json(json!({"satisfaction": satisfaction})).await
}

/// What passes by itself, now.
pub async fn clock_strikes(town: &Town) -> usize {
    jobs::run_all(town.house()).expect("a round")
}

/// How often a person or body was told something about a thing.
pub fn told(town: &Town, to: Id, kind: &str, thing: &Value) -> i64 {
    let thing: Id = id(thing).parse().expect("an id");
    town.rows(|conn| {
        notifications::table
            .filter(notifications::person_id.eq(Some(to)).or(notifications::organization_id.eq(Some(to))))
            .filter(notifications::kind.eq(kind))
            .filter(notifications::thing_id.eq(thing))
            .count()
            .get_result(conn)
            .expect("a count")
    })
}

/// The history as `op from to role`, in the order of its rows.
pub fn history(town: &Town, opinion: &Value) -> Vec<String> {
    let opinion: Id = id(opinion).parse().expect("an id");
    let rows: Vec<(String, Option<String>, String, String)> = town.rows(|conn| {
        opinion_transitions::table
            .filter(opinion_transitions::opinion_id.eq(opinion))
            .order(opinion_transitions::id)
            .select((
                opinion_transitions::op,
                opinion_transitions::from_state,
                opinion_transitions::to_state,
                opinion_transitions::role,
            ))
            .load(conn)
            .expect("a history")
    });
    rows.into_iter().map(|(op, from, to, role)| format!("{op} {} {to} {role}", from.unwrap_or_default())).collect()
}
