//! What is done to a database without serving it.

use super::words::told;
use crate::base::seal::Seal;
use crate::config::Config;
use crate::db::engine::Place;
use crate::db::{Conn, dialect};
use crate::record;

pub fn migrate(config: &Config) -> Result<(), String> {
    let ran = dialect::migrate(&mut connect(config)?)?;
    println!("{ran} migrations ran");
    Ok(())
}

pub fn verify(config: &Config) -> Result<(), String> {
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

pub fn connect(config: &Config) -> Result<Conn, String> {
    let place = Place::parse(&config.database_url)?;
    place.connect().map_err(|error| format!("DATABASE_URL: {error}"))
}
