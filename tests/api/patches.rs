//! A change that changes nothing: every PATCH of the contract, asked with `{}`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::town::{Actor, Town};
use crate::walk::{draft, meeting};

async fn first(actor: &Actor, list: &str) -> Value {
    actor.get(&format!("{list}?limit=1")).send().await.is(200)["items"][0].clone()
}

#[actix_web::test]
async fn an_empty_patch_changes_nothing_and_keeps_the_version() {
    for town in Town::on_each_engine().await {
        let (affairs, admin, office, member) = (town.affairs(), town.admin(), town.office(), town.member("教育界"));
        meeting(&town, "第一次", "2026-03-20").await;
        draft(&member, "草稿", json!({})).await;
        let person = json!({"name": "王小明", "bases": ["residence"], "consent_on": "2026-03-01", "consent_way": "oral"});
        member.post("/v1/constituents").json(person).await.is(201);
        let visit = json!({"occurred_on": "2026-03-01", "form": "visit", "summary": "走访", "others_count": 1});
        member.post("/v1/contact-events").json(visit).await.is(201);
        let leave = json!({"person_id": member.person(), "kind": "leave", "article": 14, "from": "2026-03-01", "reason": "住院"});
        affairs.post("/v1/exemptions").json(leave).await.is(201);
        let things = [
            (&admin, "/v1/jurisdictions"),
            (&admin, "/v1/accounts"),
            (&affairs, "/v1/terms"),
            (&affairs, "/v1/sectors"),
            (&affairs, "/v1/sector-correspondences"),
            (&affairs, "/v1/organizations"),
            (&affairs, "/v1/memberships"),
            (&affairs, "/v1/posts"),
            (&affairs, "/v1/persons"),
            (&affairs, "/v1/exemptions"),
            (&member, "/v1/constituents"),
            (&member, "/v1/contact-events"),
            (&member, "/v1/opinions"),
            (&office, "/v1/meetings"),
        ];
        let document = town.nobody().get("/openapi.json").send().await.is(200);
        let patched = document["paths"].as_object().expect("paths").iter().filter(|(_, item)| item.get("patch").is_some());
        let lists: BTreeSet<_> = patched.map(|(path, _)| path.rsplit_once('/').expect("a list").0.to_owned()).collect();
        assert_eq!(lists, things.iter().map(|(_, list)| (*list).to_owned()).collect(), "every PATCH is asked");
        for (actor, list) in things {
            let it = if list == "/v1/jurisdictions" {
                actor.get("/v1/jurisdictions/330327").send().await.is(200)
            } else {
                first(actor, list).await
            };
            let name = if list == "/v1/jurisdictions" { "330327" } else { it["id"].as_str().expect("an id") };
            let path = format!("{list}/{name}");
            let answer = actor.patch(&path).if_match(&it).json(json!({})).await.is(200);
            assert_eq!(answer["etag"], it["etag"], "{list}");
            assert_eq!(actor.get(&path).send().await.is(200)["etag"], it["etag"], "{list}");
            actor.patch(&path).header("If-Match", "\"99\"").json(json!({})).await.is_problem(412, "version_mismatch");
        }
    }
}
