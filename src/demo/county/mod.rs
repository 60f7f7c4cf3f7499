//! A jurisdiction with its bodies and its people (arts. 11, 23, 25, 26), all dated, as a county has them.

mod bodies;
mod members;
mod plan;

use chrono::{Datelike, NaiveDate};
use serde_json::json;

use crate::base::calendar::Zone;
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::Maybe;
use crate::db::words::Json;
use crate::demo::maker::Maker;
use crate::demo::names::{ALLIES, COMMITTEES, DEPARTMENTS, SECTORS};
use crate::demo::rows::{CodeRow, JurisdictionRow, SectorRow, SettingsRow, TermRow};
use crate::directory::jurisdictions::Level;
use crate::directory::settings::Settings;
use crate::record;

use self::bodies::{Bodies, add_correspondences};
pub use self::bodies::{add_person, resolution};
use self::members::{add_members, add_memberships};
pub use self::plan::{Body, County, Member, Plan};

/// Makes a jurisdiction, its bodies and its people.
pub fn make(maker: &mut Maker<'_>, plan: Plan) -> Maybe<County> {
    let since = maker.day(-3, 1, 16);
    let made = maker.moment(since);
    let id = maker.id(made);
    add_jurisdiction(maker, id, &plan, made)?;
    let term = add_terms(maker, id, since, made);
    let mut sectors = Vec::new();
    for (position, sector) in (0..).zip(SECTORS) {
        let sector_id = maker.id(made);
        sectors.push(sector_id);
        maker.rows.sectors.push(SectorRow {
            id: sector_id,
            jurisdiction_id: id,
            name: sector.name.to_owned(),
            position,
            from_day: since,
            to_day: None,
            version: 1,
            created_at: made,
            updated_at: made,
        });
    }
    let mut bodies = Bodies { jurisdiction: id, since, made, position: 0, place: plan.name.clone() };
    bodies.add(maker, "chairpersons_meeting", "主席会议", None, None);
    let office = bodies.led(maker, "general_office", "办公室", None);
    let affairs = bodies.led(maker, "member_affairs_committee", "委员工作委员会", Some("委员工委"));
    let committees: Vec<Body> =
        COMMITTEES.iter().map(|(name, short)| bodies.led(maker, "special_committee", name, Some(short))).collect();
    let groups = bodies.groups(maker, &sectors);
    let liaison: Vec<Id> = plan.townships.iter().map(|town| bodies.liaison(maker, town)).collect();
    let departments = DEPARTMENTS.iter().map(|(name, short)| bodies.add(maker, "department", name, Some(short), None)).collect();
    let allies = ALLIES.iter().map(|(kind, name, short)| bodies.ally(maker, kind, name, short)).collect();
    let moved_on = maker.day(0, 1, 1);
    add_correspondences(maker, id, &sectors, &committees, since, moved_on);
    let mut county = County {
        id,
        term,
        since,
        sectors,
        office,
        affairs,
        committees,
        groups,
        departments,
        allies,
        members: Vec::with_capacity(plan.members),
        informants: Vec::new(),
        moved_on,
        plan,
    };
    add_members(maker, &mut county);
    add_memberships(maker, &county, &liaison);
    for _ in 0..3 {
        let (person, name) = add_person(maker, id, Some("乡镇社情民意信息员".to_owned()), made);
        county.informants.push((person, name));
    }
    maker.rest()?;
    Ok(county)
}

fn add_jurisdiction(maker: &mut Maker<'_>, id: Id, plan: &Plan, made: Instant) -> Maybe<()> {
    maker.rows.jurisdictions.push(JurisdictionRow {
        id,
        parent_id: plan.parent,
        name: plan.name.clone(),
        level: Level::of(&plan.code).unwrap_or(Level::County).as_str(),
        time_zone: Zone::default().name(),
        version: 1,
        created_at: made,
        updated_at: made,
    });
    let regulation = NaiveDate::from_ymd_opt(2017, 7, 5).unwrap_or(maker.today);
    let (code, settings) = (maker.id(made), maker.id(made));
    maker.rows.codes.push(CodeRow { id: code, jurisdiction_id: id, code: plan.code.clone(), from_day: regulation, to_day: None });
    maker.rows.settings.push(SettingsRow {
        id: settings,
        jurisdiction_id: id,
        from_day: regulation,
        values: Json(json!(Settings::default())),
        reason: Some("苍政协〔2017〕25号".to_owned()),
        version: 1,
        created_at: made,
    });
    // The head of the audit chain refers to the jurisdiction.
    maker.write()?;
    record::begin(maker.conn, maker.seal, id)
}

/// The term that is, and the one before.
fn add_terms(maker: &mut Maker<'_>, jurisdiction: Id, since: NaiveDate, made: Instant) -> Id {
    let (before, now) = (maker.id(made), maker.id(made));
    let start = |years: i32| since.with_year(since.year() + years).unwrap_or(since);
    for (id, name, from, until) in [(before, "十届", -5, 0), (now, "十一届", 0, 5)] {
        maker.rows.terms.push(TermRow {
            id,
            jurisdiction_id: jurisdiction,
            name: name.to_owned(),
            starts_on: start(from),
            ends_on: super::dice::minus(start(until), 1),
            version: 1,
            created_at: made,
            updated_at: made,
        });
    }
    now
}
