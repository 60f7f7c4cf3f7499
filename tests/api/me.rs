//! 我的 over HTTP: who am I, what do I owe, what was I told.

use std::collections::BTreeSet;

use diesel::prelude::*;
use lianxi::base::id::Id;
use lianxi::db::schema::{account_persons, accounts, notifications};
use lianxi::db::words::Json;
use lianxi::policy::Role;
use serde_json::{Value, json};

use crate::facts::{ALWAYS, Told, at, review, visit};
use crate::town::{Actor, Town};
use crate::walk::{accepted, acknowledge, act, answered, decided, id, meeting, receipt, reported, resolution, submitted};

async fn get(actor: &Actor, path: &str) -> Value {
    actor.get(path).send().await.is(200)
}

async fn todos(actor: &Actor, query: &str) -> Vec<Value> {
    get(actor, &format!("/v1/me/todos?limit=100&{query}")).await["items"].as_array().expect("items").clone()
}

fn kinds(todos: &[Value]) -> Vec<&str> {
    todos.iter().map(|todo| todo["kind"].as_str().expect("a kind")).collect()
}

fn one<'t>(todos: &'t [Value], kind: &str, thing: &Value) -> &'t Value {
    let of = |todo: &&Value| todo["kind"] == kind && todo["thing"]["id"] == thing["id"];
    let found: Vec<_> = todos.iter().filter(of).collect();
    assert_eq!(found.len(), 1, "{kind} of {} in {todos:?}", thing["id"]);
    found[0]
}

// Who am I --------------------------------------------------------------------------------------------------------------

#[actix_web::test]
async fn every_role_reads_who_it_is_and_what_it_may_do() {
    for town in Town::on_each_engine().await {
        for (label, role, may, may_not) in [
            ("管理员", "admin", "account_create", "opinion_create"),
            ("审计员", "auditor", "me_read", "report_compliance"),
            ("主席", "leader", "report_compliance", "opinion_create"),
            ("办公室", "office", "opinion_decide", "contact_event_create"),
            ("经济委", "committee", "opinion_accept", "opinion_decide"),
            ("委员工委", "member_affairs", "contact_event_settle", "opinion_list"),
            ("教育界活动组", "group", "sector_list", "opinion_list"),
            ("教育界1", "member", "opinion_submit", "opinion_accept"),
            ("信息员", "contributor", "opinion_submit", "contact_event_create"),
            ("县府办", "recipient", "me_read", "opinion_list"),
        ] {
            let me = get(&town.actor(label), "/v1/me").await;
            assert_eq!(me["roles"][0]["role"], role, "{label}");
            let open = me["may"].as_array().expect("operations");
            assert!(open.contains(&json!(may)) && !open.contains(&json!(may_not)), "{label}: {open:?}");
            assert_eq!((&me["jurisdiction"]["code"], &me["jurisdiction"]["parent"]), (&json!("330327"), &json!("330300")));
            assert_eq!((&me["must_change_password"], &me["acting_as"]), (&json!(false), &json!(null)));
            assert_eq!((&me["today"], &me["time_zone"]), (&json!("2026-03-02"), &json!("Asia/Shanghai")));
        }
        let committee = get(&town.committee("教育界"), "/v1/me").await;
        let role = &committee["roles"][0];
        assert_eq!((&role["organization"]["name"], &role["chairs"]), (&json!("教科卫体委"), &json!(true)));
        assert_eq!(role["sectors"][0]["name"], "教育界");
        assert_eq!(committee["person"]["name"], "教科卫体委干部");
        let member = get(&town.member("教育界"), "/v1/me").await;
        assert_eq!((&member["roles"][0]["person"]["name"], &member["roles"][0]["organization"]), (&json!("教育界1"), &json!(null)));
        assert_eq!(member["account"]["name"], "330327-教育界1");
    }
}

#[actix_web::test]
async fn an_account_of_two_roles_and_two_counties_sees_its_choices() {
    for town in Town::on_each_engine().await {
        let account = town.county.accounts["教育界1"].id;
        town.put(|conn, county| {
            county.grant(conn, "教育界1", Role::Group, Some(county.organizations["教育界活动组"]));
            county.membership(conn, county.persons["教育界1"], county.organizations["教育界活动组"], "convener");
            diesel::insert_into(account_persons::table)
                .values((
                    account_persons::jurisdiction_id.eq(town.above.id),
                    account_persons::account_id.eq(account),
                    account_persons::version.eq(1_i64),
                    account_persons::created_at.eq(at("2026-03-01T00:00:00Z")),
                    account_persons::updated_at.eq(at("2026-03-01T00:00:00Z")),
                ))
                .execute(conn)
                .expect("another county");
        });
        let member = town.member("教育界");
        let me = get(&member, "/v1/me").await;
        let roles: Vec<_> = me["roles"].as_array().expect("roles").iter().map(|role| role["role"].clone()).collect();
        assert_eq!(roles, ["member", "group"]);
        let codes: Vec<_> = me["jurisdictions"].as_array().expect("some").iter().map(|of| of["code"].clone()).collect();
        assert_eq!(codes, ["330300", "330327"]);
        let me = member.get("/v1/me").header("Lianxi-Acting-As", "group").send().await.is(200);
        assert_eq!(me["acting_as"], "group");
        assert!(!me["may"].as_array().expect("operations").contains(&json!("opinion_create")), "{}", me["may"]);
        member.get("/v1/me").header("Lianxi-Acting-As", "office").send().await.is_problem(403, "forbidden");
    }
}

#[actix_web::test]
async fn before_a_one_time_password_is_changed_one_sees_oneself_and_nothing_else() {
    for town in Town::on_each_engine().await {
        let account = town.county.accounts["教育界1"].id;
        town.rows(|conn| {
            diesel::update(accounts::table.find(account)).set(accounts::must_change_password.eq(true)).execute(conn).expect("one")
        });
        let member = town.member("教育界");
        let me = get(&member, "/v1/me").await;
        assert_eq!(me["must_change_password"], true);
        assert_eq!(me["may"], json!(["auth_password_change", "me_read"]));
        for path in ["/v1/me/todos", "/v1/me/notifications"] {
            member.get(path).send().await.is_problem(403, "password_change_required");
        }
        town.nobody().get("/v1/me").send().await.is_problem(401, "unauthenticated");
    }
}

// What do I owe ---------------------------------------------------------------------------------------------------------

#[actix_web::test]
async fn an_opinion_wanders_through_the_to_do_lists_of_those_who_owe_the_next_step() {
    for town in Town::on_each_engine().await {
        let (member, committee, office) = (town.member("教育界"), town.committee("教育界"), town.office());
        let opinion = submitted(&member, "校门口缺一条斑马线", json!({})).await;
        let waiting = todos(&committee, "").await;
        let triage = one(&waiting, "opinion_triage", &opinion);
        assert_eq!(triage["title"]["zh"], "审查社情民意：《校门口缺一条斑马线》");
        assert_eq!((&triage["due_on"], &triage["since"]), (&json!("2026-03-05"), &json!("2026-03-02")));
        assert_eq!((&triage["overdue_days"], &triage["operation"]), (&json!(0), &json!("opinion_accept")));
        assert_eq!((&triage["calendar"], &triage["thing"]["kind"]), (&json!("known"), &json!("opinion")));
        assert!(todos(&office, "").await.is_empty(), "it is the owner's");
        town.at("2026-03-09T02:00:00Z");
        assert_eq!(one(&todos(&committee, "overdue=true").await, "opinion_triage", &opinion)["overdue_days"], 4);

        let accepted = act(&committee, &opinion, "accept", None).await.is(200);
        assert_eq!(one(&todos(&committee, "").await, "opinion_report", &opinion)["operation"], "opinion_report");
        assert!(todos(&committee, "overdue=true").await.is_empty());

        let returned = act(&committee, &accepted, "return", Some(json!({"reason": "请补充地点"}))).await.is(200);
        assert!(todos(&committee, "").await.is_empty(), "it is with its author");
        let mine = todos(&member, "kind=opinion_resubmission").await;
        assert_eq!(one(&mine, "opinion_resubmission", &opinion)["due_on"], "2026-04-08");
        assert!(todos(&town.actor("教育界2"), "").await.is_empty());
        let again = act(&member, &returned, "submit", None).await.is(200);
        assert!(todos(&member, "kind=opinion_resubmission").await.is_empty());
        act(&committee, &again, "accept", None).await.is(200);
    }
}

#[actix_web::test]
async fn the_office_records_decisions_and_the_owner_gives_the_feedback() {
    for town in Town::on_each_engine().await {
        let (member, committee, office) = (town.member("教育界"), town.committee("教育界"), town.office());
        let meeting = meeting(&town, "第十次主席会议", "2026-03-20").await;
        let opinion = reported(&town, "提前通知", &meeting).await;
        assert!(todos(&committee, "").await.is_empty());
        town.at("2026-03-20T02:00:00Z");
        let resolution = resolution(&town, &meeting, "〔2026〕3号").await;
        let closing = office
            .post(&format!("/v1/meetings/{}/close", id(&meeting)))
            .if_match(&get(&office, &format!("/v1/meetings/{}", id(&meeting))).await);
        let decision = json!({"outcome": "adopted", "resolution_id": id(&resolution)});
        let seen = get(&office, &format!("/v1/opinions/{}", id(&opinion))).await;
        assert_eq!(one(&todos(&office, "").await, "opinion_decision", &opinion)["operation"], "opinion_decide");
        let decided = act(&office, &seen, "decide", Some(decision)).await.is(200);
        closing.send().await.is(200);
        assert!(todos(&office, "").await.is_empty());
        assert_eq!(one(&todos(&committee, "").await, "opinion_feedback", &opinion)["due_on"], "2026-03-27");
        act(&committee, &decided, "feedback", Some(json!({"text": "已采纳。"}))).await.is(200);
        assert!(todos(&committee, "").await.is_empty());
        let receipt = receipt(&member, &opinion).await;
        let mine = todos(&member, "kind=feedback_acknowledgement").await;
        assert_eq!(one(&mine, "feedback_acknowledgement", &receipt)["title"]["zh"], "确认收到的反馈：《提前通知》");
        acknowledge(&member, &receipt, "satisfied").await.is(200);
        assert!(todos(&member, "kind=feedback_acknowledgement").await.is_empty());
    }
}

#[actix_web::test]
async fn a_record_waits_for_those_it_is_about_and_a_dispute_for_a_ruling() {
    for town in Town::on_each_engine().await {
        let told = town.tells(visit("2026-02-10", "教育界2", &[("教育界2", false), ("教育界1", false)]));
        let by_member =
            Told { committee: Some(("教科卫体委", None)), ..visit("2026-02-11", "教育界2", &[("教育界2", false)]) };
        let to_committee = town.tells(by_member);
        let (told, to_committee) = (json!({"id": told}), json!({"id": to_committee}));
        let member = town.member("教育界");
        let waiting = todos(&member, "").await;
        let todo = one(&waiting, "event_confirmation", &told);
        assert_eq!((&todo["due_on"], &todo["since"]), (&json!(null), &json!("2026-02-10")));
        assert_eq!(kinds(&waiting), ["event_confirmation"]);
        assert!(kinds(&todos(&town.actor("教育界2"), "").await).is_empty(), "who wrote it has nothing to confirm");
        one(&todos(&town.committee("教育界"), "").await, "event_confirmation", &to_committee);
        let event = get(&member, &format!("/v1/contact-events/{}", id(&told))).await;
        let dispute = member.post(&format!("/v1/contact-events/{}/dispute", id(&told))).if_match(&event);
        dispute.json(json!({"reason": "当天不在县里"})).await.is(200);
        assert!(todos(&member, "").await.is_empty());
        let rulings = todos(&town.affairs(), "").await;
        assert_eq!(one(&rulings, "event_settlement", &told)["operation"], "contact_event_settle");
        assert_eq!(rulings.len(), 1);
        assert!(todos(&town.of(&town.elsewhere, "委员工委"), "").await.is_empty());
    }
}

#[actix_web::test]
async fn duties_at_risk_or_unmet_are_owed_by_those_charged_with_them() {
    for town in Town::on_each_engine().await {
        town.leads("副主席", "教育界1", ALWAYS);
        let leader = town.actor("副主席");
        assert!(todos(&leader, "").await.is_empty(), "there is time");
        town.at("2026-11-02T02:00:00Z");
        let mine = todos(&town.member("教育界"), "").await;
        assert_eq!(kinds(&mine), ["duty", "duty"]);
        let titles: BTreeSet<_> = mine.iter().map(|todo| todo["title"]["zh"].as_str().expect("a title")).collect();
        assert_eq!(titles, BTreeSet::from(["联系群众还差 5 名（第十一条）", "走访群众还差 2 次（第十四条）"]));
        let led = todos(&leader, "").await;
        let of = json!({"id": town.county.persons["教育界1"]});
        let review = one(&led, "duty", &of);
        assert_eq!(review["title"]["zh"], "了解常委教育界1全年的工作（第十二条）");
        assert_eq!((&review["due_on"], &review["operation"]), (&json!("2026-12-31"), &json!("contact_event_create")));
        for on in ["2026-10-01", "2026-10-02"] {
            town.tells(visit(on, "教育界1", &[("教育界1", false)]));
        }
        assert_eq!(kinds(&todos(&town.member("教育界"), "").await), ["duty"]);
    }
}

#[actix_web::test]
async fn a_committee_owes_the_review_of_each_of_its_members() {
    for town in Town::on_each_engine().await {
        let committee = town.committee("教育界");
        assert!(todos(&committee, "kind=duty").await.is_empty(), "there is time");
        town.at("2026-11-02T02:00:00Z");
        let owed = todos(&committee, "kind=duty").await;
        let members = ["教育界1", "教育界2"].map(|label| json!({"id": town.county.persons[label]}));
        assert_eq!(owed.len(), 2);
        for member in &members {
            let todo = one(&owed, "duty", member);
            assert_eq!((&todo["due_on"], &todo["operation"]), (&json!("2026-12-31"), &json!("contact_event_create")));
        }
        assert_eq!(one(&owed, "duty", &members[1])["title"]["zh"], "了解委员教育界2全年的工作（第十三条）");
        let first = get(&committee, "/v1/me/todos?kind=duty&limit=1").await;
        let next = first["next_cursor"].as_str().expect("a cursor");
        let second = get(&committee, &format!("/v1/me/todos?kind=duty&limit=1&cursor={next}")).await;
        assert_ne!(first["items"][0]["thing"], second["items"][0]["thing"]);

        town.tells(Told {
            committee: Some(("教科卫体委", None)), ..review("2026-10-08", 2026, "教育界2", &[("教育界2", false)])
        });
        let owed = todos(&committee, "kind=duty").await;
        assert_eq!(owed.len(), 1);
        one(&owed, "duty", &members[0]);
        town.ends("教育界1", "member", "2026-01-31");
        assert!(todos(&committee, "kind=duty").await.is_empty(), "a month in office owes nothing");
    }
}

#[actix_web::test]
async fn after_feedback_those_it_came_from_are_told() {
    for town in Town::on_each_engine().await {
        let listed = town.lists("教育界1", &[None, None], ALWAYS);
        let member = town.member("教育界");
        let heard =
            town.tells(Told {
                others: 0, constituents: &listed[..1], ..visit("2026-02-01", "教育界1", &[("教育界1", false)])
            });
        let draft = json!({"event_id": heard});
        let opinion = submitted(&member, "校门口缺一条斑马线", draft).await;
        let plain = submitted(&member, "自己想到的", json!({})).await;
        for opinion in [&opinion, &plain] {
            act(&town.committee("教育界"), opinion, "decline", Some(json!({"reason": "不属政协职责"}))).await.is(200);
        }
        let mine = todos(&member, "kind=tell_back").await;
        assert_eq!(mine.len(), 1, "nobody has to be told of what came from nobody");
        assert_eq!(one(&mine, "tell_back", &opinion)["operation"], "contact_event_create");
        let tells = |on, whom| {
            town.tells(Told {
                others: 0, constituents: whom, form: "telephone", ..visit(on, "教育界1", &[("教育界1", false)])
            })
        };
        tells("2026-03-01", &listed[..1]);
        tells("2026-03-02", &listed[1..]);
        assert_eq!(todos(&member, "kind=tell_back").await.len(), 1, "neither before the feedback nor somebody else");
        tells("2026-03-02", &listed[..1]);
        assert!(todos(&member, "kind=tell_back").await.is_empty());
    }
}

#[actix_web::test]
async fn the_pages_of_the_to_do_list_follow_one_another() {
    for town in Town::on_each_engine().await {
        let committee = town.committee("教育界");
        for number in 0..3 {
            submitted(&town.member("教育界"), &format!("建议{number}"), json!({})).await;
            accepted(&town, &format!("意见{number}")).await;
            decided(&town, &format!("情况{number}")).await;
            town.tells(Told {
                committee: Some(("教科卫体委", None)), ..visit("2026-02-11", "教育界2", &[("教育界2", false)])
            });
        }
        let whole = todos(&committee, "").await;
        assert_eq!(whole.len(), 12);
        let days: Vec<_> = whole.iter().map(|todo| (todo["due_on"].is_null(), todo["due_on"].as_str())).collect();
        assert!(days.is_sorted(), "{days:?}");
        let (mut paged, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = get(&committee, &format!("/v1/me/todos?limit=2&with_total=true{cursor}")).await;
            assert_eq!(page["total"], 12);
            paged.extend(page["items"].as_array().expect("items").clone());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(paged, whole);
        committee.get("/v1/me/todos?kind=nothing").send().await.has_fault("/kind/0", "enum");
        for label in ["管理员", "审计员", "教育界活动组", "县府办"] {
            assert!(todos(&town.actor(label), "").await.is_empty(), "{label}");
        }
    }
}

#[actix_web::test]
async fn a_list_costs_the_same_statements_whatever_its_size() {
    for town in Town::on_each_engine().await {
        let committee = town.committee("教育界");
        for number in 0..6 {
            submitted(&town.member("教育界"), &format!("建议{number}"), json!({})).await;
        }
        for path in ["/v1/me/todos", "/v1/me/notifications", "/v1/reports/compliance"] {
            let count = async |limit: usize| {
                let path = format!("{path}?limit={limit}");
                town.statements(async || drop(committee.get(&path).send().await.is(200))).await.len()
            };
            let (few, many) = (count(2).await, count(100).await);
            // The first rows of the report need no contacts.
            let apart = if path.ends_with("compliance") { 5 } else { 0 };
            assert!(many <= few + apart && many <= 25, "{path}: {few} and {many} statements");
        }
    }
}

// What was I told -------------------------------------------------------------------------------------------------------

#[actix_web::test]
async fn a_person_and_a_body_are_told_and_each_account_marks_what_it_has_read() {
    for town in Town::on_each_engine().await {
        let (member, committee) = (town.member("教育界"), town.committee("教育界"));
        let opinion = answered(&town, "提前通知").await;
        let told = get(&member, "/v1/me/notifications").await;
        let of: Vec<_> = told["items"].as_array().expect("items").iter().map(|one| one["kind"].clone()).collect();
        assert_eq!(of, ["opinion_answered", "opinion_decided", "opinion_reported", "opinion_accepted"], "the newest first");
        let newest = &told["items"][0];
        assert_eq!(newest["text"]["zh"], "您的社情民意有了反馈：采纳，请于 2026-03-23 前确认");
        assert_eq!(newest["thing"], json!({"kind": "opinion", "id": opinion["id"]}));
        assert_eq!((&newest["organization"], &newest["read_at"]), (&json!(null), &json!(null)));
        let at_committee = get(&committee, "/v1/me/notifications?kind=opinion_submitted&with_total=true").await;
        assert_eq!((&at_committee["total"], &at_committee["items"][0]["organization"]["name"]), (&json!(1), &json!("教科卫体委")));
        assert_eq!(get(&town.actor("教育界2"), "/v1/me/notifications").await["items"], json!([]));

        let path = format!("/v1/me/notifications/{}/read", id(newest));
        town.at("2026-03-03T02:00:00Z");
        assert_eq!(member.post(&path).send().await.is(200)["read_at"], "2026-03-03T02:00:00Z");
        town.at("2026-03-04T02:00:00Z");
        assert_eq!(member.post(&path).send().await.is(200)["read_at"], "2026-03-03T02:00:00Z", "read once");
        for stranger in [&committee, &town.actor("教育界2"), &town.of(&town.elsewhere, "教育界1")] {
            stranger.post(&path).send().await.is_problem(404, "not_found");
        }
        let unread = get(&member, "/v1/me/notifications?unread=true&with_total=true").await;
        assert_eq!((&unread["total"], unread["items"].as_array().map(Vec::len)), (&json!(3), Some(3)));
        let read = get(&member, "/v1/me/notifications?unread=false").await;
        assert_eq!(read["items"][0]["id"], newest["id"]);
        let page = get(&member, "/v1/me/notifications?limit=3").await;
        let next = page["next_cursor"].as_str().expect("a cursor");
        let last = get(&member, &format!("/v1/me/notifications?limit=3&cursor={next}")).await;
        assert_eq!((&last["items"][0]["kind"], &last["next_cursor"]), (&json!("opinion_accepted"), &json!(null)));
        // Another account of the body has its own marks, and a body's older news are none for an account made later.
        let path = format!("/v1/me/notifications/{}/read", id(&at_committee["items"][0]));
        committee.post(&path).send().await.is(200);
        let late = town.county.accounts["教科卫体委"].id;
        town.rows(|conn| {
            let since = account_persons::created_at.eq(at("2026-03-03T00:00:00Z"));
            diesel::update(account_persons::table.find((town.county.id, late))).set(since).execute(conn).expect("an account")
        });
        assert_eq!(get(&committee, "/v1/me/notifications").await["items"], json!([]));
    }
}

#[actix_web::test]
async fn a_kind_that_is_not_known_yet_still_says_something() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        town.rows(|conn| {
            diesel::insert_into(notifications::table)
                .values((
                    notifications::id.eq(Id::fresh()),
                    notifications::jurisdiction_id.eq(town.county.id),
                    notifications::person_id.eq(member.account.person),
                    notifications::kind.eq("briefing_issued"),
                    notifications::thing_kind.eq("briefing"),
                    notifications::thing_id.eq(Id::fresh()),
                    notifications::params.eq(Json(json!({"number": 12}))),
                    notifications::created_at.eq(at("2026-03-01T00:00:00Z")),
                ))
                .execute(conn)
                .expect("a notification")
        });
        let told = get(&member, "/v1/me/notifications").await;
        assert_eq!(told["items"][0]["text"]["zh"], "与您有关的事项有了变化");
        assert_eq!(told["items"][0]["thing"]["kind"], "briefing");
    }
}
