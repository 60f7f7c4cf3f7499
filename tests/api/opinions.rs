//! 社情民意 over HTTP: writing, submitting, finding, and the steps of the body that owns it.

use std::collections::BTreeSet;

use diesel::prelude::*;
use lianxi::base::id::Id;
use lianxi::base::text;
use lianxi::db::schema::{audit_entries, changes, notifications, sector_correspondences, settings_versions};
use lianxi::db::words::Json;
use lianxi::policy::Role;
use serde_json::{Value, json};

use crate::town::{Actor, Town, at_once};
use crate::walk::{accepted, act, draft, history, id, path, read, submitted, told, written};

/// A second person in a body, with an account that speaks for it.
fn joins(town: &mut Town, label: &str, role: Role, body: &str, duty: &str) {
    town.county = town.rows(|conn| {
        let mut county = town.county.clone();
        let person = county.person(conn, label);
        let organization = county.organizations[body];
        county.membership(conn, person, organization, duty);
        county.account(conn, label, &[role], Some(person), Some(organization));
        county
    });
}

/// Gives the person of an account a seat and the role that goes with it.
fn also_member(town: &Town, label: &str, sector: &str) {
    town.put(|conn, county| {
        county.post(conn, county.accounts[label].person.expect("a person"), "member", Some(sector));
        county.grant(conn, label, Role::Member, None);
    });
}

#[actix_web::test]
async fn a_member_writes_and_submits_and_the_corresponding_committee_gets_it() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let answer = member.post("/v1/opinions").json(written("建议常委会会议提前一周通知", json!({}))).await;
        let location = answer.header("location").expect("a location").to_owned();
        let draft = answer.is(201);
        assert_eq!(draft["state"], "draft");
        assert_eq!(draft["owner"], json!(null));
        assert_eq!(draft["due"], json!(null));
        assert_eq!(draft["author"]["person"]["name"], "教育界1");
        assert_eq!(draft["allowed_actions"], json!(["opinion_update", "opinion_delete", "opinion_submit"]));
        assert_eq!(draft["similar"], json!({"items": [], "others": 0}));
        let opinion = act(&member, &draft, "submit", None).await.is(200);
        assert_eq!(opinion["state"], "submitted");
        assert_eq!(opinion["submitted_on"], "2026-03-02");
        assert_eq!(opinion["sector"]["name"], "教育界");
        assert_eq!(opinion["owner"]["name"], "教科卫体委");
        let due = json!({"kind": "triage", "on": "2026-03-05", "owed_by": "owner", "calendar": "known", "overdue": false, "overdue_days": 0});
        assert_eq!(opinion["due"], due);
        assert_eq!(opinion["allowed_actions"], json!(["opinion_withdraw"]));
        let seen = town.committee("教育界").get(&location).send().await.is(200);
        assert_eq!(
            seen["allowed_actions"],
            json!([
                "opinion_transfer",
                "opinion_reclassify",
                "opinion_remind",
                "opinion_accept",
                "opinion_return",
                "opinion_decline"
            ])
        );
        let owner = town.committee("教育界").account.organization.expect("a body");
        assert_eq!(told(&town, owner, "opinion_submitted", &opinion), 1);
        let page = member.get(&format!("{location}/transitions")).send().await.is(200);
        let steps: Vec<_> = page["items"].as_array().expect("items").iter().map(|step| step["op"].clone()).collect();
        assert_eq!(steps, ["opinion_create", "opinion_submit"]);
        assert_eq!(page["items"][1]["from"], "draft");
        assert_eq!(page["items"][1]["owner"]["name"], "教科卫体委");
        assert_eq!(page["items"][1]["person"]["name"], "教育界1");
    }
}

#[actix_web::test]
async fn the_author_chooses_the_owner_and_the_office_takes_what_has_none() {
    for town in Town::on_each_engine().await {
        let office = "办公室";
        for (author, track, choice, owner) in [
            ("教育界1", "cppcc_work", json!(null), "教科卫体委"),
            ("教育界1", "social_conditions", json!(null), office),
            ("教育界1", "cppcc_work", json!("office"), office),
            ("教育界1", "social_conditions", json!("corresponding_committee"), "教科卫体委"),
            ("教育界1", "cppcc_work", json!("own_committee"), office),
            ("农业界1", "cppcc_work", json!(null), office),
            ("信息员", "cppcc_work", json!("corresponding_committee"), office),
            ("民盟县委会", "social_conditions", json!(null), office),
        ] {
            let mut over = json!({"track": track});
            if !choice.is_null() {
                over["owner_choice"] = choice.clone();
            }
            let opinion = submitted(&town.actor(author), "建议", over).await;
            assert_eq!(opinion["owner"]["name"], owner, "{author} {track} {choice}");
        }
        town.rows(|conn| {
            town.county.membership(conn, town.county.persons["教育界1"], town.county.organizations["经济委"], "member")
        });
        let own = submitted(&town.member("教育界"), "建议", json!({"owner_choice": "own_committee"})).await;
        assert_eq!(own["owner"]["name"], "经济委");
        let party = submitted(&town.actor("民盟县委会"), "建议", json!({})).await;
        assert_eq!(party["author"]["person"], json!(null));
        assert_eq!(party["author"]["organization"]["name"], "民盟县委会");
        assert_eq!(party["contact_person"]["name"], "民盟县委会干部");
        assert_eq!(party["sector"], json!(null));
    }
}

#[actix_web::test]
async fn correspondence_and_sector_are_those_of_the_day() {
    for town in Town::on_each_engine().await {
        let until = "2026-03-01".parse::<chrono::NaiveDate>().expect("a day");
        town.rows(|conn| {
            let of = sector_correspondences::table.filter(sector_correspondences::sector_id.eq(town.county.sectors["教育界"]));
            diesel::update(of).set(sector_correspondences::to_day.eq(Some(until))).execute(conn).expect("an end");
        });
        let opinion = submitted(&town.member("教育界"), "建议", json!({})).await;
        assert_eq!(opinion["owner"]["name"], "办公室");
        assert_eq!(opinion["sector"]["name"], "教育界");
        town.committee("教育界").get(&path(&opinion)).send().await.is_problem(404, "not_found");
    }
}

#[actix_web::test]
async fn letters_and_calls_are_registered_on_behalf() {
    for town in Town::on_each_engine().await {
        let author = town.county.persons["教育界1"];
        let body = |over: Value| {
            let mut body = written("来信：建议提前通知", over);
            body["intake"] = json!("letter");
            if body.get("author_organization_id").is_none() && body.get("author_person_id").is_none() {
                body["author_person_id"] = json!(author);
            }
            body
        };
        let committee = town.committee("经济界");
        let opinion = committee.post("/v1/opinions/register").json(body(json!({}))).await.is(201);
        assert_eq!((opinion["state"].as_str(), opinion["intake"].as_str()), (Some("submitted"), Some("letter")));
        assert_eq!(opinion["recorded_by"]["name"], "经济委干部");
        assert_eq!(opinion["owner"]["name"], "教科卫体委");
        assert_eq!(opinion["due"]["on"], "2026-03-05");
        assert_eq!(told(&town, author, "opinion_registered", &opinion), 1);
        assert_eq!(told(&town, town.county.organizations["教科卫体委"], "opinion_submitted", &opinion), 1);
        // It is its author's, and its recorder's to correct once it is returned.
        assert_eq!(read(&town.member("教育界"), &opinion).await["allowed_actions"], json!(["opinion_withdraw"]));
        let office = town.office();
        let mine = office.post("/v1/opinions/register").json(body(json!({"track": "social_conditions"}))).await.is(201);
        let returned = act(&office, &mine, "return", Some(json!({"reason": "地点不详"}))).await.is(200);
        assert_eq!(returned["allowed_actions"], json!(["opinion_update", "opinion_submit"]));
        let changed = office.patch(&path(&mine)).if_match(&returned).json(json!({"situation": "会议室在三楼。"})).await.is(200);
        assert_eq!(act(&office, &changed, "submit", None).await.is(200)["state"], "submitted");

        let party = body(json!({"author_organization_id": town.county.organizations["民盟县委会"]}));
        let by_party = office.post("/v1/opinions/register").json(party).await.is(201);
        assert_eq!(by_party["author"]["organization"]["name"], "民盟县委会");
        for (over, pointer, code) in [
            (json!({"no_state_secrets": false}), "/no_state_secrets", "not_confirmed"),
            (json!({"author_organization_id": town.county.organizations["县府办"]}), "/author_organization_id", "not_an_author"),
            (json!({"author_person_id": Id::fresh()}), "/author_person_id", "unknown_reference"),
            (json!({"author_person_id": town.elsewhere.persons["教育界1"]}), "/author_person_id", "unknown_reference"),
            (
                json!({"author_person_id": author, "author_organization_id": town.county.organizations["民盟县委会"]}),
                "/author_person_id",
                "one_author",
            ),
            (json!({"category": "no_such"}), "/category", "unknown_code"),
        ] {
            office.post("/v1/opinions/register").json(body(over)).await.has_fault(pointer, code);
        }
        town.member("教育界").post("/v1/opinions/register").json(body(json!({}))).await.is_problem(403, "forbidden");
    }
}

#[actix_web::test]
async fn an_opinion_is_of_bounded_length_without_white_space_and_title() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let long = |n: usize| "字 \n".repeat(n);
        let fits = json!({"situation": long(1000), "analysis": long(300), "suggestions": long(200)});
        let opinion = draft(&member, &"题".repeat(100), fits).await;
        let over = json!({"situation": long(1000), "analysis": long(300), "suggestions": long(201)});
        member.post("/v1/opinions").json(written("过长", over)).await.has_fault("/situation", "too_long");
        let patch = json!({"analysis": long(301)});
        member.patch(&path(&opinion)).if_match(&opinion).json(patch).await.has_fault("/situation", "too_long");
        member.post("/v1/opinions").json(written(&"题".repeat(101), json!({}))).await.has_fault("/title", "too_long");
        member.post("/v1/opinions").json(written("题\n目", json!({}))).await.has_fault("/title", "line_break");
        member.post("/v1/opinions").json(written("  ", json!({}))).await.has_fault("/title", "too_short");
        let everything = json!({"category": "no_such", "event_id": Id::fresh(), "constituent_ids": [Id::fresh()], "contact_person_id": Id::fresh()});
        let problem = member.post("/v1/opinions").json(written("错", everything)).await.is_problem(422, "invalid_input");
        assert_eq!(problem["errors"].as_array().map(Vec::len), Some(4), "{problem}");
    }
}

#[actix_web::test]
async fn personal_data_in_the_text_is_warned_of_and_not_repeated() {
    for town in Town::on_each_engine().await {
        let text = json!({"situation": "请联系王先生13800138000，\n或身份证11010519491231002X。"});
        let opinion = draft(&town.member("教育界"), "求助", text).await;
        let warnings = opinion["warnings"].as_array().expect("warnings");
        let found: Vec<_> = warnings
            .iter()
            .map(|warning| (warning["pointer"].as_str(), warning["code"].as_str(), warning["start"].as_i64()))
            .collect();
        assert_eq!(found, [(Some("/situation"), Some("phone"), Some(6)), (Some("/situation"), Some("identity_number"), Some(23))]);
        let member = town.member("教育界");
        let sent = act(&member, &opinion, "submit", None).await.is(200);
        let reason = json!({"reason": "请致电 0577-64751234 核对"});
        let returned = act(&town.committee("教育界"), &sent, "return", Some(reason)).await.is(200);
        let last = returned["warnings"].as_array().and_then(|all| all.last()).expect("a warning").clone();
        assert_eq!(
            (&last["pointer"], &last["code"], &last["start"], &last["end"]),
            (&json!("/reason"), &json!("phone"), &json!(4), &json!(17))
        );
        assert!(!last.to_string().contains("0577"));
        assert_eq!(read(&member, &returned).await["warnings"].as_array().map(Vec::len), Some(2), "the text's own");
    }
}

#[actix_web::test]
async fn a_client_ref_makes_one_opinion_for_good() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let body = written("离线写下", json!({"client_ref": "phone-1"}));
        let first = member.post("/v1/opinions").json(body.clone()).await.is(201);
        assert_eq!(first["client_ref"], "phone-1");
        let submitted = act(&member, &first, "submit", None).await.is(200);
        let again = member.post("/v1/opinions").json(body.clone()).await;
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        let again = again.is(201);
        assert_eq!((again["id"].clone(), again["state"].clone()), (first["id"].clone(), json!("submitted")));
        assert_eq!(again["etag"], submitted["etag"]);
        let other = written("别的", json!({"client_ref": "phone-1"}));
        let taken = member.post("/v1/opinions").json(other.clone()).await.is_problem(409, "client_ref_taken");
        assert_eq!(taken["existing"], json!({"kind": "opinion", "id": first["id"]}));
        assert_ne!(town.actor("教育界2").post("/v1/opinions").json(body.clone()).await.is(201)["id"], first["id"]);
        // Seen by its author alone.
        assert_eq!(read(&town.committee("教育界"), &first).await["client_ref"], json!(null));
        let asks = (0..10).map(|_| (member.post("/v1/opinions"), written("同时", json!({"client_ref": "phone-2"})))).collect();
        let ids: BTreeSet<_> = at_once(asks).await.into_iter().map(|answer| answer.is(201)["id"].to_string()).collect();
        assert_eq!(ids.len(), 1);
        let gone = draft(&member, "删去", json!({"client_ref": "phone-3"})).await;
        member.delete(&path(&gone)).if_match(&gone).send().await.is(204);
        let late = written("删去", json!({"client_ref": "phone-3"}));
        member.post("/v1/opinions").json(late).await.is_problem(409, "client_ref_taken");
    }
}

#[actix_web::test]
async fn the_text_changes_only_while_it_is_with_its_author() {
    for town in Town::on_each_engine().await {
        let (member, committee) = (town.member("教育界"), town.committee("教育界"));
        let first = draft(&member, "初稿", json!({"analysis": "原因"})).await;
        let at = path(&first);
        member.patch(&at).json(json!({"title": "二稿"})).await.is_problem(428, "precondition_required");
        let patch =
            json!({"title": "二稿", "analysis": null, "track": "social_conditions", "urgency": "urgent", "owner_choice": "office"});
        let second = member.patch(&at).if_match(&first).json(patch).await.is(200);
        assert_eq!((second["title"].clone(), second["analysis"].clone()), (json!("二稿"), json!(null)));
        member.patch(&at).if_match(&first).json(json!({"title": "三稿"})).await.is_problem(412, "version_mismatch");
        town.actor("教育界2").patch(&at).if_match(&second).json(json!({"title": "三稿"})).await.is_problem(404, "not_found");
        committee.get(&at).send().await.is_problem(404, "not_found");

        let opinion = act(&member, &second, "submit", None).await.is(200);
        let refused = member.patch(&at).if_match(&opinion).json(json!({"title": "三稿"})).await.is_problem(409, "state_conflict");
        assert_eq!(refused["state"], "submitted");
        assert_eq!(refused["allowed_actions"], json!(["opinion_withdraw"]));
        committee.patch(&at).if_match(&opinion).json(json!({"title": "三稿"})).await.is_problem(403, "forbidden");
        member.delete(&at).if_match(&opinion).send().await.is_problem(409, "state_conflict");

        let returned = act(&town.office(), &opinion, "return", Some(json!({"reason": "地点不详"}))).await.is(200);
        assert_eq!((returned["state"].as_str(), returned["returned_on"].as_str()), (Some("returned"), Some("2026-03-02")));
        assert_eq!(returned["due"]["kind"], "resubmission");
        assert_eq!(returned["due"]["on"], "2026-04-01");
        for (field, value) in [("track", json!("cppcc_work")), ("owner_choice", json!(null))] {
            let patch = json!({field: value});
            member.patch(&at).if_match(&returned).json(patch).await.has_fault(&format!("/{field}"), "fixed");
        }
        let third = member.patch(&at).if_match(&returned).json(json!({"situation": "三稿的情况"})).await.is(200);
        town.at("2026-03-09T02:00:00Z");
        let again = act(&member, &third, "submit", None).await.is(200);
        assert_eq!((again["submitted_on"].as_str(), again["returned_on"].clone()), (Some("2026-03-02"), json!(null)));
        // Urgent: half of three days, rounded up, from the day of the resubmission.
        assert_eq!(again["due"]["on"], "2026-03-11");
        assert_eq!(told(&town, member.person(), "opinion_returned", &again), 1);
        let history = history(&town, &again);
        assert_eq!(history[2], "opinion_submit draft submitted member");
        assert_eq!(history[3], "opinion_return submitted returned office");
    }
}

#[actix_web::test]
async fn what_it_came_from_is_its_authors_own() {
    for town in Town::on_each_engine().await {
        let (member, other) = (town.member("教育界"), town.actor("教育界2"));
        let visit = async |actor: &Actor| {
            let body = json!({"occurred_on": "2026-02-28", "form": "visit", "summary": "走访", "others_count": 3});
            actor.post("/v1/contact-events").json(body).await.is(201)
        };
        let person = async |actor: &Actor| {
            let body = json!({"name": "王小明", "bases": ["residence"], "consent_on": "2026-02-28", "consent_way": "oral"});
            actor.post("/v1/constituents").json(body).await.is(201)
        };
        let (own_event, other_event) = (visit(&member).await, visit(&other).await);
        let (own_person, other_person) = (person(&member).await, person(&other).await);
        let own = json!({"event_id": id(&own_event), "constituent_ids": [id(&own_person), id(&own_person)]});
        let opinion = submitted(&member, "来自走访", own).await;
        assert_eq!(opinion["event"], json!({"id": id(&own_event), "name": "2026-02-28"}));
        assert_eq!(opinion["constituents"], json!([{"id": id(&own_person), "name": "王小明", "masked": false}]));
        let seen = read(&town.committee("教育界"), &opinion).await;
        assert_eq!((seen["event"].clone(), seen["constituents"].clone()), (json!(null), json!([])));
        assert_eq!(seen["constituents_count"], 1);
        for (field, value) in [
            ("event_id", json!(id(&other_event))),
            ("event_id", json!(Id::fresh())),
            ("constituent_ids", json!([id(&other_person)])),
        ] {
            let body = written("别人的", json!({field: value}));
            member.post("/v1/opinions").json(body).await.has_fault(&format!("/{field}"), "unknown_reference");
        }
        town.actor("民盟县委会")
            .post("/v1/opinions")
            .json(written("机构", json!({"constituent_ids": [id(&own_person)]})))
            .await
            .has_fault("/constituent_ids", "unknown_reference");
    }
}

#[actix_web::test]
async fn nothing_is_submitted_without_the_word_that_it_holds_no_secrets() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let opinion = draft(&member, "草稿", json!({"no_state_secrets": false})).await;
        act(&member, &opinion, "submit", None).await.has_fault("/no_state_secrets", "not_confirmed");
        let confirmed = member.patch(&path(&opinion)).if_match(&opinion).json(json!({"no_state_secrets": true})).await.is(200);
        act(&member, &confirmed, "submit", None).await.is(200);
    }
}

#[actix_web::test]
async fn a_draft_is_deleted_with_its_text() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let opinion = draft(&member, "要删去的草稿", json!({"situation": "一段将被删去的文字"})).await;
        member.delete(&path(&opinion)).send().await.is_problem(428, "precondition_required");
        town.actor("教育界2").delete(&path(&opinion)).if_match(&opinion).send().await.is_problem(404, "not_found");
        town.office().delete(&path(&opinion)).if_match(&opinion).send().await.is_problem(403, "forbidden");
        member.delete(&path(&opinion)).if_match(&opinion).send().await.is(204);
        member.get(&path(&opinion)).send().await.is_problem(404, "not_found");
        let found = member.get("/v1/opinions?q=%E5%88%A0%E5%8E%BB").send().await.is(200);
        assert_eq!(found["items"], json!([]));
    }
}

#[actix_web::test]
async fn each_role_sees_what_its_cell_says_in_lists_and_alone() {
    for town in Town::on_each_engine().await {
        let of_education = submitted(&town.member("教育界"), "教育", json!({})).await;
        let of_farming = submitted(&town.member("农业界"), "农业", json!({})).await;
        let draft = draft(&town.member("教育界"), "草稿", json!({})).await;
        let by_party = submitted(&town.actor("民盟县委会"), "民盟", json!({})).await;
        let meeting = crate::walk::meeting(&town, "第一次", "2026-03-20").await;
        let reported = crate::walk::reported(&town, "已报", &meeting).await;
        let all = [("教育", &of_education), ("农业", &of_farming), ("草稿", &draft), ("民盟", &by_party), ("已报", &reported)];
        for (label, sees) in [
            ("教育界1", vec!["教育", "草稿", "已报"]),
            ("教育界2", vec![]),
            ("农业界1", vec!["农业"]),
            ("民盟县委会", vec!["民盟"]),
            ("信息员", vec![]),
            ("教科卫体委", vec!["教育", "已报"]),
            ("经济委", vec![]),
            ("办公室", vec!["教育", "农业", "民盟", "已报"]),
            ("主席", vec!["已报"]),
        ] {
            let actor = town.actor(label);
            let page = actor.get("/v1/opinions?sort=id&with_total=true").send().await.is(200);
            let listed: BTreeSet<_> = page["items"]
                .as_array()
                .expect("items")
                .iter()
                .map(|item| item["title"].as_str().unwrap_or_default().to_owned())
                .collect();
            assert_eq!(listed, sees.iter().map(|title| (*title).to_owned()).collect(), "{label}");
            assert_eq!(page["total"], json!(sees.len()), "{label}");
            for (title, opinion) in all {
                for path in [path(opinion), format!("{}/transitions", path(opinion))] {
                    let answer = actor.get(&path).send().await;
                    if sees.contains(&title) {
                        answer.is(200);
                    } else {
                        answer.is_problem(404, "not_found");
                    }
                }
            }
        }
        for label in ["管理员", "委员工委", "教育界活动组", "县府办", "审计员"] {
            town.actor(label).get("/v1/opinions").send().await.is_problem(403, "forbidden");
            town.actor(label).get(&path(&of_education)).send().await.is_problem(403, "forbidden");
        }
        for label in ["办公室", "主席", "教育界1"] {
            town.of(&town.elsewhere, label).get(&path(&reported)).send().await.is_problem(404, "not_found");
            let page = town.of(&town.above, label).get("/v1/opinions").send().await.is(200);
            assert_eq!(page["items"], json!([]));
        }
        // A list never carries texts.
        let page = town.office().get("/v1/opinions").send().await.is(200);
        assert!(page["items"][0].get("situation").is_none() && page["items"][0].get("allowed_actions").is_some());
    }
}

#[actix_web::test]
async fn lists_are_narrowed_by_each_filter_and_paged() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let urgent = submitted(&member, "急", json!({"urgency": "urgent", "category": "health"})).await;
        let social = submitted(&member, "社", json!({"track": "social_conditions"})).await;
        let kept = draft(&member, "稿", json!({})).await;
        town.at("2026-03-04T02:00:00Z");
        let late = submitted(&town.member("经济界"), "晚", json!({})).await;
        town.at("2026-03-06T02:00:00Z");
        let office = town.office();
        let titles = async |actor: &Actor, query: &str| -> Vec<String> {
            let page = actor.get(&format!("/v1/opinions?sort=id&{query}")).send().await.is(200);
            page["items"]
                .as_array()
                .expect("items")
                .iter()
                .map(|item| item["title"].as_str().unwrap_or_default().to_owned())
                .collect()
        };
        let county = &town.county;
        for (query, expected) in [
            ("urgency=urgent".to_owned(), vec!["急"]),
            ("track=social_conditions".to_owned(), vec!["社"]),
            ("track=social_conditions&track=cppcc_work".to_owned(), vec!["急", "社", "晚"]),
            ("category=health&category=cppcc".to_owned(), vec!["急", "社", "晚"]),
            ("state=accepted".to_owned(), vec![]),
            (format!("sector={}", county.sectors["经济界"]), vec!["晚"]),
            (format!("owner={}", county.organizations["办公室"]), vec!["社"]),
            (format!("author={}", member.person()), vec!["急", "社"]),
            (format!("author={}", Id::fresh()), vec![]),
            ("submitted_from=2026-03-04".to_owned(), vec!["晚"]),
            ("submitted_before=2026-03-04".to_owned(), vec!["急", "社"]),
            ("overdue=true".to_owned(), vec!["急", "社"]),
            ("overdue=false".to_owned(), vec!["晚"]),
            ("q=%E4%BC%9A%E8%AE%AE&urgency=urgent".to_owned(), vec!["急"]),
        ] {
            assert_eq!(titles(&office, &query).await, expected, "{query}");
        }
        assert_eq!(titles(&member, "state=draft").await, ["稿"]);
        let seen = read(&office, &urgent).await;
        // Due on the 4th: the 5th and the 6th are two working days late.
        assert_eq!((seen["due"]["overdue"].clone(), seen["due"]["overdue_days"].clone()), (json!(true), json!(2)));
        for (query, pointer, code) in [
            ("state=unknown", "/state/0", "enum"),
            ("sort=title", "/sort", "pattern"),
            ("overdue=maybe", "/overdue", "type"),
            ("author=me", "/author/0", "format"),
            ("q=", "/q", "too_short"),
        ] {
            office.get(&format!("/v1/opinions?{query}")).send().await.has_fault(pointer, code);
        }
        let mut seen = Vec::new();
        let mut next = "/v1/opinions?limit=2".to_owned();
        loop {
            let page = office.get(&next).send().await.is(200);
            seen.extend(page["items"].as_array().expect("items").iter().map(|item| item["id"].clone()));
            match page["next_cursor"].as_str() {
                Some(cursor) => next = format!("/v1/opinions?limit=2&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(seen, [late["id"].clone(), social["id"].clone(), urgent["id"].clone()]);
        assert!(!seen.contains(&kept["id"]));
    }
}

#[actix_web::test]
async fn q_finds_every_text_that_holds_it_and_no_other() {
    for town in Town::on_each_engine().await {
        let (member, office) = (town.member("教育界"), town.office());
        let texts = [
            ("校门口缺斑马线", "学生过街危险，请划斑马线。"),
            ("路口。缺标线", "车辆不让行人，ABC-123 路段最甚。"),
            ("关于 ABC123 路段", "１２３ 号公交 绕行；100%的乘客不便_真的"),
            ("全角ＡＢＣ", "全角的字母与数字１２３"),
            ("分\u{200B}隔", "零宽空格隔开的词"),
            ("占道", "摊贩占道\n经营"),
        ];
        for (title, situation) in texts {
            submitted(&member, title, json!({"situation": situation, "suggestions": "尽快办理"})).await;
        }
        draft(&member, "草稿里的斑马线", json!({})).await;
        let words = [
            "斑马",
            "斑马线",
            "马线",
            "口缺",
            "口 缺",
            "缺",
            "ABC",
            "abc123",
            "abc 123",
            "bc",
            "23",
            "分隔",
            "道 经营",
            "道经",
            "100%",
            "%",
            "_",
            "*",
            "\"斑马\"",
            "斑马 OR 缺",
            "尽快",
            "'",
            "字母与数字",
            "路段最",
            "最路段",
            "NEAR(斑马",
            "：",
        ];
        for word in words {
            let query: String = word.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let page = office.get(&format!("/v1/opinions?sort=id&q={query}")).send().await.is(200);
            let found: Vec<_> = page["items"]
                .as_array()
                .expect("items")
                .iter()
                .map(|item| item["title"].as_str().unwrap_or_default().to_owned())
                .collect();
            let whole = |(title, situation): &(&str, &str)| text::search_form(&format!("{title}\n{situation}\n尽快办理"));
            let expected: Vec<_> =
                texts.iter().filter(|text| text::contains(&whole(text), word)).map(|(title, _)| (*title).to_owned()).collect();
            assert_eq!(found, expected, "{word}");
        }
        let found = member.get("/v1/opinions?q=%E6%96%91%E9%A9%AC").send().await.is(200);
        assert_eq!(found["items"].as_array().map(Vec::len), Some(2), "an author finds their draft too");
        assert_eq!(town.member("农业界").get("/v1/opinions?q=%E6%96%91%E9%A9%AC").send().await.is(200)["items"], json!([]));
    }
}

#[actix_web::test]
async fn a_changed_text_is_found_by_its_new_words_only() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let first = draft(&member, "旧题目", json!({"situation": "旧内容"})).await;
        let count = async |word: &str| {
            let query: String = word.bytes().map(|byte| format!("%{byte:02X}")).collect();
            member.get(&format!("/v1/opinions?q={query}")).send().await.is(200)["items"].as_array().map_or(0, Vec::len)
        };
        assert_eq!((count("旧题").await, count("新题").await), (1, 0));
        member.patch(&path(&first)).if_match(&first).json(json!({"title": "新题目", "situation": "新内容"})).await.is(200);
        assert_eq!((count("旧题").await, count("新题").await, count("旧内").await), (0, 1, 0));
    }
}

#[actix_web::test]
async fn similar_opinions_are_shown_to_members_where_their_authors_agreed() {
    for town in Town::on_each_engine().await {
        let text = "实验小学门口车流量大，早晚高峰时学生横穿马路，没有斑马线和红绿灯，已经发生多起剐蹭事故，家长十分担心。";
        let again = "每天早晚，实验小学门口车流量大，学生横穿马路没有斑马线，发生过剐蹭事故，家长担心。";
        let open =
            submitted(&town.member("教育界"), "实验小学门口应设斑马线", json!({"situation": text, "may_publish": true})).await;
        let closed = submitted(&town.actor("教育界2"), "建议实验小学门口划斑马线", json!({"situation": text})).await;
        submitted(
            &town.member("农业界"),
            "农田水利年久失修",
            json!({"situation": "水渠淤塞，灌溉困难，请安排清淤。", "may_publish": true}),
        )
        .await;
        draft(&town.member("农业界"), "实验小学门口斑马线草稿", json!({"situation": text, "may_publish": true})).await;
        let body = json!({"title": "实验小学门口缺斑马线", "situation": again});
        let member = town.member("经济界");
        let similar = member.post("/v1/opinions/similar").json(body.clone()).await.is(200);
        assert_eq!(similar, json!({"items": [], "others": 2}), "what nobody has taken up yet is its author's own");
        act(&town.committee("教育界"), &open, "accept", None).await.is(200);
        let similar = member.post("/v1/opinions/similar").json(body.clone()).await.is(200);
        assert_eq!(similar["items"].as_array().map(Vec::len), Some(1), "{similar}");
        assert_eq!((similar["items"][0]["id"].clone(), similar["others"].clone()), (open["id"].clone(), json!(1)));
        let likeness = similar["items"][0]["likeness"].as_i64().unwrap_or(0);
        assert!((20..=100).contains(&likeness), "{likeness}");
        let to_office = town.office().post("/v1/opinions/similar").json(body.clone()).await.is(200);
        let ids: BTreeSet<_> = to_office["items"].as_array().expect("items").iter().map(|item| item["id"].to_string()).collect();
        assert_eq!(ids, BTreeSet::from([open["id"].to_string(), closed["id"].to_string()]));
        assert_eq!(to_office["others"], 0);
        // The author of one sees it, whatever it agreed to.
        let to_author = town.actor("教育界2").post("/v1/opinions/similar").json(body.clone()).await.is(200);
        assert_eq!(to_author["items"].as_array().map(Vec::len), Some(2));
        let written = draft(&member, "实验小学门口缺斑马线", json!({"situation": again})).await;
        assert_eq!(written["similar"]["items"][0]["id"], open["id"]);
        let sent = act(&member, &written, "submit", None).await.is(200);
        assert_eq!(sent["similar"]["others"], 1);
        assert_eq!(read(&member, &sent).await["similar"], json!(null));
        let nothing = member.post("/v1/opinions/similar").json(json!({"title": "！！"})).await.is(200);
        assert_eq!(nothing, json!({"items": [], "others": 0}));
        let elsewhere = town.of(&town.elsewhere, "办公室").post("/v1/opinions/similar").json(body).await.is(200);
        assert_eq!(elsewhere, json!({"items": [], "others": 0}));
    }
}

#[actix_web::test]
async fn a_committee_accepts_and_social_conditions_go_to_the_office_to_be_reported() {
    for town in Town::on_each_engine().await {
        let (member, committee, office) = (town.member("教育界"), town.committee("教育界"), town.office());
        let own = submitted(&member, "政协工作", json!({})).await;
        town.committee("经济界").post(&format!("{}/accept", path(&own))).if_match(&own).send().await.is_problem(404, "not_found");
        office.post(&format!("{}/accept", path(&own))).if_match(&own).send().await.is_problem(403, "forbidden");
        committee.post(&format!("{}/accept", path(&own))).send().await.is_problem(428, "precondition_required");
        let accepted = act(&committee, &own, "accept", None).await.is(200);
        assert_eq!((accepted["state"].as_str(), accepted["owner"]["name"].as_str()), (Some("accepted"), Some("教科卫体委")));
        assert_eq!(accepted["accepted_by"]["name"], "教科卫体委");
        assert_eq!((accepted["due"]["kind"].as_str(), accepted["due"]["on"].as_str()), (Some("report"), Some("2026-03-16")));
        assert_eq!(told(&town, member.person(), "opinion_accepted", &accepted), 1);
        act(&committee, &own, "accept", None).await.is_problem(412, "version_mismatch");
        let refused = act(&committee, &accepted, "accept", None).await.is_problem(409, "state_conflict");
        assert_eq!(refused["state"], "accepted");
        assert!(refused["allowed_actions"].as_array().is_some_and(|actions| actions.contains(&json!("opinion_report"))));

        let social =
            submitted(&member, "民生", json!({"track": "social_conditions", "owner_choice": "corresponding_committee"})).await;
        let handed = act(&committee, &social, "accept", None).await.is(200);
        assert_eq!(
            (handed["owner"]["name"].as_str(), handed["accepted_by"]["name"].as_str()),
            (Some("办公室"), Some("教科卫体委"))
        );
        assert_eq!(handed["allowed_actions"], json!([]));
        assert_eq!(told(&town, town.county.organizations["办公室"], "opinion_to_report", &handed), 1);
        assert!(
            read(&office, &handed).await["allowed_actions"].as_array().is_some_and(|all| all.contains(&json!("opinion_report")))
        );
        act(&committee, &handed, "report", Some(json!({"meeting_id": Id::fresh()}))).await.is_problem(403, "forbidden");
    }
}

#[actix_web::test]
async fn an_opinion_is_transferred_and_the_third_time_by_the_office_alone() {
    for town in Town::on_each_engine().await {
        let (member, education, economy, office) =
            (town.member("教育界"), town.committee("教育界"), town.committee("经济界"), town.office());
        let bodies = &town.county.organizations;
        let to = |body: &str| Some(json!({"organization_id": bodies[body], "reason": "属其职责"}));
        let first = submitted(&member, "转交", json!({})).await;
        act(&education, &first, "transfer", to("教科卫体委")).await.has_fault("/organization_id", "unchanged");
        act(&education, &first, "transfer", to("教育界活动组")).await.has_fault("/organization_id", "not_an_owner");
        let unknown = Some(json!({"organization_id": town.elsewhere.organizations["经济委"], "reason": "属其职责"}));
        act(&education, &first, "transfer", unknown).await.has_fault("/organization_id", "unknown_reference");
        let second = act(&education, &first, "transfer", to("经济委")).await.is(200);
        assert_eq!((second["owner"]["name"].as_str(), second["due"]["on"].as_str()), (Some("经济委"), Some("2026-03-05")));
        assert_eq!(told(&town, member.person(), "opinion_transferred", &second), 1);
        assert_eq!(told(&town, bodies["经济委"], "opinion_transferred", &second), 1);
        // The committee of its sector still sees it, but it is another's to deal with.
        act(&education, &second, "accept", None).await.is_problem(403, "forbidden");
        let third = act(&economy, &second, "transfer", to("教科卫体委")).await.is(200);
        assert_eq!(third["transfers"], json!(null), "how often is in its history");
        let refused = act(&education, &third, "transfer", to("经济委")).await;
        refused.is_problem(403, "forbidden");
        assert!(
            !read(&education, &third).await["allowed_actions"]
                .as_array()
                .is_some_and(|all| all.contains(&json!("opinion_transfer")))
        );
        let fourth = act(&office, &third, "transfer", to("经济委")).await.is(200);
        let page = office.get(&format!("{}/transitions?limit=100", path(&fourth))).send().await.is(200);
        let transfers = page["items"].as_array().expect("items").iter().filter(|step| step["op"] == "opinion_transfer").count();
        assert_eq!(transfers, 3);
        act(&office, &fourth, "transfer", Some(json!({"organization_id": bodies["办公室"]})))
            .await
            .has_fault("/reason", "required");
    }
}

#[actix_web::test]
async fn a_track_is_changed_with_a_reason_and_the_deadline_stays() {
    for town in Town::on_each_engine().await {
        let (member, committee, office) = (town.member("教育界"), town.committee("教育界"), town.office());
        let opinion = accepted(&town, "换渠道").await;
        town.at("2026-03-03T02:00:00Z");
        let same = Some(json!({"track": "cppcc_work", "reason": "同前"}));
        act(&committee, &opinion, "reclassify", same).await.has_fault("/track", "unchanged");
        let social = Some(json!({"track": "social_conditions", "reason": "反映的是民生"}));
        let changed = act(&committee, &opinion, "reclassify", social).await.is(200);
        assert_eq!((changed["track"].as_str(), changed["due"]["on"].as_str()), (Some("social_conditions"), Some("2026-03-16")));
        assert_eq!(changed["owner"]["name"], "办公室", "what is accepted of this track is the office's to report");
        assert_eq!(told(&town, member.person(), "opinion_reclassified", &changed), 1);
        let to_committee = json!({"organization_id": town.county.organizations["经济委"], "reason": "属其职责"});
        act(&office, &changed, "transfer", Some(to_committee)).await.has_fault("/organization_id", "report_step");
        let page = member.get(&format!("{}/transitions", path(&changed))).send().await.is(200);
        let step = page["items"].as_array().expect("items").last().expect("a step").clone();
        assert_eq!((step["track"].clone(), step["reason"].clone()), (json!("social_conditions"), json!("反映的是民生")));
    }
}

#[actix_web::test]
async fn an_owner_is_reminded_at_most_once_a_day() {
    for town in Town::on_each_engine().await {
        let opinion = submitted(&town.member("教育界"), "催办", json!({})).await;
        let office = town.office();
        let remind = || office.post(&format!("{}/remind", path(&opinion))).send();
        let reminded = remind().await.is(200);
        assert_eq!(reminded["etag"], opinion["etag"], "a reminder changes nothing that others have seen");
        assert!(!reminded["allowed_actions"].as_array().is_some_and(|all| all.contains(&json!("opinion_remind"))));
        remind().await.is_problem(409, "state_conflict");
        let owner = town.county.organizations["教科卫体委"];
        assert_eq!(told(&town, owner, "opinion_reminded", &opinion), 1);
        town.at("2026-03-03T02:00:00Z");
        let asks = (0..6).map(|_| (office.post(&format!("{}/remind", path(&opinion))), json!(null))).collect::<Vec<_>>();
        let answers = futures_once(asks).await;
        assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
        assert_eq!(told(&town, owner, "opinion_reminded", &opinion), 2);
        town.member("教育界").post(&format!("{}/remind", path(&opinion))).send().await.is_problem(403, "forbidden");
        assert_eq!(history(&town, &opinion).iter().filter(|step| step.starts_with("opinion_remind")).count(), 2);
    }
}

/// Sends requests without a body at once; their statuses.
async fn futures_once(asks: Vec<(crate::town::Ask, Value)>) -> Vec<u16> {
    let started: Vec<_> = asks.into_iter().map(|(ask, _)| actix_web::rt::spawn(ask.send())).collect();
    let mut statuses = Vec::new();
    for one in started {
        statuses.push(one.await.expect("an answer").status.as_u16());
    }
    statuses
}

#[actix_web::test]
async fn an_author_withdraws_and_gives_a_reason_once_it_was_accepted() {
    for town in Town::on_each_engine().await {
        let (member, committee) = (town.member("教育界"), town.committee("教育界"));
        let first = submitted(&member, "撤回", json!({})).await;
        act(&committee, &first, "withdraw", Some(json!({}))).await.is_problem(403, "forbidden");
        let gone = act(&member, &first, "withdraw", Some(json!({}))).await.is(200);
        assert_eq!(
            (gone["state"].as_str(), gone["due"].clone(), gone["allowed_actions"].clone()),
            (Some("withdrawn"), json!(null), json!([]))
        );
        assert_eq!(told(&town, town.county.organizations["教科卫体委"], "opinion_withdrawn", &gone), 1);
        let second = accepted(&town, "受理后撤回").await;
        act(&member, &second, "withdraw", Some(json!({}))).await.has_fault("/reason", "required");
        act(&member, &second, "withdraw", Some(json!({"reason": "已经解决"}))).await.is(200);
        let third = submitted(&member, "退回后撤回", json!({})).await;
        let third = act(&committee, &third, "return", Some(json!({"reason": "地点不详"}))).await.is(200);
        act(&member, &third, "withdraw", Some(json!({}))).await.is(200);
    }
}

#[actix_web::test]
async fn a_return_lapses_after_thirty_days() {
    for town in Town::on_each_engine().await {
        let (member, committee) = (town.member("教育界"), town.committee("教育界"));
        let opinion = submitted(&member, "将失效", json!({})).await;
        let returned = act(&committee, &opinion, "return", Some(json!({"reason": "地点不详"}))).await.is(200);
        town.at("2026-04-01T15:59:59Z");
        crate::walk::clock_strikes(&town).await;
        assert_eq!(read(&member, &returned).await["state"], "returned", "the last day ends at 24:00");
        town.at("2026-04-01T16:00:00Z");
        crate::walk::clock_strikes(&town).await;
        crate::walk::clock_strikes(&town).await;
        let lapsed = read(&member, &returned).await;
        assert_eq!((lapsed["state"].as_str(), lapsed["due"].clone()), (Some("withdrawn"), json!(null)));
        assert_eq!(told(&town, member.person(), "opinion_lapsed", &lapsed), 1);
        assert_eq!(history(&town, &lapsed).last().map(String::as_str), Some("opinion_lapse returned withdrawn clock"));
        let ops: Vec<(String, Option<String>)> = town.rows(|conn| {
            audit_entries::table
                .filter(audit_entries::op.eq("opinion_lapse"))
                .select((audit_entries::op, audit_entries::role))
                .load(conn)
                .expect("entries")
        });
        assert_eq!(ops, [("opinion_lapse".to_owned(), Some("clock".to_owned()))]);
    }
}

#[actix_web::test]
async fn a_decline_is_objected_to_once_and_its_decider_does_not_decide_again() {
    for mut town in Town::on_each_engine().await {
        joins(&mut town, "办公室2", Role::Office, "办公室", "staff");
        let (member, office, second) = (town.member("教育界"), town.office(), town.actor("办公室2"));
        let reason = |text: &str| Some(json!({"reason": text}));
        let opinion = submitted(&member, "不服", json!({"owner_choice": "office"})).await;
        act(&office, &opinion, "decline", Some(json!({}))).await.has_fault("/reason", "required");
        let declined = act(&office, &opinion, "decline", reason("属于诉讼程序")).await.is(200);
        assert_eq!((declined["state"].as_str(), declined["outcome"].as_str()), (Some("declined"), Some("declined")));
        let seen = read(&member, &declined).await;
        assert_eq!(seen["allowed_actions"], json!(["opinion_object"]));
        assert_eq!((seen["due"]["kind"].as_str(), seen["due"]["on"].as_str()), (Some("objection"), Some("2026-03-23")));
        assert_eq!(told(&town, member.person(), "opinion_declined", &declined), 1);
        let receipt = crate::walk::receipt(&member, &declined).await;
        assert_eq!((receipt["outcome"].as_str(), receipt["state"].as_str()), (Some("declined"), Some("not_required")));
        assert_eq!((receipt["in_time"].clone(), receipt["round"].clone()), (json!(true), json!(1)));
        let full = member.get(&format!("/v1/adoption-feedback/{}", id(&receipt))).send().await.is(200);
        assert_eq!(full["text"], "属于诉讼程序");
        act(&second, &declined, "object", reason("代为")).await.is_problem(403, "forbidden");

        let again = act(&member, &declined, "object", reason("并非诉讼")).await.is(200);
        assert_eq!((again["state"].as_str(), again["owner"]["name"].as_str()), (Some("submitted"), Some("办公室")));
        assert_eq!((again["outcome"].clone(), again["due"]["kind"].clone()), (json!(null), json!("triage")));
        for step in ["accept", "return", "decline"] {
            let body = if step == "accept" { None } else { reason("再次") };
            act(&office, &again, step, body).await.is_problem(403, "own_matter");
        }
        assert_eq!(
            read(&office, &again).await["allowed_actions"],
            json!(["opinion_transfer", "opinion_reclassify", "opinion_remind"])
        );
        let final_ = act(&second, &again, "decline", reason("维持原意见")).await.is(200);
        assert_eq!((final_["due"].clone(), read(&member, &final_).await["allowed_actions"].clone()), (json!(null), json!([])));
        act(&member, &final_, "object", reason("再次异议")).await.is_problem(409, "state_conflict");
        let receipt = crate::walk::receipt(&member, &final_).await;
        assert_eq!(receipt["round"], 2);
    }
}

#[actix_web::test]
async fn an_objection_comes_in_time_or_not_at_all() {
    for town in Town::on_each_engine().await {
        let (member, committee) = (town.member("教育界"), town.committee("教育界"));
        let opinion = submitted(&member, "逾期", json!({})).await;
        let declined = act(&committee, &opinion, "decline", Some(json!({"reason": "重复"}))).await.is(200);
        town.at("2026-03-23T15:59:59Z");
        assert_eq!(read(&member, &declined).await["allowed_actions"], json!(["opinion_object"]));
        town.at("2026-03-23T16:00:00Z");
        assert_eq!(read(&member, &declined).await["allowed_actions"], json!([]));
        let late = act(&member, &declined, "object", Some(json!({"reason": "不服"}))).await.is_problem(409, "state_conflict");
        assert_eq!(late["state"], "declined");
        assert_eq!(read(&committee, &declined).await["due"]["overdue"], false, "nobody is late for an objection");
    }
}

#[actix_web::test]
async fn a_setting_keeps_declining_for_the_chair() {
    for mut town in Town::on_each_engine().await {
        joins(&mut town, "教科卫体委委员", Role::Committee, "教科卫体委", "staff");
        let (chair, staff) = (town.committee("教育界"), town.actor("教科卫体委委员"));
        let opinion = submitted(&town.member("教育界"), "由主任", json!({})).await;
        let may = async |actor: &Actor| {
            read(actor, &opinion).await["allowed_actions"].as_array().is_some_and(|all| all.contains(&json!("opinion_decline")))
        };
        assert!(may(&chair).await && may(&staff).await);
        let now = town.clock.now();
        town.rows(|conn| {
            let values = serde_json::to_value(lianxi::directory::settings::Settings {
                decline_by_chair: true,
                ..lianxi::directory::settings::Settings::default()
            });
            diesel::insert_into(settings_versions::table)
                .values((
                    settings_versions::id.eq(Id::fresh()),
                    settings_versions::jurisdiction_id.eq(town.county.id),
                    settings_versions::from_day.eq("2026-03-01".parse::<chrono::NaiveDate>().expect("a day")),
                    settings_versions::values.eq(Json(values.expect("settings"))),
                    settings_versions::version.eq(1_i64),
                    settings_versions::created_at.eq(now),
                ))
                .execute(conn)
                .expect("settings");
        });
        assert!(may(&chair).await && !may(&staff).await);
        act(&staff, &opinion, "decline", Some(json!({"reason": "重复"}))).await.is_problem(403, "forbidden");
        act(&chair, &opinion, "decline", Some(json!({"reason": "重复"}))).await.is(200);
    }
}

#[actix_web::test]
async fn nobody_takes_a_bodys_step_on_what_is_their_own() {
    for mut town in Town::on_each_engine().await {
        also_member(&town, "教科卫体委", "教育界");
        joins(&mut town, "教科卫体委同事", Role::Committee, "教科卫体委", "staff");
        let (author, colleague) = (town.committee("教育界"), town.actor("教科卫体委同事"));
        let own = submitted(&author, "本人的", json!({})).await;
        assert_eq!(read(&author, &own).await["allowed_actions"], json!(["opinion_withdraw"]));
        for (step, body) in [
            ("accept", None),
            ("return", Some(json!({"reason": "补正"}))),
            ("decline", Some(json!({"reason": "重复"}))),
            ("transfer", Some(json!({"organization_id": town.county.organizations["经济委"], "reason": "转"}))),
            ("reclassify", Some(json!({"track": "social_conditions", "reason": "转"}))),
        ] {
            act(&author, &own, step, body).await.is_problem(403, "own_matter");
        }
        author.post(&format!("{}/remind", path(&own))).send().await.is_problem(403, "own_matter");
        act(&colleague, &own, "accept", None).await.is(200);
        // Whoever only recorded it is no author.
        let mut body = written("代登记", json!({}));
        body["intake"] = json!("telephone");
        body["author_person_id"] = json!(town.county.persons["教育界1"]);
        let registered = author.post("/v1/opinions/register").json(body.clone()).await.is(201);
        act(&author, &registered, "accept", None).await.is(200);
        body["author_person_id"] = json!(author.person());
        author.post("/v1/opinions/register").json(body).await.is_problem(403, "own_matter");
    }
}

#[actix_web::test]
async fn deadlines_pass_over_the_holidays_and_own_days_of_a_jurisdiction() {
    for town in Town::on_each_engine().await {
        let (member, committee) = (town.member("教育界"), town.committee("教育界"));
        for (at, urgency, triage, report) in [
            // Saturday 14 and 28 February are worked, 16 to 23 are off.
            ("2026-02-12T02:00:00Z", "normal", "2026-02-24", "2026-03-04"),
            ("2026-02-12T02:00:00Z", "urgent", "2026-02-14", "2026-02-26"),
            ("2026-02-12T02:00:00Z", "extra_urgent", "2026-02-13", "2026-02-13"),
            // The local day counts: it is the 13th already.
            ("2026-02-12T16:00:00Z", "normal", "2026-02-25", "2026-03-05"),
            // Sunday 20 September and Saturday 10 October are worked, the 25th and 1 to 7 October are off.
            ("2026-09-18T02:00:00Z", "normal", "2026-09-22", "2026-10-09"),
            ("2026-09-30T02:00:00Z", "normal", "2026-10-10", "2026-10-20"),
        ] {
            town.at(at);
            let opinion = submitted(&member, "假日", json!({"urgency": urgency})).await;
            assert_eq!(opinion["due"]["on"], triage, "{at} {urgency}");
            let accepted = act(&committee, &opinion, "accept", None).await.is(200);
            assert_eq!(accepted["due"]["on"], report, "{at} {urgency}");
            assert_eq!(accepted["due"]["calendar"], "known");
        }
        town.at("2026-12-30T02:00:00Z");
        let opinion = submitted(&member, "跨年", json!({})).await;
        let due = json!({"kind": "triage", "on": "2027-01-04", "owed_by": "owner", "calendar": "assumed", "overdue": false, "overdue_days": 0});
        assert_eq!(opinion["due"], due);
    }
}

#[actix_web::test]
async fn reminders_come_before_on_and_after_a_deadline_and_at_last_to_the_secretary_general() {
    for town in Town::on_each_engine().await {
        let opinion = accepted(&town, "提醒").await;
        let owner = town.county.organizations["教科卫体委"];
        let head = town.county.persons["秘书长"];
        let counts = || {
            ["opinion_due_soon", "opinion_due_today", "opinion_overdue", "opinion_long_overdue"]
                .map(|kind| told(&town, if kind == "opinion_long_overdue" { head } else { owner }, kind, &opinion))
        };
        // Due on Monday, 16 March.
        for (at, expected) in [
            ("2026-03-10T02:00:00Z", [0, 0, 0, 0]),
            ("2026-03-11T02:00:00Z", [1, 0, 0, 0]),
            ("2026-03-13T02:00:00Z", [1, 0, 0, 0]),
            ("2026-03-16T02:00:00Z", [1, 1, 0, 0]),
            ("2026-03-19T02:00:00Z", [1, 1, 1, 0]),
            ("2026-03-27T02:00:00Z", [1, 1, 1, 0]),
            ("2026-03-30T02:00:00Z", [1, 1, 1, 1]),
            ("2026-03-31T02:00:00Z", [1, 1, 1, 1]),
        ] {
            town.at(at);
            crate::walk::clock_strikes(&town).await;
            assert_eq!(crate::walk::clock_strikes(&town).await, 0, "{at}: nothing is left and nothing is told twice");
            assert_eq!(counts(), expected, "{at}");
        }
    }
}

#[actix_web::test]
async fn log_feed_and_notices_hold_no_text_of_an_opinion() {
    for town in Town::on_each_engine().await {
        let secret = "一句只有作者写得出的话";
        let opinion = draft(&town.member("教育界"), secret, json!({"situation": secret, "analysis": secret})).await;
        let opinion = act(&town.member("教育界"), &opinion, "submit", None).await.is(200);
        act(&town.committee("教育界"), &opinion, "return", Some(json!({"reason": secret}))).await.is(200);
        let kept: Vec<String> = town.rows(|conn| {
            let details: Vec<Json> = audit_entries::table.select(audit_entries::details).load(conn).expect("entries");
            let belongs: Vec<Json> = changes::table.select(changes::belongs).load(conn).expect("changes");
            let params: Vec<Json> = notifications::table.select(notifications::params).load(conn).expect("notices");
            [details, belongs, params].concat().into_iter().map(|json| json.0.to_string()).collect()
        });
        assert!(kept.len() > 6 && kept.iter().all(|text| !text.contains("只有作者")));
        let verified = town.rows(|conn| lianxi::record::verify_all(conn, town.db.seal()).expect("a check"));
        assert!(verified.is_ok(), "{verified:?}");
    }
}

#[actix_web::test]
async fn a_former_member_submits_what_was_returned_and_writes_nothing_new() {
    use lianxi::db::schema::posts;
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let opinion = submitted(&member, "届末", json!({})).await;
        let returned = act(&town.committee("教育界"), &opinion, "return", Some(json!({"reason": "补正"}))).await.is(200);
        let last = "2026-03-05".parse::<chrono::NaiveDate>().expect("a day");
        town.rows(|conn| {
            diesel::update(posts::table.filter(posts::person_id.eq(member.person())))
                .set(posts::to_day.eq(Some(last)))
                .execute(conn)
                .expect("an end");
        });
        town.at("2026-03-10T02:00:00Z");
        member.post("/v1/opinions").json(written("新的", json!({}))).await.is_problem(403, "forbidden");
        let again = act(&member, &returned, "submit", None).await.is(200);
        assert_eq!((again["state"].as_str(), again["sector"]["name"].as_str()), (Some("submitted"), Some("教育界")));
        act(&member, &again, "withdraw", Some(json!({}))).await.is(200);
        town.at("2027-03-10T02:00:00Z");
        member.get(&path(&again)).send().await.is_problem(403, "forbidden");
    }
}
