//! The database cut, refused, silent, worn out, locked: only documented answers, in time, and all is well soon after it returns.

use std::time::{Duration, Instant as Stopwatch};

use actix_web::rt::{spawn, time::sleep};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use lianxi::base::problem::Maybe;
use lianxi::db::Conn;
use lianxi::db::engine::Place;
use lianxi::db::schema::group_sectors;
use serde_json::{Value, json};

use crate::proxy::{Lost, Proxy, Way};
use crate::town::{Answer, Ask, Town, engines, fresh};
use crate::traces::{audited, chains_are_whole};

/// A town whose service reaches PostgreSQL through a proxy alone, and the way around it.
struct Behind {
    town: Town,
    proxy: Proxy,
    direct: Place,
}

/// `None`, with a word, where this run has no PostgreSQL that a proxy can stand before.
async fn behind_a_proxy() -> Option<Behind> {
    if !engines().contains(&"postgresql") {
        eprintln!("skipped: TEST_DATABASE_URL is not set");
        return None;
    }
    let (direct, guard, county, elsewhere, above) = actix_web::web::block(|| fresh("postgresql")).await.expect("a place");
    let Place::Postgresql(url) = &direct else { return None };
    let Some((proxy, through)) = Proxy::before(url) else {
        eprintln!("skipped: TEST_DATABASE_URL names no host and port");
        return None;
    };
    let town = Town::serve(Place::Postgresql(through), guard, county, elsewhere, above).await;
    Some(Behind { town, proxy, direct })
}

/// The name of the sector that a number makes; its key is the same.
fn name(number: usize) -> String {
    format!("第{number}界")
}

fn make(town: &Town, number: usize) -> (Ask, Value) {
    let ask = town.affairs().post("/v1/sectors").key(&format!("key-{number}"));
    (ask, json!({"name": name(number), "from": "2024-01-01"}))
}

async fn timed(ask: Ask, body: Option<Value>) -> (Answer, Duration) {
    let asked = Stopwatch::now();
    let answer = match body {
        Some(body) => ask.json(body).await,
        None => ask.send().await,
    };
    (answer, asked.elapsed())
}

/// Reads, writes numbered from `first`, a login and the question whether all is well, at once.
async fn storm(town: &Town, first: usize) -> Vec<(Answer, Duration)> {
    let login = json!({"account": "nobody", "password": "a password of no account"});
    let mut asks = vec![
        (town.nobody().get("/health/ready"), None),
        (town.nobody().post("/v1/auth/login"), Some(login)),
        (town.member("教育界").get("/v1/opinions"), None),
        (town.office().get("/v1/meetings"), None),
    ];
    asks.extend((first..first + 4).map(|number| make(town, number)).map(|(ask, body)| (ask, Some(body))));
    let started: Vec<_> = asks.into_iter().map(|(ask, body)| spawn(timed(ask, body))).collect();
    let mut answers = Vec::new();
    for one in started {
        answers.push(one.await.expect("an answer"));
    }
    answers
}

/// The documented refusal, in time.
#[track_caller]
fn is_unavailable(answer: Answer, took: Duration, within: Duration) {
    assert!(answer.header("retry-after").is_some_and(|seconds| seconds.parse::<u64>().is_ok_and(|seconds| seconds > 0)));
    answer.is_problem(503, "unavailable");
    assert!(took < within, "answered after {took:?}");
}

const SOON: Duration = Duration::from_secs(5);

/// Asks whether the process lives, every 50 ms until told to stop; how long the answers took.
fn alive(town: &Town) -> (actix_web::rt::task::JoinHandle<Vec<Duration>>, std::rc::Rc<std::cell::Cell<bool>>) {
    let going = std::rc::Rc::new(std::cell::Cell::new(true));
    let (ask, on) = (town.nobody().get("/health/live"), going.clone());
    let watch = async move {
        let mut took = Vec::new();
        while on.get() {
            let (answer, time) = timed(ask.clone(), None).await;
            answer.is(200);
            took.push(time);
            sleep(Duration::from_millis(50)).await;
        }
        took
    };
    (spawn(watch), going)
}

/// Nine of ten within 100 ms: what else the machine does is not the service's fault.
#[track_caller]
fn was_alive(mut took: Vec<Duration>) {
    took.sort_unstable();
    let most = took[took.len() * 9 / 10];
    assert!(most < Duration::from_millis(100), "alive only after {most:?}, of {} answers", took.len());
}

/// Repeats a request with its key until it has its true answer.
async fn insist(ask: Ask, body: Value) -> Answer {
    let asked = Stopwatch::now();
    loop {
        let answer = ask.clone().json(body.clone()).await;
        let open =
            matches!((answer.status.as_u16(), answer.json["code"].as_str()), (503, _) | (409, Some("idempotency_in_progress")));
        if !open {
            return answer;
        }
        assert!(asked.elapsed() < SOON, "not healed: {}", answer.text());
        sleep(Duration::from_millis(50)).await;
    }
}

/// The sectors of these numbers are there, each once, each in the audit log once.
async fn each_is_there_once(town: &Town, numbers: std::ops::Range<usize>) {
    let list = town.affairs().get("/v1/sectors?limit=100").send().await.is(200);
    let items = list["items"].as_array().expect("items");
    for number in numbers {
        assert_eq!(items.iter().filter(|sector| sector["name"] == name(number)).count(), 1, "{}", name(number));
    }
    let made: std::collections::HashSet<_> = audited(town, "sector_create").into_iter().map(|entry| entry.thing).collect();
    assert_eq!(made.len(), audited(town, "sector_create").len());
    chains_are_whole(town);
}

/// Gives the town back: dropping its database would keep the other outages' clients waiting.
async fn outage(way: Way) -> Option<Behind> {
    let behind = behind_a_proxy().await?;
    let Behind { town, proxy, .. } = &behind;
    for (answer, _) in storm(town, 0).await {
        assert!(matches!(answer.status.as_u16(), 200 | 201 | 401), "{}", answer.text());
    }
    // Some are under way when it happens.
    let (under_way, after) = futures_util::future::join(storm(town, 4), async {
        sleep(Duration::from_millis(15)).await;
        proxy.set(way);
        let (watch, going) = alive(town);
        let mut answers = storm(town, 8).await;
        answers.extend(storm(town, 12).await);
        going.set(false);
        was_alive(watch.await.expect("a watch"));
        answers
    })
    .await;
    for (answer, took) in under_way {
        if matches!(answer.status.as_u16(), 200 | 201 | 401) {
            assert!(took < SOON, "answered after {took:?}");
        } else {
            is_unavailable(answer, took, SOON);
        }
    }
    for (answer, took) in after {
        is_unavailable(answer, took, SOON);
    }
    proxy.set(Way::Open);
    let returned = Stopwatch::now();
    for number in 4..16 {
        let (ask, body) = make(town, number);
        insist(ask, body).await.is(201);
    }
    insist(town.nobody().get("/health/ready"), Value::Null).await.is(200);
    assert!(returned.elapsed() < SOON, "healed after {:?}", returned.elapsed());
    each_is_there_once(town, 0..16).await;
    Some(behind)
}

#[actix_web::test]
async fn a_database_that_is_cut_off_refuses_or_falls_silent_is_told_in_time_and_comes_back() {
    futures_util::future::join3(outage(Way::Cut), outage(Way::Refused), outage(Way::Silent)).await;
}

#[actix_web::test]
async fn a_restarted_database_is_hardly_noticed() {
    let Some(Behind { town, proxy, direct: _ }) = behind_a_proxy().await else { return };
    storm(&town, 0).await;
    proxy.set(Way::Cut);
    proxy.set(Way::Open);
    // Every connection of the pool is stale, and nobody is told.
    town.office().get("/v1/meetings").send().await.is(200);
    let (ask, body) = make(&town, 4);
    ask.json(body).await.is(201);
}

#[actix_web::test]
async fn an_answer_lost_during_commit_is_found_by_asking_again() {
    let Some(Behind { town, proxy, direct: _ }) = behind_a_proxy().await else { return };
    let affairs = town.affairs();
    for (number, lost) in [Lost::Commit, Lost::Answer, Lost::Commit, Lost::Answer].into_iter().enumerate() {
        let was_done = lost == Lost::Answer;
        let replayed = was_done.then_some("true");
        let (ask, body) = make(&town, number);
        proxy.lose_next(lost);
        let (answer, took) = timed(ask.clone(), Some(body.clone())).await;
        is_unavailable(answer, took, SOON);
        // The engine may notice a moment later than the caller that the line is cut.
        let again = insist(ask, body).await;
        assert_eq!(again.header("idempotency-replayed"), replayed, "{lost:?}");
        let made = again.is(201);

        // A change whose etag has gone by is no stranger either.
        let path = format!("/v1/sectors/{}", made["id"].as_str().expect("an id"));
        let ask = affairs.patch(&path).if_match(&made).key(&format!("patch-{number}"));
        proxy.lose_next(lost);
        ask.clone().json(json!({"position": 77})).await.is_problem(503, "unavailable");
        let again = insist(ask, json!({"position": 77})).await;
        assert_eq!(again.header("idempotency-replayed"), replayed, "{lost:?}");
        assert_eq!(again.is(200)["etag"], "\"2\"");
    }
    assert_eq!(audited(&town, "sector_update").len(), 4);
    each_is_there_once(&town, 0..4).await;
}

#[actix_web::test]
async fn a_worn_out_pool_is_told_in_time_and_recovers_by_itself() {
    let Some(Behind { town, direct, proxy: _proxy }) = behind_a_proxy().await else { return };
    storm(&town, 0).await;
    let mut other = direct.connect().expect("a connection");
    other.batch_execute("BEGIN; SELECT 1 FROM heads FOR UPDATE").expect("all heads locked");
    // As many writers as there are connections wait for the head.
    let writers: Vec<_> = (4..7).map(|number| make(&town, number)).map(|(ask, body)| spawn(timed(ask, Some(body)))).collect();
    sleep(Duration::from_millis(300)).await;
    let (watch, going) = alive(&town);
    let asks = [town.office().get("/v1/meetings"), town.nobody().get("/health/ready"), town.member("教育界").get("/v1/opinions")];
    let others: Vec<_> = asks.into_iter().map(|ask| spawn(timed(ask, None))).collect();
    for one in others {
        let (answer, took) = one.await.expect("an answer");
        is_unavailable(answer, took, Duration::from_millis(2500));
    }
    going.set(false);
    was_alive(watch.await.expect("a watch"));
    other.batch_execute("ROLLBACK").expect("all heads free");
    for writer in writers {
        let (answer, took) = writer.await.expect("an answer");
        assert_eq!(answer.status.as_u16(), 201, "after {took:?}: {}", answer.text());
    }
    town.office().get("/v1/meetings").send().await.is(200);

    // A lock that is never given back: the wait for it ends too.
    other.batch_execute("BEGIN; SELECT 1 FROM heads FOR UPDATE").expect("all heads locked");
    let (ask, body) = make(&town, 7);
    let (answer, took) = timed(ask, Some(body)).await;
    is_unavailable(answer, took, SOON);
    other.batch_execute("ROLLBACK").expect("all heads free");
    let (ask, body) = make(&town, 7);
    insist(ask, body).await.is(201);
    each_is_there_once(&town, 0..8).await;
}

#[actix_web::test]
async fn a_database_file_that_another_process_locks_is_told_in_time() {
    let town = Town::on("sqlite").await;
    let mut other = town.db.place().connect().expect("a connection");
    other.batch_execute("BEGIN IMMEDIATE").expect("the only writer");
    let (watch, going) = alive(&town);
    let writers: Vec<_> = (0..4).map(|number| make(&town, number)).map(|(ask, body)| spawn(timed(ask, Some(body)))).collect();
    sleep(Duration::from_millis(200)).await;
    // Who only reads is not kept waiting.
    for _ in 0..5 {
        let (answer, took) = timed(town.office().get("/v1/meetings"), None).await;
        answer.is(200);
        assert!(took < Duration::from_secs(1), "read after {took:?}");
    }
    for writer in writers {
        let (answer, took) = writer.await.expect("an answer");
        is_unavailable(answer, took, SOON);
    }
    going.set(false);
    was_alive(watch.await.expect("a watch"));
    other.batch_execute("ROLLBACK").expect("free again");
    for number in 0..4 {
        let (ask, body) = make(&town, number);
        insist(ask, body).await.is(201);
    }
    each_is_there_once(&town, 0..4).await;
}

#[actix_web::test]
async fn after_a_panic_its_transaction_is_gone() {
    for town in Town::on_each_engine().await {
        let db = town.db.clone();
        let empty = |conn: &mut Conn| conn.batch_execute("DELETE FROM group_sectors");
        let bug = actix_web::web::block(move || {
            db.write(|conn| -> Maybe<()> {
                empty(conn).expect("no rows");
                panic!("a bug, made for this test")
            })
        });
        assert!(bug.await.is_err());
        // Whoever is next may get the same connection.
        let rows: i64 = town.db.read(|conn| Ok(group_sectors::table.count().get_result(conn)?)).expect("a count");
        assert_eq!(rows, 3, "one a county");
        let (ask, body) = make(&town, 0);
        ask.json(body).await.is(201);
    }
}
