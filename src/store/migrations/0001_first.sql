-- Times are microseconds since 1970. The plan is replaced as a whole; what lessons have been through is not part of it
-- and points to it by id only, so that it outlives the plan.

CREATE TABLE school (
    id   TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('lead', 'member', 'teaching_point'))
) STRICT;

CREATE TABLE room (
    id     TEXT PRIMARY KEY,
    school TEXT NOT NULL REFERENCES school (id),
    name   TEXT NOT NULL
) STRICT;

CREATE TABLE person (
    id     TEXT PRIMARY KEY,
    school TEXT NOT NULL REFERENCES school (id),
    name   TEXT NOT NULL
) STRICT;

CREATE TABLE pairing (
    place     INTEGER PRIMARY KEY,
    lead      TEXT NOT NULL REFERENCES school (id),
    room      TEXT NOT NULL REFERENCES room (id),
    starts_us INTEGER NOT NULL,
    ends_us   INTEGER NOT NULL CHECK (starts_us < ends_us)
) STRICT;

CREATE TABLE entry (
    lesson    TEXT PRIMARY KEY,
    title     TEXT NOT NULL,
    subject   TEXT NOT NULL,
    teacher   TEXT NOT NULL REFERENCES person (id),
    lead      TEXT NOT NULL REFERENCES school (id),
    starts_us INTEGER NOT NULL,
    ends_us   INTEGER NOT NULL CHECK (starts_us < ends_us)
) STRICT;

CREATE TABLE invitation (
    lesson TEXT NOT NULL REFERENCES entry (lesson),
    place  INTEGER NOT NULL,
    room   TEXT NOT NULL REFERENCES room (id),
    PRIMARY KEY (lesson, place)
) STRICT;

CREATE TABLE progress (
    lesson   TEXT PRIMARY KEY,
    phase    TEXT NOT NULL CHECK (phase IN ('planned', 'live', 'ended')),
    began_us INTEGER,
    ended_us INTEGER
) STRICT;

CREATE TABLE ledger (
    line   INTEGER PRIMARY KEY,
    at_us  INTEGER NOT NULL,
    lesson TEXT NOT NULL,
    actor  TEXT NOT NULL,
    what   TEXT NOT NULL
) STRICT;

CREATE INDEX ledger_of_lesson ON ledger (lesson, line);

CREATE TABLE viewing (
    lesson   TEXT NOT NULL,
    from_us  INTEGER NOT NULL,
    who      TEXT NOT NULL,
    until_us INTEGER,
    PRIMARY KEY (lesson, from_us, who)
) STRICT;
