//! What a parent jurisdiction sees of those below it: sums, never persons.
//!
//! A cell over fewer than five persons is withheld, and where one is withheld alone the next smallest goes with it, so that
//! none follows from the sum and the others. Each jurisdiction is judged by its own settings and calendar.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::feedback::{self, Answers};
use super::listed::complete;
use super::question::Question;
use super::roll_up::{FEWEST_PERSONS, Tally, roll_up, withhold};
use super::rules;
use super::sight::Sight;
use super::status::Duty;
use super::store::{self, Asked};
use super::submissions::{self, Answered};
use super::sums::Sums;
use super::wire::{ComplianceCell, ComplianceReport, ComplianceTally};
use crate::base::id::Id;
use crate::base::problem::{Code, Fault, Maybe, Problem, say};
use crate::db::Tx;
use crate::db::schema::{jurisdiction_codes, jurisdictions};
use crate::directory::calendars;
use crate::directory::refs::Ref;
use crate::opinion::opinions::wire::DueCalendar;

/// So many jurisdictions are read at once: a few counties' contacts, and never a province's together.
const AT_ONCE: usize = 5;
/// Beyond so many below it a jurisdiction asks its children for their own sums.
const MOST: usize = 400;

/// One jurisdiction's sums, to be added to those of the child that it lies in.
#[derive(Default)]
struct Sum {
    duties: BTreeMap<Duty, Tally>,
    answers: Answers,
    assumed: bool,
    feedback_as_of: Option<NaiveDate>,
}

pub fn report(tx: &mut Tx<'_>, question: &Question<'_>) -> Maybe<ComplianceReport> {
    if !Sight::of(tx, question.period)?.counts {
        return Err(Problem::plain(Code::Forbidden));
    }
    refuse_filters(question)?;
    let below = Below::of(tx)?;
    if below.child.len() > MOST {
        let detail = say(
            format!("下级地区多于 {MOST} 个，请由各下级地区分别汇总"),
            format!("more than {MOST} jurisdictions below: each child sums up its own"),
        );
        return Err(Problem::rule("/roll_up", "too_many", detail));
    }
    let mut children: BTreeMap<Id, Sum> = below.names.keys().map(|id| (*id, Sum::default())).collect();
    let all: Vec<Id> = below.child.keys().copied().collect();
    for some in all.chunks(AT_ONCE) {
        for (of, sum) in sums(tx, question, some)? {
            if let Some(child) = below.child.get(&of) {
                children.entry(*child).or_default().add(sum);
            }
        }
    }
    let codes = codes(tx, &children.keys().copied().collect::<Vec<_>>(), question.period.as_of())?;
    Ok(show(question, &below, &codes, children))
}

/// Who stands in a child's rows is not for a parent to ask.
fn refuse_filters(question: &Question<'_>) -> Maybe<()> {
    let ask = question.ask;
    let given = [
        ("/person", ask.person.is_some()),
        ("/sector", ask.sector.is_some()),
        ("/committee", ask.committee.is_some()),
        ("/group", ask.group.is_some()),
        // Two sums, one with it and one without, would tell of fewer than five.
        ("/status", ask.status.is_some()),
    ];
    let fault = |pointer: &str| {
        Fault::new(pointer, "not_together", say("按下级地区汇总时不能给出", "cannot be given with roll_up=jurisdiction"))
    };
    let faults: Vec<Fault> = given.iter().filter(|(_, given)| *given).map(|(pointer, _)| fault(pointer)).collect();
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

/// The jurisdictions below the caller's.
struct Below {
    /// Each of them, with the direct child that it is or lies in.
    child: BTreeMap<Id, Id>,
    /// The direct children's names.
    names: BTreeMap<Id, String>,
}

impl Below {
    /// A statement a level: there are five at most, from the nation to the county.
    fn of(tx: &mut Tx<'_>) -> Maybe<Self> {
        let mut below = Self { child: BTreeMap::new(), names: BTreeMap::new() };
        let mut level = vec![tx.jurisdiction()];
        while !level.is_empty() && below.child.len() <= MOST {
            let rows: Vec<(Id, Option<Id>, String)> = jurisdictions::table
                .filter(jurisdictions::parent_id.eq_any(&level))
                .select((jurisdictions::id, jurisdictions::parent_id, jurisdictions::name))
                .load(tx.conn)?;
            level.clear();
            for (id, parent, name) in rows {
                let child = parent.and_then(|parent| below.child.get(&parent)).copied();
                if child.is_none() {
                    below.names.insert(id, name);
                }
                if below.child.insert(id, child.unwrap_or(id)).is_none() {
                    level.push(id);
                }
            }
        }
        Ok(below)
    }
}

/// The sums of some jurisdictions, each by its own settings.
fn sums(tx: &mut Tx<'_>, question: &Question<'_>, some: &[Id]) -> Maybe<HashMap<Id, Sum>> {
    let period = question.period;
    let mut counties = store::gather(tx, &Asked { period, jurisdictions: some, persons: None })?;
    let mut all: Vec<_> = counties.values().flat_map(|county| rules::rows(period, &county.facts())).collect();
    all.retain(|row| question.article(row.article));
    complete(tx, period, &all.iter().collect::<Vec<_>>(), &mut counties)?;
    let mut sums: HashMap<Id, Sum> = HashMap::new();
    for (of, county) in &counties {
        let mut rows = rules::rows(period, &county.facts());
        rows.retain(|row| question.article(row.article));
        sums.entry(*of).or_default().duties = roll_up(&rows, |row| [row.duty]);
    }
    if question.feedback() {
        let mut told = submissions::of_year(tx, some, period, None)?;
        let mut own = calendars::in_force_in(tx, some)?;
        for (of, county) in &counties {
            let limit = county.thresholds.first_feedback_days;
            let calendars = own.remove(of).unwrap_or_default();
            let answered = Answered::new(told.remove(of).unwrap_or_default(), period, tx.today, limit, calendars);
            let sum = sums.entry(*of).or_default();
            sum.answers = feedback::roll_up(&answered.due(), |_| [()]).remove(&()).unwrap_or_default();
            sum.assumed = answered.is_assumed();
            sum.feedback_as_of = Some(answered.day);
        }
    }
    Ok(sums)
}

impl Sum {
    /// Persons are of one jurisdiction each, so none is counted twice.
    fn add(&mut self, other: Self) {
        for (duty, tally) in other.duties {
            let sum = self.duties.entry(duty).or_default();
            *sum = sum.and(tally);
        }
        let (own, more) = (self.answers, other.answers);
        self.answers = Answers {
            due: own.due + more.due,
            on_time: own.on_time + more.on_time,
            late: own.late + more.late,
            open: own.open + more.open,
            persons: own.persons + more.persons,
        };
        self.assumed |= other.assumed;
        self.feedback_as_of = self.feedback_as_of.max(other.feedback_as_of);
    }
}

/// The codes of jurisdictions on a day.
fn codes(tx: &mut Tx<'_>, of: &[Id], day: NaiveDate) -> Maybe<HashMap<Id, String>> {
    Ok(jurisdiction_codes::table
        .filter(jurisdiction_codes::jurisdiction_id.eq_any(of))
        .filter(jurisdiction_codes::from_day.le(day))
        .order(jurisdiction_codes::from_day.asc())
        .select((jurisdiction_codes::jurisdiction_id, jurisdiction_codes::code))
        .load::<(Id, String)>(tx.conn)?
        .into_iter()
        .collect())
}

fn show(question: &Question<'_>, below: &Below, codes: &HashMap<Id, String>, children: BTreeMap<Id, Sum>) -> ComplianceReport {
    let mut whole = Sum::default();
    let mut duties: BTreeMap<Duty, BTreeMap<Id, Tally>> = BTreeMap::new();
    let mut answers: BTreeMap<Id, Answers> = BTreeMap::new();
    for (child, sum) in children {
        for (duty, tally) in &sum.duties {
            duties.entry(*duty).or_default().insert(child, *tally);
        }
        if sum.answers.due > 0 {
            answers.insert(child, sum.answers);
        }
        whole.add(sum);
    }
    let answers = withhold(answers, |answers| answers.persons);
    let mut tallies: BTreeMap<Id, Vec<ComplianceTally>> = BTreeMap::new();
    for (duty, cells) in duties {
        for (child, tally) in withhold(cells, |tally| tally.judged_persons) {
            tallies.entry(child).or_default().push(ComplianceTally::of(duty, tally));
        }
    }
    let mut cells: Vec<ComplianceCell> = below
        .names
        .iter()
        .map(|(id, name)| ComplianceCell {
            of: Some(Ref { id: *id, name: name.clone() }),
            code: codes.get(id).cloned(),
            duties: tallies.remove(id).unwrap_or_default(),
            feedback: answers.get(id).copied().flatten().map(Into::into),
            feedback_hidden: answers.get(id).is_some_and(Option::is_none),
        })
        .collect();
    cells.sort_by(|a, b| a.code.cmp(&b.code));
    let shown = |tally: Tally| (tally.judged_persons >= FEWEST_PERSONS).then_some(tally);
    let totals = whole.duties.iter().map(|(duty, tally)| ComplianceTally::of(*duty, shown(*tally))).collect();
    let sums = Sums {
        totals: Some(totals),
        roll_up: Some(cells),
        feedback: None,
        feedback_as_of: whole.feedback_as_of,
        calendar: question.feedback().then_some(if whole.assumed { DueCalendar::Assumed } else { DueCalendar::Known }),
    };
    sums.into_report(question.period)
}
