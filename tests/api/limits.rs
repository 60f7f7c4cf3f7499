//! How much one account and one source may ask (draft-ietf-httpapi-ratelimit-headers).

use std::time::Duration;

use actix_web::rt::time::sleep;
use serde_json::json;

use crate::town::{Answer, Ask, Town};

/// `r` and `t` of the header, whose policy must be the one of `quota`.
#[track_caller]
fn standing(answer: &Answer, quota: u64) -> (u64, u64) {
    assert_eq!(answer.header("ratelimit-policy"), Some(format!("\"default\";q={quota};w=60").as_str()));
    let header = answer.header("ratelimit").expect("RateLimit").to_owned();
    let (left, reset) = header.strip_prefix("\"default\";r=").and_then(|rest| rest.split_once(";t=")).expect("r and t");
    (left.parse().expect("a number"), reset.parse().expect("seconds"))
}

/// Asks until it is too much; how often it was not, and the refusal.
async fn until_limited(ask: impl Fn() -> Ask, most: usize) -> (usize, Answer) {
    for before in 0..most {
        let answer = ask().send().await;
        if answer.status.as_u16() == 429 {
            return (before, answer);
        }
    }
    panic!("no limit after {most} requests");
}

#[actix_web::test]
async fn an_account_has_a_limit_of_its_own_and_is_told_where_it_stands() {
    let town = Town::on("sqlite").await;
    let one = town.instance(&[("LIANXI_REQUESTS_PER_MINUTE", "30")]);
    let (member, office) = (town.member("教育界").at(&one.base), town.office().at(&one.base));
    let first = member.get("/v1/me").send().await;
    assert_eq!(standing(&first, 30), (29, 2), "one is back in two seconds");
    let second = member.get("/v1/opinions").send().await;
    let (left, reset) = standing(&second, 30);
    assert!((28..=29).contains(&left) && reset == (30 - left) * 2, "{left} {reset}");
    let (before, refused) = until_limited(|| member.get("/v1/me"), 60).await;
    assert!(before >= 28, "{before}");
    let (left, reset) = standing(&refused, 30);
    assert!(left == 0 && (1..=2).contains(&reset), "{left} {reset}");
    assert_eq!(refused.header("retry-after"), Some(reset.to_string().as_str()));
    refused.is_problem(429, "rate_limited");
    office.get("/v1/me").send().await.is(200);
    sleep(Duration::from_secs(reset)).await;
    member.get("/v1/me").send().await.is(200);
}

#[actix_web::test]
async fn who_shows_no_token_that_holds_counts_for_its_source() {
    let town = Town::on("sqlite").await;
    let one = town.instance(&[("LIANXI_REQUESTS_PER_MINUTE", "20")]);
    let nobody = town.nobody().at(&one.base);
    for path in ["/v1/me", "/openapi.json", "/v1/nothing", "/problems/not_found", "/.well-known/jwks.json"] {
        let (left, _) = standing(&nobody.get(path).send().await, 20);
        assert!(left < 20, "{path}");
    }
    // Forged tokens and wandering addresses of others change nothing.
    let guess = || nobody.get("/v1/me").header("Authorization", "Bearer e30.e30.e30").header("X-Forwarded-For", "203.0.113.7");
    let (_, refused) = until_limited(guess, 40).await;
    refused.is_problem(429, "rate_limited");
    nobody.get("/openapi.json").send().await.is_problem(429, "rate_limited");
    // An account is not its source, and those who watch over the service are let through.
    town.office().at(&one.base).get("/v1/me").send().await.is(200);
    for _ in 0..30 {
        nobody.get("/health/live").send().await.is(200);
    }
    nobody.get("/health/ready").send().await.is(200);
    assert_eq!(nobody.get("/metrics").send().await.status.as_u16(), 200);
}

#[actix_web::test]
async fn a_source_is_what_a_proxy_of_ours_says_it_is() {
    let town = Town::on("sqlite").await;
    let one = town.instance(&[("LIANXI_REQUESTS_PER_MINUTE", "1000"), ("LIANXI_TRUSTED_PROXIES", "127.0.0.1,198.51.100.1")]);
    let nobody = town.nobody().at(&one.base);
    let left = async |forwarded: &str| standing(&nobody.get("/v1/me").header("X-Forwarded-For", forwarded).send().await, 1000).0;
    assert_eq!(left("203.0.113.1").await, 999);
    assert_eq!(left("203.0.113.2").await, 999, "another source");
    assert_eq!(left("203.0.113.9, 203.0.113.1, 198.51.100.1").await, 998, "what the source itself wrote is not believed");
    assert_eq!(left("2001:db8:1:2:3:4:5:6").await, 999);
    assert_eq!(left("2001:db8:1:2:ffff::1").await, 998, "one subscriber has a whole /64");
    assert_eq!(left("198.51.100.1").await, 999, "the proxy itself");
    assert_eq!(left("203.0.113.3, unknown").await, 998, "the last that is known is the proxy");
    // One address, however it is written.
    assert_eq!(left("7.7.7.7").await, 999);
    assert_eq!(left("::ffff:7.7.7.7").await, 998);
    assert_eq!(left("7.7.7.7:4711").await, 997);
    assert_eq!(left("[::ffff:7.7.7.7]:4711, ::ffff:198.51.100.1").await, 996);
    assert_eq!(left("[2001:db8:1:2::9]").await, 997, "beside the two from its /64 above");
}

#[actix_web::test]
async fn passwords_may_be_tried_so_often_by_a_source() {
    let town = Town::on("sqlite").await;
    let one = town.instance(&[("LIANXI_LOGINS_PER_MINUTE", "3")]);
    let nobody = town.nobody().at(&one.base);
    let login = async || nobody.post("/v1/auth/login").json(json!({"account": "nobody", "password": "a password of nobody"})).await;
    for _ in 0..3 {
        login().await.is_problem(401, "invalid_credentials");
    }
    let refused = login().await;
    assert!(refused.header("retry-after").is_some_and(|seconds| seconds.parse::<u64>().is_ok_and(|wait| (1..=20).contains(&wait))));
    assert_eq!(refused.header("ratelimit-policy"), Some("\"login\";q=3;w=60"));
    assert!(
        refused.header("ratelimit").is_some_and(|left| left.starts_with("\"login\";r=0;t=")),
        "{:?}",
        refused.header("ratelimit")
    );
    refused.is_problem(429, "rate_limited");
    let other = nobody.get("/.well-known/jwks.json").send().await;
    assert!(other.header("ratelimit").is_some_and(|left| left.starts_with("\"default\";")));
}

/// Instances know nothing of each other's counts: what a client gets of two is at most twice what it gets of one.
#[actix_web::test]
async fn two_instances_allow_at_most_twice_as_much() {
    let town = Town::on("sqlite").await;
    let few = [("LIANXI_REQUESTS_PER_MINUTE", "10")];
    let (one, two) = (town.instance(&few), town.instance(&few));
    let member = town.member("教育界");
    let started = std::time::Instant::now();
    let mut allowed = 0;
    for number in 0..60 {
        let base = if number % 2 == 0 { &one.base } else { &two.base };
        allowed += u64::from(member.at(base).get("/v1/me").send().await.status.as_u16() == 200);
    }
    let back = 2 * (started.elapsed().as_secs() / 6 + 1);
    assert!((20..=20 + back).contains(&allowed), "{allowed}");
}

#[actix_web::test]
async fn what_is_nested_without_end_is_refused_at_once() {
    let town = Town::on("sqlite").await;
    let affairs = town.affairs();
    for body in ["[".repeat(10_000), "{\"a\":".repeat(10_000), format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))] {
        let mut took = Vec::new();
        for _ in 0..5 {
            let asked = std::time::Instant::now();
            affairs.post("/v1/sectors").bytes(body.clone()).await.is_problem(400, "malformed_json");
            took.push(asked.elapsed());
        }
        took.sort_unstable();
        assert!(took[2] < Duration::from_millis(50), "{took:?}");
    }
}
