//! What the rules of articles 11 to 14 are asked of: the facts of a period, indexed once, so that a report costs what its facts
//! cost and not persons times events.

use super::contacts::Contacts;
use super::days::{Days, Span};
use super::facts::{AssignmentKind, Constituent, Exemption, ExemptionKind, Facts, Seat, Thresholds};
use super::status::{Case, Charged, Duty, Row, Status, judge};
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// The year a report is about and the day of it that it is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    first: NaiveDate,
    last: NaiveDate,
    as_of: NaiveDate,
}

impl Period {
    /// A year seen on the day asked for. Without one that is today, for a past year its last day.
    /// `None` for a day outside the year, a year not yet begun, or one the calendar does not hold.
    #[must_use]
    pub fn of(year: i32, asked: Option<NaiveDate>, today: NaiveDate) -> Option<Self> {
        let first = NaiveDate::from_ymd_opt(year, 1, 1)?;
        let last = NaiveDate::from_ymd_opt(year, 12, 31)?;
        let as_of = asked.unwrap_or(today.min(last));
        (first <= as_of && as_of <= last).then_some(Self { first, last, as_of })
    }

    /// The calendar year.
    #[must_use]
    pub fn year(&self) -> i32 {
        self.first.year()
    }

    /// The day the report is made for, in the year.
    #[must_use]
    pub fn as_of(&self) -> NaiveDate {
        self.as_of
    }

    /// The year, 365 or 366 days.
    #[must_use]
    pub fn whole(&self) -> Span {
        Span::new(self.first, Some(self.last))
    }

    /// The year up to the day of the report.
    #[must_use]
    pub fn so_far(&self) -> Span {
        Span::new(self.first, Some(self.as_of))
    }

    /// Days of the year, 365 or 366.
    #[must_use]
    pub fn days(&self) -> u32 {
        self.last.ordinal()
    }
}

/// A time in which somebody was to contact the subject, both being in office.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tie {
    pub(super) span: Span,
    /// The leader or the committee.
    pub(super) by: Uuid,
    /// First day of what ties them, then order of creation: the greater was assigned later.
    assigned: (NaiveDate, u64),
}

/// A person in the post a duty is about, and who was to contact that person when.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) office: Days,
    pub(super) ties: Vec<Tie>,
}

impl Held {
    /// Who is charged: of those tied to the subject on the latest day of the year so far that knew
    /// any, the one assigned last. Earlier years are not looked at: whoever was released before the
    /// year began could not have done this year's duty on any day.
    pub(super) fn in_charge(&self, so_far: Span) -> Option<Uuid> {
        let within = self.ties.iter().filter_map(|tie| Some((tie.span.and(&so_far)?.last(), tie.assigned, tie.by)));
        within.max().map(|(_, _, by)| by)
    }

    /// Who was to contact the subject on `day`.
    pub(super) fn tied_on(&self, day: NaiveDate) -> impl Iterator<Item = Uuid> {
        self.ties.iter().filter(move |tie| tie.span.contains(day)).map(|tie| tie.by)
    }
}

/// What was found for a duty of one person, before it is judged.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Figures {
    pub(super) owed: u32,
    pub(super) done: u32,
    pub(super) confirmed: u32,
}

/// Facts of a period, indexed once and asked by every rule.
pub struct Ground<'a> {
    pub(super) period: Period,
    pub(super) thresholds: Thresholds,
    /// Members, tied to the committees of their sectors.
    pub(super) members: BTreeMap<Uuid, Held>,
    /// Standing members on the days they hold no leader's post, tied to their leaders.
    pub(super) standing: BTreeMap<Uuid, Held>,
    pub(super) leaders: BTreeMap<Uuid, Days>,
    pub(super) contacts: Contacts<'a>,
    pub(super) constituents: HashMap<Uuid, &'a Constituent>,
    /// A member's constituents, with the time each is assigned.
    pub(super) lists: HashMap<Uuid, Vec<(Uuid, Span)>>,
    seats: HashMap<Uuid, Vec<&'a Seat>>,
    exemptions: HashMap<Uuid, Vec<&'a Exemption>>,
}

impl<'a> Ground<'a> {
    /// Indexes the facts of a jurisdiction, or of the part of it that is asked for.
    #[must_use]
    pub fn new(period: Period, facts: &Facts<'a>) -> Self {
        let constituents: HashMap<_, _> = facts.constituents.iter().map(|known| (known.id, known)).collect();
        let leaders = leaders(facts);
        let mut lists: HashMap<_, Vec<_>> = HashMap::new();
        for assignment in facts.assignments.iter().filter(|row| row.kind == AssignmentKind::MemberConstituent) {
            lists.entry(assignment.by).or_default().push((assignment.whom, assignment.span));
        }
        Self {
            period,
            thresholds: facts.thresholds,
            members: members(facts),
            standing: standing(facts, &leaders),
            leaders,
            contacts: Contacts::new(period.so_far(), facts.events, &constituents, facts.counting_forms),
            constituents,
            lists,
            seats: by_person(facts.seats, |seat| seat.person),
            exemptions: by_person(facts.exemptions, |exemption| exemption.person),
        }
    }

    /// Whether somebody has been in office this year: only then is there a row.
    pub(super) fn begun(&self, office: &Days) -> bool {
        office.first(self.period.so_far()).is_some()
    }

    /// The day of the report, or the last day in office where that was earlier.
    pub(super) fn looked_at(&self, office: &Days) -> Option<NaiveDate> {
        office.last(self.period.so_far())
    }

    /// Days of the year in office less leave granted for the article, future ones as they are known.
    pub(super) fn days(&self, duty: Duty, person: Uuid, office: &Days) -> u32 {
        let leave = self.granted(person, ExemptionKind::Leave, duty).map(|leave| leave.span);
        office.minus(&Days::of(leave)).count(self.period.whole())
    }

    /// The row of one person, judged; `None` before the first day in office.
    pub(super) fn row(&self, duty: Duty, subject: Uuid, office: &Days, figures: Figures, charged: Option<Charged>) -> Option<Row> {
        let Figures { owed, done, confirmed } = figures;
        let as_of = self.period.as_of;
        let begins_on = office.first(self.period.so_far())?;
        let due_on = office.last(self.period.whole())?;
        let days = self.days(duty, subject, office);
        // Of several exemptions in force the one granted first is named; none weighs more than another.
        let exemption = self
            .granted(subject, ExemptionKind::Exemption, duty)
            .filter(|exemption| exemption.span.contains(as_of))
            .min_by_key(|exemption| (exemption.span.from, exemption.id))
            .map(|exemption| exemption.id);
        let grace = duty.article() == 11
            && office.run_of(as_of).is_some_and(|run| (as_of - run.from).num_days() < i64::from(self.thresholds.grace_days));
        let case = Case { days, exempted: exemption.is_some(), owed, done, grace, due_on };
        let status = judge(case, as_of, self.thresholds.at_risk_days);
        let missing = if status == Status::Exempt { 0 } else { owed.saturating_sub(done) };
        Some(Row {
            article: duty.article(),
            duty,
            subject,
            sector: self.sector(subject),
            committee: self.members.get(&subject).and_then(|member| member.in_charge(self.period.so_far())),
            charged,
            begins_on,
            due_on,
            days,
            owed,
            done,
            confirmed,
            missing,
            status,
            exemption,
        })
    }

    fn sector(&self, person: Uuid) -> Option<Uuid> {
        let seats = self.seats.get(&person)?;
        let until = Span::new(NaiveDate::MIN, Some(self.period.as_of));
        seats
            .iter()
            .filter_map(|seat| Some((seat.span.and(&until)?.last(), seat.span.from, seat.sector)))
            .max()
            .map(|(_, _, sector)| sector)
    }

    fn granted(&self, person: Uuid, kind: ExemptionKind, duty: Duty) -> impl Iterator<Item = &'a Exemption> {
        let granted = self.exemptions.get(&person).map_or(&[][..], Vec::as_slice);
        granted.iter().copied().filter(move |exemption| exemption.is_for(kind, duty.article()))
    }
}

fn by_person<T>(rows: &[T], person: impl Fn(&T) -> Uuid) -> HashMap<Uuid, Vec<&T>> {
    let mut grouped: HashMap<Uuid, Vec<&T>> = HashMap::new();
    for row in rows {
        grouped.entry(person(row)).or_default().push(row);
    }
    grouped
}

fn leaders(facts: &Facts) -> BTreeMap<Uuid, Days> {
    let mut spans: BTreeMap<Uuid, Vec<Span>> = BTreeMap::new();
    for post in facts.posts.iter().filter(|post| post.kind.is_leader()) {
        spans.entry(post.person).or_default().push(post.span);
    }
    spans.into_iter().map(|(person, spans)| (person, Days::of(spans))).collect()
}

fn members(facts: &Facts) -> BTreeMap<Uuid, Held> {
    let by_sector = by_person(facts.correspondences, |correspondence| correspondence.sector);
    let mut spans: BTreeMap<Uuid, Vec<Span>> = BTreeMap::new();
    let mut ties: HashMap<Uuid, Vec<Tie>> = HashMap::new();
    for seat in facts.seats {
        spans.entry(seat.person).or_default().push(seat.span);
        for correspondence in by_sector.get(&seat.sector).into_iter().flatten() {
            if let Some(span) = correspondence.span.and(&seat.span) {
                let tie = Tie { span, by: correspondence.committee, assigned: (correspondence.span.from, 0) };
                ties.entry(seat.person).or_default().push(tie);
            }
        }
    }
    held(spans, ties)
}

fn standing(facts: &Facts, leaders: &BTreeMap<Uuid, Days>) -> BTreeMap<Uuid, Held> {
    let mut spans: BTreeMap<Uuid, Vec<Span>> = BTreeMap::new();
    for post in facts.posts.iter().filter(|post| !post.kind.is_leader()) {
        spans.entry(post.person).or_default().push(post.span);
    }
    let mut standing = held(spans, HashMap::new());
    for (person, held) in &mut standing {
        if let Some(leading) = leaders.get(person) {
            held.office = held.office.minus(leading);
        }
    }
    for assignment in facts.assignments.iter().filter(|row| row.kind == AssignmentKind::LeaderStandingMember) {
        let (Some(leading), Some(held)) = (leaders.get(&assignment.by), standing.get_mut(&assignment.whom)) else {
            continue;
        };
        // An assignment that outlived a post binds nobody on the days after it.
        let (office, ties) = (&held.office, &mut held.ties);
        let assigned = (assignment.span.from, assignment.created);
        let both = leading.parts_of(assignment.span).flat_map(|part| office.parts_of(part));
        ties.extend(both.map(|span| Tie { span, by: assignment.by, assigned }));
    }
    standing
}

fn held(spans: BTreeMap<Uuid, Vec<Span>>, mut ties: HashMap<Uuid, Vec<Tie>>) -> BTreeMap<Uuid, Held> {
    let of = |(person, spans)| (person, Held { office: Days::of(spans), ties: ties.remove(&person).unwrap_or_default() });
    spans.into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::super::scene::day;
    use super::*;

    #[test]
    fn a_year_is_seen_today_by_default_and_a_past_one_on_its_last_day() {
        let today = day("2026-05-04");
        assert_eq!(Period::of(2026, None, today).unwrap().as_of(), today);
        assert_eq!(Period::of(2025, None, today).unwrap().as_of(), day("2025-12-31"));
        assert_eq!(Period::of(2025, Some(day("2025-03-01")), today).unwrap().as_of(), day("2025-03-01"));
        assert_eq!(Period::of(2027, None, today), None);
        assert_eq!(Period::of(2026, Some(day("2025-12-31")), today), None);
        assert_eq!(Period::of(i32::MAX, None, today), None);
        assert_eq!(Period::of(2028, None, day("2028-02-29")).unwrap().days(), 366);
        assert_eq!(Period::of(2025, None, today).unwrap().days(), 365);
    }
}
