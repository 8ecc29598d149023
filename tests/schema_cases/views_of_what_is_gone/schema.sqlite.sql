-- A view that does not run any more has no columns, and spoils nothing.
CREATE TABLE t (id integer PRIMARY KEY, a integer);
CREATE TABLE gone (b text);
CREATE VIEW good AS SELECT a, a + 1 AS next FROM t;
CREATE VIEW broken AS SELECT b FROM gone;
DROP TABLE gone;
