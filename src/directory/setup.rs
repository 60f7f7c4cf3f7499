//! The first things in a database: the installation's own row, and a jurisdiction with the bodies that the regulation cannot
//! do without (arts. 19, 23, 25) and its first admin.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::json;

use super::accounts::{self, Granted, NewAccount};
use super::jurisdictions::{self, Level};
use super::organizations::OrganizationKind;
use super::settings::{self, Settings};
use crate::base::calendar::{Zone, local_day};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Fault, Maybe, Problem, say};
use crate::base::seal::Seal;
use crate::base::text::{self, Form};
use crate::db::schema::{installation, jurisdictions as jurisdiction_rows, organizations};
use crate::db::{Conn, Tx};
use crate::each;
use crate::policy::{Caller, Op, Role};
use crate::record;

/// What a new jurisdiction is made of.
#[derive(Clone, Copy, Debug)]
pub struct Founding<'a> {
    /// Its division code (GB/T 2260), from which its level follows.
    pub code: &'a str,
    /// The committee's name: 1 to 100 characters.
    pub name: &'a str,
    /// Any code of the jurisdiction above it.
    pub parent_code: Option<&'a str>,
    /// The first admin's login name.
    pub account_name: &'a str,
    pub password_hash: &'a str,
    /// The password is a one-time password.
    pub must_change_password: bool,
}

/// What was made.
#[derive(Clone, Copy, Debug)]
pub struct Founded {
    pub jurisdiction: Id,
    pub general_office: Id,
    pub member_affairs_committee: Id,
    pub chairpersons_meeting: Id,
    pub account: Id,
}

/// The installation's own row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Installation {
    /// Names this database in cursors of the change feed: a restored one gets another.
    pub epoch: Id,
    /// Made by `demo`, with passwords that everybody knows.
    pub is_demo: bool,
}

/// The installation's row, made when it is missing; `is_demo` counts only then.
pub fn installation(conn: &mut Conn, is_demo: bool) -> Maybe<Installation> {
    let row = (installation::id.eq(1_i64), installation::epoch.eq(Id::fresh()), installation::demo.eq(is_demo));
    each!(conn, conn => diesel::insert_into(installation::table).values(row).on_conflict_do_nothing().execute(conn))?;
    let (epoch, is_demo) = installation::table.find(1_i64).select((installation::epoch, installation::demo)).first(conn)?;
    Ok(Installation { epoch, is_demo })
}

/// Makes a jurisdiction with its general office, member affairs committee and chairpersons' meeting from today on, the
/// regulation's own settings, and its first admin. To be called in a writing transaction; it writes its audit entries itself.
pub fn found(conn: &mut Conn, seal: &Seal, now: Instant, founding: &Founding<'_>) -> Maybe<Founded> {
    let Checked { level, parent, name } = checked(conn, founding)?;
    let zone = Zone::default();
    let today = local_day(now.0, zone);
    let jurisdiction = Id::fresh();
    let row = (
        jurisdiction_rows::id.eq(jurisdiction),
        jurisdiction_rows::parent_id.eq(parent),
        jurisdiction_rows::name.eq(name),
        jurisdiction_rows::level.eq(level),
        jurisdiction_rows::time_zone.eq(zone.name()),
        jurisdiction_rows::version.eq(1_i64),
        jurisdiction_rows::created_at.eq(now),
        jurisdiction_rows::updated_at.eq(now),
    );
    diesel::insert_into(jurisdiction_rows::table).values(row).execute(conn)?;
    record::begin(conn, seal, jurisdiction)?;
    jurisdictions::add_code(conn, jurisdiction, founding.code, today)?;
    // From the regulation's own day on, so that a jurisdiction may set others from the very day it is founded.
    let since = NaiveDate::from_ymd_opt(2017, 7, 5).unwrap_or(today);
    settings::insert(conn, jurisdiction, since, &Settings::default(), Some("苍政协〔2017〕25号"), now)?;
    let mut body = |position, (kind, name)| add_body(conn, jurisdiction, (kind, name, position), today, now);
    let founded = Founded {
        jurisdiction,
        chairpersons_meeting: body(0, (OrganizationKind::ChairpersonsMeeting, "主席会议"))?,
        general_office: body(1, (OrganizationKind::GeneralOffice, "办公室"))?,
        member_affairs_committee: body(2, (OrganizationKind::MemberAffairsCommittee, "委员工作委员会"))?,
        account: add_admin(conn, jurisdiction, founding, now)?,
    };
    let caller = Caller::clock(jurisdiction, zone);
    let mut tx = Tx { conn, caller: &caller, seal, now, today, deeds: Vec::new() };
    let details = json!({"code": founding.code, "level": level, "parent": parent, "account": founded.account});
    record::access(&mut tx, Op::jurisdiction_found, "jurisdiction", jurisdiction, details);
    record::finish(&mut tx)?;
    Ok(founded)
}

/// What a founding comes to when nothing is wrong with it.
struct Checked {
    level: Level,
    /// The jurisdiction above.
    parent: Option<Id>,
    name: String,
}

/// Every fault at once.
fn checked(conn: &mut Conn, founding: &Founding<'_>) -> Maybe<Checked> {
    let mut faults = Vec::new();
    let level = Level::of(founding.code);
    if level.is_none() {
        faults.push(Fault::new("/code", "code", say("不是行政区划代码 (GB/T 2260)", "no division code (GB/T 2260)")));
    }
    let name = text::normalise(founding.name, Form::Line).unwrap_or_default();
    if !(1..=100).contains(&name.chars().count()) {
        faults.push(Fault::new("/name", "length", say("须为一行 1 至 100 个字符", "one line of 1 to 100 characters")));
    }
    if !accounts::is_name(founding.account_name) {
        let say = say("须为 2 至 40 个小写字母、数字或 . _ -", "2 to 40 lower-case letters, digits or . _ -");
        faults.push(Fault::new("/account_name", "pattern", say));
    }
    let parent = match founding.parent_code {
        None => None,
        Some(code) => match jurisdictions::id_of(conn, code)? {
            Some(id) if Level::of(code) < level => Some(id),
            Some(_) => {
                faults.push(Fault::new(
                    "/parent_code",
                    "level",
                    say("上级地区的级别须更高", "the parent must be of a higher level"),
                ));
                None
            }
            None => {
                let say = say("没有这个代码的地区，须先建立", "no jurisdiction has this code: make it first");
                faults.push(Fault::new("/parent_code", "unknown_reference", say));
                None
            }
        },
    };
    let Some(level) = level.filter(|_| faults.is_empty()) else { return Err(Problem::invalid(faults)) };
    jurisdictions::refuse_taken(conn, founding.code)?;
    accounts::refuse_taken(conn, founding.account_name)?;
    Ok(Checked { level, parent, name })
}

fn add_body(
    conn: &mut Conn,
    jurisdiction: Id,
    (kind, name, position): (OrganizationKind, &str, i64),
    today: NaiveDate,
    now: Instant,
) -> Maybe<Id> {
    let id = Id::fresh();
    let row = (
        organizations::id.eq(id),
        organizations::jurisdiction_id.eq(jurisdiction),
        organizations::kind.eq(kind),
        organizations::name.eq(name),
        organizations::position.eq(position),
        organizations::from_day.eq(today),
        organizations::version.eq(1_i64),
        organizations::created_at.eq(now),
        organizations::updated_at.eq(now),
    );
    diesel::insert_into(organizations::table).values(row).execute(conn)?;
    Ok(id)
}

fn add_admin(conn: &mut Conn, jurisdiction: Id, founding: &Founding<'_>, now: Instant) -> Maybe<Id> {
    let account = NewAccount {
        name: founding.account_name,
        password_hash: founding.password_hash,
        must_change_password: founding.must_change_password,
        person: None,
        note: None,
    };
    let admin = Granted { role: Role::Admin, person: None, organization: None };
    accounts::insert(conn, jurisdiction, now, &account, &[admin])
}
