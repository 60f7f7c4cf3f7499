//! 届 over HTTP.

use serde_json::json;

use crate::directory::{ids, keeps_the_rules_of_the_directory, last_entry, made, path};
use crate::town::Town;

#[actix_web::test]
async fn member_affairs_keeps_the_terms_and_everybody_reads_them() {
    for town in Town::on_each_engine().await {
        let new = json!({"name": "十一届", "starts_on": "2027-01-01", "ends_on": "2031-12-31"});
        let patch = json!({"ends_on": "2032-03-31"});
        keeps_the_rules_of_the_directory(&town, "/v1/terms", new, patch, town.elsewhere.term).await;
    }
}

#[actix_web::test]
async fn terms_follow_one_another_and_never_overlap() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let term = |starts_on: &str, ends_on: &str| json!({"name": "届", "starts_on": starts_on, "ends_on": ends_on});
        for (starts_on, ends_on) in [("2026-12-31", "2027-12-31"), ("2021-01-01", "2022-01-01"), ("2023-01-01", "2023-12-31")] {
            affairs.post("/v1/terms").json(term(starts_on, ends_on)).await.is_problem(409, "conflict");
        }
        affairs.post("/v1/terms").json(term("2028-01-01", "2027-01-01")).await.has_fault("/ends_on", "order");
        let next = made(&affairs, "/v1/terms", term("2027-01-01", "2031-12-31")).await;
        let last = made(&affairs, "/v1/terms", term("2017-01-01", "2021-12-31")).await;
        let now = town.county.term.to_string();
        let id = |term: &serde_json::Value| term["id"].as_str().expect("an id").to_owned();
        assert_eq!(ids(&affairs, "/v1/terms").await, [id(&next), now.clone(), id(&last)]);
        assert_eq!(ids(&affairs, "/v1/terms?sort=starts_on").await, [id(&last), now.clone(), id(&next)]);
        assert_eq!(ids(&affairs, "/v1/terms?as_of=2026-12-31").await, [now]);
        assert_eq!(ids(&affairs, "/v1/terms?as_of=2027-01-01").await, [id(&next)]);
    }
}

#[actix_web::test]
async fn a_term_is_extended_until_the_next_one_and_never_cut_short_of_its_posts() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let at = format!("/v1/terms/{}", town.county.term);
        let term = affairs.get(&at).send().await.is(200);
        made(&affairs, "/v1/terms", json!({"name": "十一届", "starts_on": "2027-04-01", "ends_on": "2031-12-31"})).await;
        affairs.patch(&at).if_match(&term).json(json!({"ends_on": "2027-04-01"})).await.is_problem(409, "conflict");
        let longer = affairs.patch(&at).if_match(&term).json(json!({"ends_on": "2027-03-31"})).await.is(200);
        assert_eq!(longer["ends_on"], "2027-03-31");

        let person = town.county.persons["信息员"];
        let body = json!({"person_id": person, "kind": "member", "term_id": town.county.term, "sector_id":
            town.county.sectors["农业界"], "from": "2026-01-01", "to": "2027-03-31"});
        made(&affairs, "/v1/posts", body).await;
        affairs.patch(&at).if_match(&longer).json(json!({"ends_on": "2026-12-31"})).await.is_problem(409, "conflict");
        let later = json!({"starts_on": "2022-01-02", "reason": "录入错误"});
        affairs.patch(&at).if_match(&longer).json(later).await.is_problem(409, "conflict");
    }
}

#[actix_web::test]
async fn a_correction_of_a_term_says_why() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let body = json!({"name": "九界", "starts_on": "2017-01-01", "ends_on": "2021-12-31"});
        let term = made(&affairs, "/v1/terms", body).await;
        let at = path("/v1/terms", &term);
        for patch in [json!({"name": "九届"}), json!({"starts_on": "2017-02-01"}), json!({"ends_on": "2021-12-30"})] {
            affairs.patch(&at).if_match(&term).json(patch).await.has_fault("/reason", "required");
        }
        let right = json!({"name": "九届", "reason": "录入错误"});
        assert_eq!(affairs.patch(&at).if_match(&term).json(right).await.is(200)["name"], "九届");
        let (op, _, details) = last_entry(&town);
        assert_eq!(op, "term_update");
        assert_eq!(details, json!({"changed": {"name": {"before": "九界", "after": "九届"}}, "reason": "录入错误"}));
    }
}
