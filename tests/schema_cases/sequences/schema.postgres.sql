-- Sequences of their own, those that belong to a column, and never those behind an identity.
CREATE SEQUENCE plain;
CREATE SEQUENCE tuned AS integer START WITH 100 INCREMENT BY -5 MINVALUE -1000 MAXVALUE 1000 CYCLE;
CREATE TABLE t (id serial PRIMARY KEY, n integer DEFAULT nextval('plain'), i integer GENERATED ALWAYS AS IDENTITY);
CREATE SEQUENCE owned OWNED BY t.n;
