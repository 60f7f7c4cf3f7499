//! 对口联系 over HTTP.

use serde_json::{Value, json};

use crate::directory::{id, ids, keeps_the_rules_of_the_directory, last_entry, made, path};
use crate::town::{County, Town, at_once};

const LIST: &str = "/v1/sector-correspondences";

fn of(county: &County, sector: &str, committee: &str, from: &str) -> Value {
    json!({"sector_id": county.sectors[sector], "organization_id": county.organizations[committee], "from": from,
        "resolution": "十届政协第5次主席会议"})
}

async fn education(town: &Town) -> Value {
    let path = format!("{LIST}?sector={}", town.county.sectors["教育界"]);
    town.affairs().get(&path).send().await.is(200)["items"][0].clone()
}

#[actix_web::test]
async fn member_affairs_keeps_the_correspondences_and_everybody_reads_them() {
    for town in Town::on_each_engine().await {
        let path = format!("{LIST}?limit=1");
        let foreign = town.of(&town.elsewhere, "委员工委").get(&path).send().await.is(200)["items"][0]["id"].clone();
        let foreign = foreign.as_str().and_then(|id| id.parse().ok()).expect("an id");
        let new = of(&town.county, "农业界", "经济委", "2024-01-01");
        keeps_the_rules_of_the_directory(&town, LIST, new, json!({"to": "2026-06-30"}), foreign).await;
    }
}

#[actix_web::test]
async fn a_sector_corresponds_to_one_special_committee_at_a_time() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let again = of(&town.county, "教育界", "经济委", "2026-04-01");
        affairs.post(LIST).json(again.clone()).await.is_problem(409, "conflict");

        let held = education(&town).await;
        assert_eq!(held["organization"]["name"], "教科卫体委");
        let end = json!({"to": "2026-03-31", "end_resolution": "十届政协第12次主席会议"});
        let ended = affairs.patch(&path(LIST, &held)).if_match(&held).json(end).await.is(200);
        assert_eq!(ended["end_resolution"], "十届政协第12次主席会议");
        let next = made(&affairs, LIST, again).await;
        assert_eq!((&next["sector"]["name"], &next["organization"]["name"]), (&json!("教育界"), &json!("经济委")));
        let of_sector = format!("{LIST}?sector={}", town.county.sectors["教育界"]);
        assert_eq!(ids(&affairs, &of_sector).await, [id(&held), id(&next)]);
        assert_eq!(ids(&affairs, &format!("{of_sector}&as_of=2026-03-31")).await, [id(&held)]);
        assert_eq!(ids(&affairs, &format!("{of_sector}&as_of=2026-04-01")).await, [id(&next)]);
        let of_committee = format!("{LIST}?organization={}&sort=-id", town.county.organizations["经济委"]);
        assert_eq!(ids(&affairs, &of_committee).await[0], id(&next));
        affairs.patch(&path(LIST, &held)).if_match(&ended).json(json!({"to": null})).await.is_problem(409, "conflict");
    }
}

#[actix_web::test]
async fn both_ends_of_a_correspondence_are_what_they_should_be_and_in_force() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let county = &town.county;
        let office = of(county, "农业界", "办公室", "2024-01-01");
        affairs.post(LIST).json(office).await.has_fault("/organization_id", "wrong_kind");
        let early = of(county, "农业界", "经济委", "2021-12-31");
        affairs.post(LIST).json(early).await.has_fault("/from", "outside");
        let foreign = json!({"sector_id": town.elsewhere.sectors["农业界"], "organization_id":
            town.elsewhere.organizations["办公室"], "from": "2024-01-01", "to": "2023-01-01"});
        let problem = affairs.post(LIST).json(foreign).await.is_problem(422, "invalid_input");
        let faults: Vec<_> = problem["errors"].as_array().expect("faults").iter().map(|fault| &fault["pointer"]).collect();
        assert_eq!(faults, ["/to", "/sector_id", "/organization_id"]);

        let short = json!({"kind": "special_committee", "name": "文史委", "from": "2024-01-01", "to": "2025-12-31"});
        let short = made(&affairs, "/v1/organizations", short).await;
        let mut body = json!({"sector_id": county.sectors["农业界"], "organization_id": short["id"], "from": "2024-01-01"});
        affairs.post(LIST).json(body.clone()).await.has_fault("/to", "outside");
        body["to"] = json!("2025-12-31");
        let made = made(&affairs, LIST, body).await;
        affairs
            .patch(&path(LIST, &made))
            .if_match(&made)
            .json(json!({"to": null, "reason": "录入错误"}))
            .await
            .has_fault("/to", "outside");
    }
}

#[actix_web::test]
async fn a_correction_says_why_and_an_end_has_its_resolution() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let held = education(&town).await;
        let at = path(LIST, &held);
        for patch in [json!({"from": "2022-02-01"}), json!({"resolution": "十届政协第6次主席会议"})] {
            affairs.patch(&at).if_match(&held).json(patch).await.has_fault("/reason", "required");
        }
        let early = json!({"end_resolution": "十届政协第12次主席会议"});
        affairs.patch(&at).if_match(&held).json(early).await.has_fault("/end_resolution", "not_ended");
        let sector = json!({"sector_id": town.county.sectors["农业界"]});
        affairs.patch(&at).if_match(&held).json(sector).await.has_fault("/sector_id", "unknown_field");
        let right = json!({"from": "2022-02-01", "reason": "录入错误"});
        let right = affairs.patch(&at).if_match(&held).json(right).await.is(200);
        let (op, _, details) = last_entry(&town);
        assert_eq!(op, "correspondence_update");
        let changed = json!({"from": {"before": "2022-01-01", "after": "2022-02-01"}});
        assert_eq!(details, json!({"changed": changed, "reason": "录入错误"}));

        let past = json!({"to": "2026-01-31", "end_resolution": "十届政协第12次主席会议"});
        let past = affairs.patch(&at).if_match(&right).json(past).await.is(200);
        affairs.patch(&at).if_match(&past).json(json!({"to": null})).await.has_fault("/reason", "required");
        let open = json!({"to": null, "reason": "录入错误"});
        let open = affairs.patch(&at).if_match(&past).json(open).await.is(200);
        assert_eq!((&open["to"], &open["end_resolution"]), (&json!(null), &json!(null)));
    }
}

#[actix_web::test]
async fn of_two_committees_given_a_sector_at_once_one_gets_it() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        for round in 0..10 {
            let sector = json!({"name": format!("界别{round}"), "from": "2024-01-01"});
            let sector = made(&affairs, "/v1/sectors", sector).await;
            let asks = ["经济委", "教科卫体委"].map(|committee| {
                let body = json!({"sector_id": sector["id"], "organization_id": town.county.organizations[committee], "from":
                    "2024-01-01"});
                (affairs.post(LIST), body)
            });
            let mut statuses: Vec<_> = at_once(asks.into()).await.into_iter().map(|answer| answer.status.as_u16()).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 409]);
        }
    }
}
