//! Which days are worked, and when a day begins and ends: what every deadline of the regulation is counted by
//! (article 25: each step has an owner and a time by which it is done).
//!
//! A working day is Monday to Friday save the days off, and a weekend day that is worked in exchange (调休). The State
//! Council's General Office publishes both for one year at a time, so a calendar is a year's. Deadlines that
//! reach into a year not yet published are counted by plain weeks and marked as assumed.
//!
//! Pure: it reads no clock. Days are those of the jurisdiction's [`Zone`], instants are UTC.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Bound;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc, Weekday};
use serde::{Deserialize, Serialize};

/// Which of a calendar's two lists a [`Fault`] is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum List {
    /// Weekdays that are not worked.
    DaysOff,
    /// Weekend days that are worked.
    DaysWorked,
}

/// What is wrong with a day in a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FaultKind {
    /// It is a day of another year.
    OutsideYear,
    /// A day off that is a Saturday or Sunday, which is off anyhow.
    NotAWeekday,
    /// A day worked that is a Monday to Friday, which is worked anyhow.
    NotAWeekendDay,
    /// It stands in the list more than once; told of the second and later ones.
    Duplicate,
}

impl FaultKind {
    /// The stable code of this fault in a problem document (RFC 9457).
    pub const fn code(self) -> &'static str {
        match self {
            Self::OutsideYear => "outside_year",
            Self::NotAWeekday => "not_a_weekday",
            Self::NotAWeekendDay => "not_a_weekend_day",
            Self::Duplicate => "repeated",
        }
    }
}

/// One fault of a calendar that was handed in, with the place where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The list it stands in.
    pub list: List,
    /// Its place in that list, from 0.
    pub index: usize,
    /// The day itself.
    pub day: NaiveDate,
    /// What is wrong with it.
    pub kind: FaultKind,
}

/// The working days of one year: where it departs from Monday to Friday. Only valid ones can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearCalendar {
    year: i32,
    days_off: BTreeSet<NaiveDate>,
    days_worked: BTreeSet<NaiveDate>,
}

impl YearCalendar {
    /// A calendar of `year` (Gregorian) from the weekdays that are off and the weekend days that are worked, each in
    /// any order.
    ///
    /// # Errors
    /// Every fault of both lists at once, at most one a day, in the order in which they stand.
    pub fn new(year: i32, days_off: &[NaiveDate], days_worked: &[NaiveDate]) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let days_off = checked(year, List::DaysOff, days_off, &mut faults);
        let days_worked = checked(year, List::DaysWorked, days_worked, &mut faults);
        if faults.is_empty() { Ok(Self { year, days_off, days_worked }) } else { Err(faults) }
    }

    /// What the General Office of the State Council has published for a year: 2025 (国办发明电〔2024〕12号, 12 November
    /// 2024) and 2026 (国办发明电〔2025〕7号, 4 November 2025); `None` for others, which a jurisdiction enters itself.
    pub fn published(year: i32) -> Option<Self> {
        let (_, days_off, days_worked) = PUBLISHED.iter().find(|(of, ..)| *of == year)?;
        let days = |list: &[(u32, u32)]| -> Option<Vec<NaiveDate>> {
            list.iter().map(|(month, day)| NaiveDate::from_ymd_opt(year, *month, *day)).collect()
        };
        Self::new(year, &days(days_off)?, &days(days_worked)?).ok()
    }

    /// The year (Gregorian) it is for.
    pub const fn year(&self) -> i32 {
        self.year
    }

    /// Mondays to Fridays of the year that are not worked.
    pub const fn days_off(&self) -> &BTreeSet<NaiveDate> {
        &self.days_off
    }

    /// Saturdays and Sundays of the year that are worked (调休).
    pub const fn days_worked(&self) -> &BTreeSet<NaiveDate> {
        &self.days_worked
    }
}

fn checked(year: i32, list: List, days: &[NaiveDate], faults: &mut Vec<Fault>) -> BTreeSet<NaiveDate> {
    let mut seen = BTreeSet::new();
    for (index, &day) in days.iter().enumerate() {
        let fresh = seen.insert(day);
        let kind = match list {
            _ if day.year() != year => Some(FaultKind::OutsideYear),
            List::DaysOff if is_weekend(day) => Some(FaultKind::NotAWeekday),
            List::DaysWorked if !is_weekend(day) => Some(FaultKind::NotAWeekendDay),
            _ if !fresh => Some(FaultKind::Duplicate),
            _ => None,
        };
        faults.extend(kind.map(|kind| Fault { list, index, day, kind }));
    }
    seen
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// A day of a year: month and day of the month, both from 1.
type MonthDay = (u32, u32);

/// The published arrangements: year, weekdays off, weekend days worked. In each line the days of one holiday.
#[rustfmt::skip]
const PUBLISHED: &[(i32, &[MonthDay], &[MonthDay])] = &[
    (
        2025,
        &[
            (1, 1),
            (1, 28), (1, 29), (1, 30), (1, 31), (2, 3), (2, 4),
            (4, 4),
            (5, 1), (5, 2), (5, 5),
            (6, 2),
            (10, 1), (10, 2), (10, 3), (10, 6), (10, 7), (10, 8),
        ],
        &[(1, 26), (2, 8), (4, 27), (9, 28), (10, 11)],
    ),
    (
        2026,
        &[
            (1, 1), (1, 2),
            (2, 16), (2, 17), (2, 18), (2, 19), (2, 20), (2, 23),
            (4, 6),
            (5, 1), (5, 4), (5, 5),
            (6, 19),
            (9, 25),
            (10, 1), (10, 2), (10, 5), (10, 6), (10, 7),
        ],
        &[(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)],
    ),
];

/// A day that was counted to, and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The day, local; a deadline ends with it, at [`end_of_day`].
    pub day: NaiveDate,
    /// Whether a day of a year without a calendar was counted, Monday to Friday: `calendar: assumed` in an answer. It
    /// may change once that year's calendar is entered.
    pub assumed: bool,
}

/// The calendars that a jurisdiction has, by year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendars(BTreeMap<i32, YearCalendar>);

impl FromIterator<YearCalendar> for Calendars {
    /// Of two calendars of one year the later one counts.
    fn from_iter<I: IntoIterator<Item = YearCalendar>>(calendars: I) -> Self {
        Self(calendars.into_iter().map(|calendar| (calendar.year, calendar)).collect())
    }
}

impl Calendars {
    /// Those that [`YearCalendar::published`] knows.
    pub fn published() -> Self {
        PUBLISHED.iter().filter_map(|(year, ..)| YearCalendar::published(*year)).collect()
    }

    /// The calendar of a year (Gregorian), if there is one.
    pub fn of(&self, year: i32) -> Option<&YearCalendar> {
        self.0.get(&year)
    }

    /// The last year that has a calendar.
    pub fn last_year(&self) -> Option<i32> {
        self.0.keys().next_back().copied()
    }

    /// Whether a day is worked; Monday to Friday in a year without a calendar.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        match (self.of(day.year()), is_weekend(day)) {
            (Some(calendar), true) => calendar.days_worked.contains(&day),
            (Some(calendar), false) => !calendar.days_off.contains(&day),
            (None, weekend) => !weekend,
        }
    }

    /// The `n`-th working day after the day of the deed, which itself never counts, worked or not. With `n` 0 it is
    /// that day. What lies beyond the days that can be expressed (year 262142) ends there.
    pub fn add_working_days(&self, after: NaiveDate, n: u32) -> Due {
        self.count(after, n, NaiveDate::succ_opt)
    }

    /// The `n`-th working day before a day, which itself never counts: for reminders. With `n` 0 it is that day.
    pub fn previous_working_days(&self, day: NaiveDate, n: u32) -> Due {
        self.count(day, n, NaiveDate::pred_opt)
    }

    fn count(&self, from: NaiveDate, n: u32, step: fn(&NaiveDate) -> Option<NaiveDate>) -> Due {
        let mut due = Due { day: from, assumed: false };
        let mut left = n;
        while left > 0 {
            let Some(day) = step(&due.day) else { break };
            due = Due { day, assumed: due.assumed || self.of(day.year()).is_none() };
            left -= u32::from(self.is_working_day(day));
        }
        due
    }

    /// How many working days there are after `a` up to and including `b`; negative if `b` is before `a`: then those
    /// after `b` up to and including `a`. The cost does not grow with the distance, only with the years that have a
    /// calendar.
    pub fn working_days_between(&self, a: NaiveDate, b: NaiveDate) -> i64 {
        if b < a {
            return -self.working_days_between(b, a);
        }
        let within = (Bound::Excluded(a), Bound::Included(b));
        let apart = |days: &BTreeSet<NaiveDate>| i64::try_from(days.range(within).count()).unwrap_or(i64::MAX);
        let changes: i64 =
            self.0.range(a.year()..=b.year()).map(|(_, calendar)| apart(&calendar.days_worked) - apart(&calendar.days_off)).sum();
        weekdays_until(b) - weekdays_until(a) + changes
    }
}

/// How many Mondays to Fridays there were from 1 January of the year 1, a Monday, up to and including a day.
fn weekdays_until(day: NaiveDate) -> i64 {
    let days = i64::from(day.num_days_from_ce());
    days.div_euclid(7) * 5 + days.rem_euclid(7).min(5)
}

/// How many days a Gregorian year has, 365 or 366: the divisor by which article 14's two visits are owed in part.
pub const fn days_in_year(year: i32) -> u32 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if leap { 366 } else { 365 }
}

/// The time zone of a jurisdiction, by its name in the IANA database; on the wire that name.
///
/// A closed set with fixed offsets: China has had one legal time without summer time since 1992, and Xinjiang by
/// custom its own, so that no zone database has to be shipped and kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Zone {
    /// `Asia/Shanghai`, UTC+08:00: Beijing time.
    #[default]
    #[serde(rename = "Asia/Shanghai")]
    AsiaShanghai,
    /// `Asia/Urumqi`, UTC+06:00.
    #[serde(rename = "Asia/Urumqi")]
    AsiaUrumqi,
}

impl Zone {
    /// Every zone there is.
    pub const ALL: [Self; 2] = [Self::AsiaShanghai, Self::AsiaUrumqi];

    /// Its name in the IANA time zone database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AsiaShanghai => "Asia/Shanghai",
            Self::AsiaUrumqi => "Asia/Urumqi",
        }
    }

    /// By how much its clocks are ahead of UTC.
    pub const fn ahead_of_utc(self) -> TimeDelta {
        match self {
            Self::AsiaShanghai => TimeDelta::hours(8),
            Self::AsiaUrumqi => TimeDelta::hours(6),
        }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is none of [`Zone::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownZone;

impl fmt::Display for UnknownZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = Zone::ALL;
        write!(f, "the time zone is neither {first} nor {second}")
    }
}

impl std::error::Error for UnknownZone {}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Self, UnknownZone> {
        Self::ALL.into_iter().find(|zone| zone.name() == name).ok_or(UnknownZone)
    }
}

/// The day that an instant belongs to where the clocks show `zone`.
pub fn local_day(instant: DateTime<Utc>, zone: Zone) -> NaiveDate {
    let utc = instant.naive_utc();
    utc.checked_add_signed(zone.ahead_of_utc()).unwrap_or(utc).date()
}

/// The instant at which a day is over where the clocks show `zone`: 24:00, which is 00:00 of the next. A deed at
/// exactly this instant is late.
pub fn end_of_day(day: NaiveDate, zone: Zone) -> DateTime<Utc> {
    day.succ_opt()
        .and_then(|next| next.and_time(chrono::NaiveTime::MIN).checked_sub_signed(zone.ahead_of_utc()))
        .map_or(DateTime::<Utc>::MAX_UTC, |end| end.and_utc())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn due(text: &str) -> Due {
        Due { day: day(text), assumed: false }
    }

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_published_years_are_valid_and_have_the_days_of_the_notices() {
        for (year, off, worked, working_days) in [(2025, 18, 5, 248), (2026, 19, 6, 248)] {
            let calendar = YearCalendar::published(year).unwrap();
            assert_eq!((calendar.year(), calendar.days_off().len(), calendar.days_worked().len()), (year, off, worked));
            let eve = NaiveDate::from_ymd_opt(year - 1, 12, 31).unwrap();
            let last = NaiveDate::from_ymd_opt(year, 12, 31).unwrap();
            assert_eq!(Calendars::published().working_days_between(eve, last), working_days, "{year}");
        }
        assert_eq!(YearCalendar::published(2024), None);
        assert_eq!(Calendars::published().of(2026), YearCalendar::published(2026).as_ref());
    }

    #[test]
    fn a_calendar_with_faults_is_refused_with_all_of_them() {
        let off = ["2026-10-01", "2026-10-03", "2025-10-01", "2026-10-01"].map(day);
        let worked = ["2026-10-10", "2026-10-12", "2026-10-10"].map(day);
        let faults = YearCalendar::new(2026, &off, &worked).unwrap_err();
        let told: Vec<_> = faults.iter().map(|fault| (fault.list, fault.index, fault.kind.code())).collect();
        assert_eq!(
            told,
            [
                (List::DaysOff, 1, "not_a_weekday"),
                (List::DaysOff, 2, "outside_year"),
                (List::DaysOff, 3, "repeated"),
                (List::DaysWorked, 1, "not_a_weekend_day"),
                (List::DaysWorked, 2, "repeated"),
            ]
        );
        assert_eq!(faults[1].day, day("2025-10-01"));
        assert!(YearCalendar::new(2027, &[], &[]).is_ok());
    }

    #[test]
    fn deadlines_go_round_the_holidays() {
        let calendars = Calendars::published();
        // Spring Festival 2025: the Sunday before is worked, then eight days are off, and the next Saturday is worked.
        assert_eq!(calendars.add_working_days(day("2025-01-24"), 1), due("2025-01-26"));
        assert_eq!(calendars.add_working_days(day("2025-01-24"), 3), due("2025-02-05"));
        assert_eq!(calendars.add_working_days(day("2025-01-30"), 4), due("2025-02-08"));
        assert_eq!(calendars.add_working_days(day("2025-01-30"), 5), due("2025-02-10"));
        // National Day 2025, with the Sunday before and the Saturday after.
        assert_eq!(calendars.add_working_days(day("2025-09-27"), 3), due("2025-09-30"));
        assert_eq!(calendars.add_working_days(day("2025-09-30"), 3), due("2025-10-11"));
        assert_eq!(calendars.add_working_days(day("2025-10-01"), 4), due("2025-10-13"));
        // New Year 2026: three days off, and the Sunday worked.
        assert_eq!(calendars.add_working_days(day("2025-12-31"), 1), due("2026-01-04"));
        assert_eq!(calendars.add_working_days(day("2025-12-30"), 3), due("2026-01-05"));
        // Backwards over National Day.
        assert_eq!(calendars.previous_working_days(day("2025-10-13"), 4), due("2025-09-30"));
        assert_eq!(calendars.add_working_days(day("2025-10-01"), 0), due("2025-10-01"));
    }

    #[test]
    fn a_year_without_a_calendar_is_assumed_as_soon_as_a_day_of_it_is_counted() {
        let calendars = Calendars::published();
        assert_eq!(calendars.add_working_days(day("2026-12-30"), 1), due("2026-12-31"));
        let assumed = Due { day: day("2027-01-01"), assumed: true };
        assert_eq!(calendars.add_working_days(day("2026-12-31"), 1), assumed);
        assert_eq!(calendars.add_working_days(day("2024-12-31"), 1), due("2025-01-02"));
        assert!(calendars.previous_working_days(day("2025-01-02"), 1).assumed);
        assert_eq!(Calendars::default().add_working_days(day("2025-10-03"), 1).day, day("2025-10-06"));
    }

    #[test]
    fn working_days_are_counted_from_the_day_after() {
        let calendars = Calendars::published();
        for (a, b, days) in [
            ("2025-01-24", "2025-02-08", 6),
            ("2025-02-08", "2025-01-24", -6),
            ("2025-09-30", "2025-10-08", 0),
            ("2025-10-11", "2025-10-11", 0),
            ("2025-10-10", "2025-10-11", 1),
            ("2027-02-05", "2027-02-12", 5),
        ] {
            assert_eq!(calendars.working_days_between(day(a), day(b)), days, "{a} {b}");
        }
    }

    #[test]
    fn the_end_of_what_can_be_expressed_ends_the_count() {
        let calendars = Calendars::default();
        assert_eq!(calendars.add_working_days(NaiveDate::MAX, 5).day, NaiveDate::MAX);
        assert_eq!(calendars.previous_working_days(NaiveDate::MIN, 5).day, NaiveDate::MIN);
        for zone in Zone::ALL {
            assert_eq!(end_of_day(NaiveDate::MAX, zone), DateTime::<Utc>::MAX_UTC);
            assert!(end_of_day(NaiveDate::MIN, zone) > DateTime::<Utc>::MIN_UTC);
            assert!(local_day(DateTime::<Utc>::MAX_UTC, zone) <= NaiveDate::MAX);
            assert!(local_day(DateTime::<Utc>::MIN_UTC, zone) >= NaiveDate::MIN);
        }
    }

    #[test]
    fn a_day_ends_at_midnight_where_the_clocks_show_it() {
        let [shanghai, urumqi] = Zone::ALL;
        assert_eq!(end_of_day(day("2025-12-31"), shanghai), instant("2025-12-31T16:00:00Z"));
        assert_eq!(end_of_day(day("2025-12-31"), urumqi), instant("2025-12-31T18:00:00Z"));
        assert_eq!(local_day(instant("2025-12-31T15:59:59.999999Z"), shanghai), day("2025-12-31"));
        assert_eq!(local_day(instant("2025-12-31T16:00:00Z"), shanghai), day("2026-01-01"));
        assert_eq!(local_day(instant("2025-12-31T16:00:00Z"), urumqi), day("2025-12-31"));
    }

    #[test]
    fn zones_go_by_their_iana_names() {
        for zone in Zone::ALL {
            assert_eq!(zone.to_string().parse(), Ok(zone));
        }
        assert_eq!("Asia/Shanghai".parse(), Ok(Zone::default()));
        assert_eq!("Asia/Chongqing".parse::<Zone>(), Err(UnknownZone));
        assert_eq!(UnknownZone.to_string(), "the time zone is neither Asia/Shanghai nor Asia/Urumqi");
    }

    #[test]
    fn leap_years_are_gregorian() {
        assert_eq!([2024, 2025, 2000, 1900, 2100].map(days_in_year), [366, 365, 366, 365, 365]);
    }

    /// Days around and in the published years.
    fn some_day() -> impl Strategy<Value = NaiveDate> {
        (0_i64..1500).prop_map(|days| day("2024-01-01") + TimeDelta::days(days))
    }

    proptest! {
        #[test]
        fn later_deeds_and_longer_terms_are_never_due_earlier(a in some_day(), b in some_day(), n in 0_u32..80, more in 0_u32..20) {
            let calendars = Calendars::published();
            let (a, b) = (a.min(b), a.max(b));
            prop_assert!(calendars.add_working_days(a, n).day <= calendars.add_working_days(b, n).day);
            prop_assert!(calendars.add_working_days(a, n).day <= calendars.add_working_days(a, n + more).day);
            prop_assert!(calendars.previous_working_days(a, n).day <= calendars.previous_working_days(b, n).day);
        }

        #[test]
        fn counting_and_measuring_agree(from in some_day(), n in 1_u32..80) {
            let calendars = Calendars::published();
            let due = calendars.add_working_days(from, n).day;
            prop_assert!(from < due && calendars.is_working_day(due));
            prop_assert_eq!(calendars.working_days_between(from, due), i64::from(n));
            prop_assert_eq!(calendars.working_days_between(due, from), -i64::from(n));
            let start = calendars.previous_working_days(due, n).day;
            prop_assert!(start <= from || !calendars.is_working_day(from));
            prop_assert_eq!(calendars.add_working_days(start, n).day, due);
        }

        #[test]
        fn the_distance_is_the_number_of_days_worked(a in some_day(), b in some_day()) {
            let calendars = Calendars::published();
            let (first, last) = (a.min(b), a.max(b));
            let worked = first.iter_days().skip(1).take_while(|day| *day <= last).filter(|day| calendars.is_working_day(*day));
            let worked = i64::try_from(worked.count()).unwrap();
            prop_assert_eq!(calendars.working_days_between(a, b), if a <= b { worked } else { -worked });
        }

        #[test]
        fn an_instant_lies_in_its_local_day(seconds in 0_i64..4_102_444_800, urumqi in any::<bool>()) {
            let zone = Zone::ALL[usize::from(urumqi)];
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            let day = local_day(at, zone);
            prop_assert!(at < end_of_day(day, zone) && end_of_day(day.pred_opt().unwrap(), zone) <= at);
        }
    }
}
