//! What it does by itself, and when: deadlines that pass, reminders, cleaning up.
//!
//! Any instance may do it and exactly one does: a lease in the database names the one at work, and each deed is guarded by the
//! state that it changes, so that even a lease lost in the middle does nothing twice.

use std::time::Duration;

use actix_web::web::Data;
use diesel::prelude::*;

use crate::base::calendar::{Zone, local_day};
use crate::base::id::Id;
use crate::base::problem::{Maybe, Problem};
use crate::db::schema::{jurisdictions, leases};
use crate::db::{Conn, Tx};
use crate::http::House;
use crate::http::once;
use crate::opinion::{clock, recount};
use crate::policy::Caller;
use crate::{access, contact, each, record};

/// What passes in one jurisdiction: a bounded batch of it, in one transaction; how much was done, nothing left at zero.
type Step = fn(&mut Tx<'_>) -> Maybe<usize>;

/// The deeds of the clock, in the order in which one makes room for the next.
const STEPS: &[(&str, Step)] = &[
    ("constituent_anonymise", contact::constituents::wipe::anonymise_due),
    ("deadline_recount", recount::recount),
    ("opinion_lapse", clock::lapse),
    ("feedback_close", clock::close_feedback),
    ("agenda_carry_over", clock::carry_over),
    ("reminder_send", clock::remind),
];

/// How often an instance looks whether something has passed.
const EVERY: Duration = Duration::from_secs(60);
/// A lease outlives the work of one round; an instance that died leaves it to the next after this.
const LEASE: chrono::Duration = chrono::Duration::minutes(5);
/// One step of one jurisdiction, at most so many batches a round: the rest waits for the next.
const BATCHES: usize = 100;

/// Looks after the house until the process ends.
pub async fn keep(house: Data<House>) {
    let me = Id::fresh();
    loop {
        actix_web::rt::time::sleep(EVERY).await;
        let house = house.clone();
        let round = actix_web::web::block(move || round(&house, me)).await;
        match round {
            Ok(Ok(0)) => {}
            Ok(Ok(done)) => tracing::info!(target: "jobs", done),
            Ok(Err(problem)) => tracing::warn!(target: "jobs", problem = ?problem),
            Err(error) => tracing::warn!(target: "jobs", problem = %error),
        }
    }
}

/// One round of the instance `me`, where nobody else is at it; how much was done.
pub fn round(house: &House, me: Id) -> Maybe<usize> {
    house.limits.tidy();
    house.tokens.reload(&house.db)?;
    if !take_lease(house, me)? {
        return Ok(0);
    }
    run_all(house)
}

/// Everything whose time has come, now and here: the demo's clock calls it after a jump.
pub fn run_all(house: &House) -> Maybe<usize> {
    house.tokens.rotate(&house.db)?;
    let now = house.db.clock().now();
    let mut done = house.db.write(|conn| Ok(access::tidy(conn, now)? + once::tidy(conn, now)?))?;
    let places: Vec<(Id, String)> = house.db.read(|conn| {
        Ok(jurisdictions::table.select((jurisdictions::id, jurisdictions::time_zone)).order(jurisdictions::id).load(conn)?)
    })?;
    for (place, zone) in places {
        let zone = zone.parse().map_err(|_| Problem::internal("a jurisdiction with an unknown time zone"))?;
        for (name, step) in STEPS {
            done += run_step(house, place, zone, *step)
                .inspect_err(|problem| tracing::warn!(target: "jobs", step = name, problem = ?problem))
                .unwrap_or(0);
        }
    }
    Ok(done)
}

fn run_step(house: &House, place: Id, zone: Zone, step: Step) -> Maybe<usize> {
    let mut done = 0;
    for _ in 0..BATCHES {
        let batch = house.db.write(|conn| as_clock(house, conn, place, zone, step))?;
        if batch == 0 {
            break;
        }
        done += batch;
    }
    Ok(done)
}

/// One batch, signed by the clock.
fn as_clock(house: &House, conn: &mut Conn, place: Id, zone: Zone, step: Step) -> Maybe<usize> {
    let caller = Caller::clock(place, zone);
    let now = house.db.clock().now();
    let mut tx = Tx { conn, caller: &caller, seal: house.db.seal(), now, today: local_day(now.0, zone), deeds: Vec::new() };
    let done = step(&mut tx)?;
    record::finish(&mut tx)?;
    Ok(done)
}

/// Whether this instance is the one at work: the lease was free, run out, or its own already.
fn take_lease(house: &House, me: Id) -> Maybe<bool> {
    let now = house.db.clock().now();
    let until = now.plus(LEASE);
    house.db.write(|conn| {
        let row = (leases::name.eq("jobs"), leases::holder.eq(me), leases::until.eq(until));
        if each!(conn, c => diesel::insert_into(leases::table).values(row).on_conflict_do_nothing().execute(c))? == 1 {
            return Ok(true);
        }
        let free = leases::table.filter(leases::name.eq("jobs")).filter(leases::until.lt(now).or(leases::holder.eq(me)));
        Ok(diesel::update(free).set((leases::holder.eq(me), leases::until.eq(until))).execute(conn)? == 1)
    })
}
