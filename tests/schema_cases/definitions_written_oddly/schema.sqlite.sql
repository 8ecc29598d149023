-- Comments, missing commas, other quotes: SQLite keeps the text as it was written.
create table if not exists [my table] ( -- the first
    `id` integer constraint pk primary key on conflict replace autoincrement, /* ) */
    'name' text not null on conflict fail default (trim(' x ')) collate nocase,
    parent int constraint up references [my table] (id) on delete cascade deferrable initially deferred,
    check (name <> ')') constraint named check (id > 0)
    unique (name, parent) on conflict ignore
);
CREATE INDEX [my index] ON [my table] (name COLLATE binary ASC, `parent` desc) WHERE name IS NOT NULL -- the end
;
CREATE TABLE copied AS SELECT 1 AS one, 'x' AS two;
CREATE TABLE conflicts (
    id integer, name text NOT NULL ON CONFLICT IGNORE UNIQUE ON CONFLICT REPLACE, code text NOT NULL ON CONFLICT ABORT,
    PRIMARY KEY (id, code COLLATE NOCASE) ON CONFLICT FAIL, UNIQUE (code COLLATE nocase), CHECK (id > 0) ON CONFLICT IGNORE
);
CREATE TABLE waits (id integer PRIMARY KEY, other integer REFERENCES waits (id) NOT DEFERRABLE INITIALLY DEFERRED, "true" text, CHECK (id > 0 OR "true" = 'x'));
CREATE INDEX of_a_text ON waits (('true'), (ID));
