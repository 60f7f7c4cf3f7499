//! THE policy table: every operation x every role. A clerk can hold it against the regulation.
//!
//! No row: the service does not start with such an operation. A cell of `__`: denied. The name of a row is the handler, the
//! `operationId`, the edge of the table of states and the entry in the audit log, all in one spelling.

use std::fmt;
use std::str::FromStr;

use super::reach::Reach::{self, *};

const __: Reach = Nobody;

macro_rules! roles {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:tt, $zh:literal;)+) => {
        /// What an account speaks as.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[schema(description = concat!("账号的角色\n" $(, "\n- `", $name, "`: ", $zh)+))]
        pub enum Role { $($(#[doc = $doc])+ #[serde(rename = $name)] $variant),+ }

        impl Role {
            /// In the order of the table's columns.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
            pub fn as_str(self) -> &'static str { match self { $(Self::$variant => $name),+ } }
            pub fn zh(self) -> &'static str { match self { $(Self::$variant => $zh),+ } }
        }
    };
}

roles! {
    /// Accounts and settings of the jurisdiction.
    Admin = "admin", "系统管理员";
    /// The audit log, and nothing else.
    Auditor = "auditor", "审计员";
    /// A chairperson, vice chairperson or secretary-general.
    Leader = "leader", "政协领导";
    /// The general office.
    Office = "office", "办公室";
    /// One special committee.
    Committee = "committee", "专委会";
    /// The member affairs committee.
    MemberAffairs = "member_affairs", "委员工委";
    /// One sector group or liaison group.
    Group = "group", "界别活动组、联络组";
    /// A member.
    Member = "member", "委员";
    /// One who may only write opinions: an information officer, a party, a federation, a people's organization.
    Contributor = "contributor", "信息员与参加单位";
    /// An outside organization that opinions are sent to.
    Recipient = "recipient", "承办单位";
    /// A service account of another system.
    Integration = "integration", "系统对接账号";
}

impl Role {
    /// The order in which a deed is put down to a role when the caller names none: the narrowest first.
    pub const NARROWEST_FIRST: &[Self] = &[
        Self::Member,
        Self::Contributor,
        Self::Recipient,
        Self::Group,
        Self::Committee,
        Self::Leader,
        Self::MemberAffairs,
        Self::Office,
        Self::Admin,
        Self::Auditor,
        Self::Integration,
    ];
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = ();

    fn from_str(s: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|role| role.as_str() == s).ok_or(())
    }
}

macro_rules! table {
    (open { $($open:ident),+ $(,)? } clock { $($clock:ident),+ $(,)? } $($op:ident [$($cell:expr),+ $(,)?],)+) => {
        /// Every operation there is, and the deeds of the clock.
        #[expect(non_camel_case_types, reason = "one spelling with the handler and the operationId")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Op { $($open,)+ $($clock,)+ $($op),+ }

        impl Op {
            /// The rows of the table, without the open ones.
            pub const ALL: &[Self] = &[$(Self::$op),+];
            /// Operations that ask for no account.
            pub const OPEN: &[Self] = &[$(Self::$open),+];
            /// What passes by itself, when its time has come.
            pub const CLOCK: &[Self] = &[$(Self::$clock),+];

            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$open => stringify!($open),)+
                    $(Self::$clock => stringify!($clock),)+
                    $(Self::$op => stringify!($op)),+
                }
            }

            /// The row, a cell a role in the order of [`Role::ALL`]; empty for what asks for no account.
            pub fn row(self) -> &'static [Reach] {
                match self {
                    $(Self::$op => { const ROW: [Reach; 11] = [$($cell),+]; &ROW })+
                    _ => &[],
                }
            }
        }
    };
}

table! {
    open {
        auth_login, auth_refresh, auth_logout, jwks_read,
    }
    clock {
        opinion_lapse, feedback_close, agenda_carry_over, reminder_send, clean_up, service_start,
        jurisdiction_found,
        constituent_anonymise,
    }
//                            admin auditor leader    office     committee affairs  group    member     contributor recipient integration
    auth_password_change     [Own,  Own,    Own,      Own,       Own,      Own,     Own,     Own,       Own,        Own,      __],
    me_read                  [Own,  Own,    Own,      Own,       Own,      Own,     Own,     Own,       Own,        Own,      __],
    todo_list                [Own,  Own,    Own,      Own,       Own,      Own,     Own,     Own,       Own,        Own,      __],
    notification_list        [Own,  Own,    Own,      Own,       Own,      Own,     Own,     Own,       Own,        Own,      __],
    notification_read        [Own,  Own,    Own,      Own,       Own,      Own,     Own,     Own,       Own,        Own,      __],

    jurisdiction_list        [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    jurisdiction_read        [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    jurisdiction_update      [All,  __,     __,       __,        __,       __,      __,      __,        __,         __,       __],
    settings_list            [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    settings_read            [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    settings_create          [All,  __,     __,       __,        __,       __,      __,      __,        __,         __,       __],
    dictionary_list          [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    dictionary_read          [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    dictionary_replace       [All,  __,     __,       __,        __,       __,      __,      __,        __,         __,       __],
    calendar_list            [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    calendar_read            [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    calendar_replace         [All,  __,     __,       __,        __,       __,      __,      __,        __,         __,       __],

    term_list                [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    term_read                [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    term_create              [__,   __,     __,       __,        __,       All,     __,      __,        __,         __,       __],
    term_update              [__,   __,     __,       __,        __,       All,     __,      __,        __,         __,       __],
    sector_list              [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    sector_read              [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    sector_create            [__,   __,     __,       __,        __,       All,     __,      __,        __,         __,       __],
    sector_update            [__,   __,     __,       __,        __,       All,     __,      __,        __,         __,       __],
    correspondence_list      [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    correspondence_read      [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    correspondence_create    [__,   __,     __,       __,        __,       All,     __,      __,        __,         __,       __],
    correspondence_update    [__,   __,     __,       __,        __,       All,     __,      __,        __,         __,       __],
    organization_list        [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    organization_read        [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    organization_create      [__,   __,     __,       __,        __,       All,     __,      __,        __,         __,       __],
    organization_update      [__,   __,     __,       __,        __,       All,     __,      __,        __,         __,       __],
    membership_list          [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    membership_read          [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    membership_create        [__,   __,     __,       __,        __,       All,     __,      __,        __,         __,       __],
    membership_update        [__,   __,     __,       __,        __,       All,     __,      __,        __,         __,       __],
    post_list                [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    post_read                [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    post_create              [__,   __,     __,       __,        __,       All,     __,      __,        __,         __,       __],
    post_update              [__,   __,     __,       __,        __,       All,     __,      __,        __,         __,       __],
    person_list              [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    person_read              [All,  All,    All,      All,       All,      All,     All,     All,       All,        All,      __],
    person_create            [__,   __,     __,       __,        __,       All,     __,      __,        __,         __,       __],
    person_update            [__,   __,     __,       __,        __,       All,     __,      __,        __,         __,       __],
    account_list             [All,  __,     __,       __,        __,       __,      __,      __,        __,         __,       __],
    account_read             [All,  __,     __,       __,        __,       __,      __,      __,        __,         __,       __],
    account_create           [All,  __,     __,       __,        __,       __,      __,      __,        __,         __,       __],
    account_attach           [All,  __,     __,       __,        __,       __,      __,      __,        __,         __,       __],
    account_update           [All,  __,     __,       __,        __,       __,      __,      __,        __,         __,       __],
    account_disable          [All,  __,     __,       __,        __,       __,      __,      __,        __,         __,       __],
    account_enable           [All,  __,     __,       __,        __,       __,      __,      __,        __,         __,       __],
    account_reset_password   [All,  __,     __,       __,        __,       __,      __,      __,        __,         __,       __],

    constituent_list         [__,   __,     __,       __,        __,       ByPhone, __,      Own,       __,         __,       __],
    constituent_read         [__,   __,     __,       __,        __,       All,     __,      Own,       __,         __,       __],
    constituent_create       [__,   __,     __,       __,        __,       __,      __,      Own,       __,         __,       __],
    constituent_update       [__,   __,     __,       __,        __,       __,      __,      Own,       __,         __,       __],
    constituent_reveal       [__,   __,     __,       __,        __,       __,      __,      Own,       __,         __,       __],
    constituent_erase        [__,   __,     __,       __,        __,       All,     __,      Own,       __,         __,       __],
    constituent_data_export  [__,   __,     __,       __,        __,       All,     __,      Own,       __,         __,       __],
    contact_assignment_list  [__,   __,     Own,      __,        Sectors,  All,     __,      Own,       __,         __,       __],
    contact_assignment_read  [__,   __,     Own,      __,        Sectors,  All,     __,      Own,       __,         __,       __],
    contact_assignment_create[__,   __,     __,       __,        Owned,    All,     __,      Own,       __,         __,       __],
    contact_assignment_end   [__,   __,     __,       __,        Owned,    All,     __,      Own,       __,         __,       __],
    exemption_list           [__,   __,     __,       __,        __,       All,     __,      Own,       __,         __,       __],
    exemption_read           [__,   __,     __,       __,        __,       All,     __,      Own,       __,         __,       __],
    exemption_create         [__,   __,     __,       __,        __,       All,     __,      __,        __,         __,       __],
    exemption_update         [__,   __,     __,       __,        __,       All,     __,      __,        __,         __,       __],
    contact_event_list       [__,   __,     Own,      __,        Sectors,  All,     __,      Own,       __,         __,       __],
    contact_event_read       [__,   __,     Own,      __,        Sectors,  All,     __,      Own,       __,         __,       __],
    contact_event_create     [__,   __,     Own,      __,        Owned,    __,      __,      Own,       __,         __,       __],
    contact_event_update     [__,   __,     Recorded, __,        Recorded, __,      __,      Recorded,  __,         __,       __],
    contact_event_confirm    [__,   __,     Contacted,__,        Contacted,__,      __,      Contacted, __,         __,       __],
    contact_event_dispute    [__,   __,     Contacted,__,        Contacted,__,      __,      Contacted, __,         __,       __],
    contact_event_settle     [__,   __,     __,       __,        __,       All,     __,      __,        __,         __,       __],
    contact_event_void       [__,   __,     Recorded, __,        Recorded, All,     __,      Recorded,  __,         __,       __],
    contact_event_link       [__,   __,     Own,      __,        Owned,    All,     __,      Own,       __,         __,       __],
    contact_event_matches    [__,   __,     Own,      __,        Owned,    All,     __,      Own,       __,         __,       __],

    opinion_list             [__,   __,     Reported, Submitted, Sectors,  __,      __,      Own,       Own,        __,       __],
    opinion_read             [__,   __,     Reported, Submitted, Sectors,  __,      __,      Own,       Own,        __,       __],
    opinion_create           [__,   __,     __,       __,        __,       __,      __,      Own,       Own,        __,       __],
    opinion_register         [__,   __,     __,       All,       Owned,    __,      __,      __,        __,         __,       __],
    opinion_similar          [__,   __,     __,       Submitted, Sectors,  __,      __,      Own,       Own,        __,       __],
    opinion_update           [__,   __,     __,       Recorded,  Recorded, __,      __,      Own,       Own,        __,       __],
    opinion_delete           [__,   __,     __,       __,        __,       __,      __,      Own,       Own,        __,       __],
    opinion_submit           [__,   __,     __,       Recorded,  Recorded, __,      __,      Own,       Own,        __,       __],
    opinion_withdraw         [__,   __,     __,       __,        __,       __,      __,      Own,       Own,        __,       __],
    opinion_transfer         [__,   __,     __,       Submitted, Owned,    __,      __,      __,        __,         __,       __],
    opinion_reclassify       [__,   __,     __,       Submitted, Owned,    __,      __,      __,        __,         __,       __],
    opinion_remind           [__,   __,     __,       Submitted, Owned,    __,      __,      __,        __,         __,       __],
    opinion_accept           [__,   __,     __,       Owned,     Owned,    __,      __,      __,        __,         __,       __],
    opinion_return           [__,   __,     __,       Owned,     Owned,    __,      __,      __,        __,         __,       __],
    opinion_decline          [__,   __,     __,       Owned,     Owned,    __,      __,      __,        __,         __,       __],
    opinion_object           [__,   __,     __,       __,        __,       __,      __,      Own,       Own,        __,       __],
    opinion_retain           [__,   __,     __,       Owned,     Owned,    __,      __,      __,        __,         __,       __],
    opinion_report           [__,   __,     __,       Submitted, Owned,    __,      __,      __,        __,         __,       __],
    opinion_defer            [__,   __,     __,       Submitted, __,       __,      __,      __,        __,         __,       __],
    opinion_take_off         [__,   __,     __,       Submitted, __,       __,      __,      __,        __,         __,       __],
    opinion_decide           [__,   __,     __,       Submitted, __,       __,      __,      __,        __,         __,       __],
    opinion_feedback         [__,   __,     __,       Submitted, Owned,    __,      __,      __,        __,         __,       __],
    opinion_reopen           [__,   __,     __,       Submitted, __,       __,      __,      __,        __,         __,       __],
    opinion_transitions      [__,   __,     Reported, Submitted, Sectors,  __,      __,      Own,       Own,        __,       __],
    feedback_list            [__,   __,     Reported, Submitted, Sectors,  __,      __,      Own,       Own,        __,       __],
    feedback_read            [__,   __,     Reported, Submitted, Sectors,  __,      __,      Own,       Own,        __,       __],
    feedback_acknowledge     [__,   __,     __,       __,        __,       __,      __,      Own,       Own,        __,       __],
    meeting_list             [__,   __,     All,      All,       All,      __,      __,      __,        __,         __,       __],
    meeting_read             [__,   __,     All,      All,       All,      __,      __,      __,        __,         __,       __],
    meeting_create           [__,   __,     __,       All,       __,       __,      __,      __,        __,         __,       __],
    meeting_update           [__,   __,     __,       All,       __,       __,      __,      __,        __,         __,       __],
    meeting_close            [__,   __,     __,       All,       __,       __,      __,      __,        __,         __,       __],
    meeting_cancel           [__,   __,     __,       All,       __,       __,      __,      __,        __,         __,       __],
    agenda_item_list         [__,   __,     Reported, All,       Owned,    __,      __,      __,        __,         __,       __],
    resolution_list          [__,   __,     All,      All,       All,      __,      __,      __,        __,         __,       __],
    resolution_create        [__,   __,     __,       All,       __,       __,      __,      __,        __,         __,       __],

    report_compliance        [__,   __,     Counts,   Counts,    Sectors,  All,     __,      Own,       __,         __,       __],
}

impl Op {
    /// What a former member may still do for twelve months with what is their own.
    pub const OF_FORMER_MEMBERS: &[Self] = &[
        Self::opinion_list,
        Self::opinion_read,
        Self::opinion_update,
        Self::opinion_submit,
        Self::opinion_withdraw,
        Self::opinion_object,
        Self::opinion_transitions,
        Self::feedback_list,
        Self::feedback_read,
        Self::feedback_acknowledge,
        Self::me_read,
        Self::todo_list,
        Self::notification_list,
        Self::notification_read,
        Self::auth_password_change,
    ];

    /// What an account with a one-time password may do before it has set its own.
    pub const BEFORE_PASSWORD_CHANGE: &[Self] = &[Self::me_read, Self::auth_password_change];

    /// Answers that change with their own row alone, so that `If-None-Match` may be heeded. A jurisdiction's code is that of
    /// today, and another one tomorrow without a change of its row.
    pub fn is_unchanging(self) -> bool {
        matches!(
            self,
            Self::settings_read
                | Self::dictionary_read
                | Self::calendar_read
                | Self::term_read
                | Self::sector_read
                | Self::correspondence_read
                | Self::organization_read
                | Self::membership_read
                | Self::post_read
                | Self::person_read
        )
    }

    /// The cell of the table.
    pub fn reach(self, role: Role) -> Reach {
        let column = Role::ALL.iter().position(|of| *of == role).unwrap_or(usize::MAX);
        self.row().get(column).copied().unwrap_or(Nobody)
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Op {
    type Err = ();

    fn from_str(s: &str) -> Result<Self, ()> {
        Self::OPEN.iter().chain(Self::ALL).chain(Self::CLOCK).copied().find(|op| op.as_str() == s).ok_or(())
    }
}
