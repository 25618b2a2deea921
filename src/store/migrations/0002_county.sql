-- Districts, groups, pairings of schools instead of rooms, the weekly timetable, and a log of every change of the plan.

CREATE TABLE district (
    id   TEXT PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;

ALTER TABLE school ADD COLUMN district TEXT REFERENCES district (id);

CREATE TABLE school_group (
    id   TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('integrated', 'urban_rural', 'network'))
) STRICT;

CREATE TABLE group_member (
    school_group TEXT NOT NULL REFERENCES school_group (id),
    place        INTEGER NOT NULL,
    school       TEXT NOT NULL REFERENCES school (id),
    PRIMARY KEY (school_group, place)
) STRICT;

CREATE TABLE school_pairing (
    id        TEXT PRIMARY KEY,
    lead      TEXT NOT NULL REFERENCES school (id),
    member    TEXT NOT NULL REFERENCES school (id),
    kind      TEXT NOT NULL CHECK (kind IN ('integrated', 'urban_rural', 'network')),
    starts_us INTEGER NOT NULL,
    ends_us   INTEGER NOT NULL CHECK (starts_us < ends_us)
) STRICT;

INSERT INTO school_pairing (id, lead, member, kind, starts_us, ends_us)
SELECT SUBSTR(pairing.lead, 1, 31) || '-' || SUBSTR(room.school, 1, 31), pairing.lead, room.school, 'urban_rural',
       MIN(pairing.starts_us), MAX(pairing.ends_us)
FROM pairing JOIN room ON room.id = pairing.room
GROUP BY pairing.lead, room.school;

DROP TABLE pairing;

CREATE TABLE room_pair (
    place     INTEGER PRIMARY KEY,
    pairing   TEXT NOT NULL REFERENCES school_pairing (id),
    lead_room TEXT NOT NULL REFERENCES room (id),
    room      TEXT NOT NULL REFERENCES room (id)
) STRICT;

-- Days are written like 2026-09-01, times of a day are minutes after midnight.
CREATE TABLE term (
    id        TEXT PRIMARY KEY,
    name      TEXT NOT NULL,
    first_day TEXT NOT NULL,
    weeks     INTEGER NOT NULL
) STRICT;

CREATE TABLE bell (
    place        INTEGER PRIMARY KEY,
    school       TEXT REFERENCES school (id),
    period       INTEGER NOT NULL,
    starts_min   INTEGER NOT NULL,
    lasts_min    INTEGER NOT NULL
) STRICT;

CREATE TABLE weekly (
    id         TEXT PRIMARY KEY,
    place      INTEGER NOT NULL,
    term       TEXT NOT NULL REFERENCES term (id),
    weekday    INTEGER NOT NULL,
    period     INTEGER NOT NULL,
    weeks      TEXT NOT NULL CHECK (weeks IN ('all', 'odd', 'even')),
    from_week  INTEGER NOT NULL,
    until_week INTEGER NOT NULL,
    title      TEXT NOT NULL,
    subject    TEXT NOT NULL,
    teacher    TEXT NOT NULL REFERENCES person (id),
    lead       TEXT NOT NULL REFERENCES school (id),
    lead_room  TEXT REFERENCES room (id)
) STRICT;

CREATE TABLE weekly_invitation (
    weekly TEXT NOT NULL REFERENCES weekly (id),
    place  INTEGER NOT NULL,
    room   TEXT NOT NULL REFERENCES room (id),
    PRIMARY KEY (weekly, place)
) STRICT;

CREATE TABLE amendment (
    place      INTEGER PRIMARY KEY,
    weekly     TEXT NOT NULL REFERENCES weekly (id),
    on_day     TEXT NOT NULL,
    what       TEXT NOT NULL CHECK (what IN ('moved', 'substitute', 'cancelled')),
    to_day     TEXT,
    to_period  INTEGER,
    substitute TEXT REFERENCES person (id),
    reason     TEXT NOT NULL
) STRICT;

CREATE TABLE bell_shift (
    place       INTEGER PRIMARY KEY,
    on_day      TEXT NOT NULL,
    school      TEXT REFERENCES school (id),
    shift_min   INTEGER NOT NULL,
    reason      TEXT NOT NULL
) STRICT;

CREATE TABLE plan_log (
    line  INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL,
    actor TEXT NOT NULL,
    what  TEXT NOT NULL
) STRICT;
