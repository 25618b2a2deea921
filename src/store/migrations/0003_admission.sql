-- Accounts of people, what they may do, their logins, the devices of rooms, keys that were taken back, and who did what
-- at the doors. None of it is part of the plan, which is replaced as a whole: persons and rooms are named by id only.

CREATE TABLE account (
    id          TEXT PRIMARY KEY,
    person      TEXT,
    password    TEXT NOT NULL,
    must_change INTEGER NOT NULL,
    demo        INTEGER NOT NULL,
    revoked     INTEGER NOT NULL
) STRICT;

CREATE TABLE account_grant (
    id       TEXT PRIMARY KEY,
    account  TEXT NOT NULL REFERENCES account (id),
    role     TEXT NOT NULL,
    scope    TEXT NOT NULL,
    until_us INTEGER NOT NULL
) STRICT;

CREATE TABLE login_session (
    id       TEXT PRIMARY KEY,
    account  TEXT NOT NULL REFERENCES account (id),
    until_us INTEGER NOT NULL
) STRICT;

CREATE TABLE device (
    id        TEXT PRIMARY KEY,
    room      TEXT NOT NULL UNIQUE,
    since_us  INTEGER NOT NULL,
    paired_by TEXT NOT NULL
) STRICT;

CREATE TABLE revoked_key (
    id       TEXT PRIMARY KEY,
    until_us INTEGER NOT NULL
) STRICT;

-- One row: another number after each change of the tables above.
CREATE TABLE register_revision (
    place    INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL
) STRICT;

INSERT INTO register_revision (place, revision) VALUES (1, 0);

CREATE TABLE audit (
    line    INTEGER PRIMARY KEY,
    at_us   INTEGER NOT NULL,
    who     TEXT NOT NULL,
    what    TEXT NOT NULL,
    object  TEXT NOT NULL,
    school  TEXT,
    address TEXT
) STRICT;

CREATE INDEX audit_by_time ON audit (at_us, line);
