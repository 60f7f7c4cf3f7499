//! A slow model of articles 11 to 14 that asks every fact on every day, held against the fast rules.
//!
//! It shares nothing with them but the shape of facts and rows: no sets of days, no index, no ties.

use super::days::Span;
use super::facts::{
    Assignment, AssignmentKind, Constituent, ContactEvent, Correspondence, EventState, Exemption, ExemptionKind, Facts,
    Participant, Post, PostKind, Seat, Thresholds,
};
use super::ground::Period;
use super::roll_up;
use super::rules::rows;
use super::scene::{Scene, day, id};
use super::status::{Charged, Duty, Row, Status};
use chrono::{Datelike, NaiveDate, TimeDelta};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

struct Model<'a> {
    facts: Facts<'a>,
    year: i32,
    as_of: NaiveDate,
}

impl Model<'_> {
    fn year_days(&self) -> Vec<NaiveDate> {
        let first = NaiveDate::from_ymd_opt(self.year, 1, 1).unwrap();
        first.iter_days().take_while(|day| day.year() == self.year).collect()
    }

    fn leads(&self, who: Uuid, on: NaiveDate) -> bool {
        self.facts.posts.iter().any(|p| p.person == who && p.kind != PostKind::StandingMember && on_day(p.span, on))
    }

    fn holds(&self, duty: Duty, who: Uuid, on: NaiveDate) -> bool {
        let stands = self.facts.posts.iter().any(|p| p.person == who && p.kind == PostKind::StandingMember && on_day(p.span, on));
        match duty {
            Duty::Constituents | Duty::CommitteeReview | Duty::Visits => {
                self.facts.seats.iter().any(|s| s.person == who && on_day(s.span, on))
            }
            Duty::StandingMembers => self.leads(who, on),
            Duty::Leader | Duty::LeaderReview => stands && !self.leads(who, on),
        }
    }

    /// Leaders or committees who are to contact `who` on a day, with what orders them.
    fn charges(&self, duty: Duty, who: Uuid, on: NaiveDate) -> Vec<((NaiveDate, u64), Uuid)> {
        match duty {
            Duty::Leader | Duty::LeaderReview if self.holds(duty, who, on) => self
                .facts
                .assignments
                .iter()
                .filter(|a| a.kind == AssignmentKind::LeaderStandingMember && a.whom == who && on_day(a.span, on))
                .filter(|a| self.leads(a.by, on))
                .map(|a| ((a.span.from, a.created), a.by))
                .collect(),
            Duty::Constituents | Duty::CommitteeReview | Duty::Visits => self
                .facts
                .seats
                .iter()
                .filter(|s| s.person == who && on_day(s.span, on))
                .flat_map(|s| self.facts.correspondences.iter().filter(|c| c.sector == s.sector))
                .filter(|c| on_day(c.span, on))
                .map(|c| ((c.span.from, 0), c.committee))
                .collect(),
            _ => Vec::new(),
        }
    }

    fn charge(&self, duty: Duty, who: Uuid) -> Option<Uuid> {
        let so_far = self.year_days().into_iter().filter(|day| *day <= self.as_of);
        so_far.rev().find_map(|day| self.charges(duty, who, day).into_iter().max()).map(|(_, by)| by)
    }

    /// Contacts of the year, each as its day and its records.
    fn contacts(&self) -> Vec<(NaiveDate, Vec<&ContactEvent>)> {
        let stands = |e: &&ContactEvent| {
            (e.state == EventState::Recorded || e.state == EventState::Confirmed) && e.occurred_on <= self.as_of
        };
        let key = |e: &ContactEvent| e.link_group.unwrap_or(e.id);
        let keys: BTreeSet<Uuid> = self.facts.events.iter().filter(stands).map(key).collect();
        let told = |k: &Uuid| {
            let records: Vec<_> = self.facts.events.iter().filter(stands).filter(|e| key(e) == *k).collect();
            (records.iter().map(|e| e.occurred_on).min().unwrap(), records)
        };
        keys.iter().map(told).filter(|(on, _)| on.year() == self.year).collect()
    }

    fn done(&self, duty: Duty, who: Uuid) -> (u32, u32) {
        let mut days: BTreeSet<NaiveDate> = BTreeSet::new();
        let mut sure: BTreeSet<NaiveDate> = BTreeSet::new();
        for (on, records) in self.contacts() {
            let mine = |e: &&&ContactEvent| e.persons.iter().any(|p| p.id == who);
            if !self.holds(duty, who, on) || !records.iter().any(|e| mine(&e)) {
                continue;
            }
            let theirs: Vec<Uuid> = self.charges(duty, who, on).into_iter().map(|(_, by)| by).collect();
            let counts = match duty {
                Duty::Visits => {
                    records.iter().any(|e| &*e.form == "visit" || &*e.form == "reciprocal_visit")
                        && records
                            .iter()
                            .any(|e| e.others_count + e.outsiders > 0 || e.constituents.iter().any(|c| self.counts(*c, who)))
                }
                _ => {
                    records.iter().any(|e| e.review_of_year == Some(self.year))
                        && records.iter().any(|e| sides(e, duty).iter().any(|s| theirs.contains(&s.id)))
                }
            };
            if counts {
                days.insert(on);
                let speaks = |e: &ContactEvent, s: &Participant| {
                    s.id != e.recorded_by
                        && e.recorded_for != Some(s.id)
                        && s.confirmed_by.is_some()
                        && s.confirmed_by != Some(e.recorded_by)
                };
                let sure_by = |e: &&&ContactEvent| {
                    let own = e.persons.iter().any(|s| s.id == who && speaks(e, s));
                    let other = duty != Duty::Visits && sides(e, duty).iter().any(|s| theirs.contains(&s.id) && speaks(e, s));
                    own || other || (e.settled && e.state == EventState::Confirmed)
                };
                if records.iter().filter(mine).any(|e| sure_by(&e)) {
                    sure.insert(on);
                }
            }
        }
        let most = if duty == Duty::Visits { u32::MAX } else { 1 };
        ((days.len() as u32).min(most), (sure.len() as u32).min(most))
    }

    fn counts(&self, constituent: Uuid, member: Uuid) -> bool {
        !self.facts.constituents.iter().any(|c| c.id == constituent && (c.holds_account || c.person == Some(member)))
    }

    fn active(&self, duty: Duty, who: Uuid, on: NaiveDate) -> u32 {
        let ends: BTreeSet<Uuid> = match duty {
            Duty::Constituents => self
                .facts
                .assignments
                .iter()
                .filter(|a| a.kind == AssignmentKind::MemberConstituent && a.by == who && on_day(a.span, on))
                .map(|a| a.whom)
                .filter(|c| self.counts(*c, who))
                .collect(),
            Duty::StandingMembers => self
                .facts
                .assignments
                .iter()
                .map(|a| a.whom)
                .filter(|whom| self.charges(Duty::Leader, *whom, on).iter().any(|(_, by)| *by == who))
                .collect(),
            _ => self.charges(duty, who, on).into_iter().map(|(_, by)| by).collect(),
        };
        ends.len() as u32
    }

    fn granted(&self, kind: ExemptionKind, duty: Duty, who: Uuid, on: NaiveDate) -> Option<Uuid> {
        let mut granted: Vec<&Exemption> = self
            .facts
            .exemptions
            .iter()
            .filter(|e| e.person == who && e.kind == kind && on_day(e.span, on))
            .filter(|e| e.article.is_none() || e.article == Some(duty.article()))
            .collect();
        granted.sort_by_key(|e| (e.span.from, e.id));
        granted.first().map(|e| e.id)
    }

    fn row(&self, duty: Duty, who: Uuid) -> Option<Row> {
        let office: Vec<NaiveDate> = self.year_days().into_iter().filter(|d| self.holds(duty, who, *d)).collect();
        let begins_on = *office.first().filter(|first| **first <= self.as_of)?;
        let due_on = *office.last().unwrap();
        let looked_at = *office.iter().rfind(|d| **d <= self.as_of).unwrap();
        let days = office.iter().filter(|d| self.granted(ExemptionKind::Leave, duty, who, **d).is_none()).count() as u32;
        let thresholds = self.facts.thresholds;
        let (owed, done, confirmed) = match duty {
            Duty::Constituents => (thresholds.constituents, self.active(duty, who, looked_at), 0),
            Duty::StandingMembers | Duty::Leader => (1, self.active(duty, who, looked_at), 0),
            Duty::LeaderReview | Duty::CommitteeReview => (1, self.done(duty, who).0, self.done(duty, who).1),
            Duty::Visits => {
                let share = f64::from(thresholds.visits * days) / self.year_days().len() as f64;
                (share.ceil() as u32, self.done(duty, who).0, self.done(duty, who).1)
            }
        };
        let fresh = (0..thresholds.grace_days)
            .map(|back| self.as_of - TimeDelta::days(i64::from(back)))
            .any(|d| !self.holds(duty, who, d.pred_opt().unwrap()));
        let grace = duty.article() == 11 && self.holds(duty, who, self.as_of) && fresh;
        let exemption = self.granted(ExemptionKind::Exemption, duty, who, self.as_of);
        let left = (due_on - self.as_of).num_days();
        let status = if days < 60 || exemption.is_some() {
            Status::Exempt
        } else if done >= owed {
            Status::Met
        } else if grace {
            Status::OnTrack
        } else if left <= 0 {
            Status::Unmet
        } else if left < i64::from(thresholds.at_risk_days) {
            Status::AtRisk
        } else {
            Status::OnTrack
        };
        let latest = |d: NaiveDate| self.facts.seats.iter().filter(move |s| s.person == who && on_day(s.span, d));
        let sector = (0..2000)
            .map(|back| self.as_of - TimeDelta::days(back))
            .find_map(|d| latest(d).map(|s| (s.span.from, s.sector)).max())
            .map(|(_, sector)| sector);
        let charged = match duty {
            Duty::Constituents | Duty::StandingMembers | Duty::Visits => Some(Charged::Person(who)),
            Duty::Leader if done == 0 => None,
            Duty::Leader | Duty::LeaderReview => self.charge(duty, who).map(Charged::Person),
            Duty::CommitteeReview => self.charge(duty, who).map(Charged::Committee),
        };
        Some(Row {
            article: duty.article(),
            duty,
            subject: who,
            sector,
            committee: self.charge(Duty::CommitteeReview, who),
            charged,
            begins_on,
            due_on,
            days,
            owed,
            done,
            confirmed,
            missing: if status == Status::Exempt { 0 } else { owed.saturating_sub(done) },
            status,
            exemption,
        })
    }
}

fn on_day(span: Span, day: NaiveDate) -> bool {
    span.from <= day && span.to.is_none_or(|to| day <= to)
}

fn sides(event: &ContactEvent, duty: Duty) -> &[Participant] {
    if duty == Duty::CommitteeReview { &event.organizations } else { &event.persons }
}

fn duties() -> [Duty; 6] {
    [Duty::Constituents, Duty::StandingMembers, Duty::Leader, Duty::LeaderReview, Duty::CommitteeReview, Duty::Visits]
}

const PERSONS: std::ops::Range<u32> = 1..6;

fn person() -> impl Strategy<Value = Uuid> {
    PERSONS.prop_map(id)
}

fn some_day() -> impl Strategy<Value = NaiveDate> {
    (-40i64..380).prop_map(|n| day("2028-01-01") + TimeDelta::days(n))
}

/// Long spans, short ones, open ones, and ones that begin years back.
fn some_span() -> impl Strategy<Value = Span> {
    let first = prop_oneof![2 => some_day(), 2 => Just(day("2026-05-01"))];
    let length = prop_oneof![1 => Just(None), 2 => (0i64..900).prop_map(Some), 1 => (0i64..70).prop_map(Some)];
    (first, length).prop_map(|(from, days)| Span::new(from, days.map(|days| from + TimeDelta::days(days))))
}

fn participant(who: impl Strategy<Value = Uuid>) -> impl Strategy<Value = Participant> {
    (who, option::of(person())).prop_map(|(id, confirmed_by)| Participant { id, confirmed_by })
}

fn some_event() -> impl Strategy<Value = ContactEvent> {
    let state = prop_oneof![
        4 => Just(EventState::Recorded),
        3 => Just(EventState::Confirmed),
        1 => Just(EventState::Disputed),
        1 => Just(EventState::Voided)
    ];
    let form = prop_oneof![2 => Just("visit"), 1 => Just("reciprocal_visit"), 1 => Just("telephone")];
    let told = (some_day(), form, state, prop::bool::weighted(0.2), option::weighted(0.4, 70_000u32..70_004));
    let review = option::weighted(0.7, prop_oneof![4 => Just(2028), 1 => Just(2027)]);
    let recorder = (person(), option::weighted(0.2, (20u32..22).prop_map(id)));
    let committee = (20u32..22).prop_map(id);
    let sides = (vec(participant(person()), 1..4), vec(participant(committee), 0..2));
    let met = (vec((30u32..36).prop_map(id), 0..3), 0u32..2, prop_oneof![3 => Just(0u32), 1 => 1u32..20]);
    (told, review, recorder, sides, met).prop_map(
        |(
            (occurred_on, form, state, settled, group),
            review_of_year,
            (recorded_by, recorded_for),
            (persons, organizations),
            (constituents, outsiders, others_count),
        )| {
            ContactEvent {
                id: Uuid::nil(),
                occurred_on,
                form: form.into(),
                state,
                settled,
                link_group: group.map(id),
                review_of_year,
                recorded_by,
                recorded_for,
                persons,
                organizations,
                constituents,
                outsiders,
                others_count,
            }
        },
    )
}

prop_compose! {
    fn some_scene()(
        seats in vec((person(), 10u32..12, some_span()), 0..10),
        posts in vec((person(), 0usize..6, some_span()), 0..8),
        leads in vec((person(), person(), some_span()), 0..8),
        lists in vec((person(), 30u32..36, some_span()), 0..20),
        correspondences in vec((10u32..12, 20u32..22, some_span()), 0..4),
        constituents in vec((any::<bool>(), option::of(person())), 0..4),
        exemptions in vec((person(), any::<bool>(), option::of(11u8..15), some_span()), 0..4),
        events in vec(some_event(), 0..25),
        thresholds in (0u32..5, 0u32..4, 0u32..120, 0u32..90),
    ) -> Scene {
        let kinds = [PostKind::Chairperson, PostKind::ViceChairperson, PostKind::SecretaryGeneral];
        let seats = seats.into_iter().map(|(person, sector, span)| Seat { person, sector: id(sector), span });
        let posts = posts.into_iter().map(|(person, kind, span)| {
            Post { person, kind: kinds.get(kind).copied().unwrap_or(PostKind::StandingMember), span }
        });
        let leads = leads.into_iter().map(|(by, whom, span)| (AssignmentKind::LeaderStandingMember, by, whom, span));
        let lists = lists.into_iter().map(|(by, whom, span)| (AssignmentKind::MemberConstituent, by, id(whom), span));
        let assignments = leads.chain(lists).zip(0u64..).map(|((kind, by, whom, span), created)| {
            Assignment { kind, by, whom, span, created }
        });
        let correspondences = correspondences.into_iter().map(|(sector, committee, span)| {
            Correspondence { sector: id(sector), committee: id(committee), span }
        });
        let constituents = (30u32..).zip(constituents).map(|(who, (holds_account, person))| {
            Constituent { id: id(who), holds_account, person }
        });
        let exemptions = (9000u32..).zip(exemptions).map(|(granted, (person, leave, article, span))| {
            let kind = if leave { ExemptionKind::Leave } else { ExemptionKind::Exemption };
            Exemption { id: id(granted), person, kind, article, span }
        });
        let events = (70_000u32..).zip(events).map(|(n, event)| ContactEvent { id: id(n), ..event });
        let (visits, constituents_owed, at_risk_days, grace_days) = thresholds;
        Scene {
            seats: seats.collect(),
            posts: posts.collect(),
            assignments: assignments.collect(),
            correspondences: correspondences.collect(),
            constituents: constituents.collect(),
            exemptions: exemptions.collect(),
            events: events.collect(),
            counting_forms: Vec::new(),
            thresholds: Thresholds {
                visits, constituents: constituents_owed, at_risk_days, grace_days, ..Thresholds::default()
            },
        }
    }
}

fn fast(scene: &Scene, as_of: NaiveDate) -> Vec<Row> {
    rows(Period::of(as_of.year(), Some(as_of), as_of).unwrap(), &scene.facts())
}

fn day_of_2028() -> impl Strategy<Value = NaiveDate> {
    (0i64..366).prop_map(|n| day("2028-01-01") + TimeDelta::days(n))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_rules_agree_with_the_day_by_day_model(scene in some_scene(), as_of in day_of_2028()) {
        let model = Model { facts: scene.facts(), year: 2028, as_of };
        let expected: Vec<Row> =
            duties().into_iter().flat_map(|duty| PERSONS.filter_map(|n| model.row(duty, id(n))).collect::<Vec<_>>()).collect();
        prop_assert_eq!(fast(&scene, as_of), expected);
    }

    #[test]
    fn the_order_of_the_facts_does_not_matter(scene in some_scene(), as_of in day_of_2028()) {
        let mut turned = scene.clone();
        turned.seats.reverse();
        turned.posts.reverse();
        turned.assignments.reverse();
        turned.correspondences.reverse();
        turned.exemptions.reverse();
        turned.events.reverse();
        prop_assert_eq!(fast(&scene, as_of), fast(&turned, as_of));
    }

    #[test]
    fn a_row_holds_together(scene in some_scene(), as_of in day_of_2028()) {
        for row in fast(&scene, as_of) {
            prop_assert!(row.confirmed <= row.done);
            prop_assert!(row.begins_on <= as_of && row.begins_on <= row.due_on && row.due_on.year() == 2028);
            prop_assert!(row.days <= 366);
            prop_assert!(!matches!(row.article, 12 | 13) || row.done <= 1);
            prop_assert_eq!(row.status == Status::Met, row.status != Status::Exempt && row.missing == 0);
            prop_assert_eq!(row.status == Status::Exempt, row.days < 60 || row.exemption.is_some());
        }
    }

    #[test]
    fn linking_adds_nothing_to_reviews_and_no_day_to_visits(scene in some_scene(), as_of in day_of_2028()) {
        let mut linked = scene.clone();
        for event in &mut linked.events {
            event.link_group = Some(id(70_000));
        }
        for row in fast(&linked, as_of) {
            prop_assert!(!matches!(row.article, 12..=14) || row.done <= 1);
        }
    }

    #[test]
    fn a_sum_over_sectors_is_the_sum_of_all(scene in some_scene(), as_of in day_of_2028()) {
        let rows = fast(&scene, as_of);
        let whole = roll_up::roll_up(&rows, |row| [row.article]);
        let parts = roll_up::roll_up(&rows, |row| [(row.article, row.sector)]);
        for (article, sum) in whole {
            let added = parts
                .iter()
                .filter(|((of, _), _)| *of == article)
                .fold(roll_up::Tally::default(), |all, (_, part)| all.and(*part));
            prop_assert_eq!(added, sum);
        }
    }
}
