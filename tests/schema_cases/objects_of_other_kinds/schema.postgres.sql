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
CREATE DOMAIN home AS address;
CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 2 * $1';
CREATE FUNCTION of_home(home) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE TABLE users_of_them (
    id integer PRIMARY KEY, a integer DEFAULT twice(1), b integer CHECK (b === 1), c integer DEFAULT of_home(NULL),
    d integer DEFAULT (('(x,y)'::address).street)::integer, e text
);
CREATE TABLE of_a_collation (id integer PRIMARY KEY, a text COLLATE mine);
CREATE TABLE of_a_domain (id integer PRIMARY KEY, a home);
CREATE TABLE generated (id integer PRIMARY KEY, a integer GENERATED ALWAYS AS (twice(id)) STORED);
CREATE INDEX of_a_function ON users_of_them (twice(a)) WHERE twice(b) > 1;
CREATE INDEX of_a_search ON users_of_them USING gin (to_tsvector('own', e));
ALTER TABLE users_of_them REPLICA IDENTITY FULL;
