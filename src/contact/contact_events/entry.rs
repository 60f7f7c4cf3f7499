//! What somebody writes down, held against the directory: whom it names, under which role, and within whose sectors it lies.

use std::collections::HashSet;

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;
use serde_json::json;

use super::store::{self, Event, EventRow, Met, Participant, ParticipantRow};
use super::wire::{Confirmation, ContactEventCreate, ContactEventState, ContactSide, OTHER};
use crate::base::id::Id;
use crate::base::problem::{self, Code, Fault, Maybe, Problem, Say, Warning, say};
use crate::db::Tx;
use crate::db::schema::organizations;
use crate::db::words::Json;
use crate::directory::refs::{Kind, Names, Ref};
use crate::directory::{dictionaries, in_force};
use crate::policy::{Op, Reach, Role};

/// The role and the side that somebody records for.
#[derive(Clone, Copy, Debug)]
pub struct Hat {
    pub role: Role,
    pub side: ContactSide,
}

impl Hat {
    /// The narrowest role under which the caller may record this: a committee always contacts, whoever reports to one is
    /// contacted by it.
    pub fn of(tx: &Tx<'_>, said: &ContactEventCreate) -> Maybe<Self> {
        let (body, side) = (said.organization_id, said.recorder_side);
        let fits = tx.caller.reaches(Op::contact_event_create).find_map(|(reach, grant)| {
            let side = match reach {
                Reach::Own if body.is_none() => side.unwrap_or(ContactSide::Contacting),
                Reach::Own if side != Some(ContactSide::Contacting) => ContactSide::Contacted,
                Reach::Owned if body == grant.organization && side != Some(ContactSide::Contacted) => ContactSide::Contacting,
                _ => return None,
            };
            Some(Self { role: grant.role, side })
        });
        fits.ok_or_else(|| match body {
            None => rule("/organization_id", "required", say("以专委会身份记录须填本专委会", "a committee records for itself")),
            Some(_) => rule(
                "/organization_id",
                "not_own",
                say("只能为本专委会记录；向专委会反映工作的，记录者为被联系方", "not a committee that you record for"),
            ),
        })
    }
}

/// What was found of those whom a record names.
pub struct Found {
    names: Names,
    met: Vec<Met>,
    organization: Option<Ref>,
}

/// 422 with every fault at once, or what the record names. What stood in it `before` an edit may stay, even if it could not be
/// chosen today.
pub fn check(
    tx: &mut Tx<'_>,
    said: &ContactEventCreate,
    (recorder, side): (Id, ContactSide),
    before: Option<&ContactEventCreate>,
) -> Maybe<Found> {
    let mut faults = Vec::new();
    check_days(tx.today, said, &mut faults);
    check_codes(tx, said, before, &mut faults)?;
    check_whom(said, (recorder, side), &mut faults);

    let named = [("/person_ids", &said.persons), ("/co_participant_ids", &said.co_participants)];
    let names = Names::load(tx, Kind::Person, named.iter().flat_map(|(_, ids)| *ids).copied().chain([recorder]))?;
    for (at, ids) in named {
        unknown(&mut faults, at, ids, |id| names.has(id));
    }
    let own = store::own_constituents(tx, recorder, &said.constituents)?;
    let kept = before.map_or(&[][..], |before| &before.constituents);
    // Whoever was wiped has no name any more and is met no more.
    let met: Vec<Met> = own.into_iter().filter(|met| met.name.is_some() || kept.contains(&met.id)).collect();
    unknown(&mut faults, "/constituent_ids", &said.constituents, |id| met.iter().any(|met| met.id == id));
    let organization = said.organization_id.map(|id| committee(tx, id)).transpose()?.flatten();
    if said.organization_id.is_some() && organization.is_none() {
        faults.push(Fault::unknown_reference("/organization_id"));
    }
    if faults.is_empty() { Ok(Found { names, met, organization }) } else { Err(Problem::invalid(faults)) }
}

fn rule(pointer: &str, code: &str, say: Say) -> Problem {
    Problem::rule(pointer, code, say)
}

fn unknown(faults: &mut Vec<Fault>, at: &str, ids: &[Id], is_known: impl Fn(Id) -> bool) {
    let missing = ids.iter().enumerate().filter(|(_, id)| !is_known(**id));
    faults.extend(missing.map(|(n, _)| Fault::unknown_reference(format!("{at}/{n}"))));
}

/// The first day that can be recorded.
const EARLIEST: i32 = 2000;

fn check_days(today: NaiveDate, said: &ContactEventCreate, faults: &mut Vec<Fault>) {
    if said.occurred_on > today {
        faults.push(Fault::new("/occurred_on", "in_the_future", say("不得晚于今天", "must not be in the future")));
    }
    if said.occurred_on.year() < EARLIEST {
        faults.push(Fault::new("/occurred_on", "too_early", say("不得早于 2000 年", "must not be before the year 2000")));
    }
    if said.review_of_year.is_some_and(|year| year > i64::from(said.occurred_on.year())) {
        let say = say("不得晚于联系的那一年", "must not be after the year of the contact");
        faults.push(Fault::new("/review_of_year", "in_the_future", say));
    }
}

fn check_codes(
    tx: &mut Tx<'_>,
    said: &ContactEventCreate,
    before: Option<&ContactEventCreate>,
    faults: &mut Vec<Fault>,
) -> Maybe<()> {
    let mut check = |dictionary: &'static str, codes: Vec<(String, &str)>| -> Maybe<()> {
        if codes.is_empty() {
            return Ok(());
        }
        let known = dictionaries::entries(tx, dictionary)?.unwrap_or_default();
        for (pointer, code) in codes {
            if !known.iter().any(|entry| entry.active && entry.code == code) {
                let say =
                    say(format!("不是字典 {dictionary} 中在用的代码"), format!("no code in use of the dictionary {dictionary}"));
                faults.push(Fault::new(pointer, "unknown_code", say));
            }
        }
        Ok(())
    };
    let form = before.is_none_or(|before| before.form != said.form).then(|| ("/form".to_owned(), said.form.as_str()));
    check("contact_forms", form.into_iter().collect())?;
    let is_new = |kind: &str| before.is_none_or(|before| before.services.iter().all(|of| of.kind != kind));
    let services = said.services.iter().enumerate().filter(|(_, of)| is_new(&of.kind));
    check("service_kinds", services.map(|(n, of)| (format!("/services/{n}/kind"), of.kind.as_str())).collect())?;
    match (&said.form_word, said.form == OTHER) {
        (None, true) => {
            faults.push(Fault::new("/form_word", "required", say("其他形式须写明名称", "the form `other` needs a word")));
        }
        (Some(_), false) => {
            let say = say("只有 form 为 other 时才填", "only for the form `other`");
            faults.push(Fault::new("/form_word", "not_allowed", say));
        }
        _ => {}
    }
    Ok(())
}

fn check_whom(said: &ContactEventCreate, (recorder, side): (Id, ContactSide), faults: &mut Vec<Fault>) {
    let has_other_side = !said.persons.is_empty()
        || match side {
            ContactSide::Contacted => said.organization_id.is_some(),
            ContactSide::Contacting => with_people(said),
        };
    if !has_other_side {
        let say = say(
            "联系了谁：person_ids、constituent_ids、outside_persons、others_count 至少填一项；记录者为被联系方时填 person_ids 或 organization_id",
            "whom: at least one of person_ids, constituent_ids, outside_persons, others_count; the contacted side names person_ids or organization_id",
        );
        faults.push(Fault::new("/person_ids", "required", say));
    }
    let mut seen = HashSet::from([recorder]);
    for (at, ids) in
        [("/person_ids", &said.persons), ("/co_participant_ids", &said.co_participants), ("/constituent_ids", &said.constituents)]
    {
        for (n, id) in ids.iter().enumerate() {
            if !seen.insert(*id) {
                let say = say("不得重复，也不得为记录者本人", "named twice, or the recorder");
                faults.push(Fault::new(format!("{at}/{n}"), "repeated", say));
            }
        }
    }
}

/// Somebody of the people was met.
fn with_people(said: &ContactEventCreate) -> bool {
    !said.constituents.is_empty() || !said.outside_persons.is_empty() || said.others_count > 0
}

/// A special committee of this jurisdiction.
fn committee(tx: &mut Tx<'_>, id: Id) -> Maybe<Option<Ref>> {
    let name: Option<String> = organizations::table
        .filter(organizations::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(organizations::id.eq(id))
        .filter(organizations::kind.eq("special_committee"))
        .select(organizations::name)
        .first(tx.conn)
        .optional()?;
    Ok(name.map(|name| Ref { id, name }))
}

/// A new event of what was said and found.
pub fn compose(tx: &mut Tx<'_>, said: &ContactEventCreate, hat: Hat, recorder: Id, found: Found) -> Maybe<Event> {
    let row = EventRow {
        id: Id::fresh(),
        jurisdiction_id: tx.jurisdiction(),
        occurred_on: said.occurred_on,
        form: String::new(),
        form_word: None,
        place: None,
        summary: String::new(),
        content_kinds: String::new(),
        initiated_by: hat.side,
        organization_id: said.organization_id,
        body_confirmation: said
            .organization_id
            .map(|_| if hat.role == Role::Committee { Confirmation::Recorded } else { Confirmation::Pending }),
        body_reason: None,
        body_answered_by: None,
        recorded_by: recorder,
        recorded_role: hat.role.as_str().to_owned(),
        review_of_year: None,
        others_count: 0,
        outside_persons: Json::default(),
        publicity: Json::default(),
        services: Json::default(),
        with_people: false,
        state: ContactEventState::Recorded,
        settled: false,
        state_reason: None,
        link_id: None,
        client_ref: None,
        client_ref_hash: None,
        client_ref_print: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    let mut event = Event {
        row,
        participants: Vec::new(),
        constituents: Vec::new(),
        organization: None,
        linked: Vec::new(),
        committees: Vec::new(),
    };
    write_over(tx, &mut event, said, hat.side, found)?;
    Ok(event)
}

/// Puts what was said into the event; words that were given before are left to the caller.
pub fn write_over(tx: &mut Tx<'_>, event: &mut Event, said: &ContactEventCreate, side: ContactSide, found: Found) -> Maybe<()> {
    let row = &mut event.row;
    row.occurred_on = said.occurred_on;
    row.form.clone_from(&said.form);
    row.form_word.clone_from(&said.form_word);
    row.place.clone_from(&said.place);
    row.summary.clone_from(&said.summary);
    row.content_kinds = said.content_kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(",");
    row.initiated_by = said.initiated_by.unwrap_or(side);
    row.review_of_year = said.review_of_year;
    row.others_count = said.others_count;
    row.outside_persons = Json(json!(said.outside_persons));
    row.publicity = Json(json!(said.publicity));
    row.services = Json(json!(said.services));
    row.with_people = with_people(said);
    event.participants = participants(&event.row, said, side, &found.names);
    event.constituents = found.met;
    event.organization = found.organization;
    let persons: Vec<Id> = event.participants.iter().map(|one| one.row.person_id).collect();
    let mut committees = in_force::committees_over(tx, &persons, said.occurred_on)?;
    committees.extend(said.organization_id.filter(|body| !committees.contains(body)));
    event.committees = committees;
    Ok(())
}

fn participants(row: &EventRow, said: &ContactEventCreate, side: ContactSide, names: &Names) -> Vec<Participant> {
    let other_side = if side == ContactSide::Contacting { ContactSide::Contacted } else { ContactSide::Contacting };
    let one = |person_id: Id, side, confirmation| Participant {
        row: ParticipantRow {
            event_id: row.id,
            person_id,
            occurred_on: row.occurred_on,
            side,
            confirmation,
            reason: None,
            answered_at: None,
        },
        name: names.of(person_id).name,
    };
    let mut all = vec![one(row.recorded_by, side, Confirmation::Recorded)];
    all.extend(said.co_participants.iter().map(|id| one(*id, side, Confirmation::Pending)));
    all.extend(said.persons.iter().map(|id| one(*id, other_side, Confirmation::Pending)));
    store::in_order(&mut all);
    all
}

/// Phone and identity numbers in what was written freely.
pub fn warnings(said: &ContactEventCreate) -> Vec<Warning> {
    said.texts().flat_map(|(pointer, text)| problem::warnings(&pointer, text)).take(MOST_WARNINGS).collect()
}

/// So many are told, whatever the number of texts.
const MOST_WARNINGS: usize = 100;

/// Whose record it is: an account that links no person records nothing.
pub fn recorder(tx: &Tx<'_>) -> Maybe<Id> {
    tx.caller.person.ok_or_else(|| {
        Problem::new(Code::Forbidden, say("账号没有对应的人员，不能记录", "the account links no person who could record"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(json: serde_json::Value) -> ContactEventCreate {
        let mut all = json!({"occurred_on": "2026-03-05", "form": "visit", "summary": "走访"});
        for (key, value) in json.as_object().into_iter().flatten() {
            all[key] = value.clone();
        }
        serde_json::from_value(all).expect("a record")
    }

    fn faults(said: &ContactEventCreate, recorder: Id) -> Vec<String> {
        let mut faults = Vec::new();
        check_whom(said, (recorder, said.recorder_side.unwrap_or(ContactSide::Contacting)), &mut faults);
        check_days(NaiveDate::from_ymd_opt(2026, 3, 5).expect("a day"), said, &mut faults);
        faults.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
    }

    #[test]
    fn somebody_was_contacted() {
        let me = Id::fresh();
        assert_eq!(faults(&said(json!({})), me), ["/person_ids required"]);
        assert_eq!(faults(&said(json!({"recorder_side": "contacted", "others_count": 3})), me), ["/person_ids required"]);
        assert!(faults(&said(json!({"others_count": 3})), me).is_empty());
        let report = json!({"organization_id": Id::fresh(), "recorder_side": "contacted"});
        assert!(faults(&said(report), me).is_empty(), "a report to a committee");
        assert_eq!(
            faults(&said(json!({"organization_id": Id::fresh()})), me),
            ["/person_ids required"],
            "a committee contacts itself"
        );
    }

    #[test]
    fn nobody_stands_twice_in_a_record() {
        let (me, other) = (Id::fresh(), Id::fresh());
        let twice = said(json!({"person_ids": [other, me], "co_participant_ids": [other]}));
        assert_eq!(faults(&twice, me), ["/person_ids/1 repeated", "/co_participant_ids/0 repeated"]);
    }

    #[test]
    fn days_are_past_and_not_before_2000() {
        let me = Id::fresh();
        assert_eq!(faults(&said(json!({"others_count": 1, "occurred_on": "2026-03-06"})), me), ["/occurred_on in_the_future"]);
        assert_eq!(faults(&said(json!({"others_count": 1, "occurred_on": "1999-12-31"})), me), ["/occurred_on too_early"]);
        let review = said(json!({"others_count": 1, "review_of_year": 2027}));
        assert_eq!(faults(&review, me), ["/review_of_year in_the_future"]);
    }

    #[test]
    fn numbers_in_free_text_are_pointed_out_and_not_repeated() {
        let record = said(
            json!({"summary": "电话 13800138000，或 13900139000", "services": [{"kind": "legal", "what": "13800138000", "for_how_many": 1}]}),
        );
        let found = warnings(&record);
        let places: Vec<_> = found.iter().map(|of| (of.pointer.as_str(), of.code.as_str())).collect();
        assert_eq!(places, [("/summary", "phone"), ("/summary", "phone"), ("/services/0/what", "phone")]);
        assert!(found.iter().all(|of| !of.detail.contains("138")));
    }
}
