//! The commands.
//!
//! Whatever goes wrong is one clear text on standard error and exit code 1; a wrong argument is exit code 2, as clap has it.

mod database;
mod demo;
mod found;
mod logs;
mod secret;
mod seed;
mod serve;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::words::keys;
use crate::config::Config;
use crate::{app, openapi};

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
        Command::Migrate => database::migrate(&load()?),
        Command::Openapi => {
            print!("{}", openapi::text(&app::document()));
            Ok(())
        }
        Command::CreateAdmin(found) => found.run(&load()?),
        Command::Seed(seed) => seed.run(&load()?),
        Command::Audit(Audit::Verify) => database::verify(&load()?),
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
}
