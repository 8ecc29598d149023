-- NOT VALID, NO INHERIT, MATCH FULL, and SET NULL of some columns.
-- since: 15
CREATE TABLE parents (a integer, b integer, PRIMARY KEY (a, b));
CREATE TABLE children (
    a integer, b integer, c integer,
    CONSTRAINT whole FOREIGN KEY (a, b) REFERENCES parents MATCH FULL,
    CONSTRAINT partly FOREIGN KEY (a, c) REFERENCES parents (a, b) ON DELETE SET NULL (c),
    CONSTRAINT own CHECK (c > 0) NO INHERIT
);
ALTER TABLE children ADD CONSTRAINT later CHECK (b > 0) NOT VALID;
ALTER TABLE children ADD CONSTRAINT later_too FOREIGN KEY (b, c) REFERENCES parents (a, b) NOT VALID;
CREATE TABLE alike (LIKE children INCLUDING ALL, CHECK (a > 1) NOT VALID);
CREATE DOMAIN counted AS integer CHECK (VALUE < 100);
ALTER DOMAIN counted ADD CONSTRAINT above CHECK (VALUE > 0) NOT VALID;
CREATE TABLE counts (id integer PRIMARY KEY, n counted);
CREATE TABLE base (a integer);
CREATE TABLE above () INHERITS (base);
ALTER TABLE base ADD CONSTRAINT both_of_them CHECK (a > 0) NOT VALID;
