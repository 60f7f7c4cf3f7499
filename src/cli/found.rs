//! The first things in an empty system: a jurisdiction and its first account.

use clap::Args;

use super::database::connect;
use super::secret;
use super::words::{told, told_of};
use crate::base::instant::Clock;
use crate::base::seal::Seal;
use crate::config::Config;
use crate::db::engine::{Place, PoolSize};
use crate::db::{Db, dialect};
use crate::directory::passwords;
use crate::directory::setup::{self, Founding};

/// Make a jurisdiction and its first account, an admin's
///
/// With it come its general office, its member affairs committee and its chairpersons' meeting, so that everything else can be
/// set up over HTTP. The password is asked for, or is the first line of standard input: 8 to 128 characters, none of the
/// common ones, nothing close to the account's name, and with LIANXI_PROFILE=dengbao-3 three of upper case, lower case, digits
/// and signs.
#[derive(Args)]
#[command(after_help = super::words::keys())]
pub struct CreateAdmin {
    /// Its division code (GB/T 2260), e.g. 330327
    #[arg(long, value_name = "CODE")]
    jurisdiction: String,
    /// Its name, e.g. 苍南县
    #[arg(long)]
    name: String,
    /// The division code of the jurisdiction above it, which must be there already
    #[arg(long, value_name = "CODE")]
    parent: Option<String>,
    /// The name that the admin logs in with
    #[arg(long, value_name = "NAME", default_value = "admin")]
    account: String,
}

/// What gave the field that a fault is about.
fn flag(field: &str) -> &str {
    match field {
        "code" => "--jurisdiction",
        "name" => "--name",
        "parent_code" => "--parent",
        "account_name" => "--account",
        other => other,
    }
}

impl CreateAdmin {
    pub fn run(&self, config: &Config) -> Result<(), String> {
        let password = secret::read(&format!("Password of {}", self.account))?;
        passwords::check_rules(config.profile, &self.account, &password, "/password").map_err(|problem| told(&problem))?;
        let hash = passwords::hash(&password).map_err(|problem| told(&problem))?;
        let mut conn = connect(config)?;
        dialect::refuse_unsafe(&mut conn)?;
        dialect::migrate(&mut conn)?;
        drop(conn);
        let founding = Founding {
            code: &self.jurisdiction,
            name: &self.name,
            parent_code: self.parent.as_deref(),
            account_name: &self.account,
            password_hash: &hash,
            must_change_password: false,
        };
        let size = PoolSize { connections: 1, wait: config.connection_wait };
        let db = Db::open(Place::parse(&config.database_url)?, size, Clock::default(), Seal::new(&config.secret))?;
        let founded = db.write(|conn| {
            setup::installation(conn, false)?;
            setup::found(conn, db.seal(), db.clock().now(), &founding)
        });
        let founded = founded.map_err(|problem| told_of(&problem, flag))?;
        println!("{} {}: {}", self.jurisdiction, self.name, founded.jurisdiction);
        println!("account {}: {}", self.account, founded.account);
        Ok(())
    }
}
