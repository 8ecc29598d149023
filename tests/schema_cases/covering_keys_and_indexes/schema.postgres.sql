-- INCLUDE and NULLS NOT DISTINCT, of constraints and of indexes.
-- since: 15
CREATE TABLE t (
    id integer, a integer, b integer, c text, d text,
    CONSTRAINT t_key PRIMARY KEY (id) INCLUDE (a, b),
    CONSTRAINT t_c UNIQUE NULLS NOT DISTINCT (c, d) INCLUDE (id),
    UNIQUE (a) DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX t_b ON t (b) INCLUDE (c, d) NULLS NOT DISTINCT;
CREATE INDEX t_d ON t (d, c) INCLUDE (a) WHERE a > 0;
