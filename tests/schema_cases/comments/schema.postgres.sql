-- Comments of everything that the model has comments for.
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE TABLE t (id integer PRIMARY KEY, a positive, CONSTRAINT a_small CHECK (a < 10));
CREATE INDEX t_a ON t (a);
CREATE VIEW v AS SELECT id FROM t;
CREATE SEQUENCE s;
CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
COMMENT ON TYPE mood IS 'how it feels';
COMMENT ON DOMAIN positive IS 'more than nothing';
COMMENT ON TABLE t IS 'it''s a table';
COMMENT ON COLUMN t.a IS 'line one
line two';
COMMENT ON CONSTRAINT a_small ON t IS 'not much';
COMMENT ON INDEX t_a IS 'by a';
COMMENT ON VIEW v IS 'a view';
COMMENT ON SEQUENCE s IS 'numbers';
COMMENT ON FUNCTION f() IS 'one';
