-- After a rename only the new names are there.
CREATE TABLE first (id integer PRIMARY KEY, a integer CHECK (a > 0));
CREATE TABLE child (id integer PRIMARY KEY, first_id integer CONSTRAINT of_first REFERENCES first (id));
CREATE INDEX first_a ON first (a) WHERE a > 5;
ALTER TABLE first RENAME TO second;
ALTER TABLE second RENAME COLUMN a TO b;
ALTER TABLE child RENAME COLUMN first_id TO second_id;
