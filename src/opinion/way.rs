//! THE table of states: how an opinion goes on, from its draft to its end (arts. 16, 19, 25).
//!
//! A row says from where, by which deed, to where, and which deadline begins. Who may take a step is the policy row of its
//! [`Op`] and stands nowhere else; what the regulation asks beyond a role is in [`may`]. Handlers, `allowed_actions`, the
//! to-do list, deadlines and the diagram in the docs come from here. Pure: no SQL, no HTTP.
//!
//! It ends only in `withdrawn`, `declined` (once no objection is possible) and `closed`; tests walk it.

use std::fmt::Write as _;

use crate::base::id::Id;
use crate::policy::{Belongs, Caller, Grant, Op, Role};
use crate::words;

words! {
    /// 社情民意所处的状态
    pub enum State {
        Draft = "draft", "草稿";
        Submitted = "submitted", "已提交，待审查";
        Returned = "returned", "已退回作者";
        Accepted = "accepted", "已受理";
        Reported = "reported", "已提请主席会议";
        Decided = "decided", "已有结果，待反馈";
        Answered = "answered", "已反馈，待确认";
        Closed = "closed", "已办结";
        Declined = "declined", "不予受理";
        Withdrawn = "withdrawn", "已撤回";
    }
}

words! {
    /// 时限所指的事
    pub enum DueKind {
        Triage = "triage", "审查";
        Report = "report", "报送";
        Decision = "decision", "作出决定";
        Feedback = "feedback", "反馈";
        Acknowledgement = "acknowledgement", "作者确认反馈";
        Resubmission = "resubmission", "作者重新提交";
        Objection = "objection", "作者提出异议";
    }
}

words! {
    /// 时限由谁承担
    pub enum Owes {
        Owner = "owner", "承办机构";
        Office = "office", "办公室";
        Author = "author", "作者";
    }
}

words! {
    /// 社情民意的渠道
    pub enum Track {
        SocialConditions = "social_conditions", "社情民意（报送领导和部门）";
        CppccWork = "cppcc_work", "对政协工作的意见建议（报送主席会议）";
    }
}

impl DueKind {
    /// Who is late when it passes. Only the office decides, whoever owns the opinion.
    pub const fn owed_by(self) -> Owes {
        match self {
            Self::Triage | Self::Report | Self::Feedback => Owes::Owner,
            Self::Decision => Owes::Office,
            Self::Acknowledgement | Self::Resubmission | Self::Objection => Owes::Author,
        }
    }

    /// The kinds that make an opinion overdue: what a body owes. An author's time only runs out.
    pub const OF_BODIES: [Self; 4] = [Self::Triage, Self::Report, Self::Decision, Self::Feedback];
}

/// Where a step leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// Into this state.
    State(State),
    /// It stays where it is.
    Same,
    /// The draft is deleted.
    Gone,
}

/// What a step does to the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// It goes on as it was.
    Keeps,
    /// Nothing is owed any more.
    Stops,
    /// A new one begins.
    Starts(DueKind),
}

/// What must be so beside the state. Of the conditions of one deed in one state at most one holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Always,
    /// It was answered before and opened again.
    Reopened,
    /// No objection was made yet, and its time has not passed.
    ObjectionOpen,
    /// Nobody was reminded today.
    NotRemindedToday,
    /// The answer dissatisfies an author, for the first time.
    FirstDissatisfied,
    /// Nobody else's receipt is open.
    LastReceipt,
    /// Other authors have yet to acknowledge.
    MoreReceipts,
}

impl When {
    /// Its name in the diagram.
    const fn zh(self) -> &'static str {
        match self {
            Self::Always => "",
            Self::Reopened => "重新办理的",
            Self::ObjectionOpen => "期限内，限一次",
            Self::NotRemindedToday => "每日一次",
            Self::FirstDissatisfied => "首次不满意",
            Self::LastReceipt => "最后一份回执",
            Self::MoreReceipts => "尚有未确认的",
        }
    }

    /// The one place that chooses between two ends of a deed.
    pub const fn holds(self, facts: &Facts) -> bool {
        match self {
            Self::Always => true,
            Self::Reopened => facts.reopened,
            Self::ObjectionOpen => facts.may_object,
            Self::NotRemindedToday => !facts.reminded_today,
            Self::FirstDissatisfied => facts.first_dissatisfied,
            Self::LastReceipt => !facts.first_dissatisfied && !facts.more_receipts,
            Self::MoreReceipts => !facts.first_dissatisfied && facts.more_receipts,
        }
    }
}

/// What the conditions ask about one opinion at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub reopened: bool,
    pub may_object: bool,
    pub reminded_today: bool,
    /// The deed at hand acknowledges with `dissatisfied`, and none did before.
    pub first_dissatisfied: bool,
    /// Receipts stay open after the deed at hand.
    pub more_receipts: bool,
}

/// Whose hand a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// The author's, or of whoever registered it on the author's behalf.
    Author,
    /// A body's: nobody takes it on what is their own.
    Body,
    /// Nobody's: a time has come.
    Clock,
}

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Empty: it begins here.
    pub from: &'static [State],
    pub by: Op,
    pub to: To,
    pub when: When,
    pub due: Clock,
    pub hand: Hand,
    /// The article that it serves.
    pub article: u8,
}

use Clock::{Keeps, Starts, Stops};
use Hand::{Author, Body};
use State::{Accepted, Answered, Closed, Decided, Declined, Draft, Reported, Returned, Submitted, Withdrawn};
use To::{Gone, Same};
use When::{Always, FirstDissatisfied, LastReceipt, MoreReceipts, NotRemindedToday, ObjectionOpen};

const fn edge(from: &'static [State], by: Op, to: To, when: When, due: Clock, hand: Hand, article: u8) -> Edge {
    Edge { from, by, to, when, due, hand, article }
}

/// The table.
#[rustfmt::skip]
pub const WAY: &[Edge] = &[
    edge(&[],                              Op::opinion_create,      To::State(Draft),     Always,            Stops,                            Author,      4),
    edge(&[],                              Op::opinion_register,    To::State(Submitted), Always,            Starts(DueKind::Triage),          Body,        19),
    edge(&[Draft, Returned],               Op::opinion_update,      Same,                 Always,            Keeps,                            Author,      4),
    edge(&[Draft],                         Op::opinion_delete,      Gone,                 Always,            Stops,                            Author,      4),
    edge(&[Draft, Returned],               Op::opinion_submit,      To::State(Submitted), Always,            Starts(DueKind::Triage),          Author,      19),
    edge(&[Submitted, Returned, Accepted], Op::opinion_withdraw,    To::State(Withdrawn), Always,            Stops,                            Author,      19),
    edge(&[Returned],                      Op::opinion_lapse,       To::State(Withdrawn), Always,            Stops,                            Hand::Clock, 19),
    edge(&[Submitted, Accepted],           Op::opinion_transfer,    Same,                 Always,            Keeps,                            Body,        25),
    edge(&[Submitted, Accepted],           Op::opinion_reclassify,  Same,                 Always,            Keeps,                            Body,        25),
    edge(&[Submitted, Accepted],           Op::opinion_remind,      Same,                 NotRemindedToday,  Keeps,                            Body,        25),
    edge(&[Submitted],                     Op::opinion_accept,      To::State(Accepted),  Always,            Starts(DueKind::Report),          Body,        25),
    edge(&[Submitted, Accepted],           Op::opinion_return,      To::State(Returned),  Always,            Starts(DueKind::Resubmission),    Body,        25),
    edge(&[Submitted, Accepted],           Op::opinion_decline,     To::State(Declined),  Always,            Starts(DueKind::Objection),       Body,        19),
    edge(&[Declined],                      Op::opinion_object,      To::State(Submitted), ObjectionOpen,     Starts(DueKind::Triage),          Author,      19),
    edge(&[Accepted],                      Op::opinion_retain,      To::State(Decided),   Always,            Starts(DueKind::Feedback),        Body,        19),
    edge(&[Accepted],                      Op::opinion_report,      To::State(Reported),  Always,            Starts(DueKind::Decision),        Body,        19),
    edge(&[Decided],                       Op::opinion_report,      To::State(Reported),  When::Reopened,    Starts(DueKind::Decision),        Body,        19),
    edge(&[Reported],                      Op::opinion_defer,       Same,                 Always,            Starts(DueKind::Decision),        Body,        19),
    edge(&[Reported],                      Op::agenda_carry_over,   Same,                 Always,            Starts(DueKind::Decision),        Hand::Clock, 19),
    edge(&[Reported],                      Op::opinion_take_off,    To::State(Accepted),  Always,            Starts(DueKind::Report),          Body,        19),
    edge(&[Reported],                      Op::opinion_decide,      To::State(Decided),   Always,            Starts(DueKind::Feedback),        Body,        19),
    edge(&[Decided],                       Op::opinion_feedback,    To::State(Answered),  Always,            Starts(DueKind::Acknowledgement), Body,        19),
    edge(&[Answered],                      Op::feedback_acknowledge,To::State(Decided),   FirstDissatisfied, Starts(DueKind::Feedback),        Author,      19),
    edge(&[Answered],                      Op::feedback_acknowledge,To::State(Closed),    LastReceipt,       Stops,                            Author,      19),
    edge(&[Answered],                      Op::feedback_acknowledge,Same,                 MoreReceipts,      Keeps,                            Author,      19),
    edge(&[Answered],                      Op::feedback_close,      To::State(Closed),    LastReceipt,       Stops,                            Hand::Clock, 19),
    edge(&[Answered],                      Op::feedback_close,      Same,                 MoreReceipts,      Keeps,                            Hand::Clock, 19),
    edge(&[Answered, Closed],              Op::opinion_reopen,      To::State(Decided),   Always,            Starts(DueKind::Feedback),        Body,        19),
];

/// The step that `op` is now; none: the state does not allow it. `state` is none for what is only beginning.
pub fn next(state: Option<State>, op: Op, facts: &Facts) -> Option<&'static Edge> {
    WAY.iter().filter(|edge| edge.by == op).find(|edge| {
        let leaves = state.map_or(edge.from.is_empty(), |state| edge.from.contains(&state));
        leaves && edge.when.holds(facts)
    })
}

/// What decides beside the table whether this caller may take a step.
#[derive(Clone, Debug)]
pub struct Standing {
    pub state: State,
    pub facts: Facts,
    pub belongs: Belongs,
    pub track: Track,
    pub transfers: i64,
    pub author_person: Option<Id>,
    pub author_organization: Option<Id>,
    /// Who declined it, once its author objected.
    pub declined_by: Option<Id>,
}

/// Why a caller may not take a step, whatever the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// No role of the caller's reaches this opinion for that.
    Role,
    /// It is the caller's own.
    Own,
    /// The caller declined it before, and its author objected.
    DeclinedIt,
}

/// Transfers that a committee may make; further ones are the office's alone.
pub const TRANSFERS_OF_COMMITTEES: i64 = 2;

/// What comes to judge an opinion whose author objected: not by who declined it.
const JUDGING: [Op; 5] = [Op::opinion_accept, Op::opinion_return, Op::opinion_decline, Op::opinion_retain, Op::opinion_decide];

/// The grant under which the caller may take the step `op`. `chair_only`: the setting keeps declining for a committee's chair.
pub fn may<'c>(caller: &'c Caller, op: Op, opinion: &Standing, chair_only: bool) -> Result<&'c Grant, Denied> {
    let suits = |grant: &&Grant| match (op, grant.role) {
        (Op::opinion_transfer, Role::Committee) => opinion.transfers < TRANSFERS_OF_COMMITTEES,
        (Op::opinion_decline, Role::Committee) => grant.chairs || !chair_only,
        (Op::opinion_report, Role::Committee) => opinion.track == Track::CppccWork,
        _ => true,
    };
    let grant = caller.grants_for(op, &opinion.belongs).find(suits).ok_or(Denied::Role)?;
    let is_of_a_body = WAY.iter().any(|edge| edge.by == op && edge.hand == Hand::Body);
    if is_of_a_body && is_own(caller, opinion) {
        return Err(Denied::Own);
    }
    let declined_it = opinion.declined_by.is_some_and(|who| who == caller.person.unwrap_or(caller.account));
    if declined_it && JUDGING.contains(&op) {
        return Err(Denied::DeclinedIt);
    }
    Ok(grant)
}

/// Personal, under whatever role: the caller is an author, or speaks for the organization that is. A body that only recorded
/// it is no author.
fn is_own(caller: &Caller, opinion: &Standing) -> bool {
    let speaks_for = |body: Id| caller.grants.iter().any(|grant| grant.organization == Some(body));
    (opinion.author_person.is_some() && opinion.author_person == caller.person)
        || opinion.author_organization.is_some_and(speaks_for)
}

/// The `allowed_actions` of an opinion: what this caller may do to it now, by the names of the operations. Acknowledging is
/// an action of the receipt and not of the opinion.
pub fn allowed(caller: &Caller, opinion: &Standing, chair_only: bool) -> Vec<&'static str> {
    let mut actions = Vec::new();
    for edge in WAY {
        let is_open = edge.from.contains(&opinion.state) && edge.when.holds(&opinion.facts);
        let is_of_the_opinion = edge.hand != Hand::Clock && edge.by != Op::feedback_acknowledge;
        if is_open && is_of_the_opinion && may(caller, edge.by, opinion, chair_only).is_ok() {
            actions.push(edge.by.as_str());
        }
    }
    actions
}

/// The machine as a Mermaid state diagram, for the docs.
pub fn diagram() -> String {
    let mut out = String::from("stateDiagram-v2\n");
    for state in State::ALL {
        _ = writeln!(out, "    {state}: {}", state.zh());
    }
    for edge in WAY {
        let label = if edge.when == Always { edge.by.to_string() } else { format!("{} [{}]", edge.by, edge.when.zh()) };
        let starts: Vec<&str> =
            if edge.from.is_empty() { vec!["[*]"] } else { edge.from.iter().map(|from| from.as_str()).collect() };
        for from in starts {
            let to = match edge.to {
                To::State(to) => to.as_str(),
                Same => from,
                Gone => "[*]",
            };
            _ = writeln!(out, "    {from} --> {to}: {label}");
        }
    }
    for end in [Withdrawn, Declined, Closed] {
        _ = writeln!(out, "    {end} --> [*]");
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const ENDS: [State; 3] = [Withdrawn, Declined, Closed];

    /// Every combination of the facts.
    fn all_facts() -> impl Iterator<Item = Facts> {
        (0..32_u8).map(|bits| Facts {
            reopened: bits & 1 != 0,
            may_object: bits & 2 != 0,
            reminded_today: bits & 4 != 0,
            first_dissatisfied: bits & 8 != 0,
            more_receipts: bits & 16 != 0,
        })
    }

    fn target(from: State, edge: &Edge) -> Option<State> {
        match edge.to {
            To::State(to) => Some(to),
            Same => Some(from),
            Gone => None,
        }
    }

    fn reach(start: State) -> BTreeSet<State> {
        let mut seen = BTreeSet::from([start]);
        let mut left = vec![start];
        while let Some(state) = left.pop() {
            for edge in WAY.iter().filter(|edge| edge.from.contains(&state)) {
                left.extend(target(state, edge).filter(|to| seen.insert(*to)));
            }
        }
        seen
    }

    #[test]
    fn every_state_is_reached_and_leads_to_an_end() {
        let reached = reach(Draft);
        for state in State::ALL {
            assert!(reached.contains(state), "{state} is never reached");
            assert!(reach(*state).iter().any(|to| ENDS.contains(to)), "{state} leads to no end");
        }
    }

    #[test]
    fn it_ends_only_in_withdrawn_declined_and_closed() {
        for state in State::ALL {
            let goes_on = WAY.iter().any(|edge| edge.from.contains(state) && target(*state, edge) != Some(*state));
            let by_wish = [Op::opinion_object, Op::opinion_reopen];
            let only_by_wish =
                WAY.iter().filter(|edge| edge.from.contains(state)).all(|edge| by_wish.contains(&edge.by) || edge.to == Same);
            assert_eq!(!goes_on || only_by_wish, ENDS.contains(state), "{state}");
        }
    }

    #[test]
    fn while_it_is_under_way_somebody_owes_the_next_step() {
        for edge in WAY {
            if let To::State(to) = edge.to {
                let under_way = !ENDS.contains(&to) && to != Draft;
                assert_eq!(matches!(edge.due, Starts(_)), under_way || to == Declined, "{} to {to}", edge.by);
            }
        }
    }

    #[test]
    fn nothing_submitted_is_closed_without_feedback() {
        for edge in WAY {
            if edge.to == To::State(Closed) {
                assert_eq!(edge.from, [Answered]);
            }
            if edge.to == To::State(Answered) {
                assert_eq!(edge.by, Op::opinion_feedback);
            }
        }
    }

    #[test]
    fn a_deed_has_one_end_whatever_the_facts() {
        for state in State::ALL.iter().map(|state| Some(*state)).chain([None]) {
            for op in WAY.iter().map(|edge| edge.by) {
                for facts in all_facts() {
                    let open = WAY.iter().filter(|edge| {
                        edge.by == op
                            && state.map_or(edge.from.is_empty(), |state| edge.from.contains(&state))
                            && edge.when.holds(&facts)
                    });
                    assert!(open.count() <= 1, "{op} in {state:?} with {facts:?}");
                }
            }
        }
    }

    #[test]
    fn an_acknowledgement_always_has_an_end() {
        for facts in all_facts() {
            assert!(next(Some(Answered), Op::feedback_acknowledge, &facts).is_some(), "{facts:?}");
        }
    }

    #[test]
    fn every_step_but_the_clocks_has_a_policy_row() {
        for edge in WAY {
            assert_eq!(Op::CLOCK.contains(&edge.by), edge.hand == Hand::Clock, "{}", edge.by);
            assert!(edge.hand == Hand::Clock || Op::ALL.contains(&edge.by), "{}", edge.by);
        }
    }

    /// The lawful ends of every way of fifty steps, taken at random with the facts that the steps themselves make.
    #[test]
    fn random_ways_keep_to_the_rules() {
        use proptest::test_runner::{Config, TestRunner};
        let steps = proptest::collection::vec((0..WAY.len(), 0..32_u8), 50);
        TestRunner::new(Config::with_cases(1000))
            .run(&steps, |steps| {
                let (mut state, mut told, mut objections, mut reopened) = (Draft, 0, 0, false);
                for (at, bits) in steps {
                    let op = WAY[at].by;
                    let facts = Facts {
                        reopened,
                        may_object: objections == 0,
                        reminded_today: false,
                        first_dissatisfied: bits & 8 != 0,
                        more_receipts: bits & 16 != 0,
                    };
                    let Some(edge) = next(Some(state), op, &facts) else { continue };
                    let Some(to) = target(state, edge) else { break };
                    objections += usize::from(op == Op::opinion_object);
                    told += usize::from(matches!(op, Op::opinion_feedback | Op::opinion_decline));
                    reopened = match (state, to) {
                        (Answered | Closed, Decided) => true,
                        (Decided, Decided) => reopened,
                        _ => false,
                    };
                    state = to;
                    proptest::prop_assert!(!matches!(state, Closed | Answered | Declined) || told > 0);
                    proptest::prop_assert!(objections <= 1);
                }
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn the_diagram_shows_every_edge() {
        let diagram = diagram();
        let arrows = WAY.iter().map(|edge| edge.from.len().max(1)).sum::<usize>() + ENDS.len();
        assert_eq!(diagram.matches("-->").count(), arrows);
        assert!(diagram.contains("submitted --> accepted: opinion_accept\n"));
        assert!(diagram.contains("answered --> decided: feedback_acknowledge [首次不满意]\n"));
    }
}
