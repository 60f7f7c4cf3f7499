//! The service beside the bare floor, in one run and in turn, on the same data.
//!
//! ```sh
//! cargo bench --bench speed -- --size city
//! ```
//!
//! For each hot operation: requests a second, how long they took, processor time a request of both, and the ratio of the two,
//! which is the figure to steer by: the others change with whatever else the machine does. Then how soon it starts, and how much
//! memory it has under 64 connections. `--database URL` keeps the data for the next run, `--help` tells the rest.

mod floor;
mod load;
mod process;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use clap::Parser;
use lianxi::base::id::Id;
use lianxi::base::instant::Clock;
use lianxi::base::seal::Seal;
use lianxi::base::text::{query_tokens, search_form};
use lianxi::db::Db;
use lianxi::db::engine::{Place, PoolSize};
use lianxi::opinion::opinions::similar::telling;
use serde_json::{Value, json};

use load::{Line, Seen, Until};
use process::Server;

/// Rows of a page.
const PAGE: i64 = 20;
/// The page that is far; a committee that has fewer is asked for its last.
const FAR: usize = 2_000;
const WORDS: [&str; 4] = ["斑马", "路灯", "养老", "停车"];
const FORMS: [&str; 7] = ["visit", "interview", "symposium", "telephone", "online", "letter", "reciprocal_visit"];
const PASSWORD: &str = "Bench-Lianxi-2026";
const SECRET: &str = "a secret for measuring, of more than 32 characters";
/// Of a county's accounts: who asks for pages, who searches, who writes.
const NAMES: [&str; 3] = ["committee-1", "office", "member-1"];

/// The service beside the bare floor
#[derive(Parser)]
struct Args {
    /// Where the data is, or is to be; without it a new SQLite file that goes when the run ends
    #[arg(long)]
    database: Option<String>,
    /// How much data, where there is none: county or city
    #[arg(long, default_value = "city")]
    size: String,
    /// Seconds of each round of reads
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Writes of each round
    #[arg(long, default_value_t = 400)]
    writes: usize,
    /// Rounds of each, service and floor in turn
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Requests at once
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// Only operations whose name holds this
    #[arg(long, default_value = "")]
    only: String,
    /// Serve the floor on that database: the process that the run starts
    #[arg(long, hide = true)]
    floor: bool,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let done = if args.floor { serve_floor(&args) } else { measure(&args) };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(told) => {
            eprintln!("{told}");
            ExitCode::FAILURE
        }
    }
}

fn serve_floor(args: &Args) -> Result<(), String> {
    let url = args.database.clone().ok_or("--floor needs --database")?;
    let size = PoolSize { connections: 8, wait: Duration::from_secs(5) };
    let db = Db::open(Place::parse(&url)?, size, Clock::default(), Seal::new(SECRET))?;
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    println!("http://{}", listener.local_addr().map_err(|error| error.to_string())?);
    floor::serve(db, NAMES, listener)
}

fn lianxi(database: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lianxi"));
    command
        .env("DATABASE_URL", database)
        .env("LIANXI_SECRET", SECRET)
        .env("LIANXI_LISTEN", "127.0.0.1:0")
        .env("LIANXI_REQUESTS_PER_MINUTE", "100000000")
        .env("LIANXI_LOGINS_PER_MINUTE", "100000000");
    command
}

/// Fills an empty database; one that is filled stays as it is.
fn fill(database: &str, size: &str) -> Result<(), String> {
    let command = &mut lianxi(database);
    let done = command.args(["seed", "--size", size, "--password", PASSWORD]).stdout(Stdio::null()).output();
    let done = done.map_err(|error| error.to_string())?;
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    if done.status.success() || told.contains("holds a jurisdiction already") { Ok(()) } else { Err(told) }
}

fn measure(args: &Args) -> Result<(), String> {
    let place = std::env::temp_dir().join(format!("lianxi-speed-{}", std::process::id()));
    let database = args.database.clone().unwrap_or_else(|| format!("sqlite:{}", place.join("speed.db").display()));
    std::fs::create_dir_all(&place).map_err(|error| error.to_string())?;
    let done = fill(&database, &args.size).and_then(|()| table(args, &database));
    let _ = std::fs::remove_dir_all(Path::new(&place));
    done
}

fn table(args: &Args, database: &str) -> Result<(), String> {
    let service = Server::start(lianxi(database).arg("serve"))?;
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let floor = Server::start(Command::new(this).args(["--floor", "--database", database]))?;
    let asked = Asked::prepare(service.address, args)?;
    service.settle();
    println!("{}; {} connections\n", machine(), args.connections);
    println!("| operation | requests/s | p50 ms | p99 ms | CPU µs | floor: requests/s | p50 ms | p99 ms | CPU µs | ratio of CPU |");
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for hot in asked.all(args).iter().filter(|hot| hot.name.contains(&args.only)) {
        let (mut own, mut bare) = (Measured::begin(&service), Measured::begin(&floor));
        for round in 0..args.rounds {
            let until = if hot.writes { Until::Sent(args.writes) } else { Until::Passed(Duration::from_secs(args.seconds)) };
            // A write is of something that no other round has written.
            let first = 2 * round * args.writes;
            own.add(&service, load::run(service.address, args.connections, until, &|n| (hot.service)(first + n)))
                .map_err(|told| format!("{}: {told}", hot.name))?;
            bare.add(&floor, load::run(floor.address, args.connections, until, &|n| (hot.floor)(first + args.writes + n)))
                .map_err(|told| format!("the floor of {}: {told}", hot.name))?;
        }
        println!("| {} | {} | {} | {:.2} |", hot.name, own.cells(), bare.cells(), own.cpu() / bare.cpu());
    }
    memory(args, database, &asked)
}

/// How soon it starts on data that is there, and what it holds after requests from 64 connections.
fn memory(args: &Args, database: &str, asked: &Asked) -> Result<(), String> {
    let mut starts: Vec<f64> = Vec::new();
    for _ in 0..5 {
        let server = Server::start(lianxi(database).arg("serve"))?;
        starts.push(server.started_in.as_secs_f64() * 1000.0);
    }
    starts.sort_by(f64::total_cmp);
    let server = Server::start(lianxi(database).arg("serve"))?;
    server.settle();
    let at_start = server.memory();
    let all = asked.all(args);
    let reads: Vec<&Hot> = all.iter().filter(|hot| !hot.writes).collect();
    let each = |n: usize| (reads[n % reads.len()].service)(n);
    load::run(server.address, 64, Until::Passed(Duration::from_secs(10)), &each)?;
    println!(
        "\nstart to listening: median {:.0} ms of {}; own memory: {at_start:.0} MiB at start, {:.0} MiB after ten seconds of all \
              reads under 64 connections",
        starts[2],
        starts.len(),
        server.memory()
    );
    Ok(())
}

fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown processor");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{cores} cores, {}", name.trim_start_matches(['\t', ' ', ':']))
}

/// The rounds of one side.
struct Measured {
    seen: Seen,
    cpu_before: f64,
    cpu: f64,
    percentiles: (f64, f64),
}

impl Measured {
    fn begin(server: &Server) -> Self {
        Self { seen: Seen::default(), cpu_before: server.cpu(), cpu: 0.0, percentiles: (0.0, 0.0) }
    }

    fn add(&mut self, server: &Server, seen: Result<Seen, String>) -> Result<(), String> {
        self.seen.add(seen?);
        self.cpu = server.cpu() - self.cpu_before;
        self.percentiles = (self.seen.percentile(50), self.seen.percentile(99));
        Ok(())
    }

    /// Microseconds a request.
    fn cpu(&self) -> f64 {
        self.cpu * 1e6 / self.seen.times.len() as f64
    }

    fn cells(&self) -> String {
        let (p50, p99) = self.percentiles;
        format!("{:.0} | {p50:.2} | {p99:.2} | {:.0}", self.seen.times.len() as f64 / self.seen.seconds, self.cpu())
    }
}

/// An operation as each side is asked for it.
struct Hot<'a> {
    name: String,
    writes: bool,
    service: Box<dyn Fn(usize) -> Vec<u8> + Sync + 'a>,
    floor: Box<dyn Fn(usize) -> Vec<u8> + Sync + 'a>,
}

/// What the requests name.
struct Asked {
    /// No key of another run is given again.
    run: Id,
    committee: String,
    office: String,
    member: String,
    today: chrono::NaiveDate,
    events: Vec<String>,
    far: Far,
    constituents: Vec<String>,
    /// Drafts of the member, with their etags and the words by which texts like theirs are sought.
    drafts: Vec<(String, String, Vec<String>)>,
}

/// A page far on: its number, where it begins for the service, and after which day and event for the floor.
#[derive(Default)]
struct Far {
    page: usize,
    cursor: String,
    day: String,
    event: String,
}

impl Asked {
    fn prepare(service: SocketAddr, args: &Args) -> Result<Self, String> {
        let mut api = Api(Line::open(service)?);
        let [committee, office, member] = NAMES.map(|name| api.token(name));
        let (committee, office, member) = (committee?, office?, member?);
        let mut far = Far::default();
        let mut events = Vec::new();
        let mut rows = 0;
        // So many rows lie before the far page; it is reached in larger steps.
        while rows < (FAR - 1) * PAGE as usize {
            let cursor = if far.cursor.is_empty() { String::new() } else { format!("&cursor={}", far.cursor) };
            let page = api.get(&committee, &format!("/v1/contact-events?limit=100{cursor}"))?;
            let items = page["items"].as_array().ok_or("no items")?;
            let Some((next, last)) = page["next_cursor"].as_str().zip(items.last()) else { break };
            events.extend(items.iter().step_by(10).map(|event| text(&event["id"])));
            rows += items.len();
            far = Far {
                page: rows / PAGE as usize + 1,
                cursor: next.to_owned(),
                day: text(&last["occurred_on"]),
                event: text(&last["id"]),
            };
        }
        let known = api.get(&member, "/v1/constituents?limit=2")?;
        let constituents = known["items"].as_array().into_iter().flatten().map(|one| text(&one["id"])).collect();
        let drafts = if "opinion_submit".contains(&args.only) {
            api.drafts(&member, &office, 2 * args.rounds * args.writes)?
        } else {
            Vec::new()
        };
        let today = lianxi::base::calendar::local_day(Clock::default().now().0, lianxi::base::calendar::Zone::default());
        Ok(Self { run: Id::fresh(), committee, office, member, today, events, far, constituents, drafts })
    }

    fn all<'a>(&'a self, args: &Args) -> Vec<Hot<'a>> {
        let word = |n: usize| WORDS[n % WORDS.len()];
        let far = move |_: usize| get(&self.committee, &format!("/v1/contact-events?limit={PAGE}&cursor={}", self.far.cursor));
        let mut all = vec![
            Hot::reads(
                "one event",
                move |n| get(&self.committee, &format!("/v1/contact-events/{}", self.event(n))),
                move |n| get("", &format!("/event/{}", self.event(n))),
            ),
            Hot::reads(
                "a committee's events, page 1",
                move |_| get(&self.committee, &format!("/v1/contact-events?limit={PAGE}")),
                |_| get("", "/events"),
            ),
            Hot::reads(format!("a committee's events, page {}", self.far.page), far, move |_| {
                get("", &format!("/events/{}/{}", self.far.day, self.far.event))
            }),
            Hot::reads(
                "opinions with a word of two characters",
                move |n| get(&self.office, &format!("/v1/opinions?limit={PAGE}&q={}", escape(word(n)))),
                move |n| {
                    let (form, tokens) = (escape(&search_form(word(n))), query_tokens(word(n)).join(","));
                    get("", &format!("/found?form={form}&tokens={tokens}"))
                },
            ),
            Hot::reads(
                "a committee's compliance",
                move |_| get(&self.committee, &format!("/v1/reports/compliance?limit={PAGE}")),
                |_| get("", "/compliance"),
            ),
            Hot::writes(
                "record an event",
                move |n| post(&self.member, "/v1/contact-events", &self.fresh_event(n), &format!("{}-event-{n}", self.run), None),
                move |n| post("", "/event", &self.fresh_event(n), &format!("{}-event-{n}", self.run), None),
            ),
        ];
        if self.drafts.len() >= 2 * args.rounds * args.writes {
            all.push(Hot::writes(
                "submit an opinion",
                move |n| {
                    let (id, etag, _) = &self.drafts[n];
                    post(
                        &self.member,
                        &format!("/v1/opinions/{id}/submit"),
                        &json!({}),
                        &format!("{}-opinion-{n}", self.run),
                        Some(etag),
                    )
                },
                move |n| {
                    let (id, _, words) = &self.drafts[n];
                    post("", &format!("/opinion/{id}"), &json!(words), &format!("{}-opinion-{n}", self.run), None)
                },
            ));
        }
        all
    }

    fn event(&self, n: usize) -> &str {
        &self.events[n % self.events.len()]
    }

    /// On a day and of a form that no other has, so that none is like another.
    fn fresh_event(&self, n: usize) -> Value {
        let day = self.today - chrono::Days::new((n / FORMS.len() % 600) as u64);
        json!({"occurred_on": day, "form": FORMS[n % FORMS.len()], "summary": "走访界别群众，听取对社区停车、养老的意见，一并宣传政策。",
            "constituent_ids": self.constituents})
    }
}

impl<'a> Hot<'a> {
    fn reads(
        name: impl Into<String>,
        service: impl Fn(usize) -> Vec<u8> + Sync + 'a,
        floor: impl Fn(usize) -> Vec<u8> + Sync + 'a,
    ) -> Self {
        Self { name: name.into(), writes: false, service: Box::new(service), floor: Box::new(floor) }
    }

    fn writes(
        name: impl Into<String>,
        service: impl Fn(usize) -> Vec<u8> + Sync + 'a,
        floor: impl Fn(usize) -> Vec<u8> + Sync + 'a,
    ) -> Self {
        Self { writes: true, ..Self::reads(name, service, floor) }
    }
}

/// The service as its clients see it.
struct Api(Line);

impl Api {
    fn send(&mut self, request: &[u8]) -> Result<Value, String> {
        let (status, body) = self.0.send(request)?;
        let body: Value = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
        if (200..300).contains(&status) { Ok(body) } else { Err(format!("{status} {body}")) }
    }

    fn get(&mut self, token: &str, path: &str) -> Result<Value, String> {
        self.send(&get(token, path))
    }

    fn token(&mut self, name: &str) -> Result<String, String> {
        let answer = self.send(&post("", "/v1/auth/login", &json!({"account": name, "password": PASSWORD}), "", None))?;
        Ok(text(&answer["access_token"]))
    }

    /// So many drafts, with the texts of opinions that are there.
    fn drafts(&mut self, member: &str, office: &str, count: usize) -> Result<Vec<(String, String, Vec<String>)>, String> {
        let page = self.get(office, "/v1/opinions?limit=50")?;
        let mut like = Vec::new();
        for one in page["items"].as_array().into_iter().flatten() {
            like.push(self.get(office, &format!("/v1/opinions/{}", text(&one["id"])))?);
        }
        let mut drafts = Vec::with_capacity(count);
        for other in like.iter().cycle().take(count) {
            let (title, situation) = (text(&other["title"]), text(&other["situation"]));
            let body = json!({"track": "social_conditions", "title": title, "situation": situation, "category": other["category"],
                "content_kinds": ["county_affairs"], "no_state_secrets": true});
            let draft = self.send(&post(member, "/v1/opinions", &body, "", None))?;
            drafts.push((text(&draft["id"]), text(&draft["etag"]), telling(&title, &situation)));
        }
        Ok(drafts)
    }
}

fn text(of: &Value) -> String {
    of.as_str().unwrap_or_default().to_owned()
}

fn escape(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn get(token: &str, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: bench\r\n{}\r\n", authorization(token)).into_bytes()
}

fn post(token: &str, path: &str, body: &Value, key: &str, etag: Option<&str>) -> Vec<u8> {
    let body = body.to_string();
    let key = if key.is_empty() { String::new() } else { format!("Idempotency-Key: {key}\r\n") };
    let etag = etag.map(|etag| format!("If-Match: {etag}\r\n")).unwrap_or_default();
    let length = body.len();
    let authorization = authorization(token);
    format!(
        "POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         {authorization}{key}{etag}\r\n{body}"
    )
    .into_bytes()
}

fn authorization(token: &str) -> String {
    if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") }
}
