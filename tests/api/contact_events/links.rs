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
