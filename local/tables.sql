-- The application's tables, small enough to be made in a moment and large enough to be looked at.
-- SyncUp's own schema comes with its releases; this one stands for it on this machine.
CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL UNIQUE,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE meetings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title text NOT NULL,
    held_at timestamptz NOT NULL
);
CREATE INDEX meetings_by_owner ON meetings (owner_id, held_at);
CREATE TABLE summaries (
    meeting_id bigint PRIMARY KEY REFERENCES meetings (id) ON DELETE CASCADE,
    words text NOT NULL
);
CREATE TABLE messages (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    meeting_id bigint NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    said text NOT NULL,
    sent_at timestamptz NOT NULL
);
CREATE INDEX messages_by_meeting ON messages (meeting_id);
INSERT INTO users (email, name)
    SELECT format('user%s@example.com', n), format('User %s', n) FROM generate_series(1, 1000) AS n;
INSERT INTO meetings (owner_id, title, held_at)
    SELECT 1 + n % 1000, format('Meeting %s', n), timestamptz '2026-01-01 09:00Z' + n * interval '1 hour'
    FROM generate_series(1, 5000) AS n;
INSERT INTO summaries (meeting_id, words)
    SELECT n, repeat(format('Point %s of the summary. ', n), 8) FROM generate_series(1, 5000) AS n;
INSERT INTO messages (meeting_id, said, sent_at)
    SELECT 1 + n % 5000, md5(n::text), timestamptz '2026-01-01 09:00Z' + n * interval '6 minutes'
    FROM generate_series(1, 20000) AS n;
ANALYZE users, meetings, summaries, messages;
