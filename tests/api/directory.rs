//! What the tests of the directory share.

use diesel::prelude::*;
use lianxi::base::id::Id;
use lianxi::db::schema::audit_entries;
use lianxi::db::words::Json;
use serde_json::{Value, json};

use crate::town::{Actor, Town};

/// Makes a thing that the rules allow.
pub async fn made(actor: &Actor, path: &str, body: Value) -> Value {
    actor.post(path).json(body).await.is(201)
}

/// The path of a thing of this list.
pub fn path(list: &str, thing: &Value) -> String {
    format!("{list}/{}", thing["id"].as_str().expect("an id"))
}

/// The ids on a list's first page, in its order.
pub async fn ids(actor: &Actor, path: &str) -> Vec<String> {
    let page = actor.get(path).send().await.is(200);
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

pub fn id(thing: &Value) -> String {
    thing["id"].as_str().expect("an id").to_owned()
}

/// A text as it stands in a query.
pub fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The audit log's newest entry of the county: what was done to what, with which particulars.
pub fn last_entry(town: &Town) -> (String, Id, Value) {
    town.rows(|conn| {
        let (op, thing, details): (String, Id, Json) = audit_entries::table
            .filter(audit_entries::jurisdiction_id.eq(town.county.id))
            .order(audit_entries::seq.desc())
            .select((audit_entries::op, audit_entries::thing_id, audit_entries::details))
            .first(conn)
            .expect("an entry");
        (op, thing, details.0)
    })
}

/// Nobody but member affairs writes here, everybody reads, a stranger sees nothing, and no etag is passed over.
pub async fn keeps_the_rules_of_the_directory(town: &Town, list: &str, new: Value, patch: Value, foreign: Id) {
    let affairs = town.affairs();
    for label in ["管理员", "审计员", "主席", "办公室", "经济委", "教育界活动组", "教育界1", "信息员", "县府办"]
    {
        town.actor(label).post(list).json(new.clone()).await.is_problem(403, "forbidden");
    }
    town.nobody().post(list).json(new.clone()).await.is_problem(401, "unauthenticated");

    let answer = affairs.post(list).json(new).await;
    let at = answer.header("location").expect("a location").to_owned();
    let thing = answer.is(201);
    assert_eq!(at, path(list, &thing));
    let (op, entry, _) = last_entry(town);
    assert!(op.ends_with("_create"), "{op}");
    assert_eq!(json!(entry), thing["id"]);
    for label in ["管理员", "审计员", "主席", "办公室", "经济委", "教育界活动组", "教育界1", "信息员", "县府办"]
    {
        let actor = town.actor(label);
        assert_eq!(actor.get(&at).send().await.is(200)["id"], thing["id"], "{label}");
        assert!(ids(&actor, &format!("{list}?limit=100")).await.contains(&id(&thing)), "{label}");
        actor.patch(&at).if_match(&thing).json(patch.clone()).await.is_problem(403, "forbidden");
    }
    let stranger = town.of(&town.elsewhere, "委员工委");
    stranger.get(&at).send().await.is_problem(404, "not_found");
    stranger.patch(&at).if_match(&thing).json(patch.clone()).await.is_problem(404, "not_found");
    assert!(!ids(&stranger, &format!("{list}?limit=100")).await.contains(&id(&thing)));
    affairs.get(&format!("{list}/{foreign}")).send().await.is_problem(404, "not_found");

    let etag = thing["etag"].as_str().expect("an etag");
    assert_eq!(affairs.get(&at).header("If-None-Match", etag).send().await.status.as_u16(), 304);
    affairs.patch(&at).json(patch.clone()).await.is_problem(428, "precondition_required");
    let changed = affairs.patch(&at).if_match(&thing).json(patch.clone()).await.is(200);
    assert_ne!(changed["etag"], thing["etag"]);
    affairs.patch(&at).if_match(&thing).json(patch).await.is_problem(412, "version_mismatch");
    let (op, entry, details) = last_entry(town);
    assert!(op.ends_with("_update"), "{op}");
    assert_eq!(json!(entry), thing["id"]);
    assert!(details["changed"].as_object().is_some_and(|changed| !changed.is_empty()), "{details}");
    assert_eq!(affairs.get(&at).send().await.is(200), changed);
    affairs.patch(&at).if_match(&changed).json(json!({"id": Id::fresh()})).await.has_fault("/id", "unknown_field");
}
