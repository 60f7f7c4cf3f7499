//! 联系活动 over HTTP.

use std::sync::{Arc, Mutex};

use chrono::NaiveDate;
use diesel::connection::{Connection, InstrumentationEvent};
use diesel::prelude::*;
use lianxi::base::id::Id;
use lianxi::base::problem::Maybe;
use lianxi::db::Conn;
use lianxi::db::schema::*;
use lianxi::policy::Role;
use serde_json::{Value, json};

use crate::town::{Actor, Answer, County, Town, at_once};

const PATH: &str = "/v1/contact-events";

/// A visit of half a minute, with what a test cares for laid over it.
fn visit(particulars: Value) -> Value {
    let mut record = json!({"occurred_on": "2026-03-01", "form": "visit", "summary": "走访", "others_count": 1});
    for (field, value) in particulars.as_object().into_iter().flatten() {
        record[field] = value.clone();
    }
    record
}

/// A meeting with persons alone.
fn meeting(persons: &[Id], particulars: Value) -> Value {
    let mut record = visit(json!({"form": "interview", "others_count": 0, "person_ids": persons}));
    for (field, value) in particulars.as_object().into_iter().flatten() {
        record[field] = value.clone();
    }
    record
}

fn at(event: &Value, action: &str) -> String {
    let id = event["id"].as_str().expect("an id");
    if action.is_empty() { format!("{PATH}/{id}") } else { format!("{PATH}/{id}/{action}") }
}

/// A row of the feed: the operation, the state, the version.
type Change = (String, Option<String>, i64);

impl Actor {
    async fn records(&self, record: Value) -> Value {
        self.post(PATH).json(record).await.is(201)
    }

    async fn sees(&self, event: &Value) -> Value {
        self.get(&at(event, "")).send().await.is(200)
    }

    /// Does `action` to the event as this actor sees it now.
    async fn does(&self, action: &str, event: &Value, body: Value) -> Answer {
        let seen = self.sees(event).await;
        let ask = self.post(&at(event, action)).if_match(&seen);
        if body.is_null() { ask.send().await } else { ask.json(body).await }
    }

    async fn lists(&self, query: &str) -> Vec<Value> {
        let page = self.get(&format!("{PATH}{query}")).send().await.is(200);
        page["items"].as_array().expect("items").clone()
    }
}

fn why(reason: &str) -> Value {
    json!({"reason": reason})
}

fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["id"].as_str().unwrap_or_default()).collect()
}

fn actions(event: &Value) -> Vec<&str> {
    let all = event["allowed_actions"].as_array().expect("actions").iter();
    all.map(|action| action.as_str().unwrap_or_default().trim_start_matches("contact_event_")).collect()
}

/// The words on a record: person's name and confirmation.
fn words(event: &Value) -> Vec<(&str, &str)> {
    let all = event["participants"].as_array().expect("participants").iter();
    all.map(|one| (one["person"]["name"].as_str().unwrap_or_default(), one["confirmation"].as_str().unwrap_or_default())).collect()
}

impl Town {
    fn person(&self, name: &str) -> Id {
        self.county.persons[name]
    }

    /// A constituent of a member, as the other wing keeps them.
    fn constituent(&self, member: &str, name: &str) -> Id {
        let id = Id::fresh();
        let sealed = self.db.seal().close("constituents.name", name);
        self.rows(|conn| {
            diesel::insert_into(constituents::table)
                .values((
                    constituents::id.eq(id),
                    constituents::jurisdiction_id.eq(self.county.id),
                    constituents::member_id.eq(self.person(member)),
                    constituents::name.eq(&sealed),
                    constituents::bases.eq("residence"),
                    constituents::version.eq(1_i64),
                    constituents::created_at.eq(self.clock.now()),
                    constituents::updated_at.eq(self.clock.now()),
                ))
                .execute(conn)
                .expect("a constituent");
        });
        id
    }

    /// What somebody was told of an event: kinds, the oldest first.
    fn told(&self, person: Option<Id>, body: Option<Id>) -> Vec<String> {
        self.rows(|conn| {
            let all: Vec<(String, Option<Id>, Option<Id>)> = notifications::table
                .filter(notifications::thing_kind.eq("contact_event"))
                .order(notifications::id)
                .select((notifications::kind, notifications::person_id, notifications::organization_id))
                .load(conn)
                .expect("notifications");
            let own = all.into_iter().filter(|(_, to, of)| (person.is_some() && *to == person) || (body.is_some() && *of == body));
            own.map(|(kind, ..)| kind.trim_start_matches("contact_event_").to_owned()).collect()
        })
    }

    /// The operations in the audit log and in the feed that concern an event.
    fn deeds(&self, event: &Value) -> (Vec<String>, Vec<Change>) {
        let id: Id = event["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        self.rows(|conn| {
            let audit = audit_entries::table
                .filter(audit_entries::thing_id.eq(id))
                .order(audit_entries::seq)
                .select(audit_entries::op)
                .load(conn)
                .expect("entries");
            let feed = changes::table
                .filter(changes::thing_id.eq(id))
                .order(changes::seq)
                .select((changes::op, changes::state, changes::version))
                .load(conn)
                .expect("changes");
            (audit, feed)
        })
    }

    /// The county with one more account, for a person who is new or known.
    fn with_account(&self, label: &str, person: &str, roles: &[Role], body: Option<&str>) -> County {
        self.rows(|conn| {
            let mut county = self.county.clone();
            let person = county.persons.get(person).copied().unwrap_or_else(|| county.person(conn, person));
            let organization = body.map(|name| county.organizations[name]);
            if let Some(organization) = organization {
                county.membership(conn, person, organization, "staff");
            }
            county.account(conn, label, roles, Some(person), organization);
            county
        })
    }

    /// The statements that the service sends while `f` runs, on any of its connections.
    pub async fn statements(&self, f: impl AsyncFnOnce()) -> Vec<String> {
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let watch = |conn: &mut Conn| -> Maybe<()> {
            let seen = seen.clone();
            conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
                if let InstrumentationEvent::StartQuery { query, .. } = event {
                    seen.lock().expect("a lock").push(query.to_string());
                }
            });
            Ok(())
        };
        // Three readers and, on SQLite, a writer of its own.
        let db = &self.db;
        let third = || db.read(watch);
        let second = || db.read(|conn| watch(conn).and_then(|()| third()));
        db.read(|conn| watch(conn).and_then(|()| second())).expect("readers");
        if db.place().is_sqlite() {
            db.write(|conn| watch(conn)).expect("a writer");
        }
        seen.lock().expect("a lock").clear();
        f().await;
        let all = std::mem::take(&mut *seen.lock().expect("a lock"));
        let is_statement = |text: &String| !["BEGIN", "COMMIT", "ROLLBACK"].iter().any(|word| text.starts_with(word));
        all.into_iter().filter(is_statement).collect()
    }
}

#[actix_web::test]
async fn half_a_minute_makes_a_valid_record() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let record = json!({"occurred_on": "2026-03-02", "form": "visit", "others_count": 3, "summary": " 走访渎浦村养殖户 "});
        let answer = member.post(PATH).json(record).await;
        let location = answer.header("location").expect("a location").to_owned();
        let etag = answer.header("etag").expect("an etag").to_owned();
        let event = answer.is(201);
        assert_eq!(location, at(&event, ""));
        assert_eq!(event["etag"], json!(etag));
        assert_eq!(event["summary"], "走访渎浦村养殖户", "trimmed");
        assert_eq!(words(&event), [("教育界1", "recorded")]);
        assert_eq!((&event["state"], &event["with_people"], &event["masked"]), (&json!("recorded"), &json!(true), &json!(false)));
        assert_eq!((&event["recorded_as"], &event["initiated_by"]), (&json!("member"), &json!("contacting")));
        assert_eq!(actions(&event), ["update", "void", "link"]);
        assert_eq!((&event["warnings"], &event["similar_count"]), (&json!([]), &json!(0)));
        let mut again = member.sees(&event).await;
        assert_eq!((&again["warnings"], &again["similar_count"]), (&Value::Null, &Value::Null), "only when it is saved");
        again["warnings"] = json!([]);
        again["similar_count"] = json!(0);
        assert_eq!(again, event);
        let (audit, feed) = town.deeds(&event);
        assert_eq!(audit, ["contact_event_create"]);
        assert_eq!(feed, [("contact_event_create".to_owned(), Some("recorded".to_owned()), 1)]);
    }
}

#[actix_web::test]
async fn every_particular_comes_back_as_it_went_in() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let constituent = town.constituent("教育界1", "王小明");
        let event = member
            .records(visit(json!({
                "form": "other", "form_word": "赶集摆摊", "place": "灵溪镇", "outside_persons": ["林阿婆", "陈大伯"],
                "constituent_ids": [constituent], "co_participant_ids": [town.person("教育界2")], "person_ids": [town.person("农业界1")],
                "content_kinds": ["policy_and_law", "constituent_needs"], "initiated_by": "contacted", "review_of_year": 2026,
                "publicity": [{"policy": "乡村振兴促进法", "level": "nation"}],
                "services": [{"kind": "medical", "what": "义诊", "for_how_many": 12}],
            })))
            .await;
        assert_eq!(event["form_word"], "赶集摆摊");
        assert_eq!(event["outside_persons"], json!(["林阿婆", "陈大伯"]));
        assert_eq!(event["constituents"], json!([{"id": constituent, "name": "王小明", "masked": false}]));
        assert_eq!(event["content_kinds"], json!(["policy_and_law", "constituent_needs"]));
        assert_eq!(event["publicity"], json!([{"policy": "乡村振兴促进法", "level": "nation"}]));
        assert_eq!(event["services"], json!([{"kind": "medical", "what": "义诊", "for_how_many": 12}]));
        assert_eq!((&event["initiated_by"], &event["review_of_year"]), (&json!("contacted"), &json!(2026)));
        assert_eq!(words(&event), [("教育界1", "recorded"), ("教育界2", "pending"), ("农业界1", "pending")]);
        let sides: Vec<_> = event["participants"].as_array().expect("participants").iter().map(|one| &one["side"]).collect();
        assert_eq!(sides, ["contacting", "contacting", "contacted"]);
        let touched: Option<NaiveDate> = town.rows(|conn| {
            constituents::table.find(constituent).select(constituents::last_contact_on).first(conn).expect("a constituent")
        });
        assert_eq!(touched, NaiveDate::from_ymd_opt(2026, 3, 1));
        member.records(visit(json!({"occurred_on": "2026-02-01", "constituent_ids": [constituent]}))).await;
        let touched: Option<NaiveDate> = town.rows(|conn| {
            constituents::table.find(constituent).select(constituents::last_contact_on).first(conn).expect("a constituent")
        });
        assert_eq!(touched, NaiveDate::from_ymd_opt(2026, 3, 1), "an earlier contact is not the last one");
    }
}

#[actix_web::test]
async fn every_broken_rule_is_told_at_once() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let foreign = town.constituent("教育界2", "别人的");
        let body = json!({
            "occurred_on": "2026-03-03", "form": "dance", "form_word": "跳舞", "summary": "x", "review_of_year": 2027,
            "person_ids": [Id::fresh(), member.person(), town.elsewhere.persons["教育界1"]], "constituent_ids": [foreign],
            "services": [{"kind": "magic", "what": "x", "for_how_many": 1}],
        });
        let problem = member.post(PATH).json(body).await.is_problem(422, "invalid_input");
        let mut faults: Vec<_> = problem["errors"]
            .as_array()
            .expect("faults")
            .iter()
            .map(|fault| format!("{} {}", fault["pointer"].as_str().expect("a pointer"), fault["code"].as_str().expect("a code")))
            .collect();
        faults.sort();
        assert_eq!(
            faults,
            [
                "/constituent_ids/0 unknown_reference",
                "/form unknown_code",
                "/form_word not_allowed",
                "/occurred_on in_the_future",
                "/person_ids/0 unknown_reference",
                "/person_ids/1 repeated",
                "/person_ids/2 unknown_reference",
                "/review_of_year in_the_future",
                "/services/0/kind unknown_code",
            ]
        );
        for (particulars, pointer, code) in [
            (json!({"others_count": 0}), "/person_ids", "required"),
            (json!({"occurred_on": "1999-12-31"}), "/occurred_on", "too_early"),
            (json!({"occurred_on": "2026-02-30"}), "/occurred_on", "format"),
            (json!({"form": "other"}), "/form_word", "required"),
            (json!({"summary": " "}), "/summary", "too_short"),
            (json!({"summary": "两\n行"}), "/summary", "line_break"),
            (json!({"summary": "字".repeat(501)}), "/summary", "too_long"),
            (json!({"others_count": -1}), "/others_count", "too_small"),
            (json!({"state": "confirmed"}), "/state", "unknown_field"),
            (json!({"recorded_by": member.person()}), "/recorded_by", "unknown_field"),
            (json!({"organization_id": Id::fresh()}), "/organization_id", "unknown_reference"),
            (json!({"organization_id": town.county.organizations["办公室"]}), "/organization_id", "unknown_reference"),
            (json!({"recorder_side": "contacted"}), "/person_ids", "required"),
            (
                json!({"organization_id": town.county.organizations["经济委"], "recorder_side": "contacting"}),
                "/organization_id",
                "not_own",
            ),
        ] {
            member.post(PATH).json(visit(particulars)).await.has_fault(pointer, code);
        }
        assert_eq!(member.lists("").await.len(), 0, "nothing was kept");
    }
}

#[actix_web::test]
async fn only_leaders_committees_and_members_record_contacts() {
    for town in Town::on_each_engine().await {
        for label in ["管理员", "审计员", "办公室", "委员工委", "教育界活动组", "信息员", "县府办"] {
            town.actor(label).post(PATH).json(visit(json!({}))).await.is_problem(403, "forbidden");
        }
        for label in ["管理员", "审计员", "办公室", "教育界活动组", "信息员", "县府办"] {
            town.actor(label).get(PATH).send().await.is_problem(403, "forbidden");
        }
        town.nobody().get(PATH).send().await.is_problem(401, "unauthenticated");
        let committee = town.committee("教育界");
        let member = town.person("教育界1");
        committee.post(PATH).json(meeting(&[member], json!({}))).await.has_fault("/organization_id", "required");
        let foreign = json!({"organization_id": town.county.organizations["经济委"]});
        committee.post(PATH).json(meeting(&[member], foreign)).await.has_fault("/organization_id", "not_own");
        assert_eq!(town.leader().records(meeting(&[member], json!({}))).await["recorded_as"], "leader");
    }
}

#[actix_web::test]
async fn each_sees_of_an_event_what_is_theirs_to_see() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let constituent = town.constituent("教育界1", "王小明");
        let event = member
            .records(visit(json!({
                "constituent_ids": [constituent], "outside_persons": ["林阿婆"], "place": "灵溪镇", "others_count": 4,
                "co_participant_ids": [town.person("农业界1")], "content_kinds": ["constituent_needs"], "client_ref": "r1",
                "publicity": [{"policy": "乡村振兴促进法", "level": "nation"}],
                "services": [{"kind": "medical", "what": "义诊", "for_how_many": 12}],
            })))
            .await;

        let other = town.actor("农业界1").sees(&event).await;
        assert_eq!((&other["summary"], &other["outside_persons"]), (&json!("走访"), &json!(["林阿婆"])));
        assert_eq!(other["constituents"], json!([{"id": constituent, "name": "王*", "masked": true}]));
        assert_eq!((&other["masked"], &other["client_ref"]), (&json!(true), &Value::Null));
        assert_eq!(actions(&other), ["confirm", "dispute", "link"]);

        let committee = town.committee("教育界").sees(&event).await;
        for withheld in ["summary", "place", "constituents", "outside_persons", "client_ref"] {
            assert_eq!(committee[withheld], Value::Null, "{withheld}");
        }
        assert_eq!(committee["publicity"], json!([{"policy": null, "level": "nation"}]));
        assert_eq!(committee["services"], json!([{"kind": "medical", "what": null, "for_how_many": 12}]));
        assert_eq!(committee["content_kinds"], json!(["constituent_needs"]));
        assert_eq!(
            [&committee["constituents_count"], &committee["outside_persons_count"], &committee["others_count"]],
            [&json!(1), &json!(1), &json!(4)]
        );
        assert_eq!(words(&committee), [("教育界1", "recorded"), ("农业界1", "pending")]);
        assert_eq!((actions(&committee), &committee["masked"]), (vec![], &json!(true)));

        let affairs = town.affairs().sees(&event).await;
        assert_eq!((&affairs["summary"], &affairs["place"], &affairs["masked"]), (&Value::Null, &Value::Null, &json!(true)));
        assert_eq!(affairs["constituents"], json!([{"id": constituent, "name": "王*", "masked": true}]));
        assert_eq!(affairs["outside_persons"], json!(["林*"]));
        assert_eq!(actions(&affairs), ["void", "link"]);

        for label in ["教育界2", "经济界1", "经济委", "主席"] {
            town.actor(label).get(&at(&event, "")).send().await.is_problem(404, "not_found");
            assert!(town.actor(label).lists("").await.is_empty(), "{label}");
        }
        for label in ["教育界1", "委员工委", "教科卫体委"] {
            let stranger = town.of(&town.elsewhere, label);
            stranger.get(&at(&event, "")).send().await.is_problem(404, "not_found");
            assert!(stranger.lists("").await.is_empty(), "{label}");
        }
        for label in ["教育界1", "农业界1", "委员工委", "教科卫体委"] {
            let listed = town.actor(label).lists("").await;
            assert_eq!(listed, [town.actor(label).sees(&event).await], "{label}: the list shows what the thing shows");
        }
    }
}

#[actix_web::test]
async fn a_personal_value_is_nowhere_but_in_the_event() {
    for town in Town::on_each_engine().await {
        let constituent = town.constituent("教育界1", "欧阳芳草");
        let member = town.member("教育界");
        let event = member
            .records(visit(json!({
                "constituent_ids": [constituent], "summary": "秘密一", "place": "秘密二", "outside_persons": ["秘密三"], "client_ref": "r1",
                "person_ids": [town.person("农业界1")],
            })))
            .await;
        let patch = member.patch(&at(&event, "")).if_match(&event);
        patch.json(json!({"summary": "秘密四"})).await.is(200);
        town.actor("农业界1").does("dispute", &event, why("秘密五")).await.is(200);
        town.affairs().does("settle", &event, json!({"outcome": "confirmed", "reason": "秘密六"})).await.is(200);
        let traces = town.rows(|conn| {
            let audit: Vec<lianxi::db::words::Json> =
                audit_entries::table.select(audit_entries::details).load(conn).expect("entries");
            let feed: Vec<lianxi::db::words::Json> = changes::table.select(changes::belongs).load(conn).expect("changes");
            let told: Vec<lianxi::db::words::Json> =
                notifications::table.select(notifications::params).load(conn).expect("notices");
            format!("{audit:?} {feed:?} {told:?}")
        });
        assert!(!traces.contains("秘密") && !traces.contains("欧阳"), "{traces}");
    }
}

#[actix_web::test]
async fn a_committee_records_for_itself_and_the_member_confirms() {
    for town in Town::on_each_engine().await {
        let committee = town.committee("教育界");
        let (body, member) = (town.county.organizations["教科卫体委"], town.member("教育界"));
        let event = committee.records(meeting(&[member.person()], json!({"organization_id": body, "review_of_year": 2026}))).await;
        assert_eq!(event["recorded_as"], "committee");
        assert_eq!(event["organization"]["confirmation"], "recorded");
        assert_eq!((&event["organization"]["side"], &event["organization"]["name"]), (&json!("contacting"), &json!("教科卫体委")));
        assert_eq!(town.told(Some(member.person()), Some(body)), ["recorded"], "the body is not told of its own record");

        let colleague = town.of(&town.with_account("同事", "同事", &[Role::Committee], Some("教科卫体委")), "同事");
        let seen = colleague.sees(&event).await;
        assert_eq!((&seen["summary"], &seen["masked"]), (&json!("走访"), &json!(false)), "the committee is a side of it");
        assert_eq!(actions(&seen), ["link"], "its own side does not confirm");
        colleague.does("confirm", &event, Value::Null).await.is_problem(403, "forbidden");
        committee.does("confirm", &event, Value::Null).await.is_problem(403, "own_matter");

        let confirmed = member.does("confirm", &event, Value::Null).await.is(200);
        assert_eq!(confirmed["state"], "confirmed");
        assert_eq!(town.told(Some(committee.person()), None), ["confirmed"]);
    }
}

#[actix_web::test]
async fn a_member_reports_to_the_committee_which_confirms() {
    for town in Town::on_each_engine().await {
        let (committee, member) = (town.committee("教育界"), town.member("教育界"));
        let body = town.county.organizations["教科卫体委"];
        let report = visit(json!({"others_count": 0, "form": "interview", "organization_id": body, "review_of_year": 2026}));
        let event = member.records(report).await;
        assert_eq!((&event["recorded_as"], &event["initiated_by"]), (&json!("member"), &json!("contacted")));
        assert_eq!(
            (&event["participants"][0]["side"], &event["organization"]["side"]),
            (&json!("contacted"), &json!("contacting"))
        );
        assert_eq!(event["organization"]["confirmation"], "pending");
        assert_eq!(town.told(None, Some(body)), ["recorded"]);

        let seen = committee.sees(&event).await;
        assert_eq!((&seen["summary"], actions(&seen)), (&json!("走访"), vec!["confirm", "dispute", "link"]));
        town.committee("经济界").get(&at(&event, "")).send().await.is_problem(404, "not_found");

        let disputed = committee.does("dispute", &event, why("未见来访")).await.is(200);
        assert_eq!((&disputed["state"], &disputed["organization"]["reason"]), (&json!("disputed"), &json!("未见来访")));
        let confirmed = committee.does("confirm", &event, Value::Null).await.is(200);
        assert_eq!((&confirmed["state"], &confirmed["organization"]["confirmation"]), (&json!("confirmed"), &json!("confirmed")));
        assert_eq!(confirmed["organization"]["reason"], Value::Null);
        let by: Option<Id> =
            town.rows(|conn| contact_events::table.select(contact_events::body_answered_by).first(conn).expect("a row"));
        assert_eq!(by, Some(committee.person()), "who spoke for the body stays known");
        let edited = member.patch(&at(&event, "")).if_match(&confirmed).json(json!({"summary": "反映工作"})).await.is(200);
        assert_eq!((&edited["state"], &edited["organization"]["confirmation"]), (&json!("recorded"), &json!("pending")));
    }
}

#[actix_web::test]
async fn a_standing_member_reports_to_a_leader() {
    for town in Town::on_each_engine().await {
        let (member, leader) = (town.member("教育界"), town.leader());
        let event =
            member.records(meeting(&[leader.person()], json!({"recorder_side": "contacted", "review_of_year": 2026}))).await;
        assert_eq!(words(&event), [("主席", "pending"), ("教育界1", "recorded")], "the contacting side first");
        assert_eq!(event["initiated_by"], "contacted");
        assert_eq!(leader.does("confirm", &event, Value::Null).await.is(200)["state"], "confirmed");
    }
}

#[actix_web::test]
async fn one_dispute_outweighs_confirmations_until_it_is_taken_back() {
    for town in Town::on_each_engine().await {
        let (leader, first, second) = (town.leader(), town.actor("教育界1"), town.actor("农业界1"));
        let event = leader.records(meeting(&[first.person(), second.person()], json!({}))).await;
        for person in [&first, &second] {
            assert_eq!(town.told(Some(person.person()), None), ["recorded"]);
        }
        leader.does("confirm", &event, Value::Null).await.is_problem(403, "own_matter");
        leader.does("dispute", &event, why("x")).await.is_problem(403, "own_matter");
        first.post(&at(&event, "confirm")).send().await.is_problem(428, "precondition_required");
        first.post(&at(&event, "confirm")).header("If-Match", "\"7\"").send().await.is_problem(412, "version_mismatch");
        town.actor("教育界2").post(&at(&event, "confirm")).if_match(&event).send().await.is_problem(404, "not_found");

        let confirmed = first.does("confirm", &event, Value::Null).await.is(200);
        assert_eq!((&confirmed["state"], actions(&confirmed)), (&json!("confirmed"), vec!["dispute", "link"]));
        let again = first.does("confirm", &event, Value::Null).await.is_problem(409, "state_conflict");
        assert_eq!((&again["state"], &again["allowed_actions"][0]), (&json!("confirmed"), &json!("contact_event_dispute")));

        second.does("dispute", &event, json!({})).await.has_fault("/reason", "required");
        let disputed = second.does("dispute", &event, why("当天不在县里")).await.is(200);
        assert_eq!(disputed["state"], "disputed");
        assert_eq!(words(&disputed), [("主席", "recorded"), ("教育界1", "confirmed"), ("农业界1", "disputed")]);
        assert_eq!(disputed["participants"][2]["reason"], "当天不在县里");
        assert_eq!(town.committee("教育界").sees(&event).await["participants"][2]["reason"], Value::Null);
        assert_eq!(town.told(Some(leader.person()), None), ["confirmed", "disputed"]);
        assert_eq!(town.told(None, Some(town.county.organizations["委员工委"])), ["disputed"]);

        let settled = second.does("confirm", &event, Value::Null).await.is(200);
        assert_eq!((&settled["state"], &settled["settled"]), (&json!("confirmed"), &json!(false)));
        assert_eq!(settled["participants"][2]["reason"], Value::Null);
        let (audit, feed) = town.deeds(&event);
        assert_eq!(audit.len(), 4);
        assert_eq!(
            feed.iter().map(|(_, state, _)| state.as_deref().unwrap_or_default()).collect::<Vec<_>>(),
            ["recorded", "confirmed", "disputed", "confirmed"]
        );
    }
}

#[actix_web::test]
async fn member_affairs_ends_a_dispute_and_nobody_their_own() {
    for town in Town::on_each_engine().await {
        let (leader, member) = (town.leader(), town.member("教育界"));
        let event = leader.records(meeting(&[member.person(), town.person("委员工委干部")], json!({}))).await;
        let other = town.of(&town.with_account("工委二", "工委二", &[Role::MemberAffairs], Some("委员工委")), "工委二");
        let settle = json!({"outcome": "confirmed", "reason": "经核实"});
        other.does("settle", &event, settle.clone()).await.is_problem(409, "state_conflict");
        member.does("dispute", &event, why("不对")).await.is(200);
        member.does("settle", &event, settle.clone()).await.is_problem(403, "forbidden");

        let own = town.affairs().sees(&event).await;
        assert!(!actions(&own).contains(&"settle") && !actions(&own).contains(&"void"), "{own}");
        town.affairs().does("settle", &event, settle.clone()).await.is_problem(403, "own_matter");
        town.affairs().does("void", &event, why("x")).await.is_problem(403, "own_matter");

        let seen = other.sees(&event).await;
        assert_eq!(actions(&seen), ["settle", "void", "link"]);
        assert_eq!(
            (&seen["participants"][1]["reason"], &seen["summary"]),
            (&json!("不对"), &Value::Null),
            "a reason, not the text"
        );
        let settled = other.does("settle", &event, settle.clone()).await.is(200);
        assert_eq!(
            (&settled["state"], &settled["settled"], &settled["state_reason"]),
            (&json!("confirmed"), &json!(true), &json!("经核实"))
        );
        assert_eq!(words(&settled)[1], ("教育界1", "overruled"));
        assert_eq!(town.told(Some(leader.person()), None), ["disputed", "settled"]);
        assert_eq!(town.told(Some(member.person()), None), ["recorded", "settled"]);

        let again = member.does("dispute", &event, why("还是不对")).await.is(200);
        assert_eq!(again["state"], "disputed", "a dispute after that takes it out like any other");
        let voided = other.does("settle", &event, json!({"outcome": "voided", "reason": "查无此事"})).await.is(200);
        assert_eq!((&voided["state"], actions(&voided)), (&json!("voided"), vec![]));
        for (actor, action) in [(&member, "confirm"), (&member, "dispute"), (&leader, "void"), (&other, "settle")] {
            let body = match action {
                "confirm" => Value::Null,
                "settle" => settle.clone(),
                _ => why("x"),
            };
            let problem = actor.does(action, &event, body).await.is_problem(409, "state_conflict");
            assert_eq!((&problem["state"], &problem["allowed_actions"]), (&json!("voided"), &json!([])), "{action}");
        }
        let patch = leader.patch(&at(&event, "")).if_match(&leader.sees(&event).await);
        patch.json(json!({"summary": "改"})).await.is_problem(409, "state_conflict");
    }
}

#[actix_web::test]
async fn nobody_settles_the_dispute_about_their_own_record() {
    for town in Town::on_each_engine().await {
        let both = town.with_account("双料", "教育界1", &[Role::Member, Role::MemberAffairs], Some("委员工委"));
        let (recorder, other) = (town.of(&both, "双料"), town.actor("农业界1"));
        let event = recorder.records(visit(json!({"person_ids": [other.person()]}))).await;
        other.does("dispute", &event, why("未曾见面")).await.is(200);
        assert!(!actions(&recorder.sees(&event).await).contains(&"settle"));
        let settle = json!({"outcome": "confirmed", "reason": "确有其事"});
        recorder.does("settle", &event, settle.clone()).await.is_problem(403, "own_matter");
        let seen = recorder.sees(&event).await;
        let alone = recorder.post(&at(&event, "settle")).header("Lianxi-Acting-As", "member_affairs").if_match(&seen);
        alone.json(settle.clone()).await.is_problem(403, "own_matter");
        assert_eq!(town.affairs().does("settle", &event, settle).await.is(200)["state"], "confirmed");
    }
}

#[actix_web::test]
async fn a_record_is_voided_by_who_wrote_it_or_by_member_affairs() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let event = member.records(visit(json!({"person_ids": [town.person("教育界2")]}))).await;
        town.actor("教育界2").does("void", &event, why("x")).await.is_problem(403, "forbidden");
        town.committee("教育界").does("void", &event, why("x")).await.is_problem(403, "forbidden");
        member.does("void", &event, json!({})).await.has_fault("/reason", "required");
        let voided = member.does("void", &event, why("重复记录")).await.is(200);
        assert_eq!((&voided["state"], &voided["state_reason"]), (&json!("voided"), &json!("重复记录")));
        assert_eq!(town.told(Some(town.person("教育界2")), None), ["recorded", "voided"]);
        let other = member.records(visit(json!({}))).await;
        assert_eq!(town.affairs().does("void", &other, why("误记")).await.is(200)["state"], "voided");
        assert_eq!(town.told(Some(member.person()), None), ["voided"]);
    }
}

#[actix_web::test]
async fn an_edit_clears_what_was_confirmed_and_leaves_disputes() {
    for town in Town::on_each_engine().await {
        let (leader, first, second) = (town.leader(), town.actor("教育界1"), town.actor("农业界1"));
        let event = leader.records(meeting(&[first.person(), second.person()], json!({"place": "灵溪镇"}))).await;
        first.does("confirm", &event, Value::Null).await.is(200);
        first.patch(&at(&event, "")).if_match(&event).json(json!({"summary": "改"})).await.is_problem(403, "forbidden");
        leader.patch(&at(&event, "")).json(json!({"summary": "改"})).await.is_problem(428, "precondition_required");
        leader.patch(&at(&event, "")).if_match(&event).json(json!({"summary": "改"})).await.is_problem(412, "version_mismatch");
        let now = leader.sees(&event).await;
        let same = leader.patch(&at(&event, "")).if_match(&now).json(json!({"summary": "走访"})).await.is(200);
        assert_eq!((&same["etag"], &same["state"]), (&now["etag"], &json!("confirmed")), "nothing changed");

        let edited =
            leader.patch(&at(&event, "")).if_match(&now).json(json!({"place": null, "summary": "改 13800138000"})).await.is(200);
        assert_eq!((&edited["state"], &edited["place"]), (&json!("recorded"), &Value::Null));
        assert_eq!(edited["warnings"][0]["pointer"], "/summary");
        assert_eq!(words(&edited), [("主席", "recorded"), ("教育界1", "pending"), ("农业界1", "pending")]);
        assert_eq!(town.told(Some(first.person()), None), ["recorded", "updated"]);

        second.does("dispute", &event, why("日期不对 13800138000")).await.is(200);
        let now = leader.sees(&event).await;
        let silence = leader.patch(&at(&event, "")).if_match(&now).json(json!({"person_ids": [first.person()]})).await;
        assert!(silence.is_problem(409, "conflict")["detail"].as_str().is_some_and(|detail| detail.contains("异议")));
        assert_eq!(leader.sees(&event).await["etag"], now["etag"], "who disputes cannot be edited out");
        let third = town.person("经济界1");
        let patch = json!({"occurred_on": "2026-02-27", "person_ids": [second.person(), third]});
        let edited = leader.patch(&at(&event, "")).if_match(&now).json(patch).await.is(200);
        assert_eq!(edited["state"], "disputed", "who disputed has not agreed yet");
        let mut after = words(&edited);
        after.sort_unstable();
        assert_eq!(after, [("主席", "recorded"), ("农业界1", "disputed"), ("经济界1", "pending")]);
        assert_eq!(town.told(Some(third), None), ["recorded"]);
        first.get(&at(&event, "")).send().await.is_problem(404, "not_found");
        town.committee("教育界").get(&at(&event, "")).send().await.is_problem(404, "not_found");
        assert_eq!(town.committee("经济界").lists("?occurred_before=2026-02-28").await.len(), 1, "the day moved in the index too");
        assert_eq!(second.does("confirm", &event, Value::Null).await.is(200)["state"], "confirmed");

        let now = leader.sees(&event).await;
        let patch = leader.patch(&at(&event, "")).if_match(&now);
        patch.json(json!({"person_ids": [], "form": "other"})).await.has_fault("/form_word", "required");
        let patch = leader.patch(&at(&event, "")).if_match(&now);
        patch.json(json!({"client_ref": "x"})).await.has_fault("/client_ref", "unknown_field");
        let (audit, _) = town.deeds(&event);
        assert_eq!(audit.iter().filter(|op| *op == "contact_event_update").count(), 2);
    }
}

#[actix_web::test]
async fn of_twenty_edits_at_once_on_one_etag_one_succeeds() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let event = member.records(visit(json!({"person_ids": [town.person("教育界2")]}))).await;
        let path = at(&event, "");
        let asks = (0..20).map(|number| (member.patch(&path).if_match(&event), json!({"others_count": number + 2}))).collect();
        let mut statuses: Vec<_> = at_once(asks).await.into_iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![200], vec![412; 19]].concat());
        assert_eq!(words(&member.sees(&event).await).len(), 2);
    }
}

#[actix_web::test]
async fn a_client_ref_makes_one_record_for_ever() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let record = visit(json!({"client_ref": "phone-1-7", "person_ids": [town.person("农业界1")]}));
        let event = member.records(record.clone()).await;
        assert_eq!(event["client_ref"], "phone-1-7");
        town.actor("农业界1").does("confirm", &event, Value::Null).await.is(200);
        town.at("2027-03-02T02:00:00Z");
        let again = town.member("教育界").post(PATH).json(record.clone()).await;
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!(again.header("location"), Some(at(&event, "").as_str()));
        let again = again.is(201);
        assert_eq!((&again["id"], &again["state"]), (&event["id"], &json!("confirmed")), "as it stands");
        let mut other = record.clone();
        other["others_count"] = json!(9);
        member.post(PATH).json(other.clone()).await.is_problem(409, "client_ref_taken");
        town.actor("教育界2").records(other).await;
        assert_eq!(member.lists("").await.len(), 1);
        assert_eq!(town.deeds(&event).0.len(), 2, "a replay is no deed");

        let record = visit(json!({"client_ref": "phone-1-8"}));
        let asks = (0..20).map(|_| (member.post(PATH), record.clone())).collect();
        let answers = at_once(asks).await;
        let first = answers.iter().filter(|answer| answer.header("idempotency-replayed").is_none()).count();
        let made: std::collections::HashSet<_> =
            answers.into_iter().map(|answer| answer.is(201)["id"].as_str().map(str::to_owned)).collect();
        assert_eq!((first, made.len()), (1, 1));
        assert_eq!(member.lists("").await.len(), 2);
    }
}

#[actix_web::test]
async fn a_second_record_of_a_contact_is_offered_and_linked() {
    for town in Town::on_each_engine().await {
        let (leader, member) = (town.leader(), town.member("教育界"));
        let one = leader.records(meeting(&[member.person()], json!({}))).await;
        let two = member.records(meeting(&[leader.person()], json!({"recorder_side": "contacted"}))).await;
        assert_eq!(two["similar_count"], 1);
        let another_day = json!({"recorder_side": "contacted", "occurred_on": "2026-02-27"});
        assert_eq!(member.records(meeting(&[leader.person()], another_day)).await["similar_count"], 0);
        let elsewhere = member.records(visit(json!({"form": "interview"}))).await;
        assert_eq!(elsewhere["similar_count"], 0, "villagers are not the leader");
        let three = leader.records(meeting(&[member.person(), town.person("农业界1")], json!({}))).await;
        assert_eq!(three["similar_count"], 2);
        let counted = member.records(visit(json!({"form": "interview", "others_count": 5}))).await;
        assert_eq!(counted["similar_count"], 0, "people who were only counted may be anybody");
        let offered = member.get(&at(&counted, "matches")).send().await.is(200);
        assert_eq!(ids(offered["items"].as_array().expect("items")), [elsewhere["id"].as_str().expect("an id")]);

        let matches = leader.get(&at(&one, "matches")).send().await.is(200);
        let mut found = ids(matches["items"].as_array().expect("items")).iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        found.sort();
        let mut expected = vec![two["id"].as_str().expect("id").to_owned(), three["id"].as_str().expect("id").to_owned()];
        expected.sort();
        assert_eq!(found, expected);
        town.actor("农业界1").get(&at(&one, "matches")).send().await.is_problem(404, "not_found");

        let linked = leader.post(&at(&one, "link")).json(json!({"event": two["id"]})).await.is(200);
        assert_eq!(ids(linked["linked"].as_array().expect("linked")), [two["id"].as_str().expect("an id")]);
        assert_eq!(linked["linked"][0]["recorded_by"]["name"], "教育界1");
        assert_ne!(linked["etag"], one["etag"]);
        let seen = member.sees(&two).await;
        assert_eq!(ids(seen["linked"].as_array().expect("linked")), [one["id"].as_str().expect("an id")]);
        let same = leader.post(&at(&one, "link")).json(json!({"event": two["id"]})).await.is(200);
        assert_eq!(same["etag"], linked["etag"], "linked already");

        let matches = leader.get(&at(&one, "matches")).send().await.is(200);
        assert_eq!(ids(matches["items"].as_array().expect("items")), [three["id"].as_str().expect("an id")]);
        let all = town.affairs().post(&at(&three, "link")).json(json!({"event": two["id"]})).await.is(200);
        assert_eq!(all["linked"].as_array().map(Vec::len), Some(2), "all of both groups");
        let links: std::collections::HashSet<Option<Id>> = town.rows(|conn| {
            let rows: Vec<Option<Id>> = contact_events::table
                .filter(contact_events::link_id.is_not_null())
                .select(contact_events::link_id)
                .load(conn)
                .expect("links");
            assert_eq!(rows.len(), 3);
            rows.into_iter().collect()
        });
        assert_eq!(links.len(), 1);
        assert_eq!(town.deeds(&two).0, ["contact_event_create", "contact_event_link", "contact_event_link"]);
    }
}

#[actix_web::test]
async fn what_cannot_be_linked_says_why() {
    for town in Town::on_each_engine().await {
        let (leader, member) = (town.leader(), town.member("教育界"));
        let own = member.records(visit(json!({}))).await;
        let voided = member.records(visit(json!({}))).await;
        member.does("void", &voided, why("误记")).await.is(200);
        let foreign = leader.records(meeting(&[town.person("农业界1")], json!({}))).await;
        let path = at(&own, "link");
        member.post(&path).json(json!({"event": own["id"]})).await.has_fault("/event", "same");
        member.post(&path).json(json!({"event": foreign["id"]})).await.has_fault("/event", "unknown_reference");
        member.post(&path).json(json!({"event": Id::fresh()})).await.has_fault("/event", "unknown_reference");
        member.post(&path).json(json!({"event": voided["id"]})).await.is_problem(409, "conflict");
        member.post(&at(&voided, "link")).json(json!({"event": own["id"]})).await.is_problem(409, "state_conflict");
        member.post(&at(&foreign, "link")).json(json!({"event": own["id"]})).await.is_problem(404, "not_found");
        town.committee("教育界").post(&path).json(json!({"event": voided["id"]})).await.is_problem(403, "forbidden");
        town.office().post(&path).json(json!({"event": voided["id"]})).await.is_problem(403, "forbidden");
    }
}

#[actix_web::test]
async fn only_records_of_one_contact_are_linked_and_who_wrote_the_other_is_told() {
    for town in Town::on_each_engine().await {
        let (leader, member) = (town.leader(), town.member("教育界"));
        let contacted = |over: Value| {
            let mut record = meeting(&[leader.person()], json!({"recorder_side": "contacted"}));
            for (field, value) in over.as_object().into_iter().flatten() {
                record[field] = value.clone();
            }
            record
        };
        let one = leader.records(meeting(&[member.person()], json!({}))).await;
        let two = member.records(contacted(json!({}))).await;
        let earlier = member.records(contacted(json!({"occurred_on": "2026-02-27"}))).await;
        let called = member.records(contacted(json!({"form": "telephone"}))).await;
        let alone = member.records(visit(json!({"form": "interview"}))).await;
        let link = |actor: &Actor, a: &Value, b: &Value| actor.post(&at(a, "link")).json(json!({"event": b["id"]}));
        for other in [&earlier, &called, &alone] {
            link(&member, &one, other).await.has_fault("/event", "no_match");
            link(&member, other, &one).await.has_fault("/event", "no_match");
        }
        assert_eq!(leader.sees(&one).await["etag"], one["etag"], "nothing was changed");
        link(&member, &two, &one).await.is(200);
        assert!(town.told(Some(leader.person()), None).contains(&"linked".to_owned()));
        assert!(!town.told(Some(member.person()), None).contains(&"linked".to_owned()), "who links knows it");

        // Whoever settles what counts may link what is told differently, but not what is their own.
        link(&town.affairs(), &one, &earlier).await.is(200);
        let both = town.with_account("双料", "教育界1", &[Role::Member, Role::MemberAffairs], Some("委员工委"));
        link(&town.of(&both, "双料"), &called, &alone).await.has_fault("/event", "no_match");

        // A record that is linked to one out of sight is left to member affairs.
        let hidden = leader.records(meeting(&[town.person("农业界1")], json!({}))).await;
        link(&town.affairs(), &one, &hidden).await.is(200);
        let again = member.records(contacted(json!({}))).await;
        link(&member, &again, &one).await.is_problem(409, "conflict");

        // Corrected, a record stands by itself again.
        let seen = member.sees(&two).await;
        assert_eq!(seen["linked"].as_array().map(Vec::len), Some(2));
        let same = member.patch(&at(&two, "")).if_match(&seen).json(json!({"summary": "谈了工作"})).await.is(200);
        assert_eq!(same["linked"].as_array().map(Vec::len), Some(2), "the same contact in other words");
        let moved = member.patch(&at(&two, "")).if_match(&same).json(json!({"form": "visit"})).await.is(200);
        assert_eq!(moved["linked"], json!([]));
        let left = leader.sees(&one).await;
        let left = ids(left["linked"].as_array().expect("linked")).iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        assert!(!left.iter().any(|id| two["id"] == id.as_str()), "{left:?}");
    }
}

#[actix_web::test]
async fn nobody_lowers_what_another_has_done_by_linking() {
    for town in Town::on_each_engine().await {
        let (member, other) = (town.member("教育界"), town.actor("教育界2"));
        let with = json!({"co_participant_ids": [other.person()]});
        let one = member.records(visit(with.clone())).await;
        let mut earlier = visit(with);
        earlier["occurred_on"] = json!("2026-02-27");
        let earlier = member.records(earlier).await;
        let done = async || {
            let report = member.get("/v1/reports/compliance?year=2026&article=14").send().await.is(200);
            report["items"].as_array().expect("items").iter().find(|row| row["duty"] == "visits").expect("visits")["done"].clone()
        };
        assert_eq!(done().await, 2);
        other.post(&at(&one, "link")).json(json!({"event": earlier["id"]})).await.has_fault("/event", "no_match");
        assert_eq!(done().await, 2);
        town.affairs().post(&at(&one, "link")).json(json!({"event": earlier["id"]})).await.is(200);
        assert_eq!(done().await, 1, "linked records are one contact");
        let seen = member.sees(&one).await;
        member.patch(&at(&one, "")).if_match(&seen).json(json!({"outside_persons": ["林阿婆"]})).await.is(200);
        assert_eq!(done().await, 2, "and the way back");
    }
}

#[actix_web::test]
async fn events_that_link_to_each_other_at_once_become_one_contact() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let mut events = Vec::new();
        for _ in 0..4 {
            events.push(member.records(visit(json!({}))).await);
        }
        let pairs = [(0, 1), (1, 0), (2, 3), (3, 2), (1, 2), (2, 1), (0, 3), (3, 0)];
        let asks = pairs.iter().map(|(a, b)| (member.post(&at(&events[*a], "link")), json!({"event": events[*b]["id"]}))).collect();
        for answer in at_once(asks).await {
            answer.is(200);
        }
        assert_eq!(member.sees(&events[0]).await["linked"].as_array().map(Vec::len), Some(3));
    }
}

#[actix_web::test]
async fn numbers_of_persons_in_free_text_are_warned_of() {
    for town in Town::on_each_engine().await {
        let record = visit(json!({"summary": "电话 138-0013-8000", "outside_persons": ["林阿婆13800138000"]}));
        let event = town.member("教育界").records(record).await;
        let warnings = event["warnings"].as_array().expect("warnings");
        let places: Vec<_> = warnings.iter().map(|of| (of["pointer"].as_str(), of["code"].as_str())).collect();
        assert_eq!(places, [(Some("/summary"), Some("phone")), (Some("/outside_persons/0"), Some("phone"))]);
        assert_eq!((&warnings[0]["start"], &warnings[0]["end"]), (&json!(3), &json!(16)));
        let voided = town.member("教育界").does("void", &event, why("误记，见 0577-64751234")).await.is(200);
        assert_eq!((&voided["warnings"][0]["pointer"], &voided["warnings"][0]["code"]), (&json!("/reason"), &json!("phone")));
    }
}

#[actix_web::test]
async fn the_list_is_narrowed_by_what_stands_in_the_record() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let constituent = town.constituent("教育界1", "王小明");
        let visit_ = member.records(visit(json!({"constituent_ids": [constituent], "occurred_on": "2026-01-10"}))).await;
        let call_ = member.records(visit(json!({"form": "telephone", "occurred_on": "2026-01-11"}))).await;
        let review =
            member.records(meeting(&[town.person("主席")], json!({"recorder_side": "contacted", "review_of_year": 2026}))).await;
        let with = member
            .records(visit(
                json!({"form": "symposium", "co_participant_ids": [town.person("经济界1")], "occurred_on": "2026-01-12"}),
            ))
            .await;
        member.does("void", &call_, why("误记")).await.is(200);
        let (economy, education) = (town.county.organizations["经济委"], town.county.organizations["教科卫体委"]);
        for (query, expected) in [
            (String::new(), vec![&review, &with, &call_, &visit_]),
            ("?sort=occurred_on".to_owned(), vec![&visit_, &call_, &with, &review]),
            ("?form=visit&form=telephone".to_owned(), vec![&call_, &visit_]),
            ("?state=voided".to_owned(), vec![&call_]),
            ("?occurred_from=2026-01-11&occurred_before=2026-01-12".to_owned(), vec![&call_]),
            ("?review_of_year=2026".to_owned(), vec![&review]),
            ("?with_people=false".to_owned(), vec![&review]),
            ("?with_people=true&form=symposium".to_owned(), vec![&with]),
            (format!("?person={}", town.person("经济界1")), vec![&with]),
            (format!("?person={}&organization={economy}", member.person()), vec![&review, &with]),
            (format!("?constituent={constituent}"), vec![&visit_]),
            (format!("?constituent={constituent}&form=telephone"), vec![]),
            (format!("?organization={economy}"), vec![&review, &with]),
            (format!("?organization={education}&state=recorded&form=visit"), vec![&visit_]),
        ] {
            let expected: Vec<_> = expected.into_iter().map(|event| event["id"].as_str().unwrap_or_default()).collect();
            assert_eq!(ids(&member.lists(&query).await), expected, "{query}");
        }
        // Another's constituent finds nothing, also for those who may see the event.
        assert!(town.affairs().lists(&format!("?constituent={constituent}")).await.is_empty());
        assert_eq!(town.affairs().lists(&format!("?person={}", member.person())).await.len(), 4);
        assert_eq!(town.committee("经济界").lists("?form=symposium").await.len(), 1);
        assert_eq!(town.committee("经济界").lists(&format!("?person={}", member.person())).await.len(), 2);
        let foreign = town.of(&town.elsewhere, "委员工委");
        for query in [format!("?organization={education}"), format!("?person={}", member.person())] {
            assert!(foreign.lists(&query).await.is_empty(), "{query}");
        }
        for (query, pointer, code) in [
            ("?sort=form", "/sort", "pattern"),
            ("?state=open", "/state/0", "enum"),
            ("?person=x", "/person", "format"),
            ("?review_of_year=1", "/review_of_year", "too_small"),
            ("?colour=red", "/colour", "unknown_field"),
        ] {
            member.get(&format!("{PATH}{query}")).send().await.has_fault(pointer, code);
        }
    }
}

#[actix_web::test]
async fn pages_of_every_scope_follow_one_another() {
    for town in Town::on_each_engine().await {
        let (member, other) = (town.member("教育界"), town.actor("教育界2"));
        for number in 0..9 {
            let day = format!("2026-02-{:02}", 1 + number % 4);
            let by = if number % 3 == 0 { &other } else { &member };
            by.records(visit(json!({"occurred_on": day, "form": if number % 2 == 0 { "visit" } else { "online" }}))).await;
        }
        // One who is a member and speaks for a committee has two scopes that overlap.
        let both = town.with_account("双重", "教育界1", &[Role::Member, Role::Committee], Some("教科卫体委"));
        for actor in [member.clone(), town.committee("教育界"), town.affairs(), town.of(&both, "双重")] {
            for query in ["", "&sort=occurred_on", "&form=visit", "&occurred_from=2026-02-02"] {
                let whole = actor.get(&format!("{PATH}?limit=100&with_total=true{query}")).send().await.is(200);
                let whole_ids: Vec<_> = ids(whole["items"].as_array().expect("items")).iter().map(|id| (*id).to_owned()).collect();
                assert_eq!(whole["total"], json!(whole_ids.len()));
                let (mut seen, mut cursor) = (Vec::new(), String::new());
                loop {
                    let page = actor.get(&format!("{PATH}?limit=2{query}{cursor}")).send().await.is(200);
                    seen.extend(ids(page["items"].as_array().expect("items")).iter().map(|id| (*id).to_owned()));
                    match page["next_cursor"].as_str() {
                        Some(next) => cursor = format!("&cursor={next}"),
                        None => break,
                    }
                }
                assert_eq!(seen, whole_ids, "{query}");
            }
        }
        let count = async |actor: &Actor| actor.lists("?limit=100").await.len();
        assert_eq!((count(&member).await, count(&town.committee("教育界")).await, count(&town.of(&both, "双重")).await), (6, 9, 9));
        let page = member.get(&format!("{PATH}?limit=2")).send().await.is(200);
        let cursor = page["next_cursor"].as_str().expect("a cursor");
        member.get(&format!("{PATH}?limit=2&form=visit&cursor={cursor}")).send().await.has_fault("/cursor", "cursor");
    }
}

#[actix_web::test]
async fn who_acts_as_one_role_has_that_role_s_scope_only() {
    for town in Town::on_each_engine().await {
        let both = town.with_account("双重", "教育界1", &[Role::Member, Role::Committee], Some("教科卫体委"));
        let actor = town.of(&both, "双重");
        let body = town.county.organizations["教科卫体委"];
        town.actor("教育界2").records(visit(json!({}))).await;
        let acting = |role: &str| actor.get(PATH).header("Lianxi-Acting-As", role);
        assert_eq!(acting("member").send().await.is(200)["items"].as_array().map(Vec::len), Some(0));
        assert_eq!(acting("committee").send().await.is(200)["items"].as_array().map(Vec::len), Some(1));
        let record = meeting(&[town.person("教育界2")], json!({"organization_id": body}));
        let as_member = actor.records(record.clone()).await;
        assert_eq!((&as_member["recorded_as"], &as_member["initiated_by"]), (&json!("member"), &json!("contacted")));
        let as_committee = actor.post(PATH).header("Lianxi-Acting-As", "committee").json(record).await.is(201);
        assert_eq!((&as_committee["recorded_as"], &as_committee["initiated_by"]), (&json!("committee"), &json!("contacting")));
    }
}

#[actix_web::test]
async fn a_page_costs_as_many_statements_as_a_row_and_few() {
    for town in Town::on_each_engine().await {
        let (member, committee, affairs) = (town.member("教育界"), town.committee("教育界"), town.affairs());
        let constituent = town.constituent("教育界1", "王小明");
        let record = visit(json!({"constituent_ids": [constituent], "person_ids": [town.person("农业界1")]}));
        let mut events = Vec::new();
        for _ in 0..25 {
            events.push(member.records(record.clone()).await);
        }
        member.post(&at(&events[0], "link")).json(json!({"event": events[1]["id"]})).await.is(200);
        for actor in [&member, &committee, &affairs] {
            let one = town.statements(async || drop(actor.lists("?limit=1&sort=occurred_on").await)).await;
            let many = town.statements(async || drop(actor.lists("?limit=25&sort=occurred_on").await)).await;
            assert_eq!(one.len(), many.len(), "{one:#?}");
            let read = town.statements(async || drop(actor.sees(&events[0]).await)).await;
            assert!(read.len() <= 8, "{}: {read:#?}", read.len());
        }
        // On a fresh day nothing is like it; otherwise the like ones are read too, in three statements more.
        let fresh = |persons: Vec<Id>, day: &str| {
            visit(json!({"constituent_ids": [constituent], "person_ids": persons, "occurred_on": day}))
        };
        let created = town.statements(async || drop(member.records(fresh(vec![town.person("农业界1")], "2026-01-05")).await)).await;
        assert!(created.len() <= 18, "{}: {created:#?}", created.len());
        let crowd: Vec<Id> = ["主席", "副主席", "秘书长", "经济界1", "经济界2", "农业界2"].map(|name| town.person(name)).to_vec();
        let with_many = town.statements(async || drop(member.records(fresh(crowd.clone(), "2026-01-06")).await)).await;
        assert_eq!(with_many.len(), created.len(), "{with_many:#?}");
        let like_others = town.statements(async || drop(member.records(record.clone()).await)).await;
        assert!(like_others.len() <= created.len() + 3, "{}: {like_others:#?}", like_others.len());
    }
}

/// The plan of the newest page and of a later one, for each scope: from its own index, in its order, without a scan or a sort.
#[actix_web::test]
async fn lists_come_from_an_index_in_their_order() {
    let town = Town::on("sqlite").await;
    let (member, committee, affairs) = (town.member("教育界"), town.committee("教育界"), town.affairs());
    for _ in 0..4 {
        member.records(visit(json!({}))).await;
    }
    for (actor, query, index) in [
        (&member, "", "event_participants_person"),
        (&committee, "", "sqlite_autoindex_event_committees_1"),
        (&committee, "&form=visit", "event_committees_form"),
        (&affairs, "", "contact_events_page"),
        (&affairs, "&state=recorded", "contact_events_state"),
    ] {
        let first = actor.get(&format!("{PATH}?limit=2{query}")).send().await.is(200);
        let cursor = first["next_cursor"].as_str().expect("a cursor").to_owned();
        for page in [String::new(), format!("&cursor={cursor}")] {
            let sent = town.statements(async || drop(actor.lists(&format!("?limit=2{query}{page}")).await)).await;
            let list = sent.iter().find(|text| text.contains("ORDER BY") && text.contains("LIMIT")).expect("the list's statement");
            let sql = list.split(" -- binds").next().unwrap_or_default();
            let plan = town.rows(|conn| plan(conn, sql));
            assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{query}{page}\n{sql}\n{plan}");
            assert!(plan.lines().next().is_some_and(|line| line.contains(index)), "{query}{page}\n{sql}\n{plan}");
        }
    }
}

fn plan(conn: &mut Conn, sql: &str) -> String {
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = diesel::sql_types::Text)]
        detail: String,
    }
    let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(conn).expect("a plan");
    steps.into_iter().map(|step| step.detail).collect::<Vec<_>>().join("\n")
}

/// Nothing but the list of all looks for its rows by the jurisdiction alone, and nothing walks through a table.
#[actix_web::test]
async fn no_statement_grows_with_the_county() {
    let town = Town::on("sqlite").await;
    let (member, committee, affairs) = (town.member("教育界"), town.committee("教育界"), town.affairs());
    let constituent = town.constituent("教育界1", "王小明");
    let record = visit(json!({"constituent_ids": [constituent], "person_ids": [town.person("农业界1")], "client_ref": "r1"}));
    let like = visit(json!({"constituent_ids": [constituent], "person_ids": [town.person("农业界1")]}));
    let (one, two) = (member.records(like.clone()).await, member.records(like.clone()).await);
    let sent = town
        .statements(async || {
            let three = member.records(record).await;
            member.post(&at(&one, "link")).json(json!({"event": two["id"]})).await.is(200);
            member.post(&at(&three, "link")).json(json!({"event": two["id"]})).await.is(200);
            member.patch(&at(&three, "")).if_match(&member.sees(&three).await).json(json!({"others_count": 5})).await.is(200);
            town.actor("农业界1").does("dispute", &three, why("不对")).await.is(200);
            affairs.does("settle", &three, json!({"outcome": "confirmed", "reason": "经核实"})).await.is(200);
            member.get(&at(&one, "matches")).send().await.is(200);
            committee.sees(&one).await;
            committee.lists(&format!("?person={}", member.person())).await;
            affairs.lists(&format!("?person={}", member.person())).await;
            affairs.lists(&format!("?organization={}", town.county.organizations["经济委"])).await;
            member.lists(&format!("?constituent={constituent}")).await;
        })
        .await;
    let once_a_county = ["heads", "organizations", "dictionaries"];
    for sql in sent.iter().filter(|sql| !sql.starts_with("INSERT")) {
        let sql = sql.split(" -- binds").next().unwrap_or_default();
        let plan = town.rows(|conn| plan(conn, sql));
        let grows = |step: &&str| {
            let by_county = step.ends_with("(jurisdiction_id=?)") && !once_a_county.iter().any(|table| step.contains(table));
            step.contains("SCAN") || by_county
        };
        assert_eq!(plan.lines().find(grows), None, "{sql}\n{plan}");
    }
}
