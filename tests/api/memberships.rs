//! 所属 over HTTP.

use serde_json::{Value, json};

use crate::directory::{id, ids, keeps_the_rules_of_the_directory, last_entry, made, path};
use crate::town::{County, Town, at_once};

const LIST: &str = "/v1/memberships";

fn of(county: &County, person: &str, organization: &str, duty: &str) -> Value {
    json!({"person_id": county.persons[person], "organization_id": county.organizations[organization], "duty": duty,
        "from": "2026-01-01"})
}

#[actix_web::test]
async fn member_affairs_keeps_the_memberships_and_everybody_reads_them() {
    for town in Town::on_each_engine().await {
        let path = format!("{LIST}?limit=1");
        let foreign = town.of(&town.elsewhere, "委员工委").get(&path).send().await.is(200)["items"][0]["id"].clone();
        let foreign = foreign.as_str().and_then(|id| id.parse().ok()).expect("an id");
        let new = of(&town.county, "教育界1", "经济委", "member");
        let patch = json!({"to": "2026-06-30", "end_resolution": "十届政协常委会第12次会议"});
        keeps_the_rules_of_the_directory(&town, LIST, new, patch, foreign).await;
    }
}

#[actix_web::test]
async fn a_person_belongs_to_an_organization_once_at_a_time() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let first = made(&affairs, LIST, of(&town.county, "教育界1", "教科卫体委", "member")).await;
        assert_eq!((&first["person"]["name"], &first["organization"]["name"]), (&json!("教育界1"), &json!("教科卫体委")));
        affairs.post(LIST).json(of(&town.county, "教育界1", "教科卫体委", "deputy_chair")).await.is_problem(409, "conflict");
        made(&affairs, LIST, of(&town.county, "教育界1", "经济委", "member")).await;

        let end = json!({"to": "2026-06-30"});
        affairs.patch(&path(LIST, &first)).if_match(&first).json(end).await.is(200);
        let mut promoted = of(&town.county, "教育界1", "教科卫体委", "deputy_chair");
        promoted["from"] = json!("2026-07-01");
        promoted["resolution"] = json!("十届政协常委会第12次会议");
        let promoted = made(&affairs, LIST, promoted).await;
        let of_person = format!("{LIST}?person={}", town.county.persons["教育界1"]);
        assert_eq!(ids(&affairs, &of_person).await.len(), 3);
        let there = format!("{of_person}&organization={}", town.county.organizations["教科卫体委"]);
        assert_eq!(ids(&affairs, &format!("{there}&as_of=2026-06-30")).await, [id(&first)]);
        assert_eq!(ids(&affairs, &format!("{there}&as_of=2026-07-01")).await, [id(&promoted)]);
        assert_eq!(ids(&affairs, &format!("{there}&duty=deputy_chair&duty=chair")).await, [id(&promoted)]);
    }
}

#[actix_web::test]
async fn an_organization_has_one_chair_at_a_time() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let chair = of(&town.county, "经济界2", "经济委", "chair");
        affairs.post(LIST).json(chair.clone()).await.is_problem(409, "conflict");
        let deputy = made(&affairs, LIST, of(&town.county, "经济界2", "经济委", "deputy_chair")).await;
        let at = path(LIST, &deputy);
        affairs.patch(&at).if_match(&deputy).json(json!({"duty": "convener"})).await.has_fault("/reason", "required");
        let wrong = json!({"duty": "chair", "reason": "录入错误"});
        affairs.patch(&at).if_match(&deputy).json(wrong).await.is_problem(409, "conflict");
        let right = json!({"duty": "convener", "reason": "录入错误"});
        assert_eq!(affairs.patch(&at).if_match(&deputy).json(right).await.is(200)["duty"], "convener");
        let (_, _, details) = last_entry(&town);
        let changed = json!({"duty": {"before": "deputy_chair", "after": "convener"}});
        assert_eq!(details, json!({"changed": changed, "reason": "录入错误"}));

        let organization = town.county.organizations["经济委"];
        let held = format!("{LIST}?organization={organization}&duty=chair");
        let held = affairs.get(&held).send().await.is(200)["items"][0].clone();
        affairs.patch(&path(LIST, &held)).if_match(&held).json(json!({"to": "2026-03-31"})).await.is(200);
        let mut next = of(&town.county, "教育界2", "经济委", "chair");
        affairs.post(LIST).json(next.clone()).await.is_problem(409, "conflict");
        next["from"] = json!("2026-04-01");
        made(&affairs, LIST, next).await;
    }
}

#[actix_web::test]
async fn nobody_belongs_to_what_is_not_there() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let body = json!({"person_id": town.elsewhere.persons["教育界1"], "organization_id":
            town.elsewhere.organizations["经济委"], "duty": "boss", "from": "2024-01-01"});
        affairs.post(LIST).json(body.clone()).await.has_fault("/duty", "enum");
        let mut foreign = body;
        foreign["duty"] = json!("member");
        let problem = affairs.post(LIST).json(foreign).await.is_problem(422, "invalid_input");
        let faults: Vec<_> = problem["errors"].as_array().expect("faults").iter().map(|fault| &fault["pointer"]).collect();
        assert_eq!(faults, ["/person_id", "/organization_id"]);
        let mut early = of(&town.county, "教育界1", "经济委", "member");
        early["from"] = json!("2021-12-31");
        affairs.post(LIST).json(early).await.has_fault("/from", "outside");
        let mut turned = of(&town.county, "教育界1", "经济委", "member");
        turned["to"] = json!("2025-12-31");
        affairs.post(LIST).json(turned).await.has_fault("/to", "order");
    }
}

#[actix_web::test]
async fn a_role_that_speaks_for_a_body_ends_with_the_membership() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let organization = town.county.organizations["办公室"];
        let held = format!("{LIST}?organization={organization}");
        let held = affairs.get(&held).send().await.is(200)["items"][0].clone();
        town.office().get(LIST).send().await.is(200);
        affairs.patch(&path(LIST, &held)).if_match(&held).json(json!({"to": "2026-03-01"})).await.is(200);
        town.office().get(LIST).send().await.is_problem(403, "forbidden");
    }
}

#[actix_web::test]
async fn of_two_chairs_at_once_one_is_made() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        for round in 0..10 {
            let body = json!({"kind": "party", "name": format!("党派{round}"), "from": "2024-01-01"});
            let party = made(&affairs, "/v1/organizations", body).await;
            let asks = ["教育界1", "教育界2"].map(|person| {
                let body = json!({"person_id": town.county.persons[person], "organization_id": party["id"], "duty": "chair",
                    "from": "2024-01-01"});
                (affairs.post(LIST), body)
            });
            let mut statuses: Vec<_> = at_once(asks.into()).await.into_iter().map(|answer| answer.status.as_u16()).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 409]);
        }
    }
}
