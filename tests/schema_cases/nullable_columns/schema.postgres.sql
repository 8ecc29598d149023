-- NOT NULL from a constraint, from a key, from an identity, and after the fact.
CREATE TABLE t (a integer, b integer NOT NULL, c integer NULL, d integer, e integer, PRIMARY KEY (d, e));
ALTER TABLE t ALTER COLUMN a SET NOT NULL;
ALTER TABLE t ALTER COLUMN b DROP NOT NULL;
