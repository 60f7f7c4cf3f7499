//! Every operation x every role, as anonymous, with a forged and with an expired token: what happens is what the table says.

use lianxi::app;
use lianxi::base::id::Id;
use lianxi::http::index::DOCUMENTED;
use lianxi::policy::{Op, Reach, Role};
use serde_json::{Value, json};

use crate::town::{Actor, Answer, Town};

/// The town's account that holds this role and no other.
fn label(role: Role) -> Option<&'static str> {
    Some(match role {
        Role::Admin => "管理员",
        Role::Auditor => "审计员",
        Role::Leader => "主席",
        Role::Office => "办公室",
        Role::Committee => "经济委",
        Role::MemberAffairs => "委员工委",
        Role::Group => "教育界活动组",
        Role::Member => "教育界2",
        Role::Contributor => "信息员",
        Role::Recipient => "县府办",
        // Service accounts come with their own resource.
        Role::Integration => return None,
    })
}

/// An operation of the document with its parameters filled in by things that do not exist.
struct Operation {
    op: Op,
    method: String,
    path: String,
    has_body: bool,
}

fn operations() -> Vec<Operation> {
    let document = app::document();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        if DOCUMENTED.contains(&path.as_str()) {
            continue;
        }
        for (method, operation) in item.as_object().expect("an item") {
            let op: Op = operation["operationId"].as_str().unwrap_or_default().parse().expect("a row");
            let path = path
                .split('/')
                .map(|segment| match segment {
                    "{id}" => Id::fresh().to_string(),
                    "{year}" => "2099".to_owned(),
                    "{code}" => "999999".to_owned(),
                    "{name}" => "no_such_name".to_owned(),
                    fixed => {
                        assert!(!fixed.starts_with('{'), "no example for {fixed}");
                        fixed.to_owned()
                    }
                })
                .collect::<Vec<_>>()
                .join("/");
            found.push(Operation { op, method: method.to_uppercase(), path, has_body: !operation["requestBody"].is_null() });
        }
    }
    found
}

async fn send(actor: &Actor, operation: &Operation) -> Answer {
    let ask = actor.ask(operation.method.parse().expect("a method"), &operation.path);
    if operation.has_body { ask.json(json!({"no_such_field": 1})).await } else { ask.send().await }
}

#[actix_web::test]
async fn every_role_may_do_what_its_cell_says_and_nothing_else() {
    for town in Town::on_each_engine().await {
        for operation in operations().iter().filter(|operation| !Op::OPEN.contains(&operation.op)) {
            for (role, label) in Role::ALL.iter().filter_map(|role| Some((*role, label(*role)?))) {
                let answer = send(&town.actor(label), operation).await;
                let status = answer.status.as_u16();
                let at = format!("{role} {} {}: {}", operation.method, operation.path, answer.text());
                if operation.op.reach(role) == Reach::Nobody {
                    assert_eq!((status, answer.json["code"].as_str()), (403, Some("forbidden")), "{at}");
                } else {
                    assert!(matches!(status, 200 | 201 | 204 | 404 | 409 | 412 | 422 | 428), "{at}");
                }
            }
        }
    }
}

#[actix_web::test]
async fn nobody_comes_in_without_a_token_that_holds() {
    for town in Town::on_each_engine().await {
        let forged = Actor { token: Some("eyJhbGciOiJub25lIn0.e30.".to_owned()), ..town.office() };
        let late = town.office();
        town.at("2036-01-01T00:00:00Z");
        for operation in operations().iter().filter(|operation| !Op::OPEN.contains(&operation.op)) {
            for actor in [&town.nobody(), &forged, &late] {
                send(actor, operation).await.is_problem(401, "unauthenticated");
            }
        }
    }
}

#[actix_web::test]
async fn an_account_of_another_jurisdiction_finds_nothing_here() {
    for town in Town::on_each_engine().await {
        let sector: Value = json!(town.county.sectors["教育界"]);
        for county in [&town.elsewhere, &town.above] {
            let path = format!("/v1/sectors/{}", sector.as_str().unwrap_or_default());
            town.of(county, "委员工委").get(&path).send().await.is_problem(404, "not_found");
            town.of(county, "委员工委")
                .patch(&path)
                .header("If-Match", "\"1\"")
                .json(json!({"position": 1}))
                .await
                .is_problem(404, "not_found");
        }
    }
}

#[test]
fn the_table_keeps_the_rules_that_hold_for_whole_columns() {
    for op in Op::ALL {
        let name = op.as_str();
        let is_opinion = name.starts_with("opinion_") || name.starts_with("feedback_");
        let is_constituent = name.starts_with("constituent_");
        assert!(
            !(is_opinion || is_constituent) || op.reach(Role::Admin) == Reach::Nobody,
            "{name}: an admin sees no texts and no constituents"
        );
        assert!(!is_constituent || matches!(op.reach(Role::Office), Reach::Nobody), "{name}: constituents are the member's");
        let writes = !["_list", "_read", "_transitions", "_similar", "_matches"].iter().any(|end| name.ends_with(end));
        let own = ["notification_read", "auth_password_change"].contains(&name);
        assert!(!writes || own || op.reach(Role::Auditor) == Reach::Nobody, "{name}: an auditor changes nothing");
        assert_eq!(op.reach(Role::Integration), Reach::Nobody, "{name}: service accounts have no way in yet");
    }
    assert_ne!(Op::constituent_reveal.reach(Role::Member), Reach::All);
}
