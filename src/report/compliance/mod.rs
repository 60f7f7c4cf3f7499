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
mod ground;
mod groups;
mod listed;
#[cfg(test)]
mod model;
mod question;
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

use actix_web::get;
use utoipa_actix_web::service_config::ServiceConfig;

use self::listed::{Listed, mark};
use self::question::{Question, period};
use self::sight::Sight;
use self::status::{Charged, Row};
use self::store::{Asked, Gathered};
pub use self::wire::{ComplianceArticle, ComplianceFilter, ComplianceReport, ComplianceRow, ComplianceStatus, RollUpBy};
use self::wire::{ComplianceExemption, Named};
use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::db::Tx;
use crate::directory::refs::{Kind, Names};
use crate::http::{Answer, Ask, Call, Page, Reply};

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
    listed.rows.truncate(page.shown + 1);
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
