//! How an opinion is shown: references by name, its deadline, what the caller may do, and to its author what only they may see.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::history::TransitionRow;
use super::store::{self, Case, OpinionRow, TextRow};
use super::taking;
use super::wire::{DueCalendar, Opinion, OpinionAuthor, OpinionDue, OpinionSummary, Rest, SimilarOpinions, Transition};
use crate::base::calendar::Calendars;
use crate::base::id::Id;
use crate::base::problem::{Maybe, Warning, warnings};
use crate::contact::constituents::mask::{ConstituentRef, ConstituentRefs};
use crate::db::Tx;
use crate::db::schema::{contact_events, meetings, opinions, resolutions};
use crate::directory::calendars;
use crate::directory::refs::{Kind, Names, Ref};
use crate::http::etag::etag;
use crate::opinion::way::{self, DueKind};
use crate::policy::Caller;
use crate::record;

/// A page's items: the same number of statements whatever their count.
pub fn summaries(tx: &mut Tx<'_>, rows: Vec<OpinionRow>) -> Maybe<Vec<OpinionSummary>> {
    let cases = store::cases(tx, rows)?;
    of_cases(tx, &cases)
}

fn of_cases(tx: &mut Tx<'_>, cases: &[Case]) -> Maybe<Vec<OpinionSummary>> {
    let rows = || cases.iter().map(|case| &case.row);
    let persons = Names::load(tx, Kind::Person, rows().filter_map(|row| row.author_person_id))?;
    let bodies = Names::load(tx, Kind::Organization, rows().flat_map(|row| [row.author_organization_id, row.owner_id]).flatten())?;
    let sectors = Names::load(tx, Kind::Sector, rows().filter_map(|row| row.sector_id))?;
    let meetings = meeting_names(tx, rows().filter_map(|row| row.meeting_id))?;
    let chair_only = taking::chair_only(tx)?;
    let today = tx.today;
    let calendars = if rows().any(|row| is_overdue(row, today)) { Some(calendars::in_force(tx)?) } else { None };
    let summary = |case: &Case| {
        let row = &case.row;
        OpinionSummary {
            id: row.id,
            track: row.track,
            state: row.state,
            title: row.title.clone(),
            category: row.category.clone(),
            urgency: row.urgency,
            author: OpinionAuthor {
                person: persons.maybe(row.author_person_id),
                organization: bodies.maybe(row.author_organization_id),
            },
            sector: sectors.maybe(row.sector_id),
            owner: bodies.maybe(row.owner_id),
            submitted_on: row.submitted_on,
            returned_on: row.returned_on,
            due: due(row, today, calendars.as_ref()),
            meeting: row.meeting_id.and_then(|id| meetings.get(&id).cloned()),
            outcome: row.outcome,
            round: row.round,
            allowed_actions: way::allowed(tx.caller, &case.standing(today), chair_only),
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    };
    Ok(cases.iter().map(summary).collect())
}

/// A body let its time pass. An author's own time runs out and makes nobody late.
pub fn is_overdue(row: &OpinionRow, today: chrono::NaiveDate) -> bool {
    let owed = row.due_kind.is_some_and(|kind| DueKind::OF_BODIES.contains(&kind));
    owed && row.due_on.is_some_and(|on| on < today)
}

fn due(row: &OpinionRow, today: chrono::NaiveDate, calendars: Option<&Calendars>) -> Option<OpinionDue> {
    let (kind, on) = (row.due_kind?, row.due_on?);
    let overdue = is_overdue(row, today);
    let late = |calendars: &Calendars| calendars.working_days_between(on, today);
    Some(OpinionDue {
        kind,
        on,
        owed_by: kind.owed_by(),
        calendar: if row.due_assumed { DueCalendar::Assumed } else { DueCalendar::Known },
        overdue,
        overdue_days: if overdue { calendars.map_or(0, late) } else { 0 },
    })
}

/// One opinion with all that this caller may see of it.
pub fn whole(tx: &mut Tx<'_>, case: &Case, similar: Option<SimilarOpinions>) -> Maybe<Opinion> {
    let text = store::text(tx, case.row.id)?;
    with_text(tx, case, text, similar)
}

/// The same with the text at hand.
pub fn with_text(tx: &mut Tx<'_>, case: &Case, text: TextRow, similar: Option<SimilarOpinions>) -> Maybe<Opinion> {
    let summary = record::only(of_cases(tx, std::slice::from_ref(case))?)?;
    let row = &case.row;
    let own = is_author(tx.caller, row);
    let persons = Names::load(tx, Kind::Person, [row.recorded_by, text.contact_person_id].into_iter().flatten())?;
    let accepted_by = Names::load(tx, Kind::Organization, row.accepted_by)?.maybe(row.accepted_by);
    let people = store::constituents(tx, row.id)?;
    let resolution = resolution(tx, row.resolution_id)?;
    let event = if own { event(tx, text.event_id)? } else { None };
    Ok(summary.with(Rest {
        warnings: written(&row.title, &text),
        content_kinds: text.content_kinds(),
        situation: text.situation,
        analysis: text.analysis,
        suggestions: text.suggestions,
        intake: text.intake,
        outlet: text.outlet,
        may_publish: text.may_publish,
        no_state_secrets: text.no_state_secrets,
        owner_choice: text.owner_choice,
        contact_person: persons.maybe(text.contact_person_id),
        recorded_by: persons.maybe(row.recorded_by),
        accepted_by,
        event,
        constituents_count: i64::try_from(people.len()).unwrap_or(i64::MAX),
        constituents: if own { people_of(tx, &people)? } else { Vec::new() },
        resolution,
        client_ref: text.client_ref.filter(|_| own),
        similar,
    }))
}

/// The caller is the author, or speaks for the organization that is.
pub fn is_author(caller: &Caller, row: &OpinionRow) -> bool {
    let speaks = |body| caller.grants.iter().any(|grant| grant.organization == Some(body));
    (row.author_person_id.is_some() && row.author_person_id == caller.person) || row.author_organization_id.is_some_and(speaks)
}

/// Meetings as references.
pub fn meeting_names(tx: &mut Tx<'_>, ids: impl IntoIterator<Item = Id>) -> Maybe<HashMap<Id, Ref>> {
    let ids: BTreeSet<Id> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Id, String)> = meetings::table
        .filter(meetings::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(meetings::id.eq_any(ids))
        .select((meetings::id, meetings::name))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(id, name)| (id, Ref { id, name })).collect())
}

/// Opinions as references, by their titles: for things that belong to one which the caller may see.
pub fn titles(tx: &mut Tx<'_>, ids: impl IntoIterator<Item = Id>) -> Maybe<HashMap<Id, Ref>> {
    let ids: BTreeSet<Id> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Id, String)> = opinions::table
        .filter(opinions::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(opinions::id.eq_any(ids))
        .select((opinions::id, opinions::title))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(id, name)| (id, Ref { id, name })).collect())
}

fn resolution(tx: &mut Tx<'_>, id: Option<Id>) -> Maybe<Option<Ref>> {
    let Some(id) = id else { return Ok(None) };
    let number: String = resolutions::table.find(id).select(resolutions::number).first(tx.conn)?;
    Ok(Some(Ref { id, name: number }))
}

fn event(tx: &mut Tx<'_>, id: Option<Id>) -> Maybe<Option<Ref>> {
    let Some(id) = id else { return Ok(None) };
    let day: chrono::NaiveDate = contact_events::table.find(id).select(contact_events::occurred_on).first(tx.conn)?;
    Ok(Some(Ref { id, name: day.to_string() }))
}

fn people_of(tx: &mut Tx<'_>, ids: &[Id]) -> Maybe<Vec<ConstituentRef>> {
    let refs = ConstituentRefs::load(tx, ids.iter().copied())?;
    Ok(ids.iter().map(|id| refs.of(*id)).collect())
}

/// Where personal data seems to stand in what was written.
fn written(title: &str, text: &TextRow) -> Vec<Warning> {
    let fields = [
        ("/title", Some(title)),
        ("/situation", Some(text.situation.as_str())),
        ("/analysis", text.analysis.as_deref()),
        ("/suggestions", text.suggestions.as_deref()),
    ];
    fields.into_iter().flat_map(|(pointer, text)| warnings(pointer, text.unwrap_or_default())).collect()
}

/// The steps of a history: three statements, however many.
pub fn history(tx: &mut Tx<'_>, rows: Vec<TransitionRow>) -> Maybe<Vec<Transition>> {
    let persons = Names::load(tx, Kind::Person, rows.iter().filter_map(|row| row.person_id))?;
    let bodies = Names::load(tx, Kind::Organization, rows.iter().flat_map(|row| [row.organization_id, row.owner_id]).flatten())?;
    let meetings = meeting_names(tx, rows.iter().filter_map(|row| row.details().meeting))?;
    let step = |row: TransitionRow| {
        let details = row.details();
        Transition {
            id: row.id,
            at: row.at,
            op: row.op,
            from_state: row.from_state,
            to_state: row.to_state,
            role: row.role,
            person: persons.maybe(row.person_id),
            organization: bodies.maybe(row.organization_id),
            owner: bodies.maybe(row.owner_id),
            reason: row.reason,
            meeting: details.meeting.and_then(|id| meetings.get(&id).cloned()),
            outcome: details.outcome,
            track: details.track,
            etag: etag(1),
        }
    };
    Ok(rows.into_iter().map(step).collect())
}
