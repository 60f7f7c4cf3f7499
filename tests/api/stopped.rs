//! The program told to stop while it is at work, and on a disk that is full.
#![cfg(unix)]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant as Stopwatch};

use actix_web::rt::{spawn, time::sleep};
use lianxi::base::instant::Clock;
use serde_json::json;

use crate::process::{Running, url};
use crate::town::{SECRET, Town};
use crate::traces::chains_are_whole;

/// A town of today, whose tokens hold in a process of its own, too.
async fn town(engine: &str) -> Town {
    let town = Town::on(engine).await;
    town.clock.fix(Clock::default().now());
    town.house().tokens.rotate(&town.db).expect("a key of today");
    town
}

/// The program on a town's database, started by `sh -c` with `before` so that it inherits what that sets.
fn serving(town: &Town, before: &str) -> Running {
    let url = url(town.db.place());
    let environment = [
        ("LIANXI_SECRET", SECRET),
        ("DATABASE_URL", url.as_str()),
        ("LIANXI_LISTEN", "127.0.0.1:0"),
        ("LIANXI_REQUESTS_PER_MINUTE", "1000000"),
    ];
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{before} exec '{}' serve", env!("CARGO_BIN_EXE_lianxi"))]);
    command.env_clear().envs(environment).stdin(Stdio::null()).stdout(Stdio::piped());
    Running::start(command, "http://")
}

fn names(list: &serde_json::Value) -> Vec<String> {
    let items = list["items"].as_array().expect("items").iter();
    items.filter_map(|sector| sector["name"].as_str()).map(str::to_owned).collect()
}

#[actix_web::test]
async fn what_was_acknowledged_before_a_stop_is_there_after_it() {
    for engine in crate::town::engines() {
        let town = town(engine).await;
        let mut service = serving(&town, "");
        let affairs = town.affairs().at(&service.base);
        // Writers that go on until nobody listens any more; each request has a connection of its own.
        let writers: Vec<_> = (0..6)
            .map(|writer| {
                let affairs = affairs.clone();
                spawn(async move {
                    let (mut made, mut unanswered) = (Vec::new(), Vec::new());
                    for number in 0..100_000 {
                        let name = format!("界{writer}-{number}");
                        let asked = Stopwatch::now();
                        let client = awc::Client::builder().timeout(Duration::from_secs(30)).finish();
                        let bearer = format!("Bearer {}", affairs.token.as_deref().expect("a token"));
                        let ask = client.post(format!("{}/v1/sectors", affairs.base)).append_header(("Authorization", bearer));
                        match ask.send_json(&json!({"name": name, "from": "2024-01-01"})).await {
                            Ok(answer) if answer.status().as_u16() == 201 => made.push(name),
                            Ok(answer) => panic!("{}", answer.status()),
                            Err(awc::error::SendRequestError::Connect(_)) => break,
                            Err(_) => unanswered.push(asked),
                        }
                    }
                    (made, unanswered)
                })
            })
            .collect();
        sleep(Duration::from_millis(800)).await;
        let told = Stopwatch::now();
        service.tell("TERM");
        assert_eq!(service.end().await, Some(0));
        let mut acknowledged = Vec::new();
        for writer in writers {
            let (made, unanswered) = writer.await.expect("a writer");
            acknowledged.extend(made);
            // Whoever asked before is answered; who comes while the door closes may not be.
            assert!(
                unanswered.iter().all(|asked| *asked + Duration::from_millis(250) > told),
                "asked before the stop, and not answered"
            );
        }
        assert!(acknowledged.len() > 6, "{} deeds", acknowledged.len());
        let mut there = Vec::new();
        let mut path = "/v1/sectors?limit=100".to_owned();
        loop {
            let list = town.affairs().get(&path).send().await.is(200);
            there.extend(names(&list));
            let Some(cursor) = list["next_cursor"].as_str() else { break };
            path = format!("/v1/sectors?limit=100&cursor={cursor}");
        }
        for name in &acknowledged {
            assert_eq!(there.iter().filter(|one| *one == name).count(), 1, "{name}");
        }
        chains_are_whole(&town);
    }
}

/// By the limit on the size of files: what the kernel says to a writer then is what it says on a full disk.
#[cfg(target_os = "linux")]
#[actix_web::test]
async fn on_a_full_disk_reads_go_on_and_writes_resume() {
    if Command::new("prlimit").arg("--version").output().is_err() {
        eprintln!("skipped: no prlimit");
        return;
    }
    let town = town("sqlite").await;
    // Otherwise the kernel ends the process at its first write too many.
    let service = serving(&town, "trap '' XFSZ;");
    let limit = |bytes: &str| {
        let limited = Command::new("prlimit")
            .args(["--pid", &service.child.id().to_string(), &format!("--fsize={bytes}:unlimited")])
            .status();
        assert!(limited.is_ok_and(|limited| limited.success()), "no limit");
    };
    let (affairs, office) = (town.affairs().at(&service.base), town.office().at(&service.base));
    let make = |number: usize| {
        affairs
            .post("/v1/sectors")
            .key(&format!("key-{number}"))
            .json(json!({"name": format!("第{number}界"), "from": "2024-01-01"}))
    };
    make(0).await.is(201);
    limit("4096");
    for number in 1..4 {
        let asked = Stopwatch::now();
        let answer = make(number).await;
        assert!(answer.header("retry-after").is_some());
        answer.is_problem(503, "unavailable");
        assert!(asked.elapsed() < Duration::from_secs(5));
        office.get("/v1/meetings").send().await.is(200);
        assert_eq!(names(&affairs.get("/v1/sectors?limit=100").send().await.is(200)).len(), 4);
    }
    limit("unlimited");
    for number in 1..4 {
        make(number).await.is(201);
    }
    assert_eq!(names(&affairs.get("/v1/sectors?limit=100").send().await.is(200)).len(), 7);
    chains_are_whole(&town);
}
