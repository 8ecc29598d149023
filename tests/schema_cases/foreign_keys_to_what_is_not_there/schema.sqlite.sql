-- SQLite takes a foreign key to a table that does not exist yet.
CREATE TABLE t (id integer PRIMARY KEY, a integer REFERENCES nowhere, b integer REFERENCES elsewhere (x));
