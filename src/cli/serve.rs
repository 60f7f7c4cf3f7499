//! Serving, until it is told to stop.

use std::net::{SocketAddr, TcpListener};

use actix_web::dev::Server;
use actix_web::web::{Data, ServiceConfig};

use super::database::connect;
use super::logs;
use super::words::{say, told};
use crate::base::instant::Clock;
use crate::base::seal::Seal;
use crate::config::Config;
use crate::db::engine::{Place, PoolSize};
use crate::db::{Db, dialect};
use crate::directory::setup;
use crate::{app, demo};

pub fn run(config: &Config) -> Result<(), String> {
    logs::for_machines(&config.log)?;
    let listener = listen(config)?;
    let mut conn = connect(config)?;
    dialect::refuse_unsafe(&mut conn)?;
    let ran = dialect::migrate(&mut conn)?;
    let installation = setup::installation(&mut conn, false).map_err(|problem| told(&problem))?;
    if installation.is_demo {
        return Err("DATABASE_URL: this is a demo's database, whose passwords everybody knows".to_owned());
    }
    let engine = dialect::engine_name(&conn);
    drop(conn);
    let db = open(config, Place::parse(&config.database_url)?, Clock::default())?;
    until_stopped(config, db, listener, false, |address| {
        tracing::info!(target: "start", engine, migrations = ran, address = %address, version = env!("CARGO_PKG_VERSION"));
        say(&format!("http://{address}\n"));
    })
}

/// Takes the address, so that one in use is told before anything else is done.
pub fn listen(config: &Config) -> Result<TcpListener, String> {
    TcpListener::bind(&config.listen).map_err(|error| format!("LIANXI_LISTEN {}: {error}", config.listen))
}

pub fn open(config: &Config, place: Place, clock: Clock) -> Result<Db, String> {
    let size = PoolSize { connections: config.connections, wait: config.connection_wait };
    Db::open(place, size, clock, Seal::new(&config.secret))
}

/// Serves a migrated database, and in the demo its clock; `started` is called once it listens. On SIGTERM or SIGINT requests in
/// flight end first.
pub fn until_stopped(
    config: &Config,
    db: Db,
    listener: TcpListener,
    is_demo: bool,
    started: impl FnOnce(SocketAddr),
) -> Result<(), String> {
    let more: fn(&mut ServiceConfig) = if is_demo { demo::routes } else { |_| {} };
    let house = Data::new(app::house(config, db, is_demo)?);
    if is_demo {
        // Whoever looks at once finds the reminders of the day already sent.
        demo::clock::catch_up(&house).map_err(|problem| told(&problem))?;
    }
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    actix_web::rt::System::new().block_on(async {
        let server = app::serve_with(config, house, listener, more).map_err(|error| error.to_string())?;
        let mut signals = Signals::listen().map_err(|error| format!("signals: {error}"))?;
        started(address);
        actix_web::rt::spawn(stop(server.handle(), async move { signals.next().await }));
        run_to_end(server).await
    })
}

async fn run_to_end(server: Server) -> Result<(), String> {
    server.await.map_err(|error| error.to_string())
}

async fn stop(server: actix_web::dev::ServerHandle, told: impl Future<Output = &'static str>) {
    let signal = told.await;
    tracing::info!(target: "stop", signal);
    server.stop(true).await;
}

#[cfg(unix)]
struct Signals {
    terminate: actix_web::rt::signal::unix::Signal,
    interrupt: actix_web::rt::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use actix_web::rt::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> &'static str {
        use futures_util::future::{Either, select};
        let (terminate, interrupt) = (std::pin::pin!(self.terminate.recv()), std::pin::pin!(self.interrupt.recv()));
        match select(terminate, interrupt).await {
            Either::Left(_) => "SIGTERM",
            Either::Right(_) => "SIGINT",
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "the twin of the one for Unix")]
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> &'static str {
        let _ = actix_web::rt::signal::ctrl_c().await;
        "interrupt"
    }
}
