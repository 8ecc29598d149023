-- The columns of a virtual table are its module's.
CREATE VIRTUAL TABLE words USING fts5(text);
CREATE VIRTUAL TABLE boxes USING rtree(id, low, high);
CREATE TABLE t (id integer PRIMARY KEY);
