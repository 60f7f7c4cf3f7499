//! What the lists cost: statements, and plans.

use super::*;
use crate::plans::plan;

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
            let sql = sent.iter().find(|text| text.contains("ORDER BY") && text.contains("LIMIT")).expect("the list's statement");
            let plan = town.rows(|conn| plan(conn, sql));
            assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{query}{page}\n{sql}\n{plan}");
            assert!(plan.lines().next().is_some_and(|line| line.contains(index)), "{query}{page}\n{sql}\n{plan}");
        }
    }
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
        let plan = town.rows(|conn| plan(conn, sql));
        let grows = |step: &&str| {
            let by_county = step.ends_with("(jurisdiction_id=?)") && !once_a_county.iter().any(|table| step.contains(table));
            step.contains("SCAN") || by_county
        };
        assert_eq!(plan.lines().find(grows), None, "{sql}\n{plan}");
    }
}
