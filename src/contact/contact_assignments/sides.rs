//! What each relation asks of its two sides (art. 11): which are named, and what they hold on the first day.

use super::wire::{AssignmentKind, ContactAssignmentCreate};
use crate::base::id::Id;
use crate::base::problem::{Fault, Maybe, Problem, Say, gather, say};
use crate::contact::constituents::store as constituents;
use crate::db::Tx;
use crate::directory::refs::{self, Kind};
use crate::directory::{dated, in_force};
use crate::http::caller::LEADERS;

const CONTACTING_PERSON: &str = "/contacting_person_id";
const CONTACTING_ORGANIZATION: &str = "/contacting_organization_id";
const CONTACTED_PERSON: &str = "/contacted_person_id";
const CONTACTED_CONSTITUENT: &str = "/contacted_constituent_id";

/// 422 unless exactly the two sides of the relation are named.
pub fn named(new: &ContactAssignmentCreate) -> Maybe<()> {
    use AssignmentKind::{CommitteeMember, LeaderStandingMember, MemberConstituent};
    let fields = [
        (CONTACTING_PERSON, new.contacting_person_id, matches!(new.kind, LeaderStandingMember | MemberConstituent)),
        (CONTACTING_ORGANIZATION, new.contacting_organization_id, new.kind == CommitteeMember),
        (CONTACTED_PERSON, new.contacted_person_id, matches!(new.kind, LeaderStandingMember | CommitteeMember)),
        (CONTACTED_CONSTITUENT, new.contacted_constituent_id, new.kind == MemberConstituent),
    ];
    let judge = |(pointer, given, wanted): (&str, Option<Id>, bool)| match (given.is_some(), wanted) {
        (false, true) => Some(Fault::new(pointer, "required", say("这种关系须给出这一方", "this relation needs this side"))),
        (true, false) => Some(Fault::new(pointer, "not_allowed", say("这种关系没有这一方", "this relation has no such side"))),
        _ => None,
    };
    Problem::unless_none(fields.into_iter().filter_map(judge).collect())
}

/// 422 unless both sides hold, on the first day, what the relation asks for; all faults at once.
pub fn hold_what_it_asks(tx: &mut Tx<'_>, new: &ContactAssignmentCreate) -> Maybe<()> {
    let mut faults = Vec::new();
    gather(&mut faults, dated::check(new.from, new.to))?;
    if let Some(id) = new.contacting_person_id {
        gather(&mut faults, contacting(tx, new, id))?;
    }
    if let Some(id) = new.contacting_organization_id {
        gather(&mut faults, committee(tx, new, id))?;
    }
    if let Some(id) = new.contacted_person_id {
        gather(&mut faults, contacted(tx, new, id))?;
    }
    if let (Some(member), Some(id)) = (new.contacting_person_id, new.contacted_constituent_id) {
        gather(&mut faults, constituent(tx, new, member, id))?;
    }
    Problem::unless_none(faults)
}

fn contacting(tx: &mut Tx<'_>, new: &ContactAssignmentCreate, person: Id) -> Maybe<()> {
    refs::must_exist(tx, Kind::Person, person, CONTACTING_PERSON)?;
    let posts = in_force::posts_of(tx, person, new.from)?;
    match new.kind {
        AssignmentKind::LeaderStandingMember => ask(
            posts.iter().any(|post| LEADERS.contains(&post.as_str())),
            CONTACTING_PERSON,
            "no_leader",
            say("起始之日不是主席、副主席或秘书长", "held no leader's post on the first day"),
        ),
        _ => ask(is_member(&posts), CONTACTING_PERSON, "no_member", not_a_member()),
    }
}

fn contacted(tx: &mut Tx<'_>, new: &ContactAssignmentCreate, person: Id) -> Maybe<()> {
    refs::must_exist(tx, Kind::Person, person, CONTACTED_PERSON)?;
    let posts = in_force::posts_of(tx, person, new.from)?;
    if new.kind == AssignmentKind::CommitteeMember {
        return ask(is_member(&posts), CONTACTED_PERSON, "no_member", not_a_member());
    }
    let stands = posts.iter().any(|post| post == "standing_member") && !posts.iter().any(|post| LEADERS.contains(&post.as_str()));
    let detail = say("起始之日不是常委，或同时担任领导职务", "was no standing member on the first day, or a leader too");
    ask(stands, CONTACTED_PERSON, "no_standing_member", detail)
}

fn committee(tx: &mut Tx<'_>, new: &ContactAssignmentCreate, body: Id) -> Maybe<()> {
    refs::must_exist(tx, Kind::Organization, body, CONTACTING_ORGANIZATION)?;
    let is = in_force::is_body(tx, body, "special_committee", new.from)?;
    let detail = say("起始之日不是专委会", "was no special committee on the first day");
    ask(is, CONTACTING_ORGANIZATION, "no_special_committee", detail)
}

fn constituent(tx: &mut Tx<'_>, new: &ContactAssignmentCreate, member: Id, id: Id) -> Maybe<()> {
    if !constituents::known(tx, member, &[id])?.contains(&id) {
        return Err(Problem::invalid(vec![Fault::unknown_reference(CONTACTED_CONSTITUENT)]));
    }
    let detail = say("委员联系群众的安排不得晚于今天起始", "an assignment of a constituent begins today at the latest");
    ask(new.from <= tx.today, "/from", "in_the_future", detail)
}

fn is_member(posts: &[String]) -> bool {
    posts.iter().any(|post| post == "member")
}

fn not_a_member() -> Say {
    say("起始之日不是委员", "was no member on the first day")
}

fn ask(holds: bool, pointer: &str, code: &str, detail: Say) -> Maybe<()> {
    if holds { Ok(()) } else { Err(Problem::rule(pointer, code, detail)) }
}
