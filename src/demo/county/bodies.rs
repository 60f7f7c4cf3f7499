//! Its bodies, who acts for them, and which of them corresponds to a sector.

use chrono::{Datelike, NaiveDate};

use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::demo::dice::minus;
use crate::demo::maker::Maker;
use crate::demo::names::{self, GROUPS, SECTORS, Township};
use crate::demo::rows::{CorrespondenceRow, GroupSectorRow, MembershipRow, OrganizationRow, PersonRow};

use super::plan::{Body, MOVED};

/// Makes organizations, one after the other.
pub struct Bodies {
    pub jurisdiction: Id,
    pub since: NaiveDate,
    pub made: Instant,
    pub position: i64,
    /// The jurisdiction's name, which stands in some of theirs.
    pub place: String,
}

impl Bodies {
    pub fn add(&mut self, maker: &mut Maker<'_>, kind: &'static str, name: &str, short: Option<&str>, place: Option<&str>) -> Id {
        let id = maker.id(self.made);
        self.position += 1;
        maker.rows.organizations.push(OrganizationRow {
            id,
            jurisdiction_id: self.jurisdiction,
            kind,
            name: name.replace("苍南县", &self.place),
            short_name: short.map(str::to_owned),
            place: place.map(str::to_owned),
            position: self.position,
            from_day: self.since,
            to_day: None,
            version: 1,
            created_at: self.made,
            updated_at: self.made,
        });
        id
    }

    /// A body of the committee's own, with its head and a clerk.
    pub fn led(&mut self, maker: &mut Maker<'_>, kind: &'static str, name: &str, short: Option<&str>) -> Body {
        let id = self.add(maker, kind, name, short, None);
        let unit = format!("政协{}委员会{name}", self.place);
        let (head, head_name) = add_person(maker, self.jurisdiction, Some(unit.clone()), self.made);
        let (clerk, _) = add_person(maker, self.jurisdiction, Some(unit), self.made);
        self.belong(maker, head, id, "chair");
        self.belong(maker, clerk, id, "staff");
        Body { id, name: name.to_owned(), head, head_name }
    }

    pub fn ally(&mut self, maker: &mut Maker<'_>, kind: &'static str, name: &str, short: &str) -> Body {
        let id = self.add(maker, kind, name, Some(short), None);
        let (head, head_name) = add_person(maker, self.jurisdiction, Some(name.replace("苍南县", &self.place)), self.made);
        self.belong(maker, head, id, "chair");
        Body { id, name: name.to_owned(), head, head_name }
    }

    pub fn groups(&mut self, maker: &mut Maker<'_>, sectors: &[Id]) -> Vec<Id> {
        let mut groups = Vec::new();
        for (at, name) in GROUPS.iter().enumerate() {
            let id = self.add(maker, "sector_group", name, None, None);
            let own = SECTORS.iter().zip(sectors).filter(|(sector, _)| sector.group == at);
            maker.rows.group_sectors.extend(own.map(|(_, sector)| GroupSectorRow { organization_id: id, sector_id: *sector }));
            groups.push(id);
        }
        groups
    }

    pub fn liaison(&mut self, maker: &mut Maker<'_>, town: &Township) -> Id {
        let name = format!("{}联络组", town.name.trim_end_matches(['镇', '乡']));
        self.add(maker, "liaison_group", &name, None, Some(town.name))
    }

    pub fn belong(&self, maker: &mut Maker<'_>, person: Id, organization: Id, duty: &'static str) {
        add_membership(maker, self.jurisdiction, (person, organization, duty), (self.since, None), self.made);
    }
}

pub fn add_correspondences(
    maker: &mut Maker<'_>,
    jurisdiction: Id,
    sectors: &[Id],
    committees: &[Body],
    since: NaiveDate,
    moved_on: NaiveDate,
) {
    for (at, sector) in SECTORS.iter().enumerate() {
        let whole = [(sector.committee, since, None)];
        let moved = [(MOVED.1, since, Some(minus(moved_on, 1))), (sector.committee, moved_on, None)];
        for (committee, from_day, to_day) in if at == MOVED.0 { moved.as_slice() } else { whole.as_slice() } {
            let made = maker.moment(*from_day);
            let id = maker.id(made);
            maker.rows.correspondences.push(CorrespondenceRow {
                id,
                jurisdiction_id: jurisdiction,
                sector_id: sectors[at],
                organization_id: committees[*committee].id,
                from_day: *from_day,
                to_day: *to_day,
                resolution: Some(resolution(*from_day, 1)),
                version: 1,
                created_at: made,
                updated_at: made,
            });
        }
    }
}

/// The number of a resolution of the chairpersons' meeting.
pub fn resolution(day: NaiveDate, number: usize) -> String {
    format!("政协主席会议〔{}〕{number}号", day.year())
}

pub fn add_person(maker: &mut Maker<'_>, jurisdiction: Id, work_unit: Option<String>, made: Instant) -> (Id, String) {
    let (name, is_woman) = names::person(&mut maker.dice);
    let phone = maker.phone();
    let id = maker.id(made);
    maker.rows.persons.push(PersonRow {
        id,
        jurisdiction_id: jurisdiction,
        name: name.clone(),
        gender: Some(if is_woman { "female" } else { "male" }),
        phone: Some(maker.seal.close("persons.phone", &phone)),
        phone_hash: Some(maker.phone_hash(&phone)),
        work_unit,
        version: 1,
        created_at: made,
        updated_at: made,
    });
    (id, name)
}

pub fn add_membership(
    maker: &mut Maker<'_>,
    jurisdiction_id: Id,
    (person_id, organization_id, duty): (Id, Id, &'static str),
    (from_day, to_day): (NaiveDate, Option<NaiveDate>),
    made: Instant,
) {
    let id = maker.id(made);
    maker.rows.memberships.push(MembershipRow {
        id,
        jurisdiction_id,
        person_id,
        organization_id,
        duty,
        from_day,
        to_day,
        resolution: None,
        end_resolution: None,
        version: 1,
        created_at: made,
        updated_at: made,
    });
}
