//! 免除与请假 over HTTP.

use diesel::prelude::*;
use lianxi::base::id::Id;
use lianxi::db::schema::{audit_entries, notifications};
use lianxi::db::words::Json;
use serde_json::{Value, json};

use crate::town::{Actor, Town};

const PATH: &str = "/v1/exemptions";

fn leave(town: &Town, label: &str) -> Value {
    json!({"person_id": town.county.persons[label], "kind": "leave", "article": 14, "from": "2026-03-01", "to": "2026-06-30", "reason": "住院治疗"})
}

async fn grants(actor: &Actor, body: Value) -> Value {
    actor.post(PATH).json(body).await.is(201)
}

async fn count(actor: &Actor, query: &str) -> usize {
    actor.get(&format!("{PATH}{query}")).send().await.is(200)["items"].as_array().map_or(0, Vec::len)
}

fn at(of: &Value) -> String {
    format!("{PATH}/{}", of["id"].as_str().expect("an id"))
}

#[actix_web::test]
async fn member_affairs_grants_and_the_person_concerned_reads() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let answer = affairs.post(PATH).json(leave(&town, "教育界1")).await;
        let location = answer.header("location").expect("a location").to_owned();
        let it = answer.is(201);
        assert_eq!((&it["person"]["name"], &it["kind"], &it["article"]), (&json!("教育界1"), &json!("leave"), &json!(14)));
        assert_eq!((&it["from"], &it["to"]), (&json!("2026-03-01"), &json!("2026-06-30")));
        assert_eq!((&it["reason"], &it["resolution"]), (&json!("住院治疗"), &json!(null)));
        let member = town.member("教育界");
        assert_eq!(member.get(&location).send().await.is(200), it);
        assert_eq!(count(&member, "").await, 1);
        assert_eq!(count(&town.actor("教育界2"), "").await, 0);
        town.actor("教育界2").get(&location).send().await.is_problem(404, "not_found");
        town.of(&town.elsewhere, "委员工委").get(&location).send().await.is_problem(404, "not_found");
        for label in ["主席", "办公室", "教科卫体委", "管理员", "审计员", "县府办"] {
            town.actor(label).get(&location).send().await.is_problem(403, "forbidden");
        }
        for label in ["教育界1", "办公室", "教科卫体委", "主席"] {
            town.actor(label).post(PATH).json(leave(&town, "教育界1")).await.is_problem(403, "forbidden");
        }
        let told: Vec<(Option<Id>, String, Json)> = town.rows(|conn| {
            let columns = (notifications::person_id, notifications::kind, notifications::params);
            notifications::table.select(columns).load(conn).expect("notifications")
        });
        let params = json!({"kind": "leave", "article": 14, "from": "2026-03-01", "to": "2026-06-30"});
        assert_eq!(told, [(Some(member.person()), "exemption_created".to_owned(), Json(params))]);
    }
}

#[actix_web::test]
async fn nobody_grants_or_changes_their_own() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        affairs.post(PATH).json(leave(&town, "委员工委干部")).await.is_problem(403, "own_matter");
        let it = grants(&affairs, leave(&town, "教育界1")).await;
        town.rows(|conn| {
            use lianxi::db::schema::exemptions;
            diesel::update(exemptions::table).set(exemptions::person_id.eq(affairs.person())).execute(conn).expect("a row");
        });
        affairs.patch(&at(&it)).if_match(&it).json(json!({"to": null})).await.is_problem(403, "own_matter");
    }
}

#[actix_web::test]
async fn what_is_granted_is_bounded_and_stands_once() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        for (field, value, code) in [
            ("person_id", json!(town.elsewhere.persons["教育界1"]), "unknown_reference"),
            ("article", json!(15), "too_large"),
            ("article", json!(10), "too_small"),
            ("kind", json!("holiday"), "enum"),
            ("to", json!("2026-02-28"), "order"),
            ("reason", json!(""), "too_short"),
            ("version", json!(1), "unknown_field"),
        ] {
            let mut body = leave(&town, "教育界1");
            body[field] = value;
            affairs.post(PATH).json(body).await.has_fault(&format!("/{field}"), code);
        }
        grants(&affairs, leave(&town, "教育界1")).await;
        affairs.post(PATH).json(leave(&town, "教育界1")).await.is_problem(409, "conflict");
        let with = |field: &str, value: Value| {
            let mut body = leave(&town, "教育界1");
            body[field] = value;
            body
        };
        grants(&affairs, with("article", json!(13))).await;
        grants(&affairs, with("kind", json!("exemption"))).await;
        grants(&affairs, leave(&town, "教育界2")).await;
        let mut later = with("from", json!("2026-07-01"));
        later.as_object_mut().expect("fields").remove("to");
        grants(&affairs, later.clone()).await;
        later.as_object_mut().expect("fields").remove("article");
        assert_eq!(grants(&affairs, later).await["article"], json!(null), "all articles");
        assert_eq!(count(&affairs, "").await, 6);
        assert_eq!(count(&affairs, "?as_of=2026-06-30").await, 4);
        assert_eq!(count(&affairs, "?as_of=2026-07-01").await, 2);
        assert_eq!(count(&affairs, "?article=13").await, 2, "and the one for all");
        assert_eq!(count(&affairs, "?kind=exemption").await, 1);
        assert_eq!(count(&affairs, &format!("?person_id={}", town.county.persons["教育界2"])).await, 1);
        assert_eq!(affairs.get(&format!("{PATH}?limit=2&with_total=true")).send().await.is(200)["total"], json!(6));
    }
}

#[actix_web::test]
async fn a_change_names_its_version_and_leaves_no_reason_in_the_log() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let it = grants(&affairs, leave(&town, "教育界1")).await;
        let patch = json!({"to": null, "reason": "住院治疗与康复", "article": null, "resolution": "〔2026〕3号"});
        affairs.patch(&at(&it)).json(patch.clone()).await.is_problem(428, "precondition_required");
        town.member("教育界").patch(&at(&it)).if_match(&it).json(patch.clone()).await.is_problem(403, "forbidden");
        let changed = affairs.patch(&at(&it)).if_match(&it).json(patch.clone()).await.is(200);
        assert_eq!((&changed["to"], &changed["article"]), (&json!(null), &json!(null)));
        assert_eq!((&changed["reason"], &changed["resolution"]), (&json!("住院治疗与康复"), &json!("〔2026〕3号")));
        affairs.patch(&at(&it)).if_match(&it).json(patch).await.is_problem(412, "version_mismatch");
        affairs
            .patch(&at(&changed))
            .if_match(&changed)
            .json(json!({"from": "2026-02-01", "to": "2026-01-31"}))
            .await
            .has_fault("/to", "order");
        affairs
            .patch(&at(&changed))
            .if_match(&changed)
            .json(json!({"person_id": Id::fresh()}))
            .await
            .has_fault("/person_id", "unknown_field");
        let details: Vec<Json> = town.rows(|conn| audit_entries::table.select(audit_entries::details).load(conn).expect("entries"));
        let log = details.iter().map(|row| row.0.to_string()).collect::<String>();
        assert!(!log.contains("住院") && log.contains("2026-06-30") && log.contains("\"reason\""));
        let told: Vec<Json> =
            town.rows(|conn| notifications::table.select(notifications::params).load(conn).expect("notifications"));
        assert!(told.len() == 2 && told.iter().all(|params| !params.0.to_string().contains("住院")));
    }
}
