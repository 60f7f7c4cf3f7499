-- The installation -----------------------------------------------------------------------------------------------------

CREATE TABLE installation (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch BLOB NOT NULL,
    demo INTEGER NOT NULL
) STRICT;

CREATE TABLE jurisdictions (
    id BLOB PRIMARY KEY,
    parent_id BLOB REFERENCES jurisdictions (id),
    name TEXT NOT NULL,
    level TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX jurisdictions_parent ON jurisdictions (parent_id);

CREATE TABLE jurisdiction_codes (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    code TEXT NOT NULL UNIQUE,
    from_day TEXT NOT NULL,
    to_day TEXT
) STRICT;
CREATE INDEX jurisdiction_codes_jurisdiction ON jurisdiction_codes (jurisdiction_id);

-- The last row that a writing transaction touches: it puts the change feed and the audit chain into commit order.
CREATE TABLE heads (
    jurisdiction_id BLOB PRIMARY KEY REFERENCES jurisdictions (id),
    change_seq INTEGER NOT NULL,
    audit_seq INTEGER NOT NULL,
    audit_hash BLOB NOT NULL,
    audit_mac BLOB NOT NULL
) STRICT;

CREATE TABLE audit_entries (
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    seq INTEGER NOT NULL,
    id BLOB NOT NULL,
    at TEXT NOT NULL,
    account_id BLOB NOT NULL,
    person_id BLOB,
    role TEXT,
    op TEXT NOT NULL,
    kind TEXT NOT NULL,
    thing_id BLOB NOT NULL,
    details TEXT NOT NULL,
    request_id TEXT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (jurisdiction_id, seq)
) STRICT;
CREATE INDEX audit_entries_thing ON audit_entries (jurisdiction_id, thing_id, seq);

CREATE TABLE changes (
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    seq INTEGER NOT NULL,
    id BLOB NOT NULL,
    at TEXT NOT NULL,
    op TEXT NOT NULL,
    kind TEXT NOT NULL,
    thing_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    state TEXT,
    belongs TEXT NOT NULL,
    PRIMARY KEY (jurisdiction_id, seq)
) STRICT;

CREATE TABLE idempotency_keys (
    key_hash BLOB PRIMARY KEY,
    fingerprint BLOB NOT NULL,
    status INTEGER NOT NULL,
    etag TEXT,
    location TEXT,
    body BLOB,
    rights BLOB NOT NULL,
    thing_id BLOB,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);
CREATE INDEX idempotency_keys_thing ON idempotency_keys (thing_id);

CREATE TABLE signing_keys (
    kid TEXT PRIMARY KEY,
    algorithm TEXT NOT NULL,
    private_key BLOB NOT NULL,
    public_jwk TEXT NOT NULL,
    signs_from TEXT NOT NULL,
    retires_at TEXT NOT NULL
) STRICT;

CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder BLOB NOT NULL,
    until TEXT NOT NULL
) STRICT;

-- Accounts -------------------------------------------------------------------------------------------------------------

CREATE TABLE persons (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    name TEXT NOT NULL,
    gender TEXT,
    phone BLOB,
    phone_hash BLOB,
    work_unit TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX persons_page ON persons (jurisdiction_id, id);
CREATE INDEX persons_name ON persons (jurisdiction_id, name, id);
CREATE INDEX persons_phone ON persons (jurisdiction_id, phone_hash);

-- Who a person is in other systems: unique there, so that a person is found by it and never by a name.
CREATE TABLE person_identifiers (
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    scheme TEXT NOT NULL,
    identifier TEXT NOT NULL,
    person_id BLOB NOT NULL REFERENCES persons (id),
    PRIMARY KEY (jurisdiction_id, scheme, identifier)
) STRICT;
CREATE INDEX person_identifiers_person ON person_identifiers (person_id);

CREATE TABLE terms (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    name TEXT NOT NULL,
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX terms_page ON terms (jurisdiction_id, id);
CREATE INDEX terms_order ON terms (jurisdiction_id, starts_on, id);

CREATE TABLE sectors (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    from_day TEXT NOT NULL,
    to_day TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX sectors_page ON sectors (jurisdiction_id, id);
CREATE INDEX sectors_order ON sectors (jurisdiction_id, position, id);

CREATE TABLE organizations (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    short_name TEXT,
    place TEXT,
    position INTEGER NOT NULL,
    from_day TEXT NOT NULL,
    to_day TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX organizations_page ON organizations (jurisdiction_id, id);
CREATE INDEX organizations_kind ON organizations (jurisdiction_id, kind, id);
CREATE INDEX organizations_order ON organizations (jurisdiction_id, position, id);

CREATE TABLE group_sectors (
    organization_id BLOB NOT NULL REFERENCES organizations (id),
    sector_id BLOB NOT NULL REFERENCES sectors (id),
    PRIMARY KEY (organization_id, sector_id)
) STRICT;

CREATE TABLE sector_correspondences (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    sector_id BLOB NOT NULL REFERENCES sectors (id),
    organization_id BLOB NOT NULL REFERENCES organizations (id),
    from_day TEXT NOT NULL,
    to_day TEXT,
    resolution TEXT,
    end_resolution TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX sector_correspondences_page ON sector_correspondences (jurisdiction_id, id);
CREATE INDEX sector_correspondences_sector ON sector_correspondences (sector_id, from_day);
CREATE INDEX sector_correspondences_organization ON sector_correspondences (organization_id, from_day);

CREATE TABLE posts (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    person_id BLOB NOT NULL REFERENCES persons (id),
    kind TEXT NOT NULL,
    term_id BLOB NOT NULL REFERENCES terms (id),
    sector_id BLOB REFERENCES sectors (id),
    title TEXT,
    from_day TEXT NOT NULL,
    to_day TEXT,
    resolution TEXT,
    end_resolution TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX posts_page ON posts (jurisdiction_id, id);
CREATE INDEX posts_kind ON posts (jurisdiction_id, kind, id);
CREATE INDEX posts_person ON posts (person_id, kind, from_day);
CREATE INDEX posts_sector ON posts (jurisdiction_id, sector_id, id);
CREATE INDEX posts_term ON posts (term_id, id);

CREATE TABLE memberships (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    person_id BLOB NOT NULL REFERENCES persons (id),
    organization_id BLOB NOT NULL REFERENCES organizations (id),
    duty TEXT NOT NULL,
    from_day TEXT NOT NULL,
    to_day TEXT,
    resolution TEXT,
    end_resolution TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX memberships_page ON memberships (jurisdiction_id, id);
CREATE INDEX memberships_person ON memberships (person_id, organization_id, from_day);
CREATE INDEX memberships_organization ON memberships (organization_id, from_day);

CREATE TABLE accounts (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    name TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    must_change_password INTEGER NOT NULL,
    password_changed_at TEXT NOT NULL,
    disabled INTEGER NOT NULL
) STRICT;

-- An account in one of the jurisdictions it belongs to, and the person it links there.
CREATE TABLE account_persons (
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    account_id BLOB NOT NULL REFERENCES accounts (id),
    person_id BLOB REFERENCES persons (id),
    note TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (jurisdiction_id, account_id)
) STRICT;
CREATE INDEX account_persons_account ON account_persons (account_id);
CREATE UNIQUE INDEX account_persons_person ON account_persons (person_id);

CREATE TABLE account_roles (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    account_id BLOB NOT NULL REFERENCES accounts (id),
    role TEXT NOT NULL,
    person_id BLOB REFERENCES persons (id),
    organization_id BLOB REFERENCES organizations (id)
) STRICT;
CREATE INDEX account_roles_account ON account_roles (account_id, jurisdiction_id);
CREATE INDEX account_roles_organization ON account_roles (organization_id);

CREATE TABLE login_failures (
    id BLOB PRIMARY KEY,
    account_hash BLOB NOT NULL,
    source TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX login_failures_recent ON login_failures (account_hash, source, at);
CREATE INDEX login_failures_old ON login_failures (at);

CREATE TABLE refresh_tokens (
    id BLOB PRIMARY KEY,
    family_id BLOB NOT NULL,
    account_id BLOB NOT NULL REFERENCES accounts (id),
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    issued_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT,
    successor_id BLOB,
    revoked_at TEXT
) STRICT;
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_account ON refresh_tokens (account_id);
CREATE INDEX refresh_tokens_old ON refresh_tokens (expires_at);

-- What a jurisdiction sets for itself ------------------------------------------------------------------------------------

CREATE TABLE settings_versions (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    from_day TEXT NOT NULL,
    "values" TEXT NOT NULL,
    reason TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (jurisdiction_id, from_day)
) STRICT;

CREATE TABLE dictionaries (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    name TEXT NOT NULL,
    entries TEXT NOT NULL,
    version INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (jurisdiction_id, name)
) STRICT;

CREATE TABLE calendars (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    year INTEGER NOT NULL,
    days_off TEXT NOT NULL,
    days_worked TEXT NOT NULL,
    source TEXT,
    version INTEGER NOT NULL,
    -- The version by which open deadlines were last counted.
    counted_version INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (jurisdiction_id, year)
) STRICT;

-- The contact ------------------------------------------------------------------------------------------------------------

CREATE TABLE constituents (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    member_id BLOB NOT NULL REFERENCES persons (id),
    name BLOB,
    phone BLOB,
    phone_hash BLOB,
    bases TEXT NOT NULL,
    sector_id BLOB REFERENCES sectors (id),
    township TEXT,
    note BLOB,
    consent_on TEXT,
    consent_way TEXT,
    last_contact_on TEXT,
    anonymised_on TEXT,
    erased_on TEXT,
    erase_requested_on TEXT,
    erase_due_on TEXT,
    erase_due_assumed INTEGER,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX constituents_member ON constituents (jurisdiction_id, member_id, id);
CREATE INDEX constituents_phone ON constituents (jurisdiction_id, phone_hash, id);
CREATE INDEX constituents_contact ON constituents (jurisdiction_id, last_contact_on, created_at)
    WHERE anonymised_on IS NULL AND erased_on IS NULL;

-- What was done with one person's data, by whom and why: revealed, given out, erased. The hourly limit counts here.
CREATE TABLE constituent_handlings (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    constituent_id BLOB NOT NULL REFERENCES constituents (id),
    account_id BLOB NOT NULL,
    person_id BLOB REFERENCES persons (id),
    op TEXT NOT NULL,
    at TEXT NOT NULL,
    reason BLOB
) STRICT;
CREATE INDEX constituent_handlings_account ON constituent_handlings (account_id, at);
CREATE INDEX constituent_handlings_constituent ON constituent_handlings (constituent_id, id);

CREATE TABLE contact_assignments (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    kind TEXT NOT NULL,
    contacting_person_id BLOB REFERENCES persons (id),
    contacting_organization_id BLOB REFERENCES organizations (id),
    contacted_person_id BLOB REFERENCES persons (id),
    contacted_constituent_id BLOB REFERENCES constituents (id),
    from_day TEXT NOT NULL,
    to_day TEXT,
    resolution TEXT,
    end_reason TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX contact_assignments_page ON contact_assignments (jurisdiction_id, id);
CREATE INDEX contact_assignments_kind ON contact_assignments (jurisdiction_id, kind, id);
CREATE INDEX contact_assignments_contacting_person ON contact_assignments (contacting_person_id, jurisdiction_id, id);
CREATE INDEX contact_assignments_contacting_organization ON contact_assignments (contacting_organization_id, jurisdiction_id, id);
CREATE INDEX contact_assignments_contacted_person ON contact_assignments (contacted_person_id, jurisdiction_id, id);
CREATE INDEX contact_assignments_contacted_constituent ON contact_assignments (contacted_constituent_id, jurisdiction_id, id);

CREATE TABLE exemptions (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    person_id BLOB NOT NULL REFERENCES persons (id),
    kind TEXT NOT NULL,
    article INTEGER,
    from_day TEXT NOT NULL,
    to_day TEXT,
    reason TEXT NOT NULL,
    resolution TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX exemptions_page ON exemptions (jurisdiction_id, id);
CREATE INDEX exemptions_person ON exemptions (person_id, from_day);
CREATE INDEX exemptions_own ON exemptions (person_id, jurisdiction_id, id);

CREATE TABLE contact_events (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    occurred_on TEXT NOT NULL,
    form TEXT NOT NULL,
    form_word TEXT,
    place TEXT,
    summary TEXT NOT NULL,
    content_kinds TEXT NOT NULL,
    initiated_by TEXT NOT NULL,
    organization_id BLOB REFERENCES organizations (id),
    body_confirmation TEXT,
    body_reason TEXT,
    body_answered_by BLOB REFERENCES persons (id),
    recorded_by BLOB NOT NULL REFERENCES persons (id),
    recorded_role TEXT NOT NULL,
    review_of_year INTEGER,
    others_count INTEGER NOT NULL,
    outside_persons TEXT NOT NULL,
    publicity TEXT NOT NULL,
    services TEXT NOT NULL,
    with_people INTEGER NOT NULL,
    state TEXT NOT NULL,
    settled INTEGER NOT NULL,
    state_reason TEXT,
    link_id BLOB,
    client_ref TEXT,
    client_ref_hash BLOB UNIQUE,
    client_ref_print BLOB,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX contact_events_page ON contact_events (jurisdiction_id, occurred_on, id);
CREATE INDEX contact_events_state ON contact_events (jurisdiction_id, state, occurred_on, id);
CREATE INDEX contact_events_recorded ON contact_events (recorded_by, occurred_on, id);
CREATE INDEX contact_events_link ON contact_events (link_id);
-- What a committee has still to confirm.
CREATE INDEX contact_events_body ON contact_events (organization_id, body_confirmation, occurred_on, id) WHERE organization_id IS NOT NULL;

-- One row a person who took part; the day stands here too, so that a person's list and visits come from one index.
CREATE TABLE event_participants (
    event_id BLOB NOT NULL REFERENCES contact_events (id),
    person_id BLOB NOT NULL REFERENCES persons (id),
    occurred_on TEXT NOT NULL,
    side TEXT NOT NULL,
    confirmation TEXT NOT NULL,
    reason TEXT,
    answered_at TEXT,
    PRIMARY KEY (event_id, person_id)
) STRICT;
CREATE INDEX event_participants_person ON event_participants (person_id, occurred_on, event_id);

CREATE TABLE event_constituents (
    event_id BLOB NOT NULL REFERENCES contact_events (id),
    constituent_id BLOB NOT NULL REFERENCES constituents (id),
    PRIMARY KEY (event_id, constituent_id)
) STRICT;
CREATE INDEX event_constituents_constituent ON event_constituents (constituent_id, event_id);

-- The committees within whose sectors an event's participants stood on its day.
CREATE TABLE event_committees (
    organization_id BLOB NOT NULL REFERENCES organizations (id),
    occurred_on TEXT NOT NULL,
    event_id BLOB NOT NULL REFERENCES contact_events (id),
    form TEXT NOT NULL,
    PRIMARY KEY (organization_id, occurred_on, event_id)
) STRICT;
CREATE INDEX event_committees_form ON event_committees (organization_id, form, occurred_on, event_id);
CREATE INDEX event_committees_event ON event_committees (event_id);

-- The opinion's way ------------------------------------------------------------------------------------------------------

CREATE TABLE meetings (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    name TEXT NOT NULL,
    held_on TEXT NOT NULL,
    place TEXT,
    state TEXT NOT NULL,
    state_reason TEXT,
    closed_on TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX meetings_page ON meetings (jurisdiction_id, id);
CREATE INDEX meetings_day ON meetings (jurisdiction_id, held_on, id);
CREATE INDEX meetings_state ON meetings (jurisdiction_id, state, held_on);

CREATE TABLE resolutions (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    meeting_id BLOB NOT NULL REFERENCES meetings (id),
    number TEXT NOT NULL,
    text TEXT NOT NULL,
    replaces_id BLOB UNIQUE REFERENCES resolutions (id),
    created_at TEXT NOT NULL,
    UNIQUE (jurisdiction_id, number)
) STRICT;
CREATE INDEX resolutions_meeting ON resolutions (meeting_id, id);

CREATE TABLE opinions (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    track TEXT NOT NULL,
    state TEXT NOT NULL,
    title TEXT NOT NULL,
    category TEXT NOT NULL,
    urgency TEXT NOT NULL,
    author_person_id BLOB REFERENCES persons (id),
    author_organization_id BLOB REFERENCES organizations (id),
    sector_id BLOB REFERENCES sectors (id),
    recorded_by BLOB REFERENCES persons (id),
    owner_id BLOB REFERENCES organizations (id),
    accepted_by BLOB REFERENCES organizations (id),
    submitted_on TEXT,
    returned_on TEXT,
    due_kind TEXT,
    due_on TEXT,
    due_assumed INTEGER NOT NULL,
    transfers INTEGER NOT NULL,
    objected INTEGER NOT NULL,
    declined_by BLOB,
    declined_on TEXT,
    dissatisfied INTEGER NOT NULL,
    round INTEGER NOT NULL,
    meeting_id BLOB REFERENCES meetings (id),
    outcome TEXT,
    resolution_id BLOB REFERENCES resolutions (id),
    reminded_on TEXT,
    reopened INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX opinions_page ON opinions (jurisdiction_id, id);
CREATE INDEX opinions_state ON opinions (jurisdiction_id, state, id);
CREATE INDEX opinions_owner ON opinions (owner_id, id);
CREATE INDEX opinions_owner_due ON opinions (owner_id, due_on, id);
CREATE INDEX opinions_submitted ON opinions (jurisdiction_id, track, submitted_on);
CREATE INDEX opinions_author ON opinions (author_person_id, id);
CREATE INDEX opinions_author_organization ON opinions (author_organization_id, id);
CREATE INDEX opinions_sector ON opinions (jurisdiction_id, sector_id, id);
CREATE INDEX opinions_due ON opinions (jurisdiction_id, due_on);
CREATE INDEX opinions_meeting ON opinions (meeting_id);

-- What the author wrote, apart from where it stands: lists never read it.
CREATE TABLE opinion_texts (
    opinion_id BLOB PRIMARY KEY REFERENCES opinions (id),
    situation TEXT NOT NULL,
    analysis TEXT,
    suggestions TEXT,
    content_kinds TEXT NOT NULL,
    intake TEXT NOT NULL,
    outlet TEXT NOT NULL,
    may_publish INTEGER NOT NULL,
    no_state_secrets INTEGER NOT NULL,
    owner_choice TEXT,
    event_id BLOB REFERENCES contact_events (id),
    contact_person_id BLOB REFERENCES persons (id),
    client_ref TEXT
) STRICT;
CREATE INDEX opinion_texts_event ON opinion_texts (event_id);

-- Kept for ever, also when the draft is gone: what comes again after that must not come to life.
CREATE TABLE opinion_client_refs (
    hash BLOB PRIMARY KEY,
    opinion_id BLOB NOT NULL,
    fingerprint BLOB NOT NULL
) STRICT;

CREATE TABLE opinion_constituents (
    opinion_id BLOB NOT NULL REFERENCES opinions (id),
    constituent_id BLOB NOT NULL REFERENCES constituents (id),
    PRIMARY KEY (opinion_id, constituent_id)
) STRICT;
CREATE INDEX opinion_constituents_constituent ON opinion_constituents (constituent_id);

CREATE TABLE opinion_transitions (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    opinion_id BLOB NOT NULL REFERENCES opinions (id),
    at TEXT NOT NULL,
    op TEXT NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    role TEXT NOT NULL,
    person_id BLOB REFERENCES persons (id),
    organization_id BLOB REFERENCES organizations (id),
    owner_id BLOB REFERENCES organizations (id),
    reason TEXT,
    details TEXT NOT NULL
) STRICT;
CREATE INDEX opinion_transitions_opinion ON opinion_transitions (opinion_id, id);

CREATE TABLE opinion_search (
    opinion_id BLOB PRIMARY KEY REFERENCES opinions (id),
    row_id INTEGER NOT NULL UNIQUE,
    text TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE opinion_tokens USING fts5 (tokens, content = '', contentless_delete = 1, detail = none, tokenize = 'unicode61');

CREATE TABLE agenda_items (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    meeting_id BLOB NOT NULL REFERENCES meetings (id),
    opinion_id BLOB NOT NULL REFERENCES opinions (id),
    position INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX agenda_items_meeting ON agenda_items (meeting_id, position, id);
CREATE INDEX agenda_items_opinion ON agenda_items (opinion_id, id);

CREATE TABLE adoption_feedback (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    opinion_id BLOB NOT NULL REFERENCES opinions (id),
    round INTEGER NOT NULL,
    author_person_id BLOB REFERENCES persons (id),
    author_organization_id BLOB REFERENCES organizations (id),
    sector_id BLOB REFERENCES sectors (id),
    owner_id BLOB REFERENCES organizations (id),
    outcome TEXT NOT NULL,
    text TEXT NOT NULL,
    given_on TEXT NOT NULL,
    given_by BLOB REFERENCES persons (id),
    in_time INTEGER,
    due_on TEXT,
    state TEXT NOT NULL,
    satisfaction TEXT,
    comment TEXT,
    acknowledged_at TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX adoption_feedback_receipt ON adoption_feedback (opinion_id, round, author_person_id, author_organization_id);
CREATE INDEX adoption_feedback_page ON adoption_feedback (jurisdiction_id, id);
CREATE INDEX adoption_feedback_author ON adoption_feedback (author_person_id, id);
CREATE INDEX adoption_feedback_author_organization ON adoption_feedback (author_organization_id, id);
CREATE INDEX adoption_feedback_due ON adoption_feedback (jurisdiction_id, state, due_on);

-- What people are told ---------------------------------------------------------------------------------------------------

CREATE TABLE notifications (
    id BLOB PRIMARY KEY,
    jurisdiction_id BLOB NOT NULL REFERENCES jurisdictions (id),
    person_id BLOB REFERENCES persons (id),
    organization_id BLOB REFERENCES organizations (id),
    kind TEXT NOT NULL,
    thing_kind TEXT NOT NULL,
    thing_id BLOB NOT NULL,
    params TEXT NOT NULL,
    once BLOB UNIQUE,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX notifications_person ON notifications (person_id, id);
CREATE INDEX notifications_organization ON notifications (organization_id, id);

CREATE TABLE notification_reads (
    account_id BLOB NOT NULL REFERENCES accounts (id),
    notification_id BLOB NOT NULL REFERENCES notifications (id),
    read_at TEXT NOT NULL,
    PRIMARY KEY (account_id, notification_id)
) STRICT;
