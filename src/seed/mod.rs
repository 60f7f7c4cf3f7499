//! Bulk data for measuring: what the demo's county is made of, evenly and in large numbers.
//!
//! The same rows on both engines and in every run of one day: by COPY on PostgreSQL, in statements of many rows on SQLite, a
//! jurisdiction in one transaction.

use clap::ValueEnum;
use diesel::prelude::*;

use crate::base::calendar::{Zone, local_day};
use crate::base::id::Id;
use crate::base::problem::{Maybe, Problem, say};
use crate::db::engine::Place;
use crate::db::schema::{self, jurisdictions};
use crate::db::{Conn, Db, dialect};
use crate::demo::county::{self, Plan};
use crate::demo::maker::Maker;
use crate::demo::{self, Accounts, contacts, opinions};
use crate::directory::setup;

/// How much there is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Size {
    /// 240 members
    County,
    /// 5,000 members, 50,000 constituents, 200,000 events, 50,000 opinions of some 600 characters
    City,
    /// 3,000 jurisdictions, 600,000 members, 3,000,000 constituents; PostgreSQL only
    Nation,
}

/// What was made.
#[derive(Clone, Debug, Default)]
pub struct Made {
    pub counts: Vec<(&'static str, i64)>,
    /// In words: the names that can log in.
    pub accounts: String,
}

/// Bulk data goes into an empty database only.
pub fn refuse_settled(conn: &mut Conn) -> Maybe<()> {
    let some: Option<Id> = jurisdictions::table.select(jurisdictions::id).first(conn).optional()?;
    let detail = say("数据库中已有地区", "the database holds a jurisdiction already: seed fills empty ones only");
    if some.is_some() { Err(Problem::conflict(detail)) } else { Ok(()) }
}

/// The nation is written by COPY, which SQLite has not.
pub fn refuse_engine(place: &Place, size: Size) -> Result<(), String> {
    let refused = size == Size::Nation && place.is_sqlite();
    if refused { Err("--size nation: PostgreSQL only, since it is written by COPY".to_owned()) } else { Ok(()) }
}

/// A number that every run starts from.
const SEED: u64 = 20_170_705;

/// Makes data of a size; every account has the one password whose hash is given. `progress` is told what is done.
pub fn run(db: &Db, size: Size, password_hash: &str, progress: impl Fn(String)) -> Maybe<Made> {
    db.write(|conn| {
        refuse_settled(conn)?;
        setup::installation(conn, false).map(drop)
    })?;
    let accounts = match size {
        Size::County => whole(db, county_plan(), password_hash, &progress)?,
        Size::City => whole(db, city_plan(), password_hash, &progress)?,
        Size::Nation => nation(db, password_hash, &progress)?,
    };
    progress("statistics of the tables".to_owned());
    db.write(dialect::refresh_statistics)?;
    Ok(Made { counts: db.read(counts)?, accounts })
}

fn county_plan() -> Plan {
    Plan { constituents: 1_300, visits: 1_200, opinions: 600, text: 580, is_lively: false, ..demo::cangnan(None) }
}

fn city_plan() -> Plan {
    Plan {
        code: "330300".to_owned(),
        name: "温州市".to_owned(),
        members: 5_000,
        leaders: 8,
        standing: 100,
        constituents: 50_000,
        visits: 200_000,
        opinions: 50_000,
        ..county_plan()
    }
}

/// One jurisdiction with all that goes on in it, in one transaction.
fn whole(db: &Db, plan: Plan, password_hash: &str, progress: &impl Fn(String)) -> Maybe<String> {
    let today = local_day(db.clock().now().0, Zone::default());
    db.write(|conn| {
        let mut maker = Maker::new(conn, db.seal(), today, SEED);
        fill(&mut maker, plan.clone(), Some(password_hash), progress)?;
        maker.write()
    })?;
    Ok(NAMES_OF_ACCOUNTS.to_owned())
}

fn fill(maker: &mut Maker<'_>, plan: Plan, password_hash: Option<&str>, progress: &impl Fn(String)) -> Maybe<Id> {
    let mut county = county::make(maker, plan)?;
    if let Some(hash) = password_hash {
        progress(format!("{}: {} members", county.plan.name, county.plan.members));
        Accounts::of_all(&county).write(maker, &county, hash);
        progress("accounts".to_owned());
    }
    contacts::make(maker, &mut county, &[])?;
    if county.plan.opinions > 0 {
        progress("constituents, assignments, events".to_owned());
        opinions::make(maker, &county, &[])?;
        progress("meetings, opinions, feedback".to_owned());
    }
    Ok(county.id)
}

const NAMES_OF_ACCOUNTS: &str = "admin, auditor, chairperson, vice-chairperson, office, committee-1 to committee-8, \
    member-affairs, group-1 to group-6, contributor, recipient-1; member-1, member-2 and so on for every other member";

/// Provinces by the first two digits of their codes (GB/T 2260).
const PROVINCES: &[(u32, &str)] = &[
    (11, "北京市"),
    (12, "天津市"),
    (13, "河北省"),
    (14, "山西省"),
    (15, "内蒙古自治区"),
    (21, "辽宁省"),
    (22, "吉林省"),
    (23, "黑龙江省"),
    (31, "上海市"),
    (32, "江苏省"),
    (33, "浙江省"),
    (34, "安徽省"),
    (35, "福建省"),
    (36, "江西省"),
    (37, "山东省"),
    (41, "河南省"),
    (42, "湖北省"),
    (43, "湖南省"),
    (44, "广东省"),
    (45, "广西壮族自治区"),
    (46, "海南省"),
    (50, "重庆市"),
    (51, "四川省"),
    (52, "贵州省"),
    (53, "云南省"),
    (54, "西藏自治区"),
    (61, "陕西省"),
    (62, "甘肃省"),
    (63, "青海省"),
    (64, "宁夏回族自治区"),
    (65, "新疆维吾尔自治区"),
];
const CITIES_EACH: u32 = 11;
const JURISDICTIONS: usize = 3_000;
/// The jurisdiction that has the accounts, and in which much goes on.
const MEASURED: &str = "330327";
/// So many jurisdictions are written in one transaction.
const AT_ONCE: usize = 25;

/// A place in the tree of jurisdictions: its code, its name, the code above it.
type Node = (String, String, Option<String>);

/// 31 provinces, 11 cities in each, and counties, evenly, until there are 3,000; those above come first.
fn places() -> Vec<Node> {
    let mut places: Vec<Node> = PROVINCES.iter().map(|(code, name)| (format!("{code}0000"), (*name).to_owned(), None)).collect();
    let mut cities = Vec::new();
    for number in 1..=CITIES_EACH {
        for (province, name) in PROVINCES {
            let above = format!("{province}0000");
            cities.push((format!("{province}{number:02}"), format!("{name}第{number}市")));
            places.push((format!("{province}{number:02}00"), format!("{name}第{number}市"), Some(above)));
        }
    }
    for county in 0..JURISDICTIONS - places.len() {
        let (city, name) = &cities[county % cities.len()];
        let number = 21 + county / cities.len();
        places.push((format!("{city}{number}"), format!("{name}第{}县", number - 20), Some(format!("{city}00"))));
    }
    places
}

fn nation(db: &Db, password_hash: &str, progress: &impl Fn(String)) -> Maybe<String> {
    let today = local_day(db.clock().now().0, Zone::default());
    let each = Plan { members: 200, leaders: 5, standing: 40, constituents: 1_000, visits: 200, opinions: 0, ..county_plan() };
    let places = places();
    let mut ids = std::collections::HashMap::new();
    for (at, some) in places.chunks(AT_ONCE).enumerate() {
        let made = db.write(|conn| {
            let mut maker = Maker::new(conn, db.seal(), today, SEED + at as u64);
            maker.skip_phones(at as u64 * 1_000_000);
            let mut made = Vec::new();
            for (code, name, above) in some {
                let parent = above.as_ref().and_then(|above| ids.get(above).copied().or_else(|| known(&made, above)));
                let mut plan = Plan { code: code.clone(), name: name.clone(), parent, ..each.clone() };
                let is_measured = code == MEASURED;
                if is_measured {
                    (plan.visits, plan.opinions) = (40_000, 10_000);
                }
                made.push((code.clone(), fill(&mut maker, plan, is_measured.then_some(password_hash), &|_| {})?));
            }
            maker.write()?;
            Ok(made)
        })?;
        ids.extend(made);
        if at % 10 == 9 {
            progress(format!("{} of {JURISDICTIONS} jurisdictions", ids.len()));
        }
    }
    Ok(format!("of {MEASURED}: {}", NAMES_OF_ACCOUNTS))
}

fn known(made: &[(String, Id)], code: &str) -> Option<Id> {
    made.iter().find(|(of, _)| of == code).map(|(_, id)| *id)
}

fn counts(conn: &mut Conn) -> Maybe<Vec<(&'static str, i64)>> {
    macro_rules! of {
        ($($table:ident),+) => { vec![$((stringify!($table), schema::$table::table.count().get_result(conn)?)),+] };
    }
    Ok(of!(
        jurisdictions,
        organizations,
        persons,
        posts,
        memberships,
        accounts,
        constituents,
        contact_assignments,
        contact_events,
        event_participants,
        meetings,
        opinions,
        opinion_transitions,
        adoption_feedback,
        notifications
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::directory::jurisdictions::Level;

    #[test]
    fn the_nation_has_three_thousand_places_each_below_one_that_comes_before() {
        let places = places();
        assert_eq!(places.len(), JURISDICTIONS);
        let mut seen = HashSet::new();
        for (code, name, above) in &places {
            let level = Level::of(code).expect("a code");
            assert_eq!(level == Level::Province, above.is_none(), "{code} {name}");
            if let Some(above) = above {
                assert!(seen.contains(above) && Level::of(above) < Some(level), "{code} {above}");
            }
            assert!(seen.insert(code.clone()), "{code} twice");
        }
        assert!(seen.contains(MEASURED));
    }
}
