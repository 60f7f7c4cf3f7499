//! The whole walk, and a test made from the machine: every state x action x role is what the tables say.

use lianxi::opinion::way::{self, Hand, State, To, When};
use lianxi::policy::{Op, Reach, Role};
use serde_json::{Value, json};

use crate::town::{Actor, Town};
use crate::walk::{acknowledge, act, answered, decided, draft, history, id, meeting, path, read, receipt, resolution, submitted};

#[actix_web::test]
async fn an_opinion_walks_from_its_draft_to_its_end() {
    for town in Town::on_each_engine().await {
        let (member, committee, office) = (town.member("教育界"), town.committee("教育界"), town.office());
        let opinion = draft(&member, "建议提前一周通知", json!({})).await;
        let opinion = act(&member, &opinion, "submit", None).await.is(200);
        let opinion = act(&committee, &opinion, "return", Some(json!({"reason": "请补充是哪些会议"}))).await.is(200);
        let opinion =
            member.patch(&path(&opinion)).if_match(&opinion).json(json!({"situation": "常委会会议通知太晚。"})).await.is(200);
        let opinion = act(&member, &opinion, "submit", None).await.is(200);
        let opinion = act(&committee, &opinion, "accept", None).await.is(200);
        let first = meeting(&town, "第二十次主席会议", "2026-03-20").await;
        let opinion = act(&committee, &opinion, "report", Some(json!({"meeting_id": id(&first)}))).await.is(200);
        town.at("2026-03-20T08:00:00Z");
        let made = resolution(&town, &first, "苍政协主〔2026〕7号").await;
        let body = json!({"outcome": "adopted", "resolution_id": id(&made)});
        let opinion = act(&office, &opinion, "decide", Some(body)).await.is(200);
        let closed = office.get(&format!("/v1/meetings/{}", id(&first))).send().await.is(200);
        office.post(&format!("/v1/meetings/{}/close", id(&first))).if_match(&closed).send().await.is(200);
        let opinion = act(&committee, &opinion, "feedback", Some(json!({"text": "自四月起提前一周通知。"}))).await.is(200);
        acknowledge(&member, &receipt(&member, &opinion).await, "satisfied").await.is(200);
        assert_eq!(read(&member, &opinion).await["state"], "closed");
        assert_eq!(
            history(&town, &opinion),
            [
                "opinion_create  draft member",
                "opinion_submit draft submitted member",
                "opinion_return submitted returned committee",
                "opinion_update returned returned member",
                "opinion_submit returned submitted member",
                "opinion_accept submitted accepted committee",
                "opinion_report accepted reported committee",
                "opinion_decide reported decided office",
                "opinion_feedback decided answered committee",
                "feedback_acknowledge answered closed member",
            ]
        );
    }
}

/// An opinion in a state, brought there by its lawful way: by the first member of 教育界, owned by 教科卫体委.
async fn brought_to(town: &Town, state: State) -> Value {
    let (member, committee) = (town.member("教育界"), town.committee("教育界"));
    let title = format!("{state} {}", lianxi::base::id::Id::fresh());
    match state {
        State::Draft => draft(&member, &title, json!({})).await,
        State::Submitted => submitted(&member, &title, json!({})).await,
        State::Returned => {
            let opinion = submitted(&member, &title, json!({})).await;
            act(&committee, &opinion, "return", Some(json!({"reason": "补正"}))).await.is(200)
        }
        State::Accepted => crate::walk::accepted(town, &title).await,
        State::Reported => {
            let next = meeting(town, &title, "2026-03-20").await;
            crate::walk::reported(town, &title, &next).await
        }
        State::Decided => decided(town, &title).await,
        State::Answered => answered(town, &title).await,
        State::Closed => {
            let opinion = answered(town, &title).await;
            acknowledge(&member, &receipt(&member, &opinion).await, "satisfied").await.is(200);
            opinion
        }
        State::Declined => {
            let opinion = submitted(&member, &title, json!({})).await;
            act(&committee, &opinion, "decline", Some(json!({"reason": "重复"}))).await.is(200)
        }
        State::Withdrawn => {
            let opinion = submitted(&member, &title, json!({})).await;
            act(&member, &opinion, "withdraw", Some(json!({}))).await.is(200)
        }
    }
}

/// What a step is asked with: a body that is right as far as it can be without knowing the state.
async fn ask(town: &Town, actor: &Actor, opinion: &Value, op: Op) -> crate::town::Answer {
    let at = path(opinion);
    let reason = json!({"reason": "理由"});
    let (step, body) = match op {
        Op::opinion_update => {
            return actor.patch(&at).if_match(opinion).json(json!({"suggestions": "改"})).await;
        }
        Op::opinion_delete => return actor.delete(&at).if_match(opinion).send().await,
        Op::opinion_submit => ("submit", None),
        Op::opinion_accept => ("accept", None),
        Op::opinion_remind => ("remind", None),
        Op::opinion_transfer => ("transfer", Some(json!({"organization_id": town.county.organizations["经济委"], "reason": "转"}))),
        Op::opinion_reclassify => ("reclassify", Some(json!({"track": "social_conditions", "reason": "转"}))),
        Op::opinion_report => {
            let next = meeting(town, "为此", "2026-03-25").await;
            ("report", Some(json!({"meeting_id": id(&next)})))
        }
        Op::opinion_decide => {
            let of = match opinion["meeting"]["id"].as_str() {
                Some(meeting) => json!({"id": meeting}),
                None => meeting(town, "为此", "2026-03-25").await,
            };
            let made = resolution(town, &of, &lianxi::base::id::Id::fresh().to_string()).await;
            ("decide", Some(json!({"outcome": "adopted", "resolution_id": id(&made)})))
        }
        Op::opinion_feedback => ("feedback", Some(json!({"text": "反馈"}))),
        Op::opinion_defer => ("defer", Some(json!({}))),
        Op::opinion_withdraw => ("withdraw", Some(reason)),
        Op::opinion_return => ("return", Some(reason)),
        Op::opinion_decline => ("decline", Some(reason)),
        Op::opinion_object => ("object", Some(reason)),
        Op::opinion_retain => ("retain", Some(reason)),
        Op::opinion_take_off => ("take-off", Some(reason)),
        Op::opinion_reopen => ("reopen", Some(reason)),
        op => panic!("no example for {op}"),
    };
    act(actor, opinion, step, body).await
}

/// Whether a cell of the policy table reaches the fixture for the account that stands for a role.
fn reaches(reach: Reach, label: &str, opinion: &Value) -> bool {
    let submitted = !opinion["submitted_on"].is_null();
    match reach {
        Reach::All => true,
        Reach::Own => label == "教育界1",
        Reach::Owned | Reach::Sectors => submitted && label == "教科卫体委",
        Reach::Submitted => submitted,
        Reach::Reported => !opinion["meeting"].is_null(),
        _ => false,
    }
}

const ACTORS: &[(Role, &str)] = &[
    (Role::Admin, "管理员"),
    (Role::Auditor, "审计员"),
    (Role::Leader, "主席"),
    (Role::Office, "办公室"),
    (Role::Committee, "教科卫体委"),
    (Role::Committee, "经济委"),
    (Role::MemberAffairs, "委员工委"),
    (Role::Group, "教育界活动组"),
    (Role::Member, "教育界1"),
    (Role::Member, "教育界2"),
    (Role::Contributor, "信息员"),
    (Role::Recipient, "县府办"),
];

/// The steps of the opinion itself, each once.
fn steps() -> Vec<Op> {
    let mut steps = Vec::new();
    for edge in way::WAY.iter().filter(|edge| edge.hand != Hand::Clock && !edge.from.is_empty()) {
        if edge.by != Op::feedback_acknowledge && !steps.contains(&edge.by) {
            steps.push(edge.by);
        }
    }
    steps
}

#[actix_web::test]
async fn every_step_in_every_state_for_every_role_is_as_the_tables_say() {
    for town in Town::on_each_engine().await {
        for state in State::ALL {
            let seen_by_author = brought_to(&town, *state).await;
            let opinion = read(&town.member("教育界"), &seen_by_author).await;
            assert_eq!(opinion["state"], state.as_str());
            for (role, label) in ACTORS {
                let actor = town.actor(label);
                let sees = reaches(Op::opinion_read.reach(*role), label, &opinion);
                let mut expected = Vec::new();
                for op in steps() {
                    let cell = op.reach(*role);
                    let may = reaches(cell, label, &opinion);
                    let open =
                        way::WAY.iter().any(|edge| edge.by == op && edge.from.contains(state) && edge.when != When::Reopened);
                    let at = format!("{op} in {state} by {label}");
                    if may && open {
                        expected.push(json!(op.as_str()));
                        continue;
                    }
                    let answer = ask(&town, &actor, &opinion, op).await;
                    if cell == Reach::Nobody {
                        assert_eq!((answer.status.as_u16(), answer.json["code"].as_str()), (403, Some("forbidden")), "{at}");
                    } else if !sees {
                        assert_eq!((answer.status.as_u16(), answer.json["code"].as_str()), (404, Some("not_found")), "{at}");
                    } else if !may {
                        assert_eq!((answer.status.as_u16(), answer.json["code"].as_str()), (403, Some("forbidden")), "{at}");
                    } else {
                        let problem = answer.is_problem(409, "state_conflict");
                        assert_eq!(problem["state"], state.as_str(), "{at}");
                        assert!(problem["allowed_actions"].is_array(), "{at}");
                    }
                }
                if sees {
                    let seen = read(&actor, &opinion).await;
                    assert_eq!(seen["allowed_actions"], json!(expected), "{label} in {state}");
                    assert_eq!(seen["etag"], opinion["etag"], "refusals change nothing");
                    // What is allowed is done, each on an opinion of its own.
                    for op in expected {
                        let op: Op = op.as_str().unwrap_or_default().parse().expect("an operation");
                        let fresh = read(&actor, &brought_to(&town, *state).await).await;
                        let answer = ask(&town, &actor, &fresh, op).await;
                        let status = answer.status.as_u16();
                        assert!(matches!(status, 200 | 204), "{op} in {state} by {label}: {}", answer.text());
                        let edge = way::WAY.iter().find(|edge| edge.by == op && edge.from.contains(state)).expect("an edge");
                        match edge.to {
                            To::State(to) => assert_eq!(answer.json["state"], to.as_str(), "{op}"),
                            To::Same => assert_eq!(answer.json["state"], state.as_str(), "{op}"),
                            To::Gone => assert_eq!(status, 204, "{op}"),
                        }
                    }
                }
            }
        }
    }
}
