//! 职务 over HTTP.

use serde_json::{Value, json};

use crate::directory::{id, ids, keeps_the_rules_of_the_directory, last_entry, made, path};
use crate::town::{Town, at_once};

const LIST: &str = "/v1/posts";

fn member(town: &Town, person: &str, sector: &str, from: &str) -> Value {
    json!({"person_id": town.county.persons[person], "kind": "member", "term_id": town.county.term, "sector_id":
        town.county.sectors[sector], "from": from, "resolution": "十届政协常委会第3次会议"})
}

fn other(town: &Town, person: &str, kind: &str, from: &str) -> Value {
    json!({"person_id": town.county.persons[person], "kind": kind, "term_id": town.county.term, "from": from})
}

/// The post of this kind that the town has given to a person.
async fn held(town: &Town, person: &str, kind: &str) -> Value {
    let path = format!("{LIST}?person={}&kind={kind}", town.county.persons[person]);
    town.affairs().get(&path).send().await.is(200)["items"][0].clone()
}

#[actix_web::test]
async fn member_affairs_keeps_the_posts_and_everybody_reads_them() {
    for town in Town::on_each_engine().await {
        let path = format!("{LIST}?limit=1");
        let foreign = town.of(&town.elsewhere, "委员工委").get(&path).send().await.is(200)["items"][0]["id"].clone();
        let foreign = foreign.as_str().and_then(|id| id.parse().ok()).expect("an id");
        let new = member(&town, "信息员", "农业界", "2026-01-01");
        keeps_the_rules_of_the_directory(&town, LIST, new, json!({"title": "界别召集人"}), foreign).await;
    }
}

#[actix_web::test]
async fn a_member_has_a_sector_and_nobody_else_has() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        affairs.post(LIST).json(other(&town, "信息员", "member", "2026-01-01")).await.has_fault("/sector_id", "required");
        for kind in ["chairperson", "vice_chairperson", "secretary_general", "standing_member"] {
            let mut body = member(&town, "信息员", "农业界", "2026-01-01");
            body["kind"] = json!(kind);
            affairs.post(LIST).json(body).await.has_fault("/sector_id", "not_allowed");
        }
        let made = made(&affairs, LIST, member(&town, "信息员", "农业界", "2026-01-01")).await;
        assert_eq!((&made["person"]["name"], &made["sector"]["name"]), (&json!("信息员"), &json!("农业界")));
        assert_eq!((&made["term"]["name"], &made["resolution"]), (&json!("十届"), &json!("十届政协常委会第3次会议")));
        assert_eq!(held(&town, "主席", "chairperson").await["sector"], json!(null));
    }
}

#[actix_web::test]
async fn nobody_enters_or_ends_an_office_of_their_own() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let own = member(&town, "委员工委干部", "农业界", "2026-01-01");
        affairs.post(LIST).json(own).await.is_problem(403, "own_matter");
        town.rows(|conn| town.county.post(conn, affairs.person(), "member", Some("农业界")));
        let held = held(&town, "委员工委干部", "member").await;
        let end = affairs.patch(&path(LIST, &held)).if_match(&held).json(json!({"to": "2026-12-30"})).await;
        end.is_problem(403, "own_matter");
    }
}

#[actix_web::test]
async fn a_change_of_sector_is_an_end_and_a_beginning() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let next = member(&town, "教育界2", "经济界", "2026-04-01");
        affairs.post(LIST).json(next.clone()).await.is_problem(409, "conflict");
        let before = held(&town, "教育界2", "member").await;
        let at = path(LIST, &before);
        let sector = json!({"sector_id": town.county.sectors["经济界"]});
        affairs.patch(&at).if_match(&before).json(sector).await.has_fault("/sector_id", "unknown_field");
        let end = json!({"to": "2026-03-31", "end_resolution": "十届政协常委会第12次会议"});
        let ended = affairs.patch(&at).if_match(&before).json(end).await.is(200);
        assert_eq!((&ended["to"], &ended["end_resolution"]), (&json!("2026-03-31"), &json!("十届政协常委会第12次会议")));
        let (op, _, details) = last_entry(&town);
        assert_eq!(op, "post_update");
        assert_eq!(details["changed"]["to"], json!({"before": null, "after": "2026-03-31"}));
        let next = made(&affairs, LIST, next).await;
        affairs.patch(&at).if_match(&ended).json(json!({"to": "2026-04-01"})).await.is_problem(409, "conflict");

        let of_person = format!("{LIST}?person={}", town.county.persons["教育界2"]);
        assert_eq!(ids(&affairs, &format!("{of_person}&as_of=2026-03-31")).await, [id(&before)]);
        assert_eq!(ids(&affairs, &format!("{of_person}&as_of=2026-04-01")).await, [id(&next)]);
        let of_sector = format!("{LIST}?sector={}&as_of=2026-04-01", town.county.sectors["教育界"]);
        assert_eq!(ids(&affairs, &of_sector).await.len(), 1);
        let persons = format!("/v1/persons?sector={}", town.county.sectors["教育界"]);
        assert_eq!(ids(&affairs, &format!("{persons}&as_of=2026-03-31")).await.len(), 2);
        assert_eq!(ids(&affairs, &format!("{persons}&as_of=2026-04-01")).await.len(), 1);
    }
}

#[actix_web::test]
async fn a_standing_member_is_a_member_on_the_first_day() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let stranger = other(&town, "信息员", "standing_member", "2026-01-01");
        affairs.post(LIST).json(stranger).await.has_fault("/person_id", "no_member");
        made(&affairs, LIST, member(&town, "信息员", "农业界", "2026-02-01")).await;
        let early = other(&town, "信息员", "standing_member", "2026-01-31");
        affairs.post(LIST).json(early).await.has_fault("/person_id", "no_member");
        let elected = other(&town, "信息员", "standing_member", "2026-02-01");
        made(&affairs, LIST, elected.clone()).await;
        affairs.post(LIST).json(elected).await.is_problem(409, "conflict");
    }
}

#[actix_web::test]
async fn there_is_one_chairperson_at_a_time() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let next = other(&town, "副主席", "chairperson", "2026-04-01");
        affairs.post(LIST).json(next.clone()).await.is_problem(409, "conflict");
        made(&affairs, LIST, other(&town, "经济界1", "vice_chairperson", "2026-04-01")).await;
        let chair = held(&town, "主席", "chairperson").await;
        let end = json!({"to": "2026-03-31", "end_resolution": "十届政协五次会议"});
        affairs.patch(&path(LIST, &chair)).if_match(&chair).json(end).await.is(200);
        made(&affairs, LIST, next).await;
    }
}

#[actix_web::test]
async fn the_term_and_the_sector_bound_a_post() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        for (from, to, pointer) in
            [("2021-12-31", json!(null), "/from"), ("2027-01-01", json!(null), "/from"), ("2026-01-01", json!("2027-01-01"), "/to")]
        {
            let mut body = member(&town, "信息员", "农业界", from);
            body["to"] = to;
            affairs.post(LIST).json(body).await.has_fault(pointer, "outside");
        }
        let sector = json!({"name": "科技界", "from": "2022-01-01", "to": "2026-05-31"});
        let sector = made(&affairs, "/v1/sectors", sector).await;
        let mut body = member(&town, "信息员", "农业界", "2026-01-01");
        body["sector_id"] = sector["id"].clone();
        affairs.post(LIST).json(body.clone()).await.has_fault("/to", "outside");
        body["to"] = json!("2026-05-31");
        let post = made(&affairs, LIST, body).await;
        let later = json!({"to": "2026-06-30"});
        affairs.patch(&path(LIST, &post)).if_match(&post).json(later).await.has_fault("/to", "outside");
        let turned = json!({"to": "2025-12-31"});
        affairs.patch(&path(LIST, &post)).if_match(&post).json(turned).await.has_fault("/to", "order");
    }
}

#[actix_web::test]
async fn every_unknown_reference_of_a_post_is_told_at_once() {
    for town in Town::on_each_engine().await {
        let elsewhere = &town.elsewhere;
        let body = json!({"person_id": elsewhere.persons["信息员"], "kind": "member", "term_id": elsewhere.term, "sector_id":
            elsewhere.sectors["农业界"], "from": "2026-01-01"});
        let problem = town.affairs().post(LIST).json(body).await.is_problem(422, "invalid_input");
        let faults: Vec<_> = problem["errors"].as_array().expect("faults").iter().map(|fault| &fault["pointer"]).collect();
        assert_eq!(faults, ["/person_id", "/term_id", "/sector_id"]);
    }
}

#[actix_web::test]
async fn posts_are_listed_by_person_kind_sector_term_and_day() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let count = async |query: &str| {
            let page = affairs.get(&format!("{LIST}?limit=1&with_total=true&{query}")).send().await.is(200);
            page["total"].as_i64().expect("a total")
        };
        assert_eq!(count("kind=member").await, 9);
        assert_eq!(count("kind=standing_member").await, 3);
        assert_eq!(count("kind=chairperson&kind=vice_chairperson&kind=secretary_general").await, 3);
        let sectors = &town.county.sectors;
        assert_eq!(count(&format!("sector={}", sectors["教育界"])).await, 2);
        assert_eq!(count(&format!("sector={}&sector={}", sectors["教育界"], sectors["农业界"])).await, 4);
        assert_eq!(count(&format!("term={}", town.county.term)).await, 15);
        assert_eq!(count(&format!("term={}", town.elsewhere.term)).await, 0);
        assert_eq!(count(&format!("person={}", town.county.persons["教育界1"])).await, 2);
        assert_eq!(count("as_of=2021-12-31").await, 0);
        assert_eq!(count("as_of=2022-01-01").await, 15);
        affairs.get(&format!("{LIST}?kind=mayor")).send().await.has_fault("/kind/0", "enum");
        affairs.get(&format!("{LIST}?sort=kind")).send().await.has_fault("/sort", "pattern");
        let forward = ids(&affairs, &format!("{LIST}?limit=100&sort=id")).await;
        let mut backward = ids(&affairs, &format!("{LIST}?limit=100&sort=-id")).await;
        backward.reverse();
        assert_eq!(forward, backward);
    }
}

#[actix_web::test]
async fn a_correction_of_a_post_says_why() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let post = held(&town, "教育界2", "member").await;
        let at = path(LIST, &post);
        for patch in [json!({"from": "2022-02-01"}), json!({"resolution": "十届政协一次会议"})] {
            affairs.patch(&at).if_match(&post).json(patch).await.has_fault("/reason", "required");
        }
        let right = json!({"resolution": "十届政协一次会议", "reason": "补录"});
        let right = affairs.patch(&at).if_match(&post).json(right).await.is(200);
        assert_eq!(right["resolution"], "十届政协一次会议");
        let resigned = json!({"to": "2026-02-28", "end_resolution": "十届政协常委会第12次会议"});
        let resigned = affairs.patch(&at).if_match(&right).json(resigned).await.is(200);
        affairs.patch(&at).if_match(&resigned).json(json!({"to": "2026-03-31"})).await.has_fault("/reason", "required");
        affairs.patch(&at).if_match(&resigned).json(json!({"kind": "chairperson"})).await.has_fault("/kind", "unknown_field");
    }
}

#[actix_web::test]
async fn of_two_sectors_given_a_person_at_once_one_holds() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        for round in 0..10 {
            let person = made(&affairs, "/v1/persons", json!({"name": format!("新委员{round}")})).await;
            let asks = ["教育界", "经济界"].map(|sector| {
                let body = json!({"person_id": person["id"], "kind": "member", "term_id": town.county.term, "sector_id":
                    town.county.sectors[sector], "from": "2026-01-01"});
                (affairs.post(LIST), body)
            });
            let mut statuses: Vec<_> = at_once(asks.into()).await.into_iter().map(|answer| answer.status.as_u16()).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 409]);
        }
    }
}
