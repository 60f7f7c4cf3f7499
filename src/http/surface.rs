//! The outermost layer: what every answer carries, whatever it answers.
//!
//! It names the request, chooses the language, turns every refusal (the framework's own too) into problem+json, sets the
//! security and limit headers, counts, and writes the one log line.

use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Instant as Stopwatch;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, AcceptEncoding, Encoding, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError, web};
use serde_json::{Map, json};

use super::admitted::{Admitted, Trace};
use super::house::House;
use super::limits::Standing;
use super::line::Line;
use crate::base::id::Id;
use crate::base::problem::{Code, Fault, Language, Problem, say};

/// Whom the surface believes and serves: proxies whose `X-Forwarded-For` counts, origins that browsers may call from.
#[derive(Clone, Debug, Default)]
pub struct Trusted {
    pub proxies: Vec<IpAddr>,
    pub origins: Vec<String>,
    /// Pages of the same machine may call too: whoever tries the demo out serves them from a port of their own.
    pub own_machine: bool,
}

const CORS_METHODS: &str = "GET, POST, PUT, PATCH, DELETE";
const CORS_REQUEST: &str = "Authorization, Content-Type, Accept-Language, If-Match, If-None-Match, Idempotency-Key, Lianxi-Acting-As, \
     X-HTTP-Method-Override, X-Request-Id, traceparent";
const CORS_ANSWER: &str = "ETag, Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, Idempotency-Replayed, Deprecation, Sunset, \
     Content-Disposition";
/// Two hours: what browsers keep at most.
const CORS_SECONDS: &str = "7200";

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        // The surface renders it, knowing the language and the request's id.
        HttpResponse::new(self.status_code())
    }
}

pub async fn surface(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Stopwatch::now();
    let trace = trace(&request);
    let method = request.method().clone();
    let path = request.path().to_owned();
    let overridden = method_override(&mut request);
    // RFC 9110, 9.3.2: a HEAD is a GET whose body is kept back.
    if method == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    forget_impossible_encoding(&mut request);
    let origin = allowed_origin(&request);
    let is_preflight = method == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    request.extensions_mut().insert(trace.clone());
    let line = request.conn_data::<Rc<Line>>().cloned();
    if let Some(line) = &line {
        line.begin(request.headers().contains_key(header::TRANSFER_ENCODING));
    }
    let response = match overridden {
        Err(problem) => request.error_response(problem).map_into_boxed_body(),
        Ok(()) if is_preflight => request.into_response(HttpResponse::NoContent().finish()),
        Ok(()) => next.call(request).await?.map_into_boxed_body(),
    };
    let problem = response.response().error().map(to_problem).or_else(|| bare(&response));
    let mut response = match problem {
        Some(problem) if method == Method::OPTIONS && problem.code == Code::MethodNotAllowed => {
            response.into_response(methods(problem.allow.as_deref().unwrap_or_default()))
        }
        Some(problem) => response.into_response(render(&problem, &trace, &path)),
        None => response,
    };
    let extensions = response.request().extensions();
    let op = extensions.get::<Admitted>().map(|admitted| admitted.op.as_str());
    let account = extensions.get::<Admitted>().and_then(|admitted| admitted.claims.as_ref().map(|claims| claims.sub));
    let standing = extensions.get::<Standing>().cloned();
    drop(extensions);
    decorate(response.headers_mut(), &trace, standing.as_ref(), &path);
    share(response.headers_mut(), origin.as_deref(), is_preflight);
    if method == Method::HEAD {
        response = response.map_body(|_, body| BoxBody::new(KeptBack(body.size())));
    }
    if let Some(line) = line {
        line.end();
    }
    let elapsed = started.elapsed().as_secs_f64();
    let status = response.status().as_u16();
    if let Some(house) = response.request().app_data::<web::Data<House>>() {
        house.metrics.count(op.unwrap_or("none"), status, elapsed);
    }
    tracing::info!(
        target: "request",
        request_id = %trace.id,
        operation = op,
        method = %method,
        status,
        account = account.map(tracing::field::display),
        source = %trace.source,
        micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
    );
    Ok(response)
}

/// Whoever takes neither gzip nor plain bytes gets these all the same (RFC 9110, 12.5.3): the framework would answer 406, which
/// the contract does not know.
fn forget_impossible_encoding(request: &mut ServiceRequest) {
    let ours = [Encoding::gzip(), Encoding::identity()];
    if request.get_header::<AcceptEncoding>().is_some_and(|wanted| wanted.negotiate(ours.iter()).is_none()) {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
}

/// The caller's origin, where it is one of those that may call (Fetch, 3.2): an exact list, no credentials.
fn allowed_origin(request: &ServiceRequest) -> Option<String> {
    let origin = request.headers().get(header::ORIGIN)?.to_str().ok()?;
    let trusted = request.app_data::<web::Data<Trusted>>()?;
    let may = trusted.origins.iter().any(|known| known == origin) || (trusted.own_machine && is_own_machine(origin));
    may.then(|| origin.to_owned())
}

/// Whether an origin is this machine's own, whatever its port.
fn is_own_machine(origin: &str) -> bool {
    let Some(host) = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) else { return false };
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|own| {
        host.strip_prefix(own)
            .is_some_and(|port| port.is_empty() || port.strip_prefix(':').is_some_and(|n| n.parse::<u16>().is_ok()))
    })
}

fn share(headers: &mut HeaderMap, origin: Option<&str>, is_preflight: bool) {
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = origin.and_then(|origin| HeaderValue::from_str(origin).ok()) else { return };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if is_preflight {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(CORS_METHODS));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(CORS_REQUEST));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(CORS_SECONDS));
    } else {
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(CORS_ANSWER));
    }
}

fn trace(request: &ServiceRequest) -> Trace {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let given = text("X-Request-Id")
        .filter(|id| !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)));
    // W3C Trace Context, 3.2: the trace's own id serves where the caller gave no other.
    let traced = || {
        text("traceparent")
            .and_then(|parent| parent.split('-').nth(1))
            .filter(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    let id = given.or_else(traced).map_or_else(|| Id::fresh().to_string(), str::to_owned);
    Trace { id, source: source(request), language: Language::accepted(text("Accept-Language")) }
}

fn source(request: &ServiceRequest) -> String {
    // One address, one source: behind a listener on [::] those of IPv4 come in the clothes of IPv6.
    let Some(peer) = request.peer_addr().map(|peer| peer.ip().to_canonical()) else { return "unknown".to_owned() };
    let known = request.app_data::<web::Data<Trusted>>();
    let trusted = |ip: &IpAddr| known.is_some_and(|known| known.proxies.contains(ip));
    if !trusted(&peer) {
        return peer.to_string();
    }
    // From the last hop on, as far as ours have written it; what stands before a stranger's address, the stranger wrote.
    let headers: Vec<&str> = request.headers().get_all("X-Forwarded-For").filter_map(|value| value.to_str().ok()).collect();
    for hop in headers.iter().rev().flat_map(|value| value.rsplit(',')) {
        match address(hop.trim()) {
            Some(hop) if trusted(&hop) => {}
            Some(hop) => return hop.to_string(),
            None => break,
        }
    }
    peer.to_string()
}

/// A hop as proxies write it: with a port or without, in brackets or not.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    let with_port = || hop.parse::<SocketAddr>().map(|address| address.ip());
    Some(bare.parse::<IpAddr>().or_else(|_| with_port()).ok()?.to_canonical())
}

/// `wx.request` knows no PATCH: POST with this header is its twin (and only that).
fn method_override(request: &mut ServiceRequest) -> Result<(), Problem> {
    let Some(value) = request.headers().get("X-HTTP-Method-Override") else { return Ok(()) };
    if request.method() == Method::POST && value.as_bytes().eq_ignore_ascii_case(b"PATCH") {
        request.head_mut().method = Method::PATCH;
        return Ok(());
    }
    Err(Problem::new(
        Code::MalformedHeader,
        say("X-HTTP-Method-Override 只能在 POST 上取值 PATCH", "X-HTTP-Method-Override: only PATCH, and only on POST"),
    ))
}

fn to_problem(error: &Error) -> Problem {
    if let Some(problem) = error.as_error::<Problem>() {
        return problem.clone();
    }
    by_status(error.as_response_error().status_code(), || error.to_string())
}

/// A refusal of the framework's that came without an error.
fn bare<B>(response: &ServiceResponse<B>) -> Option<Problem> {
    let status = response.status();
    let has_type = response.headers().contains_key(header::CONTENT_TYPE);
    ((status.is_client_error() || status.is_server_error()) && !has_type).then(|| by_status(status, || format!("bare {status}")))
}

fn by_status(status: StatusCode, cause: impl FnOnce() -> String) -> Problem {
    match status.as_u16() {
        404 => Problem::not_found(),
        405 => Problem::plain(Code::MethodNotAllowed),
        413 => Problem::plain(Code::BodyTooLarge),
        415 => Problem::plain(Code::UnsupportedMediaType),
        408 | 503 => Problem::unavailable(cause()),
        400..=499 => Problem::plain(Code::MalformedRequest),
        _ => Problem::internal(cause()),
    }
}

fn render(problem: &Problem, trace: &Trace, path: &str) -> HttpResponse {
    let code = problem.code;
    if code.status() >= 500 {
        tracing::error!(target: "problem", request_id = %trace.id, code = code.as_str(), cause = problem.cause.as_deref().unwrap_or_default());
    }
    let mut body = Map::new();
    body.insert("type".into(), json!(format!("/problems/{}", code.as_str())));
    body.insert("title".into(), json!(code.title().text(trace.language)));
    body.insert("status".into(), json!(code.status()));
    body.insert("detail".into(), json!(problem.detail.text(trace.language)));
    body.insert("instance".into(), json!(path.chars().take(500).collect::<String>()));
    body.insert("code".into(), json!(code.as_str()));
    body.insert("request_id".into(), json!(trace.id));
    if !problem.faults.is_empty() {
        let told = problem.faults.iter().map(|fault| Fault {
            detail: fault.say.as_ref().map_or_else(|| fault.detail.clone(), |say| say.text(trace.language).to_owned()),
            ..fault.clone()
        });
        body.insert("errors".into(), json!(told.collect::<Vec<_>>()));
    }
    if let Some(state) = &problem.state {
        body.insert("state".into(), json!(state));
        body.insert("allowed_actions".into(), json!(problem.allowed_actions));
    }
    if let Some((kind, id)) = problem.existing {
        body.insert("existing".into(), json!({"kind": kind, "id": id}));
    }
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.content_type("application/problem+json").insert_header((header::CONTENT_LANGUAGE, trace.language.tag()));
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if let Some(seconds) = problem.retry_after {
        response.insert_header((header::RETRY_AFTER, seconds.to_string()));
    }
    if let Some(methods) = &problem.allow {
        response.insert_header((header::ALLOW, methods.as_str()));
    }
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"lianxi\""));
    }
    response.body(serde_json::Value::Object(body).to_string())
}

/// A body of which only the length is told. The framework keeps one back too, but looks at the last request that it has read of
/// the connection, which is another one where requests are sent ahead of their answers.
struct KeptBack(BodySize);

impl MessageBody for KeptBack {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        match self.0 {
            BodySize::Sized(length) => BodySize::Sized(length),
            BodySize::None | BodySize::Stream => BodySize::None,
        }
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<web::Bytes, Self::Error>>> {
        Poll::Ready(None)
    }
}

/// What may be done here (RFC 9110, 9.3.7).
fn methods(allow: &str) -> HttpResponse {
    HttpResponse::NoContent().insert_header((header::ALLOW, allow)).finish()
}

fn decorate(headers: &mut HeaderMap, trace: &Trace, standing: Option<&Standing>, path: &str) {
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("x-request-id", &trace.id);
    set("x-content-type-options", "nosniff");
    set("referrer-policy", "no-referrer");
    set("x-frame-options", "DENY");
    set("strict-transport-security", "max-age=31536000");
    set("cross-origin-resource-policy", "same-site");
    if let Some(standing) = standing {
        set("ratelimit-policy", &format!("\"{}\";q={};w=60", standing.policy, standing.quota));
        set("ratelimit", &format!("\"{}\";r={};t={}", standing.policy, standing.left, standing.reset));
    }
    if !path.starts_with("/docs") {
        set("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
    }
    headers.append(header::VARY, HeaderValue::from_static("Accept-Language"));
}
