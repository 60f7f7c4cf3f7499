//! The facts of articles 11 to 14 as the database has them, in a fixed number of statements whatever is asked for.
//!
//! What is small is read first and for everybody asked about: posts, correspondences, exemptions, who leads whom. With that it
//! is known which rows there are. Constituents and contacts, of which there are many, are then read for those persons alone
//! whose rows are looked at. What cannot change a figure is left in the database: a contact that neither counts as a visit nor
//! reviews a year, a span that does not touch the year.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::days::Span;
use super::facts::{
    Assignment, AssignmentKind, Constituent, ContactEvent, Correspondence, CountingForms, Exemption, ExemptionKind, Facts, Post,
    PostKind, Seat, Thresholds,
};
use super::ground::Period;
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Maybe, Problem};
use crate::db::Tx;
use crate::db::schema::{
    account_persons, constituents, contact_assignments, exemptions, memberships, persons, posts, sector_correspondences,
    settings_versions,
};
use crate::db::words::Json;
use crate::directory::settings::Settings;
use crate::in_force;

/// Whose facts are read.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub period: Period,
    /// The caller's own jurisdiction, or the ones below it.
    pub jurisdictions: &'a [Id],
    /// Only these persons of them; `None`: everybody.
    pub persons: Option<&'a [Id]>,
}

impl Asked<'_> {
    fn first(&self) -> NaiveDate {
        self.period.whole().from
    }

    fn last(&self) -> NaiveDate {
        self.period.whole().last()
    }
}

/// The facts of one jurisdiction, owned.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    pub seats: Vec<Seat>,
    pub posts: Vec<Post>,
    pub assignments: Vec<Assignment>,
    pub correspondences: Vec<Correspondence>,
    pub constituents: Vec<Constituent>,
    pub exemptions: Vec<Exemption>,
    pub events: Vec<ContactEvent>,
    pub counting_forms: Vec<CountingForms>,
    pub thresholds: Thresholds,
}

impl Gathered {
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            seats: &self.seats,
            posts: &self.posts,
            assignments: &self.assignments,
            correspondences: &self.correspondences,
            constituents: &self.constituents,
            exemptions: &self.exemptions,
            events: &self.events,
            counting_forms: &self.counting_forms,
            thresholds: self.thresholds,
        }
    }
}

/// Jurisdictions with their facts.
pub type Counties = BTreeMap<Id, Gathered>;

/// A row of a table by person: everybody's, or those of the persons asked about. These were found within the jurisdiction, and
/// naming it once more would lead the engines to the wrong index.
macro_rules! of_persons {
    ($asked:expr, $table:ident) => {
        match $asked.persons {
            None => $table::table.filter($table::jurisdiction_id.eq_any($asked.jurisdictions)).into_boxed(),
            Some(persons) => $table::table.filter($table::person_id.eq_any(persons)).into_boxed(),
        }
    };
}

/// Members of the sectors that the committees correspond to at some time of the year so far.
pub fn members_of_sectors(tx: &mut Tx<'_>, period: Period, committees: &[Id]) -> Maybe<Vec<Id>> {
    if committees.is_empty() {
        return Ok(Vec::new());
    }
    let (from, to) = (period.so_far().from, period.as_of());
    let sectors: Vec<Id> = sector_correspondences::table
        .filter(sector_correspondences::organization_id.eq_any(committees))
        .filter(in_force!(sector_correspondences, from, to))
        .select(sector_correspondences::sector_id)
        .load(tx.conn)?;
    // Not one statement with a join: SQLite would go through every member of the jurisdiction.
    Ok(posts::table
        .filter(posts::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(posts::sector_id.eq_any(sectors))
        .filter(posts::kind.eq("member"))
        .filter(in_force!(posts, from, to))
        .select(posts::person_id)
        .load(tx.conn)?)
}

/// Those of the persons who are of the caller's jurisdiction.
pub fn persons_here(tx: &mut Tx<'_>, ids: &[Id]) -> Maybe<Vec<Id>> {
    Ok(persons::table
        .filter(persons::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(persons::id.eq_any(ids))
        .select(persons::id)
        .load(tx.conn)?)
}

/// Who belonged to the committees on a day.
pub fn own_members(tx: &mut Tx<'_>, day: NaiveDate, committees: &[Id]) -> Maybe<Vec<Id>> {
    if committees.is_empty() {
        return Ok(Vec::new());
    }
    Ok(memberships::table
        .filter(memberships::organization_id.eq_any(committees))
        .filter(in_force!(memberships, day, day))
        .select(memberships::person_id)
        .load(tx.conn)?)
}

/// The standing members whom leaders are to contact at some time of the year so far.
pub fn led_by(tx: &mut Tx<'_>, period: Period, leaders: &[Id]) -> Maybe<Vec<Id>> {
    if leaders.is_empty() {
        return Ok(Vec::new());
    }
    let led: Vec<Option<Id>> = contact_assignments::table
        .filter(contact_assignments::contacting_person_id.eq_any(leaders))
        .filter(contact_assignments::kind.eq("leader_standing_member"))
        .filter(in_force!(contact_assignments, period.so_far().from, period.as_of()))
        .select(contact_assignments::contacted_person_id)
        .load(tx.conn)?;
    Ok(led.into_iter().flatten().collect())
}

/// What is small: enough to know which rows there are, whose they are and who is charged. Figures are not yet in it.
pub fn gather(tx: &mut Tx<'_>, asked: &Asked<'_>) -> Maybe<Counties> {
    let mut counties: Counties = asked.jurisdictions.iter().map(|id| (*id, Gathered::default())).collect();
    add_settings(tx, asked, &mut counties)?;
    if asked.persons.is_some_and(<[Id]>::is_empty) {
        return Ok(counties);
    }
    add_correspondences(tx, asked, &mut counties)?;
    let held = add_posts(tx, asked, &mut counties)?;
    add_exemptions(tx, asked, &mut counties)?;
    add_leading(tx, asked, &held, &mut counties)?;
    Ok(counties)
}

fn add_settings(tx: &mut Tx<'_>, asked: &Asked<'_>, counties: &mut Counties) -> Maybe<()> {
    let versions: Vec<(Id, NaiveDate, Json)> = settings_versions::table
        .filter(settings_versions::jurisdiction_id.eq_any(asked.jurisdictions))
        .filter(settings_versions::from_day.le(asked.period.as_of()))
        .order(settings_versions::from_day.asc())
        .select((settings_versions::jurisdiction_id, settings_versions::from_day, settings_versions::values))
        .load(tx.conn)?;
    for (of, from, values) in versions {
        let settings: Settings = serde_json::from_value(values.0).map_err(Problem::internal)?;
        let Some(county) = counties.get_mut(&of) else { continue };
        county.thresholds = Thresholds {
            visits: settings.visits_a_year,
            constituents: settings.constituents,
            at_risk_days: settings.at_risk_days,
            grace_days: settings.grace_days,
            first_feedback_days: settings.first_feedback_days,
        };
        county.counting_forms.push(CountingForms { from, forms: settings.counting_forms });
    }
    Ok(())
}

fn add_correspondences(tx: &mut Tx<'_>, asked: &Asked<'_>, counties: &mut Counties) -> Maybe<()> {
    let rows: Vec<(Id, Id, Id, NaiveDate, Option<NaiveDate>)> = sector_correspondences::table
        .filter(sector_correspondences::jurisdiction_id.eq_any(asked.jurisdictions))
        .filter(in_force!(sector_correspondences, asked.first(), asked.last()))
        .select((
            sector_correspondences::jurisdiction_id,
            sector_correspondences::sector_id,
            sector_correspondences::organization_id,
            sector_correspondences::from_day,
            sector_correspondences::to_day,
        ))
        .load(tx.conn)?;
    for (of, sector, committee, from, to) in rows {
        let row = Correspondence { sector: sector.0, committee: committee.0, span: Span::new(from, to) };
        counties.entry(of).or_default().correspondences.push(row);
    }
    Ok(())
}

type PostRow = (Id, Id, String, Option<Id>, NaiveDate, Option<NaiveDate>);

macro_rules! post_columns {
    () => {
        (posts::jurisdiction_id, posts::person_id, posts::kind, posts::sector_id, posts::from_day, posts::to_day)
    };
}

/// Posts from earlier years too: an unbroken time in office is measured from its first day.
fn add_posts(tx: &mut Tx<'_>, asked: &Asked<'_>, counties: &mut Counties) -> Maybe<Held> {
    let rows: Vec<PostRow> =
        of_persons!(asked, posts).filter(posts::from_day.le(asked.last())).select(post_columns!()).load(tx.conn)?;
    let mut held = Held::default();
    for row in rows {
        held.see(&row);
        add_post(counties, row);
    }
    Ok(held)
}

fn add_post(counties: &mut Counties, (of, person, kind, sector, from, to): PostRow) {
    let county = counties.entry(of).or_default();
    let (person, span) = (person.0, Span::new(from, to));
    if let Some(kind) = post_kind(&kind) {
        county.posts.push(Post { person, kind, span });
    } else if let Some(sector) = sector {
        county.seats.push(Seat { person, sector: sector.0, span });
    }
}

fn post_kind(word: &str) -> Option<PostKind> {
    match word {
        "chairperson" => Some(PostKind::Chairperson),
        "vice_chairperson" => Some(PostKind::ViceChairperson),
        "secretary_general" => Some(PostKind::SecretaryGeneral),
        "standing_member" => Some(PostKind::StandingMember),
        _ => None,
    }
}

/// Who of those asked about leads, and who is to be led.
#[derive(Default)]
struct Held {
    leaders: BTreeSet<Id>,
    standing: BTreeSet<Id>,
}

impl Held {
    fn see(&mut self, (_, person, kind, ..): &PostRow) {
        match post_kind(kind) {
            Some(kind) if kind.is_leader() => drop(self.leaders.insert(*person)),
            Some(_) => drop(self.standing.insert(*person)),
            None => {}
        }
    }
}

fn add_exemptions(tx: &mut Tx<'_>, asked: &Asked<'_>, counties: &mut Counties) -> Maybe<()> {
    type Row = (Id, Id, Id, String, Option<i64>, NaiveDate, Option<NaiveDate>);
    let rows: Vec<Row> = of_persons!(asked, exemptions)
        .filter(in_force!(exemptions, asked.first(), asked.last()))
        .select((
            exemptions::jurisdiction_id,
            exemptions::id,
            exemptions::person_id,
            exemptions::kind,
            exemptions::article,
            exemptions::from_day,
            exemptions::to_day,
        ))
        .load(tx.conn)?;
    for (of, id, person, kind, article, from, to) in rows {
        let kind = if kind == "leave" { ExemptionKind::Leave } else { ExemptionKind::Exemption };
        let article = article.and_then(|article| u8::try_from(article).ok());
        let row = Exemption { id: id.0, person: person.0, kind, article, span: Span::new(from, to) };
        counties.entry(of).or_default().exemptions.push(row);
    }
    Ok(())
}

/// Which leader is to contact which standing member, with the posts of the other end.
fn add_leading(tx: &mut Tx<'_>, asked: &Asked<'_>, held: &Held, counties: &mut Counties) -> Maybe<()> {
    let leading = contact_assignments::table.filter(contact_assignments::kind.eq("leader_standing_member")).filter(in_force!(
        contact_assignments,
        asked.first(),
        asked.period.as_of()
    ));
    let leading = match asked.persons {
        None => leading.filter(contact_assignments::jurisdiction_id.eq_any(asked.jurisdictions)).into_boxed(),
        Some(_) if held.leaders.is_empty() && held.standing.is_empty() => return Ok(()),
        // An empty side is left out: with it neither engine would come in by an index.
        Some(_) if held.leaders.is_empty() => {
            leading.filter(contact_assignments::contacted_person_id.eq_any(held.standing.iter().copied())).into_boxed()
        }
        Some(_) if held.standing.is_empty() => {
            leading.filter(contact_assignments::contacting_person_id.eq_any(held.leaders.iter().copied())).into_boxed()
        }
        Some(_) => leading
            .filter(
                contact_assignments::contacting_person_id
                    .eq_any(held.leaders.iter().copied())
                    .or(contact_assignments::contacted_person_id.eq_any(held.standing.iter().copied())),
            )
            .into_boxed(),
    };
    type Row = (Id, Option<Id>, Option<Id>, NaiveDate, Option<NaiveDate>, Instant);
    let rows: Vec<Row> = leading
        .select((
            contact_assignments::jurisdiction_id,
            contact_assignments::contacting_person_id,
            contact_assignments::contacted_person_id,
            contact_assignments::from_day,
            contact_assignments::to_day,
            contact_assignments::created_at,
        ))
        .load(tx.conn)?;
    let mut others = BTreeSet::new();
    for (of, by, whom, from, to, created) in rows {
        let (Some(by), Some(whom)) = (by, whom) else { continue };
        others.extend([by, whom].into_iter().filter(|end| !held.leaders.contains(end) && !held.standing.contains(end)));
        counties.entry(of).or_default().assignments.push(Assignment {
            kind: AssignmentKind::LeaderStandingMember,
            by: by.0,
            whom: whom.0,
            span: Span::new(from, to),
            created: u64::try_from(created.0.timestamp_micros()).unwrap_or(0),
        });
    }
    if asked.persons.is_none() || others.is_empty() {
        return Ok(());
    }
    let rows: Vec<PostRow> = posts::table
        .filter(posts::person_id.eq_any(others))
        .filter(posts::kind.ne("member"))
        .filter(posts::from_day.le(asked.last()))
        .select(post_columns!())
        .load(tx.conn)?;
    rows.into_iter().for_each(|row| add_post(counties, row));
    Ok(())
}

/// A person of the jurisdiction has the constituent's phone: it is one and the same.
macro_rules! is_same_person {
    () => {
        persons::jurisdiction_id.eq(constituents::jurisdiction_id).and(persons::phone_hash.eq(constituents::phone_hash))
    };
}
pub(super) use is_same_person;

/// A constituent who is a person here: jurisdiction, constituent, person, the person's account.
pub(super) type Known = (Id, Id, Id, Option<Id>);

macro_rules! known_columns {
    () => {
        (constituents::jurisdiction_id, constituents::id, persons::id, account_persons::account_id.nullable())
    };
}
pub(super) use known_columns;

/// Notes who is a person here; of several persons with one phone an account of any counts.
pub(super) fn add_known(counties: &mut Counties, known: impl IntoIterator<Item = Known>) {
    let mut merged: BTreeMap<(Id, Id), Constituent> = BTreeMap::new();
    for (of, id, person, account) in known {
        let one = Constituent { id: id.0, holds_account: false, person: Some(person.0) };
        merged.entry((of, id)).or_insert(one).holds_account |= account.is_some();
    }
    for ((of, _), one) in merged {
        counties.entry(of).or_default().constituents.push(one);
    }
}

/// Article 11: the constituents of each member, and which of them count for nobody or not for this member.
pub fn add_constituents(tx: &mut Tx<'_>, asked: &Asked<'_>, counties: &mut Counties) -> Maybe<()> {
    let listed = contact_assignments::table.filter(contact_assignments::kind.eq("member_constituent")).filter(in_force!(
        contact_assignments,
        asked.first(),
        asked.period.as_of()
    ));
    let listed = match asked.persons {
        None => listed.filter(contact_assignments::jurisdiction_id.eq_any(asked.jurisdictions)).into_boxed(),
        Some(persons) => listed.filter(contact_assignments::contacting_person_id.eq_any(persons)).into_boxed(),
    };
    type Row = (Id, Option<Id>, Option<Id>, NaiveDate, Option<NaiveDate>);
    let rows: Vec<Row> = listed
        .select((
            contact_assignments::jurisdiction_id,
            contact_assignments::contacting_person_id,
            contact_assignments::contacted_constituent_id,
            contact_assignments::from_day,
            contact_assignments::to_day,
        ))
        .load(tx.conn)?;
    for (of, by, whom, from, to) in rows {
        let (Some(by), Some(whom)) = (by, whom) else { continue };
        let kind = AssignmentKind::MemberConstituent;
        let row = Assignment { kind, by: by.0, whom: whom.0, span: Span::new(from, to), created: 0 };
        counties.entry(of).or_default().assignments.push(row);
    }
    let known = contact_assignments::table
        .inner_join(constituents::table.on(contact_assignments::contacted_constituent_id.eq(constituents::id.nullable())))
        .inner_join(persons::table.on(is_same_person!()))
        .left_join(account_persons::table.on(account_persons::person_id.eq(persons::id.nullable())))
        .filter(contact_assignments::kind.eq("member_constituent"))
        .select(known_columns!());
    let known: Vec<Known> = match asked.persons {
        None => known.filter(persons::jurisdiction_id.eq_any(asked.jurisdictions)).load(tx.conn)?,
        Some(persons) => known.filter(contact_assignments::contacting_person_id.eq_any(persons)).load(tx.conn)?,
    };
    add_known(counties, known);
    Ok(())
}
