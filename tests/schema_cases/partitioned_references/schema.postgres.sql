-- A foreign key between partitioned tables is one, not one a partition.
CREATE TABLE parents (id integer PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE parents_1 PARTITION OF parents FOR VALUES FROM (0) TO (10);
CREATE TABLE children (id integer PRIMARY KEY, parent_id integer CONSTRAINT of_parent REFERENCES parents (id) ON DELETE CASCADE) PARTITION BY RANGE (id);
CREATE TABLE children_1 PARTITION OF children FOR VALUES FROM (0) TO (10);
CREATE TABLE children_2 (id integer NOT NULL, parent_id integer);
ALTER TABLE children ATTACH PARTITION children_2 FOR VALUES FROM (10) TO (MAXVALUE);
