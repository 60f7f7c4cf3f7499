//! Every table once, for both engines: `tests` compare it with what the migrations made.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    installation (id) {
        id -> BigInt,
        epoch -> Uuid,
        demo -> Bool,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    jurisdictions (id) {
        id -> Uuid,
        parent_id -> Nullable<Uuid>,
        name -> Text,
        level -> Text,
        time_zone -> Text,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    jurisdiction_codes (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        code -> Text,
        from_day -> Date,
        to_day -> Nullable<Date>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    heads (jurisdiction_id) {
        jurisdiction_id -> Uuid,
        change_seq -> BigInt,
        audit_seq -> BigInt,
        audit_hash -> Binary,
        audit_mac -> Binary,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    audit_entries (jurisdiction_id, seq) {
        jurisdiction_id -> Uuid,
        seq -> BigInt,
        id -> Uuid,
        at -> Timestamptz,
        account_id -> Uuid,
        person_id -> Nullable<Uuid>,
        role -> Nullable<Text>,
        op -> Text,
        kind -> Text,
        thing_id -> Uuid,
        details -> Jsonb,
        request_id -> Text,
        hash -> Binary,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    changes (jurisdiction_id, seq) {
        jurisdiction_id -> Uuid,
        seq -> BigInt,
        id -> Uuid,
        at -> Timestamptz,
        op -> Text,
        kind -> Text,
        thing_id -> Uuid,
        version -> BigInt,
        state -> Nullable<Text>,
        belongs -> Jsonb,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    idempotency_keys (key_hash) {
        key_hash -> Binary,
        fingerprint -> Binary,
        status -> BigInt,
        etag -> Nullable<Text>,
        location -> Nullable<Text>,
        body -> Nullable<Binary>,
        rights -> Binary,
        thing_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    signing_keys (kid) {
        kid -> Text,
        algorithm -> Text,
        private_key -> Binary,
        public_jwk -> Jsonb,
        signs_from -> Timestamptz,
        retires_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    leases (name) {
        name -> Text,
        holder -> Uuid,
        until -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    persons (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        name -> Text,
        gender -> Nullable<Text>,
        phone -> Nullable<Binary>,
        phone_hash -> Nullable<Binary>,
        work_unit -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    person_identifiers (jurisdiction_id, scheme, identifier) {
        jurisdiction_id -> Uuid,
        scheme -> Text,
        identifier -> Text,
        person_id -> Uuid,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    terms (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        name -> Text,
        starts_on -> Date,
        ends_on -> Date,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    sectors (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        name -> Text,
        position -> BigInt,
        from_day -> Date,
        to_day -> Nullable<Date>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    organizations (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        kind -> Text,
        name -> Text,
        short_name -> Nullable<Text>,
        place -> Nullable<Text>,
        position -> BigInt,
        from_day -> Date,
        to_day -> Nullable<Date>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    group_sectors (organization_id, sector_id) {
        organization_id -> Uuid,
        sector_id -> Uuid,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    sector_correspondences (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        sector_id -> Uuid,
        organization_id -> Uuid,
        from_day -> Date,
        to_day -> Nullable<Date>,
        resolution -> Nullable<Text>,
        end_resolution -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    posts (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        person_id -> Uuid,
        kind -> Text,
        term_id -> Uuid,
        sector_id -> Nullable<Uuid>,
        title -> Nullable<Text>,
        from_day -> Date,
        to_day -> Nullable<Date>,
        resolution -> Nullable<Text>,
        end_resolution -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    memberships (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        person_id -> Uuid,
        organization_id -> Uuid,
        duty -> Text,
        from_day -> Date,
        to_day -> Nullable<Date>,
        resolution -> Nullable<Text>,
        end_resolution -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    accounts (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        name -> Text,
        password_hash -> Text,
        must_change_password -> Bool,
        password_changed_at -> Timestamptz,
        disabled -> Bool,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    account_persons (jurisdiction_id, account_id) {
        jurisdiction_id -> Uuid,
        account_id -> Uuid,
        person_id -> Nullable<Uuid>,
        note -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    account_roles (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        account_id -> Uuid,
        role -> Text,
        person_id -> Nullable<Uuid>,
        organization_id -> Nullable<Uuid>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    login_failures (id) {
        id -> Uuid,
        account_hash -> Binary,
        source -> Text,
        at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    refresh_tokens (id) {
        id -> Uuid,
        family_id -> Uuid,
        account_id -> Uuid,
        jurisdiction_id -> Uuid,
        issued_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
        successor_id -> Nullable<Uuid>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    settings_versions (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        from_day -> Date,
        values -> Jsonb,
        reason -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    dictionaries (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        name -> Text,
        entries -> Jsonb,
        version -> BigInt,
        updated_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    calendars (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        year -> BigInt,
        days_off -> Jsonb,
        days_worked -> Jsonb,
        source -> Nullable<Text>,
        version -> BigInt,
        counted_version -> BigInt,
        updated_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    constituents (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        member_id -> Uuid,
        name -> Nullable<Binary>,
        phone -> Nullable<Binary>,
        phone_hash -> Nullable<Binary>,
        bases -> Text,
        sector_id -> Nullable<Uuid>,
        township -> Nullable<Text>,
        note -> Nullable<Binary>,
        consent_on -> Nullable<Date>,
        consent_way -> Nullable<Text>,
        last_contact_on -> Nullable<Date>,
        anonymised_on -> Nullable<Date>,
        erased_on -> Nullable<Date>,
        erase_requested_on -> Nullable<Date>,
        erase_due_on -> Nullable<Date>,
        erase_due_assumed -> Nullable<Bool>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    constituent_handlings (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        constituent_id -> Uuid,
        account_id -> Uuid,
        person_id -> Nullable<Uuid>,
        op -> Text,
        at -> Timestamptz,
        reason -> Nullable<Binary>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    contact_assignments (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        kind -> Text,
        contacting_person_id -> Nullable<Uuid>,
        contacting_organization_id -> Nullable<Uuid>,
        contacted_person_id -> Nullable<Uuid>,
        contacted_constituent_id -> Nullable<Uuid>,
        from_day -> Date,
        to_day -> Nullable<Date>,
        resolution -> Nullable<Text>,
        end_reason -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    exemptions (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        person_id -> Uuid,
        kind -> Text,
        article -> Nullable<BigInt>,
        from_day -> Date,
        to_day -> Nullable<Date>,
        reason -> Text,
        resolution -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    contact_events (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        occurred_on -> Date,
        form -> Text,
        form_word -> Nullable<Text>,
        place -> Nullable<Text>,
        summary -> Text,
        content_kinds -> Text,
        initiated_by -> Text,
        organization_id -> Nullable<Uuid>,
        body_confirmation -> Nullable<Text>,
        body_reason -> Nullable<Text>,
        body_answered_by -> Nullable<Uuid>,
        recorded_by -> Uuid,
        recorded_role -> Text,
        review_of_year -> Nullable<BigInt>,
        others_count -> BigInt,
        outside_persons -> Jsonb,
        publicity -> Jsonb,
        services -> Jsonb,
        with_people -> Bool,
        state -> Text,
        settled -> Bool,
        state_reason -> Nullable<Text>,
        link_id -> Nullable<Uuid>,
        client_ref -> Nullable<Text>,
        client_ref_hash -> Nullable<Binary>,
        client_ref_print -> Nullable<Binary>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    event_participants (event_id, person_id) {
        event_id -> Uuid,
        person_id -> Uuid,
        occurred_on -> Date,
        side -> Text,
        confirmation -> Text,
        reason -> Nullable<Text>,
        answered_at -> Nullable<Timestamptz>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    event_constituents (event_id, constituent_id) {
        event_id -> Uuid,
        constituent_id -> Uuid,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    event_committees (organization_id, occurred_on, event_id) {
        organization_id -> Uuid,
        occurred_on -> Date,
        event_id -> Uuid,
        form -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    meetings (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        name -> Text,
        held_on -> Date,
        place -> Nullable<Text>,
        state -> Text,
        state_reason -> Nullable<Text>,
        closed_on -> Nullable<Date>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    resolutions (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        meeting_id -> Uuid,
        number -> Text,
        text -> Text,
        replaces_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    opinions (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        track -> Text,
        state -> Text,
        title -> Text,
        category -> Text,
        urgency -> Text,
        author_person_id -> Nullable<Uuid>,
        author_organization_id -> Nullable<Uuid>,
        sector_id -> Nullable<Uuid>,
        recorded_by -> Nullable<Uuid>,
        owner_id -> Nullable<Uuid>,
        accepted_by -> Nullable<Uuid>,
        submitted_on -> Nullable<Date>,
        returned_on -> Nullable<Date>,
        due_kind -> Nullable<Text>,
        due_on -> Nullable<Date>,
        due_assumed -> Bool,
        transfers -> BigInt,
        objected -> Bool,
        declined_by -> Nullable<Uuid>,
        declined_on -> Nullable<Date>,
        dissatisfied -> Bool,
        round -> BigInt,
        meeting_id -> Nullable<Uuid>,
        outcome -> Nullable<Text>,
        resolution_id -> Nullable<Uuid>,
        reminded_on -> Nullable<Date>,
        reopened -> Bool,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    opinion_texts (opinion_id) {
        opinion_id -> Uuid,
        situation -> Text,
        analysis -> Nullable<Text>,
        suggestions -> Nullable<Text>,
        content_kinds -> Text,
        intake -> Text,
        outlet -> Text,
        may_publish -> Bool,
        no_state_secrets -> Bool,
        owner_choice -> Nullable<Text>,
        event_id -> Nullable<Uuid>,
        contact_person_id -> Nullable<Uuid>,
        client_ref -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    opinion_client_refs (hash) {
        hash -> Binary,
        opinion_id -> Uuid,
        fingerprint -> Binary,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    opinion_constituents (opinion_id, constituent_id) {
        opinion_id -> Uuid,
        constituent_id -> Uuid,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    opinion_transitions (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        opinion_id -> Uuid,
        at -> Timestamptz,
        op -> Text,
        from_state -> Nullable<Text>,
        to_state -> Text,
        role -> Text,
        person_id -> Nullable<Uuid>,
        organization_id -> Nullable<Uuid>,
        owner_id -> Nullable<Uuid>,
        reason -> Nullable<Text>,
        details -> Jsonb,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    opinion_search (opinion_id) {
        opinion_id -> Uuid,
        text -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    agenda_items (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        meeting_id -> Uuid,
        opinion_id -> Uuid,
        position -> BigInt,
        state -> Text,
        reason -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    adoption_feedback (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        opinion_id -> Uuid,
        round -> BigInt,
        author_person_id -> Nullable<Uuid>,
        author_organization_id -> Nullable<Uuid>,
        sector_id -> Nullable<Uuid>,
        owner_id -> Nullable<Uuid>,
        outcome -> Text,
        text -> Text,
        given_on -> Date,
        given_by -> Nullable<Uuid>,
        in_time -> Nullable<Bool>,
        due_on -> Nullable<Date>,
        state -> Text,
        satisfaction -> Nullable<Text>,
        comment -> Nullable<Text>,
        acknowledged_at -> Nullable<Timestamptz>,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    notifications (id) {
        id -> Uuid,
        jurisdiction_id -> Uuid,
        person_id -> Nullable<Uuid>,
        organization_id -> Nullable<Uuid>,
        kind -> Text,
        thing_kind -> Text,
        thing_id -> Uuid,
        params -> Jsonb,
        once -> Nullable<Binary>,
        created_at -> Timestamptz,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::words::{Jsonb, Timestamptz, Uuid};

    notification_reads (account_id, notification_id) {
        account_id -> Uuid,
        notification_id -> Uuid,
        read_at -> Timestamptz,
    }
}

allow_tables_to_appear_in_same_query!(
    account_persons,
    account_roles,
    accounts,
    adoption_feedback,
    agenda_items,
    audit_entries,
    calendars,
    changes,
    constituent_handlings,
    constituents,
    contact_assignments,
    contact_events,
    dictionaries,
    event_committees,
    event_constituents,
    event_participants,
    exemptions,
    group_sectors,
    heads,
    idempotency_keys,
    installation,
    jurisdiction_codes,
    jurisdictions,
    leases,
    login_failures,
    meetings,
    memberships,
    notification_reads,
    notifications,
    opinion_client_refs,
    opinion_constituents,
    opinion_search,
    opinion_texts,
    opinion_transitions,
    opinions,
    organizations,
    person_identifiers,
    persons,
    posts,
    refresh_tokens,
    resolutions,
    sector_correspondences,
    sectors,
    settings_versions,
    signing_keys,
    terms,
);
