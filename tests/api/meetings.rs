//! 主席会议 over HTTP: meetings, agendas, resolutions, and the steps that put an opinion before them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::town::{Actor, Town, at_once, rounds};
use crate::walk::{accepted, act, clock_strikes, decided, history, id, meeting, path, read, reported, resolution, submitted, told};

fn at(meeting: &Value) -> String {
    format!("/v1/meetings/{}", id(meeting))
}

async fn close(office: &Actor, meeting: &Value) -> Value {
    let seen = office.get(&at(meeting)).send().await.is(200);
    office.post(&format!("{}/close", at(meeting))).if_match(&seen).send().await.is(200)
}

async fn cancel(office: &Actor, meeting: &Value) -> Value {
    let seen = office.get(&at(meeting)).send().await.is(200);
    office.post(&format!("{}/cancel", at(meeting))).if_match(&seen).json(json!({"reason": "与全会冲突"})).await.is(200)
}

/// The agenda as `position title state`.
async fn agenda(actor: &Actor, meeting: &Value) -> Vec<String> {
    let page = actor.get(&format!("{}/agenda-items", at(meeting))).send().await.is(200);
    let item = |item: &Value| {
        let word = |field: &str| item[field].as_str().unwrap_or_default().to_owned();
        format!("{} {} {}", item["position"], item["opinion"]["name"].as_str().unwrap_or_default(), word("state"))
    };
    page["items"].as_array().expect("items").iter().map(item).collect()
}

#[actix_web::test]
async fn the_office_plans_moves_and_ends_meetings_and_leaders_read_them() {
    for town in Town::on_each_engine().await {
        let office = town.office();
        let answer = office.post("/v1/meetings").json(json!({"name": "第二十次主席会议", "held_on": "2026-03-20"})).await;
        assert!(answer.header("location").is_some_and(|location| location.starts_with("/v1/meetings/")));
        let first = answer.is(201);
        assert_eq!((first["state"].as_str(), first["place"].clone()), (Some("planned"), json!(null)));
        let moved =
            office.patch(&at(&first)).if_match(&first).json(json!({"held_on": "2026-03-27", "place": "三楼"})).await.is(200);
        assert_eq!((moved["held_on"].as_str(), moved["place"].as_str()), (Some("2026-03-27"), Some("三楼")));
        office.patch(&at(&first)).if_match(&first).json(json!({"place": null})).await.is_problem(412, "version_mismatch");
        office.post(&format!("{}/close", at(&first))).send().await.is_problem(428, "precondition_required");
        for label in ["主席", "教科卫体委"] {
            assert_eq!(town.actor(label).get(&at(&first)).send().await.is(200)["name"], "第二十次主席会议");
            town.actor(label)
                .post("/v1/meetings")
                .json(json!({"name": "会", "held_on": "2026-03-20"}))
                .await
                .is_problem(403, "forbidden");
        }
        for label in ["教育界1", "管理员", "县府办"] {
            town.actor(label).get(&at(&first)).send().await.is_problem(403, "forbidden");
        }
        town.of(&town.elsewhere, "办公室").get(&at(&first)).send().await.is_problem(404, "not_found");
        let closed = close(&office, &first).await;
        assert_eq!((closed["state"].as_str(), closed["closed_on"].as_str()), (Some("closed"), Some("2026-03-02")));
        for step in ["close", "cancel"] {
            let ask = office.post(&format!("{}/{step}", at(&first))).if_match(&closed);
            let answer = if step == "close" { ask.send().await } else { ask.json(json!({"reason": "晚了"})).await };
            assert_eq!(answer.is_problem(409, "state_conflict")["state"], "closed");
        }
        office.patch(&at(&first)).if_match(&closed).json(json!({"name": "改名"})).await.is_problem(409, "state_conflict");
        let second = meeting(&town, "第二十一次", "2026-04-10").await;
        let third = meeting(&town, "第二十二次", "2026-04-20").await;
        cancel(&office, &third).await;
        let list = async |query: &str| {
            let page = office.get(&format!("/v1/meetings{query}")).send().await.is(200);
            page["items"].as_array().expect("items").iter().map(|item| item["id"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(list("").await, [third["id"].clone(), second["id"].clone(), first["id"].clone()]);
        assert_eq!(list("?state=planned&state=closed&sort=held_on").await, [first["id"].clone(), second["id"].clone()]);
        assert_eq!(list("?held_from=2026-04-10&held_before=2026-04-20").await, [second["id"].clone()]);
    }
}

#[actix_web::test]
async fn an_opinion_is_reported_to_a_planned_meeting_and_leaders_see_it_from_then_on() {
    for town in Town::on_each_engine().await {
        let (office, leader, member) = (town.office(), town.leader(), town.member("教育界"));
        let first = meeting(&town, "第一次", "2026-03-20").await;
        let opinion = accepted(&town, "提请").await;
        leader.get(&path(&opinion)).send().await.is_problem(404, "not_found");
        let to = |meeting: &Value| Some(json!({"meeting_id": id(meeting)}));
        let unknown = Some(json!({"meeting_id": town.county.id}));
        act(&office, &opinion, "report", unknown).await.has_fault("/meeting_id", "unknown_reference");
        let foreign = town
            .of(&town.elsewhere, "办公室")
            .post("/v1/meetings")
            .json(json!({"name": "会", "held_on": "2026-03-20"}))
            .await
            .is(201);
        act(&office, &opinion, "report", to(&foreign)).await.has_fault("/meeting_id", "unknown_reference");
        // The owning committee may report what concerns the CPPCC's own work.
        let reported = act(&town.committee("教育界"), &opinion, "report", to(&first)).await.is(200);
        assert_eq!((reported["state"].as_str(), reported["meeting"]["name"].as_str()), (Some("reported"), Some("第一次")));
        let due = json!({"kind": "decision", "on": "2026-03-27", "owed_by": "office", "calendar": "known", "overdue": false, "overdue_days": 0});
        assert_eq!(reported["due"], due);
        assert_eq!(told(&town, member.person(), "opinion_reported", &reported), 1);
        assert_eq!(read(&leader, &reported).await["allowed_actions"], json!([]));
        assert_eq!(agenda(&leader, &first).await, ["1 提请 open"]);
        assert_eq!(agenda(&town.committee("教育界"), &first).await.len(), 1);
        assert_eq!(agenda(&town.committee("经济界"), &first).await.len(), 0, "a committee sees the items that it owns");
        act(&office, &reported, "report", to(&first)).await.is_problem(409, "state_conflict");
        close(&office, &first).await;
        let other = accepted(&town, "太晚").await;
        act(&office, &other, "report", to(&first)).await.is_problem(409, "conflict");
        // Moving a meeting moves the deadline of its decisions.
        let second = meeting(&town, "第二次", "2026-04-10").await;
        let other = act(&office, &other, "report", to(&second)).await.is(200);
        assert_eq!(other["due"]["on"], "2026-04-17");
        office.patch(&at(&second)).if_match(&second).json(json!({"held_on": "2026-04-20"})).await.is(200);
        let seen = read(&office, &other).await;
        assert_eq!((seen["due"]["on"].as_str(), seen["etag"].clone()), (Some("2026-04-27"), other["etag"].clone()));
    }
}

#[actix_web::test]
async fn a_decision_names_a_resolution_of_its_meeting() {
    for town in Town::on_each_engine().await {
        let (office, committee) = (town.office(), town.committee("教育界"));
        let (first, other) = (meeting(&town, "第一次", "2026-03-20").await, meeting(&town, "别的", "2026-03-21").await);
        let opinion = reported(&town, "决定", &first).await;
        let (right, wrong) = (resolution(&town, &first, "1号").await, resolution(&town, &other, "2号").await);
        let by = |resolution: &Value, outcome: &str| Some(json!({"outcome": outcome, "resolution_id": id(resolution)}));
        act(&office, &opinion, "decide", by(&wrong, "adopted")).await.has_fault("/resolution_id", "other_meeting");
        let unknown = Some(json!({"outcome": "adopted", "resolution_id": town.county.id}));
        act(&office, &opinion, "decide", unknown).await.has_fault("/resolution_id", "unknown_reference");
        act(&office, &opinion, "decide", by(&right, "declined")).await.has_fault("/outcome", "enum");
        act(&committee, &opinion, "decide", by(&right, "adopted")).await.is_problem(403, "forbidden");
        let corrected = office
            .post(&format!("{}/resolutions", at(&first)))
            .json(json!({"number": "3号", "text": "更正：部分采纳。", "replaces_id": id(&right)}))
            .await
            .is(201);
        act(&office, &opinion, "decide", by(&right, "adopted")).await.has_fault("/resolution_id", "replaced");
        let decided = act(&office, &opinion, "decide", by(&corrected, "partially_adopted")).await.is(200);
        assert_eq!((decided["state"].as_str(), decided["outcome"].as_str()), (Some("decided"), Some("partially_adopted")));
        assert_eq!((decided["resolution"]["name"].as_str(), decided["meeting"]["name"].as_str()), (Some("3号"), Some("第一次")));
        assert_eq!((decided["due"]["kind"].as_str(), decided["due"]["on"].as_str()), (Some("feedback"), Some("2026-03-09")));
        assert_eq!(decided["owner"]["name"], "教科卫体委");
        assert_eq!(agenda(&office, &first).await, ["1 决定 decided"]);
        act(&office, &decided, "decide", by(&corrected, "adopted")).await.is_problem(409, "state_conflict");
        let page = town.member("教育界").get(&format!("{}/transitions?limit=100", path(&opinion))).send().await.is(200);
        let step = page["items"].as_array().expect("items").last().expect("a step").clone();
        assert_eq!((step["outcome"].as_str(), step["meeting"]["name"].as_str()), (Some("partially_adopted"), Some("第一次")));
    }
}

#[actix_web::test]
async fn resolutions_are_added_and_never_changed() {
    for town in Town::on_each_engine().await {
        let office = town.office();
        let first = meeting(&town, "第一次", "2026-03-20").await;
        let made = resolution(&town, &first, "1号").await;
        let path = format!("{}/resolutions", at(&first));
        let again = json!({"number": "1号", "text": "又一次"});
        office.post(&path).json(again).await.is_problem(409, "conflict");
        let unknown = json!({"number": "2号", "text": "更正", "replaces_id": town.county.id});
        office.post(&path).json(unknown).await.has_fault("/replaces_id", "unknown_reference");
        let correction = json!({"number": "2号", "text": "更正\n第二行", "replaces_id": id(&made)});
        let second = office.post(&path).json(correction).await.is(201);
        assert_eq!(second["replaces"]["name"], "1号");
        let twice = json!({"number": "3号", "text": "又更正", "replaces_id": id(&made)});
        office.post(&path).json(twice).await.is_problem(409, "conflict");
        let page = town.leader().get(&path).send().await.is(200);
        assert_eq!(page["items"][0]["replaced_by"]["name"], "2号");
        assert_eq!(page["items"][1]["text"], "更正\n第二行");
        town.leader().post(&path).json(json!({"number": "4号", "text": "x"})).await.is_problem(403, "forbidden");
        // What has resolved cannot be cancelled, and what is cancelled resolves nothing.
        let seen = office.get(&at(&first)).send().await.is(200);
        let cancel_it = office.post(&format!("{}/cancel", at(&first))).if_match(&seen).json(json!({"reason": "误"})).await;
        cancel_it.is_problem(409, "conflict");
        let other = meeting(&town, "第二次", "2026-03-21").await;
        cancel(&office, &other).await;
        let answer = office.post(&format!("{}/resolutions", at(&other))).json(json!({"number": "5号", "text": "x"})).await;
        assert_eq!(answer.is_problem(409, "state_conflict")["state"], "cancelled");
        close(&office, &first).await;
        resolution(&town, &first, "6号").await;
    }
}

#[actix_web::test]
async fn open_items_of_an_ended_meeting_come_onto_the_next() {
    for town in Town::on_each_engine().await {
        let (office, owner) = (town.office(), town.county.organizations["教科卫体委"]);
        let first = meeting(&town, "第一次", "2026-03-20").await;
        let third = meeting(&town, "第三次", "2026-05-20").await;
        let second = meeting(&town, "第二次", "2026-04-20").await;
        let stays = reported(&town, "未决", &first).await;
        let done = reported(&town, "已决", &first).await;
        let made = resolution(&town, &first, "1号").await;
        act(&office, &done, "decide", Some(json!({"outcome": "adopted", "resolution_id": id(&made)}))).await.is(200);
        town.at("2026-03-20T08:00:00Z");
        close(&office, &first).await;
        let waits = read(&office, &stays).await;
        assert_eq!((waits["meeting"]["name"].as_str(), waits["due"]["on"].as_str()), (Some("第一次"), Some("2026-03-27")));
        clock_strikes(&town).await;
        clock_strikes(&town).await;
        let carried = read(&office, &stays).await;
        assert_eq!((carried["state"].as_str(), carried["meeting"]["name"].as_str()), (Some("reported"), Some("第二次")));
        assert_eq!(carried["due"]["on"], "2026-04-27");
        assert_eq!(agenda(&office, &first).await, ["1 未决 carried_over", "2 已决 decided"]);
        assert_eq!(agenda(&office, &second).await, ["1 未决 open"]);
        assert_eq!(agenda(&office, &third).await.len(), 0);
        assert_eq!(told(&town, owner, "opinion_carried_over", &stays), 1);
        assert_eq!(history(&town, &stays).last().map(String::as_str), Some("agenda_carry_over reported reported clock"));
        // A cancelled one lets go of its items as well.
        cancel(&office, &second).await;
        assert_eq!(read(&office, &stays).await["due"], json!(null));
        clock_strikes(&town).await;
        let again = read(&office, &stays).await;
        assert_eq!(again["meeting"]["name"], "第三次");
        // The minutes of the first meeting say that it was adopted there: it need not wait for the third.
        let late = resolution(&town, &first, "2号").await;
        let body = Some(json!({"outcome": "adopted", "resolution_id": id(&late)}));
        let decided = act(&office, &again, "decide", body).await.is(200);
        assert_eq!(decided["meeting"]["name"], "第一次");
        assert_eq!(agenda(&office, &first).await, ["1 未决 decided", "2 已决 decided"]);
        assert_eq!(agenda(&office, &third).await, ["1 未决 taken_off"]);
    }
}

#[actix_web::test]
async fn without_a_next_meeting_an_item_waits_until_there_is_one() {
    for town in Town::on_each_engine().await {
        let (office, member) = (town.office(), town.member("教育界"));
        let first = meeting(&town, "第一次", "2026-03-20").await;
        let (closed_on, deferred) = (reported(&town, "会后", &first).await, reported(&town, "推迟", &first).await);
        let waits = act(&office, &deferred, "defer", Some(json!({"reason": "材料不足"}))).await.is(200);
        assert_eq!((waits["state"].as_str(), waits["due"].clone()), (Some("reported"), json!(null)));
        assert_eq!(agenda(&office, &first).await, ["1 会后 open", "2 推迟 deferred"]);
        act(&office, &waits, "defer", Some(json!({}))).await.is_problem(409, "conflict");
        clock_strikes(&town).await;
        assert_eq!(read(&office, &waits).await["etag"], waits["etag"], "not back onto the meeting it was deferred from");
        town.at("2026-03-20T08:00:00Z");
        close(&office, &first).await;
        clock_strikes(&town).await;
        assert_eq!(read(&office, &closed_on).await["meeting"]["name"], "第一次");
        let second = meeting(&town, "第二次", "2026-04-20").await;
        clock_strikes(&town).await;
        assert_eq!(agenda(&office, &second).await.into_iter().collect::<BTreeSet<_>>().len(), 2);
        for opinion in [&closed_on, &deferred] {
            let seen = read(&member, opinion).await;
            assert_eq!((seen["meeting"]["name"].as_str(), seen["due"]["on"].as_str()), (Some("第二次"), Some("2026-04-27")));
        }
    }
}

#[actix_web::test]
async fn an_item_is_deferred_to_the_next_meeting_or_taken_off() {
    for town in Town::on_each_engine().await {
        let (office, committee, member) = (town.office(), town.committee("教育界"), town.member("教育界"));
        let first = meeting(&town, "第一次", "2026-03-20").await;
        meeting(&town, "更早", "2026-03-10").await;
        let second = meeting(&town, "第二次", "2026-04-20").await;
        let opinion = reported(&town, "议题", &first).await;
        act(&committee, &opinion, "defer", Some(json!({}))).await.is_problem(403, "forbidden");
        let deferred = act(&office, &opinion, "defer", Some(json!({}))).await.is(200);
        assert_eq!((deferred["meeting"]["name"].as_str(), deferred["due"]["on"].as_str()), (Some("第二次"), Some("2026-04-27")));
        act(&office, &deferred, "take-off", Some(json!({}))).await.has_fault("/reason", "required");
        let off = act(&office, &deferred, "take-off", Some(json!({"reason": "需补充调研"}))).await.is(200);
        assert_eq!((off["state"].as_str(), off["meeting"].clone()), (Some("accepted"), json!(null)));
        assert_eq!((off["due"]["kind"].as_str(), off["due"]["on"].as_str()), (Some("report"), Some("2026-03-16")));
        assert_eq!(told(&town, member.person(), "opinion_taken_off", &off), 1);
        let page = office.get(&format!("{}/agenda-items", at(&second))).send().await.is(200);
        assert_eq!(
            (page["items"][0]["state"].as_str(), page["items"][0]["reason"].as_str()),
            (Some("taken_off"), Some("需补充调研"))
        );
        town.leader().get(&path(&off)).send().await.is_problem(404, "not_found");
        assert_eq!(agenda(&town.leader(), &second).await, Vec::<String>::new(), "out of sight with its opinion");
        assert_eq!(agenda(&town.leader(), &first).await, Vec::<String>::new());
        // What a meeting resolved before it was taken off does not decide it afterwards.
        let made = resolution(&town, &first, "1号").await;
        let again = act(&committee, &off, "report", Some(json!({"meeting_id": id(&second)}))).await.is(200);
        let body = Some(json!({"outcome": "adopted", "resolution_id": id(&made)}));
        act(&office, &again, "decide", body).await.has_fault("/resolution_id", "other_meeting");
    }
}

#[actix_web::test]
async fn what_is_retained_needs_no_meeting() {
    for town in Town::on_each_engine().await {
        let opinion = accepted(&town, "留存").await;
        let committee = town.committee("教育界");
        act(&committee, &opinion, "retain", Some(json!({}))).await.has_fault("/reason", "required");
        let retained = act(&committee, &opinion, "retain", Some(json!({"reason": "已有安排"}))).await.is(200);
        assert_eq!((retained["state"].as_str(), retained["outcome"].as_str()), (Some("decided"), Some("retained")));
        assert_eq!(retained["due"]["kind"], "feedback");
        town.leader().get(&path(&retained)).send().await.is_problem(404, "not_found");
        let next = meeting(&town, "第一次", "2026-03-20").await;
        let report = Some(json!({"meeting_id": id(&next)}));
        act(&town.office(), &retained, "report", report).await.is_problem(409, "state_conflict");
    }
}

#[actix_web::test]
async fn an_item_and_the_closing_of_its_meeting_never_cross() {
    for town in Town::on_each_engine().await {
        let office = town.office();
        for round in 0..rounds() {
            let next = meeting(&town, &format!("第{round}次"), "2026-03-20").await;
            let opinion = accepted(&town, "竞").await;
            let report = office.post(&format!("{}/report", path(&opinion))).if_match(&opinion);
            let close = office.post(&format!("{}/close", at(&next))).if_match(&next);
            let mut asks = vec![(report, json!({"meeting_id": id(&next)})), (close, json!({}))];
            if round % 2 == 1 {
                asks.reverse();
            }
            let statuses: Vec<u16> = at_once(asks).await.into_iter().map(|answer| answer.status.as_u16()).collect();
            let (report, close) = if round % 2 == 1 { (statuses[1], statuses[0]) } else { (statuses[0], statuses[1]) };
            assert_eq!(close, 200);
            let items = agenda(&office, &next).await;
            match report {
                // It came before: the closed meeting has it as an open item, with a deadline from the closing.
                200 => assert_eq!(read(&office, &opinion).await["due"]["on"], "2026-03-09"),
                409 => assert!(items.is_empty()),
                status => panic!("{status}"),
            }
        }
    }
}

#[actix_web::test]
async fn of_two_decisions_one_counts() {
    for town in Town::on_each_engine().await {
        let office = town.office();
        let next = meeting(&town, "第一次", "2026-03-20").await;
        let made = resolution(&town, &next, "1号").await;
        for _ in 0..rounds() {
            let opinion = reported(&town, "竞", &next).await;
            let ask = |outcome: &str| {
                let body = json!({"outcome": outcome, "resolution_id": id(&made)});
                (office.post(&format!("{}/decide", path(&opinion))).if_match(&opinion), body)
            };
            let mut answers = at_once(vec![ask("adopted"), ask("not_adopted")]).await;
            answers.sort_by_key(|answer| answer.status);
            let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
            assert_eq!(statuses, [200, 412]);
            assert_eq!(read(&office, &opinion).await["outcome"], answers[0].json["outcome"]);
            assert_eq!(history(&town, &opinion).iter().filter(|step| step.starts_with("opinion_decide")).count(), 1);
        }
    }
}

#[actix_web::test]
async fn of_an_acceptance_and_a_withdrawal_one_counts() {
    for town in Town::on_each_engine().await {
        let (member, committee) = (town.member("教育界"), town.committee("教育界"));
        for _ in 0..rounds() {
            let opinion = submitted(&member, "竞", json!({})).await;
            let accept = (committee.post(&format!("{}/accept", path(&opinion))).if_match(&opinion), json!({}));
            let withdraw = (member.post(&format!("{}/withdraw", path(&opinion))).if_match(&opinion), json!({}));
            let mut statuses: Vec<u16> =
                at_once(vec![accept, withdraw]).await.into_iter().map(|answer| answer.status.as_u16()).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 412]);
        }
    }
}

#[actix_web::test]
async fn a_decided_opinion_stays_before_its_leaders() {
    for town in Town::on_each_engine().await {
        let opinion = decided(&town, "可见").await;
        assert_eq!(read(&town.leader(), &opinion).await["outcome"], "adopted");
        let page = town.leader().get("/v1/opinions?state=decided").send().await.is(200);
        assert_eq!(page["items"].as_array().map(Vec::len), Some(1));
    }
}
