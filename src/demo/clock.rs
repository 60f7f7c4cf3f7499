//! `POST /demo/clock`: time goes on, day by day, and what has to pass by itself passes on its day.
//!
//! No operation of the contract: only the demo's server mounts it.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{self, Bytes, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::base::instant::Instant;
use crate::base::problem::{Code, Fault, Maybe, Problem, say};
use crate::http::House;
use crate::jobs;

pub fn routes(cfg: &mut ServiceConfig) {
    let others = || async { Err::<HttpResponse, _>(Problem::plain(Code::MethodNotAllowed).with_allow("OPTIONS, POST".to_owned())) };
    cfg.service(web::resource("/demo/clock").route(web::post().to(set)).route(web::route().to(others)));
}

/// One call goes over no more days than this, so that it ends within a request's time.
const DAYS: i64 = 400;
/// A round that is full is followed by another, but not for ever.
const ROUNDS: usize = 100;

async fn set(house: Data<House>, request: HttpRequest, body: Bytes) -> Result<HttpResponse, Problem> {
    let wanted = read(&request, &body)?;
    let (now, done) = web::block(move || pass(&house, wanted)).await.map_err(Problem::unavailable)??;
    Ok(HttpResponse::Ok().json(json!({"now": now, "done": done})))
}

fn read(request: &HttpRequest, body: &[u8]) -> Maybe<Instant> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().map(str::trim) != Some("application/json") {
        return Err(Problem::plain(Code::UnsupportedMediaType));
    }
    let body: Value = serde_json::from_slice(body).map_err(|error| {
        Problem::new(
            Code::MalformedJson,
            say(format!("第 {} 行有误", error.line()), format!("unreadable at line {}", error.line())),
        )
    })?;
    let mut faults = Vec::new();
    let Some(fields) = body.as_object() else {
        return Err(Problem::rule("", "type", say("须为对象", "an object")));
    };
    for field in fields.keys().filter(|field| *field != "now") {
        faults.push(Fault::new(format!("/{field}"), "unknown_field", say("没有这个字段", "no such field")));
    }
    let now = fields.get("now").and_then(Value::as_str).and_then(|text| text.parse::<DateTime<Utc>>().ok());
    if now.is_none() {
        let detail = say("须为 UTC 时刻 (RFC 3339)，如 2026-12-31T01:00:00Z", "an instant like 2026-12-31T01:00:00Z (RFC 3339)");
        faults.push(Fault::new("/now", if fields.contains_key("now") { "format" } else { "required" }, detail));
    }
    match now {
        Some(now) if faults.is_empty() => Ok(Instant::of(now)),
        _ => Err(Problem::invalid(faults)),
    }
}

/// Moves the clock to `wanted` and does what has to be done on the way; answers the time and how much was done.
pub fn pass(house: &House, wanted: Instant) -> Maybe<(Instant, usize)> {
    let clock = house.db.clock();
    let now = clock.now();
    if wanted < now {
        let detail = say(format!("现在是 {now}，时间只能前移"), format!("it is {now} now, and time only moves on"));
        return Err(Problem::rule("/now", "in_the_past", detail));
    }
    if wanted > now.plus(TimeDelta::days(DAYS)) {
        let detail = say(format!("一次至多前移 {DAYS} 天"), format!("at most {DAYS} days at once"));
        return Err(Problem::rule("/now", "too_far", detail));
    }
    let mut done = 0;
    let mut at = now.plus(TimeDelta::days(1));
    while at < wanted {
        clock.set(at);
        done += catch_up(house)?;
        at = at.plus(TimeDelta::days(1));
    }
    clock.set(wanted);
    done += catch_up(house)?;
    Ok((clock.now(), done))
}

/// What has to be done by now, until there is nothing left to do.
pub fn catch_up(house: &House) -> Maybe<usize> {
    let mut done = 0;
    for _ in 0..ROUNDS {
        match jobs::run_all(house)? {
            0 => break,
            some => done += some,
        }
    }
    Ok(done)
}
