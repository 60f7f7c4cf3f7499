//! 设置 over HTTP.

use serde_json::json;

use crate::town::{Town, at_once};
use crate::traces::{audited, changed};

#[actix_web::test]
async fn a_version_begins_on_its_day_and_takes_the_rest_from_the_one_before() {
    for town in Town::on_each_engine().await {
        let admin = town.admin();
        let body = json!({"from": "2026-03-02", "values": {"visits_a_year": 4}, "reason": "十届第五次主席会议决定"});
        let answer = admin.post("/v1/settings").json(body).await;
        let location = answer.header("location").expect("a location").to_owned();
        let first = answer.is(201);
        assert_eq!((&first["values"]["visits_a_year"], &first["values"]["triage_days"]), (&json!(4), &json!(3)));
        assert_eq!((&first["from"], &first["etag"]), (&json!("2026-03-02"), &json!("\"1\"")));
        admin.post("/v1/settings").json(json!({"from": "2026-09-01", "values": {"triage_days": 5}})).await.is(201);
        let between = admin.post("/v1/settings").json(json!({"from": "2026-06-01", "values": {"report_days": 20}})).await.is(201);
        assert_eq!(
            (&between["values"]["visits_a_year"], &between["values"]["triage_days"], &between["reason"]),
            (&json!(4), &json!(3), &json!(null)),
            "of the version in force that day, not of the last one"
        );
        for label in ["教育界1", "办公室", "审计员", "县府办"] {
            assert_eq!(town.actor(label).get(&location).send().await.is(200), first, "{label}");
        }
        let days = async |query: &str| {
            let page = town.member("教育界").get(&format!("/v1/settings{query}")).send().await.is(200);
            page["items"].as_array().expect("items").iter().map(|item| item["from"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(days("").await, ["2026-09-01", "2026-06-01", "2026-03-02"]);
        assert_eq!(days("?sort=from&limit=2").await, ["2026-03-02", "2026-06-01"]);
        assert_eq!(days("?as_of=2026-08-31&with_total=true").await, ["2026-06-01"]);
        assert_eq!(days("?as_of=2026-03-01").await, Vec::<String>::new());
        let entries = audited(&town, "settings_create");
        assert_eq!(entries.iter().map(|entry| entry.role.as_deref()).collect::<Vec<_>>(), [Some("admin"); 3]);
        assert_eq!(changed(&town, "settings_create"), 3);
        let expected = json!({
            "from": "2026-03-02", "reason": "十届第五次主席会议决定",
            "changed": {"visits_a_year": {"before": 2, "after": 4}},
        });
        assert_eq!(entries[0].details, expected);
    }
}

#[actix_web::test]
async fn a_version_is_not_before_today_and_one_a_day() {
    for town in Town::on_each_engine().await {
        let admin = town.admin();
        let post = async |body: serde_json::Value| admin.post("/v1/settings").json(body).await;
        post(json!({"from": "2026-03-01", "values": {}})).await.has_fault("/from", "in_the_past");
        post(json!({"from": "2026-03-02", "values": {"visits_a_year": 0}})).await.has_fault("/values/visits_a_year", "too_small");
        post(json!({"from": "2026-03-02", "values": {"visits": 1}})).await.has_fault("/values/visits", "unknown_field");
        post(json!({"from": "2026-03-02", "values": {"visits_a_year": null}})).await.has_fault("/values/visits_a_year", "type");
        post(json!({"from": "2026-03-02"})).await.has_fault("/values", "required");
        let forms = json!({"from": "2026-03-02", "values": {"counting_forms": ["visit", "dinner", "visit"]}});
        let problem = post(forms).await.is_problem(422, "invalid_input");
        let faults: Vec<_> = problem["errors"].as_array().expect("faults").iter().map(|fault| fault["pointer"].clone()).collect();
        assert_eq!(faults, ["/values/counting_forms/1", "/values/counting_forms/2"]);
        // 23:59 of the day before in UTC is today's morning here.
        town.at("2026-03-04T16:30:00Z");
        post(json!({"from": "2026-03-04", "values": {}})).await.has_fault("/from", "in_the_past");
        post(json!({"from": "2026-03-05", "values": {}})).await.is(201);
        post(json!({"from": "2026-03-05", "values": {"triage_days": 9}})).await.is_problem(409, "conflict");
        town.of(&town.elsewhere, "管理员").post("/v1/settings").json(json!({"from": "2026-03-05", "values": {}})).await.is(201);
    }
}

#[actix_web::test]
async fn only_admins_make_versions_and_each_jurisdiction_has_its_own() {
    for town in Town::on_each_engine().await {
        let body = json!({"from": "2026-03-02", "values": {"visits_a_year": 4}});
        for label in ["主席", "办公室", "委员工委", "教育界1", "审计员"] {
            town.actor(label).post("/v1/settings").json(body.clone()).await.is_problem(403, "forbidden");
        }
        let made = town.admin().post("/v1/settings").json(body).await.is(201);
        let path = format!("/v1/settings/{}", made["id"].as_str().expect("an id"));
        town.of(&town.elsewhere, "管理员").get(&path).send().await.is_problem(404, "not_found");
        town.of(&town.above, "管理员").get(&path).send().await.is_problem(404, "not_found");
        let others = town.of(&town.elsewhere, "管理员").get("/v1/settings").send().await.is(200);
        assert_eq!(others["items"], json!([]));
    }
}

#[actix_web::test]
async fn of_many_versions_of_one_day_at_once_one_is_made() {
    for town in Town::on_each_engine().await {
        let asks = (1..=20)
            .map(|days| (town.admin().post("/v1/settings"), json!({"from": "2026-03-02", "values": {"triage_days": days}})))
            .collect();
        let mut statuses = Vec::new();
        for answer in at_once(asks).await {
            statuses.push(answer.status.as_u16());
            if answer.status.as_u16() != 201 {
                answer.is_problem(409, "conflict");
            }
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![201], vec![409; 19]].concat());
    }
}
