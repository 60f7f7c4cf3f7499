//! A small county on a fresh database, a server on a free port, and a client for each of its people.
//!
//! `for town in Town::on_each_engine().await` runs a test's body on SQLite and, where `TEST_DATABASE_URL` names a server, on
//! PostgreSQL. The clock stands still at 10 in the morning of Monday, 2 March 2026, unless a test moves it.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use actix_web::http::{Method, StatusCode, header::HeaderMap};
use chrono::NaiveDate;
use diesel::prelude::*;
use lianxi::app;
use lianxi::base::id::Id;
use lianxi::base::instant::{Clock, Instant};
use lianxi::base::problem::FAULTS;
use lianxi::base::seal::Seal;
use lianxi::config::Config;
use lianxi::db::engine::{Place, PoolSize};
use lianxi::db::schema::*;
use lianxi::db::{Conn, Db, dialect};
use lianxi::http::house::House;
use lianxi::http::turns::{self, Turns};
use lianxi::policy::Role;
use lianxi::policy::token::{AUDIENCE, Claims, ISSUER};
use lianxi::record;
use serde_json::Value;

pub const NOW: &str = "2026-03-02T02:00:00Z";
pub const SECRET: &str = "a secret for tests, of more than thirty-two characters";

/// How many passwords an instance of the tests hashes at once.
pub const TURNS: usize = 64;

/// A county and its server.
pub struct Town {
    pub db: Db,
    pub base: String,
    pub clock: Clock,
    pub county: County,
    /// A second county under the same city, for scopes.
    pub elsewhere: County,
    /// The city above both.
    pub above: County,
    house: actix_web::web::Data<House>,
    server: actix_web::dev::ServerHandle,
    _place: TestPlace,
}

/// One jurisdiction's ids, by the names that tests use.
#[derive(Clone, Debug, Default)]
pub struct County {
    pub id: Id,
    pub code: String,
    pub term: Id,
    pub sectors: HashMap<String, Id>,
    pub organizations: HashMap<String, Id>,
    pub persons: HashMap<String, Id>,
    pub accounts: HashMap<String, Account>,
}

#[derive(Clone, Debug)]
pub struct Account {
    pub id: Id,
    pub name: String,
    pub person: Option<Id>,
    pub organization: Option<Id>,
}

/// Where a test's data lives; gone with it.
pub struct TestPlace {
    /// Removed with the town.
    _folder: Option<Folder>,
    dropped: Option<(String, String)>,
}

struct Folder(std::path::PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Drop for TestPlace {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.dropped
            && let Ok(mut conn) = PgConnection::establish(server)
        {
            let _ = diesel::sql_query(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).execute(&mut conn);
        }
    }
}

/// A server and its house; it serves until the test's runtime ends.
pub struct Instance {
    pub house: actix_web::web::Data<House>,
    pub base: String,
    server: actix_web::dev::ServerHandle,
}

impl Instance {
    pub fn start(place: &Place, clock: &Clock, config: &Config) -> Self {
        let size = PoolSize { connections: 3, wait: config.connection_wait };
        let db = Db::open(place.clone(), size, clock.clone(), seal()).expect("a database");
        let mut house = app::house(config, db, false).expect("a house");
        // On a busy machine no test is to be told to come back.
        house.turns = Turns::new(TURNS, turns::PATIENCE);
        let house = actix_web::web::Data::new(house);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let started = app::serve_house(config, house.clone(), listener).expect("a server");
        let server = started.handle();
        actix_web::rt::spawn(started);
        Self { house, base, server }
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        // Ends the listener; the runtime of the test ends the rest.
        drop(self.server.stop(false));
    }
}

/// The engines that this run has.
pub fn engines() -> Vec<&'static str> {
    static SAID: OnceLock<()> = OnceLock::new();
    let given = std::env::var("TEST_DATABASE_URL").is_ok();
    SAID.get_or_init(|| {
        eprintln!(
            "engines: SQLite{}",
            if given { " and PostgreSQL" } else { " (TEST_DATABASE_URL is not set: PostgreSQL is left out)" }
        );
    });
    if given { vec!["sqlite", "postgresql"] } else { vec!["sqlite"] }
}

fn unique() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("lianxi_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A fresh, migrated and settled database, copied from one that this process made first.
pub fn fresh(engine: &str) -> (Place, TestPlace, County, County, County) {
    static SQLITE: OnceLock<(std::path::PathBuf, [County; 3])> = OnceLock::new();
    static POSTGRESQL: OnceLock<(String, [County; 3])> = OnceLock::new();
    let name = unique();
    if engine == "sqlite" {
        let (template, [county, elsewhere, above]) = SQLITE.get_or_init(|| {
            let folder = std::env::temp_dir().join(format!("{}_template", unique()));
            std::fs::create_dir_all(&folder).expect("a folder");
            let file = folder.join("template.db");
            let counties = settle(&Place::Sqlite(file.clone()));
            (file, counties)
        });
        let folder = std::env::temp_dir().join(&name);
        std::fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join("town.db");
        std::fs::copy(template, &file).expect("a copy of the template");
        let place = TestPlace { _folder: Some(Folder(folder)), dropped: None };
        return (Place::Sqlite(file), place, county.clone(), elsewhere.clone(), above.clone());
    }
    let server = std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL");
    let (template, [county, elsewhere, above]) = POSTGRESQL.get_or_init(|| {
        let template = format!("{}_template", unique());
        let mut conn = PgConnection::establish(&server).expect("the PostgreSQL of TEST_DATABASE_URL");
        diesel::sql_query(format!("CREATE DATABASE {template}")).execute(&mut conn).expect("a template");
        let counties = settle(&Place::Postgresql(with_database(&server, &template)));
        (template, counties)
    });
    let mut conn = PgConnection::establish(&server).expect("the PostgreSQL of TEST_DATABASE_URL");
    diesel::sql_query(format!("CREATE DATABASE {name} TEMPLATE {template}")).execute(&mut conn).expect("a copy of the template");
    let place = TestPlace { _folder: None, dropped: Some((server.clone(), name.clone())) };
    (Place::Postgresql(with_database(&server, &name)), place, county.clone(), elsewhere.clone(), above.clone())
}

/// A database with nothing in it, not even tables.
pub fn empty(engine: &str) -> (Place, TestPlace) {
    let name = unique();
    if engine == "sqlite" {
        let folder = std::env::temp_dir().join(&name);
        std::fs::create_dir_all(&folder).expect("a folder");
        return (Place::Sqlite(folder.join("empty.db")), TestPlace { _folder: Some(Folder(folder)), dropped: None });
    }
    let server = std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL");
    let mut conn = PgConnection::establish(&server).expect("the PostgreSQL of TEST_DATABASE_URL");
    diesel::sql_query(format!("CREATE DATABASE {name}")).execute(&mut conn).expect("a database");
    let place = TestPlace { _folder: None, dropped: Some((server.clone(), name.clone())) };
    (Place::Postgresql(with_database(&server, &name)), place)
}

/// The server's URL with another database's name.
fn with_database(server: &str, name: &str) -> String {
    let (head, query) = server.split_once('?').map_or((server, String::new()), |(head, query)| (head, format!("?{query}")));
    let start = head.rfind('/').filter(|at| *at > head.find("://").map_or(0, |at| at + 2)).unwrap_or(head.len());
    format!("{}/{name}{query}", &head[..start])
}

fn settle(place: &Place) -> [County; 3] {
    let mut conn = place.connect().expect("a connection");
    dialect::migrate(&mut conn).expect("migrations");
    let above = county(&mut conn, "330300", "温州市", None);
    let town = county(&mut conn, "330327", "苍南县", Some(above.id));
    let elsewhere = county(&mut conn, "330326", "平阳县", Some(above.id));
    if let Conn::Sqlite(conn) = &mut conn {
        diesel::connection::SimpleConnection::batch_execute(conn, "PRAGMA wal_checkpoint(TRUNCATE)").expect("a checkpoint");
    }
    [town, elsewhere, above]
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn now() -> Instant {
    Instant(NOW.parse().expect("an instant"))
}

fn seal() -> Seal {
    Seal::new(SECRET)
}

/// Bodies, sectors, people and one account a role, as rows: tests of other resources need not make them over HTTP.
fn county(conn: &mut Conn, code: &str, name: &str, parent: Option<Id>) -> County {
    let (id, from) = (Id::fresh(), day("2022-01-01"));
    let mut it = County { id, code: code.to_owned(), term: Id::fresh(), ..County::default() };
    diesel::insert_into(jurisdictions::table)
        .values((
            jurisdictions::id.eq(id),
            jurisdictions::parent_id.eq(parent),
            jurisdictions::name.eq(name),
            jurisdictions::level.eq(if parent.is_some() { "county" } else { "city" }),
            jurisdictions::time_zone.eq("Asia/Shanghai"),
            jurisdictions::version.eq(1_i64),
            jurisdictions::created_at.eq(now()),
            jurisdictions::updated_at.eq(now()),
        ))
        .execute(conn)
        .expect("a jurisdiction");
    diesel::insert_into(jurisdiction_codes::table)
        .values((
            jurisdiction_codes::id.eq(Id::fresh()),
            jurisdiction_codes::jurisdiction_id.eq(id),
            jurisdiction_codes::code.eq(code),
            jurisdiction_codes::from_day.eq(from),
        ))
        .execute(conn)
        .expect("a code");
    record::begin(conn, &seal(), id).expect("a head");
    diesel::insert_into(terms::table)
        .values((
            terms::id.eq(it.term),
            terms::jurisdiction_id.eq(id),
            terms::name.eq("十届"),
            terms::starts_on.eq(from),
            terms::ends_on.eq(day("2026-12-31")),
            terms::version.eq(1_i64),
            terms::created_at.eq(now()),
            terms::updated_at.eq(now()),
        ))
        .execute(conn)
        .expect("a term");
    for (position, sector) in ["经济界", "教育界", "农业界"].into_iter().enumerate() {
        it.sector(conn, sector, position as i64);
    }
    for (kind, name) in [
        ("general_office", "办公室"),
        ("member_affairs_committee", "委员工委"),
        ("chairpersons_meeting", "主席会议"),
        ("special_committee", "经济委"),
        ("special_committee", "教科卫体委"),
        ("sector_group", "教育界活动组"),
        ("department", "县府办"),
        ("party", "民盟县委会"),
    ] {
        it.organization(conn, kind, name);
    }
    for (sector, committee) in [("经济界", "经济委"), ("教育界", "教科卫体委")] {
        diesel::insert_into(sector_correspondences::table)
            .values((
                sector_correspondences::id.eq(Id::fresh()),
                sector_correspondences::jurisdiction_id.eq(id),
                sector_correspondences::sector_id.eq(it.sectors[sector]),
                sector_correspondences::organization_id.eq(it.organizations[committee]),
                sector_correspondences::from_day.eq(from),
                sector_correspondences::version.eq(1_i64),
                sector_correspondences::created_at.eq(now()),
                sector_correspondences::updated_at.eq(now()),
            ))
            .execute(conn)
            .expect("a correspondence");
    }
    diesel::insert_into(group_sectors::table)
        .values((
            group_sectors::organization_id.eq(it.organizations["教育界活动组"]),
            group_sectors::sector_id.eq(it.sectors["教育界"]),
        ))
        .execute(conn)
        .expect("a group's sector");

    for (label, post) in [("主席", "chairperson"), ("副主席", "vice_chairperson"), ("秘书长", "secretary_general")] {
        let person = it.person(conn, label);
        it.post(conn, person, "member", Some("经济界"));
        it.post(conn, person, post, None);
        it.account(conn, label, &[Role::Leader], Some(person), None);
    }
    // Two members a sector; the first of each is a standing member.
    for sector in ["经济界", "教育界", "农业界"] {
        for number in 1..=2 {
            let label = format!("{sector}{number}");
            let person = it.person(conn, &label);
            it.post(conn, person, "member", Some(sector));
            if number == 1 {
                it.post(conn, person, "standing_member", None);
            }
            it.account(conn, &label, &[Role::Member], Some(person), None);
        }
    }
    for (label, role, body) in [
        ("办公室", Role::Office, "办公室"),
        ("委员工委", Role::MemberAffairs, "委员工委"),
        ("经济委", Role::Committee, "经济委"),
        ("教科卫体委", Role::Committee, "教科卫体委"),
        ("教育界活动组", Role::Group, "教育界活动组"),
        ("县府办", Role::Recipient, "县府办"),
        ("民盟县委会", Role::Contributor, "民盟县委会"),
    ] {
        let person = it.person(conn, &format!("{label}干部"));
        let organization = it.organizations[body];
        it.membership(conn, person, organization, "chair");
        it.account(conn, label, &[role], Some(person), Some(organization));
    }
    let informant = it.person(conn, "信息员");
    it.account(conn, "信息员", &[Role::Contributor], Some(informant), None);
    it.account(conn, "管理员", &[Role::Admin], None, None);
    it.account(conn, "审计员", &[Role::Auditor], None, None);
    it
}

impl County {
    fn sector(&mut self, conn: &mut Conn, name: &str, position: i64) {
        let id = Id::fresh();
        diesel::insert_into(sectors::table)
            .values((
                sectors::id.eq(id),
                sectors::jurisdiction_id.eq(self.id),
                sectors::name.eq(name),
                sectors::position.eq(position),
                sectors::from_day.eq(day("2022-01-01")),
                sectors::version.eq(1_i64),
                sectors::created_at.eq(now()),
                sectors::updated_at.eq(now()),
            ))
            .execute(conn)
            .expect("a sector");
        self.sectors.insert(name.to_owned(), id);
    }

    fn organization(&mut self, conn: &mut Conn, kind: &str, name: &str) {
        let id = Id::fresh();
        diesel::insert_into(organizations::table)
            .values((
                organizations::id.eq(id),
                organizations::jurisdiction_id.eq(self.id),
                organizations::kind.eq(kind),
                organizations::name.eq(name),
                organizations::position.eq(0_i64),
                organizations::from_day.eq(day("2022-01-01")),
                organizations::version.eq(1_i64),
                organizations::created_at.eq(now()),
                organizations::updated_at.eq(now()),
            ))
            .execute(conn)
            .expect("an organization");
        self.organizations.insert(name.to_owned(), id);
    }

    pub fn person(&mut self, conn: &mut Conn, name: &str) -> Id {
        let id = Id::fresh();
        diesel::insert_into(persons::table)
            .values((
                persons::id.eq(id),
                persons::jurisdiction_id.eq(self.id),
                persons::name.eq(name),
                persons::version.eq(1_i64),
                persons::created_at.eq(now()),
                persons::updated_at.eq(now()),
            ))
            .execute(conn)
            .expect("a person");
        self.persons.insert(name.to_owned(), id);
        id
    }

    pub fn post(&self, conn: &mut Conn, person: Id, kind: &str, sector: Option<&str>) {
        diesel::insert_into(posts::table)
            .values((
                posts::id.eq(Id::fresh()),
                posts::jurisdiction_id.eq(self.id),
                posts::person_id.eq(person),
                posts::kind.eq(kind),
                posts::term_id.eq(self.term),
                posts::sector_id.eq(sector.map(|name| self.sectors[name])),
                posts::from_day.eq(day("2022-01-01")),
                posts::version.eq(1_i64),
                posts::created_at.eq(now()),
                posts::updated_at.eq(now()),
            ))
            .execute(conn)
            .expect("a post");
    }

    pub fn membership(&self, conn: &mut Conn, person: Id, organization: Id, duty: &str) {
        diesel::insert_into(memberships::table)
            .values((
                memberships::id.eq(Id::fresh()),
                memberships::jurisdiction_id.eq(self.id),
                memberships::person_id.eq(person),
                memberships::organization_id.eq(organization),
                memberships::duty.eq(duty),
                memberships::from_day.eq(day("2022-01-01")),
                memberships::version.eq(1_i64),
                memberships::created_at.eq(now()),
                memberships::updated_at.eq(now()),
            ))
            .execute(conn)
            .expect("a membership");
    }

    /// An account named `{code}-{label}`; its password is no password's hash: tests sign its tokens themselves.
    pub fn account(&mut self, conn: &mut Conn, label: &str, roles: &[Role], person: Option<Id>, organization: Option<Id>) {
        let (id, name) = (Id::fresh(), format!("{}-{label}", self.code));
        diesel::insert_into(accounts::table)
            .values((
                accounts::id.eq(id),
                accounts::jurisdiction_id.eq(self.id),
                accounts::name.eq(&name),
                accounts::password_hash.eq("!"),
                accounts::must_change_password.eq(false),
                accounts::password_changed_at.eq(now()),
                accounts::disabled.eq(false),
            ))
            .execute(conn)
            .expect("an account");
        diesel::insert_into(account_persons::table)
            .values((
                account_persons::jurisdiction_id.eq(self.id),
                account_persons::account_id.eq(id),
                account_persons::person_id.eq(person),
                account_persons::version.eq(1_i64),
                account_persons::created_at.eq(now()),
                account_persons::updated_at.eq(now()),
            ))
            .execute(conn)
            .expect("an account's person");
        self.accounts.insert(label.to_owned(), Account { id, name, person, organization });
        for role in roles {
            self.grant(conn, label, *role, organization);
        }
    }

    /// A further role of an account.
    pub fn grant(&self, conn: &mut Conn, label: &str, role: Role, organization: Option<Id>) {
        let account = &self.accounts[label];
        let by_person = matches!(role, Role::Member | Role::Leader) || (role == Role::Contributor && organization.is_none());
        diesel::insert_into(account_roles::table)
            .values((
                account_roles::id.eq(Id::fresh()),
                account_roles::jurisdiction_id.eq(self.id),
                account_roles::account_id.eq(account.id),
                account_roles::role.eq(role.as_str()),
                account_roles::person_id.eq(account.person.filter(|_| by_person)),
                account_roles::organization_id.eq(organization),
            ))
            .execute(conn)
            .expect("a role");
    }
}

impl Town {
    /// One town for each engine that this run has.
    pub async fn on_each_engine() -> Vec<Self> {
        let mut towns = Vec::new();
        for engine in engines() {
            towns.push(Self::on(engine).await);
        }
        towns
    }

    pub async fn on(engine: &str) -> Self {
        let engine = engine.to_owned();
        let (place, guard, county, elsewhere, above) = actix_web::web::block(move || fresh(&engine)).await.expect("a place");
        Self::serve(place, guard, county, elsewhere, above).await
    }

    pub async fn serve(place: Place, guard: TestPlace, county: County, elsewhere: County, above: County) -> Self {
        let clock = Clock::default();
        clock.fix(now());
        let Instance { house, base, server } = Instance::start(&place, &clock, &config());
        let db = house.db.clone();
        Self { db, base, clock, county, elsewhere, above, house, server, _place: guard }
    }

    /// Moves the clock to an instant like `2026-03-05T02:00:00Z`.
    pub fn at(&self, instant: &str) {
        self.clock.fix(Instant(instant.parse().expect("an instant")));
    }

    /// A client for the account of this label, e.g. `办公室`, `教育界1`, `管理员`.
    pub fn actor(&self, label: &str) -> Actor {
        self.of(&self.county, label)
    }

    pub fn of(&self, county: &County, label: &str) -> Actor {
        let account = county.accounts.get(label).unwrap_or_else(|| panic!("no account {label}")).clone();
        let now = self.clock.now().0.timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: account.id,
            jti: Id::fresh(),
            sid: None,
            iat: now,
            exp: now + 86_400 * 800,
            jurisdiction: county.code.clone(),
            jurisdiction_id: county.id,
            roles: Vec::new(),
        };
        let token = self.house.tokens.sign(&claims).expect("a token");
        Actor { base: self.base.clone(), token: Some(token), account }
    }

    pub fn office(&self) -> Actor {
        self.actor("办公室")
    }

    pub fn affairs(&self) -> Actor {
        self.actor("委员工委")
    }

    pub fn admin(&self) -> Actor {
        self.actor("管理员")
    }

    pub fn leader(&self) -> Actor {
        self.actor("主席")
    }

    /// The first member of a sector.
    pub fn member(&self, sector: &str) -> Actor {
        self.actor(&format!("{sector}1"))
    }

    /// Who speaks for the committee that corresponds to a sector.
    pub fn committee(&self, sector: &str) -> Actor {
        self.actor(if sector == "经济界" { "经济委" } else { "教科卫体委" })
    }

    /// Somebody without a token.
    pub fn nobody(&self) -> Actor {
        let account = Account { id: Id::NIL, name: String::new(), person: None, organization: None };
        Actor { base: self.base.clone(), token: None, account }
    }

    /// Runs `f` on a connection, to put rows in or look at them.
    pub fn rows<T>(&self, f: impl Fn(&mut Conn) -> T) -> T {
        self.db.write(|conn| Ok(f(conn))).expect("a transaction")
    }

    pub fn house(&self) -> &House {
        &self.house
    }

    /// The same, for another thread.
    pub fn data(&self) -> actix_web::web::Data<House> {
        self.house.clone()
    }

    /// One more instance on the same database, with settings of its own.
    pub fn instance(&self, more: &[(&str, &str)]) -> Instance {
        Instance::start(self.db.place(), &self.clock, &config_with(more))
    }
}

/// What the tests' instances run with.
pub fn config() -> Config {
    config_with(&[])
}

/// The same, some keys otherwise.
pub fn config_with(more: &[(&str, &str)]) -> Config {
    let pairs = [
        ("LIANXI_SECRET", SECRET),
        ("LIANXI_CORS_ORIGINS", "https://front.example.cn"),
        ("LIANXI_REQUESTS_PER_MINUTE", "1000000"),
        ("LIANXI_LOGINS_PER_MINUTE", "1000000"),
        ("LIANXI_WORKERS", "1"),
    ];
    Config::load(None, pairs.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
        .expect("a configuration")
}

/// A client who speaks as one account.
#[derive(Clone)]
pub struct Actor {
    pub base: String,
    pub token: Option<String>,
    pub account: Account,
}

impl Actor {
    /// The same, at another instance.
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    pub fn person(&self) -> Id {
        self.account.person.expect("an account with a person")
    }

    pub fn get(&self, path: &str) -> Ask {
        self.ask(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> Ask {
        self.ask(Method::POST, path)
    }

    pub fn put(&self, path: &str) -> Ask {
        self.ask(Method::PUT, path)
    }

    pub fn patch(&self, path: &str) -> Ask {
        self.ask(Method::PATCH, path)
    }

    pub fn delete(&self, path: &str) -> Ask {
        self.ask(Method::DELETE, path)
    }

    pub fn ask(&self, method: Method, path: &str) -> Ask {
        let mut headers = Vec::new();
        if let Some(token) = &self.token {
            headers.push(("Authorization".to_owned(), format!("Bearer {token}")));
        }
        Ask { url: format!("{}{path}", self.base), method, headers, body: None }
    }
}

/// A request being made.
#[derive(Clone)]
pub struct Ask {
    pub url: String,
    pub method: Method,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
}

impl Ask {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// `If-Match` with the etag of a thing that was read.
    pub fn if_match(self, thing: &Value) -> Self {
        let etag = thing["etag"].as_str().expect("a thing with an etag").to_owned();
        self.header("If-Match", &etag)
    }

    pub fn key(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }

    pub async fn json(self, body: Value) -> Answer {
        self.bytes(body.to_string()).await
    }

    /// A body as it is, with the content type that the method wants unless one was given.
    pub async fn bytes(mut self, body: impl Into<Vec<u8>>) -> Answer {
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            let patch = self.method == Method::PATCH;
            let kind = if patch { "application/merge-patch+json" } else { "application/json" };
            self.headers.push(("Content-Type".to_owned(), kind.to_owned()));
        }
        self.body = Some(body.into());
        self.send().await
    }

    pub async fn send(self) -> Answer {
        let client = awc::Client::builder().timeout(Duration::from_secs(60)).finish();
        let mut request = client.request(self.method.clone(), &self.url);
        for (name, value) in &self.headers {
            request = request.append_header((name.as_str(), value.as_str()));
        }
        let sent = match self.body {
            Some(body) => request.send_body(body).await,
            None => request.send().await,
        };
        let mut response = sent.unwrap_or_else(|error| panic!("{} {}: {error}", self.method, self.url));
        let body = response.body().limit(64 * 1024 * 1024).await.expect("a body").to_vec();
        Answer {
            status: response.status(),
            headers: response.headers().clone(),
            json: serde_json::from_slice(&body).unwrap_or(Value::Null),
            body,
        }
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub json: Value,
    pub body: Vec<u8>,
}

impl Answer {
    /// The JSON of an answer with this status.
    #[track_caller]
    pub fn is(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self.json
    }

    /// A documented refusal; answers the problem for a closer look.
    #[track_caller]
    #[expect(clippy::wrong_self_convention, reason = "an answer is looked at once, in a sentence")]
    pub fn is_problem(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status.as_u16(), self.json["code"].as_str()), (status, Some(code)), "{}", self.text());
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        for field in ["type", "title", "status", "detail", "instance", "request_id"] {
            assert!(!self.json[field].is_null(), "a problem without {field}");
        }
        for fault in self.json["errors"].as_array().into_iter().flatten() {
            let code = fault["code"].as_str().unwrap_or_default();
            assert!(FAULTS.iter().any(|(known, _)| *known == code), "{code} is not explained in base/problem.rs");
        }
        self.json
    }

    /// 422 with a fault of this code at this pointer, perhaps among others.
    #[track_caller]
    pub fn has_fault(self, pointer: &str, code: &str) {
        let problem = self.is_problem(422, "invalid_input");
        let found =
            problem["errors"].as_array().into_iter().flatten().any(|fault| fault["pointer"] == pointer && fault["code"] == code);
        assert!(found, "no fault {code} at {pointer}: {problem}");
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// How many rounds a race runs; the nightly run asks for more.
pub fn rounds() -> usize {
    std::env::var("LIANXI_RACES").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(30)
}

/// Runs requests at the same time and gives their answers.
pub async fn at_once(asks: Vec<(Ask, Value)>) -> Vec<Answer> {
    let started: Vec<_> = asks.into_iter().map(|(ask, body)| actix_web::rt::spawn(ask.json(body))).collect();
    let mut answers = Vec::new();
    for one in started {
        answers.push(one.await.expect("an answer"));
    }
    answers
}
