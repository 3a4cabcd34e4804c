-- Everything around a call: what a person sets, whom they block, how they name and group contacts, what is written and said
-- between calls, and what the history keeps of a seat.

-- Whether calls to this person are offered as waiting while they are in another; refused as busy otherwise.
ALTER TABLE users ADD COLUMN call_waiting BIGINT NOT NULL DEFAULT 1;

-- The name a person gives to a contact of theirs, for themselves alone.
ALTER TABLE contacts ADD COLUMN own_name TEXT;

-- Labels: a person's own groups of contacts.
CREATE TABLE labels (
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    CONSTRAINT labels_pkey PRIMARY KEY (id),
    CONSTRAINT labels_name_key UNIQUE (user_id, name),
    CONSTRAINT labels_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

-- Which contacts carry a label. A contact that is removed loses its labels.
CREATE TABLE contact_labels (
    label_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    CONSTRAINT contact_labels_pkey PRIMARY KEY (label_id, contact_id),
    CONSTRAINT contact_labels_label_fkey FOREIGN KEY (label_id) REFERENCES labels (id) ON DELETE CASCADE,
    CONSTRAINT contact_labels_contact_fkey FOREIGN KEY (user_id, contact_id) REFERENCES contacts (user_id, contact_id) ON DELETE CASCADE
);
CREATE INDEX contact_labels_contact_idx ON contact_labels (user_id, contact_id);

-- Whom a person has blocked, contacts and others.
CREATE TABLE blocks (
    user_id TEXT NOT NULL,
    blocked_id TEXT NOT NULL,
    since_ms BIGINT NOT NULL,
    CONSTRAINT blocks_pkey PRIMARY KEY (user_id, blocked_id),
    CONSTRAINT blocks_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT blocks_blocked_fkey FOREIGN KEY (blocked_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT blocks_two_people_check CHECK (user_id <> blocked_id)
);
CREATE INDEX blocks_blocked_idx ON blocks (blocked_id);

-- Conversations, a row for each of the two: the last message its owner sees, and how far they have read ('' is not at all).
CREATE TABLE conversations (
    owner_id TEXT NOT NULL,
    with_id TEXT NOT NULL,
    last_id TEXT NOT NULL,
    read_id TEXT NOT NULL DEFAULT '',
    CONSTRAINT conversations_pkey PRIMARY KEY (owner_id, with_id),
    CONSTRAINT conversations_owner_fkey FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT conversations_with_fkey FOREIGN KEY (with_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX conversations_latest_idx ON conversations (owner_id, last_id);
CREATE INDEX conversations_with_idx ON conversations (with_id);

-- Messages. A message has a row for each of the two who see it, so that a conversation is read by one index; one that its
-- addressee's block kept away has the sender's row alone. The key is the sender's: what is sent twice is one message.
CREATE TABLE messages (
    owner_id TEXT NOT NULL,
    with_id TEXT NOT NULL,
    id TEXT NOT NULL,
    from_id TEXT NOT NULL,
    sent_ms BIGINT NOT NULL,
    send_key TEXT,
    body TEXT,
    clip_id TEXT,
    clip_type TEXT,
    clip_duration_ms BIGINT,
    clip_bytes BIGINT,
    CONSTRAINT messages_pkey PRIMARY KEY (owner_id, with_id, id),
    CONSTRAINT messages_key_key UNIQUE (owner_id, with_id, send_key),
    CONSTRAINT messages_conversation_fkey FOREIGN KEY (owner_id, with_id) REFERENCES conversations (owner_id, with_id) ON DELETE CASCADE,
    CONSTRAINT messages_body_check CHECK ((body IS NULL) = (clip_id IS NOT NULL)),
    CONSTRAINT messages_clip_check CHECK ((clip_id IS NULL) = (clip_type IS NULL))
);
CREATE INDEX messages_clip_idx ON messages (clip_id, owner_id) WHERE clip_id IS NOT NULL;

-- What the history keeps of a seat: its place among the seats, who asked its user in, until when it rings, whether its user may
-- not know of the call (they blocked who called), when it was taken first and left last, whether its user has seen that they
-- missed the call.
ALTER TABLE call_seats ADD COLUMN place BIGINT NOT NULL DEFAULT 0;
ALTER TABLE call_seats ADD COLUMN by_id TEXT;
ALTER TABLE call_seats ADD COLUMN rings_until_ms BIGINT;
ALTER TABLE call_seats ADD COLUMN barred BIGINT NOT NULL DEFAULT 0;
ALTER TABLE call_seats ADD COLUMN joined_ms BIGINT;
ALTER TABLE call_seats ADD COLUMN left_ms BIGINT;
ALTER TABLE call_seats ADD COLUMN seen BIGINT NOT NULL DEFAULT 0;
UPDATE call_seats SET place = 1 WHERE user_id <> (SELECT c.caller_id FROM calls c WHERE c.id = call_seats.call_id);

-- A page of the history begins after a call, not after a time: two calls may be placed in the same millisecond.
DROP INDEX call_seats_history_idx;
CREATE INDEX call_seats_history_idx ON call_seats (user_id, placed_ms, call_id);
-- Calls that were missed and not seen: few, and counted often.
CREATE INDEX call_seats_missed_idx ON call_seats (user_id)
    WHERE seen = 0 AND barred = 0 AND joined_ms IS NULL AND state IN ('missed', 'cancelled', 'busy', 'unreachable');

-- How a seat heard and saw its call, written when it is left.
CREATE TABLE call_quality (
    call_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    loss DOUBLE PRECISION NOT NULL,
    rtt_ms DOUBLE PRECISION NOT NULL,
    jitter_ms DOUBLE PRECISION NOT NULL,
    mos DOUBLE PRECISION NOT NULL,
    frozen_ms BIGINT NOT NULL,
    worst_at_ms BIGINT NOT NULL,
    worst_mos DOUBLE PRECISION NOT NULL,
    CONSTRAINT call_quality_pkey PRIMARY KEY (call_id, user_id),
    CONSTRAINT call_quality_seat_fkey FOREIGN KEY (call_id, user_id) REFERENCES call_seats (call_id, user_id) ON DELETE CASCADE
);

-- When this server was last known to run while calls did: what a server that comes back takes as the end of calls it has lost.
CREATE TABLE heartbeats (
    node TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    CONSTRAINT heartbeats_pkey PRIMARY KEY (node)
);
