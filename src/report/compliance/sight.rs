//! Which rows a caller sees, and of which only the sums.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::ground::Period;
use super::question::Question;
use super::status::{Charged, Row};
use super::store;
use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::db::Tx;
use crate::policy::{Op, Reach};

/// How far the caller's roles reach into a report.
pub struct Sight {
    /// Every row.
    pub whole: bool,
    /// The sums of everything.
    pub counts: bool,
    /// Whose own rows: the caller's.
    pub persons: BTreeSet<Uuid>,
    /// The committees that the caller speaks for.
    pub committees: Vec<Id>,
    /// Their own members on the day of the report.
    members: BTreeSet<Uuid>,
}

impl Sight {
    pub fn of(tx: &mut Tx<'_>, period: Period) -> Maybe<Self> {
        let mut sight =
            Self { whole: false, counts: false, persons: BTreeSet::new(), committees: Vec::new(), members: BTreeSet::new() };
        for (reach, grant) in tx.caller.reaches(Op::report_compliance) {
            sight.whole |= reach == Reach::All;
            sight.counts |= matches!(reach, Reach::All | Reach::Counts);
            // Each person sees the own duties, and a leader what is charged to them.
            sight.persons.extend(grant.person.filter(|_| matches!(reach, Reach::Own | Reach::Counts)).map(|person| person.0));
            sight.committees.extend(grant.organization.filter(|_| reach == Reach::Sectors));
        }
        if !sight.whole {
            let members = store::own_members(tx, period.as_of(), &sight.committees)?;
            sight.members = members.into_iter().map(|person| person.0).collect();
        }
        Ok(sight)
    }

    /// Whether the caller sees this row.
    pub fn lists(&self, row: &Row) -> bool {
        let speaks_for = |committee: Option<Uuid>| committee.is_some_and(|id| self.committees.contains(&Id(id)));
        let charged = match row.charged {
            Some(Charged::Person(id)) => self.persons.contains(&id),
            Some(Charged::Committee(id)) => speaks_for(Some(id)),
            None => false,
        };
        self.whole
            || charged
            || self.persons.contains(&row.subject)
            || self.members.contains(&row.subject)
            || speaks_for(row.committee)
    }

    /// Whose rows have to be looked at; `None`: everybody's.
    pub fn subjects(&self, tx: &mut Tx<'_>, question: &Question<'_>) -> Maybe<Option<Vec<Id>>> {
        let person = question.ask.person;
        if self.whole {
            return person.map(|person| store::persons_here(tx, &[person])).transpose();
        }
        let own: Vec<Id> = self.persons.iter().map(|id| Id(*id)).collect();
        let mut subjects: BTreeSet<Id> = store::members_of_sectors(tx, question.period, &self.committees)?.into_iter().collect();
        subjects.extend(self.members.iter().map(|id| Id(*id)));
        subjects.extend(store::led_by(tx, question.period, &own)?);
        subjects.extend(own);
        subjects.retain(|subject| person.is_none_or(|only| only == *subject));
        Ok(Some(subjects.into_iter().collect()))
    }
}
