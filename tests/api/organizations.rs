//! 机构 over HTTP.

use serde_json::{Value, json};

use crate::directory::{id, ids, keeps_the_rules_of_the_directory, last_entry, made, path};
use crate::town::Town;

const LIST: &str = "/v1/organizations";

fn of(kind: &str, name: &str) -> Value {
    json!({"kind": kind, "name": name, "from": "2024-01-01"})
}

#[actix_web::test]
async fn member_affairs_keeps_the_organizations_and_everybody_reads_them() {
    for town in Town::on_each_engine().await {
        let new = json!({"kind": "special_committee", "name": "提案和委员联络委员会", "short_name": "提案委", "position": 3,
            "from": "2024-01-01"});
        let foreign = town.elsewhere.organizations["经济委"];
        keeps_the_rules_of_the_directory(&town, LIST, new, json!({"short_name": null, "position": 4}), foreign).await;
    }
}

#[actix_web::test]
async fn there_is_one_office_one_member_affairs_committee_and_one_chairpersons_meeting_at_a_time() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        for kind in ["general_office", "member_affairs_committee", "chairpersons_meeting"] {
            affairs.post(LIST).json(of(kind, "又一个")).await.is_problem(409, "conflict");
            let earlier = json!({"kind": kind, "name": "从前的", "from": "2017-01-01", "to": "2022-01-01"});
            affairs.post(LIST).json(earlier).await.is_problem(409, "conflict");
            let earlier = json!({"kind": kind, "name": format!("从前的{kind}"), "from": "2017-01-01", "to": "2021-12-31"});
            let earlier = made(&affairs, LIST, earlier).await;
            let open = json!({"to": null, "reason": "录入错误"});
            let at = path(LIST, &earlier);
            affairs.patch(&at).if_match(&earlier).json(open).await.is_problem(409, "conflict");
        }
        made(&affairs, LIST, of("special_committee", "文史委")).await;
        made(&affairs, LIST, of("department", "县教育局")).await;
    }
}

#[actix_web::test]
async fn a_sector_group_has_sectors_a_liaison_group_a_place_and_others_neither() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let sectors = &town.county.sectors;
        let with = |kind: &str, field: &str, value: Value| {
            let mut body = of(kind, "一个新的");
            body[field] = value;
            body
        };
        affairs.post(LIST).json(of("sector_group", "一个新的")).await.has_fault("/sector_ids", "required");
        affairs.post(LIST).json(of("liaison_group", "一个新的")).await.has_fault("/place", "required");
        let sector = json!([sectors["农业界"]]);
        affairs.post(LIST).json(with("party", "sector_ids", sector)).await.has_fault("/sector_ids", "not_allowed");
        affairs.post(LIST).json(with("party", "place", json!("灵溪镇"))).await.has_fault("/place", "not_allowed");
        let foreign = json!([sectors["农业界"], town.elsewhere.sectors["农业界"], sectors["农业界"]]);
        let answer = affairs.post(LIST).json(with("sector_group", "sector_ids", foreign)).await;
        let problem = answer.is_problem(422, "invalid_input");
        let faults: Vec<_> = problem["errors"].as_array().expect("faults").iter().map(|fault| &fault["pointer"]).collect();
        assert_eq!(faults, ["/sector_ids/1", "/sector_ids/2"]);

        let liaison = made(&affairs, LIST, with("liaison_group", "place", json!("灵溪镇"))).await;
        assert_eq!(liaison["place"], "灵溪镇");
        let at = path(LIST, &liaison);
        affairs.patch(&at).if_match(&liaison).json(json!({"place": null})).await.has_fault("/place", "required");

        let both = json!({"kind": "sector_group", "name": "经济农业界活动组", "from": "2024-01-01", "sector_ids":
            [sectors["农业界"], sectors["经济界"]]});
        let group = made(&affairs, LIST, both).await;
        let names = |group: &Value| -> Vec<String> {
            let sectors = group["sectors"].as_array().expect("sectors").iter();
            sectors.map(|sector| sector["name"].as_str().unwrap_or_default().to_owned()).collect()
        };
        assert_eq!(names(&group), ["经济界", "农业界"], "in the order of the sectors");
        let at = path(LIST, &group);
        affairs.patch(&at).if_match(&group).json(json!({"sector_ids": []})).await.has_fault("/sector_ids", "required");
        let one = json!({"sector_ids": [sectors["农业界"]]});
        let group = affairs.patch(&at).if_match(&group).json(one).await.is(200);
        assert_eq!(names(&group), ["农业界"]);
        assert_eq!(ids(&affairs, &format!("{LIST}?sector={}", sectors["农业界"])).await, [id(&group)]);
        let (_, _, details) = last_entry(&town);
        assert_eq!(details["changed"]["sectors"]["after"].as_array().map(Vec::len), Some(1));
        let list = affairs.get(&format!("{LIST}?kind=sector_group&sort=-id")).send().await.is(200);
        assert_eq!(names(&list["items"][0]), ["农业界"]);
        assert_eq!(names(&list["items"][1]), ["教育界"]);
    }
}

#[actix_web::test]
async fn organizations_are_listed_by_kind_and_day() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let body =
            json!({"kind": "special_committee", "name": "港澳台侨委", "position": 9, "from": "2024-01-01", "to": "2025-12-31"});
        let ended = made(&affairs, LIST, body).await;
        let count = async |query: &str| ids(&affairs, &format!("{LIST}?{query}")).await.len();
        assert_eq!(count("kind=special_committee").await, 3);
        assert_eq!(count("kind=special_committee&kind=party").await, 4);
        assert_eq!(count("kind=special_committee&as_of=2025-12-31").await, 3);
        assert_eq!(count("kind=special_committee&as_of=2026-01-01").await, 2);
        assert_eq!(ids(&affairs, &format!("{LIST}?limit=1&sort=-position")).await, [id(&ended)]);
        affairs.get(&format!("{LIST}?kind=committee")).send().await.has_fault("/kind/0", "enum");
    }
}

#[actix_web::test]
async fn names_are_unique_at_a_time_and_corrected_with_a_reason() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        affairs.post(LIST).json(of("department", "县府办")).await.is_problem(409, "conflict");
        let body = json!({"kind": "department", "name": "县俯办", "from": "2024-01-01"});
        let department = made(&affairs, LIST, body).await;
        let at = path(LIST, &department);
        affairs.patch(&at).if_match(&department).json(json!({"name": "县委办"})).await.has_fault("/reason", "required");
        let taken = json!({"name": "县府办", "reason": "录入错误"});
        affairs.patch(&at).if_match(&department).json(taken).await.is_problem(409, "conflict");
        let right = json!({"name": "县委办", "reason": "录入错误"});
        affairs.patch(&at).if_match(&department).json(right).await.is(200);
        let (_, _, details) = last_entry(&town);
        assert_eq!(details["changed"]["name"], json!({"before": "县俯办", "after": "县委办"}));
    }
}

#[actix_web::test]
async fn an_organization_does_not_end_before_its_members_and_its_sectors() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        for name in ["办公室", "教科卫体委"] {
            let at = format!("{LIST}/{}", town.county.organizations[name]);
            let body = affairs.get(&at).send().await.is(200);
            affairs.patch(&at).if_match(&body).json(json!({"to": "2026-03-31"})).await.is_problem(409, "conflict");
        }
        let body = made(&affairs, LIST, of("special_committee", "文史委")).await;
        let at = path(LIST, &body);
        let person = town.county.persons["信息员"];
        let membership = json!({"person_id": person, "organization_id": body["id"], "duty": "member", "from": "2024-01-01",
            "to": "2026-03-31"});
        made(&affairs, "/v1/memberships", membership).await;
        affairs.patch(&at).if_match(&body).json(json!({"to": "2026-03-30"})).await.is_problem(409, "conflict");
        assert_eq!(affairs.patch(&at).if_match(&body).json(json!({"to": "2026-03-31"})).await.is(200)["to"], "2026-03-31");
    }
}

#[actix_web::test]
async fn what_an_organization_is_never_changes() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let body = made(&affairs, LIST, of("department", "县教育局")).await;
        let answer = affairs.patch(&path(LIST, &body)).if_match(&body).json(json!({"kind": "party"})).await;
        answer.has_fault("/kind", "unknown_field");
    }
}
