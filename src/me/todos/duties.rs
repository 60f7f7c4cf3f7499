//! The duties of the year that the caller, or a committee the caller speaks for, is charged with and that are at risk or unmet
//! (arts. 11 to 14, 24).

use super::order::{Found, Order, Wish};
use super::wire::{Todo, TodoKind};
use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::db::Tx;
use crate::directory::refs::{Kind, Names};
use crate::me::texts::Bilingual;
use crate::policy::{Op, Reach, Role};
use crate::report::compliance::duties_of;
use crate::report::compliance::status::{Duty, Row, Status};

/// A person has a handful of them and a committee one for each of its sectors' members, so all are computed.
pub fn own(tx: &mut Tx<'_>, wish: &Wish) -> Maybe<Vec<Found>> {
    let is_own = |(reach, role): (Reach, Role)| reach == Reach::Own || role == Role::Leader;
    let person = tx
        .caller
        .reaches(Op::report_compliance)
        .filter(|(reach, grant)| is_own((*reach, grant.role)))
        .find_map(|(_, grant)| grant.person);
    let reaches = tx.caller.reaches(Op::report_compliance);
    let committees: Vec<Id> =
        reaches.filter(|(reach, _)| *reach == Reach::Sectors).filter_map(|(_, grant)| grant.organization).collect();
    if person.is_none() && committees.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = duties_of(tx, person, &committees)?;
    rows.retain(|row| matches!(row.status, Status::AtRisk | Status::Unmet) && row.missing > 0);
    let names = Names::load(tx, Kind::Person, rows.iter().map(|row| Id(row.subject)))?;
    let today = tx.today;
    let show = |row: &Row| {
        let subject = Id(row.subject);
        let todo = Todo::new(TodoKind::Duty, title(row, &names.of(subject).name), ("person", subject));
        let todo = Todo { operation: operation(row.duty).map(|op| op.as_str().to_owned()), ..todo.since(row.begins_on) };
        // One person may have several duties that end on one day: the place tells them apart.
        (wish.key(Order::Due, row.due_on, place(row)), todo.due(row.due_on, false, today))
    };
    Ok(wish.cut(rows.iter().map(show).collect()))
}

/// The subject's id, turned by the duty.
fn place(row: &Row) -> Id {
    let mut bytes = *row.subject.as_bytes();
    bytes[15] ^= row.duty as u8;
    Id(uuid::Uuid::from_bytes(bytes))
}

fn title(row: &Row, name: &str) -> Bilingual {
    let missing = row.missing;
    let (zh, en) = match row.duty {
        Duty::Constituents => {
            (format!("联系群众还差 {missing} 名（第十一条）"), format!("{missing} more constituents to contact (art. 11)"))
        }
        Duty::StandingMembers => {
            (format!("联系常委还差 {missing} 名（第十一条）"), format!("{missing} more standing members to contact (art. 11)"))
        }
        Duty::Leader => (format!("联系常委{name}（第十一条）"), format!("Contact the standing member {name} (art. 11)")),
        Duty::LeaderReview => {
            (format!("了解常委{name}全年的工作（第十二条）"), format!("Learn of {name}'s work of the year (art. 12)"))
        }
        Duty::CommitteeReview => {
            (format!("了解委员{name}全年的工作（第十三条）"), format!("Learn of {name}'s work of the year (art. 13)"))
        }
        Duty::Visits => {
            (format!("走访群众还差 {missing} 次（第十四条）"), format!("{missing} more visits among the people (art. 14)"))
        }
    };
    Bilingual { zh, en }
}

/// Whom a leader contacts is for others to arrange.
fn operation(duty: Duty) -> Option<Op> {
    match duty {
        Duty::Constituents => Some(Op::contact_assignment_create),
        Duty::LeaderReview | Duty::CommitteeReview | Duty::Visits => Some(Op::contact_event_create),
        Duty::StandingMembers | Duty::Leader => None,
    }
}
