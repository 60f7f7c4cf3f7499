-- The installation -----------------------------------------------------------------------------------------------------

CREATE TABLE installation (
    id bigint PRIMARY KEY CHECK (id = 1),
    epoch uuid NOT NULL,
    demo boolean NOT NULL
);

CREATE TABLE jurisdictions (
    id uuid PRIMARY KEY,
    parent_id uuid REFERENCES jurisdictions (id),
    name text NOT NULL,
    level text NOT NULL,
    time_zone text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX jurisdictions_parent ON jurisdictions (parent_id);

CREATE TABLE jurisdiction_codes (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    code text NOT NULL UNIQUE,
    from_day date NOT NULL,
    to_day date
);
CREATE INDEX jurisdiction_codes_jurisdiction ON jurisdiction_codes (jurisdiction_id);

-- The last row that a writing transaction touches: it puts the change feed and the audit chain into commit order.
CREATE TABLE heads (
    jurisdiction_id uuid PRIMARY KEY REFERENCES jurisdictions (id),
    change_seq bigint NOT NULL,
    audit_seq bigint NOT NULL,
    audit_hash bytea NOT NULL,
    audit_mac bytea NOT NULL
);

CREATE TABLE audit_entries (
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    seq bigint NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    account_id uuid NOT NULL,
    person_id uuid,
    role text,
    op text NOT NULL,
    kind text NOT NULL,
    thing_id uuid NOT NULL,
    details jsonb NOT NULL,
    request_id text NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (jurisdiction_id, seq)
);
CREATE INDEX audit_entries_thing ON audit_entries (jurisdiction_id, thing_id, seq);

CREATE TABLE changes (
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    seq bigint NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    op text NOT NULL,
    kind text NOT NULL,
    thing_id uuid NOT NULL,
    version bigint NOT NULL,
    state text,
    belongs jsonb NOT NULL,
    PRIMARY KEY (jurisdiction_id, seq)
);

CREATE TABLE idempotency_keys (
    key_hash bytea PRIMARY KEY,
    fingerprint bytea NOT NULL,
    status bigint NOT NULL,
    etag text,
    location text,
    body bytea,
    rights bytea NOT NULL,
    thing_id uuid,
    created_at timestamptz NOT NULL
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);
CREATE INDEX idempotency_keys_thing ON idempotency_keys (thing_id);

CREATE TABLE signing_keys (
    kid text PRIMARY KEY,
    algorithm text NOT NULL,
    private_key bytea NOT NULL,
    public_jwk jsonb NOT NULL,
    signs_from timestamptz NOT NULL,
    retires_at timestamptz NOT NULL
);

CREATE TABLE leases (
    name text PRIMARY KEY,
    holder uuid NOT NULL,
    until timestamptz NOT NULL
);

-- Accounts -------------------------------------------------------------------------------------------------------------

-- Names sort and begin by code point, as on the other engine.
CREATE TABLE persons (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    name text COLLATE "C" NOT NULL,
    gender text,
    phone bytea,
    phone_hash bytea,
    work_unit text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX persons_page ON persons (jurisdiction_id, id);
CREATE INDEX persons_name ON persons (jurisdiction_id, name, id);
CREATE INDEX persons_phone ON persons (jurisdiction_id, phone_hash);

-- Who a person is in other systems: unique there, so that a person is found by it and never by a name.
CREATE TABLE person_identifiers (
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    scheme text NOT NULL,
    identifier text NOT NULL,
    person_id uuid NOT NULL REFERENCES persons (id),
    PRIMARY KEY (jurisdiction_id, scheme, identifier)
);
CREATE INDEX person_identifiers_person ON person_identifiers (person_id);

CREATE TABLE terms (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    name text NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX terms_page ON terms (jurisdiction_id, id);
CREATE INDEX terms_order ON terms (jurisdiction_id, starts_on, id);

CREATE TABLE sectors (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    name text NOT NULL,
    position bigint NOT NULL,
    from_day date NOT NULL,
    to_day date,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX sectors_page ON sectors (jurisdiction_id, id);
CREATE INDEX sectors_order ON sectors (jurisdiction_id, position, id);

CREATE TABLE organizations (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    kind text NOT NULL,
    name text NOT NULL,
    short_name text,
    place text,
    position bigint NOT NULL,
    from_day date NOT NULL,
    to_day date,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX organizations_page ON organizations (jurisdiction_id, id);
CREATE INDEX organizations_kind ON organizations (jurisdiction_id, kind, id);
CREATE INDEX organizations_order ON organizations (jurisdiction_id, position, id);

CREATE TABLE group_sectors (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    sector_id uuid NOT NULL REFERENCES sectors (id),
    PRIMARY KEY (organization_id, sector_id)
);

CREATE TABLE sector_correspondences (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    sector_id uuid NOT NULL REFERENCES sectors (id),
    organization_id uuid NOT NULL REFERENCES organizations (id),
    from_day date NOT NULL,
    to_day date,
    resolution text,
    end_resolution text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX sector_correspondences_page ON sector_correspondences (jurisdiction_id, id);
CREATE INDEX sector_correspondences_sector ON sector_correspondences (sector_id, from_day);
CREATE INDEX sector_correspondences_organization ON sector_correspondences (organization_id, from_day);

CREATE TABLE posts (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    person_id uuid NOT NULL REFERENCES persons (id),
    kind text NOT NULL,
    term_id uuid NOT NULL REFERENCES terms (id),
    sector_id uuid REFERENCES sectors (id),
    title text,
    from_day date NOT NULL,
    to_day date,
    resolution text,
    end_resolution text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX posts_page ON posts (jurisdiction_id, id);
CREATE INDEX posts_kind ON posts (jurisdiction_id, kind, id);
CREATE INDEX posts_person ON posts (person_id, kind, from_day);
CREATE INDEX posts_sector ON posts (jurisdiction_id, sector_id, id);
CREATE INDEX posts_term ON posts (term_id, id);

CREATE TABLE memberships (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    person_id uuid NOT NULL REFERENCES persons (id),
    organization_id uuid NOT NULL REFERENCES organizations (id),
    duty text NOT NULL,
    from_day date NOT NULL,
    to_day date,
    resolution text,
    end_resolution text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX memberships_page ON memberships (jurisdiction_id, id);
CREATE INDEX memberships_person ON memberships (person_id, organization_id, from_day);
CREATE INDEX memberships_organization ON memberships (organization_id, from_day);

CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    name text NOT NULL UNIQUE,
    password_hash text NOT NULL,
    must_change_password boolean NOT NULL,
    password_changed_at timestamptz NOT NULL,
    disabled boolean NOT NULL
);

-- An account in one of the jurisdictions it belongs to, and the person it links there.
CREATE TABLE account_persons (
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    account_id uuid NOT NULL REFERENCES accounts (id),
    person_id uuid REFERENCES persons (id),
    note text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (jurisdiction_id, account_id)
);
CREATE INDEX account_persons_account ON account_persons (account_id);
CREATE UNIQUE INDEX account_persons_person ON account_persons (person_id);

CREATE TABLE account_roles (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    account_id uuid NOT NULL REFERENCES accounts (id),
    role text NOT NULL,
    person_id uuid REFERENCES persons (id),
    organization_id uuid REFERENCES organizations (id)
);
CREATE INDEX account_roles_account ON account_roles (account_id, jurisdiction_id);
CREATE INDEX account_roles_organization ON account_roles (organization_id);

CREATE TABLE login_failures (
    id uuid PRIMARY KEY,
    account_hash bytea NOT NULL,
    source text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX login_failures_recent ON login_failures (account_hash, source, at);
CREATE INDEX login_failures_old ON login_failures (at);

CREATE TABLE refresh_tokens (
    id uuid PRIMARY KEY,
    family_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES accounts (id),
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    successor_id uuid,
    revoked_at timestamptz
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_account ON refresh_tokens (account_id);
CREATE INDEX refresh_tokens_old ON refresh_tokens (expires_at);

-- What a jurisdiction sets for itself ------------------------------------------------------------------------------------

CREATE TABLE settings_versions (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    from_day date NOT NULL,
    "values" jsonb NOT NULL,
    reason text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (jurisdiction_id, from_day)
);

CREATE TABLE dictionaries (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    name text NOT NULL,
    entries jsonb NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (jurisdiction_id, name)
);

CREATE TABLE calendars (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    year bigint NOT NULL,
    days_off jsonb NOT NULL,
    days_worked jsonb NOT NULL,
    source text,
    version bigint NOT NULL,
    -- The version by which open deadlines were last counted.
    counted_version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (jurisdiction_id, year)
);

-- The contact ------------------------------------------------------------------------------------------------------------

CREATE TABLE constituents (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    member_id uuid NOT NULL REFERENCES persons (id),
    name bytea,
    phone bytea,
    phone_hash bytea,
    bases text NOT NULL,
    sector_id uuid REFERENCES sectors (id),
    township text,
    note bytea,
    consent_on date,
    consent_way text,
    last_contact_on date,
    anonymised_on date,
    erased_on date,
    erase_requested_on date,
    erase_due_on date,
    erase_due_assumed boolean,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX constituents_member ON constituents (jurisdiction_id, member_id, id);
CREATE INDEX constituents_phone ON constituents (jurisdiction_id, phone_hash, id);
CREATE INDEX constituents_contact ON constituents (jurisdiction_id, last_contact_on, created_at)
    WHERE anonymised_on IS NULL AND erased_on IS NULL;

-- What was done with one person's data, by whom and why: revealed, given out, erased. The hourly limit counts here.
CREATE TABLE constituent_handlings (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    constituent_id uuid NOT NULL REFERENCES constituents (id),
    account_id uuid NOT NULL,
    person_id uuid REFERENCES persons (id),
    op text NOT NULL,
    at timestamptz NOT NULL,
    reason bytea
);
CREATE INDEX constituent_handlings_account ON constituent_handlings (account_id, at);
CREATE INDEX constituent_handlings_constituent ON constituent_handlings (constituent_id, id);

CREATE TABLE contact_assignments (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    kind text NOT NULL,
    contacting_person_id uuid REFERENCES persons (id),
    contacting_organization_id uuid REFERENCES organizations (id),
    contacted_person_id uuid REFERENCES persons (id),
    contacted_constituent_id uuid REFERENCES constituents (id),
    from_day date NOT NULL,
    to_day date,
    resolution text,
    end_reason text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX contact_assignments_page ON contact_assignments (jurisdiction_id, id);
CREATE INDEX contact_assignments_kind ON contact_assignments (jurisdiction_id, kind, id);
CREATE INDEX contact_assignments_contacting_person ON contact_assignments (contacting_person_id, jurisdiction_id, id);
CREATE INDEX contact_assignments_contacting_organization ON contact_assignments (contacting_organization_id, jurisdiction_id, id);
CREATE INDEX contact_assignments_contacted_person ON contact_assignments (contacted_person_id, jurisdiction_id, id);
CREATE INDEX contact_assignments_contacted_constituent ON contact_assignments (contacted_constituent_id, jurisdiction_id, id);

CREATE TABLE exemptions (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    person_id uuid NOT NULL REFERENCES persons (id),
    kind text NOT NULL,
    article bigint,
    from_day date NOT NULL,
    to_day date,
    reason text NOT NULL,
    resolution text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX exemptions_page ON exemptions (jurisdiction_id, id);
CREATE INDEX exemptions_person ON exemptions (person_id, from_day);
CREATE INDEX exemptions_own ON exemptions (person_id, jurisdiction_id, id);

CREATE TABLE contact_events (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    occurred_on date NOT NULL,
    form text NOT NULL,
    form_word text,
    place text,
    summary text NOT NULL,
    content_kinds text NOT NULL,
    initiated_by text NOT NULL,
    organization_id uuid REFERENCES organizations (id),
    body_confirmation text,
    body_reason text,
    body_answered_by uuid REFERENCES persons (id),
    recorded_by uuid NOT NULL REFERENCES persons (id),
    recorded_role text NOT NULL,
    review_of_year bigint,
    others_count bigint NOT NULL,
    outside_persons jsonb NOT NULL,
    publicity jsonb NOT NULL,
    services jsonb NOT NULL,
    with_people boolean NOT NULL,
    state text NOT NULL,
    settled boolean NOT NULL,
    state_reason text,
    link_id uuid,
    client_ref text,
    client_ref_hash bytea UNIQUE,
    client_ref_print bytea,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX contact_events_page ON contact_events (jurisdiction_id, occurred_on, id);
CREATE INDEX contact_events_state ON contact_events (jurisdiction_id, state, occurred_on, id);
CREATE INDEX contact_events_recorded ON contact_events (recorded_by, occurred_on, id);
CREATE INDEX contact_events_link ON contact_events (link_id);
-- What a committee has still to confirm.
CREATE INDEX contact_events_body ON contact_events (organization_id, body_confirmation, occurred_on, id) WHERE organization_id IS NOT NULL;

-- One row a person who took part; the day stands here too, so that a person's list and visits come from one index.
CREATE TABLE event_participants (
    event_id uuid NOT NULL REFERENCES contact_events (id),
    person_id uuid NOT NULL REFERENCES persons (id),
    occurred_on date NOT NULL,
    side text NOT NULL,
    confirmation text NOT NULL,
    reason text,
    answered_at timestamptz,
    PRIMARY KEY (event_id, person_id)
);
CREATE INDEX event_participants_person ON event_participants (person_id, occurred_on, event_id);

CREATE TABLE event_constituents (
    event_id uuid NOT NULL REFERENCES contact_events (id),
    constituent_id uuid NOT NULL REFERENCES constituents (id),
    PRIMARY KEY (event_id, constituent_id)
);
CREATE INDEX event_constituents_constituent ON event_constituents (constituent_id, event_id);

-- The committees within whose sectors an event's participants stood on its day.
CREATE TABLE event_committees (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    occurred_on date NOT NULL,
    event_id uuid NOT NULL REFERENCES contact_events (id),
    form text NOT NULL,
    PRIMARY KEY (organization_id, occurred_on, event_id)
);
CREATE INDEX event_committees_form ON event_committees (organization_id, form, occurred_on, event_id);
CREATE INDEX event_committees_event ON event_committees (event_id);

-- The opinion's way ------------------------------------------------------------------------------------------------------

CREATE TABLE meetings (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    name text NOT NULL,
    held_on date NOT NULL,
    place text,
    state text NOT NULL,
    state_reason text,
    closed_on date,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX meetings_page ON meetings (jurisdiction_id, id);
CREATE INDEX meetings_day ON meetings (jurisdiction_id, held_on, id);
CREATE INDEX meetings_state ON meetings (jurisdiction_id, state, held_on);

CREATE TABLE resolutions (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    meeting_id uuid NOT NULL REFERENCES meetings (id),
    number text NOT NULL,
    text text NOT NULL,
    replaces_id uuid UNIQUE REFERENCES resolutions (id),
    created_at timestamptz NOT NULL,
    UNIQUE (jurisdiction_id, number)
);
CREATE INDEX resolutions_meeting ON resolutions (meeting_id, id);

CREATE TABLE opinions (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    track text NOT NULL,
    state text NOT NULL,
    title text NOT NULL,
    category text NOT NULL,
    urgency text NOT NULL,
    author_person_id uuid REFERENCES persons (id),
    author_organization_id uuid REFERENCES organizations (id),
    sector_id uuid REFERENCES sectors (id),
    recorded_by uuid REFERENCES persons (id),
    owner_id uuid REFERENCES organizations (id),
    accepted_by uuid REFERENCES organizations (id),
    submitted_on date,
    returned_on date,
    due_kind text,
    due_on date,
    due_assumed boolean NOT NULL,
    transfers bigint NOT NULL,
    objected boolean NOT NULL,
    declined_by uuid,
    declined_on date,
    dissatisfied boolean NOT NULL,
    round bigint NOT NULL,
    meeting_id uuid REFERENCES meetings (id),
    outcome text,
    resolution_id uuid REFERENCES resolutions (id),
    reminded_on date,
    reopened boolean NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
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
    opinion_id uuid PRIMARY KEY REFERENCES opinions (id),
    situation text NOT NULL,
    analysis text,
    suggestions text,
    content_kinds text NOT NULL,
    intake text NOT NULL,
    outlet text NOT NULL,
    may_publish boolean NOT NULL,
    no_state_secrets boolean NOT NULL,
    owner_choice text,
    event_id uuid REFERENCES contact_events (id),
    contact_person_id uuid REFERENCES persons (id),
    client_ref text
);
CREATE INDEX opinion_texts_event ON opinion_texts (event_id);

-- Kept for ever, also when the draft is gone: what comes again after that must not come to life.
CREATE TABLE opinion_client_refs (
    hash bytea PRIMARY KEY,
    opinion_id uuid NOT NULL,
    fingerprint bytea NOT NULL
);

CREATE TABLE opinion_constituents (
    opinion_id uuid NOT NULL REFERENCES opinions (id),
    constituent_id uuid NOT NULL REFERENCES constituents (id),
    PRIMARY KEY (opinion_id, constituent_id)
);
CREATE INDEX opinion_constituents_constituent ON opinion_constituents (constituent_id);

CREATE TABLE opinion_transitions (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    opinion_id uuid NOT NULL REFERENCES opinions (id),
    at timestamptz NOT NULL,
    op text NOT NULL,
    from_state text,
    to_state text NOT NULL,
    role text NOT NULL,
    person_id uuid REFERENCES persons (id),
    organization_id uuid REFERENCES organizations (id),
    owner_id uuid REFERENCES organizations (id),
    reason text,
    details jsonb NOT NULL
);
CREATE INDEX opinion_transitions_opinion ON opinion_transitions (opinion_id, id);

CREATE TABLE opinion_search (
    opinion_id uuid PRIMARY KEY REFERENCES opinions (id),
    text text NOT NULL,
    tokens tsvector NOT NULL
);
CREATE INDEX opinion_search_tokens ON opinion_search USING gin (tokens);

CREATE TABLE agenda_items (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    meeting_id uuid NOT NULL REFERENCES meetings (id),
    opinion_id uuid NOT NULL REFERENCES opinions (id),
    position bigint NOT NULL,
    state text NOT NULL,
    reason text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX agenda_items_meeting ON agenda_items (meeting_id, position, id);
CREATE INDEX agenda_items_opinion ON agenda_items (opinion_id, id);

CREATE TABLE adoption_feedback (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    opinion_id uuid NOT NULL REFERENCES opinions (id),
    round bigint NOT NULL,
    author_person_id uuid REFERENCES persons (id),
    author_organization_id uuid REFERENCES organizations (id),
    sector_id uuid REFERENCES sectors (id),
    owner_id uuid REFERENCES organizations (id),
    outcome text NOT NULL,
    text text NOT NULL,
    given_on date NOT NULL,
    given_by uuid REFERENCES persons (id),
    in_time boolean,
    due_on date,
    state text NOT NULL,
    satisfaction text,
    comment text,
    acknowledged_at timestamptz,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX adoption_feedback_receipt ON adoption_feedback (opinion_id, round, author_person_id, author_organization_id);
CREATE INDEX adoption_feedback_page ON adoption_feedback (jurisdiction_id, id);
CREATE INDEX adoption_feedback_author ON adoption_feedback (author_person_id, id);
CREATE INDEX adoption_feedback_author_organization ON adoption_feedback (author_organization_id, id);
CREATE INDEX adoption_feedback_due ON adoption_feedback (jurisdiction_id, state, due_on);

-- What people are told ---------------------------------------------------------------------------------------------------

CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    jurisdiction_id uuid NOT NULL REFERENCES jurisdictions (id),
    person_id uuid REFERENCES persons (id),
    organization_id uuid REFERENCES organizations (id),
    kind text NOT NULL,
    thing_kind text NOT NULL,
    thing_id uuid NOT NULL,
    params jsonb NOT NULL,
    once bytea UNIQUE,
    created_at timestamptz NOT NULL
);
CREATE INDEX notifications_person ON notifications (person_id, id);
CREATE INDEX notifications_organization ON notifications (organization_id, id);

CREATE TABLE notification_reads (
    account_id uuid NOT NULL REFERENCES accounts (id),
    notification_id uuid NOT NULL REFERENCES notifications (id),
    read_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, notification_id)
);
