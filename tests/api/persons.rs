//! 人员 over HTTP.

use diesel::prelude::*;
use lianxi::db::schema::{audit_entries, changes, persons};
use lianxi::db::words::Json;
use serde_json::{Value, json};

use crate::directory::{escaped, id, ids, keeps_the_rules_of_the_directory, last_entry, made, path};
use crate::town::Town;

const LIST: &str = "/v1/persons";

#[actix_web::test]
async fn member_affairs_keeps_the_persons_and_everybody_reads_them() {
    for town in Town::on_each_engine().await {
        let new = json!({"name": "林秀英", "gender": "female", "work_unit": "苍南县第一中学", "phone": "138 0668 0001"});
        let patch = json!({"work_unit": "苍南县教育局"});
        let foreign = town.elsewhere.persons["信息员"];
        keeps_the_rules_of_the_directory(&town, LIST, new, patch, foreign).await;
    }
}

#[actix_web::test]
async fn names_repeat_but_a_number_and_an_identifier_are_one_persons() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let known = json!([{"scheme": "zwding", "identifier": "GE_1"}]);
        let first = made(&affairs, LIST, json!({"name": "林秀英", "phone": "13806680001", "identifiers": known})).await;
        let second = made(&affairs, LIST, json!({"name": "林秀英"})).await;
        assert_ne!(first["id"], second["id"]);
        let same = json!({"name": "陈建国", "phone": "+86 138-0668-0001"});
        affairs.post(LIST).json(same).await.is_problem(409, "conflict");
        affairs.post(LIST).json(json!({"name": "陈建国", "identifiers": known})).await.is_problem(409, "conflict");
        let at = path(LIST, &second);
        affairs.patch(&at).if_match(&second).json(json!({"phone": "13806680001"})).await.is_problem(409, "conflict");
        affairs.patch(&at).if_match(&second).json(json!({"identifiers": known})).await.is_problem(409, "conflict");
        let again = json!({"phone": "13806680001", "identifiers": known});
        let first = affairs.patch(&path(LIST, &first)).if_match(&first).json(again).await.is(200);

        let freed = json!({"phone": null, "identifiers": []});
        let freed = affairs.patch(&path(LIST, &first)).if_match(&first).json(freed).await.is(200);
        assert_eq!((&freed["has_phone"], &freed["identifiers"]), (&json!(false), &json!([])));
        let taken = json!({"phone": "13806680001", "identifiers": known});
        affairs.patch(&at).if_match(&second).json(taken).await.is(200);
        made(&town.of(&town.elsewhere, "委员工委"), LIST, json!({"name": "别处", "phone": "13806680001", "identifiers": known}))
            .await;
    }
}

#[actix_web::test]
async fn a_number_goes_in_and_never_out() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let mut person = made(&affairs, LIST, json!({"name": "林秀英", "phone": "13806680001"})).await;
        let at = path(LIST, &person);
        assert_eq!(person["has_phone"], true);
        assert_eq!(person.get("phone"), None);
        for wrong in ["12345", "64751234", "电话"] {
            affairs.post(LIST).json(json!({"name": "陈建国", "phone": wrong})).await.has_fault("/phone", "phone");
            affairs.patch(&at).if_match(&person).json(json!({"phone": wrong})).await.has_fault("/phone", "phone");
        }
        person = affairs.patch(&at).if_match(&person).json(json!({"phone": "0577-64751234"})).await.is(200);
        let (_, _, details) = last_entry(&town);
        let change = &details["changed"]["phone"];
        assert!(change["before"].is_string() && change["after"].is_string() && change["before"] != change["after"]);
        person = affairs.patch(&at).if_match(&person).json(json!({"phone": null})).await.is(200);
        assert_eq!(person["has_phone"], false);

        for label in ["委员工委", "管理员", "办公室", "教育界1"] {
            let list = town.actor(label).get(&format!("{LIST}?limit=100")).send().await;
            assert!(!list.text().contains("6680001") && !list.text().contains("64751234"), "{label}");
        }
        town.rows(|conn| {
            let entries: Vec<Json> = audit_entries::table.select(audit_entries::details).load(conn).expect("entries");
            let feed: Vec<Json> = changes::table.select(changes::belongs).load(conn).expect("changes");
            for written in entries.iter().chain(&feed) {
                let text = written.0.to_string();
                assert!(!text.contains("6680001") && !text.contains("64751234"), "{text}");
            }
            let sealed: Vec<Option<Vec<u8>>> = persons::table.select(persons::phone).load(conn).expect("persons");
            for bytes in sealed.into_iter().flatten() {
                assert!(!String::from_utf8_lossy(&bytes).contains("6680001"));
            }
        });
    }
}

#[actix_web::test]
async fn identifiers_are_for_member_affairs_and_administrators() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let known = json!([{"scheme": "zwding", "identifier": "GE_1"}, {"scheme": "oa", "identifier": "17:3"}]);
        let person = made(&affairs, LIST, json!({"name": "林秀英", "identifiers": known})).await;
        let sorted = json!([{"scheme": "oa", "identifier": "17:3"}, {"scheme": "zwding", "identifier": "GE_1"}]);
        assert_eq!(person["identifiers"], sorted);
        let at = path(LIST, &person);
        for (label, expected) in [("管理员", &sorted), ("委员工委", &sorted), ("办公室", &Value::Null), ("教育界1", &Value::Null)]
        {
            let actor = town.actor(label);
            assert_eq!(actor.get(&at).send().await.is(200)["identifiers"], *expected, "{label}");
            let found = actor.get(&format!("{LIST}?identifier=oa:17:3")).send().await;
            if expected.is_null() {
                found.has_fault("/identifier", "not_allowed");
            } else {
                assert_eq!(found.is(200)["items"][0]["id"], person["id"]);
            }
        }
        assert_eq!(ids(&affairs, &format!("{LIST}?identifier=oa:17")).await, [""; 0]);
        affairs.get(&format!("{LIST}?identifier=17")).send().await.has_fault("/identifier", "pattern");
        let twice = json!([{"scheme": "oa", "identifier": "1"}, {"scheme": "oa", "identifier": "1"}]);
        affairs.post(LIST).json(json!({"name": "陈建国", "identifiers": twice})).await.has_fault("/identifiers/1", "repeated");
        let odd = json!([{"scheme": "O A", "identifier": "1", "more": 1}]);
        let answer = affairs.post(LIST).json(json!({"name": "陈建国", "identifiers": odd})).await;
        let problem = answer.is_problem(422, "invalid_input");
        assert_eq!(problem["errors"].as_array().map(Vec::len), Some(2), "{problem}");

        affairs.patch(&at).if_match(&person).json(json!({"identifiers": []})).await.is(200);
        let (_, _, details) = last_entry(&town);
        let before = details["changed"]["identifiers"]["before"].as_array().expect("digests");
        assert_eq!(before.len(), 2);
        assert!(!details.to_string().contains("GE_1"), "{details}");
    }
}

#[actix_web::test]
async fn a_corrected_name_keeps_both_values_in_the_audit_log() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let person = made(&affairs, LIST, json!({"name": "林秀瑛", "gender": "male"})).await;
        let at = path(LIST, &person);
        for patch in [json!({"name": "林秀英"}), json!({"gender": "female"}), json!({"gender": null})] {
            affairs.patch(&at).if_match(&person).json(patch).await.has_fault("/reason", "required");
        }
        let right = json!({"name": "林秀英", "gender": "female", "reason": "录入错误"});
        let right = affairs.patch(&at).if_match(&person).json(right).await.is(200);
        assert_eq!((&right["name"], &right["gender"]), (&json!("林秀英"), &json!("female")));
        let (op, _, details) = last_entry(&town);
        assert_eq!(op, "person_update");
        let changed = json!({"name": {"before": "林秀瑛", "after": "林秀英"}, "gender": {"before": "male", "after": "female"}});
        assert_eq!(details, json!({"changed": changed, "reason": "录入错误"}));
        let unknown = made(&affairs, LIST, json!({"name": "陈建国"})).await;
        affairs.patch(&path(LIST, &unknown)).if_match(&unknown).json(json!({"gender": "male"})).await.is(200);
    }
}

#[actix_web::test]
async fn persons_are_found_by_the_start_of_a_name_and_by_post_sector_and_day() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let mut made_ids = Vec::new();
        for name in ["林秀", "林秀英", "林%", "林_秀", "木林秀"] {
            made_ids.push(id(&made(&affairs, LIST, json!({"name": name})).await));
        }
        let found = async |query: &str| ids(&affairs, &format!("{LIST}?limit=100&{query}")).await;
        let named = async |start: &str| found(&format!("name={}", escaped(start))).await;
        assert_eq!(named("林秀").await, made_ids[..2]);
        assert_eq!(named("林%").await, made_ids[2..3], "search characters mean themselves");
        assert_eq!(named("林_").await, made_ids[3..4]);
        assert_eq!(named("林").await.len(), 4);
        let sorted = affairs.get(&format!("{LIST}?limit=100&sort=name&name={}", escaped("林"))).send().await.is(200);
        let names: Vec<_> = sorted["items"].as_array().expect("items").iter().map(|person| &person["name"]).collect();
        assert_eq!(names, ["林%", "林_秀", "林秀", "林秀英"], "by code point on both engines");

        let sectors = &town.county.sectors;
        assert_eq!(found("post=chairperson&post=vice_chairperson").await.len(), 2);
        assert_eq!(found(&format!("sector={}", sectors["经济界"])).await.len(), 5);
        assert_eq!(found(&format!("sector={}&post=standing_member", sectors["经济界"])).await.len(), 1);
        assert_eq!(found("as_of=2026-03-02").await.len(), 9, "those who hold any post");
        assert_eq!(found("post=chairperson&as_of=2021-12-31").await.len(), 0);
    }
}

#[actix_web::test]
async fn pages_by_name_follow_one_another() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let all = ids(&affairs, &format!("{LIST}?limit=100&sort=-name")).await;
        let (mut seen, mut path) = (Vec::new(), format!("{LIST}?limit=4&sort=-name"));
        loop {
            let page = affairs.get(&path).send().await.is(200);
            seen.extend(page["items"].as_array().expect("items").iter().map(id));
            match page["next_cursor"].as_str() {
                Some(cursor) => path = format!("{LIST}?limit=4&sort=-name&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(seen, all);
    }
}
