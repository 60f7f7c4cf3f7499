//! The demo county: as large as was promised, consistent with the table of states, the same in every run, and its clock.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use actix_web::web::Data;
use chrono::NaiveDate;
use diesel::prelude::*;
use lianxi::base::id::Id;
use lianxi::base::instant::{Clock, Instant};
use lianxi::base::seal::Seal;
use lianxi::db::engine::PoolSize;
use lianxi::db::schema::*;
use lianxi::db::{Conn, Db, dialect};
use lianxi::demo;
use lianxi::directory::passwords;
use lianxi::opinion::way::{self, Clock as Due, State, To};
use lianxi::policy::{Op, Reach, Role};
use lianxi::{app, record};
use serde_json::{Value, json};

use crate::town::{self, Account, Actor, SECRET, TestPlace, Town, engines};

const PASSWORD: &str = "Lianxi-Demo-2026";
pub const TODAY: &str = "2026-11-24";

/// A settled demo.
pub struct Demo {
    pub db: Db,
    made: demo::Made,
    _place: TestPlace,
}

/// One hash for all tests: making it is what costs time.
fn hash() -> &'static str {
    static HASH: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    HASH.get_or_init(|| passwords::hash(PASSWORD).expect("a hash"))
}

pub fn settle(engine: &str, today: &str) -> Demo {
    let (place, guard) = town::empty(engine);
    let clock = Clock::default();
    clock.set(Instant(format!("{today}T01:00:00Z").parse().expect("an instant")));
    dialect::migrate(&mut place.connect().expect("a connection")).expect("migrations");
    let size = PoolSize { connections: 3, wait: std::time::Duration::from_secs(5) };
    let db = Db::open(place, size, clock, Seal::new(SECRET)).expect("a database");
    let made = demo::settle(&db, hash()).unwrap_or_else(|problem| panic!("{today}: {problem:?}"));
    Demo { db, made, _place: guard }
}

impl Demo {
    pub fn rows<T>(&self, f: impl Fn(&mut Conn) -> QueryResult<T>) -> T {
        self.db.read(|conn| Ok(f(conn)?)).expect("rows")
    }

    fn county(&self, code: &str) -> Id {
        self.rows(|conn| {
            jurisdiction_codes::table
                .filter(jurisdiction_codes::code.eq(code))
                .select(jurisdiction_codes::jurisdiction_id)
                .first(conn)
        })
    }

    /// Its server, as the command starts it; the runtime of the test ends it.
    pub fn serve(&self) -> Actor {
        let config = town::config();
        let house = Data::new(app::house(&config, self.db.clone(), true).expect("a house"));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let server = app::serve_with(&config, house, listener, demo::routes).expect("a server");
        actix_web::rt::spawn(server);
        let account = Account { id: Id::NIL, name: String::new(), person: None, organization: None };
        Actor { base, token: None, account }
    }
}

#[actix_web::test]
async fn a_browser_finds_its_way_and_calls_from_a_page_of_the_same_machine() {
    let nobody = settle("sqlite", TODAY).serve();
    let client = awc::Client::builder().disable_redirects().finish();
    let front = client.get(format!("{}/", nobody.base)).send().await.expect("an answer");
    assert_eq!((front.status().as_u16(), front.headers().get("location").map(|to| to.as_bytes())), (303, Some(&b"/docs"[..])));
    assert_eq!(nobody.get("/favicon.ico").send().await.status.as_u16(), 204);
    let refused = nobody.get("/demo/clock").send().await;
    assert_eq!(refused.header("allow"), Some("OPTIONS, POST"));
    refused.is_problem(405, "method_not_allowed");
    for (origin, may) in [
        ("http://localhost:5173", true),
        ("http://127.0.0.1", true),
        ("https://[::1]:8443", true),
        ("http://localhost.example.cn", false),
        ("http://localhost:5173.example.cn", false),
        ("https://example.cn", false),
        ("null", false),
    ] {
        let answer = nobody.get("/v1/me").header("Origin", origin).send().await;
        assert_eq!(answer.header("access-control-allow-origin"), may.then_some(origin), "{origin}");
    }
}

pub async fn login(nobody: &Actor, account: &str) -> Actor {
    let tokens = nobody.post("/v1/auth/login").json(json!({"account": account, "password": PASSWORD})).await.is(200);
    assert_eq!(tokens["must_change_password"], json!(false), "{account}");
    Actor { token: tokens["access_token"].as_str().map(str::to_owned), ..nobody.clone() }
}

/// The lists that must hold something for somebody to try: beside the directory, which everybody reads.
const FILLED: &[(&str, &[&str])] = &[
    ("admin", &["/v1/accounts"]),
    ("chairperson", &["/v1/contact-events", "/v1/constituents", "/v1/contact-assignments", "/v1/opinions", "/v1/meetings"]),
    ("vice-chairperson", &["/v1/contact-events", "/v1/adoption-feedback", "/v1/me/todos"]),
    ("office", &["/v1/opinions", "/v1/meetings", "/v1/adoption-feedback", "/v1/me/todos", "/v1/me/notifications"]),
    ("committee-1", &["/v1/opinions", "/v1/contact-events", "/v1/contact-assignments", "/v1/me/todos", "/v1/me/notifications"]),
    ("committee-2", &["/v1/opinions", "/v1/contact-events", "/v1/contact-assignments", "/v1/me/todos", "/v1/me/notifications"]),
    (
        "member-affairs",
        &["/v1/contact-events", "/v1/contact-assignments", "/v1/exemptions", "/v1/me/todos", "/v1/me/notifications"],
    ),
    ("member-1", &["/v1/constituents", "/v1/contact-events", "/v1/opinions", "/v1/adoption-feedback", "/v1/me/todos"]),
    ("member-2", &["/v1/constituents", "/v1/contact-events", "/v1/opinions", "/v1/adoption-feedback", "/v1/me/todos"]),
    ("member-3", &["/v1/constituents", "/v1/contact-events", "/v1/opinions", "/v1/contact-assignments", "/v1/me/todos"]),
    ("member-4", &["/v1/constituents", "/v1/contact-events", "/v1/opinions", "/v1/reports/compliance"]),
    ("member-5", &["/v1/constituents", "/v1/contact-events", "/v1/opinions", "/v1/reports/compliance", "/v1/me/todos"]),
    ("contributor", &["/v1/opinions", "/v1/me/notifications", "/v1/me/todos"]),
];

const EVERYBODY: &[&str] =
    &["/v1/jurisdictions", "/v1/settings", "/v1/dictionaries", "/v1/calendars", "/v1/terms", "/v1/sectors", "/v1/organizations"];

#[actix_web::test]
async fn every_account_logs_in_and_reads_what_its_role_reads() {
    for engine in engines() {
        let demo = settle(engine, TODAY);
        let nobody = demo.serve();
        let document = app::document();
        let lists: Vec<(String, Op)> = document["paths"]
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(path, _)| path.starts_with("/v1/") && !path.contains('{'))
            .filter_map(|(path, item)| Some((path.clone(), item["get"]["operationId"].as_str()?.parse::<Op>().ok()?)))
            .collect();
        let names: Vec<&str> = demo.made.logins.iter().map(|login| login.name.as_str()).collect();
        assert_eq!(
            names.iter().copied().collect::<BTreeSet<_>>(),
            BTreeSet::from([
                "admin",
                "auditor",
                "chairperson",
                "clerk",
                "committee-1",
                "committee-2",
                "contributor",
                "group-1",
                "member-1",
                "member-2",
                "member-3",
                "member-4",
                "member-5",
                "member-affairs",
                "office",
                "recipient-1",
                "vice-chairperson",
            ])
        );
        for login_of in &demo.made.logins {
            let actor = login(&nobody, &login_of.name).await;
            let roles: Vec<Role> = login_of.roles.iter().map(|role| role.parse().expect("a role")).collect();
            let me = actor.get("/v1/me").send().await.is(200);
            assert!(!me.is_null(), "{}", login_of.name);
            for (path, op) in &lists {
                let may = roles.iter().any(|role| op.reach(*role) != Reach::Nobody);
                let only_by_phone = roles.iter().all(|role| matches!(op.reach(*role), Reach::Nobody | Reach::ByPhone));
                let answer = actor.get(path).send().await;
                let expected = if !may {
                    403
                } else if only_by_phone {
                    422
                } else {
                    200
                };
                assert_eq!(answer.status.as_u16(), expected, "{} {path}: {}", login_of.name, answer.text());
            }
            let own = FILLED.iter().filter(|(name, _)| *name == login_of.name).flat_map(|(_, paths)| paths.iter());
            for path in own.chain(EVERYBODY) {
                let list = actor.get(path).send().await.is(200);
                assert!(list["items"].as_array().is_some_and(|items| !items.is_empty()), "{} finds {path} empty", login_of.name);
            }
        }
        let verified = demo.db.read(|conn| record::verify_all(conn, demo.db.seal())).expect("chains");
        let entries = verified.unwrap_or_else(|faults| panic!("{faults:?}"));
        assert!(entries >= 16, "each login is an entry: {entries}");
    }
}

#[actix_web::test]
async fn the_county_is_as_large_as_was_promised() {
    for engine in engines() {
        let demo = settle(engine, TODAY);
        let county = demo.county("330327");
        let today: NaiveDate = TODAY.parse().expect("a day");
        let held: Vec<(String, i64)> = demo.rows(|conn| {
            posts::table
                .filter(posts::jurisdiction_id.eq(county))
                .filter(posts::from_day.le(today))
                .group_by(posts::kind)
                .select((posts::kind, diesel::dsl::count_star()))
                .load(conn)
        });
        let held: HashMap<_, _> = held.into_iter().collect();
        assert_eq!((held["chairperson"], held["vice_chairperson"], held["secretary_general"]), (1, 3, 1));
        assert_eq!((held["standing_member"], held["member"]), (40, 241), "one changed the sector");
        macro_rules! count {
            ($table:ident) => {
                demo.rows(|conn| $table::table.filter($table::jurisdiction_id.eq(county)).count().get_result::<i64>(conn))
            };
        }
        assert_eq!((count!(sectors), count!(constituents)), (20, 1300));
        let committees: i64 = demo.rows(|conn| {
            let own = organizations::table.filter(organizations::jurisdiction_id.eq(county));
            own.filter(organizations::kind.eq("special_committee")).count().get_result(conn)
        });
        assert_eq!(committees, 8);
        assert!(count!(contact_events) > 1_000 && count!(opinions) > 300 && count!(meetings) > 20);
        let thin = demo.county("330326");
        let above: Vec<Option<Id>> = demo.rows(|conn| {
            jurisdictions::table.filter(jurisdictions::id.eq_any([county, thin])).select(jurisdictions::parent_id).load(conn)
        });
        assert_eq!(above, [Some(demo.county("330300")); 2]);

        let states = words(&demo, |conn| opinions::table.select(opinions::state).distinct().load(conn));
        let all: BTreeSet<String> = State::ALL.iter().map(|state| state.as_str().to_owned()).collect();
        assert_eq!(states, all);
        let events = words(&demo, |conn| contact_events::table.select(contact_events::state).distinct().load(conn));
        assert_eq!(events, BTreeSet::from(["confirmed", "disputed", "recorded", "voided"].map(str::to_owned)));
        let kinds = words(&demo, |conn| contact_assignments::table.select(contact_assignments::kind).distinct().load(conn));
        assert_eq!(kinds.len(), 3);
        let receipts = words(&demo, |conn| adoption_feedback::table.select(adoption_feedback::state).distinct().load(conn));
        for state in ["acknowledged", "no_response", "not_required", "open"] {
            assert!(receipts.contains(state), "no receipt is {state}");
        }

        let affairs = login(&demo.serve(), "member-affairs").await;
        let statuses = async |year: i32, status: &str| {
            let path = format!("/v1/reports/compliance?year={year}&status={status}&limit=1&with_total=true");
            affairs.get(&path).send().await.is(200)["total"].as_i64().expect("a total")
        };
        assert!(statuses(2025, "met").await > 500 && statuses(2025, "unmet").await > 20);
        assert!(statuses(2026, "met").await > 500 && statuses(2026, "at_risk").await > 20 && statuses(2026, "unmet").await > 0);
    }
}

fn words(demo: &Demo, f: impl Fn(&mut Conn) -> QueryResult<Vec<String>>) -> BTreeSet<String> {
    demo.rows(f).into_iter().collect()
}

type Walked = (Id, State, Option<String>, i64, i64, bool);

/// Every step is one of the table's, each opinion stands where its last step led, and what hangs on it agrees.
fn walk_the_table(demo: &Demo) {
    let opinions: Vec<Walked> = demo.rows(|conn| {
        opinions::table
            .select((opinions::id, opinions::state, opinions::due_kind, opinions::version, opinions::round, opinions::reopened))
            .load(conn)
    });
    type Step = (Id, String, Option<State>, State);
    let steps: Vec<Step> = demo.rows(|conn| {
        use opinion_transitions::dsl;
        dsl::opinion_transitions
            .order((dsl::opinion_id, dsl::id))
            .select((dsl::opinion_id, dsl::op, dsl::from_state, dsl::to_state))
            .load(conn)
    });
    let mut ways: HashMap<Id, Vec<Step>> = HashMap::new();
    steps.into_iter().for_each(|step| ways.entry(step.0).or_default().push(step));
    let open: Vec<Id> =
        demo.rows(|conn| agenda_items::table.filter(agenda_items::state.eq("open")).select(agenda_items::opinion_id).load(conn));
    let receipts: Vec<Id> = demo.rows(|conn| {
        adoption_feedback::table.filter(adoption_feedback::state.eq("open")).select(adoption_feedback::opinion_id).load(conn)
    });
    for (id, state, due, version, round, reopened) in opinions {
        let walked = &ways[&id];
        let mut at = None;
        let mut owed = None;
        for (_, op, from, to) in walked {
            let op: Op = op.parse().expect("an operation");
            assert_eq!(*from, at, "{op} of {id}");
            let edge = way::WAY.iter().find(|edge| {
                let leaves = from.map_or(edge.from.is_empty(), |from| edge.from.contains(&from));
                let leads = match edge.to {
                    To::State(there) => there == *to,
                    To::Same => Some(*to) == *from,
                    To::Gone => false,
                };
                edge.by == op && leaves && leads
            });
            let edge = edge.unwrap_or_else(|| panic!("no edge {op} from {from:?} to {to}"));
            match edge.due {
                Due::Keeps => {}
                Due::Stops => owed = None,
                Due::Starts(kind) => owed = Some(kind.as_str().to_owned()),
            }
            at = Some(*to);
        }
        assert_eq!((at, due), (Some(state), owed), "{id}");
        assert_eq!(version, i64::try_from(walked.len()).expect("few"), "a version a step: {id}");
        assert_eq!(open.iter().filter(|of| **of == id).count(), usize::from(state == State::Reported), "{id} on an agenda");
        assert_eq!(receipts.iter().filter(|of| **of == id).count(), usize::from(state == State::Answered), "receipts of {id}");
        assert!(round > 0 || !matches!(state, State::Answered | State::Closed | State::Declined), "{id} was told nothing");
        assert!(!reopened || state == State::Decided, "{id}");
    }
}

#[actix_web::test]
async fn the_county_keeps_to_the_table_of_states_on_whatever_day_it_is_shown() {
    // A year's first days, the middle, its last day, a coming year without a calendar, a leap day.
    for today in [TODAY, "2026-01-05", "2026-07-01", "2026-12-31", "2027-06-01", "2028-02-29"] {
        let demo = settle("sqlite", today);
        walk_the_table(&demo);
        let states = words(&demo, |conn| opinions::table.select(opinions::state).distinct().load(conn));
        assert_eq!(states.len(), State::ALL.len(), "{today}: {states:?}");
        let day: NaiveDate = today.parse().expect("a day");
        let late: i64 =
            demo.rows(|conn| contact_events::table.filter(contact_events::occurred_on.ge(day)).count().get_result(conn));
        assert_eq!(late, 0, "{today}: what is told ends the day before");
        let future: i64 =
            demo.rows(|conn| opinions::table.filter(opinions::updated_at.gt(demo.db.clock().now())).count().get_result(conn));
        assert_eq!(future, 0, "{today}");
    }
}

#[actix_web::test]
async fn the_same_day_gives_the_same_county() {
    type Rows = (Vec<(Id, String, String)>, Vec<(Id, String)>, Vec<(Id, NaiveDate)>);
    let of = |demo: &Demo| -> Rows {
        (
            demo.rows(|conn| {
                opinions::table.order(opinions::id).select((opinions::id, opinions::title, opinions::state)).load(conn)
            }),
            demo.rows(|conn| persons::table.order(persons::id).select((persons::id, persons::name)).load(conn)),
            demo.rows(|conn| {
                contact_events::table.order(contact_events::id).select((contact_events::id, contact_events::occurred_on)).load(conn)
            }),
        )
    };
    let first = of(&settle("sqlite", TODAY));
    for engine in engines() {
        assert_eq!(of(&settle(engine, TODAY)), first, "{engine}");
    }
    assert_ne!(of(&settle("sqlite", "2026-11-25")), first);
}

#[actix_web::test]
async fn what_was_seeded_is_found_by_a_word_of_it() {
    for engine in engines() {
        let demo = settle(engine, TODAY);
        let office = login(&demo.serve(), "office").await;
        let list = office.get("/v1/opinions?q=%E6%B8%94%E6%B8%AF&limit=5").send().await.is(200);
        let titles: Vec<&str> = list["items"].as_array().into_iter().flatten().filter_map(|one| one["title"].as_str()).collect();
        assert!(!titles.is_empty(), "渔港 is in one of the texts");
        let one = office.get(&format!("/v1/opinions/{}", list["items"][0]["id"].as_str().expect("an id"))).send().await.is(200);
        let whole = format!("{}{}{}{}", one["title"], one["situation"], one["analysis"], one["suggestions"]);
        assert!(whole.contains("渔港"), "{whole}");
    }
}

#[actix_web::test]
async fn the_clock_moves_on_and_what_has_to_pass_passes() {
    for engine in engines() {
        let demo = settle(engine, TODAY);
        let nobody = demo.serve();
        let by_state = |state: &'static str| -> i64 {
            demo.rows(|conn| opinions::table.filter(opinions::state.eq(state)).count().get_result(conn))
        };
        let before: BTreeMap<_, _> = ["returned", "answered", "withdrawn", "closed"].map(|state| (state, by_state(state))).into();
        assert!(before["returned"] > 0 && before["answered"] > 0);

        let clock = || nobody.post("/demo/clock");
        clock().json(json!({"now": "2026-11-23T01:00:00Z"})).await.has_fault("/now", "in_the_past");
        clock().json(json!({"now": "2029-01-01T01:00:00Z"})).await.has_fault("/now", "too_far");
        clock().json(json!({"now": "tomorrow", "then": 1})).await.has_fault("/then", "unknown_field");
        clock().json(json!({"now": "tomorrow"})).await.has_fault("/now", "format");
        clock().json(json!({})).await.has_fault("/now", "required");
        clock().json(json!([])).await.has_fault("", "type");
        clock().bytes("{").await.is_problem(400, "malformed_json");
        clock().header("Content-Type", "text/plain").bytes("{}").await.is_problem(415, "unsupported_media_type");
        nobody.get("/demo/clock").send().await.is_problem(405, "method_not_allowed");

        let moved = clock().json(json!({"now": "2027-01-04T01:00:00Z"})).await.is(200);
        assert!(moved["done"].as_i64().expect("a count") > 0, "{moved}");
        assert!(moved["now"].as_str().expect("an instant").starts_with("2027-01-04T01:00:0"), "{moved}");
        assert_eq!((by_state("returned"), by_state("answered")), (0, 0), "their times have passed");
        assert_eq!(by_state("withdrawn"), before["withdrawn"] + before["returned"]);
        assert_eq!(by_state("closed"), before["closed"] + before["answered"]);
        let reminded: i64 =
            demo.rows(|conn| notifications::table.filter(notifications::kind.eq("opinion_long_overdue")).count().get_result(conn));
        assert!(reminded > 0, "the secretary-general hears of what is long overdue");
        let lapsed: Vec<Instant> = demo.rows(|conn| {
            use opinion_transitions::dsl;
            let late = "2026-11-24T01:00:00Z".parse().map(Instant).expect("an instant");
            dsl::opinion_transitions.filter(dsl::op.eq("opinion_lapse")).filter(dsl::at.gt(late)).select(dsl::at).load(conn)
        });
        let days: BTreeSet<String> = lapsed.iter().map(|at| at.0.date_naive().to_string()).collect();
        assert!(days.len() > 1, "each on its own day: {days:?}");

        // A year's end has passed: what was at risk is unmet.
        let affairs = login(&nobody, "member-affairs").await;
        let report = affairs.get("/v1/reports/compliance?year=2026&status=at_risk&with_total=true").send().await.is(200);
        assert_eq!(report["total"], json!(0));
        let verified = demo.db.read(|conn| record::verify_all(conn, demo.db.seal())).expect("chains");
        assert!(verified.is_ok(), "{verified:?}");
    }
}

#[actix_web::test]
async fn no_other_server_has_the_clock() {
    let town = Town::on("sqlite").await;
    for actor in [town.nobody(), town.admin()] {
        actor.post("/demo/clock").json(json!({"now": "2026-03-03T01:00:00Z"})).await.is_problem(404, "not_found");
    }
    let document = app::document();
    assert_eq!(document["paths"]["/demo/clock"], Value::Null);
}
