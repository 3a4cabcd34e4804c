-- Every statement here is taken by SQLite and by Postgres alike. Ids are UUIDs as text, times are UTC milliseconds.

-- Accounts. A person is known to others by an E.164 phone number and a display name.
CREATE TABLE users (
    id TEXT NOT NULL,
    phone TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_phone_key UNIQUE (phone)
);

-- Logins. The token itself is known to its holder alone; here is its SHA-256.
CREATE TABLE sessions (
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    device TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    last_seen_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_token_hash_key UNIQUE (token_hash),
    CONSTRAINT sessions_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX sessions_user_idx ON sessions (user_id, last_seen_ms);
CREATE INDEX sessions_expires_idx ON sessions (expires_ms);

-- Invitations to become contacts that were neither accepted, declined nor withdrawn.
CREATE TABLE invitations (
    from_id TEXT NOT NULL,
    to_id TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    CONSTRAINT invitations_pkey PRIMARY KEY (from_id, to_id),
    CONSTRAINT invitations_from_fkey FOREIGN KEY (from_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT invitations_to_fkey FOREIGN KEY (to_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT invitations_two_people_check CHECK (from_id <> to_id)
);
CREATE INDEX invitations_to_idx ON invitations (to_id, created_ms);

-- Contacts. A pair of people has two rows, one for each side, so that a list is read by one index.
CREATE TABLE contacts (
    user_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    since_ms BIGINT NOT NULL,
    CONSTRAINT contacts_pkey PRIMARY KEY (user_id, contact_id),
    CONSTRAINT contacts_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT contacts_contact_fkey FOREIGN KEY (contact_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT contacts_two_people_check CHECK (user_id <> contact_id)
);
CREATE INDEX contacts_contact_idx ON contacts (contact_id);

-- Calls, from the moment they are placed. A call that runs has no ended_ms.
CREATE TABLE calls (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    caller_id TEXT NOT NULL,
    placed_ms BIGINT NOT NULL,
    answered_ms BIGINT,
    ended_ms BIGINT,
    reason TEXT,
    CONSTRAINT calls_pkey PRIMARY KEY (id),
    CONSTRAINT calls_caller_fkey FOREIGN KEY (caller_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT calls_ended_check CHECK ((ended_ms IS NULL) = (reason IS NULL))
);
CREATE INDEX calls_running_idx ON calls (id) WHERE ended_ms IS NULL;

-- Seats: each person's part in a call, the caller's too, as it stood last. placed_ms repeats the call's, for the history's order.
CREATE TABLE call_seats (
    call_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    placed_ms BIGINT NOT NULL,
    state TEXT NOT NULL,
    changed_ms BIGINT NOT NULL,
    device_id TEXT,
    CONSTRAINT call_seats_pkey PRIMARY KEY (call_id, user_id),
    CONSTRAINT call_seats_call_fkey FOREIGN KEY (call_id) REFERENCES calls (id) ON DELETE CASCADE,
    CONSTRAINT call_seats_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX call_seats_history_idx ON call_seats (user_id, placed_ms);
