//! 联系安排 over HTTP: the three relations, who arranges them, who sees them.

use diesel::prelude::*;
use lianxi::base::id::Id;
use lianxi::db::schema::{audit_entries, changes, notifications};
use lianxi::db::words::Json;
use serde_json::{Value, json};

use crate::town::{Actor, Town, at_once};

const PATH: &str = "/v1/contact-assignments";

fn leader_body(town: &Town, leader: &str, member: &str) -> Value {
    let (leader, member) = (town.county.persons[leader], town.county.persons[member]);
    json!({"kind": "leader_standing_member", "contacting_person_id": leader, "contacted_person_id": member, "from": "2026-01-01"})
}

fn committee_body(town: &Town, committee: &str, member: &str) -> Value {
    let (committee, member) = (town.county.organizations[committee], town.county.persons[member]);
    json!({"kind": "committee_member", "contacting_organization_id": committee, "contacted_person_id": member, "from": "2026-01-01"})
}

async fn constituent(actor: &Actor, name: &str) -> Value {
    let body = json!({"name": name, "bases": ["residence"], "consent_on": "2026-03-01", "consent_way": "oral"});
    actor.post("/v1/constituents").json(body).await.is(201)
}

async fn begins(actor: &Actor, body: Value) -> Value {
    actor.post(PATH).json(body).await.is(201)
}

/// What a list holds, each as `contacting>contacted`, in order.
async fn listed(actor: &Actor, query: &str) -> Vec<String> {
    let page = actor.get(&format!("{PATH}{query}")).send().await.is(200);
    let name =
        |item: &Value, sides: [&str; 2]| sides.iter().find_map(|side| item[side]["name"].as_str()).unwrap_or_default().to_owned();
    let show = |item: &Value| {
        let contacting = name(item, ["contacting_person", "contacting_organization"]);
        format!("{contacting}>{}", name(item, ["contacted_person", "contacted_constituent"]))
    };
    let mut shown: Vec<_> = page["items"].as_array().expect("items").iter().map(show).collect();
    shown.sort();
    shown
}

#[actix_web::test]
async fn member_affairs_arranges_all_three_relations() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let mut body = leader_body(&town, "主席", "教育界1");
        body["resolution"] = json!("苍政协主席会议〔2026〕1号");
        let answer = affairs.post(PATH).json(body).await;
        let location = answer.header("location").expect("a location").to_owned();
        let it = answer.is(201);
        assert_eq!((&it["contacting_person"]["name"], &it["contacted_person"]["name"]), (&json!("主席"), &json!("教育界1")));
        assert_eq!((&it["contacting_organization"], &it["contacted_constituent"]), (&json!(null), &json!(null)));
        assert_eq!((&it["to"], &it["resolution"]), (&json!(null), &json!("苍政协主席会议〔2026〕1号")));
        assert_eq!(affairs.get(&location).send().await.is(200), it);
        begins(&affairs, committee_body(&town, "教科卫体委", "教育界2")).await;
        let one = constituent(&town.member("教育界"), "欧阳春草").await;
        let member = town.county.persons["教育界1"];
        let mut body = json!({"kind": "member_constituent", "contacting_person_id": member, "contacted_constituent_id": one["id"], "from": "2026-01-01"});
        affairs.post(PATH).json(body.clone()).await.is_problem(409, "conflict");
        body["to"] = json!("2026-03-01");
        assert_eq!(begins(&affairs, body).await["contacted_constituent"]["name"], "欧*");
        let told: Vec<(Option<Id>, Option<Id>, String, Json)> = town.rows(|conn| {
            let columns = (notifications::person_id, notifications::organization_id, notifications::kind, notifications::params);
            notifications::table.order(notifications::id).select(columns).load(conn).expect("notifications")
        });
        assert!(told.iter().all(|(.., kind, _)| kind == "contact_assignment_created"));
        assert_eq!(told.len(), 5, "both sides of the first two, the member of the third");
        assert!(told.iter().any(|(_, body, ..)| *body == Some(town.county.organizations["教科卫体委"])));
        assert!(!told.iter().any(|(.., params)| params.0.to_string().contains("欧")));
    }
}

#[actix_web::test]
async fn each_side_holds_what_the_relation_asks_for_on_the_first_day() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        town.rows(|conn| town.county.post(conn, town.county.persons["副主席"], "standing_member", None));
        let one = constituent(&town.member("教育界"), "欧阳春草").await;
        let member = town.county.persons["教育界1"];
        let people = json!({"kind": "member_constituent", "contacting_person_id": member, "contacted_constituent_id": one["id"], "from": "2026-01-01"});
        let with = |mut body: Value, field: &str, value: Value| {
            body[field] = value;
            body
        };
        let leader = leader_body(&town, "主席", "教育界1");
        let committee = committee_body(&town, "教科卫体委", "教育界2");
        let stranger = json!(town.elsewhere.persons["主席"]);
        for (body, pointer, code) in [
            (leader_body(&town, "经济界1", "教育界1"), "/contacting_person_id", "no_leader"),
            (leader_body(&town, "主席", "教育界2"), "/contacted_person_id", "no_standing_member"),
            (leader_body(&town, "主席", "副主席"), "/contacted_person_id", "no_standing_member"),
            (with(leader.clone(), "from", json!("2021-01-01")), "/contacting_person_id", "no_leader"),
            (with(leader.clone(), "contacting_person_id", stranger.clone()), "/contacting_person_id", "unknown_reference"),
            (with(leader.clone(), "contacted_person_id", stranger.clone()), "/contacted_person_id", "unknown_reference"),
            (with(leader.clone(), "to", json!("2025-12-31")), "/to", "order"),
            (
                with(leader.clone(), "contacting_organization_id", committee["contacting_organization_id"].clone()),
                "/contacting_organization_id",
                "not_allowed",
            ),
            (with(leader.clone(), "contacted_constituent_id", one["id"].clone()), "/contacted_constituent_id", "not_allowed"),
            (with(leader.clone(), "end_reason", json!("x")), "/end_reason", "unknown_field"),
            (committee_body(&town, "办公室", "教育界2"), "/contacting_organization_id", "no_special_committee"),
            (committee_body(&town, "教科卫体委", "信息员"), "/contacted_person_id", "no_member"),
            (with(committee.clone(), "contacting_person_id", json!(member)), "/contacting_person_id", "not_allowed"),
            (
                with(people.clone(), "contacting_person_id", json!(town.county.persons["教育界2"])),
                "/contacted_constituent_id",
                "unknown_reference",
            ),
            (
                with(people.clone(), "contacting_person_id", json!(town.county.persons["信息员"])),
                "/contacting_person_id",
                "no_member",
            ),
            (
                with(people.clone(), "contacted_constituent_id", json!(Id::fresh())),
                "/contacted_constituent_id",
                "unknown_reference",
            ),
            (with(people.clone(), "from", json!("2026-03-03")), "/from", "in_the_future"),
        ] {
            affairs.post(PATH).json(body).await.has_fault(pointer, code);
        }
        let problem = affairs
            .post(PATH)
            .json(json!({"kind": "committee_member", "contacted_constituent_id": one["id"], "from": "2026-01-01"}));
        let problem = problem.await.is_problem(422, "invalid_input");
        assert_eq!(problem["errors"].as_array().map(Vec::len), Some(3), "two missing and one too many: {problem}");
        let problem = affairs.post(PATH).json(with(leader_body(&town, "教育界2", "信息员"), "to", json!("2020-01-01"))).await;
        assert_eq!(problem.is_problem(422, "invalid_input")["errors"].as_array().map(Vec::len), Some(3), "all at once");
        affairs.post(PATH).json(with(leader, "kind", json!("friends"))).await.has_fault("/kind", "enum");
    }
}

#[actix_web::test]
async fn a_committee_arranges_in_its_own_name_and_a_member_for_own_people() {
    for town in Town::on_each_engine().await {
        let (committee, member) = (town.committee("教育界"), town.member("教育界"));
        let own = begins(&committee, committee_body(&town, "教科卫体委", "教育界2")).await;
        committee.post(PATH).json(committee_body(&town, "经济委", "教育界2")).await.is_problem(403, "forbidden");
        committee.post(PATH).json(leader_body(&town, "主席", "教育界1")).await.is_problem(403, "forbidden");
        for actor in [&member, &town.actor("教育界2")] {
            actor.post(PATH).json(committee_body(&town, "教科卫体委", "教育界1")).await.is_problem(403, "forbidden");
        }
        for label in ["主席", "办公室", "管理员", "教育界活动组", "县府办"] {
            town.actor(label).post(PATH).json(leader_body(&town, "主席", "教育界1")).await.is_problem(403, "forbidden");
        }

        let foreign = begins(&town.affairs(), committee_body(&town, "经济委", "教育界2")).await;
        let at = |of: &Value| format!("{PATH}/{}/end", of["id"].as_str().expect("an id"));
        let end = json!({"to": "2026-03-02", "reason": "分工调整"});
        committee.post(&at(&foreign)).if_match(&foreign).json(end.clone()).await.is_problem(403, "forbidden");
        town.actor("教育界2").post(&at(&own)).if_match(&own).json(end.clone()).await.is_problem(403, "forbidden");
        town.actor("教育界1").post(&at(&own)).if_match(&own).json(end.clone()).await.is_problem(404, "not_found");
        let ended = committee.post(&at(&own)).if_match(&own).json(end.clone()).await.is(200);
        assert_eq!((&ended["to"], &ended["end_reason"]), (&json!("2026-03-02"), &json!("分工调整")));

        let one = constituent(&member, "欧阳春草").await;
        let list = format!("?contacted_constituent_id={}", one["id"].as_str().expect("an id"));
        let assigned = member.get(&format!("{PATH}{list}")).send().await.is(200)["items"][0].clone();
        town.actor("教育界2").post(&at(&assigned)).if_match(&assigned).json(end.clone()).await.is_problem(404, "not_found");
        town.committee("教育界").post(&at(&assigned)).if_match(&assigned).json(end.clone()).await.is_problem(404, "not_found");
        member
            .post(&at(&assigned))
            .if_match(&assigned)
            .json(json!({"to": "2026-03-02", "reason": "13800001234"}))
            .await
            .has_fault("/reason", "phone");
        member.post(&at(&assigned)).if_match(&assigned).json(end).await.is(200);
        let again = json!({"kind": "member_constituent", "contacting_person_id": member.person(), "contacted_constituent_id": one["id"], "from": "2025-03-03", "to": "2026-03-01"});
        assert_eq!(begins(&member, again).await["contacted_constituent"]["name"], "欧阳春草");
        let other = constituent(&town.actor("教育界2"), "王小明").await;
        let theirs = json!({"kind": "member_constituent", "contacting_person_id": member.person(), "contacted_constituent_id": other["id"], "from": "2026-03-01"});
        member.post(PATH).json(theirs).await.has_fault("/contacted_constituent_id", "unknown_reference");
    }
}

#[actix_web::test]
async fn the_same_two_have_one_assignment_at_a_time() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let body = leader_body(&town, "主席", "教育界1");
        let it = begins(&affairs, body.clone()).await;
        affairs.post(PATH).json(body.clone()).await.is_problem(409, "conflict");
        let between = |from: &str, to: Option<&str>| {
            let mut body = body.clone();
            body["from"] = json!(from);
            if let Some(to) = to {
                body["to"] = json!(to);
            }
            body
        };
        affairs.post(PATH).json(between("2025-01-01", Some("2026-01-01"))).await.is_problem(409, "conflict");
        begins(&affairs, between("2025-01-01", Some("2025-12-31"))).await;
        begins(&affairs, leader_body(&town, "副主席", "教育界1")).await;
        let end = json!({"to": "2026-06-30", "reason": "分工调整", "resolution": "苍政协主席会议〔2026〕9号"});
        let at = format!("{PATH}/{}/end", it["id"].as_str().expect("an id"));
        assert_eq!(affairs.post(&at).if_match(&it).json(end).await.is(200)["resolution"], "苍政协主席会议〔2026〕9号");
        affairs.post(PATH).json(between("2026-06-30", None)).await.is_problem(409, "conflict");
        begins(&affairs, between("2026-07-01", None)).await;
        let body = committee_body(&town, "经济委", "经济界2");
        let asks = (0..6).map(|_| (affairs.post(PATH), body.clone())).collect();
        let mut statuses: Vec<_> = at_once(asks).await.into_iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    }
}

#[actix_web::test]
async fn an_assignment_is_ended_once_against_the_version_that_was_read() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let mut body = leader_body(&town, "主席", "教育界1");
        body["to"] = json!("2026-12-31");
        let it = begins(&affairs, body).await;
        let at = format!("{PATH}/{}/end", it["id"].as_str().expect("an id"));
        let end = |to: &str| json!({"to": to, "reason": "分工调整"});
        affairs.post(&at).json(end("2026-06-30")).await.is_problem(428, "precondition_required");
        affairs.post(&at).header("If-Match", "\"9\"").json(end("2026-06-30")).await.is_problem(412, "version_mismatch");
        affairs.post(&at).if_match(&it).json(end("2025-12-31")).await.has_fault("/to", "order");
        affairs.post(&at).if_match(&it).json(end("2027-01-01")).await.has_fault("/to", "order");
        affairs.post(&at).if_match(&it).json(json!({"to": "2026-06-30"})).await.has_fault("/reason", "required");
        let ended = affairs.post(&at).if_match(&it).json(end("2026-06-30")).await.is(200);
        let problem = affairs.post(&at).if_match(&ended).json(end("2026-05-31")).await.is_problem(409, "state_conflict");
        assert_eq!((&problem["state"], &problem["allowed_actions"]), (&json!("ended"), &json!([])));
        affairs.post(&format!("{PATH}/{}/end", Id::fresh())).json(end("2026-06-30")).await.is_problem(404, "not_found");
        let told: i64 = town.rows(|conn| {
            notifications::table
                .filter(notifications::kind.eq("contact_assignment_ended"))
                .count()
                .get_result(conn)
                .expect("a count")
        });
        assert_eq!(told, 2);
        let details: Vec<Json> = town.rows(|conn| {
            let entries = audit_entries::table.filter(audit_entries::op.eq("contact_assignment_end"));
            entries.select(audit_entries::details).load(conn).expect("entries")
        });
        assert_eq!(details, [Json(json!({"to": "2026-06-30"}))]);
    }
}

#[actix_web::test]
async fn everybody_sees_what_is_theirs_and_member_affairs_all() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        town.rows(|conn| {
            town.county.membership(conn, town.county.persons["农业界2"], town.county.organizations["经济委"], "member");
        });
        begins(&affairs, leader_body(&town, "主席", "教育界1")).await;
        begins(&affairs, leader_body(&town, "副主席", "经济界1")).await;
        begins(&affairs, committee_body(&town, "教科卫体委", "农业界1")).await;
        begins(&affairs, committee_body(&town, "教科卫体委", "农业界2")).await;
        constituent(&town.member("教育界"), "欧阳春草").await;
        let all = ["主席>教育界1", "副主席>经济界1", "教科卫体委>农业界1", "教科卫体委>农业界2", "教育界1>欧*"];
        let mut sorted = all.map(str::to_owned).to_vec();
        sorted.sort();
        assert_eq!(listed(&affairs, "").await, sorted);
        assert_eq!(listed(&town.leader(), "").await, ["主席>教育界1"]);
        assert_eq!(listed(&town.actor("副主席"), "").await, ["副主席>经济界1"]);
        assert_eq!(listed(&town.actor("秘书长"), "").await, Vec::<String>::new());
        assert_eq!(listed(&town.committee("教育界"), "").await, ["主席>教育界1", "教科卫体委>农业界1", "教科卫体委>农业界2"]);
        assert_eq!(
            listed(&town.committee("经济界"), "").await,
            ["副主席>经济界1", "教科卫体委>农业界2"],
            "its sector's and its own"
        );
        assert_eq!(listed(&town.member("教育界"), "").await, ["主席>教育界1", "教育界1>欧阳春草"]);
        assert_eq!(listed(&town.actor("教育界2"), "").await, Vec::<String>::new());
        assert_eq!(listed(&town.of(&town.elsewhere, "委员工委"), "").await, Vec::<String>::new());
        for label in ["办公室", "管理员", "审计员", "教育界活动组", "信息员", "县府办"] {
            town.actor(label).get(PATH).send().await.is_problem(403, "forbidden");
        }

        let person = |name: &str| town.county.persons[name].to_string();
        let body = town.county.organizations["教科卫体委"];
        assert_eq!(listed(&affairs, &format!("?contacting_organization_id={body}")).await.len(), 2);
        assert_eq!(listed(&affairs, &format!("?contacting_person_id={}", person("主席"))).await, ["主席>教育界1"]);
        assert_eq!(listed(&affairs, &format!("?contacted_person_id={}", person("农业界1"))).await, ["教科卫体委>农业界1"]);
        assert_eq!(listed(&affairs, "?kind=leader_standing_member&kind=member_constituent").await.len(), 3);
        assert_eq!(listed(&affairs, "?as_of=2026-02-01").await.len(), 4, "the constituent came later");
        assert_eq!(listed(&affairs, "?as_of=2025-12-31").await.len(), 0);
        let page = affairs.get(&format!("{PATH}?limit=2&with_total=true&sort=id")).send().await.is(200);
        assert_eq!((page["items"].as_array().map(Vec::len), &page["total"]), (Some(2), &json!(5)));
        let cursor = page["next_cursor"].as_str().expect("a cursor");
        assert_eq!(listed(&affairs, &format!("?limit=2&sort=id&cursor={cursor}")).await.len(), 2);

        let stamps: Vec<Json> = town.rows(|conn| {
            let of = changes::table.filter(changes::op.eq("contact_assignment_create"));
            of.order(changes::seq).select(changes::belongs).load(conn).expect("changes")
        });
        assert_eq!(stamps[0].0["persons"], json!([town.county.persons["主席"], town.county.persons["教育界1"]]));
        assert_eq!(stamps[0].0["committees"], json!([town.county.organizations["教科卫体委"]]));
        assert_eq!(stamps[3].0["owner"], json!(body));
        assert_eq!(stamps[3].0["committees"], json!([town.county.organizations["经济委"]]));
    }
}
