//! The commands, as somebody runs them: the program itself, with arguments, an environment and signals.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use lianxi::db::engine::Place;
use serde_json::{Value, json};

use crate::process::{Folder, Running, program, url};
use crate::town::{Actor, empty, engines};

const SECRET: &str = "a secret for the commands, of more than thirty-two";
const PASSWORD: &str = "Kein-Geheimnis-77";

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    program(arguments, environment).output().expect("the program")
}

fn run_with(input: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut child = program(arguments, environment).stdin(Stdio::piped()).spawn().expect("the program");
    // A program that refuses before it asks has closed its end.
    let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
    child.wait_with_output().expect("its end")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// It refused, with exit code 1 and these words on standard error.
#[track_caller]
fn refuses(output: &Output, words: &[&str]) {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(words.iter().all(|word| said.contains(word)), "{words:?} not all in: {said}");
}

#[track_caller]
fn succeeds(output: &Output) -> String {
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[cfg(unix)]
#[actix_web::test]
async fn the_demo_says_where_to_look_serves_and_leaves_nothing_behind() {
    let folder = Folder::new();
    let command = program(&["demo", "--listen", "127.0.0.1:0", "--today", "2026-11-24"], &[("TMPDIR", folder.path())]);
    let mut demo = Running::start(command, "Ctrl-C");
    assert!(!folder.is_empty(), "its database is in the temporary folder");
    for word in ["/docs", "/openapi.json", "Lianxi-Demo-2026", "member-1", "recipient-1", "auditor", "2026-11-24", "常委"] {
        assert!(demo.said.contains(word), "{word} is missing in: {}", demo.said);
    }
    let nobody = demo.nobody();
    nobody.get("/docs").send().await.is(200);
    nobody.get("/health/ready").send().await.is(200);
    assert_eq!(nobody.get("/openapi.json").send().await.is(200)["openapi"], json!("3.1.0"));

    // The line that it offers, where this machine can run it.
    let line = demo.said.split("TOKEN=").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a line to paste");
    if Command::new("curl").arg("--version").output().is_ok() {
        let pasted = Command::new("sh").args(["-c", &format!("TOKEN={line}")]).output().expect("a shell");
        let list: Value = serde_json::from_slice(&pasted.stdout).expect("a list");
        assert!(list["items"].as_array().is_some_and(|items| items.len() > 3), "{list}");
    }
    nobody.post("/demo/clock").json(json!({"now": "2026-11-25T01:00:00Z"})).await.is(200);

    demo.tell("TERM");
    assert_eq!(demo.end().await, Some(0));
    assert!(folder.is_empty(), "it left something behind");
}

#[cfg(unix)]
#[actix_web::test]
async fn what_is_in_flight_ends_when_the_service_is_told_to_stop() {
    let folder = Folder::new();
    let mut demo = Running::start(program(&["demo", "--listen", "127.0.0.1:0"], &[("TMPDIR", folder.path())]), "Ctrl-C");
    let nobody = demo.nobody();
    // A connection that does nothing holds nobody up.
    let address = demo.base.trim_start_matches("http://").to_owned();
    let _idle = std::net::TcpStream::connect(&address).expect("a connection");
    // Logins take their time: of several at once some are under way when the signal comes.
    let login = json!({"account": "member-1", "password": "Lianxi-Demo-2026"});
    let logins: Vec<_> = (0..6).map(|_| actix_web::rt::spawn(nobody.post("/v1/auth/login").json(login.clone()))).collect();
    actix_web::rt::time::sleep(Duration::from_millis(600)).await;
    demo.tell("INT");
    for login in logins {
        login.await.expect("an answer").is(200);
    }
    assert_eq!(demo.end().await, Some(0));
    assert!(std::net::TcpStream::connect(&address).is_err(), "it still listens");
}

#[test]
fn serve_refuses_what_is_not_right_and_says_all_of_it() {
    let folder = Folder::new();
    let url = folder.database();
    refuses(&run(&["serve"], &[]), &["LIANXI_SECRET"]);
    refuses(
        &run(
            &["serve"],
            &[("LIANXI_SECRET", "short"), ("LIANXI_LISTNE", "x"), ("LIANXI_WORKERS", "many"), ("DATABASE_URL", "mysql://x")],
        ),
        &["LIANXI_SECRET", "LIANXI_LISTNE", "LIANXI_WORKERS", "DATABASE_URL"],
    );
    let secret = ("LIANXI_SECRET", SECRET);
    refuses(&run(&["serve"], &[secret, ("DATABASE_URL", "sqlite:/no/such/folder/x.db")]), &["DATABASE_URL"]);
    refuses(&run(&["serve"], &[secret, ("DATABASE_URL", &url), ("LIANXI_LOG", "=,=loud")]), &["LIANXI_LOG"]);
    refuses(&run(&["serve"], &[secret, ("DATABASE_URL", &url), ("LIANXI_LISTEN", "nowhere")]), &["LIANXI_LISTEN"]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    refuses(&run(&["serve"], &[secret, ("DATABASE_URL", &url), ("LIANXI_LISTEN", &address)]), &["LIANXI_LISTEN", &address]);
    refuses(&run(&["demo", "--listen", &address], &[]), &[&address]);
    refuses(&run(&["serve", "--config", "/no/such/file.toml"], &[secret]), &["/no/such/file.toml"]);
    for command in ["migrate", "audit verify", "create-admin --jurisdiction 330327 --name 苍南县", "seed --size county"] {
        let arguments: Vec<&str> = command.split(' ').collect();
        refuses(&run(&arguments, &[]), &["LIANXI_SECRET"]);
    }
    assert!(folder.is_empty(), "a refusal makes no database");
}

#[test]
fn every_command_has_help_and_wrong_arguments_are_told() {
    for command in
        [&[][..], &["demo"], &["serve"], &["migrate"], &["openapi"], &["create-admin"], &["seed"], &["audit"], &["audit", "verify"]]
    {
        let arguments: Vec<&str> = command.iter().copied().chain(["--help"]).collect();
        let help = succeeds(&run(&arguments, &[]));
        assert!(help.contains("Usage: lianxi") && help.len() > 100, "{help}");
    }
    assert!(succeeds(&run(&["serve", "--help"], &[])).contains("LIANXI_TRUSTED_PROXIES"));
    for wrong in [&["seed", "--size", "planet"][..], &["demo", "--today", "soon"], &["conquer"]] {
        assert_eq!(run(wrong, &[]).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn openapi_prints_the_contract() {
    let printed: Value = serde_json::from_str(&succeeds(&run(&["openapi"], &[]))).expect("JSON");
    assert_eq!(printed, lianxi::app::document());
}

fn founded<'a>(code: &'a str, name: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    ["create-admin", "--jurisdiction", code, "--name", name].into_iter().chain(more.iter().copied()).collect()
}

#[cfg(unix)]
#[actix_web::test]
async fn an_empty_system_gets_its_first_admin_who_then_logs_in() {
    for engine in engines() {
        let (place, _guard) = empty(engine);
        let url = url(&place);
        let environment = [("LIANXI_SECRET", SECRET), ("DATABASE_URL", url.as_str()), ("LIANXI_LISTEN", "127.0.0.1:0")];
        refuses(&run_with("123\n", &founded("330300", "温州市", &[]), &environment), &["password"]);
        refuses(
            &run_with(&format!("{PASSWORD}\n"), &founded("33", "温州市", &["--parent", "330000"]), &environment),
            &["--jurisdiction: no division code", "--parent: no jurisdiction has this code"],
        );
        let city = founded("330300", "温州市", &["--account", "city"]);
        succeeds(&run_with(&format!("{PASSWORD}\r\n"), &city, &environment));
        refuses(&run_with(&format!("{PASSWORD}\n"), &city, &environment), &["division code already"]);
        let made = succeeds(&run_with(PASSWORD, &founded("330327", "苍南县", &["--parent", "330300"]), &environment));
        assert!(made.contains("330327 苍南县") && made.contains("account admin"), "{made}");

        let mut service = Running::start(program(&["serve"], &environment), "http://");
        let nobody = service.nobody();
        let login = json!({"account": "admin", "password": PASSWORD});
        let tokens = nobody.post("/v1/auth/login").json(login).await.is(200);
        assert_eq!((&tokens["jurisdiction"], &tokens["must_change_password"]), (&json!("330327"), &json!(false)));
        let admin = Actor { token: tokens["access_token"].as_str().map(str::to_owned), ..nobody.clone() };
        assert_eq!(admin.get("/v1/organizations").send().await.is(200)["items"].as_array().map(Vec::len), Some(3));
        nobody.post("/demo/clock").json(json!({"now": "2030-01-01T00:00:00Z"})).await.is_problem(404, "not_found");
        service.tell("TERM");
        assert_eq!(service.end().await, Some(0));

        let verified = succeeds(&run(&["audit", "verify"], &environment));
        assert!(verified.contains("all chains whole"), "{verified}");
        let other = [("LIANXI_SECRET", "another secret of more than thirty-two characters"), ("DATABASE_URL", url.as_str())];
        refuses(&run(&["audit", "verify"], &other), &["signature"]);
        let other = [other[0], other[1], environment[2]];
        refuses(&run(&["serve"], &other), &["LIANXI_SECRET is not the one that this database was made with"]);
    }
}

#[cfg(unix)]
#[actix_web::test]
async fn bulk_data_is_the_same_on_both_engines_and_comes_into_empty_databases_only() {
    let mut made = Vec::new();
    for engine in engines() {
        let (place, _guard) = empty(engine);
        let url = url(&place);
        let environment = [("LIANXI_SECRET", SECRET), ("DATABASE_URL", url.as_str()), ("LIANXI_LISTEN", "127.0.0.1:0")];
        refuses(&run_with("1234\n", &["seed", "--size", "county"], &environment), &["password"]);
        made.push(succeeds(&run_with(&format!("{PASSWORD}\n"), &["seed", "--size", "county"], &environment)));
        refuses(&run(&["seed", "--size", "county", "--password", PASSWORD], &environment), &["empty"]);
        let service = Running::start(program(&["serve"], &environment), "http://");
        for account in ["member-230", "group-6", "committee-8", "chairperson", "office"] {
            service.nobody().post("/v1/auth/login").json(json!({"account": account, "password": PASSWORD})).await.is(200);
        }
        let demo = json!({"account": "office", "password": "Lianxi-Demo-2026"});
        service.nobody().post("/v1/auth/login").json(demo).await.is_problem(401, "invalid_credentials");
    }
    assert!(made.iter().all(|counts| *counts == made[0] && counts.contains("1300  constituents")), "{made:?}");
}

#[test]
fn the_nation_is_for_postgresql_and_a_demo_is_not_served() {
    let folder = Folder::new();
    let url = folder.database();
    let environment = [("LIANXI_SECRET", SECRET), ("DATABASE_URL", url.as_str()), ("LIANXI_LISTEN", "127.0.0.1:0")];
    refuses(&run(&["seed", "--size", "nation", "--password", PASSWORD], &environment), &["PostgreSQL only"]);
    refuses(&run(&["audit", "verify"], &environment), &["lianxi migrate"]);
    assert!(succeeds(&run(&["migrate"], &environment)).contains("migrations ran"));
    assert!(succeeds(&run(&["migrate"], &environment)).starts_with("0 "));
    #[cfg(unix)]
    for file in std::fs::read_dir(folder.path()).expect("the folder").flatten() {
        let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().expect("a file").permissions());
        assert_eq!(mode & 0o777, 0o600, "{:?} holds personal data", file.path());
    }
    let mut conn = Place::Sqlite(Path::new(folder.path()).join("county.db")).connect().expect("a connection");
    lianxi::directory::setup::installation(&mut conn, true).expect("an installation");
    drop(conn);
    refuses(&run(&["serve"], &environment), &["demo"]);
}
