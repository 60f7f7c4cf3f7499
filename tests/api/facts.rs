//! Facts put into a town as rows: contacts, assignments and opinions of days that no clock need be moved to.

use chrono::NaiveDate;
use diesel::prelude::*;
use lianxi::base::id::Id;
use lianxi::base::instant::Instant;
use lianxi::base::seal::Seal;
use lianxi::db::Conn;
use lianxi::db::schema::*;
use lianxi::db::words::Json;
use serde_json::json;

use crate::town::{County, SECRET, Town};

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn days((from, to): (&str, &str)) -> (NaiveDate, Option<NaiveDate>) {
    (day(from), (!to.is_empty()).then(|| day(to)))
}

pub fn at(text: &str) -> Instant {
    Instant(text.parse().expect("an instant"))
}

/// In force from before this term on.
pub const ALWAYS: (&str, &str) = ("2022-01-01", "");

/// A record of a contact; participants with `true` have confirmed it.
#[derive(Clone)]
pub struct Told<'a> {
    pub on: &'a str,
    pub form: &'a str,
    pub by: &'a str,
    pub persons: &'a [(&'a str, bool)],
    pub committee: Option<(&'a str, Option<&'a str>)>,
    pub for_committee: bool,
    pub review_of: Option<i64>,
    pub constituents: &'a [Id],
    pub others: i64,
    pub state: &'a str,
    pub settled: bool,
    pub link: Option<Id>,
}

/// A visit among the people that a member wrote down.
pub fn visit<'a>(on: &'a str, by: &'a str, persons: &'a [(&'a str, bool)]) -> Told<'a> {
    Told {
        on,
        form: "visit",
        by,
        persons,
        committee: None,
        for_committee: false,
        review_of: None,
        constituents: &[],
        others: 3,
        state: "recorded",
        settled: false,
        link: None,
    }
}

/// An interview that reviews a year.
pub fn review<'a>(on: &'a str, year: i64, by: &'a str, persons: &'a [(&'a str, bool)]) -> Told<'a> {
    Told { form: "interview", review_of: Some(year), others: 0, ..visit(on, by, persons) }
}

impl Town {
    /// Runs `f` on a connection, with the county.
    pub fn put<T>(&self, f: impl Fn(&mut Conn, &County) -> T) -> T {
        self.rows(|conn| f(conn, &self.county))
    }

    pub fn leads(&self, leader: &str, standing: &str, when: (&str, &str)) {
        self.put(|conn, county| {
            let ends = Ends { by: county.persons[leader], person: Some(county.persons[standing]), constituent: None };
            assign(conn, county, "leader_standing_member", &ends, when);
        });
    }

    /// New constituents on a member's list; a phone makes them one who may be a person here.
    pub fn lists(&self, member: &str, phones: &[Option<&str>], when: (&str, &str)) -> Vec<Id> {
        self.put(|conn, county| phones.iter().map(|phone| constituent(conn, county, member, *phone, when)).collect())
    }

    pub fn has_phone(&self, person: &str, phone: &str) {
        let hash = Seal::new(SECRET).hash("phone", phone);
        self.put(|conn, county| {
            diesel::update(persons::table.find(county.persons[person]))
                .set(persons::phone_hash.eq(Some(hash.clone())))
                .execute(conn)
                .expect("a phone");
        });
    }

    pub fn tells(&self, told: Told<'_>) -> Id {
        self.put(|conn, county| event(conn, county, &told))
    }

    pub fn exempts(&self, person: &str, kind: &str, article: Option<i64>, when: (&str, &str)) {
        let (from, to) = days(when);
        self.put(|conn, county| {
            diesel::insert_into(exemptions::table)
                .values((
                    exemptions::id.eq(Id::fresh()),
                    exemptions::jurisdiction_id.eq(county.id),
                    exemptions::person_id.eq(county.persons[person]),
                    exemptions::kind.eq(kind),
                    exemptions::article.eq(article),
                    exemptions::from_day.eq(from),
                    exemptions::to_day.eq(to),
                    exemptions::reason.eq("在外学习"),
                    exemptions::version.eq(1_i64),
                    exemptions::created_at.eq(at("2026-01-01T00:00:00Z")),
                    exemptions::updated_at.eq(at("2026-01-01T00:00:00Z")),
                ))
                .execute(conn)
                .expect("an exemption");
        });
    }

    /// Ends the posts of one kind on a day.
    pub fn ends(&self, person: &str, kind: &str, on: &str) {
        self.put(|conn, county| {
            let of = posts::table.filter(posts::person_id.eq(county.persons[person])).filter(posts::kind.eq(kind));
            diesel::update(of).set(posts::to_day.eq(Some(day(on)))).execute(conn).expect("an end");
        });
    }

    pub fn takes_seat(&self, person: &str, sector: &str, from: &str) {
        self.put(|conn, county| {
            county.post(conn, county.persons[person], "member", Some(sector));
            let of = posts::table
                .filter(posts::person_id.eq(county.persons[person]))
                .filter(posts::sector_id.eq(county.sectors[sector]));
            diesel::update(of).set(posts::from_day.eq(day(from))).execute(conn).expect("a seat");
        });
    }
}

struct Ends {
    by: Id,
    person: Option<Id>,
    constituent: Option<Id>,
}

fn assign(conn: &mut Conn, county: &County, kind: &str, ends: &Ends, when: (&str, &str)) {
    let (from, to) = days(when);
    diesel::insert_into(contact_assignments::table)
        .values((
            contact_assignments::id.eq(Id::fresh()),
            contact_assignments::jurisdiction_id.eq(county.id),
            contact_assignments::kind.eq(kind),
            contact_assignments::contacting_person_id.eq(Some(ends.by)),
            contact_assignments::contacted_person_id.eq(ends.person),
            contact_assignments::contacted_constituent_id.eq(ends.constituent),
            contact_assignments::from_day.eq(from),
            contact_assignments::to_day.eq(to),
            contact_assignments::version.eq(1_i64),
            contact_assignments::created_at.eq(at("2026-01-01T00:00:00Z")),
            contact_assignments::updated_at.eq(at("2026-01-01T00:00:00Z")),
        ))
        .execute(conn)
        .expect("an assignment");
}

fn constituent(conn: &mut Conn, county: &County, member: &str, phone: Option<&str>, when: (&str, &str)) -> Id {
    let (id, member) = (Id::fresh(), county.persons[member]);
    diesel::insert_into(constituents::table)
        .values((
            constituents::id.eq(id),
            constituents::jurisdiction_id.eq(county.id),
            constituents::member_id.eq(member),
            constituents::phone_hash.eq(phone.map(|phone| Seal::new(SECRET).hash("phone", phone))),
            constituents::bases.eq("residence"),
            constituents::version.eq(1_i64),
            constituents::created_at.eq(at("2026-01-01T00:00:00Z")),
            constituents::updated_at.eq(at("2026-01-01T00:00:00Z")),
        ))
        .execute(conn)
        .expect("a constituent");
    assign(conn, county, "member_constituent", &Ends { by: member, person: None, constituent: Some(id) }, when);
    id
}

fn event(conn: &mut Conn, county: &County, told: &Told<'_>) -> Id {
    let id = Id::fresh();
    let by = county.persons[told.by];
    let body = told.committee.map(|(body, confirmed)| (county.organizations[body], confirmed.map(|who| county.persons[who])));
    diesel::insert_into(contact_events::table)
        .values((
            contact_events::id.eq(id),
            contact_events::jurisdiction_id.eq(county.id),
            contact_events::occurred_on.eq(day(told.on)),
            contact_events::form.eq(told.form),
            contact_events::summary.eq("了解情况"),
            contact_events::content_kinds.eq(""),
            contact_events::initiated_by.eq("contacting"),
            contact_events::organization_id.eq(body.map(|(body, _)| body)),
            contact_events::body_confirmation.eq(body.map(|(_, confirmed)| match (told.for_committee, confirmed) {
                (true, _) => "recorded",
                (false, Some(_)) => "confirmed",
                (false, None) => "pending",
            })),
            contact_events::body_answered_by.eq(body.and_then(|(_, confirmed)| confirmed)),
            contact_events::recorded_by.eq(by),
            contact_events::recorded_role.eq(if told.for_committee { "committee" } else { "member" }),
            contact_events::review_of_year.eq(told.review_of),
            contact_events::others_count.eq(told.others),
            contact_events::outside_persons.eq(Json(json!([]))),
            contact_events::publicity.eq(Json(json!([]))),
            contact_events::services.eq(Json(json!([]))),
            contact_events::with_people.eq(told.others > 0 || !told.constituents.is_empty()),
            contact_events::state.eq(told.state),
            contact_events::settled.eq(told.settled),
            contact_events::link_id.eq(told.link),
            contact_events::version.eq(1_i64),
            contact_events::created_at.eq(at("2026-01-01T00:00:00Z")),
            contact_events::updated_at.eq(at("2026-01-01T00:00:00Z")),
        ))
        .execute(conn)
        .expect("an event");
    for (person, confirmed) in told.persons {
        let person = county.persons[*person];
        let word = if *confirmed {
            "confirmed"
        } else if person == by {
            "recorded"
        } else {
            "pending"
        };
        diesel::insert_into(event_participants::table)
            .values((
                event_participants::event_id.eq(id),
                event_participants::person_id.eq(person),
                event_participants::occurred_on.eq(day(told.on)),
                event_participants::side.eq("contacting"),
                event_participants::confirmation.eq(word),
            ))
            .execute(conn)
            .expect("a participant");
    }
    for constituent in told.constituents {
        diesel::insert_into(event_constituents::table)
            .values((event_constituents::event_id.eq(id), event_constituents::constituent_id.eq(*constituent)))
            .execute(conn)
            .expect("a constituent of an event");
    }
    id
}
