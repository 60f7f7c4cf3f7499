//! Whoever makes a county: chance, ids, moments of the working day, and the rows that wait to be written.

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta};
use serde_json::Value;

use super::dice::{Dice, Ids, minus};
use super::names;
use super::rows::{NotificationRow, Rows};
use crate::base::calendar::{Calendars, Zone};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::Maybe;
use crate::base::seal::Seal;
use crate::db::Conn;
use crate::db::words::Json;
use crate::directory::persons;
use crate::directory::settings::Settings;
use crate::opinion::deadlines::Deadlines;

/// So many rows wait at most before they are written.
const WAITING: usize = 20_000;

/// Somebody was told something.
#[derive(Clone, Copy, Debug)]
pub struct Notice {
    pub id: Id,
    pub person: Option<Id>,
    pub body: Option<Id>,
    pub at: Instant,
}

pub struct Maker<'a> {
    pub dice: Dice,
    pub seal: &'a Seal,
    /// The day it is; what is told ends the day before.
    pub today: NaiveDate,
    pub deadlines: Deadlines,
    pub rows: Rows,
    pub conn: &'a mut Conn,
    /// What people were told of late.
    pub told: Vec<Notice>,
    ids: Ids,
    phones: u64,
}

impl<'a> Maker<'a> {
    pub fn new(conn: &'a mut Conn, seal: &'a Seal, today: NaiveDate, seed: u64) -> Self {
        Self {
            dice: Dice::new(seed),
            seal,
            today,
            deadlines: Deadlines { settings: Settings::default(), calendars: Calendars::published() },
            rows: Rows::default(),
            conn,
            told: Vec::new(),
            ids: Ids::new(today),
            phones: 0,
        }
    }

    pub fn yesterday(&self) -> NaiveDate {
        minus(self.today, 1)
    }

    pub fn year(&self) -> i32 {
        self.today.year()
    }

    /// A day of this year, or of another that is `years` away.
    pub fn day(&self, years: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year() + years, month, day).unwrap_or(self.today)
    }

    /// Some moment of the working day.
    pub fn moment(&mut self, day: NaiveDate) -> Instant {
        let minutes = i64::try_from(self.dice.within(510, 1050)).unwrap_or(600);
        let seconds = i64::try_from(self.dice.below(60)).unwrap_or(0);
        let local = day.and_time(NaiveTime::MIN) + TimeDelta::minutes(minutes) + TimeDelta::seconds(seconds);
        Instant((local - Zone::default().ahead_of_utc()).and_utc())
    }

    pub fn id(&mut self, made: Instant) -> Id {
        self.ids.at(made)
    }

    /// A number nobody else has.
    pub fn phone(&mut self) -> String {
        self.phones += 1;
        names::phone(self.phones)
    }

    /// Goes on with other numbers than another maker has given out; up to ten to the ninth.
    pub fn skip_phones(&mut self, count: u64) {
        self.phones = count;
    }

    pub fn phone_hash(&self, phone: &str) -> Vec<u8> {
        self.seal.hash(persons::PHONE, phone)
    }

    /// The n-th working day after a day.
    pub fn working_days_after(&self, day: NaiveDate, n: usize) -> NaiveDate {
        self.deadlines.calendars.add_working_days(day, u32::try_from(n).unwrap_or(1)).day
    }

    /// So many working days ago.
    pub fn working_days_before(&self, days: usize) -> NaiveDate {
        self.deadlines.calendars.previous_working_days(self.today, u32::try_from(days.max(1)).unwrap_or(1)).day
    }

    /// Whether a day is so near that people still have in the inbox what they were told on it.
    pub fn is_of_late(&self, day: NaiveDate) -> bool {
        day >= minus(self.today, 60)
    }

    /// Tells a person or a body.
    pub fn tell(
        &mut self,
        kind: &str,
        about: (Id, &'static str, Id),
        (person, body): (Option<Id>, Option<Id>),
        params: Value,
        at: Instant,
    ) {
        if person.is_none() && body.is_none() {
            return;
        }
        let id = self.id(at);
        self.told.push(Notice { id, person, body, at });
        let (jurisdiction_id, thing_kind, thing_id) = about;
        self.rows.notifications.push(NotificationRow {
            id,
            jurisdiction_id,
            person_id: person,
            organization_id: body,
            kind: kind.to_owned(),
            thing_kind,
            thing_id,
            params: Json(params),
            once: None,
            created_at: at,
        });
    }

    /// Writes what waits where it has become much.
    pub fn rest(&mut self) -> Maybe<()> {
        if self.rows.waiting() < WAITING { Ok(()) } else { self.write() }
    }

    pub fn write(&mut self) -> Maybe<()> {
        self.rows.write(self.conn)
    }
}
