//! What is no operation: the document, its reader, the problems' pages, health, metrics.

use std::io::Write as _;
use std::sync::OnceLock;

use actix_web::http::header;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use diesel::prelude::*;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::call::hop;
use super::house::House;
use crate::base::problem::{Code, Problem};
use crate::db::dialect;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/openapi.json").route(web::get().to(document)))
        .service(web::resource("/docs").route(web::get().to(docs)))
        .service(web::resource("/docs/").route(web::get().to(docs)))
        .service(web::resource("/docs/scalar.js").route(web::get().to(script)))
        .service(web::resource("/problems/{code}").route(web::get().to(problem)))
        .service(web::resource("/health/live").route(web::get().to(live)))
        .service(web::resource("/health/ready").route(web::get().to(ready)))
        .service(web::resource("/metrics").route(web::get().to(metrics)));
}

async fn document(house: Data<House>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").insert_header((header::CACHE_CONTROL, "no-cache")).body(house.text.clone())
}

/// Keeps the page inside the house: nothing is loaded from, or told to, anybody else.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

async fn docs() -> HttpResponse {
    let settings = serde_json::json!({
        "url": "/openapi.json", "withDefaultFonts": false, "telemetry": false, "proxyUrl": "", "agent": {"disabled": true}, "mcp": {"disabled": true},
        "hideClientButton": true, "showDeveloperTools": "never", "persistAuth": false, "searchHotKey": "k", "defaultOpenAllTags": false,
        "authentication": {"preferredSecurityScheme": "bearer"},
    });
    HttpResponse::Ok().content_type("text/html; charset=utf-8").insert_header((header::CONTENT_SECURITY_POLICY, DOCS_POLICY)).body(
        format!(
            "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>联系 Lianxi</title>\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"></head><body><div id=\"app\"></div>\
             <script src=\"/docs/scalar.js\"></script><script>Scalar.createApiReference('#app', {settings})</script></body></html>"
        ),
    )
}

/// The reader's script, compressed once: it is five megabytes, and every browser takes gzip.
async fn script(request: HttpRequest) -> HttpResponse {
    static PLAIN: OnceLock<Vec<u8>> = OnceLock::new();
    static PACKED: OnceLock<Vec<u8>> = OnceLock::new();
    let plain = PLAIN.get_or_init(|| scalar_api_reference::get_asset("scalar.js").unwrap_or_default());
    let takes_gzip = request
        .headers()
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("gzip"));
    let mut response = HttpResponse::Ok();
    response.content_type("text/javascript; charset=utf-8").insert_header((header::CACHE_CONTROL, "max-age=86400"));
    if !takes_gzip {
        return response.insert_header((header::CONTENT_ENCODING, "identity")).body(plain.clone());
    }
    let packed = PACKED.get_or_init(|| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        // Writing to memory does not fail.
        let _ = encoder.write_all(plain);
        encoder.finish().unwrap_or_default()
    });
    response.insert_header((header::CONTENT_ENCODING, "gzip")).body(packed.clone())
}

/// The page behind a problem's `type`: what it means and what to do.
async fn problem(code: web::Path<String>) -> Result<HttpResponse, Problem> {
    let code = Code::ALL.iter().find(|known| known.as_str() == code.as_str()).ok_or_else(Problem::not_found)?;
    let title = code.title();
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{code}</title></head><body><h1>{zh}</h1><p lang=\"en\">{en}</p>\
         <dl><dt>code</dt><dd><code>{code}</code></dd><dt>HTTP</dt><dd>{status}</dd><dt>含义</dt><dd>{meaning}</dd><dt>处理办法</dt><dd>{remedy}</dd></dl></body></html>",
        code = code.as_str(),
        zh = title.zh,
        en = title.en,
        status = code.status(),
        meaning = code.meaning(),
        remedy = code.remedy(),
    )))
}

/// The process answers: nothing else is asked.
async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(r#"{"status":"live"}"#)
}

/// The database answers and its schema is at least as new as this program.
async fn ready(house: Data<House>) -> Result<HttpResponse, Problem> {
    let db = house.db.clone();
    hop(move || {
        db.read(|conn| {
            diesel::select(diesel::dsl::sql::<diesel::sql_types::Integer>("1")).execute(conn)?;
            if dialect::is_migrated(conn) {
                Ok(())
            } else {
                Err(Problem::unavailable("the schema is older than the program: run lianxi migrate"))
            }
        })
    })
    .await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(r#"{"status":"ready"}"#))
}

async fn metrics(house: Data<House>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(house.metrics.text(&house.db))
}
