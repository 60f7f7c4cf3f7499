//! Several records of one contact.

use super::*;

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

        let both = town.also_speaks_for("教育界1", Role::MemberAffairs, "委员工委");
        link(&both, &called, &alone).await.has_fault("/event", "no_match");
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
