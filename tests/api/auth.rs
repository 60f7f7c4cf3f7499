//! Logging in and out, tokens, passwords.

use diesel::prelude::*;
use lianxi::db::schema::accounts;
use lianxi::directory::passwords;
use serde_json::{Value, json};

use crate::town::{Actor, Town};

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
        assert_eq!(me.get("/v1/sectors").header("Authorization", &bearer).send().await.status.as_u16(), 200);
        refresh(&town, &tokens).await.is_problem(401, "refresh_token_invalid");
        login(&town, &name, PASSWORD).await.is_problem(401, "invalid_credentials");
        login(&town, &name, "another good one").await.is(200);
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
