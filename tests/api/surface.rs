//! What every answer carries, and how the framework's own refusals look.

use actix_web::http::Method;
use serde_json::json;

use crate::town::Town;

#[actix_web::test]
async fn every_answer_names_its_request_and_carries_the_security_headers() {
    for town in Town::on_each_engine().await {
        for (actor, path) in [
            (town.office(), "/v1/sectors"),
            (town.nobody(), "/v1/sectors"),
            (town.nobody(), "/nowhere"),
            (town.nobody(), "/health/live"),
        ] {
            let answer = actor.get(path).header("X-Request-Id", "abc-1").send().await;
            assert_eq!(answer.header("x-request-id"), Some("abc-1"), "{path}");
            for name in [
                "x-content-type-options",
                "referrer-policy",
                "x-frame-options",
                "content-security-policy",
                "strict-transport-security",
            ] {
                assert!(answer.header(name).is_some(), "{path} without {name}");
            }
        }
        let forged = town.office().get("/v1/sectors").header("X-Request-Id", "a b\"c").send().await;
        assert_ne!(forged.header("x-request-id"), Some("a b\"c"));
        let traced = town
            .office()
            .get("/v1/sectors")
            .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
            .send()
            .await;
        assert_eq!(traced.header("x-request-id"), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
        assert!(traced.header("ratelimit").is_some() && traced.header("ratelimit-policy").is_some());
    }
}

#[actix_web::test]
async fn the_frameworks_refusals_are_problems_too() {
    for town in Town::on_each_engine().await {
        let office = town.office();
        office.get("/v1/nothing").send().await.is_problem(404, "not_found");
        office.get("/nothing").send().await.is_problem(404, "not_found");
        let refused = office.delete("/v1/sectors").send().await;
        assert_eq!(refused.header("allow"), Some("GET, HEAD, OPTIONS, POST"));
        refused.is_problem(405, "method_not_allowed");
        office.post("/health/live").json(json!({})).await.is_problem(405, "method_not_allowed");
        office.get(&format!("/v1/sectors?q={}", "x".repeat(9000))).send().await.is_problem(400, "malformed_request");
        office
            .post("/v1/sectors")
            .header("X-HTTP-Method-Override", "DELETE")
            .json(json!({}))
            .await
            .is_problem(400, "malformed_header");
        office.get("/v1/sectors").header("Lianxi-Acting-As", "emperor").send().await.is_problem(400, "malformed_header");
        office.get("/v1/sectors").header("Lianxi-Acting-As", "member").send().await.is_problem(403, "forbidden");
        let large = town.affairs().post("/v1/sectors").json(json!({"name": "x".repeat(300_000)})).await;
        large.is_problem(413, "body_too_large");
    }
}

#[actix_web::test]
async fn problems_speak_chinese_or_english_and_their_codes_stay() {
    for town in Town::on_each_engine().await {
        let chinese = town.office().get("/v1/nothing").send().await;
        assert_eq!(chinese.header("content-language"), Some("zh-CN"));
        let english = town.office().get("/v1/nothing").header("Accept-Language", "en-GB").send().await;
        assert_eq!(english.header("content-language"), Some("en"));
        assert!(english.header("vary").is_some_and(|vary| vary.to_lowercase().contains("accept-language")));
        let (chinese, english) = (chinese.is_problem(404, "not_found"), english.is_problem(404, "not_found"));
        assert_eq!((&chinese["title"], &english["title"]), (&json!("没有找到"), &json!("Not found")));
        assert_eq!(chinese["type"], english["type"]);
        let page = town.nobody().get(chinese["type"].as_str().expect("a type")).send().await;
        assert_eq!(page.status.as_u16(), 200);
        assert!(page.text().contains("没有找到"));
    }
}

#[actix_web::test]
async fn the_service_tells_its_health_its_figures_and_its_contract() {
    for town in Town::on_each_engine().await {
        let nobody = town.nobody();
        assert_eq!(nobody.get("/health/live").send().await.is(200)["status"], "live");
        assert_eq!(nobody.get("/health/ready").send().await.is(200)["status"], "ready");
        assert_eq!(nobody.get("/openapi.json").send().await.is(200)["openapi"], "3.1.0");
        let docs = nobody.get("/docs").send().await;
        assert!(docs.text().contains("/docs/scalar.js") && !docs.text().contains("https://"));
        assert!(docs.header("content-security-policy").is_some_and(|policy| policy.contains("connect-src 'self'")));
        let metrics = nobody.get("/metrics").send().await.text();
        assert!(metrics.contains("lianxi_requests_total{operation=\"none\",status=\"200\"}"), "{metrics}");
    }
}

#[actix_web::test]
async fn a_directory_read_again_is_not_sent_again() {
    for town in Town::on_each_engine().await {
        let path = format!("/v1/sectors/{}", town.county.sectors["教育界"]);
        let etag = town.office().get(&path).send().await.header("etag").expect("an etag").to_owned();
        let again = town.office().get(&path).header("If-None-Match", &etag).send().await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
        assert_eq!(town.office().get(&path).header("If-None-Match", "\"99\"").send().await.status.as_u16(), 200);
    }
}

#[actix_web::test]
async fn what_changes_with_its_row_alone_is_not_sent_twice_and_nothing_else_is_held_back() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let first = async |path: &str| {
            let page = affairs.get(&format!("/v1/{path}?limit=1")).send().await.is(200);
            format!("/v1/{path}/{}", page["items"][0]["id"].as_str().expect("an id"))
        };
        let mut paths = vec!["/v1/dictionaries/contact_forms".to_owned(), "/v1/calendars/2026".to_owned()];
        for list in ["terms", "sectors", "sector-correspondences", "organizations", "memberships", "posts", "persons"] {
            paths.push(first(list).await);
        }
        for path in paths {
            let whole = affairs.get(&path).send().await;
            assert_eq!(whole.header("cache-control"), Some("private, no-cache"), "{path}");
            let etag = whole.header("etag").expect("an etag").to_owned();
            let version = etag.trim_matches('"');
            for seen in [etag.clone(), format!("W/{etag}"), format!("\"{version}-gzip\""), format!("\"99\", {etag}"), "*".into()] {
                let again = affairs.get(&path).header("If-None-Match", &seen).send().await;
                assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{path} {seen}");
                assert_eq!((again.header("etag"), again.header("cache-control")), (Some(etag.as_str()), Some("private, no-cache")));
            }
        }
        let path = first("sectors").await;
        let before = affairs.get(&path).send().await.is(200);
        let patch = affairs.patch(&path).if_match(&before);
        let after = patch.json(json!({"name": "经济与金融界", "reason": "名称有误"})).await.is(200);
        let seen = affairs.get(&path).header("If-None-Match", before["etag"].as_str().expect("an etag")).send().await;
        assert_eq!(seen.is(200)["name"], after["name"]);

        // A jurisdiction's code is another one tomorrow; of a list and of a thing with actions nothing is held back.
        let member = town.member("教育界");
        let opinion = crate::walk::draft(&member, "校门口缺一条斑马线", json!({})).await;
        let opinion = crate::walk::path(&opinion);
        for path in ["/v1/jurisdictions/330327", "/v1/sectors", opinion.as_str()] {
            let answer = member.get(path).header("If-None-Match", "*").send().await;
            assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, Some("private, no-cache")), "{path}");
        }
    }
}

#[actix_web::test]
async fn pages_are_read_and_nothing_else() {
    for town in Town::on_each_engine().await {
        let document = town.nobody().get("/openapi.json").send().await.is(200);
        for path in ["/health/live", "/health/ready", "/metrics"] {
            let operation = &document["paths"][path]["get"];
            assert_eq!(operation["security"], json!([]), "{path} asks for no token");
            let read = town.nobody().get(path).send().await;
            assert_eq!((read.status.as_u16(), read.header("cache-control")), (200, Some("no-store")), "{path}");
            let kind = read.header("content-type").and_then(|kind| kind.split(';').next()).expect("a type").to_owned();
            assert!(operation["responses"]["200"]["content"][kind.as_str()].is_object(), "{path} answers {kind}");
            let refused = town.nobody().delete(path).send().await;
            assert_eq!(refused.header("allow"), Some("GET, HEAD, OPTIONS"), "{path}");
            refused.is_problem(405, "method_not_allowed");
        }
    }
}

#[actix_web::test]
async fn browsers_of_known_origins_may_call_and_read_errors_too() {
    for town in Town::on_each_engine().await {
        let preflight = |origin: &str| {
            let ask = town.nobody().ask(Method::OPTIONS, "/v1/sectors").header("Origin", origin);
            ask.header("Access-Control-Request-Method", "POST").header("Access-Control-Request-Headers", "idempotency-key").send()
        };
        let known = preflight("https://front.example.cn").await;
        assert_eq!((known.status.as_u16(), known.header("access-control-allow-origin")), (204, Some("https://front.example.cn")));
        assert_eq!(known.header("access-control-max-age"), Some("7200"));
        let allowed = known.header("access-control-allow-headers").expect("headers").to_lowercase();
        for name in ["lianxi-acting-as", "idempotency-key", "if-match", "authorization"] {
            assert!(allowed.contains(name), "{name}");
        }
        assert_eq!(preflight("https://other.example.cn").await.header("access-control-allow-origin"), None);
        let refused = town.nobody().get("/v1/sectors").header("Origin", "https://front.example.cn").send().await;
        assert_eq!(refused.header("access-control-allow-origin"), Some("https://front.example.cn"));
        assert!(refused.header("access-control-expose-headers").is_some_and(|names| names.contains("ETag")));
        refused.is_problem(401, "unauthenticated");
    }
}

#[actix_web::test]
async fn only_a_demo_is_called_from_any_page_of_the_machine_and_has_a_front() {
    let town = Town::on("sqlite").await;
    let answer = town.nobody().get("/v1/me").header("Origin", "http://localhost:5173").send().await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
    town.nobody().get("/").send().await.is_problem(404, "not_found");
}

#[actix_web::test]
async fn an_address_is_the_same_however_it_is_encoded() {
    let town = Town::on("sqlite").await;
    let office = town.office();
    let me = office.get("/v1/me").send().await.is(200);
    for path in ["/%761/me", "/%76%31/me", "/v1/%6D%65"] {
        assert_eq!(office.get(path).send().await.is(200), me, "{path}");
        town.nobody().get(path).send().await.is_problem(401, "unauthenticated");
    }
    let keys = town.nobody().get("/.well-known/jwks.jso%6e").send().await.is(200);
    assert!(keys["keys"].is_array());
    assert_eq!(town.nobody().get("/health/liv%65").send().await.is(200)["status"], "live");
    // A slash that is encoded is part of a name, and such a name there is not.
    for path in ["/v1%2Fme", "/v1/me%2f", "/v1/%2e%2e/me", "/v1/%ff", "/%76%31/nothing"] {
        office.get(path).send().await.is_problem(404, "not_found");
    }
}

#[actix_web::test]
async fn head_is_get_without_a_body() {
    let town = Town::on("sqlite").await;
    let (office, path) = (town.office(), format!("/v1/sectors/{}", town.county.sectors["教育界"]));
    for path in [path.as_str(), "/v1/sectors?limit=1", "/health/live", "/health/ready", "/metrics", "/docs", "/openapi.json"] {
        let (get, head) = (office.get(path).send().await, office.ask(Method::HEAD, path).send().await);
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        for name in ["content-type", "etag", "content-length"] {
            assert_eq!(
                head.header(name),
                if path == "/metrics" && name == "content-length" { head.header(name) } else { get.header(name) },
                "{path} {name}"
            );
        }
    }
    assert_eq!(town.nobody().ask(Method::HEAD, &path).send().await.status.as_u16(), 401);
    assert_eq!(office.ask(Method::HEAD, "/v1/nothing").send().await.status.as_u16(), 404);
    let refused = office.ask(Method::HEAD, "/v1/auth/login").send().await;
    assert_eq!((refused.status.as_u16(), refused.header("allow")), (405, Some("OPTIONS, POST")));
}

#[actix_web::test]
async fn options_tells_what_may_be_done() {
    let town = Town::on("sqlite").await;
    for (path, may) in
        [("/v1/sectors", "GET, HEAD, OPTIONS, POST"), ("/health/live", "GET, HEAD, OPTIONS"), ("/v1/auth/login", "OPTIONS, POST")]
    {
        let answer = town.nobody().ask(Method::OPTIONS, path).send().await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (204, Some(may)), "{path}");
    }
    town.nobody().ask(Method::OPTIONS, "/v1/nothing").send().await.is_problem(404, "not_found");
}

#[actix_web::test]
async fn whoever_takes_no_encoding_of_ours_is_answered_in_plain_bytes() {
    let town = Town::on("sqlite").await;
    for wanted in ["identity;q=0", "*;q=0", "br, *;q=0", "gzip;q=0, identity;q=0", "nonsense;;q"] {
        let answer = town.office().get("/v1/me").header("Accept-Encoding", wanted).send().await;
        assert_eq!((answer.header("content-encoding"), answer.header("x-request-id").is_some()), (None, true), "{wanted}");
        answer.is(200);
        town.nobody().get("/v1/me").header("Accept-Encoding", wanted).send().await.is_problem(401, "unauthenticated");
    }
    let packed = town.office().get("/openapi.json").header("Accept-Encoding", "gzip").send().await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
}
