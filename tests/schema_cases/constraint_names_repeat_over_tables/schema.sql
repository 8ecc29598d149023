-- A foreign key or a check is told by its table and its name, never by its name alone.
CREATE TABLE a (id integer PRIMARY KEY, CONSTRAINT positive CHECK (id > 0));
CREATE TABLE b (id integer PRIMARY KEY, code varchar(4) UNIQUE, CONSTRAINT positive CHECK (id > 100));
CREATE TABLE a_child (
    id integer PRIMARY KEY,
    ref integer CONSTRAINT to_parent REFERENCES a (id) ON DELETE CASCADE
);
CREATE TABLE b_child (
    id integer PRIMARY KEY,
    ref varchar(4) CONSTRAINT to_parent REFERENCES b (code)
);
