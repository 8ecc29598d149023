-- Arrays of any dimensions are arrays.
CREATE TABLE t (a integer[], b text[][], c varchar(5)[], d numeric(6, 2)[3], e timestamptz[] NOT NULL DEFAULT '{}', f jsonb[]);
