//! Two instances on one database: what passes by itself is done once.

use actix_web::web::block;
use diesel::prelude::*;
use lianxi::base::id::Id;
use lianxi::db::schema::{leases, notifications};
use lianxi::jobs;
use serde_json::json;

use crate::town::Town;
use crate::traces::{audited, chains_are_whole};
use crate::walk::{accepted, act, submitted};

/// Every reminder as whom it tells of what, in order.
fn reminders(town: &Town) -> Vec<(Option<Id>, Option<Id>, String, Id)> {
    let mut all: Vec<(Option<Id>, Option<Id>, String, Id)> = town.rows(|conn| {
        let columns = (notifications::person_id, notifications::organization_id, notifications::kind, notifications::thing_id);
        notifications::table.filter(notifications::once.is_not_null()).select(columns).load(conn).expect("reminders")
    });
    all.sort();
    all
}

#[actix_web::test]
async fn the_nights_work_is_done_once_however_many_do_it() {
    for town in Town::on_each_engine().await {
        for number in 0..6 {
            submitted(&town.member("教育界"), &format!("待受理{number}"), json!({})).await;
            accepted(&town, &format!("待报送{number}")).await;
            let drafted = submitted(&town.member("经济界"), &format!("待补正{number}"), json!({})).await;
            act(&town.committee("经济界"), &drafted, "return", Some(json!({"reason": "补正"}))).await.is(200);
        }
        let other = town.instance(&[]);
        for day in ["2026-03-06T02:00:00Z", "2026-03-20T02:00:00Z", "2026-07-01T02:00:00Z"] {
            town.at(day);
            let (one, two) = (town.data(), other.house.clone());
            // Without the lease, so that nothing but the deeds themselves keeps them apart.
            let both = futures_util::future::join(block(move || jobs::run_all(&one)), block(move || jobs::run_all(&two))).await;
            let done = both.0.expect("a round").expect("a round") + both.1.expect("a round").expect("a round");
            assert!(done > 0, "{day}");
            assert_eq!(jobs::run_all(town.house()).expect("a round"), 0, "{day}: something was left");
        }
        let told = reminders(&town);
        assert!(told.len() >= 12, "{}", told.len());
        assert!(told.windows(2).all(|pair| pair[0] != pair[1]), "told twice: {told:?}");
        let lapsed = audited(&town, "opinion_lapse");
        assert_eq!(lapsed.iter().map(|entry| entry.thing).collect::<std::collections::HashSet<_>>().len(), lapsed.len());
        assert_eq!(lapsed.len(), 6);
        chains_are_whole(&town);
    }
}

#[actix_web::test]
async fn one_instance_at_a_time_has_the_lease_and_a_dead_ones_passes_on() {
    for town in Town::on_each_engine().await {
        let other = town.instance(&[]);
        let (first, second) = (Id::fresh(), Id::fresh());
        let holder = || -> Id { town.rows(|conn| leases::table.select(leases::holder).first(conn).expect("a lease")) };
        submitted(&town.member("教育界"), "待受理", json!({})).await;
        jobs::round(town.house(), first).expect("a round");
        assert_eq!(holder(), first);

        // There is work, and it is left to the one who has the lease.
        town.clock.fix(town.clock.now().plus(chrono::Duration::minutes(4)));
        jobs::round(town.house(), first).expect("a round");
        town.clock.fix(town.clock.now().plus(chrono::Duration::minutes(4)));
        assert_eq!(jobs::round(&other.house, second).expect("a round"), 0);
        assert_eq!(holder(), first, "renewed by its own round");

        // It has died: five minutes later the next one goes on.
        town.at("2026-03-06T02:00:00Z");
        assert!(jobs::round(&other.house, second).expect("a round") > 0);
        assert_eq!(holder(), second);
        assert_eq!(jobs::round(town.house(), first).expect("a round"), 0);
        assert_eq!(holder(), second);
    }
}
