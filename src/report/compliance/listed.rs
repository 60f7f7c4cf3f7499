//! The rows of a report: first which there are, and the figures once it is known which of them are wanted.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use super::ground::Period;
use super::question::Question;
use super::status::{Duty, Row};
use super::store::{self, Asked, Gathered};
use super::{records, rules};
use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::db::Tx;

/// Where a row stands in the list: no two rows of a year are of one duty and one person.
pub fn mark(row: &Row) -> (usize, Id) {
    let duties = [Duty::Constituents, Duty::StandingMembers, Duty::Leader, Duty::LeaderReview, Duty::CommitteeReview, Duty::Visits];
    (duties.iter().position(|duty| *duty == row.duty).unwrap_or(duties.len()), Id(row.subject))
}

/// Rows with the facts that they come from.
pub struct Listed {
    pub period: Period,
    pub jurisdiction: Id,
    pub county: Gathered,
    pub rows: Vec<Row>,
}

impl Listed {
    /// The rows of these persons, or of everybody, whose figures are not yet known.
    pub fn gather(tx: &mut Tx<'_>, question: &Question<'_>, persons: Option<&[Id]>) -> Maybe<Self> {
        let (period, jurisdiction) = (question.period, tx.jurisdiction());
        let mut counties = store::gather(tx, &Asked { period, jurisdictions: &[jurisdiction], persons })?;
        let county = counties.remove(&jurisdiction).unwrap_or_default();
        let mut rows = rules::rows(period, &county.facts());
        rows.sort_unstable_by_key(mark);
        Ok(Self { period, jurisdiction, county, rows })
    }

    /// Reads what the figures of these rows rest on, and computes them: of so many persons at a time, so that a city's year of
    /// contacts is never in memory together.
    pub fn complete(&mut self, tx: &mut Tx<'_>) -> Maybe<()> {
        let subjects: BTreeSet<Uuid> = self.rows.iter().map(|row| row.subject).collect();
        let mut figures: HashMap<(Duty, Uuid), Row> = HashMap::new();
        for some in subjects.into_iter().collect::<Vec<_>>().chunks(AT_ONCE) {
            let wanted: BTreeSet<Uuid> = some.iter().copied().collect();
            let rows: Vec<&Row> = self.rows.iter().filter(|row| wanted.contains(&row.subject)).collect();
            let mut county = self.county.clone();
            county.seats.retain(|seat| wanted.contains(&seat.person));
            let mut counties = [(self.jurisdiction, county)].into();
            complete(tx, self.period, &rows, &mut counties)?;
            let county = counties.remove(&self.jurisdiction).unwrap_or_default();
            let all = rules::rows(self.period, &county.facts()).into_iter();
            figures.extend(all.filter(|row| wanted.contains(&row.subject)).map(|row| ((row.duty, row.subject), row)));
        }
        for row in &mut self.rows {
            if let Some(figures) = figures.remove(&(row.duty, row.subject)) {
                *row = figures;
            }
        }
        Ok(())
    }
}

/// The persons whose figures are computed together.
const AT_ONCE: usize = 1_000;

/// Adds to what was gathered whatever the figures of `rows` rest on.
pub fn complete(tx: &mut Tx<'_>, period: Period, rows: &[&Row], counties: &mut store::Counties) -> Maybe<()> {
    let jurisdictions: Vec<Id> = counties.keys().copied().collect();
    let subjects = |of: &[Duty]| -> Vec<Id> {
        let ids = rows.iter().filter(|row| of.contains(&row.duty)).map(|row| Id(row.subject));
        ids.collect::<BTreeSet<_>>().into_iter().collect()
    };
    let listing = subjects(&[Duty::Constituents]);
    if !listing.is_empty() {
        store::add_constituents(tx, &Asked { period, jurisdictions: &jurisdictions, persons: few(&listing) }, counties)?;
    }
    let meeting = subjects(&[Duty::LeaderReview, Duty::CommitteeReview, Duty::Visits]);
    if !meeting.is_empty() {
        let visits = rows.iter().any(|row| row.duty == Duty::Visits);
        let asked = Asked { period, jurisdictions: &jurisdictions, persons: few(&meeting) };
        records::add_events(tx, &asked, visits, counties)?;
    }
    Ok(())
}

/// Beyond this many the whole jurisdiction is read: one range of an index, and a statement of bounded length.
const MANY: usize = 2_000;

fn few(persons: &[Id]) -> Option<&[Id]> {
    (persons.len() <= MANY).then_some(persons)
}
