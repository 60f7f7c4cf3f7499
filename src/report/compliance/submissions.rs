//! What article 19 counts, as the history of each opinion tells it: submissions, returns, owners, the first feedback.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;
use uuid::Uuid;

use super::feedback::{self, Due, Ownership, Return, Submission, Track};
use super::ground::Period;
use crate::base::calendar::{Calendars, Zone, local_day};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::Maybe;
use crate::db::Tx;
use crate::db::schema::{opinion_texts, opinion_transitions, opinions};
use crate::policy::Op;

/// The opinions of one jurisdiction, and the sectors of their authors.
#[derive(Debug, Default)]
pub struct Told {
    submissions: Vec<Submission>,
    sectors: HashMap<Uuid, Uuid>,
}

/// Opinions on the CPPCC's work that were submitted in the year, by jurisdiction. `owners`: only those that one of these bodies
/// may have owned; others may be among them.
pub fn of_year(tx: &mut Tx<'_>, jurisdictions: &[Id], period: Period, owners: Option<&[Id]>) -> Maybe<BTreeMap<Id, Told>> {
    let (first, last) = (period.whole().from, period.whole().last());
    macro_rules! asked {
        ($query:expr) => {{
            let query = $query
                .filter(opinions::jurisdiction_id.eq_any(jurisdictions))
                .filter(opinions::track.eq("cppcc_work"))
                .filter(opinions::submitted_on.between(first, last))
                .into_boxed();
            match owners {
                None => query,
                // Only a transfer or an objection changes the owner.
                Some(owners) => {
                    query.filter(opinions::owner_id.eq_any(owners).or(opinions::transfers.gt(0).or(opinions::objected).nullable()))
                }
            }
        }};
    }
    type Row = (Id, Id, Option<Id>, Option<Id>, Option<Id>, Option<Id>, Option<NaiveDate>);
    let rows: Vec<Row> = asked!(opinions::table.inner_join(opinion_texts::table.on(opinion_texts::opinion_id.eq(opinions::id))))
        .select((
            opinions::id,
            opinions::jurisdiction_id,
            opinions::author_person_id,
            opinions::author_organization_id,
            opinion_texts::contact_person_id,
            opinions::sector_id,
            opinions::submitted_on,
        ))
        .load(tx.conn)?;
    let mut steps = BTreeMap::<Id, Vec<Step>>::new();
    let rows_of_steps: Vec<(Id, Instant, Id, String, Option<Id>)> =
        asked!(opinions::table.inner_join(opinion_transitions::table.on(opinion_transitions::opinion_id.eq(opinions::id))))
            .select((
                opinion_transitions::opinion_id,
                opinion_transitions::at,
                opinion_transitions::id,
                opinion_transitions::op,
                opinion_transitions::owner_id,
            ))
            .load(tx.conn)?;
    for (opinion, at, id, op, owner) in rows_of_steps {
        steps.entry(opinion).or_default().push(Step { at, id, op: op.parse().ok(), owner });
    }
    let mut told = BTreeMap::<Id, Told>::new();
    for (id, of, person, organization, contact, sector, submitted_on) in rows {
        let Some(submitted_on) = submitted_on else { continue };
        let author = person.or(contact).or(organization);
        let submission = Submission {
            opinion: id.0,
            track: Track::CppccWork,
            collective: false,
            authors: author.into_iter().map(|author| author.0).collect(),
            submitted_on,
            returns: Vec::new(),
            first_feedback_on: None,
            withdrawn_on: None,
            owners: Vec::new(),
        };
        let submission = replay(submission, steps.remove(&id).unwrap_or_default(), tx.caller.zone);
        let told = told.entry(of).or_default();
        told.submissions.push(submission);
        told.sectors.extend(sector.map(|sector| (id.0, sector.0)));
    }
    Ok(told)
}

/// Article 19 in one jurisdiction, seen on the day that it is reported for.
pub struct Answered {
    told: Told,
    year: i32,
    limit: u32,
    calendars: Calendars,
    /// The day of the report.
    pub day: NaiveDate,
}

impl Answered {
    /// `limit`: working days to the first feedback.
    pub fn new(told: Told, period: Period, today: NaiveDate, limit: u32, calendars: Calendars) -> Self {
        let works = |day: NaiveDate| calendars.is_working_day(day);
        let day = feedback::day_of_report(&told.submissions, period, today, limit, &works);
        Self { year: period.year(), day, told, limit, calendars }
    }

    /// The opinions whose limit has come.
    pub fn due(&self) -> Vec<Due<'_>> {
        let works = |day: NaiveDate| self.calendars.is_working_day(day);
        feedback::due(&self.told.submissions, self.year, self.day, self.limit, &works)
    }

    /// The sector of an opinion's author.
    pub fn sector(&self, one: &Due<'_>) -> Option<Uuid> {
        self.told.sectors.get(&one.opinion).copied()
    }

    /// Whether days of a year without a calendar were counted.
    pub fn is_assumed(&self) -> bool {
        !self.told.submissions.is_empty() && (self.year..=self.day.year()).any(|year| self.calendars.of(year).is_none())
    }
}

struct Step {
    at: Instant,
    id: Id,
    op: Option<Op>,
    owner: Option<Id>,
}

/// The days that the steps of one opinion leave, in the order in which they were taken.
fn replay(mut of: Submission, mut steps: Vec<Step>, zone: Zone) -> Submission {
    steps.sort_unstable_by_key(|step| (step.at, step.id));
    for step in steps {
        let day = local_day(step.at.0, zone);
        match step.op {
            Some(Op::opinion_submit) => {
                if let Some(last) = of.returns.last_mut() {
                    last.resubmitted_on.get_or_insert(day);
                }
            }
            Some(Op::opinion_return) => of.returns.push(Return { returned_on: day, resubmitted_on: None }),
            Some(Op::opinion_decline | Op::opinion_feedback) => _ = of.first_feedback_on.get_or_insert(day),
            Some(Op::opinion_withdraw | Op::opinion_lapse) => of.withdrawn_on = Some(day),
            _ => {}
        }
        if let Some(owner) = step.owner
            && of.owners.last().is_none_or(|last| last.owner != owner.0)
        {
            of.owners.push(Ownership { from: day, owner: owner.0 });
        }
    }
    of
}

#[cfg(test)]
mod tests {
    use super::super::scene::{day, id};
    use super::*;

    #[test]
    fn the_history_of_an_opinion_tells_what_article_19_counts() {
        let step = |at: &str, n: u32, op, owner: u32| Step {
            at: Instant(at.parse().unwrap()),
            id: Id(id(n)),
            op: Some(op),
            owner: Some(Id(id(owner))),
        };
        let steps = vec![
            step("2026-03-20T01:00:00Z", 6, Op::opinion_feedback, 21),
            step("2026-03-02T01:00:00Z", 1, Op::opinion_submit, 20),
            step("2026-03-03T17:00:00Z", 2, Op::opinion_return, 20),
            step("2026-03-06T01:00:00Z", 3, Op::opinion_submit, 20),
            step("2026-03-06T01:00:00Z", 4, Op::opinion_transfer, 21),
            step("2026-03-09T01:00:00Z", 5, Op::opinion_decline, 21),
        ];
        let plain = Submission {
            opinion: id(1),
            track: Track::CppccWork,
            collective: false,
            authors: vec![id(5)],
            submitted_on: day("2026-03-02"),
            returns: Vec::new(),
            first_feedback_on: None,
            withdrawn_on: None,
            owners: Vec::new(),
        };
        let told = replay(plain, steps, Zone::AsiaShanghai);
        // 17:00 in UTC is the next day in Shanghai.
        let returned = Return { returned_on: day("2026-03-04"), resubmitted_on: Some(day("2026-03-06")) };
        assert_eq!(told.returns, [returned]);
        assert_eq!(told.first_feedback_on, Some(day("2026-03-09")));
        let owned = |from: &str, owner| Ownership { from: day(from), owner: id(owner) };
        assert_eq!(told.owners, [owned("2026-03-02", 20), owned("2026-03-06", 21)]);
    }
}
