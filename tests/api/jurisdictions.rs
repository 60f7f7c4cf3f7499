//! 地区 over HTTP.

use serde_json::{Value, json};

use crate::town::{Town, at_once};
use crate::traces::{audited, changed};

fn codes(page: &Value) -> Vec<String> {
    page["items"].as_array().expect("items").iter().map(|item| item["code"].as_str().expect("a code").to_owned()).collect()
}

#[actix_web::test]
async fn everybody_sees_the_own_jurisdiction_and_those_below_it() {
    for town in Town::on_each_engine().await {
        for label in ["管理员", "审计员", "主席", "办公室", "教育界1", "信息员", "县府办"] {
            let page = town.actor(label).get("/v1/jurisdictions?with_total=true").send().await.is(200);
            assert_eq!((codes(&page), &page["total"]), (vec!["330327".to_owned()], &json!(1)), "{label}");
        }
        let above = town.of(&town.above, "办公室");
        let page = above.get("/v1/jurisdictions").send().await.is(200);
        assert_eq!(codes(&page), ["330300", "330326", "330327"]);
        let county = above.get("/v1/jurisdictions/330327").send().await.is(200);
        assert_eq!(county["level"], "county");
        assert_eq!(county["parent"], json!({"code": "330300", "name": "温州市"}));
        assert_eq!(county["codes"], json!([{"code": "330327", "from": "2022-01-01", "to": null}]));
        assert_eq!(county["time_zone"], "Asia/Shanghai");
        assert!(county["id"].is_null(), "on the wire a jurisdiction is its code");
        let city = above.get("/v1/jurisdictions/330300").send().await.is(200);
        assert_eq!((&city["level"], &city["parent"]), (&json!("city"), &json!(null)));

        for code in ["330300", "330326", "330328", "33032", "x", "330327%20"] {
            town.office().get(&format!("/v1/jurisdictions/{code}")).send().await.is_problem(404, "not_found");
        }
    }
}

#[actix_web::test]
async fn jurisdictions_are_listed_by_code_and_filtered_by_what_is_above_and_by_level() {
    for town in Town::on_each_engine().await {
        let above = town.of(&town.above, "管理员");
        let list = async |query: &str| codes(&above.get(&format!("/v1/jurisdictions?{query}")).send().await.is(200));
        assert_eq!(list("sort=-code").await, ["330327", "330326", "330300"]);
        assert_eq!(list("parent=330300").await, ["330326", "330327"]);
        assert_eq!(list("parent=330327").await, Vec::<String>::new());
        assert_eq!(list("level=city").await, ["330300"]);
        assert_eq!(list("level=county&parent=330300&sort=-code").await, ["330327", "330326"]);
        above.get("/v1/jurisdictions?parent=110000").send().await.has_fault("/parent", "unknown_reference");
        above.get("/v1/jurisdictions?level=town").send().await.has_fault("/level", "enum");
        town.admin().get("/v1/jurisdictions?parent=330300").send().await.has_fault("/parent", "unknown_reference");

        let mut seen = Vec::new();
        let mut path = "/v1/jurisdictions?limit=1".to_owned();
        loop {
            let page = above.get(&path).send().await.is(200);
            seen.extend(codes(&page));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/v1/jurisdictions?limit=1&cursor={cursor}");
        }
        assert_eq!(seen, ["330300", "330326", "330327"]);
    }
}

#[actix_web::test]
async fn a_new_code_holds_from_its_day_and_the_old_one_goes_on_finding_the_jurisdiction() {
    for town in Town::on_each_engine().await {
        let admin = town.admin();
        let before = admin.get("/v1/jurisdictions/330327").send().await.is(200);
        let change = |code: &str, from: &str| json!({"new_code": {"code": code, "from": from}});
        let patch = async |seen: &Value, body: Value| admin.patch("/v1/jurisdictions/330327").if_match(seen).json(body).await;
        patch(&before, change("330301", "2022-01-01")).await.has_fault("/new_code/from", "order");
        patch(&before, change("330400", "2026-07-01")).await.has_fault("/new_code/code", "level");
        patch(&before, change("999", "2026-07-01")).await.has_fault("/new_code/code", "pattern");
        patch(&before, change("330326", "2026-07-01")).await.is_problem(409, "conflict");
        patch(&before, change("330327", "2026-07-01")).await.is_problem(409, "conflict");

        let after = patch(&before, change("330383", "2026-07-01")).await.is(200);
        assert_eq!(after["code"], "330327", "the new one is not in force yet");
        assert_eq!(
            after["codes"],
            json!([
                {"code": "330327", "from": "2022-01-01", "to": "2026-06-30"},
                {"code": "330383", "from": "2026-07-01", "to": null},
            ])
        );
        patch(&after, change("330384", "2026-07-01")).await.has_fault("/new_code/from", "order");
        town.at("2026-06-30T16:00:00Z");
        for code in ["330327", "330383"] {
            assert_eq!(town.office().get(&format!("/v1/jurisdictions/{code}")).send().await.is(200)["code"], "330383", "{code}");
        }
        town.at("2026-06-30T15:59:59Z");
        assert_eq!(town.office().get("/v1/jurisdictions/330383").send().await.is(200)["code"], "330327", "until midnight here");
        let foreign = town.of(&town.elsewhere, "管理员");
        let other = foreign.get("/v1/jurisdictions/330326").send().await.is(200);
        let taken = foreign.patch("/v1/jurisdictions/330326").if_match(&other).json(change("330327", "2027-01-01")).await;
        taken.is_problem(409, "conflict");
    }
}

#[actix_web::test]
async fn only_the_own_admin_changes_a_jurisdiction() {
    for town in Town::on_each_engine().await {
        let path = "/v1/jurisdictions/330327";
        let seen = town.admin().get(path).send().await.is(200);
        town.affairs().patch(path).if_match(&seen).json(json!({"name": "x"})).await.is_problem(403, "forbidden");
        town.of(&town.above, "管理员").patch(path).if_match(&seen).json(json!({"name": "x"})).await.is_problem(403, "forbidden");
        let foreign = town.of(&town.elsewhere, "管理员");
        foreign.patch(path).if_match(&seen).json(json!({"name": "x"})).await.is_problem(404, "not_found");
        town.admin().patch(path).json(json!({"name": "x"})).await.is_problem(428, "precondition_required");
        town.admin().patch(path).if_match(&seen).json(json!({"level": "city"})).await.has_fault("/level", "unknown_field");

        let after = town.admin().patch(path).if_match(&seen).json(json!({"name": "政协苍南县委员会"})).await.is(200);
        assert_eq!((&after["name"], &after["etag"]), (&json!("政协苍南县委员会"), &json!("\"2\"")));
        let asks =
            (0..20).map(|number| (town.admin().patch(path).if_match(&after), json!({"name": format!("第{number}名")}))).collect();
        let mut statuses: Vec<_> = at_once(asks).await.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![200], vec![412; 19]].concat());
        let entries = audited(&town, "jurisdiction_update");
        assert_eq!(entries.iter().map(|entry| entry.role.as_deref()).collect::<Vec<_>>(), [Some("admin"); 2]);
        assert_eq!(changed(&town, "jurisdiction_update"), 2);
    }
}
