//! The commands.
//!
//! Whatever goes wrong is one clear text on standard error and exit code 1; a wrong argument is exit code 2, as clap has it.

mod demo;
mod found;
mod logs;
mod secret;
mod seed;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::base::problem::{Language, Problem};
use crate::base::seal::Seal;
use crate::config::{Config, KEYS};
use crate::db::engine::Place;
use crate::db::{Conn, dialect};
use crate::{app, openapi, record};

/// 联系 Lianxi: the contact regulation of a county CPPCC committee as an HTTP API
///
/// `lianxi demo` shows everything at once: a county on a database of its own, served on this machine.
#[derive(Parser)]
#[command(version, about, after_help = "`lianxi COMMAND --help` tells more, `lianxi serve --help` every key of the configuration.")]
struct Cli {
    /// A TOML file with the keys of the environment, which go before it
    #[arg(long, global = true, env = "LIANXI_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::Demo),
    /// Serve the API
    ///
    /// Brings the schema up to date first. Its address goes to standard output, its log, one JSON object a line, to standard
    /// error. SIGTERM and SIGINT let the requests in flight end.
    #[command(after_help = keys())]
    Serve,
    /// Bring the database's schema up to date
    ///
    /// `serve` does so too; this is for those who do it apart, as on PostgreSQL behind a pooler that hands each transaction
    /// another session.
    #[command(after_help = keys())]
    Migrate,
    /// Print the contract (OpenAPI 3.1) to standard output
    Openapi,
    CreateAdmin(found::CreateAdmin),
    Seed(seed::Seed),
    /// The audit log
    #[command(subcommand)]
    Audit(Audit),
}

#[derive(Subcommand)]
enum Audit {
    /// Check every jurisdiction's chain
    ///
    /// Names, for each jurisdiction, the first entry that was changed or removed; exit code 1 if there is one.
    #[command(after_help = keys())]
    Verify,
}

/// Every key of the configuration, as help shows it.
fn keys() -> String {
    let lines = KEYS.iter().map(|key| {
        let default = match key.default {
            None => "required".to_owned(),
            Some("") => "default: none".to_owned(),
            Some(default) => format!("default: {default}"),
        };
        format!("  {}\n          {} ({default})", key.name, key.meaning)
    });
    format!("Configuration, from the environment or the file of --config:\n{}", lines.collect::<Vec<_>>().join("\n"))
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
    let load = || Config::load(cli.config.as_deref(), std::env::vars());
    match &cli.command {
        Command::Demo(demo) => demo.run(),
        Command::Serve => serve::run(&load()?),
        Command::Migrate => migrate(&load()?),
        Command::Openapi => {
            print!("{}", openapi::text(&app::document()));
            Ok(())
        }
        Command::CreateAdmin(found) => found.run(&load()?),
        Command::Seed(seed) => seed.run(&load()?),
        Command::Audit(Audit::Verify) => verify(&load()?),
    }
}

fn migrate(config: &Config) -> Result<(), String> {
    let ran = dialect::migrate(&mut connect(config)?)?;
    println!("{ran} migrations ran");
    Ok(())
}

fn verify(config: &Config) -> Result<(), String> {
    let mut conn = connect(config)?;
    if !dialect::is_migrated(&mut conn) {
        return Err("the schema is older than the program, or there is none: run lianxi migrate".to_owned());
    }
    match record::verify_all(&mut conn, &Seal::new(&config.secret)).map_err(|problem| told(&problem))? {
        Ok(entries) => {
            println!("{entries} entries, all chains whole");
            Ok(())
        }
        Err(faults) => Err(faults.join("\n")),
    }
}

fn connect(config: &Config) -> Result<Conn, String> {
    let place = Place::parse(&config.database_url)?;
    place.connect().map_err(|error| format!("DATABASE_URL: {error}"))
}

/// A problem in words for an operator: each fault in a line of its own.
fn told(problem: &Problem) -> String {
    told_of(problem, |field| field)
}

/// The same with other names for the fields.
fn told_of(problem: &Problem, name: fn(&str) -> &str) -> String {
    let faults = problem.faults.iter().map(|fault| {
        let words = fault.say.as_ref().map_or(fault.detail.as_str(), |say| say.text(Language::En));
        format!("{}: {words}", name(fault.pointer.trim_start_matches('/')))
    });
    let faults: Vec<String> = faults.collect();
    match (&problem.cause, faults.is_empty()) {
        (_, false) => faults.join("\n"),
        (Some(cause), true) => format!("{}: {cause}", problem.detail.text(Language::En)),
        (None, true) => problem.detail.text(Language::En).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_well_formed_and_every_command_has_help() {
        let command = Cli::command();
        command.clone().debug_assert();
        for sub in command.get_subcommands() {
            assert!(sub.get_about().is_some(), "{} has no help", sub.get_name());
            for argument in sub.get_arguments().filter(|argument| argument.get_id() != "help") {
                assert!(argument.get_help().is_some(), "{} {} has no help", sub.get_name(), argument.get_id());
            }
        }
    }

    #[test]
    fn help_tells_every_key_and_whether_it_is_required() {
        let keys = keys();
        for key in KEYS {
            assert!(keys.contains(key.name), "{}", key.name);
        }
        assert!(keys.contains("(required)"));
    }
}
