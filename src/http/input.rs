//! What comes in: the path's id, the body, the query. They are read before the transaction begins, since a write keeps others
//! waiting; what is wrong with them is told only to who is allowed to ask.

use std::marker::PhantomData;
use std::rc::Rc;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use serde::de::{DeserializeOwned, Deserializer};
use utoipa::{IntoParams, ToSchema};

use super::checks::{Check, refuse_query, unescape};
use super::house::House;
use super::json::parse;
use super::line::Line;
use crate::base::id::Id;
use crate::base::problem::{Code, Maybe, Problem, say};
use crate::policy::Op;

/// A body that takes longer is given up: slow senders must not hold connections.
const BODY_TIME: std::time::Duration = std::time::Duration::from_secs(6);

/// The identifier in the path.
#[derive(Clone, Copy, Debug, serde::Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct At {
    /// 标识
    pub id: Id,
}

impl FromRequest for At {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").and_then(|id| (id.len() == 36).then(|| id.parse().ok()).flatten());
        std::future::ready(id.map(|id| Self { id }).ok_or_else(Problem::not_found))
    }
}

/// A request body that is to become a `T`: only collected here.
pub struct Body<T> {
    bytes: Bytes,
    of: PhantomData<fn() -> T>,
}

/// The query string that is to become a `T`.
pub struct Ask<T> {
    query: String,
    of: PhantomData<fn() -> T>,
}

impl<T> Ask<T> {
    /// Whether a parameter is given, before the query is judged: for what has to be known before the transaction begins.
    pub fn gives(&self, name: &str) -> bool {
        let names = self.query.split('&').map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name));
        names.filter_map(|given| unescape(given).ok()).any(|given| given == name)
    }
}

/// For a field of a merge patch that may be cleared: absent, `null` and a value are three things (RFC 7396).
pub fn given<'de, T: serde::Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    serde::Deserialize::deserialize(from).map(Some)
}

/// The four parameters that every list takes beside its filters and `sort`.
#[derive(Clone, Debug, Default, serde::Deserialize, serde::Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// 每页条数，默认 20
    #[param(minimum = 1, maximum = 100, example = 20)]
    pub limit: Option<i64>,
    /// 上一页给出的 next_cursor；只对同一列表、筛选条件与账号有效
    #[param(max_length = 1000)]
    pub cursor: Option<String>,
    /// 是否给出总数（至多数到 10000）
    pub with_total: Option<bool>,
}

/// What an operation takes: read and checked once, outside the transaction, judged inside it.
pub trait Input: Send + 'static {
    type Value: Send;
    /// `query` is the request's, for those that have none to be read.
    fn read(&self, house: &House, op: Op, query: &str) -> Maybe<Self::Value>;
    /// The body, for the fingerprint of an `Idempotency-Key`.
    fn bytes(&self) -> &[u8] {
        &[]
    }
}

impl Input for () {
    type Value = ();

    fn read(&self, _: &House, _: Op, query: &str) -> Maybe<()> {
        Problem::unless_none(refuse_query(query)?)
    }
}

impl<T: DeserializeOwned + ToSchema + Send + 'static> Input for Body<T> {
    type Value = T;

    fn read(&self, house: &House, _: Op, query: &str) -> Maybe<T> {
        let check = house.checks.body::<T>(&house.document)?;
        let (value, flaws) = parse(&self.bytes, &check.lines)?;
        let mut faults = check.faults(&value, flaws);
        faults.append(&mut refuse_query(query)?);
        Problem::unless_none(faults)?;
        Check::form(value)
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl<T: DeserializeOwned + Send + 'static> Input for Ask<T> {
    type Value = T;

    fn read(&self, house: &House, op: Op, _: &str) -> Maybe<T> {
        let check = house.checks.query(op, &house.document)?;
        let (value, flaws) = check.read_query(&self.query)?;
        Problem::unless_none(check.faults(&value, flaws))?;
        Check::form(value)
    }
}

impl<T> FromRequest for Ask<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self { query: request.query_string().to_owned(), of: PhantomData }))
    }
}

impl<T> FromRequest for Body<T> {
    type Error = Problem;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let house = request.app_data::<actix_web::web::Data<House>>().map(|house| house.limits.body);
        let wanted =
            if request.method() == actix_web::http::Method::PATCH { "application/merge-patch+json" } else { "application/json" };
        let kind = media_type(request, wanted);
        let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
        let line = request.conn_data::<Rc<Line>>().cloned();
        let mut payload = payload.take();
        Box::pin(async move {
            kind?;
            let limit = house.unwrap_or(256 * 1024);
            let too_large = || {
                Problem::new(
                    Code::BodyTooLarge,
                    say(format!("正文不得超过 {limit} 字节"), format!("a body has at most {limit} bytes")),
                )
            };
            if declared.is_some_and(|length| length > limit) {
                return Err(too_large());
            }
            let mut bytes = BytesMut::new();
            let collect = async {
                while let Some(chunk) = payload.next().await {
                    let chunk = chunk.map_err(|_| {
                        let detail = say("正文传输中断或编码有误", "the body broke off or is badly encoded");
                        Problem::new(Code::MalformedRequest, detail)
                    })?;
                    if bytes.len() + chunk.len() > limit {
                        return Err(too_large());
                    }
                    bytes.extend_from_slice(&chunk);
                }
                Ok(())
            };
            let slow = || Problem::new(Code::MalformedRequest, say("正文传输过慢", "the body came too slowly"));
            actix_web::rt::time::timeout(BODY_TIME, collect).await.map_err(|_| slow())??;
            if let Some(line) = line {
                line.read();
            }
            Ok(Self { bytes: bytes.freeze(), of: PhantomData })
        })
    }
}

fn media_type(request: &HttpRequest, wanted: &str) -> Maybe<()> {
    let given = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = given.split(';').map(str::trim);
    let right = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case(wanted))
        && parts.all(|part| {
            let lower = part.to_ascii_lowercase();
            lower.strip_prefix("charset=").is_none_or(|charset| charset.trim_matches('"') == "utf-8")
        });
    if right {
        return Ok(());
    }
    Err(Problem::new(
        Code::UnsupportedMediaType,
        say(format!("Content-Type 须为 {wanted}，字符集 UTF-8"), format!("Content-Type must be {wanted} in UTF-8")),
    ))
}
