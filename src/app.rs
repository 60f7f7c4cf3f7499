//! What it answers: every route on one page, and the server around them.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, web};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_actix_web::{AppExt, scope};

use crate::base::problem::Problem;
use crate::config::Config;
use crate::db::Db;
use crate::http::checks::Checks;
use crate::http::gate::gate;
use crate::http::house::House;
use crate::http::index::Index;
use crate::http::limits::Limits;
use crate::http::line;
use crate::http::metrics::Metrics;
use crate::http::pages;
use crate::http::surface::{Trusted, surface};
use crate::http::tokens::Tokens;
use crate::http::turns::{self, Turns};
use crate::{access, contact, directory, jobs, me, openapi, opinion, report};

/// Every operation of the contract.
fn operations(cfg: &mut ServiceConfig) {
    cfg.service(scope("/v1").configure(v1));
    cfg.service(access::jwks_read);
}

fn v1(cfg: &mut ServiceConfig) {
    access::routes(cfg);
    directory::routes(cfg);
    contact::routes(cfg);
    opinion::routes(cfg);
    report::routes(cfg);
    me::routes(cfg);
}

/// The contract, as it is committed and served.
pub fn document() -> Value {
    let (_, collected) = App::new().into_utoipa_app().openapi(openapi::start()).configure(operations).split_for_parts();
    openapi::finish(collected)
}

/// Opens the house on a database that is migrated already.
pub fn house(config: &Config, db: Db, is_demo: bool) -> Result<House, String> {
    let document = document();
    let index = Index::new(&document)?;
    let tokens = Tokens::load(&db, config.token_algorithm)
        .map_err(|problem| problem.cause.clone().unwrap_or_else(|| problem.to_string()))?;
    Ok(House {
        db,
        text: openapi::text(&document).into(),
        document: Arc::new(document),
        index,
        checks: Checks::default(),
        limits: Limits::new(config.body_bytes, config.requests_per_minute, config.logins_per_minute),
        metrics: Metrics::default(),
        tokens,
        turns: Turns::new(cores(), turns::PATIENCE),
        profile: config.profile,
        access_seconds: config.access_minutes * 60,
        refresh_seconds: config.refresh_hours * 3600,
        is_demo,
    })
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

/// Serves until it is told to stop; requests in flight end first.
pub fn serve_house(config: &Config, house: web::Data<House>, listener: TcpListener) -> std::io::Result<Server> {
    serve_with(config, house, listener, |_| {})
}

/// The same with routes beside the contract's.
pub fn serve_with(
    config: &Config,
    house: web::Data<House>,
    listener: TcpListener,
    more: fn(&mut web::ServiceConfig),
) -> std::io::Result<Server> {
    let keeper = house.clone();
    let trusted = web::Data::new(Trusted {
        proxies: config.trusted_proxies.clone(),
        origins: config.cors_origins.clone(),
        own_machine: house.is_demo,
    });
    let workers = if config.workers == 0 { cores() } else { config.workers };
    let server = HttpServer::new(move || {
        App::new()
            .into_utoipa_app()
            .configure(operations)
            .into_app()
            .configure(pages::routes)
            .configure(more)
            .default_service(web::to(|| async { Err::<String, _>(Problem::not_found()) }))
            .app_data(house.clone())
            .app_data(trusted.clone())
            .wrap(from_fn(gate))
            .wrap(Compress::default())
            .wrap(from_fn(surface))
    })
    .on_connect(line::watch)
    .workers(workers)
    // More would only wait for a connection, each with a stack and a heap of its own.
    .worker_max_blocking_threads((config.connections as usize).max(8))
    .client_request_timeout(std::time::Duration::from_secs(5))
    .keep_alive(line::KEPT)
    .shutdown_timeout(20)
    .disable_signals()
    .listen(listener)?
    .run();
    actix_web::rt::spawn(jobs::keep(keeper));
    Ok(server)
}
