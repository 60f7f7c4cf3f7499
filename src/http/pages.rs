//! What is no operation: the document, its reader, the problems' pages, health, metrics.

use std::io::Write as _;
use std::sync::OnceLock;

use actix_web::http::header;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Route};
use diesel::prelude::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use utoipa::ToSchema;

use super::call::hop;
use super::house::House;
use crate::base::problem::{Code, Problem};
use crate::db::dialect;

pub fn routes(cfg: &mut ServiceConfig) {
    let page = |path: &str, read: Route| web::resource(path).route(read).route(web::route().to(nothing_else));
    cfg.service(page("/openapi.json", web::get().to(document)))
        .service(page("/docs", web::get().to(docs)))
        .service(page("/docs/", web::get().to(docs)))
        .service(page("/docs/scalar.js", web::get().to(script)))
        .service(page("/problems/{code}", web::get().to(problem)))
        .service(page("/health/live", web::get().to(live)))
        .service(page("/health/ready", web::get().to(ready)))
        .service(page("/metrics", web::get().to(metrics)))
        // Browsers ask for it beside the document's reader.
        .service(page("/favicon.ico", web::get().to(HttpResponse::NoContent)));
}

/// Pages are read: every other method is refused with the one that there is.
async fn nothing_else() -> Result<HttpResponse, Problem> {
    Err(Problem::plain(Code::MethodNotAllowed).with_allow("GET, HEAD, OPTIONS".to_owned()))
}

/// 运行状态
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// 状态：live 进程在运行，ready 可以提供服务
    #[schema(max_length = 20, examples("ready"))]
    status: &'static str,
}

impl Health {
    fn is(status: &'static str) -> HttpResponse {
        HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(Self { status })
    }
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
        remedy = code.remedy().zh,
    )))
}

/// The process answers: nothing else is asked.
async fn live() -> HttpResponse {
    Health::is("live")
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
    Ok(Health::is("ready"))
}

async fn metrics(house: Data<House>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(house.metrics.text(&house.db))
}
