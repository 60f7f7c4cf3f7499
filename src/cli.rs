//! The commands.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;

use actix_web::web::Data;
use clap::{Parser, Subcommand};

use crate::app;
use crate::base::instant::Clock;
use crate::base::seal::Seal;
use crate::config::Config;
use crate::db::engine::{Place, PoolSize};
use crate::db::{Db, dialect};
use crate::{openapi, record};

/// 联系 Lianxi: the contact regulation of a county CPPCC committee as an HTTP API.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    /// A TOML file with the keys of the environment; LIANXI_CONFIG names it too.
    #[arg(long, global = true, env = "LIANXI_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API.
    Serve,
    /// Bring the database's schema up to date.
    Migrate,
    /// Print the contract (OpenAPI 3.1).
    Openapi,
    /// The audit log.
    #[command(subcommand)]
    Audit(Audit),
}

#[derive(Subcommand)]
enum Audit {
    /// Check every jurisdiction's chain; names the first entry that was changed or removed.
    Verify,
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match dispatch(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(cli: &Cli) -> Result<(), String> {
    match &cli.command {
        Command::Openapi => {
            print!("{}", openapi::text(&app::document()));
            Ok(())
        }
        Command::Serve => serve(&load(cli)?),
        Command::Migrate => {
            let ran = dialect::migrate(&mut connect(&load(cli)?)?)?;
            println!("{ran} migrations ran");
            Ok(())
        }
        Command::Audit(Audit::Verify) => {
            let config = load(cli)?;
            let mut conn = connect(&config)?;
            match record::verify_all(&mut conn, &Seal::new(&config.secret)).map_err(|problem| format!("{problem:?}"))? {
                Ok(entries) => {
                    println!("{entries} entries, all chains whole");
                    Ok(())
                }
                Err(faults) => Err(faults.join("\n")),
            }
        }
    }
}

fn load(cli: &Cli) -> Result<Config, String> {
    Config::load(cli.config.as_deref(), std::env::vars())
}

fn connect(config: &Config) -> Result<crate::db::Conn, String> {
    Place::parse(&config.database_url)?.connect().map_err(|error| error.to_string())
}

fn serve(config: &Config) -> Result<(), String> {
    let place = Place::parse(&config.database_url)?;
    let mut conn = place.connect().map_err(|error| error.to_string())?;
    dialect::refuse_unsafe(&mut conn)?;
    dialect::migrate(&mut conn)?;
    drop(conn);
    let size = PoolSize { connections: config.connections, wait: config.connection_wait };
    let db = Db::open(place, size, Clock::default(), Seal::new(&config.secret))?;
    let house = Data::new(app::house(config, db, false)?);
    let listener = TcpListener::bind(&config.listen).map_err(|error| format!("{}: {error}", config.listen))?;
    println!("http://{}", listener.local_addr().map_err(|error| error.to_string())?);
    actix_web::rt::System::new()
        .block_on(async { app::serve_house(config, house, listener).map_err(|e| e.to_string())?.await.map_err(|e| e.to_string()) })
}
