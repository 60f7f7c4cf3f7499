//! The gate: nobody reaches a handler without a known operation and, where the table asks for one, a token that holds.
//!
//! It touches no database: what the caller may do is read in the call's own transaction, a moment later.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};

use super::admitted::{Admitted, Trace};
use super::call::hop;
use super::house::House;
use super::index::{DOCUMENTED, Found};
use super::limits::Standing;
use super::tokens::unauthenticated;
use crate::base::problem::{Code, Maybe, Problem, say};
use crate::policy::Op;
use crate::policy::token::{Claims, Refused};

/// Paths longer than this are refused before anything looks at them.
const LONGEST_URL: usize = 8 * 1024;

pub async fn gate(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let house = request.app_data::<web::Data<House>>().cloned().ok_or_else(|| Problem::internal("no house"))?;
    let trace = request.extensions().get::<Trace>().cloned().unwrap_or_default();
    match admit(&house, &request, trace).await {
        Ok(admitted) => {
            if let Some(admitted) = admitted {
                request.extensions_mut().insert(admitted);
            }
            Ok(next.call(request).await?.map_into_boxed_body())
        }
        Err(problem) => Ok(request.error_response(problem)),
    }
}

async fn admit(house: &web::Data<House>, request: &ServiceRequest, trace: Trace) -> Maybe<Option<Admitted>> {
    // Routes are found by the decoded path: `/%76%31/me` is `/v1/me`.
    let path = request.match_info().as_str();
    if request.uri().path_and_query().is_some_and(|target| target.as_str().len() > LONGEST_URL) {
        return Err(Problem::new(Code::MalformedRequest, say("地址过长", "the URL is too long")));
    }
    let source = Standing::source(&trace.source);
    let op = match house.index.find(request.method().as_str(), path) {
        Found::Op(op) => Ok(op),
        Found::OtherMethods(methods) => Err(Problem::plain(Code::MethodNotAllowed).with_allow(methods)),
        Found::Nothing if path.starts_with("/v1") => Err(Problem::not_found()),
        // Those who watch over the service are not to be kept from it by those who storm it.
        Found::Nothing if DOCUMENTED.contains(&path) => return Ok(None),
        // Pages are no operations: they have routes of their own.
        Found::Nothing => return limited(request, house.limits.of_source(&source)).map(|()| None),
    };
    let claims = match op {
        Ok(op) if Op::OPEN.contains(&op) => Ok(None),
        Ok(_) => claims(house, request).await.map(Some),
        Err(_) => Ok(None),
    };
    // Whoever shows no token that holds is one of its source, so that guessing is limited too.
    limited(
        request,
        match &claims {
            Ok(Some(claims)) => house.limits.of_account(claims.sub),
            _ => house.limits.of_source(&source),
        },
    )?;
    if matches!(op, Ok(Op::auth_login)) {
        limited(request, house.limits.of_login(&source))?;
    }
    Ok(Some(Admitted { op: op?, claims: claims?, request_id: trace.id, source }))
}

/// Notes where the caller stands, and refuses what is too much.
fn limited(request: &ServiceRequest, standing: Standing) -> Maybe<()> {
    let over = standing.is_over.then_some(standing.reset);
    request.extensions_mut().insert(standing);
    over.map_or(Ok(()), |seconds| Err(Problem::plain(Code::RateLimited).with_retry_after(seconds)))
}

async fn claims(house: &web::Data<House>, request: &ServiceRequest) -> Maybe<Claims> {
    let token = bearer(request).ok_or_else(unauthenticated)?;
    let now = house.db.clock().now();
    match house.tokens.verify(token, now) {
        Ok(claims) => Ok(claims),
        Err(Refused::UnknownKey) if house.tokens.may_look(now) => {
            let keys = house.clone();
            hop(move || keys.tokens.reload(&keys.db)).await?;
            house.tokens.verify(token, now).map_err(|_| unauthenticated())
        }
        Err(_) => Err(unauthenticated()),
    }
}

/// RFC 6750, 2.1: the one place a token may stand.
fn bearer(request: &ServiceRequest) -> Option<&str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty()).then_some(token.trim())
}
