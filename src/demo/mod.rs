//! The demo county: made up, the same in every run, living in the year of its today and the one before.
//!
//! What it is made of serves bulk data too. Everything is written as rows, in batches: nobody did these deeds, so that the audit
//! log begins with what is done to the demo.

mod accounts;
pub mod clock;
pub mod contacts;
pub mod county;
pub mod dice;
pub mod maker;
pub mod names;
pub mod opinions;
pub mod rows;
pub mod texts;

use actix_web::http::header::LOCATION;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, http::StatusCode};

use crate::base::calendar::{Zone, local_day};
use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::db::Db;
use crate::directory::setup;

pub use accounts::{Accounts, Login};
use county::Plan;
use maker::Maker;
use names::{CANGNAN, PINGYANG};

/// What stands in the database now.
#[derive(Clone, Debug)]
pub struct Made {
    /// The accounts, in the order in which somebody would try them.
    pub logins: Vec<Login>,
}

/// What only the demo's server answers: its clock, and the way to the documents for who opens its bare address.
pub fn routes(cfg: &mut ServiceConfig) {
    clock::routes(cfg);
    let docs = || async { HttpResponse::build(StatusCode::SEE_OTHER).insert_header((LOCATION, "/docs")).finish() };
    cfg.service(web::resource("/").route(web::get().to(docs)));
}

/// The county of the demo: 240 members, 5 of them leaders, 40 standing members, 1,300 constituents.
pub fn cangnan(parent: Option<Id>) -> Plan {
    Plan {
        code: "330327".to_owned(),
        name: "苍南县".to_owned(),
        parent,
        townships: CANGNAN,
        members: 240,
        leaders: 5,
        standing: 40,
        constituents: 1_300,
        visits: 1_100,
        opinions: 320,
        text: 0,
        is_lively: true,
    }
}

fn pingyang(parent: Id) -> Plan {
    Plan {
        code: "330326".to_owned(),
        name: "平阳县".to_owned(),
        townships: PINGYANG,
        members: 60,
        leaders: 3,
        standing: 12,
        constituents: 300,
        visits: 240,
        opinions: 30,
        is_lively: false,
        ..cangnan(Some(parent))
    }
}

/// The city above both has its bodies and its leaders, and no members of its own here.
fn wenzhou() -> Plan {
    Plan {
        code: "330300".to_owned(),
        name: "温州市".to_owned(),
        members: 0,
        leaders: 0,
        standing: 0,
        constituents: 0,
        visits: 0,
        opinions: 0,
        is_lively: false,
        ..cangnan(None)
    }
}

/// Settles a migrated, empty database. Every account has the one password whose hash is given.
pub fn settle(db: &Db, password_hash: &str) -> Maybe<Made> {
    let today = local_day(db.clock().now().0, Zone::default());
    db.write(|conn| {
        setup::installation(conn, true)?;
        let mut maker = Maker::new(conn, db.seal(), today, 330_327);
        let city = county::make(&mut maker, wenzhou())?;
        let mut county = county::make(&mut maker, cangnan(Some(city.id)))?;
        let accounts = Accounts::of_demo(&county);
        contacts::make(&mut maker, &mut county, &accounts.members)?;
        opinions::make(&mut maker, &county, &accounts.members)?;
        let logins = accounts.write(&mut maker, &county, password_hash);
        let mut beside = county::make(&mut maker, pingyang(city.id))?;
        contacts::make(&mut maker, &mut beside, &[])?;
        opinions::make(&mut maker, &beside, &[])?;
        maker.write()?;
        Ok(Made { logins })
    })
}
