//! 履职情况: who has met the duties of a year (arts. 11, 12, 13, 14, 19), for any day of it.
//!
//! Rows and sums are computed from what is in force on each day and stored nowhere. Who reads what: a person the own rows, a
//! leader those charged to them too, a committee those of its sectors, its members and its charge, the member affairs committee
//! all; leaders and the office the sums of the whole. Of the jurisdictions below there are sums alone, none over fewer than
//! five persons.

mod below;
mod contacts;
pub mod coverage;
pub mod days;
pub mod facts;
pub mod feedback;
mod groups;
#[cfg(test)]
mod model;
mod records;
pub mod review;
pub mod roll_up;
pub mod rules;
#[cfg(test)]
mod scene;
mod sight;
pub mod status;
mod store;
mod submissions;
mod sums;
pub mod visits;
mod wire;

use std::collections::{BTreeSet, HashMap};

use actix_web::get;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::base::id::Id;
use crate::base::problem::{Fault, Maybe, Problem, say};
use crate::db::Tx;
use crate::directory::refs::{Kind, Names};
use crate::http::{Answer, Ask, Call, Page, Reply};
use chrono::{Datelike, NaiveDate};
use groups::Groups;
use rules::Period;
use sight::Sight;
use status::{Charged, Duty, Row};
use store::{Asked, Gathered};
pub use wire::{ComplianceArticle, ComplianceFilter, ComplianceReport, ComplianceRow, ComplianceStatus, RollUpBy};
use wire::{ComplianceExemption, Named};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(report_compliance);
}

/// 履职情况
///
/// 第十一条至第十四条、第十九条：某年截至某日，每人的职责应完成多少、已完成多少、由谁尽责，以及首次反馈是否在时限之内。
/// 本人看自己的；领导并看由其尽责的与全体的合计；专委会看对口界别的委员、本专委会成员与由其尽责的；委员工委看全部；
/// 办公室看合计。可按界别、专委会、组或下级地区汇总。
#[utoipa::path(params(ComplianceFilter, crate::http::PageQuery), responses((status = 200, description = "履职情况", body = ComplianceReport)))]
#[get("/reports/compliance")]
async fn report_compliance(call: Call, ask: Ask<ComplianceFilter>) -> Reply<ComplianceReport> {
    call.read(ask, |tx, ask| {
        let question = Question::of(tx, ask)?;
        let report =
            if ask.roll_up == Some(RollUpBy::Jurisdiction) { below::report(tx, &question)? } else { report(tx, &question)? };
        Ok(Answer::plain(report))
    })
    .await
}

/// What is asked, judged and completed.
struct Question<'a> {
    ask: &'a ComplianceFilter,
    period: Period,
    groups: Groups,
}

impl<'a> Question<'a> {
    fn of(tx: &mut Tx<'_>, ask: &'a ComplianceFilter) -> Maybe<Self> {
        let period = period(tx, ask.year, ask.as_of)?;
        let by_group = ask.group.is_some() || ask.roll_up == Some(RollUpBy::Group);
        let groups = if by_group { Groups::on(tx, period.as_of())? } else { Groups::default() };
        Ok(Self { ask, period, groups })
    }

    /// Whether sums are asked for beside the rows.
    fn sums(&self) -> bool {
        self.ask.roll_up.is_some() || self.ask.page.with_total == Some(true)
    }

    fn article(&self, article: u8) -> bool {
        self.ask.article.as_ref().is_none_or(|only| only.iter().any(|one| one.number() == article))
    }

    /// Whether article 19 is to be answered: it knows no status.
    fn feedback(&self) -> bool {
        let named = self.ask.article.as_ref().is_some_and(|only| only.contains(&ComplianceArticle::Nineteen));
        self.ask.status.is_none() && self.article(19) && (named || self.sums())
    }

    /// Whether a row is asked for, as far as that can be said before its figures are known.
    fn takes(&self, row: &Row) -> bool {
        let is = |asked: Option<Id>, of: Option<Uuid>| asked.is_none_or(|asked| of == Some(asked.0));
        self.article(row.article)
            && is(self.ask.person, Some(row.subject))
            && is(self.ask.sector, row.sector)
            && is(self.ask.committee, row.committee)
            && self.ask.group.is_none_or(|group| self.groups.of(row).contains(&group.0))
    }

    fn has_status(&self, row: &Row) -> bool {
        self.ask.status.as_ref().is_none_or(|only| only.contains(&row.status.into()))
    }
}

/// A year not yet begun, a day outside the year and a day to come are refused, each where it stands.
fn period(tx: &Tx<'_>, year: Option<i32>, as_of: Option<NaiveDate>) -> Maybe<Period> {
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

/// Rows of the caller's own jurisdiction, and their sums.
fn report(tx: &mut Tx<'_>, question: &Question<'_>) -> Maybe<ComplianceReport> {
    let sight = Sight::of(tx, question.period)?;
    let page = Page::of(tx, &question.ask.page, "duty", &bound_to(question.ask))?;
    let subjects = sight.subjects(tx, question)?;
    let mut listed = Listed::gather(tx, question, subjects.as_deref())?;
    listed.rows.retain(|row| sight.lists(row) && question.takes(row));
    let figures_first = question.ask.status.is_some() || question.sums();
    if figures_first {
        listed.complete(tx)?;
        listed.rows.retain(|row| question.has_status(row));
    }
    let total = listed.rows.len();
    let sums = sums::of(tx, question, &sight, &listed)?;
    let after = page.after::<usize>()?;
    listed.rows.retain(|row| after.is_none_or(|after| mark(row) > after));
    listed.rows.truncate(usize::try_from(page.reads).unwrap_or(0));
    if !figures_first {
        listed.complete(tx)?;
    }
    let Listed { rows, county, .. } = listed;
    let (rows, next_cursor) = page.cut(tx, rows, |row| {
        let (duty, person) = mark(row);
        (duty.to_string(), person)
    });
    let (total, total_is_exact) =
        if question.ask.page.with_total == Some(true) { crate::http::page::total(total) } else { (None, None) };
    let items = show(tx, &rows, &county)?;
    Ok(ComplianceReport { items, next_cursor, total, total_is_exact, ..sums.into_report(question.period) })
}

/// What tells one list of rows from another.
fn bound_to(ask: &ComplianceFilter) -> impl std::fmt::Debug {
    let ComplianceFilter { year, as_of, article, person, sector, committee, group, status, .. } = ask.clone();
    (year, as_of, article, person, sector, committee, group, status)
}

/// Where a row stands in the list: no two rows of a year are of one duty and one person.
fn mark(row: &Row) -> (usize, Id) {
    let duties = [Duty::Constituents, Duty::StandingMembers, Duty::Leader, Duty::LeaderReview, Duty::CommitteeReview, Duty::Visits];
    (duties.iter().position(|duty| *duty == row.duty).unwrap_or(duties.len()), Id(row.subject))
}

/// Rows with the facts that they come from.
struct Listed {
    period: Period,
    jurisdiction: Id,
    county: Gathered,
    rows: Vec<Row>,
}

impl Listed {
    /// The rows of these persons, or of everybody, whose figures are not yet known.
    fn gather(tx: &mut Tx<'_>, question: &Question<'_>, persons: Option<&[Id]>) -> Maybe<Self> {
        let (period, jurisdiction) = (question.period, tx.jurisdiction());
        let mut counties = store::gather(tx, &Asked { period, jurisdictions: &[jurisdiction], persons })?;
        let county = counties.remove(&jurisdiction).unwrap_or_default();
        let mut rows = rules::rows(period, &county.facts());
        rows.sort_unstable_by_key(mark);
        Ok(Self { period, jurisdiction, county, rows })
    }

    /// Reads what the figures of these rows rest on, and computes them: of so many persons at a time, so that a city's year of
    /// contacts is never in memory together.
    fn complete(&mut self, tx: &mut Tx<'_>) -> Maybe<()> {
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
fn complete(tx: &mut Tx<'_>, period: Period, rows: &[&Row], counties: &mut store::Counties) -> Maybe<()> {
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

fn show(tx: &mut Tx<'_>, rows: &[Row], county: &Gathered) -> Maybe<Vec<ComplianceRow>> {
    let charged = |row: &Row| match row.charged {
        Some(Charged::Person(id)) => (Some(Id(id)), None),
        Some(Charged::Committee(id)) => (None, Some(Id(id))),
        None => (None, None),
    };
    let persons = rows.iter().flat_map(|row| [Some(Id(row.subject)), charged(row).0]).flatten();
    let sectors = rows.iter().filter_map(|row| row.sector.map(Id));
    let committees = rows.iter().flat_map(|row| [row.committee.map(Id), charged(row).1]).flatten();
    let named = Named {
        persons: Names::load(tx, Kind::Person, persons)?,
        sectors: Names::load(tx, Kind::Sector, sectors)?,
        organizations: Names::load(tx, Kind::Organization, committees)?,
    };
    let exemption = |row: &Row| {
        let known = county.exemptions.iter().find(|known| Some(known.id) == row.exemption)?;
        Some(ComplianceExemption { id: Id(known.id), from: known.span.from, to: known.span.to })
    };
    Ok(rows.iter().map(|row| ComplianceRow::of(row, exemption(row), &named)).collect())
}

/// The duties of today that a person or one of these committees is charged with: what the to-do list asks for.
pub fn duties_of(tx: &mut Tx<'_>, person: Option<Id>, committees: &[Id]) -> Maybe<Vec<Row>> {
    let period = period(tx, None, None)?;
    let mut subjects = store::led_by(tx, period, person.as_slice())?;
    subjects.extend(person);
    subjects.extend(store::members_of_sectors(tx, period, committees)?);
    let jurisdiction = tx.jurisdiction();
    let mut counties = store::gather(tx, &Asked { period, jurisdictions: &[jurisdiction], persons: Some(&subjects) })?;
    let county = counties.remove(&jurisdiction).unwrap_or_default();
    let rows = rules::rows(period, &county.facts());
    let mut listed = Listed { period, jurisdiction, county, rows };
    listed.rows.retain(|row| match row.charged {
        Some(Charged::Person(charged)) => person.is_some_and(|person| person.0 == charged),
        Some(Charged::Committee(charged)) => committees.contains(&Id(charged)),
        None => false,
    });
    listed.complete(tx)?;
    Ok(listed.rows)
}
