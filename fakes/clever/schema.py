"""The tables of Clever's store."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    number INTEGER PRIMARY KEY,
    space TEXT NOT NULL,
    sis_id TEXT NOT NULL,
    delivered BLOB,
    email TEXT,
    clever_id TEXT,
    UNIQUE (space, sis_id)
);
CREATE INDEX IF NOT EXISTS entries_by_record ON entries (clever_id);
CREATE INDEX IF NOT EXISTS entries_in_order ON entries (space, clever_id);
CREATE INDEX IF NOT EXISTS entries_by_email ON entries (email) WHERE email IS NOT NULL;

CREATE TABLE IF NOT EXISTS mentions (
    holder INTEGER NOT NULL,
    named INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    PRIMARY KEY (holder, named)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS mentions_of ON mentions (named, holder, rank);

CREATE TABLE IF NOT EXISTS identities (
    entry INTEGER NOT NULL,
    form TEXT NOT NULL,
    clever_id TEXT NOT NULL,
    left_at TEXT,
    PRIMARY KEY (entry, form, clever_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS identities_by_id ON identities (clever_id);

CREATE TABLE IF NOT EXISTS records (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    shared INTEGER NOT NULL,
    created TEXT NOT NULL,
    modified TEXT NOT NULL,
    v30 BLOB NOT NULL,
    v31 BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS records_listed ON records (kind, id, shared);

CREATE TABLE IF NOT EXISTS events (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    shared INTEGER NOT NULL,
    v30 BLOB,
    v31 BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS event_schools (
    school TEXT NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (school, event)
) WITHOUT ROWID;

-- Sheets are stored bytes of lists; "pressed" names the lists whose sheets count (fakes.clever.sheets).
CREATE TABLE IF NOT EXISTS sheets (
    list TEXT NOT NULL,
    last TEXT NOT NULL,
    size INTEGER NOT NULL,
    shared INTEGER NOT NULL,
    ids BLOB NOT NULL,
    ends BLOB NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (list, last)
);
CREATE TABLE IF NOT EXISTS pressed (list TEXT PRIMARY KEY, kind TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS queued (number INTEGER PRIMARY KEY, row BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS state (number INTEGER PRIMARY KEY CHECK (number = 1), body BLOB NOT NULL);

CREATE VIEW IF NOT EXISTS reach (clever_id, dbn) AS
    SELECT clever_id, sis_id FROM entries WHERE space = 'school'
    UNION ALL
    SELECT holder.clever_id, school.sis_id
    FROM entries holder
    JOIN mentions ON mentions.holder = holder.number
    JOIN entries school ON school.number = mentions.named AND school.space = 'school'
    UNION ALL
    SELECT far.clever_id, school.sis_id
    FROM entries far
    JOIN mentions near ON near.holder = far.number
    JOIN mentions place ON place.holder = near.named
    JOIN entries school ON school.number = place.named AND school.space = 'school'
    WHERE far.space IN ('contact', 'resource');
"""

SHARE = """
UPDATE records SET shared = (shared & ~:bit) | (:bit * (
    kind IN (SELECT value FROM json_each(:kinds))
    AND (
        NOT EXISTS (SELECT 1 FROM reach WHERE reach.clever_id = records.id)
        OR EXISTS (
            SELECT 1 FROM reach WHERE reach.clever_id = records.id
            AND reach.dbn NOT IN (SELECT value FROM json_each(:withheld_schools))
        )
        OR EXISTS (SELECT 1 FROM entries e WHERE e.clever_id = records.id AND e.space = 'district_admin')
    )
))
"""
"""H11: a record is shared when one of its schools is, or when it belongs to none. One bit for every application."""
