//! 界别群众 over HTTP: whose they are, what is masked for whom, and how their data ends.

use diesel::prelude::*;
use lianxi::base::id::Id;
use lianxi::contact::constituents::store;
use lianxi::db::schema::{
    audit_entries, changes, constituent_handlings, constituents, contact_events, event_constituents, idempotency_keys,
    notifications, opinion_constituents, opinions, posts, settings_versions,
};
use lianxi::db::words::Json;
use lianxi::db::{Conn, Tx};
use lianxi::policy::{Caller, Role};
use serde_json::{Value, json};

use crate::town::{Actor, Ask, County, Town, at_once};
use crate::traces::{audited, chains_are_whole};

const NAME: &str = "欧阳春草";
const PHONE: &str = "13812345678";

/// A body that says all it must.
fn person(name: &str, phone: &str) -> Value {
    json!({"name": name, "phone": phone, "bases": ["residence"], "consent_on": "2026-03-01", "consent_way": "oral"})
}

async fn writes_down(actor: &Actor, name: &str, phone: &str) -> Value {
    actor.post("/v1/constituents").json(person(name, phone)).await.is(201)
}

fn path(of: &Value, deed: &str) -> String {
    let id = of["id"].as_str().expect("an id");
    if deed.is_empty() { format!("/v1/constituents/{id}") } else { format!("/v1/constituents/{id}/{deed}") }
}

fn id(of: &Value) -> Id {
    of["id"].as_str().expect("an id").parse().expect("an id")
}

async fn names(ask: Ask) -> Vec<String> {
    let page = ask.send().await.is(200);
    let name = |item: &Value| item["name"].as_str().unwrap_or("-").to_owned();
    page["items"].as_array().expect("items").iter().map(name).collect()
}

/// The clock's own transaction.
fn as_clock<T>(town: &Town, f: impl Fn(&mut Tx<'_>) -> T) -> T {
    let caller = Caller::clock(town.county.id, lianxi::base::calendar::Zone::AsiaShanghai);
    let now = town.clock.now();
    town.rows(|conn| {
        let today = lianxi::base::calendar::local_day(now.0, caller.zone);
        let mut tx = Tx { conn, caller: &caller, seal: town.db.seal(), now, today, deeds: Vec::new() };
        f(&mut tx)
    })
}

/// A jurisdiction's settings from the first day on, with one of them changed.
fn set(town: &Town, name: &str, value: u32) {
    let mut values = json!(lianxi::directory::settings::Settings::default());
    values[name] = json!(value);
    town.rows(|conn| {
        diesel::insert_into(settings_versions::table)
            .values((
                settings_versions::id.eq(Id::fresh()),
                settings_versions::jurisdiction_id.eq(town.county.id),
                settings_versions::from_day.eq(chrono::NaiveDate::default()),
                settings_versions::values.eq(Json(values.clone())),
                settings_versions::version.eq(1_i64),
                settings_versions::created_at.eq(town.clock.now()),
            ))
            .execute(conn)
            .expect("settings");
    });
}

#[actix_web::test]
async fn a_member_writes_down_one_of_the_people_and_the_assignment_begins() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let mut body = person(NAME, "138 1234 5678");
        body["bases"] = json!(["residence", "workplace", "residence"]);
        body["township"] = json!("灵溪镇");
        body["note"] = json!("第一行\r\n第二行");
        let answer = member.post("/v1/constituents").json(body).await;
        assert!(answer.header("location").is_some_and(|location| location.starts_with("/v1/constituents/")));
        assert!(answer.header("etag").is_some());
        let it = answer.is(201);
        assert_eq!((&it["name"], &it["phone"], &it["masked"]), (&json!(NAME), &json!("138****5678"), &json!(false)));
        assert_eq!((&it["bases"], &it["township"]), (&json!(["workplace", "residence"]), &json!("灵溪镇")));
        assert_eq!((&it["note"], &it["sector"]["name"]), (&json!("第一行\n第二行"), &json!("教育界")));
        assert_eq!((&it["member"]["name"], &it["state"]), (&json!("教育界1"), &json!("active")));
        assert_eq!((&it["consent_on"], &it["consent_way"]), (&json!("2026-03-01"), &json!("oral")));
        assert_eq!(member.get(&path(&it, "")).send().await.is(200), it);

        let list = format!("/v1/contact-assignments?contacted_constituent_id={}", it["id"].as_str().expect("an id"));
        let own = member.get(&list).send().await.is(200);
        let assignment = &own["items"][0];
        assert_eq!((&assignment["kind"], &assignment["from"]), (&json!("member_constituent"), &json!("2026-03-02")));
        assert_eq!(assignment["contacting_person"]["id"], json!(member.person()));
        assert_eq!(assignment["contacted_constituent"], json!({"id": it["id"], "name": NAME, "masked": false}));
        let seen = town.affairs().get(&list).send().await.is(200);
        assert_eq!(seen["items"][0]["contacted_constituent"], json!({"id": it["id"], "name": "欧*", "masked": true}));

        let mut earlier = person("王小明", "13800000001");
        earlier["assigned_from"] = json!("2025-05-01");
        let earlier = member.post("/v1/constituents").json(earlier).await.is(201);
        let list = format!("/v1/contact-assignments?contacted_constituent_id={}", earlier["id"].as_str().expect("an id"));
        assert_eq!(member.get(&list).send().await.is(200)["items"][0]["from"], "2025-05-01");
    }
}

#[actix_web::test]
async fn the_name_is_for_its_member_and_the_record_for_few() {
    for town in Town::on_each_engine().await {
        let it = writes_down(&town.member("教育界"), NAME, PHONE).await;
        let seen = town.affairs().get(&path(&it, "")).send().await.is(200);
        assert_eq!((&seen["name"], &seen["phone"], &seen["masked"]), (&json!("欧*"), &json!("138****5678"), &json!(true)));
        assert_eq!((&seen["note"], &seen["warnings"]), (&json!(null), &json!([])));
        for label in ["管理员", "审计员", "主席", "办公室", "教科卫体委", "教育界活动组", "信息员", "县府办"]
        {
            town.actor(label).get(&path(&it, "")).send().await.is_problem(403, "forbidden");
            town.actor(label).get("/v1/constituents").send().await.is_problem(403, "forbidden");
        }
        for stranger in [town.actor("教育界2"), town.of(&town.elsewhere, "教育界1"), town.of(&town.elsewhere, "委员工委")]
        {
            stranger.get(&path(&it, "")).send().await.is_problem(404, "not_found");
            let export = json!({"reason": "本人要求", "phone": PHONE});
            stranger.post(&path(&it, "data-export")).json(export).await.is_problem(404, "not_found");
            let erase = json!({"reason": "本人要求", "requested_on": "2026-03-01", "phone": PHONE});
            stranger.post(&path(&it, "erase")).if_match(&it).json(erase).await.is_problem(404, "not_found");
        }
        let other = town.actor("教育界2");
        other.patch(&path(&it, "")).if_match(&it).json(json!({"township": "钱库镇"})).await.is_problem(404, "not_found");
        other.post(&path(&it, "reveal")).json(json!({"reason": "x"})).await.is_problem(404, "not_found");
        assert_eq!(names(other.get("/v1/constituents")).await, Vec::<String>::new());
        let affairs = town.affairs();
        affairs.post("/v1/constituents").json(person("甲", "13800000002")).await.is_problem(403, "forbidden");
        affairs.patch(&path(&it, "")).if_match(&it).json(json!({"township": "钱库镇"})).await.is_problem(403, "forbidden");
        affairs.post(&path(&it, "reveal")).json(json!({"reason": "x"})).await.is_problem(403, "forbidden");
        town.nobody().get("/v1/constituents").send().await.is_problem(401, "unauthenticated");
    }
}

#[actix_web::test]
async fn member_affairs_finds_by_the_full_phone_only() {
    for town in Town::on_each_engine().await {
        writes_down(&town.member("教育界"), NAME, PHONE).await;
        writes_down(&town.member("经济界"), NAME, "+86 138-1234-5678").await;
        writes_down(&town.member("经济界"), "王小明", "0577-64751234").await;
        let affairs = town.affairs();
        affairs.get("/v1/constituents").send().await.has_fault("/phone", "required");
        affairs.get("/v1/constituents?q=%E6%AC%A7").send().await.has_fault("/phone", "required");
        affairs.get("/v1/constituents?phone=1381234").send().await.has_fault("/phone", "phone");
        let found = affairs.get("/v1/constituents?phone=138%201234%205678&with_total=true").send().await.is(200);
        assert_eq!((found["items"].as_array().map(Vec::len), &found["total"]), (Some(2), &json!(2)));
        for item in found["items"].as_array().expect("items") {
            assert_eq!((&item["name"], &item["phone"], &item["masked"]), (&json!("欧*"), &json!("138****5678"), &json!(true)));
        }
        assert_eq!(names(affairs.get("/v1/constituents?phone=13800000000")).await, Vec::<String>::new());
        assert_eq!(names(affairs.get(&format!("/v1/constituents?phone={PHONE}&q=%E6%AC%A7"))).await, Vec::<String>::new());
        let own = town.member("教育界").get(&format!("/v1/constituents?phone={PHONE}"));
        assert_eq!(names(own).await, [NAME], "a member finds own people only");
        assert_eq!(names(town.of(&town.elsewhere, "委员工委").get(&format!("/v1/constituents?phone={PHONE}"))).await.len(), 0);
    }
}

#[actix_web::test]
async fn whose_number_is_looked_up_stands_in_the_audit_log() {
    for town in Town::on_each_engine().await {
        let (member, affairs) = (town.member("教育界"), town.affairs());
        let it = writes_down(&member, NAME, PHONE).await;
        let list = format!("/v1/constituents?phone={PHONE}");
        assert_eq!(names(member.get(&list)).await, [NAME]);
        assert_eq!(audited(&town, "constituent_list").len(), 0, "a member finds own people only");
        affairs.get("/v1/constituents?phone=138").send().await.has_fault("/phone", "phone");
        affairs.get(&list).send().await.is(200);
        affairs.get("/v1/constituents?p%68one=%2B86%2013812345678").send().await.is(200);
        affairs.get("/v1/constituents?phone=13800000000").send().await.is(200);
        let entries = audited(&town, "constituent_list");
        let things: Vec<_> = entries.iter().map(|entry| (entry.role.as_deref(), entry.thing)).collect();
        let found = (Some("member_affairs"), id(&it));
        assert_eq!(things, [found, found, (Some("member_affairs"), town.county.id)], "nobody found is an answer too");
        let digests: Vec<_> = entries.iter().map(|entry| entry.details["phone"].as_str().expect("a digest")).collect();
        assert_eq!(digests[0], digests[1], "the same number, however it is written");
        assert_ne!(digests[0], digests[2]);
        assert!(!entries[0].details.to_string().contains("1234"), "{}", entries[0].details);

        // Of one who is both it is the committee's role that looked.
        let both = town.put(|conn, county| {
            let body = county.organizations["委员工委"];
            county.membership(conn, county.persons["经济界1"], body, "staff");
            county.grant(conn, "经济界1", Role::MemberAffairs, Some(body));
            town.actor("经济界1")
        });
        both.get(&list).send().await.is(200);
        assert_eq!(audited(&town, "constituent_list")[3].role.as_deref(), Some("member_affairs"));
        chains_are_whole(&town);
    }
}

#[actix_web::test]
async fn everything_wrong_with_a_record_is_told_at_once() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let body = json!({
            "name": "王小明 13800001234", "phone": "12345", "bases": ["residence"], "sector_id": town.elsewhere.sectors["教育界"],
            "township": "灵溪 13800001234", "note": "身份证 11010519491231002X", "consent_on": "2026-03-03", "consent_way": "telepathy",
            "assigned_from": "2027-01-01",
        });
        let problem = member.post("/v1/constituents").json(body).await.is_problem(422, "invalid_input");
        let mut faults: Vec<_> = problem["errors"]
            .as_array()
            .expect("faults")
            .iter()
            .map(|fault| format!("{} {}", fault["pointer"].as_str().unwrap_or(""), fault["code"].as_str().unwrap_or("")))
            .collect();
        faults.sort();
        assert_eq!(
            faults,
            [
                "/assigned_from in_the_future",
                "/consent_on in_the_future",
                "/consent_way unknown_code",
                "/name phone",
                "/note identity_number",
                "/phone phone",
                "/sector_id unknown_reference",
                "/township phone",
            ]
        );
        assert!(!problem.to_string().contains("13800001234") && !problem.to_string().contains("11010519491231002X"));
        for (field, value, code) in [
            ("name", json!(""), "too_short"),
            ("name", json!("王\n明"), "line_break"),
            ("name", json!("11010519491231002X"), "identity_number"),
            ("name", json!("陈0577-64751234"), "phone"),
            ("name", json!(5), "type"),
            ("bases", json!([]), "too_few"),
            ("consent_on", json!("yesterday"), "format"),
            ("assigned_from", json!("2021-12-31"), "no_member"),
            ("id_number", json!("x"), "unknown_field"),
            ("masked", json!(false), "unknown_field"),
        ] {
            let mut body = person("王小明", PHONE);
            body[field] = value;
            member.post("/v1/constituents").json(body).await.has_fault(&format!("/{field}"), code);
        }
        for field in ["name", "bases", "consent_on", "consent_way"] {
            let mut body = person("王小明", PHONE);
            body.as_object_mut().expect("fields").remove(field);
            member.post("/v1/constituents").json(body).await.has_fault(&format!("/{field}"), "required");
        }
        assert_eq!(names(member.get("/v1/constituents")).await.len(), 0, "nothing was kept");
    }
}

#[actix_web::test]
async fn a_phone_in_a_note_is_kept_sealed_and_warned_of() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let mut body = person(NAME, PHONE);
        body["note"] = json!("儿子电话 13912345678，13612345678");
        let it = member.post("/v1/constituents").json(body).await.is(201);
        let places: Vec<_> = it["warnings"].as_array().expect("warnings").iter().map(|of| (&of["code"], &of["start"])).collect();
        assert_eq!(places, [(&json!("phone"), &json!(5)), (&json!("phone"), &json!(17))]);
        assert!(!it["warnings"].to_string().contains("139"));
        let cleared = member.patch(&path(&it, "")).if_match(&it).json(json!({"note": null})).await.is(200);
        assert_eq!((&cleared["note"], &cleared["warnings"]), (&json!(null), &json!([])));
    }
}

#[actix_web::test]
async fn a_member_searches_own_people_and_nobody_elses() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        for (number, name) in ["王小明", "王大明", "李小明", "Ｍａｒｙ Li"].iter().enumerate() {
            let mut body = person(name, &format!("1380000000{number}"));
            body["bases"] =
                [json!(["residence"]), json!(["workplace", "field"]), json!(["industry"]), json!(["field"])][number].clone();
            body["township"] = json!(["灵溪镇", "钱库镇", "灵溪镇", "龙港市"][number]);
            if number == 1 {
                body["sector_id"] = json!(town.county.sectors["农业界"]);
            }
            member.post("/v1/constituents").json(body).await.is(201);
        }
        writes_down(&town.member("经济界"), "王小明", "13800000009").await;
        for (query, expected) in [
            ("q=%E5%B0%8F%E6%98%8E", vec!["李小明", "王小明"]),
            ("q=%E7%8E%8B", vec!["王大明", "王小明"]),
            ("q=mary", vec!["Ｍａｒｙ Li"]),
            ("q=%25", vec![]),
            ("q=%E7%8E%8B%E6%98%8E", vec![]),
            ("q=%E7%8E%8B&sort=id", vec!["王小明", "王大明"]),
            ("q=%E5%B0%8F%E6%98%8E&basis=industry", vec!["李小明"]),
            ("basis=field", vec!["Ｍａｒｙ Li", "王大明"]),
            ("basis=industry&basis=residence", vec!["李小明", "王小明"]),
            ("township=%E9%92%B1%E5%BA%93%E9%95%87&township=%E9%BE%99%E6%B8%AF%E5%B8%82", vec!["Ｍａｒｙ Li", "王大明"]),
            ("state=erased", vec![]),
            ("state=active&limit=2", vec!["Ｍａｒｙ Li", "李小明"]),
        ] {
            assert_eq!(names(member.get(&format!("/v1/constituents?{query}"))).await, expected, "{query}");
        }
        let by_sector = format!("/v1/constituents?sector_id={}", town.county.sectors["农业界"]);
        assert_eq!(names(member.get(&by_sector)).await, ["王大明"]);
        let first = member.get("/v1/constituents?q=%E6%98%8E&limit=2&with_total=true").send().await.is(200);
        assert_eq!((first["items"].as_array().map(Vec::len), &first["total"]), (Some(2), &json!(3)));
        let cursor = first["next_cursor"].as_str().expect("a cursor");
        assert_eq!(names(member.get(&format!("/v1/constituents?q=%E6%98%8E&limit=2&cursor={cursor}"))).await, ["王小明"]);
        member.get(&format!("/v1/constituents?q=%E7%8E%8B&cursor={cursor}")).send().await.has_fault("/cursor", "cursor");
        member.get("/v1/constituents?basis=nowhere").send().await.has_fault("/basis/0", "enum");
    }
}

#[actix_web::test]
async fn its_member_corrects_a_record_against_the_version_that_was_read() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let it = writes_down(&member, NAME, PHONE).await;
        let at = path(&it, "");
        member.patch(&at).json(json!({"township": "钱库镇"})).await.is_problem(428, "precondition_required");
        let change = json!({"name": "欧阳夏草", "phone": null, "bases": ["field"], "township": "钱库镇", "sector_id": null,
            "note": "备注", "consent_on": "2026-02-01", "consent_way": "written"});
        let changed = member.patch(&at).if_match(&it).json(change).await.is(200);
        assert_eq!((&changed["name"], &changed["phone"], &changed["sector"]), (&json!("欧阳夏草"), &json!(null), &json!(null)));
        assert_eq!((&changed["bases"], &changed["township"]), (&json!(["field"]), &json!("钱库镇")));
        assert_ne!(changed["etag"], it["etag"]);
        member.patch(&at).if_match(&it).json(json!({"township": "灵溪镇"})).await.is_problem(412, "version_mismatch");
        for (patch, pointer, code) in [
            (json!({"name": null}), "/name", "type"),
            (json!({"phone": "1"}), "/phone", "phone"),
            (json!({"name": "甲 13800000000"}), "/name", "phone"),
            (json!({"note": "11010519491231002X"}), "/note", "identity_number"),
            (json!({"consent_on": "2026-03-03"}), "/consent_on", "in_the_future"),
            (json!({"consent_way": "x"}), "/consent_way", "unknown_code"),
            (json!({"sector_id": Id::fresh()}), "/sector_id", "unknown_reference"),
            (json!({"erased_on": null}), "/erased_on", "unknown_field"),
        ] {
            member.patch(&at).if_match(&changed).json(patch).await.has_fault(pointer, code);
        }
        let details: Vec<Json> = town.rows(|conn| {
            audit_entries::table
                .filter(audit_entries::op.eq("constituent_update"))
                .select(audit_entries::details)
                .load(conn)
                .expect("entries")
        });
        let fields = json!(["name", "phone", "bases", "sector_id", "township", "note", "consent_on", "consent_way"]);
        assert_eq!(details, [Json(json!({"fields": fields}))]);
    }
}

#[actix_web::test]
async fn the_same_person_stands_on_a_list_once_and_on_two_lists() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        writes_down(&member, NAME, PHONE).await;
        member.post("/v1/constituents").json(person(NAME, "+86 138 1234 5678")).await.is_problem(409, "conflict");
        let spouse = writes_down(&member, "李四", PHONE).await;
        member.patch(&path(&spouse, "")).if_match(&spouse).json(json!({"name": NAME})).await.is_problem(409, "conflict");
        writes_down(&town.member("经济界"), NAME, PHONE).await;
        let asks = (0..6).map(|_| (member.post("/v1/constituents"), person("赵六", "13800000006"))).collect();
        let mut statuses: Vec<_> = at_once(asks).await.into_iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    }
}

#[actix_web::test]
async fn a_member_has_at_most_500() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let first = writes_down(&member, NAME, PHONE).await;
        let row: store::ConstituentRow = town.rows(|conn| {
            constituents::table.find(id(&first)).select(store::ConstituentRow::as_select()).first(conn).expect("a row")
        });
        town.rows(|conn| {
            for _ in 1..store::CAP {
                let copy = store::ConstituentRow { id: Id::fresh(), phone_hash: None, ..row.clone() };
                diesel::insert_into(constituents::table).values(&copy).execute(conn).expect("a row");
            }
        });
        member.post("/v1/constituents").json(person("王小明", "13800000001")).await.is_problem(409, "conflict");
        let listed = member.get("/v1/constituents?q=%E6%98%A5%E8%8D%89&with_total=true").send().await.is(200);
        assert_eq!(listed["total"], json!(500));
        let erase = json!({"reason": "本人要求", "requested_on": "2026-03-02"});
        member.post(&path(&first, "erase")).if_match(&first).json(erase).await.is(200);
        writes_down(&member, "王小明", "13800000001").await;
    }
}

#[actix_web::test]
async fn the_full_value_has_its_own_operation_with_a_reason_and_a_limit() {
    for town in Town::on_each_engine().await {
        set(&town, "reveals_an_hour", 2);
        let member = town.member("教育界");
        let it = writes_down(&member, NAME, PHONE).await;
        let reveal = || member.post(&path(&it, "reveal"));
        let reason = json!({"reason": "回访前核对"});
        reveal().json(json!({})).await.has_fault("/reason", "required");
        let answer = reveal().key("r1").json(reason.clone()).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let shown = answer.is(200);
        assert_eq!(shown, json!({"id": it["id"], "name": NAME, "phone": PHONE, "note": null}));
        reveal().key("r1").json(reason.clone()).await.is_problem(409, "answer_not_kept");
        let entry: (Option<Id>, Id, Json) = town.rows(|conn| {
            audit_entries::table
                .filter(audit_entries::op.eq("constituent_reveal"))
                .select((audit_entries::person_id, audit_entries::thing_id, audit_entries::details))
                .first(conn)
                .expect("an entry")
        });
        assert_eq!((entry.0, entry.1), (Some(member.person()), id(&it)));
        assert!(entry.2.0["handling"].is_string() && entry.2.0["reason"].is_string());
        assert!(!entry.2.0.to_string().contains("回访前核对"));

        town.at("2026-03-02T02:20:00Z");
        member.post(&path(&it, "data-export")).json(json!({})).await.has_fault("/reason", "required");
        member.post(&path(&it, "data-export")).json(reason.clone()).await.is(200);
        let refused = reveal().json(reason.clone()).await;
        assert_eq!(refused.header("retry-after"), Some("2401"), "until the first one is an hour old");
        refused.is_problem(429, "rate_limited");
        member.post(&path(&it, "data-export")).json(reason.clone()).await.is_problem(429, "rate_limited");
        let other = writes_down(&town.member("经济界"), NAME, PHONE).await;
        town.member("经济界").post(&path(&other, "reveal")).json(reason.clone()).await.is(200);
        town.at("2026-03-02T03:00:01Z");
        reveal().json(reason.clone()).await.is(200);
        reveal().json(reason.clone()).await.is_problem(429, "rate_limited");
        town.at("2026-03-02T09:00:00Z");
        let asks = (0..8).map(|_| (reveal(), reason.clone())).collect();
        let mut statuses: Vec<_> = at_once(asks).await.into_iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 200, 429, 429, 429, 429, 429, 429]);
    }
}

#[actix_web::test]
async fn on_the_persons_wish_everything_that_tells_who_it_is_goes() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let mut body = person(NAME, PHONE);
        body["township"] = json!("灵溪镇");
        body["note"] = json!("备注");
        let it = member.post("/v1/constituents").json(body).await.is(201);
        member.post(&path(&it, "reveal")).json(json!({"reason": format!("给{NAME}打电话")})).await.is(200);
        let erase = |actor: &Actor| actor.post(&path(&it, "erase"));
        let wish = json!({"reason": "本人要求删除", "requested_on": "2026-02-10"});
        for (field, value, code) in [
            ("reason", json!(format!("{NAME}要求删除")), "name"),
            ("reason", json!("13800001234 要求删除"), "phone"),
            ("requested_on", json!("2026-03-03"), "in_the_future"),
        ] {
            let mut wish = wish.clone();
            wish[field] = value;
            erase(&member).if_match(&it).json(wish).await.has_fault(&format!("/{field}"), code);
        }
        erase(&member).json(wish.clone()).await.is_problem(428, "precondition_required");
        erase(&member).header("If-Match", "\"9\"").json(wish.clone()).await.is_problem(412, "version_mismatch");

        let by_affairs = |over: Value| {
            let mut wish = wish.clone();
            for (field, value) in over.as_object().into_iter().flatten() {
                wish[field] = value.clone();
            }
            erase(&town.affairs()).if_match(&it).json(wish)
        };
        by_affairs(json!({})).await.has_fault("/phone", "required");
        by_affairs(json!({"phone": "13800000009"})).await.is_problem(404, "not_found");
        let naming = json!({"phone": PHONE, "reason": format!("{}　{}本人要求", &NAME[..6], &NAME[6..])});
        by_affairs(naming).await.has_fault("/reason", "name");
        let gone = by_affairs(json!({"phone": "138 1234 5678"})).await.is(200);
        assert_eq!(
            (&gone["state"], &gone["name"], &gone["phone"], &gone["note"]),
            (&json!("erased"), &json!(null), &json!(null), &json!(null))
        );
        assert_eq!(
            (&gone["bases"], &gone["sector"]["name"], &gone["township"]),
            (&it["bases"], &json!("教育界"), &json!("灵溪镇"))
        );
        // Fifteen working days after 10 February 2026: the Spring Festival's days off do not count.
        let record = json!({"requested_on": "2026-02-10", "due_on": "2026-03-09", "erased_on": "2026-03-02", "in_time": true, "calendar": null});
        assert_eq!((&gone["erased_on"], &gone["erasure"]), (&json!("2026-03-02"), &record));
        assert_eq!(member.get(&path(&it, "")).send().await.is(200)["erasure"], record);

        type Sealed = Option<Vec<u8>>;
        let row: (Sealed, Sealed, Sealed, Sealed) = town.rows(|conn| {
            let columns = (constituents::name, constituents::phone, constituents::phone_hash, constituents::note);
            constituents::table.find(id(&it)).select(columns).first(conn).expect("a row")
        });
        assert_eq!(row, (None, None, None, None));
        let reasons: Vec<(String, bool)> = town.rows(|conn| {
            let columns = (constituent_handlings::op, constituent_handlings::reason.is_not_null());
            constituent_handlings::table.order(constituent_handlings::id).select(columns).load(conn).expect("rows")
        });
        assert_eq!(reasons, [("constituent_reveal".to_owned(), false), ("constituent_erase".to_owned(), true)]);
        let list = format!("/v1/contact-assignments?contacted_constituent_id={}", it["id"].as_str().expect("an id"));
        let assignment = member.get(&list).send().await.is(200)["items"][0].clone();
        assert_eq!((&assignment["to"], &assignment["contacted_constituent"]["name"]), (&json!("2026-03-02"), &json!("*")));
        let told: Vec<(Option<Id>, String)> = town.rows(|conn| {
            let columns = (notifications::person_id, notifications::kind);
            notifications::table.filter(notifications::thing_kind.eq("constituent")).select(columns).load(conn).expect("rows")
        });
        assert_eq!(told, [(Some(member.person()), "constituent_erased".to_owned())]);

        let again = erase(&member).if_match(&gone).json(wish.clone()).await.is_problem(409, "state_conflict");
        assert_eq!((&again["state"], &again["allowed_actions"]), (&json!("erased"), &json!(["constituent_data_export"])));
        member.post(&path(&it, "reveal")).json(json!({"reason": "x"})).await.is_problem(409, "state_conflict");
        member.patch(&path(&it, "")).if_match(&gone).json(json!({"name": NAME})).await.is_problem(409, "state_conflict");
        assert_eq!(names(town.affairs().get(&format!("/v1/constituents?phone={PHONE}"))).await.len(), 0);
        assert_eq!(names(member.get("/v1/constituents?q=%E6%AC%A7")).await.len(), 0);
        assert_eq!(names(member.get("/v1/constituents?state=erased")).await.len(), 1);

        let late = writes_down(&member, "王小明", "13800000001").await;
        let wish = json!({"reason": "本人要求删除", "requested_on": "2026-01-05"});
        let late = member.post(&path(&late, "erase")).if_match(&late).json(wish).await.is(200);
        assert_eq!((&late["erasure"]["in_time"], &late["erasure"]["due_on"]), (&json!(false), &json!("2026-01-26")));
    }
}

/// One event and one opinion that name the constituent, as rows.
fn plant(conn: &mut Conn, county: &County, member: Id, constituent: Id) {
    let (event, opinion, now) = (Id::fresh(), Id::fresh(), lianxi::base::instant::Clock::default().now());
    let day: chrono::NaiveDate = "2026-02-20".parse().expect("a day");
    diesel::insert_into(contact_events::table)
        .values((
            (contact_events::id.eq(event), contact_events::jurisdiction_id.eq(county.id), contact_events::occurred_on.eq(day)),
            (contact_events::form.eq("visit"), contact_events::summary.eq("谈了春耕用水"), contact_events::content_kinds.eq("")),
            (contact_events::initiated_by.eq("member"), contact_events::recorded_by.eq(member)),
            (contact_events::recorded_role.eq("member"), contact_events::others_count.eq(0_i64)),
            (contact_events::outside_persons.eq(Json(json!([]))), contact_events::publicity.eq(Json(json!([])))),
            (
                contact_events::services.eq(Json(json!([]))),
                contact_events::with_people.eq(true),
                contact_events::state.eq("recorded"),
            ),
            (contact_events::settled.eq(false), contact_events::version.eq(1_i64)),
            (contact_events::created_at.eq(now), contact_events::updated_at.eq(now)),
        ))
        .execute(conn)
        .expect("an event");
    diesel::insert_into(event_constituents::table)
        .values((event_constituents::event_id.eq(event), event_constituents::constituent_id.eq(constituent)))
        .execute(conn)
        .expect("an event's constituent");
    diesel::insert_into(opinions::table)
        .values((
            (opinions::id.eq(opinion), opinions::jurisdiction_id.eq(county.id), opinions::track.eq("social_conditions")),
            (opinions::state.eq("draft"), opinions::title.eq("缺水"), opinions::category.eq("agriculture")),
            (opinions::urgency.eq("normal"), opinions::author_person_id.eq(member), opinions::due_assumed.eq(false)),
            (
                opinions::transfers.eq(0_i64),
                opinions::objected.eq(false),
                opinions::reopened.eq(false),
                opinions::dissatisfied.eq(false),
                opinions::round.eq(0_i64),
            ),
            (opinions::version.eq(1_i64), opinions::created_at.eq(now), opinions::updated_at.eq(now)),
        ))
        .execute(conn)
        .expect("an opinion");
    diesel::insert_into(opinion_constituents::table)
        .values((opinion_constituents::opinion_id.eq(opinion), opinion_constituents::constituent_id.eq(constituent)))
        .execute(conn)
        .expect("an opinion's constituent");
}

#[actix_web::test]
async fn everything_held_about_one_person_is_given_out_as_a_file() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let it = writes_down(&member, NAME, PHONE).await;
        town.rows(|conn| plant(conn, &town.county, member.person(), id(&it)));
        let it = member.patch(&path(&it, "")).if_match(&it).json(json!({"note": "备注"})).await.is(200);
        member.post(&path(&it, "reveal")).json(json!({"reason": "回访"})).await.is(200);
        let answer = member.post(&path(&it, "data-export")).json(json!({"reason": "本人查阅"})).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let file = answer.is(200);
        assert_eq!(file["personal"], json!({"id": it["id"], "name": NAME, "phone": PHONE, "note": "备注"}));
        assert_eq!((&file["constituent"]["id"], &file["assignments"][0]["from"]), (&it["id"], &json!("2026-03-02")));
        let event = &file["events"][0];
        assert_eq!((&event["occurred_on"], &event["summary"]), (&json!("2026-02-20"), &json!("谈了春耕用水")));
        assert_eq!(file["opinions"][0]["title"], "缺水");
        let handlings: Vec<_> =
            file["handlings"].as_array().expect("handlings").iter().map(|of| (&of["op"], &of["reason"])).collect();
        assert_eq!(
            handlings,
            [(&json!("constituent_reveal"), &json!("回访")), (&json!("constituent_data_export"), &json!("本人查阅"))]
        );
        assert_eq!(file["handlings"][0]["by"]["name"], "教育界1");

        let export = |body: Value| town.affairs().post(&path(&it, "data-export")).json(body);
        export(json!({"phone": PHONE})).await.has_fault("/reason", "required");
        export(json!({"reason": "本人到访"})).await.has_fault("/phone", "required");
        export(json!({"reason": "本人到访", "phone": "1"})).await.has_fault("/phone", "phone");
        export(json!({"reason": "本人到访", "phone": "13800000009"})).await.is_problem(404, "not_found");
        let file = export(json!({"reason": "本人到访", "phone": PHONE})).await.is(200);
        assert_eq!((&file["personal"]["phone"], &file["constituent"]["name"]), (&json!(PHONE), &json!("欧*")));
        assert_eq!((&file["personal"]["note"], &file["constituent"]["note"]), (&json!(null), &json!(null)), "the member's own");
        let mut silent = person("王小明", PHONE);
        silent.as_object_mut().expect("fields").remove("phone");
        let silent = member.post("/v1/constituents").json(silent).await.is(201);
        let body = json!({"reason": "本人到访", "phone": PHONE, "requested_on": "2026-03-01"});
        town.affairs().post(&path(&silent, "erase")).if_match(&silent).json(body.clone()).await.is_problem(403, "forbidden");
        let body = json!({"reason": "本人到访", "phone": PHONE});
        town.affairs().post(&path(&silent, "data-export")).json(body.clone()).await.is_problem(403, "forbidden");
        member.post(&path(&silent, "data-export")).json(json!({"reason": "本人查阅"})).await.is(200);
        assert_eq!((&file["events"][0]["summary"], &file["events"][0]["form"]), (&json!(null), &json!("visit")));
        assert_eq!((&file["opinions"][0]["title"], &file["opinions"][0]["state"]), (&json!(null), &json!("draft")));
        let entries: i64 = town.rows(|conn| {
            audit_entries::table.filter(audit_entries::op.eq("constituent_data_export")).count().get_result(conn).expect("a count")
        });
        assert_eq!(entries, 3);
    }
}

#[actix_web::test]
async fn after_24_months_without_contact_a_record_tells_no_longer_who_it_was() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let (forgotten, met) = (writes_down(&member, NAME, PHONE).await, writes_down(&member, "王小明", "13800000001").await);
        as_clock(&town, |tx| {
            let day = |text: &str| text.parse().expect("a day");
            store::touch(tx, &[id(&met)], day("2026-05-01")).expect("a touch");
            store::touch(tx, &[id(&met)], day("2026-04-01")).expect("an earlier touch");
        });
        let seen = member.get(&path(&met, "")).send().await.is(200);
        assert_eq!((&seen["last_contact_on"], &seen["etag"]), (&json!("2026-05-01"), &met["etag"]));
        town.at("2028-03-02T02:00:00Z");
        assert_eq!(lianxi::jobs::run_all(town.house()).expect("a round"), 0, "twenty-four months to the day");
        town.at("2028-03-02T16:00:00Z");
        assert_eq!(lianxi::jobs::run_all(town.house()).expect("a round"), 1, "it is the third in Shanghai");
        let gone = member.get(&path(&forgotten, "")).send().await.is(200);
        assert_eq!((&gone["state"], &gone["name"], &gone["phone"]), (&json!("anonymised"), &json!(null), &json!(null)));
        assert_eq!((&gone["anonymised_on"], &gone["bases"]), (&json!("2028-03-03"), &json!(["residence"])));
        assert_eq!(member.get(&path(&met, "")).send().await.is(200)["name"], "王小明");
        let list = format!("/v1/contact-assignments?contacted_constituent_id={}", forgotten["id"].as_str().expect("an id"));
        assert_eq!(member.get(&list).send().await.is(200)["items"][0]["to"], "2028-03-03");
        let told: i64 = town.rows(|conn| {
            notifications::table.filter(notifications::kind.eq("constituent_anonymised")).count().get_result(conn).expect("a count")
        });
        assert_eq!(told, 1);
        let op: (String, Option<String>) = town.rows(|conn| {
            let entries = audit_entries::table.filter(audit_entries::thing_id.eq(id(&forgotten)));
            let columns = (audit_entries::op, audit_entries::role);
            entries.order(audit_entries::seq.desc()).select(columns).first(conn).expect("an entry")
        });
        assert_eq!(op, ("constituent_anonymise".to_owned(), Some("clock".to_owned())));
        let problem = member.post(&path(&forgotten, "reveal")).json(json!({"reason": "x"})).await.is_problem(409, "state_conflict");
        assert_eq!(problem["allowed_actions"], json!(["constituent_erase", "constituent_data_export"]));
        assert_eq!(lianxi::jobs::run_all(town.house()).expect("a round"), 0);
    }
}

#[actix_web::test]
async fn who_leaves_office_leaves_no_names_behind() {
    for town in Town::on_each_engine().await {
        let (leaver, stayer) = (town.member("教育界"), town.member("经济界"));
        let left = writes_down(&leaver, NAME, PHONE).await;
        let kept = writes_down(&stayer, NAME, PHONE).await;
        let end = |person: Id| {
            town.rows(|conn| {
                let seat = posts::table.filter(posts::person_id.eq(person)).filter(posts::kind.eq("member"));
                diesel::update(seat)
                    .set(posts::to_day.eq(chrono::NaiveDate::from_ymd_opt(2026, 3, 31)))
                    .execute(conn)
                    .expect("an end");
            });
        };
        end(leaver.person());
        end(stayer.person());
        town.rows(|conn| town.county.post(conn, stayer.person(), "member", Some("经济界")));
        town.at("2026-03-31T02:00:00Z");
        assert_eq!(lianxi::jobs::run_all(town.house()).expect("a round"), 0, "the last day in office");
        town.at("2026-04-30T02:00:00Z");
        assert_eq!(lianxi::jobs::run_all(town.house()).expect("a round"), 0, "an end entered wrongly can be corrected for 30 days");
        town.at("2026-05-01T02:00:00Z");
        assert_eq!(lianxi::jobs::run_all(town.house()).expect("a round"), 1);
        let state = async |of: &Value| town.affairs().get(&path(of, "")).send().await.is(200)["state"].clone();
        assert_eq!((state(&left).await, state(&kept).await), (json!("anonymised"), json!("active")));
        leaver.get(&path(&left, "")).send().await.is_problem(403, "forbidden");
    }
}

#[actix_web::test]
async fn an_end_that_was_a_typing_error_costs_nobody_their_people() {
    for town in Town::on_each_engine().await {
        let (member, affairs) = (town.member("教育界"), town.affairs());
        let it = writes_down(&member, NAME, PHONE).await;
        let seats = affairs.get(&format!("/v1/posts?person={}&kind=member", member.person())).send().await.is(200);
        let seat = &seats["items"][0];
        let post = format!("/v1/posts/{}", seat["id"].as_str().expect("an id"));
        let ended = affairs.patch(&post).if_match(seat).json(json!({"to": "2026-03-01"})).await.is(200);
        assert_eq!(lianxi::jobs::run_all(town.house()).expect("a round"), 0);
        member.get(&path(&it, "")).send().await.is_problem(403, "forbidden");
        town.at("2026-03-03T02:00:00Z");
        assert_eq!(lianxi::jobs::run_all(town.house()).expect("a round"), 0);
        affairs.patch(&post).if_match(&ended).json(json!({"to": null, "reason": "录入有误"})).await.is(200);
        assert_eq!(member.get(&path(&it, "")).send().await.is(200)["name"], NAME);

        // Whoever wants them gone at once sets it so.
        let none = json!({"from": "2026-03-03", "values": {"leaver_grace_days": 0}});
        town.admin().post("/v1/settings").json(none).await.is(201);
        town.ends("教育界1", "member", "2026-03-02");
        assert_eq!(lianxi::jobs::run_all(town.house()).expect("a round"), 1);
    }
}

#[actix_web::test]
async fn an_event_may_name_own_people_who_are_not_wiped() {
    for town in Town::on_each_engine().await {
        let (member, other) = (town.member("教育界"), town.member("经济界"));
        let (own, gone) = (writes_down(&member, NAME, PHONE).await, writes_down(&member, "王小明", "13800000001").await);
        let foreign = writes_down(&other, NAME, PHONE).await;
        let erase = json!({"reason": "本人要求", "requested_on": "2026-03-02"});
        member.post(&path(&gone, "erase")).if_match(&gone).json(erase).await.is(200);
        let ids = [id(&own), id(&gone), id(&foreign), Id::fresh()];
        let known = as_clock(&town, |tx| store::known(tx, member.person(), &ids).expect("the known"));
        assert_eq!(known.into_iter().collect::<Vec<_>>(), [id(&own)]);
    }
}

/// The kept answers that can still be given, whatever they tell.
fn kept(town: &Town) -> usize {
    let bodies = |conn: &mut Conn| idempotency_keys::table.select(idempotency_keys::body).load::<Option<Vec<u8>>>(conn);
    town.rows(|conn| bodies(conn).expect("answers")).into_iter().flatten().count()
}

#[actix_web::test]
async fn what_was_erased_does_not_come_back_by_a_key() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let record = person(NAME, PHONE);
        let it = member.post("/v1/constituents").key("record").json(record.clone()).await.is(201);
        let visit = json!({"occurred_on": "2026-03-01", "form": "visit", "summary": "走访", "constituent_ids": [it["id"]]});
        let event = member.post("/v1/contact-events").key("event").json(visit.clone()).await.is(201);
        assert_eq!(event["constituents"][0]["name"], NAME);
        let opinion = json!({"track": "social_conditions", "title": "缺水", "situation": "水渠淤塞。", "category": "agriculture",
            "content_kinds": ["constituent_needs"], "constituent_ids": [it["id"]]});
        let draft = member.post("/v1/opinions").key("opinion").json(opinion.clone()).await.is(201);
        assert_eq!(draft["constituents"][0]["name"], NAME);
        let earlier = member.post("/v1/contact-events").key("edited").json(visit.clone()).await.is(201);
        let patch = json!({"constituent_ids": [], "others_count": 1});
        let path_of = |of: &Value| format!("/v1/contact-events/{}", of["id"].as_str().expect("an id"));
        member.patch(&path_of(&earlier)).if_match(&earlier).json(patch).await.is(200);
        member.post("/v1/contact-events").key("edited").json(visit.clone()).await.is_problem(409, "answer_not_kept");
        let other = member.post("/v1/constituents").key("other").json(person("王小明", "13800000001")).await.is(201);
        assert_eq!(kept(&town), 4);
        assert_eq!(member.post("/v1/constituents").key("record").json(record.clone()).await.is(201), it);

        let wish = json!({"reason": "本人要求", "requested_on": "2026-03-02"});
        member.post(&path(&it, "erase")).key("erase").if_match(&it).json(wish.clone()).await.is(200);
        member.post("/v1/constituents").key("record").json(record).await.is_problem(409, "answer_not_kept");
        member.post("/v1/contact-events").key("event").json(visit).await.is_problem(409, "answer_not_kept");
        member.post("/v1/opinions").key("opinion").json(opinion).await.is_problem(409, "answer_not_kept");
        assert_eq!(kept(&town), 2, "the erasure's own, and the other person's");
        assert_eq!(member.post("/v1/constituents").key("other").json(person("王小明", "13800000001")).await.is(201), other);
        let again = member.post(&path(&it, "erase")).key("erase").if_match(&it).json(wish).await;
        assert_eq!(again.header("idempotency-replayed"), Some("true"));

        // By the clock as well.
        let record = person("赵六", "13800000006");
        member.post("/v1/constituents").key("clock").json(record.clone()).await.is(201);
        town.rows(|conn| {
            let long_ago = chrono::NaiveDate::from_ymd_opt(2023, 1, 1);
            diesel::update(constituents::table.filter(constituents::phone_hash.is_not_null()))
                .set(constituents::last_contact_on.eq(long_ago))
                .execute(conn)
                .expect("days");
        });
        lianxi::jobs::run_all(town.house()).expect("a round");
        member.post("/v1/constituents").key("clock").json(record).await.is_problem(409, "answer_not_kept");
        assert_eq!(kept(&town), 1);
    }
}

/// Every place where a value could have been left in clear, as text.
fn everything_written(town: &Town) -> String {
    town.rows(|conn| {
        let mut texts: Vec<String> = Vec::new();
        let json = |rows: Vec<Json>| rows.into_iter().map(|row| row.0.to_string()).collect::<Vec<_>>();
        texts.extend(json(audit_entries::table.select(audit_entries::details).load(conn).expect("entries")));
        texts.extend(json(changes::table.select(changes::belongs).load(conn).expect("changes")));
        texts.extend(json(notifications::table.select(notifications::params).load(conn).expect("notifications")));
        let mut bytes: Vec<Option<Vec<u8>>> = Vec::new();
        bytes.extend(idempotency_keys::table.select(idempotency_keys::body).load::<Option<Vec<u8>>>(conn).expect("answers"));
        bytes.extend(constituents::table.select(constituents::name).load::<Option<Vec<u8>>>(conn).expect("names"));
        bytes.extend(constituents::table.select(constituents::phone).load::<Option<Vec<u8>>>(conn).expect("phones"));
        bytes.extend(constituents::table.select(constituents::note).load::<Option<Vec<u8>>>(conn).expect("notes"));
        bytes.extend(
            constituent_handlings::table.select(constituent_handlings::reason).load::<Option<Vec<u8>>>(conn).expect("reasons"),
        );
        assert!(bytes.iter().flatten().count() > 5, "there is something to look at");
        texts.extend(bytes.into_iter().flatten().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
        texts.join("\n")
    })
}

#[actix_web::test]
async fn planted_values_stand_nowhere_but_where_they_are_asked_for() {
    for town in Town::on_each_engine().await {
        let (member, affairs) = (town.member("教育界"), town.affairs());
        let mut body = person(NAME, PHONE);
        body["note"] = json!("秘密备注 13987654321");
        let it = member.post("/v1/constituents").key("plant").json(body.clone()).await.is(201);
        let replayed = member.post("/v1/constituents").key("plant").json(body).await;
        assert_eq!(replayed.header("idempotency-replayed"), Some("true"));
        assert_eq!(replayed.is(201), it, "sealed, and yet the first answer");
        member.post(&path(&it, "reveal")).json(json!({"reason": format!("找{NAME} {PHONE}")})).await.is(200);
        let it = member.patch(&path(&it, "")).if_match(&it).json(json!({"name": NAME, "phone": PHONE})).await.is(200);
        let export = json!({"reason": format!("给{NAME} {PHONE}"), "phone": PHONE});
        affairs.post(&path(&it, "data-export")).key("export").json(export).await.is(200);
        let mut shown = String::new();
        for ask in [
            affairs.get(&path(&it, "")),
            affairs.get(&format!("/v1/constituents?phone={PHONE}")),
            affairs.get("/v1/contact-assignments"),
            affairs.get("/v1/constituents?phone=138"),
            town.actor("教育界2").get(&path(&it, "")),
            town.nobody().get("/metrics"),
        ] {
            shown += &ask.send().await.text();
        }
        let own = member.get("/v1/constituents").send().await.text();
        assert!(own.contains(NAME) && !own.contains(PHONE) && !own.contains("12345678"));
        let second = writes_down(&town.member("经济界"), NAME, PHONE).await;
        let wish = json!({"reason": "本人要求", "requested_on": "2026-03-02", "phone": PHONE});
        affairs.post(&path(&second, "erase")).if_match(&second).json(wish).await.is(200);
        for text in [shown, everything_written(&town)] {
            for planted in [NAME, "春草", PHONE, "12345678", "秘密备注", "13987654321"] {
                assert!(!text.contains(planted), "{planted} stands in {text}");
            }
        }
        let whole = town.rows(|conn| lianxi::record::verify_all(conn, town.db.seal()).expect("a look at the chain"));
        assert!(whole.is_ok(), "{whole:?}");
    }
}
