//! Logging in and out, tokens, passwords.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use lianxi::db::schema::{accounts, login_failures};
use lianxi::directory::passwords;
use serde_json::{Value, json};

use std::time::Duration;

use crate::town::{Actor, TURNS, Town, at_once, rounds};

const PASSWORD: &str = "correct horse battery";

/// Gives a test account a real password.
fn set_password(town: &Town, label: &str, must_change: bool) -> String {
    let account = &town.county.accounts[label];
    let hash = passwords::hash(PASSWORD).expect("a hash");
    town.rows(|conn| {
        diesel::update(accounts::table.find(account.id))
            .set((accounts::password_hash.eq(&hash), accounts::must_change_password.eq(must_change)))
            .execute(conn)
            .expect("an account");
    });
    account.name.clone()
}

async fn login(town: &Town, account: &str, password: &str) -> crate::town::Answer {
    town.nobody().post("/v1/auth/login").json(json!({"account": account, "password": password})).await
}

async fn refresh(town: &Town, tokens: &Value) -> crate::town::Answer {
    town.nobody().post("/v1/auth/refresh").json(json!({"refresh_token": tokens["refresh_token"]})).await
}

async fn status_of(town: &Town, tokens: &Value) -> u16 {
    status_with(town, tokens["access_token"].as_str().expect("a token")).await
}

async fn status_with(town: &Town, token: &str) -> u16 {
    town.nobody().get("/v1/sectors").header("Authorization", &format!("Bearer {token}")).send().await.status.as_u16()
}

#[actix_web::test]
async fn a_password_gives_tokens_that_open_the_api() {
    for town in Town::on_each_engine().await {
        let name = set_password(&town, "教育界1", false);
        let answer = login(&town, &name, PASSWORD).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let tokens = answer.is(200);
        assert_eq!(
            (&tokens["token_type"], &tokens["expires_in"], &tokens["jurisdiction"]),
            (&json!("Bearer"), &json!(900), &json!("330327"))
        );
        let access = tokens["access_token"].as_str().expect("a token");
        assert_eq!(status_with(&town, access).await, 200);
        town.at("2026-03-02T02:15:00Z");
        assert_eq!(status_with(&town, access).await, 401, "after fifteen minutes");
    }
}

#[actix_web::test]
async fn unknown_wrong_locked_and_disabled_look_alike_and_cost_one_verification_each() {
    for town in Town::on_each_engine().await {
        let name = set_password(&town, "教育界1", false);
        let other = set_password(&town, "教育界2", false);
        town.rows(|conn| {
            diesel::update(accounts::table.filter(accounts::name.eq(&other)))
                .set(accounts::disabled.eq(true))
                .execute(conn)
                .expect("an account");
        });
        let mut bodies = Vec::new();
        let mut attempt = async |account: &str, password: &str| {
            let problem = login(&town, account, password).await.is_problem(401, "invalid_credentials");
            bodies.push((problem["title"].clone(), problem["detail"].clone()));
        };
        attempt("nobody-at-all", PASSWORD).await;
        attempt(&other, PASSWORD).await;
        for _ in 0..5 {
            attempt(&name, "wrong password").await;
        }
        attempt(&name, PASSWORD).await;
        bodies.dedup();
        assert_eq!(bodies.len(), 1, "{bodies:?}");
        town.at("2026-03-02T02:15:01Z");
        login(&town, &name, PASSWORD).await.is(200);
    }
}

#[actix_web::test]
async fn a_refresh_token_rotates_and_its_reuse_ends_the_family() {
    for town in Town::on_each_engine().await {
        let name = set_password(&town, "教育界1", false);
        let first = login(&town, &name, PASSWORD).await.is(200);
        let second = refresh(&town, &first).await.is(200);
        let again = refresh(&town, &first).await.is(200);
        assert_eq!(again["refresh_token"], second["refresh_token"], "the same successor within thirty seconds");
        let third = refresh(&town, &second).await.is(200);
        refresh(&town, &first).await.is_problem(401, "refresh_token_invalid");
        refresh(&town, &third).await.is_problem(401, "refresh_token_invalid");

        let fresh = login(&town, &name, PASSWORD).await.is(200);
        refresh(&town, &fresh).await.is(200);
        town.at("2026-03-02T02:00:31Z");
        refresh(&town, &fresh).await.is_problem(401, "refresh_token_invalid");

        let idle = login(&town, &name, PASSWORD).await.is(200);
        town.at("2026-03-02T14:00:31Z");
        refresh(&town, &idle).await.is_problem(401, "refresh_token_invalid");
        for forged in ["x", "a.b", "0192f0c12b3c7d4e8f5061728394a5b6.AAAA"] {
            refresh(&town, &json!({"refresh_token": forged})).await.is_problem(401, "refresh_token_invalid");
        }
    }
}

#[actix_web::test]
async fn an_access_token_ends_with_its_session() {
    for town in Town::on_each_engine().await {
        let name = set_password(&town, "教育界1", false);
        let (ended, other) = (login(&town, &name, PASSWORD).await.is(200), login(&town, &name, PASSWORD).await.is(200));
        let next = refresh(&town, &ended).await.is(200);
        assert_eq!((status_of(&town, &ended).await, status_of(&town, &next).await), (200, 200));
        town.nobody().post("/v1/auth/logout").json(json!({"refresh_token": next["refresh_token"]})).await.is(204);
        assert_eq!((status_of(&town, &ended).await, status_of(&town, &next).await), (401, 401), "a logout");
        assert_eq!(status_of(&town, &other).await, 200, "another session");

        let second = refresh(&town, &other).await.is(200);
        let third = refresh(&town, &second).await.is(200);
        refresh(&town, &other).await.is_problem(401, "refresh_token_invalid");
        assert_eq!(status_of(&town, &third).await, 401, "a refresh token that was used again");

        let last = login(&town, &name, PASSWORD).await.is(200);
        let path = format!("/v1/accounts/{}", town.member("教育界").account.id);
        for action in ["disable", "enable"] {
            let seen = town.admin().get(&path).send().await.is(200);
            town.admin().post(&format!("{path}/{action}")).if_match(&seen).send().await.is(200);
            assert_eq!(status_of(&town, &last).await, 401, "{action}");
        }
    }
}

/// Sends a request and gives it time to get where it has to wait.
async fn begun(asked: impl Future<Output = crate::town::Answer> + 'static) -> actix_web::rt::task::JoinHandle<crate::town::Answer> {
    let task = actix_web::rt::spawn(asked);
    actix_web::rt::time::sleep(Duration::from_millis(700)).await;
    task
}

#[actix_web::test]
async fn a_login_that_saw_the_old_password_is_none_once_it_was_changed() {
    for town in Town::on_each_engine().await {
        let name = set_password(&town, "教育界1", false);
        let account = town.county.accounts["教育界1"].id;
        for change in ["password_hash = 'another'", "disabled = true"] {
            // A change that is written, but not there for others yet.
            let mut other = town.db.place().connect().expect("a connection");
            let id = account.to_string().replace('-', "");
            let of = if town.db.place().is_sqlite() { format!("x'{id}'") } else { format!("'{account}'") };
            let change = format!("BEGIN; UPDATE accounts SET {change} WHERE id = {of}");
            other.batch_execute(&change).expect("a change");
            let body = json!({"account": name, "password": PASSWORD});
            let login = begun(town.nobody().post("/v1/auth/login").json(body)).await;
            other.batch_execute("COMMIT").expect("a commit");
            login.await.expect("an answer").is_problem(401, "invalid_credentials");
            set_password(&town, "教育界1", false);
        }
    }
}

#[actix_web::test]
async fn no_refresh_outlives_what_ends_its_session() {
    for town in Town::on_each_engine().await {
        let name = set_password(&town, "教育界1", false);
        let path = format!("/v1/accounts/{}", town.member("教育界").account.id);
        for round in 0..rounds() {
            let mut tokens = login(&town, &name, PASSWORD).await.is(200);
            let seen = town.admin().get(&path).send().await.is(200);
            let (admin, path) = (town.admin(), path.clone());
            let disable = admin.post(&format!("{path}/disable")).if_match(&seen);
            let disabled = actix_web::rt::spawn(async move {
                actix_web::rt::time::sleep(Duration::from_millis(3 * (round as u64 % 10))).await;
                disable.send().await
            });
            loop {
                let answer = refresh(&town, &tokens).await;
                if answer.status.as_u16() != 200 {
                    answer.is_problem(401, "refresh_token_invalid");
                    break;
                }
                tokens = answer.json;
            }
            let disabled = disabled.await.expect("an answer").is(200);
            admin.post(&format!("{path}/enable")).if_match(&disabled).send().await.is(200);
            refresh(&town, &tokens).await.is_problem(401, "refresh_token_invalid");
            assert_eq!(status_of(&town, &tokens).await, 401);
        }
    }
}

#[actix_web::test]
async fn a_burst_of_guesses_is_locked_out_and_the_owner_elsewhere_is_not() {
    for town in Town::on_each_engine().await {
        let name = set_password(&town, "教育界1", false);
        let mut bodies = Vec::new();
        for _ in 0..4 {
            let problem = login(&town, &name, "wrong password").await.is_problem(401, "invalid_credentials");
            bodies.push((problem["title"].clone(), problem["detail"].clone()));
        }
        // All of them get as far as they can before the first is counted.
        let mut other = town.db.place().connect().expect("a connection");
        let held = if town.db.place().is_sqlite() { "BEGIN IMMEDIATE" } else { "BEGIN; LOCK TABLE login_failures IN SHARE MODE" };
        other.batch_execute(held).expect("a lock");
        let guess = |_| (town.nobody().post("/v1/auth/login"), json!({"account": name, "password": "wrong password"}));
        let burst = actix_web::rt::spawn(at_once((0..8).map(guess).collect()));
        actix_web::rt::time::sleep(Duration::from_millis(700)).await;
        other.batch_execute("COMMIT").expect("an end");
        for answer in burst.await.expect("answers") {
            let problem = answer.is_problem(401, "invalid_credentials");
            bodies.push((problem["title"].clone(), problem["detail"].clone()));
        }
        let counted: i64 = town.rows(|conn| login_failures::table.count().get_result(conn).expect("a count"));
        assert_eq!(counted, 5, "no more are tried at once than one after the other");
        let problem = login(&town, &name, PASSWORD).await.is_problem(401, "invalid_credentials");
        bodies.push((problem["title"].clone(), problem["detail"].clone()));
        bodies.dedup();
        assert_eq!(bodies.len(), 1, "{bodies:?}");

        let elsewhere =
            awc::Client::builder().timeout(Duration::from_secs(60)).local_address("127.0.0.2".parse().expect("an address"));
        let owner = elsewhere.finish().post(format!("{}/v1/auth/login", town.base));
        let answer = owner.send_json(&json!({"account": name, "password": PASSWORD})).await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 200, "the owner, from another source");
        login(&town, &name, PASSWORD).await.is_problem(401, "invalid_credentials");
    }
}

#[actix_web::test]
async fn who_succeeds_takes_the_attempt_back() {
    for town in Town::on_each_engine().await {
        let name = set_password(&town, "教育界1", false);
        for _ in 0..6 {
            login(&town, &name, PASSWORD).await.is(200);
            let body = json!({"account": name, "password": PASSWORD, "jurisdiction": "330326"});
            town.nobody().post("/v1/auth/login").json(body).await.has_fault("/jurisdiction", "jurisdiction");
        }
        let counted: i64 = town.rows(|conn| login_failures::table.count().get_result(conn).expect("a count"));
        assert_eq!(counted, 0);
    }
}

#[actix_web::test]
async fn whoever_has_a_password_hashed_waits_for_a_turn_and_nobody_waits_for_them() {
    for town in Town::on_each_engine().await {
        let name = set_password(&town, "教育界1", false);
        set_password(&town, "教育界2", false);
        let (admin, changes) = (town.admin(), town.actor("教育界2"));
        let path = format!("/v1/accounts/{}", town.member("农业界").account.id);
        let seen = admin.get(&path).send().await.is(200);
        let mut held = Vec::new();
        for _ in 0..TURNS {
            held.push(town.house().turns.take().await.expect("a turn"));
        }
        let refused = login(&town, &name, PASSWORD).await;
        assert_eq!(refused.header("retry-after"), Some("2"));
        refused.is_problem(503, "unavailable");
        let new = json!({"name": "in-turn", "roles": [{"role": "admin"}]});
        let asked = [
            (200, begun(town.nobody().post("/v1/auth/login").json(json!({"account": name, "password": PASSWORD}))).await),
            (
                204,
                actix_web::rt::spawn(
                    changes
                        .put("/v1/auth/password")
                        .json(json!({"current_password": PASSWORD, "new_password": "another good one"})),
                ),
            ),
            (200, actix_web::rt::spawn(admin.post(&format!("{path}/reset-password")).if_match(&seen).send())),
            (201, actix_web::rt::spawn(admin.post("/v1/accounts").json(new))),
        ];
        town.affairs().get("/v1/sectors").send().await.is(200);
        assert!(asked.iter().all(|(_, asked)| !asked.is_finished()));
        drop(held);
        for (status, asked) in asked {
            asked.await.expect("an answer").is(status);
        }
    }
}

#[actix_web::test]
async fn a_logout_ends_the_session() {
    for town in Town::on_each_engine().await {
        let name = set_password(&town, "教育界1", false);
        let tokens = login(&town, &name, PASSWORD).await.is(200);
        town.nobody().post("/v1/auth/logout").json(json!({"refresh_token": tokens["refresh_token"]})).await.is(204);
        refresh(&town, &tokens).await.is_problem(401, "refresh_token_invalid");
        town.nobody().post("/v1/auth/logout").json(json!({"refresh_token": "unknown"})).await.is(204);
    }
}

#[actix_web::test]
async fn a_one_time_password_must_be_changed_first() {
    for town in Town::on_each_engine().await {
        let name = set_password(&town, "教育界1", true);
        let tokens = login(&town, &name, PASSWORD).await.is(200);
        assert_eq!(tokens["must_change_password"], json!(true));
        let bearer = format!("Bearer {}", tokens["access_token"].as_str().expect("a token"));
        let me = town.nobody();
        me.get("/v1/sectors").header("Authorization", &bearer).send().await.is_problem(403, "password_change_required");
        let change = async |current: &str, new: &str| {
            me.put("/v1/auth/password")
                .header("Authorization", &bearer)
                .json(json!({"current_password": current, "new_password": new}))
                .await
        };
        change("wrong", "another good one").await.has_fault("/current_password", "wrong_password");
        change(PASSWORD, "short").await.has_fault("/new_password", "too_short");
        change(PASSWORD, "password123").await.has_fault("/new_password", "common_password");
        change(PASSWORD, PASSWORD).await.has_fault("/new_password", "unchanged");
        change(PASSWORD, "another good one").await.is(204);
        me.get("/v1/sectors").header("Authorization", &bearer).send().await.is_problem(401, "unauthenticated");
        refresh(&town, &tokens).await.is_problem(401, "refresh_token_invalid");
        login(&town, &name, PASSWORD).await.is_problem(401, "invalid_credentials");
        let tokens = login(&town, &name, "another good one").await.is(200);
        assert_eq!(status_of(&town, &tokens).await, 200);
    }
}

#[actix_web::test]
async fn a_disabled_account_and_a_withdrawn_role_count_on_the_next_request() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        affairs.get("/v1/sectors").send().await.is(200);
        town.rows(|conn| {
            use lianxi::db::schema::account_roles;
            diesel::delete(account_roles::table.filter(account_roles::account_id.eq(affairs.account.id)))
                .execute(conn)
                .expect("roles");
        });
        affairs.post("/v1/sectors").json(json!({"name": "x", "from": "2024-01-01"})).await.is_problem(403, "forbidden");
        town.rows(|conn| {
            diesel::update(accounts::table.find(affairs.account.id))
                .set(accounts::disabled.eq(true))
                .execute(conn)
                .expect("an account");
        });
        affairs.get("/v1/sectors").send().await.is_problem(401, "unauthenticated");
    }
}

#[actix_web::test]
async fn the_public_keys_verify_our_tokens() {
    for town in Town::on_each_engine().await {
        let keys = town.nobody().get("/.well-known/jwks.json").send().await.is(200);
        let key = &keys["keys"][0];
        assert_eq!(
            (&key["kty"], &key["crv"], &key["alg"], &key["use"]),
            (&json!("EC"), &json!("P-256"), &json!("ES256"), &json!("sig"))
        );
        assert!(key["d"].is_null(), "a private part was shown");
        for header in ["Bearer", "Bearer x.y.z", "Basic abc", "bearer  "] {
            town.nobody().get("/v1/sectors").header("Authorization", header).send().await.is_problem(401, "unauthenticated");
        }
    }
}

#[actix_web::test]
async fn a_token_names_the_code_of_today_and_not_one_to_come() {
    for town in Town::on_each_engine().await {
        let name = set_password(&town, "教育界1", false);
        let path = "/v1/jurisdictions/330327";
        let seen = town.admin().get(path).send().await.is(200);
        let new = json!({"new_code": {"code": "330383", "from": "2026-07-01"}});
        town.admin().patch(path).if_match(&seen).json(new).await.is(200);
        let code = async |tokens: &Value| {
            let me = Actor { token: tokens["access_token"].as_str().map(str::to_owned), ..town.nobody() };
            (tokens["jurisdiction"].clone(), me.get("/v1/me").send().await.is(200)["jurisdiction"]["code"].clone())
        };
        let tokens = login(&town, &name, PASSWORD).await.is(200);
        assert_eq!(code(&tokens).await, (json!("330327"), json!("330327")));
        town.at("2026-06-30T15:59:59Z");
        let tokens = login(&town, &name, PASSWORD).await.is(200);
        assert_eq!(code(&tokens).await, (json!("330327"), json!("330327")));
        town.at("2026-06-30T16:00:00Z");
        let tokens = refresh(&town, &tokens).await.is(200);
        assert_eq!(code(&tokens).await, (json!("330383"), json!("330383")), "it is the first of July in Shanghai");
        let body = json!({"account": name, "password": PASSWORD, "jurisdiction": "330383"});
        town.nobody().post("/v1/auth/login").json(body).await.is(200);
    }
}
