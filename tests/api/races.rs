//! Eight who do different things to the same rows at once, for a while: nothing but documented answers, and every deed once.
//!
//! `LIANXI_RACE_SECONDS` is how long, three unless it is set; the nightly run takes thirty.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant as Stopwatch};

use actix_web::rt::spawn;
use actix_web::web::block;
use diesel::prelude::*;
use lianxi::base::id::Id;
use lianxi::db::Conn;
use lianxi::db::schema::{audit_entries, changes, sectors};
use serde_json::{Value, json};

use crate::town::{Actor, Answer, Town};
use crate::traces::chains_are_whole;
use crate::walk::written;

fn lasts() -> Duration {
    Duration::from_secs(std::env::var("LIANXI_RACE_SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(3))
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % count.max(1) as u64) as usize
    }
}

/// What the eight know together.
#[derive(Default)]
struct Board {
    paths: RefCell<HashMap<&'static str, Vec<String>>>,
    /// Things with the version that a deed was acknowledged with.
    done: RefCell<Vec<(Id, i64)>>,
    answers: RefCell<BTreeMap<u16, usize>>,
    strange: RefCell<Vec<String>>,
}

impl Board {
    /// One of the last few of a kind, so that several are at the same.
    fn pick(&self, kind: &str, dice: &mut Dice) -> Option<String> {
        let paths = self.paths.borrow();
        let all = paths.get(kind)?;
        let last = &all[all.len().saturating_sub(4)..];
        last.get(dice.below(last.len())).cloned()
    }

    fn note(&self, what: &str, answer: Answer) -> Option<Value> {
        let status = answer.status.as_u16();
        *self.answers.borrow_mut().entry(status).or_default() += 1;
        if !matches!(status, 200 | 201 | 403 | 404 | 409 | 412 | 422) {
            self.strange.borrow_mut().push(format!("{what}: {}", answer.text()));
        }
        if !matches!(status, 200 | 201) {
            return None;
        }
        let id = answer.json["id"].as_str().and_then(|id| id.parse().ok())?;
        let version = answer.json["etag"].as_str().and_then(|etag| etag.trim_matches('"').parse().ok())?;
        self.done.borrow_mut().push((id, version));
        Some(answer.json)
    }

    async fn make(&self, actor: &Actor, kind: &'static str, body: Value) -> Option<Value> {
        let made = self.note(kind, actor.post(&format!("/v1/{kind}")).json(body).await)?;
        let path = format!("/v1/{kind}/{}", made["id"].as_str().expect("an id"));
        self.paths.borrow_mut().entry(kind).or_default().push(path);
        Some(made)
    }

    /// A deed on one of the things of a kind, as the actor sees it.
    async fn act(&self, actor: &Actor, kind: &str, step: &str, body: Value, dice: &mut Dice) {
        let Some(path) = self.pick(kind, dice) else { return };
        let seen = actor.get(&path).send().await;
        if seen.status.as_u16() != 200 {
            self.note("read", seen);
            return;
        }
        let ask = match step {
            "" => actor.patch(&path),
            step => actor.post(&format!("{path}/{step}")),
        };
        let ask = ask.if_match(&seen.json);
        self.note(&format!("{kind} {step}"), ask.json(body).await);
    }
}

/// One round of one of the eight.
async fn turn(town: &Town, board: &Board, who: usize, dice: &mut Dice) {
    let authors = [town.member("教育界"), town.actor("教育界2")];
    let author = &authors[dice.below(2)];
    let (committee, office, affairs) = (town.committee("教育界"), town.office(), town.affairs());
    let (nothing, reason) = (json!({}), json!({"reason": "说明"}));
    match who {
        0 | 1 => {
            board.make(author, "opinions", written("竞", json!({}))).await;
            board.act(author, "opinions", "submit", nothing, dice).await;
        }
        2 => {
            board.act(author, "opinions", "", json!({"title": format!("改{}", dice.below(1000))}), dice).await;
            board.act(author, "opinions", "withdraw", nothing, dice).await;
        }
        3 => {
            let steps = ["accept", "accept", "return", "decline", "retain"];
            let step = steps[dice.below(5)];
            board.act(&committee, "opinions", step, if step == "accept" { nothing } else { reason }, dice).await;
        }
        4 => {
            let Some(meeting) = board.pick("meetings", dice) else { return };
            let id = meeting.rsplit('/').next().expect("an id").to_owned();
            board.act(&office, "opinions", "report", json!({"meeting_id": id}), dice).await;
        }
        5 => {
            board.make(&office, "meetings", json!({"name": "主席会议", "held_on": "2026-03-20"})).await;
            let (step, body) = if dice.below(2) == 0 { ("close", nothing) } else { ("cancel", reason) };
            board.act(&office, "meetings", step, body, dice).await;
        }
        6 => {
            let path = format!("/v1/sectors/{}", town.county.sectors["农业界"]);
            board.paths.borrow_mut().insert("sectors", vec![path]);
            board.act(&affairs, "sectors", "", json!({"position": dice.below(1000)}), dice).await;
        }
        _ => {
            board
                .make(
                    author,
                    "contact-events",
                    json!({"occurred_on": "2026-03-01", "form": "visit", "others_count": 1, "summary": "走访"}),
                )
                .await;
            let actor = [&authors[0], &authors[1], &affairs][dice.below(3)];
            board.act(actor, "contact-events", "void", reason, dice).await;
            board.act(author, "contact-events", "", json!({"others_count": dice.below(50)}), dice).await;
        }
    }
}

#[actix_web::test]
async fn eight_who_do_different_things_at_once_get_documented_answers_and_each_deed_is_done_once() {
    for town in Town::on_each_engine().await {
        let (town, board) = (Rc::new(town), Rc::new(Board::default()));
        let until = Stopwatch::now() + lasts();
        let eight: Vec<_> = (0..8)
            .map(|who| {
                let (town, board) = (town.clone(), board.clone());
                spawn(async move {
                    let mut dice = Dice(who as u64 + 1);
                    while Stopwatch::now() < until {
                        turn(&town, &board, who, &mut dice).await;
                        // Whoever finds nothing to do lets the others go on.
                        actix_web::rt::task::yield_now().await;
                    }
                })
            })
            .collect();
        for one in eight {
            one.await.expect("one of the eight");
        }
        let answers = board.answers.borrow().clone();
        eprintln!("{}: {answers:?}", if town.db.place().is_sqlite() { "SQLite" } else { "PostgreSQL" });
        assert!(board.strange.borrow().is_empty(), "{:#?}", board.strange.borrow());
        assert!(answers.get(&200).is_some_and(|count| *count > 10), "{answers:?}");
        each_is_there_once(&town, &board.done.borrow());
        chains_are_whole(&town);
        deadlocks_are_none(&town);
    }
}

/// Two transactions that take two rows in opposite order: one is the engine's victim, and its caller never learns of it.
#[actix_web::test]
async fn who_loses_a_deadlock_is_tried_again() {
    for town in Town::on_each_engine().await.into_iter().filter(|town| !town.db.place().is_sqlite()) {
        let first = Arc::new(Barrier::new(2));
        let tries = Arc::new(AtomicUsize::new(0));
        let in_order = |rows: [&str; 2]| {
            let (db, tries, first, rows) =
                (town.db.clone(), tries.clone(), first.clone(), rows.map(|name| town.county.sectors[name]));
            block(move || {
                let met = Cell::new(false);
                db.write(|conn| {
                    tries.fetch_add(1, Ordering::Relaxed);
                    let take = |conn: &mut Conn, row: Id| {
                        diesel::update(sectors::table.find(row)).set(sectors::version.eq(sectors::version + 1)).execute(conn)
                    };
                    take(conn, rows[0])?;
                    if !met.replace(true) {
                        first.wait();
                    }
                    take(conn, rows[1])?;
                    Ok(())
                })
            })
        };
        let both = futures_util::future::join(in_order(["教育界", "经济界"]), in_order(["经济界", "教育界"])).await;
        both.0.expect("a thread").expect("the first");
        both.1.expect("a thread").expect("the second");
        assert!(tries.load(Ordering::Relaxed) > 2, "there was no deadlock");
        let versions: Vec<i64> = town.rows(|conn| {
            let ours = [town.county.sectors["教育界"], town.county.sectors["经济界"]];
            sectors::table.filter(sectors::id.eq_any(ours)).select(sectors::version).load(conn).expect("versions")
        });
        assert_eq!(versions, [3, 3]);
    }
}

/// Every acknowledged version has one change record, and neither feed nor log has a gap.
fn each_is_there_once(town: &Town, done: &[(Id, i64)]) {
    let feed: Vec<(i64, Id, i64)> = town.rows(|conn| {
        let ours = changes::table.filter(changes::jurisdiction_id.eq(town.county.id)).order(changes::seq);
        ours.select((changes::seq, changes::thing_id, changes::version)).load(conn).expect("the feed")
    });
    assert!(feed.iter().zip(1..).all(|((seq, ..), number)| *seq == number), "the feed has a gap");
    let mut times: HashMap<(Id, i64), usize> = HashMap::new();
    for (_, thing, version) in feed {
        *times.entry((thing, version)).or_default() += 1;
    }
    for one in done {
        assert_eq!(times.get(one), Some(&1), "{one:?}");
    }
    let (entries, last): (i64, Option<i64>) = town.rows(|conn| {
        let ours = audit_entries::table.filter(audit_entries::jurisdiction_id.eq(town.county.id));
        ours.select((diesel::dsl::count_star(), diesel::dsl::max(audit_entries::seq))).first(conn).expect("counts")
    });
    assert_eq!(Some(entries), last);
}

fn deadlocks_are_none(town: &Town) {
    #[derive(QueryableByName)]
    struct Deadlocks {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        deadlocks: i64,
    }
    let count = town.rows(|conn| match conn {
        Conn::Postgresql(conn) => {
            diesel::sql_query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
                .get_result::<Deadlocks>(conn)
                .expect("figures")
                .deadlocks
        }
        Conn::Sqlite(_) => 0,
    });
    assert_eq!(count, 0, "deadlocks");
}
