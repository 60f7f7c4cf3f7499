//! 字典 over HTTP.

use serde_json::{Value, json};

use crate::town::{Town, at_once};
use crate::traces::{audited, changed};

fn codes(dictionary: &Value) -> Vec<(String, bool)> {
    let entries = dictionary["entries"].as_array().expect("entries").iter();
    entries.map(|entry| (entry["code"].as_str().expect("a code").to_owned(), entry["active"] == json!(true))).collect()
}

#[actix_web::test]
async fn everybody_reads_the_dictionaries_and_their_labels() {
    for town in Town::on_each_engine().await {
        for label in ["管理员", "审计员", "主席", "教育界1", "信息员", "县府办"] {
            let actor = town.actor(label);
            let page = actor.get("/v1/dictionaries?with_total=true&limit=100").send().await.is(200);
            let names: Vec<_> = page["items"].as_array().expect("items").iter().map(|item| item["name"].clone()).collect();
            assert!(names.contains(&json!("opinion_categories")) && names.contains(&json!("contact_forms")), "{label}");
            assert_eq!(page["total"], json!(names.len()));
            assert!(names.is_sorted_by_key(|name| name.as_str().map(str::to_owned)));
        }
        let actor = town.member("教育界");
        let answer = actor.get("/v1/dictionaries/contact_forms").send().await;
        assert_eq!(answer.header("etag"), Some("\"0\""));
        let forms = answer.is(200);
        assert_eq!((&forms["label"], &forms["updated_at"]), (&json!("联系形式"), &json!(null)));
        assert_eq!(forms["entries"][0], json!({"code": "visit", "zh": "走访", "en": "Visit", "active": true}));
        let unchanged = actor.get("/v1/dictionaries/contact_forms").header("If-None-Match", "\"0\"").send().await;
        assert_eq!(unchanged.status.as_u16(), 304);
        for name in ["nothing", "Contact_Forms", "%E5%AD%97"] {
            actor.get(&format!("/v1/dictionaries/{name}")).send().await.is_problem(404, "not_found");
        }
    }
}

#[actix_web::test]
async fn dictionaries_are_paged_in_both_directions() {
    for town in Town::on_each_engine().await {
        for sort in ["name", "-name"] {
            let mut seen = Vec::new();
            let mut path = format!("/v1/dictionaries?limit=1&sort={sort}");
            loop {
                let page = town.admin().get(&path).send().await.is(200);
                seen.extend(page["items"].as_array().expect("items").iter().map(|item| item["name"].clone()));
                let Some(cursor) = page["next_cursor"].as_str() else { break };
                path = format!("/v1/dictionaries?limit=1&sort={sort}&cursor={cursor}");
            }
            let whole = town.admin().get(&format!("/v1/dictionaries?limit=100&sort={sort}")).send().await.is(200);
            let whole: Vec<_> = whole["items"].as_array().expect("items").iter().map(|item| item["name"].clone()).collect();
            assert_eq!(seen, whole);
        }
    }
}

#[actix_web::test]
async fn what_is_left_out_is_switched_off_and_can_be_switched_on_again() {
    for town in Town::on_each_engine().await {
        let (admin, path) = (town.admin(), "/v1/dictionaries/consent_ways");
        let before = admin.get(path).send().await.is(200);
        let body = json!({"entries": [
            {"code": "video", "zh": "视频", "en": "Video"},
            {"code": "oral", "zh": "口头同意", "en": "Oral"},
        ]});
        let after = admin.put(path).if_match(&before).json(body.clone()).await.is(200);
        let expected = [("video", true), ("oral", true), ("written", false), ("online", false)];
        assert_eq!(codes(&after), expected.map(|(code, active)| (code.to_owned(), active)));
        assert_eq!((&after["etag"], &after["entries"][1]["zh"]), (&json!("\"1\""), &json!("口头同意")));
        assert_eq!(town.member("教育界").get(path).send().await.is(200), after);
        admin.put(path).if_match(&before).json(body).await.is_problem(412, "version_mismatch");
        let body = json!({"entries": [
            {"code": "written", "zh": "书面", "en": "Written"},
            {"code": "video", "zh": "视频", "en": "Video", "active": false},
        ]});
        let again = admin.put(path).if_match(&after).json(body).await.is(200);
        assert_eq!(codes(&again).iter().filter(|(_, active)| *active).count(), 1);
        assert_eq!((codes(&again).len(), &again["etag"]), (4, &json!("\"2\"")));
        let others = town.of(&town.elsewhere, "管理员").get(path).send().await.is(200);
        assert_eq!(others, before, "each jurisdiction has its own");
        let entries = audited(&town, "dictionary_replace");
        assert_eq!(entries.iter().map(|entry| entry.role.as_deref()).collect::<Vec<_>>(), [Some("admin"); 2]);
        assert_eq!(changed(&town, "dictionary_replace"), 2);
        assert_eq!(entries[0].details, json!({"name": "consent_ways", "codes": ["video", "oral", "written", "online"]}));
    }
}

#[actix_web::test]
async fn a_code_that_is_switched_off_is_no_longer_accepted() {
    for town in Town::on_each_engine().await {
        let (admin, path) = (town.admin(), "/v1/dictionaries/contact_forms");
        let before = admin.get(path).send().await.is(200);
        let entries: Vec<_> =
            before["entries"].as_array().expect("entries").iter().filter(|entry| entry["code"] != "letter").cloned().collect();
        admin.put(path).if_match(&before).json(json!({"entries": entries})).await.is(200);
        let body = |form: &str| json!({"from": "2026-03-02", "values": {"counting_forms": [form]}});
        admin.post("/v1/settings").json(body("letter")).await.has_fault("/values/counting_forms/0", "unknown_code");
        admin.post("/v1/settings").json(body("visit")).await.is(201);
    }
}

#[actix_web::test]
async fn a_dictionary_is_replaced_by_admins_with_the_etag_that_they_saw() {
    for town in Town::on_each_engine().await {
        let path = "/v1/dictionaries/consent_ways";
        let seen = town.admin().get(path).send().await.is(200);
        let entry = |code: &str, zh: &str| json!({"code": code, "zh": zh, "en": "x"});
        let good = json!({"entries": [entry("oral", "口头")]});
        for label in ["主席", "办公室", "委员工委", "教育界1", "审计员"] {
            town.actor(label).put(path).if_match(&seen).json(good.clone()).await.is_problem(403, "forbidden");
        }
        let admin = town.admin();
        admin.put(path).json(good.clone()).await.is_problem(428, "precondition_required");
        admin.put("/v1/dictionaries/nothing").if_match(&seen).json(good.clone()).await.is_problem(404, "not_found");
        let put = async |entries: Value| admin.put(path).if_match(&seen).json(json!({"entries": entries})).await;
        put(json!([])).await.has_fault("/entries", "too_few");
        put(json!([entry("口头", "口头")])).await.has_fault("/entries/0/code", "pattern");
        put(json!([entry("a", "甲"), entry("a", "乙")])).await.has_fault("/entries/1/code", "repeated");
        put(json!([entry("a", "甲"), entry("b", "甲")])).await.has_fault("/entries/1/zh", "repeated");
        put(json!([{"code": "a", "zh": "甲", "en": "x", "colour": 1}])).await.has_fault("/entries/0/colour", "unknown_field");

        let asks = (0..20).map(|_| (admin.put(path).if_match(&seen), good.clone())).collect();
        let mut statuses: Vec<_> = at_once(asks).await.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![200], vec![412; 19]].concat(), "the first ones too, when there is no row yet");
    }
}

#[actix_web::test]
async fn switched_off_entries_are_bounded_too() {
    for town in Town::on_each_engine().await {
        let (admin, path) = (town.admin(), "/v1/dictionaries/consent_ways");
        let mut seen = admin.get(path).send().await.is(200);
        for round in 0..2 {
            let entries: Vec<_> = (0..500)
                .map(|number| json!({"code": format!("c{round}_{number}"), "zh": format!("第{round}轮{number}"), "en": "x"}))
                .collect();
            let answer = admin.put(path).if_match(&seen).json(json!({"entries": entries})).await;
            if round == 1 {
                answer.has_fault("/entries", "too_many");
                break;
            }
            seen = answer.is(200);
        }
    }
}
