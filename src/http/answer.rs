//! What goes out: a thing with its etag, a page, or nothing.

use std::marker::PhantomData;

use actix_web::body::BoxBody;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;

use super::etag::{etag, names};
use crate::base::problem::{Maybe, Problem};

/// A thing in an answer that has a version.
pub trait Tagged {
    fn version(&self) -> i64;
}

/// What a handler's closure decided, before it is rendered.
pub struct Answer<T> {
    pub status: StatusCode,
    pub location: Option<String>,
    pub etag: Option<String>,
    pub body: Option<T>,
    /// Kept for a replay by `Idempotency-Key`; secrets and revealed data are not.
    pub kept: bool,
    pub no_store: bool,
    pub replayed: bool,
}

impl<T> Answer<T> {
    /// 200 with something that has no version of its own: a page, a report.
    pub fn plain(body: T) -> Self {
        Self { status: StatusCode::OK, location: None, etag: None, body: Some(body), kept: true, no_store: false, replayed: false }
    }

    /// 204.
    pub fn empty() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            body: None,
            location: None,
            etag: None,
            kept: true,
            no_store: false,
            replayed: false,
        }
    }

    /// For tokens and personal data: no cache keeps it, no replay gives it again.
    pub fn secret(mut self) -> Self {
        self.kept = false;
        self.no_store = true;
        self
    }

    /// The same thing as before, for a `client_ref` that came again.
    pub fn replayed(mut self) -> Self {
        self.replayed = true;
        self
    }
}

impl<T: Tagged> Answer<T> {
    /// 200 with one thing.
    pub fn one(body: T) -> Self {
        Self { etag: Some(etag(body.version())), ..Self::plain(body) }
    }

    /// 201 with the new thing and where it is.
    pub fn created(location: String, body: T) -> Self {
        Self { status: StatusCode::CREATED, location: Some(location), ..Self::one(body) }
    }
}

/// An answer rendered to bytes, still in the blocking thread; its type says in a handler's signature what is in it.
pub struct Rendered<T> {
    pub status: StatusCode,
    pub location: Option<String>,
    pub etag: Option<String>,
    pub body: Option<Vec<u8>>,
    pub no_store: bool,
    pub replayed: bool,
    pub of: PhantomData<fn() -> T>,
}

/// What every handler returns.
pub type Reply<T> = Result<Rendered<T>, Problem>;

impl<T: Serialize> Answer<T> {
    pub fn render(self) -> Maybe<Rendered<T>> {
        let body = self.body.map(|body| serde_json::to_vec(&body)).transpose().map_err(Problem::internal)?;
        Ok(Rendered {
            status: self.status,
            location: self.location,
            etag: self.etag,
            body,
            no_store: self.no_store,
            replayed: self.replayed,
            of: PhantomData,
        })
    }
}

impl<T> Responder for Rendered<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let cache = if self.no_store { "no-store" } else { "private, no-cache" };
        if let (Some(etag), true) = (&self.etag, self.status == StatusCode::OK && request.extensions_may_be_unchanged()) {
            let mut seen = request.headers().get_all(header::IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
            let unchanged = seen.any(|seen| names(seen, etag));
            if unchanged {
                return HttpResponse::NotModified()
                    .insert_header((header::ETAG, etag.as_str()))
                    .insert_header((header::CACHE_CONTROL, cache))
                    .finish();
            }
        }
        let mut response = HttpResponse::build(self.status);
        response.insert_header((header::CACHE_CONTROL, cache));
        if let Some(etag) = self.etag {
            response.insert_header((header::ETAG, etag));
        }
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        if self.replayed {
            response.insert_header(("Idempotency-Replayed", "true"));
        }
        match self.body {
            Some(body) => response.content_type("application/json").body(body),
            None => response.finish(),
        }
    }
}

/// Whether the operation is one of those whose answer changes with its row alone, so that `If-None-Match` may be heeded.
pub trait Same {
    fn extensions_may_be_unchanged(&self) -> bool;
}

impl Same for HttpRequest {
    fn extensions_may_be_unchanged(&self) -> bool {
        use actix_web::HttpMessage;
        self.extensions().get::<super::admitted::Admitted>().is_some_and(|admitted| admitted.op.is_unchanging())
    }
}

/// 201 is a creation, everything else of a kept answer is as it was.
pub fn status(of: i64) -> StatusCode {
    u16::try_from(of).ok().and_then(|of| StatusCode::from_u16(of).ok()).unwrap_or(StatusCode::OK)
}
