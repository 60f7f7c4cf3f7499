//! 界别 over HTTP.

use diesel::prelude::*;
use lianxi::db::schema::memberships;
use serde_json::json;

use crate::town::{Town, at_once};

#[actix_web::test]
async fn member_affairs_adds_a_sector_and_everybody_reads_it() {
    for town in Town::on_each_engine().await {
        let answer =
            town.affairs().post("/v1/sectors").json(json!({"name": " 科技界 ", "position": 7, "from": "2024-01-01"})).await;
        let location = answer.header("location").expect("a location").to_owned();
        let etag = answer.header("etag").expect("an etag").to_owned();
        let sector = answer.is(201);
        assert_eq!(sector["name"], "科技界", "trimmed");
        assert_eq!(sector["to"], json!(null));
        assert_eq!(sector["etag"], json!(etag));
        for label in ["管理员", "审计员", "主席", "办公室", "经济委", "教育界活动组", "教育界1", "信息员", "县府办"]
        {
            assert_eq!(town.actor(label).get(&location).send().await.is(200)["name"], "科技界", "{label}");
        }
    }
}

#[actix_web::test]
async fn only_member_affairs_writes_the_directory() {
    for town in Town::on_each_engine().await {
        for label in ["管理员", "主席", "办公室", "经济委", "教育界1"] {
            let answer = town.actor(label).post("/v1/sectors").json(json!({"name": "科技界", "from": "2024-01-01"})).await;
            answer.is_problem(403, "forbidden");
        }
        town.nobody().post("/v1/sectors").json(json!({})).await.is_problem(401, "unauthenticated");
    }
}

#[actix_web::test]
async fn every_fault_of_a_body_is_told_at_once() {
    for town in Town::on_each_engine().await {
        let body = json!({"name": "", "position": -1, "from": "2024-13-01", "colour": "red", "to": 5});
        let problem = town.affairs().post("/v1/sectors").json(body).await.is_problem(422, "invalid_input");
        let mut faults: Vec<_> = problem["errors"]
            .as_array()
            .expect("faults")
            .iter()
            .map(|fault| {
                format!("{} {}", fault["pointer"].as_str().unwrap_or_default(), fault["code"].as_str().unwrap_or_default())
            })
            .collect();
        faults.sort();
        assert_eq!(faults, ["/colour unknown_field", "/from format", "/name too_short", "/position too_small", "/to type"]);
        town.affairs().post("/v1/sectors").json(json!({"from": "2024-01-01"})).await.has_fault("/name", "required");
        town.affairs()
            .post("/v1/sectors")
            .json(json!({"name": "科\u{1}技", "from": "2024-01-01"}))
            .await
            .has_fault("/name", "control_character");
        town.affairs()
            .post("/v1/sectors")
            .json(json!({"name": "科\n技", "from": "2024-01-01"}))
            .await
            .has_fault("/name", "line_break");
        town.affairs().post("/v1/sectors").bytes("{\"name\": \"x\"").await.is_problem(400, "malformed_json");
        town.affairs().post("/v1/sectors").bytes("{\"name\": \"a\", \"name\": \"b\"}").await.is_problem(400, "malformed_json");
        town.affairs().post("/v1/sectors").bytes("[".repeat(10_000)).await.is_problem(400, "malformed_json");
        town.affairs()
            .post("/v1/sectors")
            .header("Content-Type", "text/plain")
            .bytes("{}")
            .await
            .is_problem(415, "unsupported_media_type");
    }
}

#[actix_web::test]
async fn a_sector_is_ended_and_can_be_asked_for_as_of_a_day() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let sector = affairs.post("/v1/sectors").json(json!({"name": "侨联界", "from": "2022-01-01"})).await.is(201);
        let path = format!("/v1/sectors/{}", sector["id"].as_str().expect("an id"));
        affairs.patch(&path).if_match(&sector).json(json!({"to": "2021-12-31"})).await.has_fault("/to", "order");
        let ended = affairs.patch(&path).if_match(&sector).json(json!({"to": "2025-12-31"})).await.is(200);
        assert_eq!(ended["to"], "2025-12-31");
        let count = async |query: &str| {
            affairs.get(&format!("/v1/sectors{query}")).send().await.is(200)["items"].as_array().map_or(0, Vec::len)
        };
        assert_eq!(count("?as_of=2025-12-31").await, 4);
        assert_eq!(count("?as_of=2026-01-01").await, 3);
        affairs.patch(&path).if_match(&sector).json(json!({"to": null})).await.is_problem(412, "version_mismatch");
        affairs.patch(&path).json(json!({"to": null})).await.is_problem(428, "precondition_required");
        affairs.patch(&path).header("If-Match", "*").json(json!({"to": null})).await.is_problem(400, "malformed_header");
        affairs.patch(&path).if_match(&ended).json(json!({"to": null})).await.has_fault("/reason", "required");
        let open =
            affairs.post(&path).header("X-HTTP-Method-Override", "PATCH").header("Content-Type", "application/merge-patch+json");
        assert_eq!(open.if_match(&ended).json(json!({"to": null, "reason": "录入错误"})).await.is(200)["to"], json!(null));
    }
}

#[actix_web::test]
async fn a_sector_does_not_end_before_its_members_and_its_committee() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let path = format!("/v1/sectors/{}", town.county.sectors["教育界"]);
        let sector = affairs.get(&path).send().await.is(200);
        affairs.patch(&path).if_match(&sector).json(json!({"to": "2026-03-31"})).await.is_problem(409, "conflict");
        let start = json!({"from": "2022-01-02", "reason": "录入错误"});
        affairs.patch(&path).if_match(&sector).json(start).await.is_problem(409, "conflict");
        affairs.patch(&path).if_match(&sector).json(json!({"position": 9})).await.is(200);
    }
}

#[actix_web::test]
async fn a_correction_says_why_and_names_are_unique_at_a_time() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let path = format!("/v1/sectors/{}", town.county.sectors["农业界"]);
        let sector = affairs.get(&path).send().await.is(200);
        affairs.patch(&path).if_match(&sector).json(json!({"name": "农林界"})).await.has_fault("/reason", "required");
        affairs
            .patch(&path)
            .if_match(&sector)
            .json(json!({"name": "教育界", "reason": "录入错误"}))
            .await
            .is_problem(409, "conflict");
        let corrected = affairs.patch(&path).if_match(&sector).json(json!({"name": "农林界", "reason": "录入错误"})).await.is(200);
        assert_eq!(corrected["name"], "农林界");
        affairs.post("/v1/sectors").json(json!({"name": "教育界", "from": "2030-01-01"})).await.is_problem(409, "conflict");
    }
}

#[actix_web::test]
async fn pages_follow_one_another_and_a_cursor_serves_its_own_list_only() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        for number in 0..7 {
            affairs
                .post("/v1/sectors")
                .json(json!({"name": format!("新{number}"), "position": number % 3, "from": "2024-01-01"}))
                .await
                .is(201);
        }
        let mut seen = Vec::new();
        let mut path = "/v1/sectors?limit=3&sort=-position&with_total=true".to_owned();
        let mut cursor;
        loop {
            let page = affairs.get(&path).send().await.is(200);
            assert_eq!((page["total"].clone(), page["total_is_exact"].clone()), (json!(10), json!(true)));
            seen.extend(
                page["items"]
                    .as_array()
                    .expect("items")
                    .iter()
                    .map(|item| (item["position"].as_i64(), item["id"].as_str().map(str::to_owned))),
            );
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            match &cursor {
                Some(cursor) => path = format!("/v1/sectors?limit=3&sort=-position&with_total=true&cursor={cursor}"),
                None => break,
            }
            affairs
                .get(&format!("/v1/sectors?sort=position&cursor={}", cursor.as_deref().unwrap_or_default()))
                .send()
                .await
                .has_fault("/cursor", "cursor");
            town.office().get(&path).send().await.has_fault("/cursor", "cursor");
        }
        let mut sorted = seen.clone();
        sorted.sort();
        sorted.reverse();
        assert_eq!(seen, sorted);
        sorted.dedup();
        assert_eq!(sorted.len(), 10);
        for (query, pointer, code) in [
            ("limit=0", "/limit", "too_small"),
            ("limit=101", "/limit", "too_large"),
            ("limit=x", "/limit", "type"),
            ("sort=name", "/sort", "pattern"),
            ("colour=red", "/colour", "unknown_field"),
            ("limit=1&limit=2", "/limit", "repeated"),
            ("as_of=yesterday", "/as_of", "format"),
        ] {
            affairs.get(&format!("/v1/sectors?{query}")).send().await.has_fault(pointer, code);
        }
        affairs.get("/v1/sectors?as_of=%ZZ").send().await.is_problem(400, "malformed_request");
    }
}

#[actix_web::test]
async fn a_kept_answer_is_given_to_the_rights_that_it_was_made_for() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let body = json!({"name": "科技界", "from": "2024-01-01"});
        let made = affairs.post("/v1/sectors").key("k1").json(body.clone()).await.is(201);
        assert_eq!(affairs.post("/v1/sectors").key("k1").json(body.clone()).await.is(201), made);
        let duty = |duty: &str| {
            town.rows(|conn| {
                let own = memberships::table.filter(memberships::person_id.eq(affairs.person()));
                diesel::update(own).set(memberships::duty.eq(duty)).execute(conn).expect("a membership");
            });
        };
        duty("staff");
        affairs.post("/v1/sectors").key("k1").json(body.clone()).await.is_problem(409, "answer_not_kept");
        duty("chair");
        assert_eq!(affairs.post("/v1/sectors").key("k1").json(body.clone()).await.is(201), made);
        let narrower = affairs.post("/v1/sectors").key("k1").header("Lianxi-Acting-As", "member_affairs");
        narrower.json(body).await.is_problem(409, "answer_not_kept");
    }
}

#[actix_web::test]
async fn days_lie_between_1900_and_2999() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        for (day, code) in [
            ("9999-12-31", "out_of_range"),
            ("3000-01-01", "out_of_range"),
            ("1899-12-31", "out_of_range"),
            ("0000-01-01", "out_of_range"),
            ("2026-02-30", "format"),
            ("2026-2-3", "format"),
            ("+12026-02-03", "format"),
            ("-001-02-03", "format"),
            ("2026- 2-03", "format"),
        ] {
            affairs.post("/v1/sectors").json(json!({"name": "科技界", "from": day})).await.has_fault("/from", code);
            affairs
                .get(&format!("/v1/sectors?as_of={}", day.replace('+', "%2B").replace(' ', "%20")))
                .send()
                .await
                .has_fault("/as_of", code);
            town.office().post("/v1/meetings").json(json!({"name": "会", "held_on": day})).await.has_fault("/held_on", code);
        }
        town.office().post("/v1/meetings").json(json!({"name": "会", "held_on": "2999-12-31"})).await.is(201);
        affairs.get("/v1/sectors?as_of=1900-01-01").send().await.is(200);
    }
}

#[actix_web::test]
async fn a_foreign_and_an_unknown_id_look_alike() {
    for town in Town::on_each_engine().await {
        let foreign = town.elsewhere.sectors["教育界"];
        let bodies = [
            town.affairs().get(&format!("/v1/sectors/{foreign}")).send().await.is_problem(404, "not_found"),
            town.affairs().get(&format!("/v1/sectors/{}", lianxi::base::id::Id::fresh())).send().await.is_problem(404, "not_found"),
            town.affairs().get("/v1/sectors/3").send().await.is_problem(404, "not_found"),
        ];
        for body in &bodies {
            assert_eq!(body["detail"], bodies[0]["detail"]);
        }
    }
}

#[actix_web::test]
async fn of_twenty_changes_at_once_on_one_etag_one_succeeds() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let path = format!("/v1/sectors/{}", town.county.sectors["农业界"]);
        let sector = affairs.get(&path).send().await.is(200);
        let asks = (0..20).map(|number| (affairs.patch(&path).if_match(&sector), json!({"position": number}))).collect();
        let mut statuses: Vec<_> = at_once(asks).await.into_iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![200], vec![412; 19]].concat());
    }
}

#[actix_web::test]
async fn one_key_does_one_deed_and_gives_its_answer_again() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let body = json!({"name": "科技界", "from": "2024-01-01"});
        let first = affairs.post("/v1/sectors").key("k1").json(body.clone()).await;
        assert_eq!(first.header("idempotency-replayed"), None);
        let first = first.is(201);
        let again = affairs.post("/v1/sectors").key("k1").bytes("{\"from\":\"2024-01-01\",  \"name\":\"科技界\"}").await;
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert!(again.header("location").is_some() && again.header("etag").is_some());
        assert_eq!(again.is(201), first);
        affairs
            .post("/v1/sectors")
            .key("k1")
            .json(json!({"name": "别的", "from": "2024-01-01"}))
            .await
            .is_problem(422, "idempotency_key_reused");
        affairs.post("/v1/sectors").key("k2").json(body.clone()).await.is_problem(409, "conflict");
        affairs.post("/v1/sectors").key("").json(body.clone()).await.is_problem(400, "malformed_header");

        let asks =
            (0..50).map(|_| (affairs.post("/v1/sectors").key("k3"), json!({"name": "体育界", "from": "2024-01-01"}))).collect();
        let mut made = 0;
        for answer in at_once(asks).await {
            match answer.status.as_u16() {
                201 => made += i32::from(answer.header("idempotency-replayed").is_none()),
                409 => drop(answer.is_problem(409, "idempotency_in_progress")),
                status => panic!("{status}"),
            }
        }
        assert_eq!(made, 1);
        let list = affairs.get("/v1/sectors?limit=100").send().await.is(200);
        assert_eq!(list["items"].as_array().expect("items").iter().filter(|sector| sector["name"] == "体育界").count(), 1);
    }
}
