//! Who gets an opinion on its submission (arts. 19, 25): one owner, an office or a committee, never a group.

use super::store::{Author, OpinionRow, TextRow};
use super::wire::OwnerChoice;
use crate::base::id::Id;
use crate::base::problem::{Maybe, Problem, say};
use crate::db::Tx;
use crate::directory::in_force;
use crate::opinion::way::Track;

/// The kinds of bodies that can own an opinion.
pub const OFFICE: &str = "general_office";
pub const COMMITTEE: &str = "special_committee";

/// The general office, which every jurisdiction has.
pub fn office(tx: &mut Tx<'_>) -> Maybe<Id> {
    let none = || Problem::conflict(say("本地区还没有设立办公室", "this jurisdiction has no general office yet"));
    in_force::the_body(tx, OFFICE)?.ok_or_else(none)
}

/// The body that the author chose; by default the corresponding committee for the CPPCC's own work, the office for the rest.
/// Where there is no such committee on the day, the office.
pub fn owner(tx: &mut Tx<'_>, track: Track, choice: Option<OwnerChoice>, author: Author, sector: Option<Id>) -> Maybe<Id> {
    let default = match track {
        Track::CppccWork => OwnerChoice::CorrespondingCommittee,
        Track::SocialConditions => OwnerChoice::Office,
    };
    let today = tx.today;
    let committee = match (choice.unwrap_or(default), sector, author.person()) {
        (OwnerChoice::CorrespondingCommittee, Some(sector), _) => in_force::committee_of(tx, sector, today)?,
        (OwnerChoice::OwnCommittee, _, Some(person)) => {
            in_force::bodies_of(tx, &[person], COMMITTEE, today)?.into_iter().map(|(_, body)| body).min()
        }
        _ => None,
    };
    committee.map_or_else(|| office(tx), Ok)
}

/// The first submission: the sector of the day, the day, the owner. Later ones go back to whoever returned it.
pub fn submit(tx: &mut Tx<'_>, row: &mut OpinionRow, text: &TextRow, author: Author) -> Maybe<()> {
    row.returned_on = None;
    if row.submitted_on.is_some() {
        return Ok(());
    }
    let today = tx.today;
    row.sector_id = match author {
        Author::Person(person) => in_force::sector_of(tx, person, today)?,
        Author::Organization(_) => None,
    };
    row.owner_id = Some(owner(tx, row.track, text.owner_choice, author, row.sector_id)?);
    row.submitted_on = Some(today);
    Ok(())
}
