//! What a jurisdiction is to be made of, and what it was made of.

use chrono::NaiveDate;

use crate::base::id::Id;
use crate::demo::names::{SECTORS, Township};

/// What a jurisdiction is to be made of.
#[derive(Clone, Debug)]
pub struct Plan {
    pub code: String,
    pub name: String,
    /// The jurisdiction above.
    pub parent: Option<Id>,
    pub townships: &'static [Township],
    pub members: usize,
    pub leaders: usize,
    pub standing: usize,
    pub constituents: usize,
    /// Contacts of members with the people, about so many in the two years.
    pub visits: usize,
    pub opinions: usize,
    /// Least characters of an opinion; 0: as it was written.
    pub text: usize,
    /// Some things happen that do not happen everywhere: resignations, disputes, exemptions.
    pub is_lively: bool,
}

/// A body and the cadre who acts for it.
#[derive(Clone, Debug)]
pub struct Body {
    pub id: Id,
    pub name: String,
    pub head: Id,
    pub head_name: String,
}

/// A member of the committee, by where one sits when.
#[derive(Clone, Debug)]
pub struct Member {
    pub person: Id,
    pub name: String,
    pub seats: Vec<Seat>,
    /// The place among [`COMMITTEES`] of the one to which the member belongs.
    pub own_committee: usize,
    pub township: usize,
    pub is_standing: bool,
    pub is_leader: bool,
    pub constituents: Vec<Id>,
    /// Own contacts, by day.
    pub contacts: Vec<(Id, NaiveDate)>,
}

/// A time in one sector.
#[derive(Clone, Copy, Debug)]
pub struct Seat {
    /// The place among [`SECTORS`].
    pub sector: usize,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
}

impl Member {
    pub fn sector_on(&self, day: NaiveDate) -> Option<usize> {
        self.seats.iter().find(|seat| seat.from <= day && seat.to.is_none_or(|to| day <= to)).map(|seat| seat.sector)
    }

    /// The present sector, or the last one.
    pub fn sector(&self) -> usize {
        self.seats.last().map_or(0, |seat| seat.sector)
    }

    /// First and last day in office, as far as they are known.
    pub fn office(&self) -> (NaiveDate, Option<NaiveDate>) {
        (self.seats.first().map_or(NaiveDate::MIN, |seat| seat.from), self.seats.last().and_then(|seat| seat.to))
    }
}

/// What was made.
#[derive(Clone, Debug)]
pub struct County {
    pub id: Id,
    pub plan: Plan,
    pub term: Id,
    /// The first day of the term.
    pub since: NaiveDate,
    pub sectors: Vec<Id>,
    pub office: Body,
    pub affairs: Body,
    pub committees: Vec<Body>,
    pub groups: Vec<Id>,
    pub departments: Vec<Id>,
    /// Parties, the federation, people's organizations, each with the person who speaks for it.
    pub allies: Vec<Body>,
    pub members: Vec<Member>,
    /// Persons who may write opinions and are no members.
    pub informants: Vec<(Id, String)>,
    /// From this day on the sector of science corresponds to the committee of economy and science.
    pub moved_on: NaiveDate,
}

/// The sector whose correspondence changed with this year, and the committee that it had before.
pub const MOVED: (usize, usize) = (10, 4);

impl County {
    /// The committee that corresponds to a sector on a day.
    pub fn corresponding(&self, sector: usize, day: NaiveDate) -> usize {
        if sector == MOVED.0 && day < self.moved_on { MOVED.1 } else { SECTORS[sector].committee }
    }

    /// The committees within whose sectors, or among whose own members, somebody stands on a day.
    pub fn committees_over(&self, member: &Member, day: NaiveDate) -> [Option<usize>; 2] {
        let by_sector = member.sector_on(day).map(|sector| self.corresponding(sector, day));
        let own = (!member.is_leader).then_some(member.own_committee).filter(|own| by_sector != Some(*own));
        [by_sector, own.filter(|_| member.office().0 <= day && member.office().1.is_none_or(|to| day <= to))]
    }

    pub fn leaders(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.members.len()).filter(|at| self.members[*at].is_leader)
    }

    pub fn standing(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.members.len()).filter(|at| self.members[*at].is_standing)
    }

    pub fn township(&self, member: &Member) -> &'static Township {
        &self.plan.townships[member.township]
    }
}
