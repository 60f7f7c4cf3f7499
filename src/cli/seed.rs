//! Bulk data for measuring.

use std::time::Instant as Stopwatch;

use clap::Args;

use super::database::connect;
use super::words::told;
use super::{secret, serve};
use crate::base::instant::Clock;
use crate::config::Config;
use crate::db::dialect;
use crate::db::engine::Place;
use crate::directory::passwords;
use crate::seed::{self, Size};

/// Fill an empty database with bulk data for measuring
///
/// The same data on both engines and in every run. Refuses a database that holds a jurisdiction. Every account gets the one
/// password that is given, by --password or as the first line of standard input.
#[derive(Args)]
#[command(after_help = super::words::keys())]
pub struct Seed {
    /// How much
    #[arg(long, value_enum)]
    size: Size,
    /// The accounts' password; other users of the machine can see arguments, so standard input is the better place
    #[arg(long)]
    password: Option<String>,
}

impl Seed {
    pub fn run(&self, config: &Config) -> Result<(), String> {
        let place = Place::parse(&config.database_url)?;
        seed::refuse_engine(&place, self.size)?;
        let password = match &self.password {
            Some(password) => password.clone(),
            None => secret::read("Password of the accounts")?,
        };
        passwords::check_rules(config.profile, "", &password, "/password").map_err(|problem| told(&problem))?;
        let hash = passwords::hash(&password).map_err(|problem| told(&problem))?;
        let mut conn = connect(config)?;
        dialect::migrate(&mut conn)?;
        seed::refuse_settled(&mut conn).map_err(|problem| told(&problem))?;
        drop(conn);
        let db = serve::open(config, place, Clock::default())?;
        let started = Stopwatch::now();
        let made = seed::run(&db, self.size, &hash, |done| {
            eprintln!("{:>7.1} s  {done}", started.elapsed().as_secs_f64());
        });
        let made = made.map_err(|problem| told(&problem))?;
        for (what, count) in &made.counts {
            println!("{count:>10}  {what}");
        }
        println!("accounts: {}", made.accounts);
        Ok(())
    }
}
