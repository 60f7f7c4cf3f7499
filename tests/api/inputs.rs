//! What is wrong with an input is told at once, in plain words, and costs no more than the input.

use std::time::{Duration, Instant as Stopwatch};

use lianxi::app;
use lianxi::http::told::shape;
use serde_json::{Value, json};

use crate::town::{Answer, Town};

/// Pointers and codes, in the order in which they are told.
fn faults(answer: Answer) -> Vec<(String, String)> {
    let problem = answer.is_problem(422, "invalid_input");
    let text = |fault: &Value, name: &str| fault[name].as_str().expect("a text").to_owned();
    problem["errors"].as_array().expect("errors").iter().map(|fault| (text(fault, "pointer"), text(fault, "code"))).collect()
}

#[track_caller]
fn are(found: Vec<(String, String)>, wanted: &[(&str, &str)]) {
    let mut found: Vec<_> = found.iter().map(|(pointer, code)| (pointer.as_str(), code.as_str())).collect();
    let mut wanted = wanted.to_vec();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
}

/// It was as long as what was sent, times as many faults as there were.
#[actix_web::test]
async fn a_refusal_is_small_whatever_was_sent() {
    let town = Town::on("sqlite").await;
    let nobody = town.nobody();
    let (key, flaw) = ("k".repeat(128_000), "\u{7f}".to_owned());
    for body in [
        json!({&key: vec![&flaw; 30_000]}),
        json!({"account": vec![&flaw; 30_000], "password": {&key: &flaw}}),
        json!({"account": vec![1; 120_000], "password": "x"}),
        Value::Object((0..20_000).map(|n| (format!("f{n}"), json!(1))).collect()),
        json!({"a".repeat(90): {"b".repeat(90): {"c".repeat(90): vec![&flaw; 30_000]}}}),
    ] {
        let asked = Stopwatch::now();
        let answer = nobody.post("/v1/auth/login").json(body).await;
        assert!(answer.body.len() < 64 * 1024, "{} bytes", answer.body.len());
        assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
        for (pointer, _) in faults(answer) {
            assert!(pointer.chars().count() <= 201, "{pointer}");
        }
    }
}

#[actix_web::test]
async fn bad_characters_do_not_hide_what_else_is_wrong_with_the_form() {
    let town = Town::on("sqlite").await;
    let member = town.member("教育界");
    let new = json!({"name": "陈\u{7}阿公", "phone": 1391234567, "bases": ["home", "residence"], "consent_on": "2026-12-44", "foo": 1, "note": "a\u{0}"});
    are(
        faults(member.post("/v1/constituents?bar=1").json(new).await),
        &[
            ("/name", "control_character"),
            ("/note", "control_character"),
            ("/phone", "type"),
            ("/bases/0", "enum"),
            ("/consent_on", "format"),
            ("/consent_way", "required"),
            ("/foo", "unknown_field"),
            ("/bar", "unknown_field"),
        ],
    );
    are(
        faults(member.get("/v1/constituents?q=%07&limit=0&foo=1&sort=id&sort=id").send().await),
        &[("/q", "control_character"), ("/limit", "too_small"), ("/sort", "repeated"), ("/foo", "unknown_field")],
    );
}

#[actix_web::test]
async fn parameters_that_an_operation_does_not_have_are_refused() {
    let town = Town::on("sqlite").await;
    let member = town.member("教育界");
    are(faults(member.get("/v1/me?foo=1&b%2Fr").send().await), &[("/foo", "unknown_field"), ("/b~1r", "unknown_field")]);
    let text = json!({"title": "校门口缺一条斑马线", "situation": "放学时车多。"});
    member.post("/v1/opinions/similar").json(text.clone()).await.is(200);
    are(faults(member.post("/v1/opinions/similar?foo=1").json(text).await), &[("/foo", "unknown_field")]);
    are(faults(town.nobody().get("/.well-known/jwks.json?foo").send().await), &[("/foo", "unknown_field")]);
    let login = json!({"account": "nobody", "password": "a password of nobody"});
    are(faults(town.nobody().post("/v1/auth/login?a=1").json(login).await), &[("/a", "unknown_field")]);
    // Who may not ask is told that, and nothing of the form.
    town.nobody().get("/v1/me?foo=1").send().await.is_problem(401, "unauthenticated");
    member.post("/v1/sectors?foo=1").json(json!({})).await.is_problem(403, "forbidden");
    member.get("/v1/me?%ff").send().await.is_problem(400, "malformed_request");
}

#[actix_web::test]
async fn a_number_has_one_spelling_in_an_address_and_none_is_special_in_json() {
    let town = Town::on("sqlite").await;
    let member = town.member("教育界");
    for limit in ["%2B5", "05", "-0", "5.0", "%205_", "0x5", "٥"] {
        let limit = if limit == "٥" { "%D9%A5" } else { limit };
        let found = faults(member.get(&format!("/v1/sectors?limit={limit}")).send().await);
        are(found, &[("/limit", "type")]);
    }
    member.get("/v1/sectors?limit=5").send().await.is(200);
    member.get("/v1/calendars/2026").send().await.is(200);
    for year in ["+2026", "%2B2026", "02026", "2026.0"] {
        member.get(&format!("/v1/calendars/{year}")).send().await.is_problem(404, "not_found");
    }
    let event = |count: &str| {
        let day = "2026-02-27";
        format!("{{\"occurred_on\": \"{day}\", \"form\": \"visit\", \"summary\": \"走访\", \"others_count\": {count}}}")
    };
    let whole = member.post("/v1/contact-events").header("Accept-Language", "en").bytes(event("1.0")).await;
    assert!(!whole.text().contains("float") && !whole.text().contains("i64"), "{}", whole.text());
    assert_eq!(whole.is(201)["others_count"], json!(1));
    for (count, code) in [("1.5", "type"), ("1e300", "too_large"), ("-1.0", "too_small"), ("18446744073709551615", "too_large")] {
        are(faults(member.post("/v1/contact-events").bytes(event(count)).await), &[("/others_count", code)]);
    }
}

#[actix_web::test]
async fn details_are_words_of_people_in_both_languages() {
    let town = Town::on("sqlite").await;
    let member = town.member("教育界");
    let body = json!({"name": 1, "phone": "13912345678", "bases": ["home"], "consent_on": "soon", "consent_way": "verbal"});
    let details = async |language: &str| {
        let ask = member.post("/v1/constituents").header("Accept-Language", language);
        let problem = ask.json(body.clone()).await.is_problem(422, "invalid_input");
        let texts =
            problem["errors"].as_array().expect("errors").iter().map(|fault| fault["detail"].as_str().expect("a text").to_owned());
        texts.collect::<Vec<_>>().join("\n")
    };
    let (zh, en) = (details("zh").await, details("en").await);
    assert!(zh.contains("类型须为文本") && zh.contains("须为日期 YYYY-MM-DD") && zh.contains("须为所列的值之一："), "{zh}");
    assert!(!zh.contains('[') && !zh.contains('"') && en.contains("must be one of") && en.contains("of type string"), "{zh} {en}");
    let sort = member.get("/v1/sectors?sort=id;drop").send().await.is_problem(422, "invalid_input");
    assert_eq!(sort["errors"][0]["detail"], "可按 position、id 排序，前加 - 为倒序");
}

#[test]
fn every_pattern_of_the_contract_has_words() {
    fn walk(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("pattern").and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|value| walk(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(&app::document(), &mut found);
    // That of If-Match is a header's, which is told on its own.
    found.retain(|pattern| shape(pattern).is_none() && !pattern.starts_with("^(W/)?"));
    assert!(found.is_empty(), "{found:?}");
}

#[actix_web::test]
async fn a_refusal_says_what_to_do() {
    let town = Town::on("sqlite").await;
    let member = town.member("教育界");
    let sector = format!("/v1/sectors/{}", town.county.sectors["教育界"]);
    let change = || json!({"name": "教育科技界", "reason": "名称有误"});
    let detail = |problem: Value| {
        assert_ne!(problem["title"], problem["detail"]);
        problem["detail"].as_str().expect("a text").to_owned()
    };
    detail(member.patch(&sector).header("If-Match", "\"1\"").json(change()).await.is_problem(403, "forbidden"));
    let affairs = town.affairs();
    let missing = detail(affairs.patch(&sector).json(change()).await.is_problem(428, "precondition_required"));
    let bare = detail(affairs.patch(&sector).header("If-Match", "1").json(change()).await.is_problem(400, "malformed_header"));
    assert!(missing.contains("引号") && bare.contains("引号"), "{missing} {bare}");
    detail(affairs.patch(&sector).header("If-Match", "\"99\"").json(change()).await.is_problem(412, "version_mismatch"));
    let similar = |title: &str| member.post("/v1/opinions").key("one").json(crate::walk::written(title, json!({})));
    similar("校门口缺一条斑马线").await.is(201);
    detail(similar("会议通知宜提前").await.is_problem(422, "idempotency_key_reused"));
    let opinion = crate::walk::submitted(&member, "校门口缺一条斑马线", json!({})).await;
    let late = member.patch(&crate::walk::path(&opinion)).if_match(&opinion).json(json!({"title": "二稿"})).await;
    assert_eq!(detail(late.is_problem(409, "state_conflict")), "当前状态为“已提交，待审查” (submitted)，不能这样做");
}
