//! 采纳情况反馈 over HTTP: a receipt for each author, how it ends, and what opens an opinion again.

use serde_json::{Value, json};

use crate::town::{Town, at_once};
use crate::walk::{
    acknowledge, act, answered, clock_strikes, decided, history, id, meeting, path, read, receipt, resolution, submitted, told,
};

#[actix_web::test]
async fn the_author_is_told_and_acknowledges() {
    for town in Town::on_each_engine().await {
        let (member, committee) = (town.member("教育界"), town.committee("教育界"));
        let opinion = decided(&town, "反馈").await;
        act(&member, &opinion, "feedback", Some(json!({"text": "自问自答"}))).await.is_problem(403, "forbidden");
        act(&committee, &opinion, "feedback", Some(json!({"text": ""}))).await.has_fault("/text", "too_short");
        act(&committee, &opinion, "feedback", Some(json!({"text": "字".repeat(10_001)}))).await.has_fault("/text", "too_long");
        let text = format!("已采纳。\n{}", "字".repeat(9_995));
        let answered = act(&committee, &opinion, "feedback", Some(json!({"text": text}))).await.is(200);
        assert_eq!(answered["warnings"], json!([]));
        assert_eq!((answered["state"].as_str(), answered["round"].clone()), (Some("answered"), json!(1)));
        assert_eq!(
            (answered["due"]["kind"].as_str(), answered["due"]["on"].as_str()),
            (Some("acknowledgement"), Some("2026-03-23"))
        );
        assert_eq!(told(&town, member.person(), "opinion_answered", &answered), 1);
        act(&committee, &answered, "feedback", Some(json!({"text": "再来"}))).await.is_problem(409, "state_conflict");

        let listed = receipt(&member, &answered).await;
        assert!(listed.get("text").is_none(), "lists carry no text");
        let at = format!("/v1/adoption-feedback/{}", id(&listed));
        let seen = member.get(&at).send().await.is(200);
        assert_eq!((seen["text"].as_str(), seen["outcome"].as_str()), (Some(text.as_str()), Some("adopted")));
        assert_eq!((seen["in_time"].clone(), seen["given_on"].clone()), (json!(true), json!("2026-03-02")));
        assert_eq!(
            (seen["author"]["person"]["name"].as_str(), seen["owner"]["name"].as_str()),
            (Some("教育界1"), Some("教科卫体委"))
        );
        assert_eq!(seen["given_by"]["name"], "教科卫体委干部");
        assert_eq!(seen["allowed_actions"], json!(["feedback_acknowledge"]));
        assert_eq!(committee.get(&at).send().await.is(200)["allowed_actions"], json!([]));

        let ask = || member.post(&format!("{at}/acknowledge"));
        ask().json(json!({"satisfaction": "satisfied"})).await.is_problem(428, "precondition_required");
        ask().if_match(&seen).json(json!({"satisfaction": "delighted"})).await.has_fault("/satisfaction", "enum");
        committee
            .post(&format!("{at}/acknowledge"))
            .if_match(&seen)
            .json(json!({"satisfaction": "satisfied"}))
            .await
            .is_problem(403, "forbidden");
        let body = json!({"satisfaction": "basically_satisfied", "comment": "谢谢，我的电话 13800138000"});
        let done = ask().if_match(&seen).json(body).await.is(200);
        assert_eq!((&done["warnings"][0]["pointer"], &done["warnings"][0]["start"]), (&json!("/comment"), &json!(8)));
        assert_eq!((done["state"].as_str(), done["satisfaction"].as_str()), (Some("acknowledged"), Some("basically_satisfied")));
        assert_eq!(
            (done["comment"].as_str(), done["acknowledged_at"].as_str()),
            (Some("谢谢，我的电话 13800138000"), Some("2026-03-02T02:00:00Z"))
        );
        let closed = read(&member, &answered).await;
        assert_eq!((closed["state"].as_str(), closed["due"].clone()), (Some("closed"), json!(null)));
        let again = ask().if_match(&done).json(json!({"satisfaction": "satisfied"})).await.is_problem(409, "state_conflict");
        assert_eq!(again["state"], "acknowledged");
        assert_eq!(history(&town, &closed).last().map(String::as_str), Some("feedback_acknowledge answered closed member"));
    }
}

#[actix_web::test]
async fn silence_is_no_response_and_closes_after_fifteen_working_days() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let opinion = answered(&town, "沉默").await;
        town.at("2026-03-23T15:59:59Z");
        clock_strikes(&town).await;
        assert_eq!(read(&member, &opinion).await["state"], "answered");
        town.at("2026-03-23T16:00:00Z");
        clock_strikes(&town).await;
        clock_strikes(&town).await;
        let closed = read(&member, &opinion).await;
        assert_eq!(closed["state"], "closed");
        let silent = receipt(&member, &closed).await;
        assert_eq!((silent["state"].as_str(), silent["satisfaction"].clone()), (Some("no_response"), json!(null)));
        acknowledge(&member, &silent, "satisfied").await.is_problem(409, "state_conflict");
        assert_eq!(history(&town, &closed).last().map(String::as_str), Some("feedback_close answered closed clock"));
        assert_eq!(told(&town, town.county.organizations["教科卫体委"], "opinion_closed", &closed), 1);
    }
}

#[actix_web::test]
async fn the_first_dissatisfied_opens_it_again_once() {
    for town in Town::on_each_engine().await {
        let (member, committee, office) = (town.member("教育界"), town.committee("教育界"), town.office());
        let opinion = answered(&town, "不满意").await;
        acknowledge(&member, &receipt(&member, &opinion).await, "dissatisfied").await.is(200);
        let reopened = read(&committee, &opinion).await;
        assert_eq!((reopened["state"].as_str(), reopened["outcome"].as_str()), (Some("decided"), Some("adopted")));
        assert_eq!((reopened["due"]["kind"].as_str(), reopened["due"]["on"].as_str()), (Some("feedback"), Some("2026-03-09")));
        assert_eq!(reopened["allowed_actions"], json!(["opinion_report", "opinion_feedback"]));
        assert_eq!(told(&town, town.county.organizations["教科卫体委"], "opinion_dissatisfied", &reopened), 1);
        // It may go before a meeting again, or be answered at once.
        let second = meeting(&town, "又一次", "2026-04-20").await;
        let report = Some(json!({"meeting_id": id(&second)}));
        let reported = act(&office, &reopened, "report", report).await.is(200);
        assert_eq!((reported["state"].as_str(), reported["outcome"].clone()), (Some("reported"), json!(null)));
        let made = resolution(&town, &second, "又一号").await;
        let body = Some(json!({"outcome": "partially_adopted", "resolution_id": id(&made)}));
        let decided = act(&office, &reported, "decide", body).await.is(200);
        assert!(!decided["allowed_actions"].as_array().is_some_and(|all| all.contains(&json!("opinion_report"))));
        let again = act(&committee, &decided, "feedback", Some(json!({"text": "部分采纳。"}))).await.is(200);
        let last = receipt(&member, &again).await;
        assert_eq!((last["round"].clone(), last["outcome"].as_str()), (json!(2), Some("partially_adopted")));
        acknowledge(&member, &last, "dissatisfied").await.is(200);
        let closed = read(&member, &again).await;
        assert_eq!((closed["state"].as_str(), closed["round"].clone()), (Some("closed"), json!(2)));
    }
}

#[actix_web::test]
async fn the_office_reopens_with_a_reason_and_open_receipts_end() {
    for town in Town::on_each_engine().await {
        let (member, committee, office) = (town.member("教育界"), town.committee("教育界"), town.office());
        let opinion = answered(&town, "重办").await;
        let open = receipt(&member, &opinion).await;
        let because = || Some(json!({"reason": "情况有变"}));
        act(&committee, &opinion, "reopen", because()).await.is_problem(403, "forbidden");
        act(&office, &opinion, "reopen", Some(json!({}))).await.has_fault("/reason", "required");
        let reopened = act(&office, &opinion, "reopen", because()).await.is(200);
        assert_eq!(reopened["state"], "decided");
        assert_eq!(told(&town, member.person(), "opinion_reopened", &reopened), 1);
        acknowledge(&member, &open, "satisfied").await.is_problem(412, "version_mismatch");
        let ended = receipt(&member, &opinion).await;
        assert_eq!((ended["state"].as_str(), ended["allowed_actions"].clone()), (Some("ended"), json!([])));
        acknowledge(&member, &ended, "satisfied").await.is_problem(409, "state_conflict");
        let again = act(&office, &reopened, "feedback", Some(json!({"text": "再次反馈。"}))).await.is(200);
        acknowledge(&member, &receipt(&member, &again).await, "satisfied").await.is(200);
        let closed = read(&office, &again).await;
        assert_eq!(closed["state"], "closed");
        act(&office, &closed, "reopen", because()).await.is(200);
    }
}

#[actix_web::test]
async fn feedback_after_its_day_is_late() {
    for town in Town::on_each_engine().await {
        let opinion = decided(&town, "迟").await;
        town.at("2026-03-10T02:00:00Z");
        let seen = read(&town.office(), &opinion).await;
        assert_eq!((seen["due"]["overdue"].clone(), seen["due"]["overdue_days"].clone()), (json!(true), json!(1)));
        act(&town.office(), &opinion, "feedback", Some(json!({"text": "迟到的反馈。"}))).await.is(200);
        let late = receipt(&town.member("教育界"), &opinion).await;
        assert_eq!(late["in_time"], false);
        let page = town.office().get("/v1/adoption-feedback?in_time=false&outcome=adopted&state=open").send().await.is(200);
        assert_eq!(page["items"].as_array().map(Vec::len), Some(1));
    }
}

#[actix_web::test]
async fn receipts_are_seen_by_their_author_and_the_bodies_of_their_opinion() {
    for town in Town::on_each_engine().await {
        let opinion = answered(&town, "范围").await;
        let declined = submitted(&town.actor("民盟县委会"), "民盟的", json!({})).await;
        act(&town.office(), &declined, "decline", Some(json!({"reason": "重复"}))).await.is(200);
        let count = async |label: &str, query: &str| {
            let page = town.actor(label).get(&format!("/v1/adoption-feedback{query}")).send().await.is(200);
            page["items"].as_array().map_or(0, Vec::len)
        };
        for (label, expected) in [
            ("教育界1", 1),
            ("教育界2", 0),
            ("民盟县委会", 1),
            ("信息员", 0),
            ("教科卫体委", 1),
            ("经济委", 0),
            ("办公室", 2),
            ("主席", 1),
        ] {
            assert_eq!(count(label, "").await, expected, "{label}");
        }
        let at = format!("/v1/adoption-feedback/{}", id(&receipt(&town.member("教育界"), &opinion).await));
        for label in ["教育界2", "经济委", "民盟县委会"] {
            town.actor(label).get(&at).send().await.is_problem(404, "not_found");
        }
        for label in ["管理员", "委员工委", "县府办"] {
            town.actor(label).get(&at).send().await.is_problem(403, "forbidden");
        }
        town.of(&town.elsewhere, "办公室").get(&at).send().await.is_problem(404, "not_found");
        let author = town.county.persons["教育界1"];
        let party = town.county.organizations["民盟县委会"];
        for (query, expected) in [
            (format!("?author={author}"), 1),
            (format!("?author={party}"), 1),
            (format!("?opinion={}", id(&opinion)), 1),
            ("?outcome=declined".to_owned(), 1),
            ("?state=not_required".to_owned(), 1),
            ("?satisfaction=satisfied".to_owned(), 0),
            ("?given_from=2026-03-02&given_before=2026-03-03".to_owned(), 2),
            ("?given_from=2026-03-03".to_owned(), 0),
        ] {
            assert_eq!(count("办公室", &query).await, expected, "{query}");
        }
    }
}

#[actix_web::test]
async fn an_acknowledgement_and_the_clock_or_a_second_one_never_both_count() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        for _ in 0..10 {
            town.at(crate::town::NOW);
            let opinion = answered(&town, &format!("竞{}", lianxi::base::id::Id::fresh())).await;
            let open = receipt(&member, &opinion).await;
            let at = format!("/v1/adoption-feedback/{}/acknowledge", id(&open));
            let ask = |word: &str| (member.post(&at).if_match(&open), json!({"satisfaction": word}));
            let mut statuses: Vec<u16> = at_once(vec![ask("satisfied"), ask("dissatisfied")])
                .await
                .into_iter()
                .map(|answer| answer.status.as_u16())
                .collect();
            statuses.sort_unstable();
            assert!(statuses == [200, 412] || statuses == [200, 409], "{statuses:?}");
            let seen = read(&member, &opinion).await;
            let satisfaction = receipt(&member, &opinion).await["satisfaction"].clone();
            let expected = if satisfaction == "satisfied" { "closed" } else { "decided" };
            assert_eq!(seen["state"], expected);
        }
    }
}

#[actix_web::test]
async fn the_office_may_answer_for_the_owner() {
    for town in Town::on_each_engine().await {
        let opinion = decided(&town, "代为反馈").await;
        let seen: Value = read(&town.office(), &opinion).await;
        assert_eq!(seen["allowed_actions"], json!(["opinion_feedback"]));
        act(&town.office(), &seen, "feedback", Some(json!({"text": "办公室反馈。"}))).await.is(200);
        assert_eq!(path(&seen), path(&opinion));
    }
}
