//! Rows that wait to be written, many at once.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::Maybe;
use crate::bulk;
use crate::db::schema::*;
use crate::db::words::Json;
use crate::db::{Conn, dialect};
use crate::opinion::adoption_feedback::ReceiptRow;
use crate::opinion::meetings::agenda::ItemRow;
use crate::opinion::opinions::history::TransitionRow;
use crate::opinion::opinions::search;
use crate::opinion::opinions::store::{OpinionRow, TextRow};

/// Rows of ours, and a list of rows for each table in the order in which they refer to one another.
macro_rules! rows {
    (own { $($(#[$on:meta])* $row:ident of $table:ident { $($column:ident: $type:ty),+ $(,)? })+ } lists { $($list:ident: $of:ty => $into:ident),+ $(,)? }) => {
        $(
            $(#[$on])*
            #[derive(Clone, Debug, Insertable)]
            #[diesel(table_name = $table, treat_none_as_default_value = false)]
            pub struct $row { $(pub $column: $type),+ }
        )+

        /// What is made and not yet written.
        #[derive(Debug, Default)]
        pub struct Rows {
            $(pub $list: Vec<$of>,)+
            /// Texts for the search index: what stands in it under which id.
            pub searched: Vec<(Id, String, Vec<String>)>,
        }

        impl Rows {
            /// How many rows wait.
            pub fn waiting(&self) -> usize {
                0 $(+ self.$list.len())+
            }

            /// Writes everything that waits, in the transaction that is open.
            pub fn write(&mut self, conn: &mut Conn) -> Maybe<()> {
                $(
                    if !self.$list.is_empty() {
                        bulk!(conn, $into::table, &self.$list)?;
                        self.$list.clear();
                    }
                )+
                dialect::index_texts(conn, &self.searched)?;
                self.searched.clear();
                Ok(())
            }
        }
    };
}

rows! {
    own {
    JurisdictionRow of jurisdictions {
        id: Id, parent_id: Option<Id>, name: String, level: &'static str, time_zone: &'static str, version: i64, created_at: Instant, updated_at: Instant,
    }
    CodeRow of jurisdiction_codes { id: Id, jurisdiction_id: Id, code: String, from_day: NaiveDate, to_day: Option<NaiveDate> }
    SettingsRow of settings_versions {
        id: Id, jurisdiction_id: Id, from_day: NaiveDate, values: Json, reason: Option<String>, version: i64, created_at: Instant,
    }
    TermRow of terms {
        id: Id, jurisdiction_id: Id, name: String, starts_on: NaiveDate, ends_on: NaiveDate, version: i64, created_at: Instant, updated_at: Instant,
    }
    SectorRow of sectors {
        id: Id, jurisdiction_id: Id, name: String, position: i64, from_day: NaiveDate, to_day: Option<NaiveDate>, version: i64,
        created_at: Instant, updated_at: Instant,
    }
    OrganizationRow of organizations {
        id: Id, jurisdiction_id: Id, kind: &'static str, name: String, short_name: Option<String>, place: Option<String>, position: i64,
        from_day: NaiveDate, to_day: Option<NaiveDate>, version: i64, created_at: Instant, updated_at: Instant,
    }
    GroupSectorRow of group_sectors { organization_id: Id, sector_id: Id }
    CorrespondenceRow of sector_correspondences {
        id: Id, jurisdiction_id: Id, sector_id: Id, organization_id: Id, from_day: NaiveDate, to_day: Option<NaiveDate>, resolution: Option<String>,
        version: i64, created_at: Instant, updated_at: Instant,
    }
    PersonRow of persons {
        id: Id, jurisdiction_id: Id, name: String, gender: Option<&'static str>, phone: Option<Vec<u8>>, phone_hash: Option<Vec<u8>>,
        work_unit: Option<String>, version: i64, created_at: Instant, updated_at: Instant,
    }
    PostRow of posts {
        id: Id, jurisdiction_id: Id, person_id: Id, kind: &'static str, term_id: Id, sector_id: Option<Id>, title: Option<String>,
        from_day: NaiveDate, to_day: Option<NaiveDate>, resolution: Option<String>, end_resolution: Option<String>, version: i64,
        created_at: Instant, updated_at: Instant,
    }
    MembershipRow of memberships {
        id: Id, jurisdiction_id: Id, person_id: Id, organization_id: Id, duty: &'static str, from_day: NaiveDate, to_day: Option<NaiveDate>,
        resolution: Option<String>, end_resolution: Option<String>, version: i64, created_at: Instant, updated_at: Instant,
    }
    AccountRow of accounts {
        id: Id, jurisdiction_id: Id, name: String, password_hash: String, must_change_password: bool, password_changed_at: Instant,
        disabled: bool,
    }
    AccountPersonRow of account_persons {
        jurisdiction_id: Id, account_id: Id, person_id: Option<Id>, version: i64, created_at: Instant, updated_at: Instant,
    }
    AccountRoleRow of account_roles {
        id: Id, jurisdiction_id: Id, account_id: Id, role: &'static str, person_id: Option<Id>, organization_id: Option<Id>,
    }
    ConstituentRow of constituents {
        id: Id, jurisdiction_id: Id, member_id: Id, name: Option<Vec<u8>>, phone: Option<Vec<u8>>, phone_hash: Option<Vec<u8>>, bases: String,
        sector_id: Option<Id>, township: Option<String>, note: Option<Vec<u8>>, consent_on: Option<NaiveDate>, consent_way: Option<&'static str>,
        last_contact_on: Option<NaiveDate>, anonymised_on: Option<NaiveDate>, erased_on: Option<NaiveDate>, erase_requested_on: Option<NaiveDate>,
        erase_due_on: Option<NaiveDate>, erase_due_assumed: Option<bool>, version: i64, created_at: Instant, updated_at: Instant,
    }
    AssignmentRow of contact_assignments {
        id: Id, jurisdiction_id: Id, kind: &'static str, contacting_person_id: Option<Id>, contacting_organization_id: Option<Id>,
        contacted_person_id: Option<Id>, contacted_constituent_id: Option<Id>, from_day: NaiveDate, to_day: Option<NaiveDate>,
        resolution: Option<String>, end_reason: Option<String>, version: i64, created_at: Instant, updated_at: Instant,
    }
    ExemptionRow of exemptions {
        id: Id, jurisdiction_id: Id, person_id: Id, kind: &'static str, article: Option<i64>, from_day: NaiveDate, to_day: Option<NaiveDate>,
        reason: String, resolution: Option<String>, version: i64, created_at: Instant, updated_at: Instant,
    }
    EventRow of contact_events {
        id: Id, jurisdiction_id: Id, occurred_on: NaiveDate, form: &'static str, form_word: Option<String>, place: Option<String>, summary: String,
        content_kinds: String, initiated_by: &'static str, organization_id: Option<Id>, body_confirmation: Option<&'static str>,
        body_answered_by: Option<Id>, recorded_by: Id, recorded_role: &'static str, review_of_year: Option<i64>, others_count: i64, outside_persons: Json, publicity: Json,
        services: Json, with_people: bool, state: &'static str, settled: bool, state_reason: Option<String>, link_id: Option<Id>, version: i64,
        created_at: Instant, updated_at: Instant,
    }
    ParticipantRow of event_participants {
        event_id: Id, person_id: Id, occurred_on: NaiveDate, side: &'static str, confirmation: &'static str, reason: Option<String>,
        answered_at: Option<Instant>,
    }
    MetRow of event_constituents { event_id: Id, constituent_id: Id }
    WithinRow of event_committees { organization_id: Id, occurred_on: NaiveDate, event_id: Id, form: &'static str }
    MeetingRow of meetings {
        id: Id, jurisdiction_id: Id, name: String, held_on: NaiveDate, place: Option<String>, state: &'static str, state_reason: Option<String>,
        closed_on: Option<NaiveDate>, version: i64, created_at: Instant, updated_at: Instant,
    }
    ResolutionRow of resolutions { id: Id, jurisdiction_id: Id, meeting_id: Id, number: String, text: String, replaces_id: Option<Id>, created_at: Instant }
    SourceRow of opinion_constituents { opinion_id: Id, constituent_id: Id }
    NotificationRow of notifications {
        id: Id, jurisdiction_id: Id, person_id: Option<Id>, organization_id: Option<Id>, kind: String, thing_kind: &'static str, thing_id: Id,
        params: Json, once: Option<Vec<u8>>, created_at: Instant,
    }
    ReadRow of notification_reads { account_id: Id, notification_id: Id, read_at: Instant }
    }
    lists {
        jurisdictions: JurisdictionRow => jurisdictions,
        codes: CodeRow => jurisdiction_codes,
        settings: SettingsRow => settings_versions,
        terms: TermRow => terms,
        sectors: SectorRow => sectors,
        organizations: OrganizationRow => organizations,
        group_sectors: GroupSectorRow => group_sectors,
        correspondences: CorrespondenceRow => sector_correspondences,
        persons: PersonRow => persons,
        posts: PostRow => posts,
        memberships: MembershipRow => memberships,
        accounts: AccountRow => accounts,
        account_persons: AccountPersonRow => account_persons,
        account_roles: AccountRoleRow => account_roles,
        constituents: ConstituentRow => constituents,
        assignments: AssignmentRow => contact_assignments,
        exemptions: ExemptionRow => exemptions,
        events: EventRow => contact_events,
        participants: ParticipantRow => event_participants,
        met: MetRow => event_constituents,
        within: WithinRow => event_committees,
        meetings: MeetingRow => meetings,
        resolutions: ResolutionRow => resolutions,
        opinions: OpinionRow => opinions,
        texts: TextRow => opinion_texts,
        sources: SourceRow => opinion_constituents,
        steps: TransitionRow => opinion_transitions,
        items: ItemRow => agenda_items,
        receipts: ReceiptRow => adoption_feedback,
        notifications: NotificationRow => notifications,
        reads: ReadRow => notification_reads,
    }
}

impl Rows {
    /// An opinion with what its author wrote, which is searched.
    pub fn opinion(&mut self, row: OpinionRow, text: TextRow) {
        let (analysis, suggestions) = (text.analysis.as_deref(), text.suggestions.as_deref());
        let (form, tokens) = search::indexed(row.jurisdiction_id, &row.title, &text.situation, analysis, suggestions);
        self.searched.push((row.id, form, tokens));
        self.opinions.push(row);
        self.texts.push(text);
    }
}
