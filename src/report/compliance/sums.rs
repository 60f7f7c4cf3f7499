//! Sums beside the rows: by duty, by sector, committee or group, and of article 19 by owner.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use uuid::Uuid;

use super::feedback::{self, Answers, Due, FeedbackRow};
use super::ground::Period;
use super::listed::Listed;
use super::question::Question;
use super::roll_up::{Tally, roll_up};
use super::sight::Sight;
use super::status::{Duty, Row};
use super::submissions::{self, Answered};
use super::wire::{ComplianceCell, ComplianceFeedback, ComplianceReport, ComplianceTally, RollUpBy};
use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::db::Tx;
use crate::directory::calendars;
use crate::directory::refs::{Kind, Names};
use crate::opinion::opinions::wire::DueCalendar;

/// What an answer holds beside its rows.
#[derive(Default)]
pub struct Sums {
    pub totals: Option<Vec<ComplianceTally>>,
    pub roll_up: Option<Vec<ComplianceCell>>,
    pub feedback: Option<Vec<ComplianceFeedback>>,
    pub feedback_as_of: Option<NaiveDate>,
    pub calendar: Option<DueCalendar>,
}

impl Sums {
    pub fn into_report(self, period: Period) -> ComplianceReport {
        let Self { totals, roll_up, feedback, feedback_as_of, calendar } = self;
        ComplianceReport {
            year: period.year(),
            as_of: period.as_of(),
            items: Vec::new(),
            next_cursor: None,
            total: None,
            total_is_exact: None,
            totals,
            roll_up,
            feedback,
            feedback_as_of,
            calendar,
        }
    }
}

/// The sums that were asked for, over what the caller may count. `listed` holds all rows that the caller sees, complete.
pub fn of(tx: &mut Tx<'_>, question: &Question<'_>, sight: &Sight, listed: &Listed) -> Maybe<Sums> {
    let mut sums = Sums::default();
    let answered = answered(tx, question, sight, listed)?;
    let due = answered.as_ref().map(|answered| counted(question, sight, answered));
    if question.sums() {
        // Sums of the whole are no way round to one person's row.
        let counts_more = sight.counts && !sight.whole && question.ask.person.is_none();
        let whole = if counts_more { Some(whole(tx, question)?) } else { None };
        let rows = whole.as_ref().map_or(&listed.rows, |whole| &whole.rows);
        sums.totals = Some(totals(rows));
        if let Some(by) = question.ask.roll_up {
            let feedback = answered.as_ref().zip(due.as_deref()).map(|(answered, due)| answers(question, by, answered, due));
            sums.roll_up = Some(cells(tx, question, by, rows, &feedback.unwrap_or_default())?);
        }
    }
    if let Some((answered, due)) = answered.as_ref().zip(due) {
        sums.feedback_as_of = Some(answered.day);
        sums.calendar = Some(if answered.is_assumed() { DueCalendar::Assumed } else { DueCalendar::Known });
        sums.feedback = Some(by_owner(tx, &due)?);
    }
    Ok(sums)
}

fn whole(tx: &mut Tx<'_>, question: &Question<'_>) -> Maybe<Listed> {
    let mut whole = Listed::gather(tx, question, None)?;
    whole.rows.retain(|row| question.takes(row));
    whole.complete(tx)?;
    whole.rows.retain(|row| question.has_status(row));
    Ok(whole)
}

fn totals(rows: &[Row]) -> Vec<ComplianceTally> {
    roll_up(rows, |row| [row.duty]).into_iter().map(|(duty, tally)| ComplianceTally::of(duty, Some(tally))).collect()
}

/// Article 19 by the author's sector, the owner, or the group of the author's sector.
fn answers(question: &Question<'_>, by: RollUpBy, answered: &Answered, due: &[Due<'_>]) -> BTreeMap<Option<Uuid>, Answers> {
    feedback::roll_up(due, |one| -> Vec<Option<Uuid>> {
        let sector = answered.sector(one);
        match by {
            RollUpBy::Sector => vec![sector],
            RollUpBy::Group => question.groups.of_sector(sector).map(Some).collect(),
            RollUpBy::Committee | RollUpBy::Jurisdiction => vec![one.owner],
        }
    })
}

fn cells(
    tx: &mut Tx<'_>,
    question: &Question<'_>,
    by: RollUpBy,
    rows: &[Row],
    feedback: &BTreeMap<Option<Uuid>, Answers>,
) -> Maybe<Vec<ComplianceCell>> {
    let kind = if by == RollUpBy::Sector { Kind::Sector } else { Kind::Organization };
    let keys = |row: &Row| -> BTreeSet<Option<Uuid>> {
        match by {
            RollUpBy::Sector => [row.sector].into(),
            RollUpBy::Group => question.groups.of(row).into_iter().map(Some).collect(),
            RollUpBy::Committee | RollUpBy::Jurisdiction => [row.committee].into(),
        }
    };
    let mut cells: BTreeMap<Option<Uuid>, BTreeMap<Duty, Tally>> = BTreeMap::new();
    for ((key, duty), tally) in roll_up(rows, |row| keys(row).into_iter().map(|key| (key, row.duty)).collect::<Vec<_>>()) {
        cells.entry(key).or_default().insert(duty, tally);
    }
    for key in feedback.keys() {
        cells.entry(*key).or_default();
    }
    let names = Names::load(tx, kind, cells.keys().flatten().map(|id| Id(*id)))?;
    let mut shown: Vec<ComplianceCell> = cells
        .into_iter()
        .map(|(key, duties)| ComplianceCell {
            of: names.maybe(key.map(Id)),
            code: None,
            duties: duties.into_iter().map(|(duty, tally)| ComplianceTally::of(duty, Some(tally))).collect(),
            feedback: feedback.get(&key).map(|answers| (*answers).into()),
            feedback_hidden: false,
        })
        .collect();
    shown.sort_by(|a, b| {
        let order = |cell: &ComplianceCell| (cell.of.is_none(), cell.of.as_ref().map(|of| (of.name.clone(), of.id)));
        order(a).cmp(&order(b))
    });
    Ok(shown)
}

/// Article 19, as far as the caller may count it.
fn answered(tx: &mut Tx<'_>, question: &Question<'_>, sight: &Sight, listed: &Listed) -> Maybe<Option<Answered>> {
    if !question.feedback() || (!sight.counts && sight.committees.is_empty()) {
        return Ok(None);
    }
    let owners = (!sight.counts).then_some(sight.committees.as_slice());
    let jurisdiction = tx.jurisdiction();
    let told = submissions::of_year(tx, &[jurisdiction], question.period, owners)?.remove(&jurisdiction).unwrap_or_default();
    let calendars = calendars::in_force(tx)?;
    let limit = listed.county.thresholds.first_feedback_days;
    Ok(Some(Answered::new(told, question.period, tx.today, limit, calendars)))
}

/// The opinions that are asked for and that the caller may count.
fn counted<'a>(question: &Question<'_>, sight: &Sight, answered: &'a Answered) -> Vec<Due<'a>> {
    let ask = question.ask;
    let mut due = answered.due();
    due.retain(|one| {
        let sector = answered.sector(one);
        let is = |asked: Option<Id>, of: Option<Uuid>| asked.is_none_or(|asked| of == Some(asked.0));
        let owned = sight.counts || one.owner.is_some_and(|owner| sight.committees.contains(&Id(owner)));
        owned
            && is(ask.committee, one.owner)
            && is(ask.sector, sector)
            && ask.person.is_none_or(|person| one.authors.contains(&person.0))
            && ask.group.is_none_or(|group| question.groups.of_sector(sector).any(|of| of == group.0))
    });
    due
}

fn by_owner(tx: &mut Tx<'_>, due: &[Due<'_>]) -> Maybe<Vec<ComplianceFeedback>> {
    let rows = feedback::rows(due);
    let names = Names::load(tx, Kind::Organization, rows.iter().filter_map(|row| row.owner.map(Id)))?;
    let show = |row: FeedbackRow| ComplianceFeedback {
        article: row.article,
        owner: names.maybe(row.owner.map(Id)),
        counts: row.answers.into(),
    };
    Ok(rows.into_iter().map(show).collect())
}
