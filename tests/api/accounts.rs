//! 账号 over HTTP.

use lianxi::base::id::Id;
use lianxi::policy::Role;
use serde_json::{Value, json};

use crate::town::{Actor, Answer, Town, at_once, rounds};
use crate::traces::{audited, chains_are_whole, changed, told_bodies};

/// A new account's answer, made by the county's admin.
async fn made(town: &Town, name: &str, body: Value) -> Value {
    let mut body = body;
    body["name"] = json!(name);
    town.admin().post("/v1/accounts").json(body).await.is(201)
}

fn path(account: &Value) -> String {
    format!("/v1/accounts/{}", account["id"].as_str().expect("an id"))
}

fn own_path(actor: &Actor) -> String {
    format!("/v1/accounts/{}", actor.account.id)
}

async fn login(town: &Town, account: &str, password: &Value) -> Answer {
    town.nobody().post("/v1/auth/login").json(json!({"account": account, "password": password})).await
}

/// A member of the county who has no account, as rows.
fn newcomer(town: &mut Town, name: &str) -> Id {
    let mut county = town.county.clone();
    let mut conn = town.db.place().connect().expect("a connection");
    let person = county.person(&mut conn, name);
    county.post(&mut conn, person, "member", Some("农业界"));
    town.county = county;
    person
}

/// A further admin of the county, as a row.
fn second_admin(town: &mut Town, label: &str) -> Actor {
    let mut county = town.county.clone();
    let mut conn = town.db.place().connect().expect("a connection");
    county.account(&mut conn, label, &[Role::Admin], None, None);
    town.county = county;
    town.actor(label)
}

#[actix_web::test]
async fn a_new_account_has_a_one_time_password_that_has_to_be_changed() {
    for mut town in Town::on_each_engine().await {
        let person = newcomer(&mut town, "新委员");
        let body = json!({"name": "nongye-2", "person_id": person, "roles": [{"role": "member"}], "note": " 新增 "});
        let answer = town.admin().post("/v1/accounts").json(body).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let location = answer.header("location").expect("a location").to_owned();
        let account = answer.is(201);
        assert_eq!(account["person"], json!({"id": person, "name": "新委员"}));
        assert_eq!(account["roles"], json!([{"role": "member", "organization": null}]));
        assert_eq!(
            (&account["disabled"], &account["must_change_password"], &account["note"], &account["etag"]),
            (&json!(false), &json!(true), &json!("新增"), &json!("\"1\""))
        );
        let password = account["one_time_password"].clone();
        let read = town.admin().get(&location).send().await.is(200);
        assert!(read["one_time_password"].is_null(), "it is told once");
        let mut shown = account;
        shown.as_object_mut().expect("an account").remove("one_time_password");
        assert_eq!(read, shown);

        let tokens = login(&town, "nongye-2", &password).await.is(200);
        assert_eq!(tokens["must_change_password"], json!(true));
        let me = Actor { token: tokens["access_token"].as_str().map(str::to_owned), ..town.nobody() };
        me.get("/v1/sectors").send().await.is_problem(403, "password_change_required");
        let change = json!({"current_password": password, "new_password": "a good long sentence"});
        me.put("/v1/auth/password").json(change).await.is(204);
        let tokens = login(&town, "nongye-2", &json!("a good long sentence")).await.is(200);
        let me = Actor { token: tokens["access_token"].as_str().map(str::to_owned), ..town.nobody() };
        me.get("/v1/sectors").send().await.is(200);
        let read = town.admin().get(&location).send().await.is(200);
        assert_eq!(read["must_change_password"], json!(false));
        chains_are_whole(&town);
    }
}

#[actix_web::test]
async fn every_role_is_bound_to_what_it_speaks_for() {
    for mut town in Town::on_each_engine().await {
        let persons: Vec<Id> = (0..11).map(|number| newcomer(&mut town, &format!("新人{number}"))).collect();
        let body_of = |name: &str| town.county.organizations[name];
        for (at, (role, organization)) in [
            ("office", Some(body_of("办公室"))),
            ("committee", Some(body_of("经济委"))),
            ("member_affairs", Some(body_of("委员工委"))),
            ("group", Some(body_of("教育界活动组"))),
            ("recipient", Some(body_of("县府办"))),
            ("contributor", Some(body_of("民盟县委会"))),
            ("contributor", None),
            ("leader", None),
            ("member", None),
            ("admin", None),
            ("auditor", None),
        ]
        .into_iter()
        .enumerate()
        {
            let roles = json!([{"role": role, "organization_id": organization}]);
            let account = made(&town, &format!("bound-{at}"), json!({"person_id": persons[at], "roles": roles})).await;
            assert_eq!(account["roles"][0]["role"], role);
            assert_eq!(account["roles"][0]["organization"]["id"], json!(organization), "{role}");
        }

        let roles = json!([
            {"role": "leader"},
            {"role": "office"},
            {"role": "office", "organization_id": body_of("经济委")},
            {"role": "admin", "organization_id": body_of("办公室")},
            {"role": "committee", "organization_id": town.elsewhere.organizations["经济委"]},
            {"role": "integration"},
            {"role": "auditor"},
            {"role": "auditor"},
        ]);
        let answer = town.admin().post("/v1/accounts").json(json!({"name": "faulty", "roles": roles})).await;
        let problem = answer.is_problem(422, "invalid_input");
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
                "/person_id required",
                "/roles/1/organization_id required",
                "/roles/2/organization_id wrong_kind",
                "/roles/3/organization_id not_allowed",
                "/roles/4/organization_id unknown_reference",
                "/roles/5/role not_here",
                "/roles/6/role exclusive",
                "/roles/7 repeated",
                "/roles/7/role exclusive",
            ]
        );
        let post = async |body: Value| town.admin().post("/v1/accounts").json(body).await;
        let stranger = town.elsewhere.persons["农业界2"];
        let of_stranger = json!({"name": "of-stranger", "person_id": stranger, "roles": [{"role": "member"}]});
        post(of_stranger).await.has_fault("/person_id", "unknown_reference");
        post(json!({"name": "nothing", "roles": []})).await.has_fault("/roles", "too_few");
        post(json!({"name": "nothing", "roles": [{"role": "emperor"}]})).await.has_fault("/roles/0/role", "enum");
        for name in ["Upper", "a", "-dash", "空", "a b", "a@b"] {
            let code = if name == "a" || name == "空" { "too_short" } else { "pattern" };
            post(json!({"name": name, "roles": [{"role": "admin"}]})).await.has_fault("/name", code);
        }
    }
}

#[actix_web::test]
async fn a_name_is_unique_in_the_installation_and_its_place_is_not_told() {
    for town in Town::on_each_engine().await {
        let body = json!({"name": "same", "roles": [{"role": "admin"}]});
        town.of(&town.elsewhere, "管理员").post("/v1/accounts").json(body.clone()).await.is(201);
        let problem = town.admin().post("/v1/accounts").json(body).await.is_problem(409, "conflict");
        assert!(!problem.to_string().contains("330326") && !problem.to_string().contains("平阳"));
        let asks = (0..10).map(|_| (town.admin().post("/v1/accounts"), json!({"name": "race", "roles": [{"role": "admin"}]})));
        let mut statuses: Vec<_> = at_once(asks.collect()).await.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![201], vec![409; 9]].concat());
    }
}

#[actix_web::test]
async fn every_grant_is_told_to_the_office_and_to_member_affairs() {
    for mut town in Town::on_each_engine().await {
        let (office, affairs) = (town.county.organizations["办公室"], town.county.organizations["委员工委"]);
        let person = newcomer(&mut town, "新委员");
        let account = made(&town, "told", json!({"person_id": person, "roles": [{"role": "member"}]})).await;
        let told = || told_bodies(&town, "account_granted");
        assert_eq!(
            told(),
            [(Some(office), json!({"roles": ["member"]})), (Some(affairs), json!({"roles": ["member"]}))],
            "ids and roles, no names"
        );
        let admin = town.admin();
        let noted = admin.patch(&path(&account)).if_match(&account).json(json!({"note": "x"})).await.is(200);
        assert_eq!(told().len(), 2, "a note is no grant");
        let roles = json!([{"role": "member"}, {"role": "committee", "organization_id": town.county.organizations["经济委"]}]);
        let both = admin.patch(&path(&account)).if_match(&noted).json(json!({"roles": roles})).await.is(200);
        assert_eq!(told()[2..], [office, affairs].map(|body| (Some(body), json!({"roles": ["committee"]}))));
        let stripped = admin.patch(&path(&account)).if_match(&both).json(json!({"roles": []})).await.is(200);
        assert_eq!((told().len(), &stripped["roles"]), (4, &json!([])));

        let entries = audited(&town, "account_update");
        let economy = town.county.organizations["经济委"];
        assert_eq!(
            entries[1].details,
            json!({"granted": [{"role": "committee", "person": null, "organization": economy}], "withdrawn": []})
        );
        assert_eq!(entries[2].details["withdrawn"].as_array().map(Vec::len), Some(2));
        assert_eq!((entries[1].role.as_deref(), json!(entries[1].thing)), (Some("admin"), account["id"].clone()));
        assert_eq!((changed(&town, "account_create"), changed(&town, "account_update")), (1, 3));
        let created = audited(&town, "account_create");
        let password = account["one_time_password"].as_str().expect("a password");
        assert!(!created[0].details.to_string().contains(password) && !created[0].details.to_string().contains("told"));
    }
}

#[actix_web::test]
async fn what_an_admin_does_to_an_account_is_told_and_named() {
    for mut town in Town::on_each_engine().await {
        let (office, affairs) = (town.county.organizations["办公室"], town.county.organizations["委员工委"]);
        let (admin, person) = (town.admin(), newcomer(&mut town, "新委员"));
        let roles = json!([{"role": "member"}, {"role": "committee", "organization_id": town.county.organizations["经济委"]}]);
        let mut seen = made(&town, "in_told", json!({"person_id": person, "roles": roles})).await;
        for (action, kind) in [("reset-password", "account_reset"), ("disable", "account_disabled"), ("enable", "account_enabled")]
        {
            seen = admin.post(&format!("{}/{action}", path(&seen))).if_match(&seen).send().await.is(200);
            let mut told = told_bodies(&town, kind);
            told.sort_by_key(|(body, _)| [None, Some(office), Some(affairs)].iter().position(|of| of == body));
            assert_eq!(told, [None, Some(office), Some(affairs)].map(|of| (of, json!({}))), "{kind}");
        }
        let texts = async |actor: &Actor| {
            let page = actor.get("/v1/me/notifications").send().await.is(200);
            let items = page["items"].as_array().expect("items").clone();
            items.into_iter().map(|told| told["text"]["zh"].as_str().expect("a text").to_owned()).collect::<Vec<_>>()
        };
        let told = [
            "账号 in_told（新委员）已重新启用",
            "账号 in_told（新委员）已被停用",
            "账号 in_told（新委员）的密码已由管理员重置",
            "账号 in_told（新委员）被授予了角色：委员、专委会",
        ];
        assert_eq!(texts(&town.office()).await, told);
        assert_eq!(texts(&town.affairs()).await, told);
    }
}

#[actix_web::test]
async fn roles_are_replaced_as_a_list_and_follow_the_person() {
    for mut town in Town::on_each_engine().await {
        let (first, second) = (newcomer(&mut town, "甲"), newcomer(&mut town, "乙"));
        let admin = town.admin();
        let account = made(&town, "follows", json!({"person_id": first, "roles": [{"role": "member"}]})).await;
        let patch = async |seen: &Value, body: Value| admin.patch(&path(&account)).if_match(seen).json(body).await;
        let moved = patch(&account, json!({"person_id": second})).await.is(200);
        assert_eq!((&moved["person"]["id"], &moved["roles"][0]["role"]), (&json!(second), &json!("member")));
        let entries = audited(&town, "account_update");
        assert_eq!(entries[0].details["granted"][0]["person"], json!(second), "the role speaks for the other person now");
        assert_eq!(told_bodies(&town, "account_granted").len(), 4);
        patch(&moved, json!({"person_id": null})).await.has_fault("/person_id", "required");
        patch(&moved, json!({"person_id": town.elsewhere.persons["教育界2"]})).await.has_fault("/person_id", "unknown_reference");
        let office = json!([{"role": "office", "organization_id": town.county.organizations["办公室"]}]);
        let staff = patch(&moved, json!({"person_id": null, "roles": office, "note": "值班"})).await.is(200);
        assert_eq!((&staff["person"], &staff["note"], &staff["etag"]), (&json!(null), &json!("值班"), &json!("\"3\"")));
        let bare = patch(&staff, json!({"note": null})).await.is(200);
        assert_eq!((&bare["note"], &bare["roles"]), (&json!(null), &staff["roles"]));
        patch(&bare, json!({"disabled": true})).await.has_fault("/disabled", "unknown_field");
        patch(&bare, json!({"roles": null})).await.has_fault("/roles", "type");
        patch(&staff, json!({"note": "x"})).await.is_problem(412, "version_mismatch");
        admin.patch(&path(&account)).json(json!({"note": "x"})).await.is_problem(428, "precondition_required");
        let asks =
            (0..20).map(|number| (admin.patch(&path(&account)).if_match(&bare), json!({"note": number.to_string()}))).collect();
        let mut statuses: Vec<_> = at_once(asks).await.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![200], vec![412; 19]].concat());
    }
}

#[actix_web::test]
async fn nobody_changes_the_own_rights() {
    for town in Town::on_each_engine().await {
        let admin = town.admin();
        let own = admin.get(&own_path(&admin)).send().await.is(200);
        let roles = json!([{"role": "admin"}, {"role": "office", "organization_id": town.county.organizations["办公室"]}]);
        for body in [json!({"roles": roles}), json!({"roles": []}), json!({"person_id": town.county.persons["主席"]})] {
            admin.patch(&own_path(&admin)).if_match(&own).json(body).await.is_problem(403, "own_matter");
        }
        for action in ["disable", "reset-password"] {
            let answer = admin.post(&format!("{}/{action}", own_path(&admin))).if_match(&own).send().await;
            answer.is_problem(403, "own_matter");
        }
        let noted = admin.patch(&own_path(&admin)).if_match(&own).json(json!({"note": "自己"})).await.is(200);
        assert_eq!((&noted["roles"], &noted["note"]), (&own["roles"], &json!("自己")));
    }
}

#[actix_web::test]
async fn a_disabled_account_is_out_at_once_and_its_sessions_do_not_come_back() {
    for town in Town::on_each_engine().await {
        let admin = town.admin();
        let account = made(&town, "out", json!({"roles": [{"role": "admin"}]})).await;
        let tokens = login(&town, "out", &account["one_time_password"]).await.is(200);
        let act =
            async |action: &str, seen: &Value| admin.post(&format!("{}/{action}", path(&account))).if_match(seen).send().await;
        let conflict = act("enable", &account).await.is_problem(409, "state_conflict");
        assert_eq!(conflict["state"], "enabled");
        let disabled = act("disable", &account).await.is(200);
        assert_eq!((&disabled["disabled"], &disabled["roles"]), (&json!(true), &account["roles"]));
        let me = Actor { token: tokens["access_token"].as_str().map(str::to_owned), ..town.nobody() };
        me.get("/v1/sectors").send().await.is_problem(401, "unauthenticated");
        login(&town, "out", &account["one_time_password"]).await.is_problem(401, "invalid_credentials");
        let conflict = act("disable", &disabled).await.is_problem(409, "state_conflict");
        assert_eq!(conflict["allowed_actions"], json!(["account_enable", "account_reset_password"]));
        act("enable", &account).await.is_problem(412, "version_mismatch");
        admin.post(&format!("{}/enable", path(&account))).send().await.is_problem(428, "precondition_required");
        let enabled = act("enable", &disabled).await.is(200);
        assert_eq!((&enabled["disabled"], &enabled["etag"]), (&json!(false), &json!("\"3\"")));
        let refresh = json!({"refresh_token": tokens["refresh_token"]});
        town.nobody().post("/v1/auth/refresh").json(refresh).await.is_problem(401, "refresh_token_invalid");
        login(&town, "out", &account["one_time_password"]).await.is(200);
        for op in ["account_disable", "account_enable"] {
            assert_eq!((audited(&town, op).len(), changed(&town, op)), (1, 1), "{op}");
        }
    }
}

#[actix_web::test]
async fn a_reset_gives_a_new_one_time_password_and_ends_the_sessions() {
    for town in Town::on_each_engine().await {
        let admin = town.admin();
        let account = made(&town, "forgot", json!({"roles": [{"role": "admin"}]})).await;
        let tokens = login(&town, "forgot", &account["one_time_password"]).await.is(200);
        let reset = format!("{}/reset-password", path(&account));
        let answer = admin.post(&reset).if_match(&account).key("k1").send().await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let after = answer.is(200);
        assert_ne!(after["one_time_password"], account["one_time_password"]);
        assert_eq!((&after["must_change_password"], &after["etag"]), (&json!(true), &json!("\"2\"")));
        login(&town, "forgot", &account["one_time_password"]).await.is_problem(401, "invalid_credentials");
        let refresh = json!({"refresh_token": tokens["refresh_token"]});
        town.nobody().post("/v1/auth/refresh").json(refresh).await.is_problem(401, "refresh_token_invalid");
        assert_eq!(login(&town, "forgot", &after["one_time_password"]).await.is(200)["must_change_password"], json!(true));
        admin.post(&reset).if_match(&account).key("k1").send().await.is_problem(409, "answer_not_kept");
        admin.post(&reset).if_match(&account).send().await.is_problem(412, "version_mismatch");
        admin.post(&reset).send().await.is_problem(428, "precondition_required");
        let entries = audited(&town, "account_reset_password");
        assert_eq!((entries.len(), &entries[0].details), (1, &json!({})));

        let body = json!({"name": "once", "roles": [{"role": "admin"}]});
        admin.post("/v1/accounts").key("k2").json(body.clone()).await.is(201);
        admin.post("/v1/accounts").key("k2").json(body).await.is_problem(409, "answer_not_kept");
    }
}

#[actix_web::test]
async fn accounts_are_the_business_of_their_own_admins() {
    for town in Town::on_each_engine().await {
        let member = town.member("教育界");
        let seen = town.admin().get(&own_path(&member)).send().await.is(200);
        let everything = async |actor: &Actor, status: u16, code: &str| {
            let path = own_path(&member);
            actor.get(&path).send().await.is_problem(status, code);
            actor.patch(&path).if_match(&seen).json(json!({"note": "x"})).await.is_problem(status, code);
            for action in ["disable", "enable", "reset-password"] {
                actor.post(&format!("{path}/{action}")).if_match(&seen).send().await.is_problem(status, code);
            }
        };
        for label in ["主席", "办公室", "委员工委", "经济委", "教育界1", "审计员"] {
            let actor = town.actor(label);
            everything(&actor, 403, "forbidden").await;
            actor.get("/v1/accounts").send().await.is_problem(403, "forbidden");
            actor.post("/v1/accounts").json(json!({})).await.is_problem(403, "forbidden");
            actor.post("/v1/accounts/attach").json(json!({})).await.is_problem(403, "forbidden");
        }
        everything(&town.of(&town.elsewhere, "管理员"), 404, "not_found").await;
        everything(&town.of(&town.above, "管理员"), 404, "not_found").await;
        town.admin().get(&format!("/v1/accounts/{}", Id::fresh())).send().await.is_problem(404, "not_found");
        let own = town.admin().get("/v1/accounts?limit=100&with_total=true").send().await.is(200);
        assert_eq!(own["total"], json!(town.county.accounts.len()));
    }
}

#[actix_web::test]
async fn accounts_are_filtered_and_paged() {
    for town in Town::on_each_engine().await {
        let admin = town.admin();
        for name in ["a_b", "axb", "a-b"] {
            made(&town, name, json!({"roles": [{"role": "admin"}]})).await;
        }
        let names = async |query: &str| -> Vec<String> {
            let page = admin.get(&format!("/v1/accounts?limit=100&{query}")).send().await.is(200);
            page["items"].as_array().expect("items").iter().map(|item| item["name"].as_str().expect("a name").to_owned()).collect()
        };
        assert_eq!(names("name=a").await, ["a_b", "axb", "a-b"]);
        assert_eq!(names("name=a_").await, ["a_b"], "search characters have no special meaning");
        assert_eq!(names("role=auditor").await, ["330327-审计员"]);
        assert_eq!(names("role=auditor&role=office&sort=-id").await, ["330327-审计员", "330327-办公室"]);
        assert_eq!(names(&format!("person={}", town.county.persons["教育界1"])).await, ["330327-教育界1"]);
        assert_eq!(names(&format!("person={}", town.elsewhere.persons["教育界1"])).await, Vec::<String>::new());
        assert_eq!(names("disabled=true").await, Vec::<String>::new());
        let account = admin.get("/v1/accounts?name=axb").send().await.is(200)["items"][0].clone();
        admin.post(&format!("{}/disable", path(&account))).if_match(&account).send().await.is(200);
        assert_eq!(names("disabled=true").await, ["axb"]);
        assert_eq!(names("disabled=false&role=admin").await, ["330327-管理员", "a_b", "a-b"]);
        admin.get("/v1/accounts?name=%25").send().await.has_fault("/name", "pattern");
        admin.get("/v1/accounts?role=emperor").send().await.has_fault("/role/0", "enum");

        for sort in ["id", "-id"] {
            let whole = names(&format!("sort={sort}")).await;
            let (mut seen, mut path) = (Vec::new(), format!("/v1/accounts?limit=4&sort={sort}"));
            loop {
                let page = admin.get(&path).send().await.is(200);
                seen.extend(page["items"].as_array().expect("items").iter().map(|item| item["name"].clone()));
                let Some(cursor) = page["next_cursor"].as_str() else { break };
                path = format!("/v1/accounts?limit=4&sort={sort}&cursor={cursor}");
            }
            assert_eq!(seen, whole);
        }
    }
}

#[actix_web::test]
async fn two_admins_who_remove_each_other_at_once_never_both_succeed() {
    for mut town in Town::on_each_engine().await {
        // A third stands by, so that what is shown does not rest on there being two.
        second_admin(&mut town, "旁观者");
        for round in 0..rounds() {
            let (first, second) = (second_admin(&mut town, &format!("甲{round}")), second_admin(&mut town, &format!("乙{round}")));
            let remove = |actor: &Actor, other: &Actor, by_patch: bool| {
                let path = own_path(other);
                let (ask, body) = match by_patch {
                    true => (actor.patch(&path), json!({"roles": []})),
                    false => (actor.post(&format!("{path}/disable")), json!({})),
                };
                (ask.header("If-Match", "\"1\""), body)
            };
            let asks = vec![remove(&first, &second, round % 2 == 0), remove(&second, &first, round % 4 < 2)];
            let answers = at_once(asks).await;
            let mut done = 0;
            for answer in answers {
                match answer.status.as_u16() {
                    200 => done += 1,
                    401 => drop(answer.is_problem(401, "unauthenticated")),
                    403 => drop(answer.is_problem(403, "forbidden")),
                    _ => panic!("{}", answer.text()),
                }
            }
            assert_eq!(done, 1, "round {round}");
        }
        chains_are_whole(&town);
    }
}

#[actix_web::test]
async fn admins_who_all_remove_one_another_leave_one() {
    for mut town in Town::on_each_engine().await {
        let admins: Vec<Actor> = (0..5).map(|number| second_admin(&mut town, &format!("丙{number}"))).collect();
        let mut asks = Vec::new();
        for actor in &admins {
            for other in admins.iter().chain([&town.admin()]).filter(|other| other.account.id != actor.account.id) {
                let ask = actor.post(&format!("{}/disable", own_path(other))).header("If-Match", "\"1\"");
                asks.push((ask, json!({})));
            }
        }
        at_once(asks).await;
        let left: i64 = town.rows(|conn| {
            use diesel::prelude::*;
            use lianxi::db::schema::{account_roles, accounts};
            account_roles::table
                .inner_join(accounts::table.on(accounts::id.eq(account_roles::account_id)))
                .filter(account_roles::jurisdiction_id.eq(town.county.id))
                .filter(account_roles::role.eq("admin"))
                .filter(accounts::disabled.eq(false))
                .count()
                .get_result(conn)
                .expect("a count")
        });
        assert_eq!(left, 1);
    }
}

#[actix_web::test]
async fn a_granted_role_works_and_a_withdrawn_one_does_not() {
    for town in Town::on_each_engine().await {
        let (admin, affairs) = (town.admin(), town.county.organizations["委员工委"]);
        let account = made(&town, "works", json!({"roles": [{"role": "member_affairs", "organization_id": affairs}]})).await;
        let change = async |password: &Value| {
            let tokens = login(&town, "works", password).await.is(200);
            let me = Actor { token: tokens["access_token"].as_str().map(str::to_owned), ..town.nobody() };
            let body = json!({"current_password": password, "new_password": "a good long sentence"});
            me.put("/v1/auth/password").json(body).await.is(204);
            let tokens = login(&town, "works", &json!("a good long sentence")).await.is(200);
            Actor { token: tokens["access_token"].as_str().map(str::to_owned), ..me }
        };
        let me = change(&account["one_time_password"]).await;
        me.post("/v1/sectors").json(json!({"name": "科技界", "from": "2024-01-01"})).await.is(201);
        let seen = admin.get(&path(&account)).send().await.is(200);
        admin.patch(&path(&account)).if_match(&seen).json(json!({"roles": []})).await.is(200);
        me.post("/v1/sectors").json(json!({"name": "体育界", "from": "2024-01-01"})).await.is_problem(403, "forbidden");
    }
}

#[actix_web::test]
async fn a_role_is_not_granted_for_a_body_that_has_ended_but_kept() {
    for town in Town::on_each_engine().await {
        let (admin, economy) = (town.admin(), town.county.organizations["经济委"]);
        let role = json!({"role": "committee", "organization_id": economy});
        let account = made(&town, "keeps", json!({"roles": [role]})).await;
        town.rows(|conn| {
            use diesel::prelude::*;
            use lianxi::db::schema::organizations;
            let last: chrono::NaiveDate = "2026-03-01".parse().expect("a day");
            diesel::update(organizations::table.find(economy)).set(organizations::to_day.eq(last)).execute(conn).expect("a body");
        });
        let again = json!({"name": "again", "roles": [role]});
        admin.post("/v1/accounts").json(again).await.has_fault("/roles/0/organization_id", "ended");
        let roles = json!([role, {"role": "admin"}]);
        let both = admin.patch(&path(&account)).if_match(&account).json(json!({"roles": roles})).await.is(200);
        assert_eq!(both["roles"].as_array().map(Vec::len), Some(2));
    }
}

#[actix_web::test]
async fn a_person_is_linked_by_one_account() {
    for mut town in Town::on_each_engine().await {
        let (admin, free) = (town.admin(), newcomer(&mut town, "甲"));
        let member = json!([{"role": "member"}]);
        let taken = json!({"name": "second", "person_id": town.county.persons["农业界2"], "roles": member});
        admin.post("/v1/accounts").json(taken).await.has_fault("/person_id", "has_account");
        let account = made(&town, "first", json!({"person_id": free, "roles": member})).await;
        let moved = json!({"person_id": town.county.persons["农业界2"]});
        admin.patch(&path(&account)).if_match(&account).json(moved).await.has_fault("/person_id", "has_account");
        let again = json!({"person_id": free, "roles": [{"role": "member"}, {"role": "admin"}]});
        admin.patch(&path(&account)).if_match(&account).json(again).await.is(200);

        let another = newcomer(&mut town, "乙");
        let ask = |number: usize| {
            let body = json!({"name": format!("race-{number}"), "person_id": another, "roles": member});
            (admin.post("/v1/accounts"), body)
        };
        let mut statuses: Vec<_> = at_once((0..6).map(ask).collect()).await.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![201], vec![422; 5]].concat());
    }
}

#[actix_web::test]
async fn an_account_works_in_a_second_jurisdiction_under_the_roles_it_was_given_there() {
    for mut town in Town::on_each_engine().await {
        let person = newcomer(&mut town, "甲");
        let account = made(&town, "both", json!({"person_id": person, "note": "本县的话", "roles": [{"role": "member"}]})).await;
        let (there, economy) = (town.of(&town.elsewhere, "管理员"), town.elsewhere.organizations["经济委"]);
        let roles = json!([{"role": "committee", "organization_id": economy}]);
        let attach = async |body: Value| there.post("/v1/accounts/attach").json(body).await;
        attach(json!({"name": "nobody-s", "roles": roles})).await.has_fault("/name", "unknown_reference");
        attach(json!({"name": "both", "person_id": person, "roles": roles})).await.has_fault("/person_id", "unknown_reference");
        let taken = town.elsewhere.persons["教育界1"];
        attach(json!({"name": "both", "person_id": taken, "roles": roles})).await.has_fault("/person_id", "has_account");
        let answer = attach(json!({"name": "both", "roles": roles})).await;
        let location = answer.header("location").expect("a location").to_owned();
        let guest = answer.is(201);
        assert_eq!(location, path(&account));
        for hidden in ["person", "disabled", "must_change_password", "note", "one_time_password"] {
            assert!(guest[hidden].is_null(), "{hidden}: {guest}");
        }
        assert_eq!((&guest["guest"], &guest["etag"], &account["guest"]), (&json!(true), &json!("\"1\""), &json!(false)));
        assert_eq!(guest["roles"][0]["organization"]["id"], json!(economy));
        attach(json!({"name": "both", "roles": roles})).await.is_problem(409, "conflict");
        let (office, affairs) = (town.elsewhere.organizations["办公室"], town.elsewhere.organizations["委员工委"]);
        let told: Vec<_> = told_bodies(&town, "account_granted").into_iter().map(|(body, _)| body).collect();
        assert_eq!(told[told.len() - 2..], [Some(office), Some(affairs)]);
        assert_eq!(audited(&town, "account_attach")[0].details["granted"][0]["role"], "committee");

        let password = account["one_time_password"].clone();
        let tokens = login(&town, "both", &password).await.is(200);
        assert_eq!(tokens["jurisdiction"], "330327", "whoever attaches an account changes nothing of its logins");
        let me = |tokens: &Value| Actor { token: tokens["access_token"].as_str().map(str::to_owned), ..town.nobody() };
        let change = json!({"current_password": password, "new_password": "a good long sentence"});
        me(&tokens).put("/v1/auth/password").json(change).await.is(204);
        let login_at = async |code: &str| {
            let body = json!({"account": "both", "password": "a good long sentence", "jurisdiction": code});
            town.nobody().post("/v1/auth/login").json(body).await
        };
        let at_home = login_at("330327").await.is(200);
        let away = login_at("330326").await.is(200);
        let roles_of = async |tokens: &Value| {
            let seen = me(tokens).get("/v1/me").send().await.is(200);
            let roles = seen["roles"].as_array().expect("roles").iter().map(|role| role["role"].clone()).collect::<Vec<_>>();
            (seen["jurisdiction"]["code"].clone(), roles)
        };
        assert_eq!(roles_of(&at_home).await, (json!("330327"), vec![json!("member")]));
        assert_eq!(roles_of(&away).await, (json!("330326"), vec![json!("committee")]));
        login_at("330300").await.has_fault("/jurisdiction", "jurisdiction");

        let refresh = async |tokens: &Value, code: Value| {
            let mut body = json!({"refresh_token": tokens["refresh_token"]});
            if !code.is_null() {
                body["jurisdiction"] = code;
            }
            town.nobody().post("/v1/auth/refresh").json(body).await
        };
        let switched = refresh(&at_home, json!("330326")).await.is(200);
        assert_eq!(roles_of(&switched).await.0, "330326");
        assert_eq!(refresh(&switched, Value::Null).await.is(200)["jurisdiction"], "330326", "it stays where it went");
        let entries = audited(&town, "auth_refresh");
        assert_eq!((entries.len(), entries[0].role.as_deref(), json!(entries[0].thing)), (1, None, account["id"].clone()));
        assert!(audited(&town, "auth_login").iter().all(|entry| entry.role.is_none()), "before there is a role none acts");
        chains_are_whole(&town);
    }
}

#[actix_web::test]
async fn neither_jurisdiction_rules_or_sees_what_the_other_made_of_an_account() {
    for town in Town::on_each_engine().await {
        let (home, there) = (town.admin(), town.of(&town.elsewhere, "管理员"));
        let admin_role = json!([{"role": "admin"}]);
        let account = made(&town, "both", json!({"roles": admin_role, "note": "本县的话"})).await;
        let guest = there.post("/v1/accounts/attach").json(json!({"name": "both", "roles": admin_role})).await.is(201);
        for action in ["disable", "enable", "reset-password"] {
            let answer = there.post(&format!("{}/{action}", path(&guest))).if_match(&guest).send().await;
            answer.is_problem(403, "forbidden");
        }
        let noted = there.patch(&path(&guest)).if_match(&guest).json(json!({"note": "外县的话"})).await.is(200);
        assert_eq!((&noted["note"], &noted["etag"]), (&json!("外县的话"), &json!("\"2\"")));
        let unmoved = home.get(&path(&account)).send().await.is(200);
        assert_eq!((&unmoved["note"], &unmoved["etag"]), (&json!("本县的话"), &json!("\"1\"")));
        for state in ["true", "false"] {
            let page = there.get(&format!("/v1/accounts?name=both&disabled={state}")).send().await.is(200);
            assert_eq!(page["items"], json!([]), "whether it is disabled is told at home only");
        }
        let feed: Vec<Option<String>> = town.rows(|conn| {
            use diesel::prelude::*;
            use lianxi::db::schema::changes;
            let of = changes::table.filter(changes::jurisdiction_id.eq(town.elsewhere.id)).filter(changes::kind.eq("account"));
            of.select(changes::state).load(conn).expect("changes")
        });
        assert_eq!(feed, [None, None]);

        // A guest who is an admin does not remove the last admin of the place.
        let tokens = login(&town, "both", &account["one_time_password"]).await.is(200);
        let me = Actor { token: tokens["access_token"].as_str().map(str::to_owned), ..town.nobody() };
        let change = json!({"current_password": account["one_time_password"], "new_password": "a good long sentence"});
        me.put("/v1/auth/password").json(change).await.is(204);
        let body = json!({"account": "both", "password": "a good long sentence", "jurisdiction": "330326"});
        let away = town.nobody().post("/v1/auth/login").json(body).await.is(200);
        let visitor = Actor { token: away["access_token"].as_str().map(str::to_owned), ..town.nobody() };
        let own = visitor.get(&own_path(&there)).send().await.is(200);
        visitor.post(&format!("{}/disable", own_path(&there))).if_match(&own).send().await.is_problem(409, "conflict");
        visitor.patch(&own_path(&there)).if_match(&own).json(json!({"roles": []})).await.is_problem(409, "conflict");

        let seen = home.get(&path(&account)).send().await.is(200);
        assert_eq!((&seen["must_change_password"], &seen["etag"]), (&json!(false), &json!("\"2\"")), "what is shown has changed");
        home.post(&format!("{}/disable", path(&account))).if_match(&seen).send().await.is(200);
        visitor.get("/v1/me").send().await.is_problem(401, "unauthenticated");
        let seen = there.get(&path(&guest)).send().await.is(200);
        assert_eq!((&seen["disabled"], &seen["etag"]), (&json!(null), &noted["etag"]), "nothing of it is told there");
        there.patch(&path(&guest)).if_match(&seen).json(json!({"roles": []})).await.is(200);
    }
}
