//! What is asked of a report: of which year and day, whose rows, and which sums beside them.

use chrono::{Datelike, NaiveDate};
use uuid::Uuid;

use super::ground::Period;
use super::groups::Groups;
use super::status::Row;
use super::wire::{ComplianceArticle, ComplianceFilter, RollUpBy};
use crate::base::id::Id;
use crate::base::problem::{Fault, Maybe, Problem, say};
use crate::db::Tx;

/// What is asked, judged and completed.
pub struct Question<'a> {
    pub ask: &'a ComplianceFilter,
    pub period: Period,
    pub groups: Groups,
}

impl<'a> Question<'a> {
    pub fn of(tx: &mut Tx<'_>, ask: &'a ComplianceFilter) -> Maybe<Self> {
        let period = period(tx, ask.year, ask.as_of)?;
        let by_group = ask.group.is_some() || ask.roll_up == Some(RollUpBy::Group);
        let groups = if by_group { Groups::on(tx, period.as_of())? } else { Groups::default() };
        Ok(Self { ask, period, groups })
    }

    /// Whether sums are asked for beside the rows.
    pub fn sums(&self) -> bool {
        self.ask.roll_up.is_some() || self.ask.page.with_total == Some(true)
    }

    pub fn article(&self, article: u8) -> bool {
        self.ask.article.as_ref().is_none_or(|only| only.iter().any(|one| one.number() == article))
    }

    /// Whether article 19 is to be answered: it knows no status.
    pub fn feedback(&self) -> bool {
        let named = self.ask.article.as_ref().is_some_and(|only| only.contains(&ComplianceArticle::Nineteen));
        self.ask.status.is_none() && self.article(19) && (named || self.sums())
    }

    /// Whether a row is asked for, as far as that can be said before its figures are known.
    pub fn takes(&self, row: &Row) -> bool {
        let is = |asked: Option<Id>, of: Option<Uuid>| asked.is_none_or(|asked| of == Some(asked.0));
        self.article(row.article)
            && is(self.ask.person, Some(row.subject))
            && is(self.ask.sector, row.sector)
            && is(self.ask.committee, row.committee)
            && self.ask.group.is_none_or(|group| self.groups.of(row).contains(&group.0))
    }

    pub fn has_status(&self, row: &Row) -> bool {
        self.ask.status.as_ref().is_none_or(|only| only.contains(&row.status.into()))
    }
}

/// A year not yet begun, a day outside the year and a day to come are refused, each where it stands.
pub fn period(tx: &Tx<'_>, year: Option<i32>, as_of: Option<NaiveDate>) -> Maybe<Period> {
    let year = year.unwrap_or(as_of.unwrap_or(tx.today).year());
    let mut faults = Vec::new();
    if year > tx.today.year() {
        faults.push(Fault::new("/year", "in_the_future", say("这一年尚未开始", "that year has not begun")));
    }
    if as_of.is_some_and(|day| day > tx.today) {
        faults.push(Fault::new("/as_of", "in_the_future", say("不得晚于今天", "must not be after today")));
    }
    if as_of.is_some_and(|day| day.year() != year) {
        faults.push(Fault::new("/as_of", "outside_year", say("须在所问的年份之内", "must be a day of the year asked for")));
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    Period::of(year, as_of, tx.today).ok_or_else(|| Problem::internal("a year that the calendar does not hold"))
}
