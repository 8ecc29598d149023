-- What the model has no place for is listed.
CREATE TABLE t (id integer PRIMARY KEY, a integer, b integer);
CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer);
CREATE TYPE address AS (street text, city text);
CREATE TYPE span AS RANGE (SUBTYPE = integer);
CREATE RULE nothing AS ON DELETE TO t DO INSTEAD NOTHING;
CREATE STATISTICS t_stats ON a, b FROM t;
CREATE COLLATION mine FROM "C";
CREATE OPERATOR === (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq);
CREATE TEXT SEARCH CONFIGURATION own (COPY = simple);
CREATE TABLE homes (id integer PRIMARY KEY, home address, years span);
