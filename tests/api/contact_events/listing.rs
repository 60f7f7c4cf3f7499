//! The list: its filters, its pages, its scopes.

use super::*;

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
        let both = town.also_speaks_for("教育界2", Role::Committee, "教科卫体委");
        for actor in [member.clone(), town.committee("教育界"), town.affairs(), both.clone()] {
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
        assert_eq!((count(&member).await, count(&town.committee("教育界")).await, count(&both).await), (6, 9, 9));
        let page = member.get(&format!("{PATH}?limit=2")).send().await.is(200);
        let cursor = page["next_cursor"].as_str().expect("a cursor");
        member.get(&format!("{PATH}?limit=2&form=visit&cursor={cursor}")).send().await.has_fault("/cursor", "cursor");
    }
}

#[actix_web::test]
async fn who_acts_as_one_role_has_that_role_s_scope_only() {
    for town in Town::on_each_engine().await {
        let actor = town.also_speaks_for("教育界1", Role::Committee, "教科卫体委");
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
