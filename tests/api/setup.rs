//! The first things in a database, and what can be done with them over HTTP.

use lianxi::base::problem::Problem;
use lianxi::directory::passwords;
use lianxi::directory::setup::{Founded, Founding, found, installation};
use serde_json::{Value, json};

use crate::town::{Actor, Town};
use crate::traces::{audited, chains_are_whole};

const PASSWORD: &str = "a good long sentence";

fn founding<'a>(code: &'a str, account_name: &'a str, password_hash: &'a str) -> Founding<'a> {
    Founding {
        code,
        name: " 政协文成县委员会 ",
        parent_code: Some("330300"),
        account_name,
        password_hash,
        must_change_password: false,
    }
}

fn make(town: &Town, founding: &Founding<'_>) -> Result<Founded, Problem> {
    let now = town.clock.now();
    town.db.write(|conn| found(conn, town.db.seal(), now, founding))
}

#[actix_web::test]
async fn a_founded_jurisdiction_has_its_bodies_its_settings_and_an_admin() {
    for town in Town::on_each_engine().await {
        let hash = passwords::hash(PASSWORD).expect("a hash");
        let made = make(&town, &founding("330328", "wencheng-admin", &hash)).expect("a jurisdiction");
        let tokens =
            town.nobody().post("/v1/auth/login").json(json!({"account": "wencheng-admin", "password": PASSWORD})).await.is(200);
        assert_eq!((&tokens["jurisdiction"], &tokens["must_change_password"]), (&json!("330328"), &json!(false)));
        let admin = Actor { token: tokens["access_token"].as_str().map(str::to_owned), ..town.nobody() };
        let jurisdiction = admin.get("/v1/jurisdictions/330328").send().await.is(200);
        assert_eq!(jurisdiction["name"], "政协文成县委员会", "trimmed");
        assert_eq!((&jurisdiction["level"], &jurisdiction["parent"]["code"]), (&json!("county"), &json!("330300")));
        assert_eq!(jurisdiction["codes"], json!([{"code": "330328", "from": "2026-03-02", "to": null}]));

        let bodies = admin.get("/v1/organizations").send().await.is(200);
        let mut kinds: Vec<_> = bodies["items"].as_array().expect("items").iter().map(|body| body["kind"].clone()).collect();
        kinds.sort_by_key(Value::to_string);
        assert_eq!(kinds, ["chairpersons_meeting", "general_office", "member_affairs_committee"]);
        let settings = admin.get("/v1/settings?as_of=2026-03-02").send().await.is(200);
        assert_eq!(settings["items"][0]["values"]["visits_a_year"], json!(2));
        admin.post("/v1/settings").json(json!({"from": "2026-03-02", "values": {"visits_a_year": 3}})).await.is(201);

        let office = json!({"name": "wencheng-office", "roles": [{"role": "office", "organization_id": made.general_office}]});
        admin.post("/v1/accounts").json(office).await.is(201);
        let affairs = json!([{"role": "member_affairs", "organization_id": made.member_affairs_committee}]);
        admin.post("/v1/accounts").json(json!({"name": "wencheng-affairs", "roles": affairs})).await.is(201);
        town.of(&town.above, "办公室").get("/v1/jurisdictions/330328").send().await.is(200);

        let entries = audited(&town, "jurisdiction_found");
        assert_eq!((entries.len(), entries[0].role.as_deref(), entries[0].thing), (1, Some("clock"), made.jurisdiction));
        assert_eq!(entries[0].details["code"], "330328");
        chains_are_whole(&town);
    }
}

#[actix_web::test]
async fn a_founding_is_refused_with_every_fault_and_leaves_nothing() {
    for town in Town::on_each_engine().await {
        let faults = |founding: &Founding<'_>| -> Vec<String> {
            let problem = make(&town, founding).expect_err("a refusal");
            assert_eq!(problem.code.as_str(), "invalid_input");
            problem.faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
        };
        let good = founding("330328", "wencheng-admin", "!");
        assert_eq!(faults(&Founding { code: "33032x", parent_code: None, ..good }), ["/code code"]);
        assert_eq!(faults(&Founding { parent_code: Some("110000"), ..good }), ["/parent_code unknown_reference"]);
        assert_eq!(faults(&Founding { parent_code: Some("330327"), ..good }), ["/parent_code level"]);
        assert_eq!(faults(&Founding { code: "330400", ..good }), ["/parent_code level"], "a city is not below a city");
        let bad = Founding { code: "", name: "\n", account_name: "Admin", parent_code: None, ..good };
        assert_eq!(faults(&bad), ["/code code", "/name length", "/account_name pattern"]);
        let conflict = |founding: &Founding<'_>| make(&town, founding).expect_err("a refusal").code.as_str();
        assert_eq!(conflict(&Founding { code: "330326", ..good }), "conflict");
        assert!(audited(&town, "jurisdiction_found").is_empty());
        make(&town, &good).expect("a jurisdiction");
        assert_eq!(conflict(&Founding { code: "330329", ..good }), "conflict", "the account's name is taken");
        let page = town.of(&town.above, "办公室").get("/v1/jurisdictions").send().await.is(200);
        assert_eq!(page["items"].as_array().map(Vec::len), Some(4));
    }
}

#[actix_web::test]
async fn the_installations_row_is_made_once() {
    for town in Town::on_each_engine().await {
        let first = town.rows(|conn| installation(conn, true).expect("a row"));
        let again = town.rows(|conn| installation(conn, false).expect("a row"));
        assert_eq!(first, again);
    }
}
