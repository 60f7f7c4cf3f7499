//! What travels: a record as it comes in, and an event as it goes out.

mod received;
mod shown;
mod words;

pub use self::received::{
    ContactEventCreate, ContactEventFilter, ContactEventLink, ContactEventPatch, ContactEventReason, ContactEventSettle, OTHER,
    OutsideName, PublicityCreate, ServiceCreate,
};
pub use self::shown::{
    ContactEvent, ContactEventOrganization, ContactEventPage, ContactEventParticipant, ContactEventPublicity, ContactEventService,
    LinkedContactEvent,
};
pub use self::words::{Confirmation, ContactEventState, ContactSide, ContentKind, SettleOutcome};
