//! Versions on the wire (RFC 9110, 8.8.3 and 13.1.1).

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use utoipa::IntoParams;

use crate::base::problem::{Code, Maybe, Problem, say};

/// The `etag` of a row's version: what stands in the answer and in its `ETag` header.
pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// What stands between the quotes, as it was sent: proxies that compress weaken a tag or name the encoding in it.
fn inner(tag: &str) -> Option<&str> {
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    let inner = tag.strip_prefix('"')?.strip_suffix('"')?;
    Some(inner.strip_suffix("-gzip").or_else(|| inner.strip_suffix(";gzip")).unwrap_or(inner))
}

/// Whether an `If-None-Match` names this tag (RFC 9110, 13.1.2).
pub fn names(list: &str, tag: &str) -> bool {
    list.trim() == "*" || list.split(',').any(|one| inner(one.trim()).is_some_and(|seen| Some(seen) == inner(tag)))
}

/// Characters of an `If-Match`, as its parameter says.
const LONGEST: usize = 200;

/// For the `version` of a wire type that is the row: on the wire it is the `etag`.
pub fn as_etag<S: serde::Serializer>(version: &i64, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&etag(*version))
}

/// What the caller last saw. It is judged when the row is at hand: a stranger gets 404 and not 428.
#[derive(Debug, Clone, IntoParams)]
#[into_params(names("If-Match"), parameter_in = Header)]
pub struct IfMatch(
    /// 所读到的 etag，连同引号；不接受 *
    #[param(
        required = true,
        value_type = String,
        max_length = 200,
        pattern = "^(W/)?\"[0-9A-Za-z;_-]*\"( *, *(W/)?\"[0-9A-Za-z;_-]*\")*$",
        example = "\"3\""
    )]
    Option<String>,
);

impl IfMatch {
    /// 428 without a header, 400 for what is no etag or `*`, 412 when the row has moved on.
    pub fn check(&self, version: i64) -> Maybe<()> {
        let given = self.0.as_deref().ok_or_else(|| Problem::plain(Code::PreconditionRequired))?;
        let malformed = || {
            Problem::new(
                Code::MalformedHeader,
                say(
                    "If-Match 须为读到的 etag，连同引号，如 \"3\"；不接受 *",
                    "If-Match must be an etag that was read, quotes included, like \"3\"; * is refused",
                ),
            )
        };
        let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || b";_-".contains(&byte);
        if given.len() > LONGEST {
            return Err(malformed());
        }
        let mut seen = false;
        for tag in given.split(',').map(str::trim) {
            let inner = inner(tag).filter(|inner| inner.bytes().all(is_ours)).ok_or_else(malformed)?;
            seen |= inner == version.to_string();
        }
        if seen { Ok(()) } else { Err(Problem::plain(Code::VersionMismatch)) }
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let given = request.headers().get_all(header::IF_MATCH).map(|value| value.to_str().unwrap_or_default()).collect::<Vec<_>>();
        std::future::ready(Ok(Self((!given.is_empty()).then(|| given.join(",")))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_is_known_again_after_a_proxy() {
        for (given, expected) in [
            (None, 428),
            (Some("*"), 400),
            (Some("3"), 400),
            (Some("\"3\""), 200),
            (Some("W/\"3\""), 200),
            (Some("\"3-gzip\""), 200),
            (Some("\"2\", \"3\""), 200),
            (Some("\"2\""), 412),
            (Some(""), 400),
            (Some("\""), 400),
            (Some("\"3\" \"4\""), 400),
        ] {
            let status = IfMatch(given.map(str::to_owned)).check(3).map_or_else(|problem| problem.code.status(), |()| 200);
            assert_eq!(status, expected, "{given:?}");
        }
    }
}
