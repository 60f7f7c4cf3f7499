//! What is written down, by whom, and who sees it.

use super::*;

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
        let taken = member.post(PATH).json(other.clone()).await.is_problem(409, "client_ref_taken");
        assert_eq!(taken["existing"], json!({"kind": "contact_event", "id": event["id"]}));
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
