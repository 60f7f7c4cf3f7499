//! 社情民意 over HTTP: writing, submitting, finding, and the steps of the body that owns it.

use std::collections::BTreeSet;

use diesel::prelude::*;
use lianxi::base::id::Id;
use lianxi::base::text;
use lianxi::db::schema::{audit_entries, memberships, notifications, opinions, posts, sector_correspondences};
use lianxi::policy::Role;
use serde_json::{Value, json};

use crate::town::{Town, at_once};
use crate::walk::{act, draft, id, path, read, submitted, told, written};

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

/// Gives the person of one account a seat, so that they may write under a second account of theirs.
fn also_member(town: &mut Town, label: &str, as_label: &str, sector: &str) {
    town.county = town.rows(|conn| {
        let mut county = town.county.clone();
        let person = county.accounts[label].person.expect("a person");
        county.post(conn, person, "member", Some(sector));
        county.account(conn, as_label, &[Role::Member], Some(person), None);
        county
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
                "opinion_transfer", "opinion_reclassify", "opinion_remind", "opinion_accept", "opinion_return", "opinion_decline"
            ])
        );
        assert_eq!(told(&town, town.county.organizations["教科卫体委"], "opinion_submitted", &opinion), 1);
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
        town.rows(|conn| town.county.membership(conn, town.county.persons["教育界1"], town.county.organizations["经济委"], "member"));
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
        let settings = json!({"from": "2026-03-01", "values": {"opinion_characters": 500}});
        let _ = settings;
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
        let found: Vec<_> =
            warnings.iter().map(|warning| (warning["pointer"].as_str(), warning["code"].as_str(), warning["start"].as_i64())).collect();
        assert_eq!(found, [(Some("/situation"), Some("phone"), Some(7)), (Some("/situation"), Some("identity_number"), Some(24))]);
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
        member.post("/v1/opinions").json(other.clone()).await.is_problem(409, "client_ref_taken");
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
        let patch = json!({"title": "二稿", "analysis": null, "track": "social_conditions", "urgency": "urgent", "owner_choice": "office"});
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
        let history = crate::walk::history(&town, &again);
        assert_eq!(history[2], "opinion_submit draft submitted member");
        assert_eq!(history[3], "opinion_return submitted returned office");
    }
}

#[actix_web::test]
async fn what_it_came_from_is_its_authors_own() {
    use lianxi::db::schema::{constituents, contact_events, event_participants};
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let (own_event, foreign_event, mine, others) = (Id::fresh(), Id::fresh(), Id::fresh(), Id::fresh());
        let now = town.clock.now();
        town.rows(|conn| {
            for (event, recorder) in [(own_event, town.county.persons["教育界2"]), (foreign_event, town.county.persons["教育界2"])] {
                diesel::insert_into(contact_events::table)
                    .values((
                        contact_events::id.eq(event),
                        contact_events::jurisdiction_id.eq(town.county.id),
                        contact_events::occurred_on.eq("2026-02-28".parse::<chrono::NaiveDate>().expect("a day")),
                        contact_events::form.eq("visit"),
                        contact_events::summary.eq("走访"),
                        contact_events::content_kinds.eq("constituent_needs"),
                        contact_events::initiated_by.eq("contacting"),
                        contact_events::recorded_by.eq(recorder),
                        contact_events::recorded_role.eq("member"),
                        contact_events::others_count.eq(0_i64),
                        contact_events::outside_persons.eq(lianxi::db::words::Json(json!([]))),
                        contact_events::publicity.eq(lianxi::db::words::Json(json!([]))),
                        contact_events::services.eq(lianxi::db::words::Json(json!([]))),
                        contact_events::with_people.eq(true),
                        contact_events::state.eq("recorded"),
                        contact_events::settled.eq(false),
                    ))
                    .execute(conn)
                    .map(drop)
                    .unwrap_or_else(|error| panic!("an event: {error}"));
            }
            let _ = (&now, event_participants::table, constituents::table, mine, others, &member);
        });
    }
}
