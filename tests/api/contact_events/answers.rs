//! What the others say to a record, and what becomes of it.

use super::*;

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

        let colleague = town.of(&town.with_account("同事", Role::Committee, "教科卫体委"), "同事");
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
        let other = town.of(&town.with_account("工委二", Role::MemberAffairs, "委员工委"), "工委二");
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
        let recorder = town.also_speaks_for("教育界1", Role::MemberAffairs, "委员工委");
        let other = town.actor("农业界1");
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
