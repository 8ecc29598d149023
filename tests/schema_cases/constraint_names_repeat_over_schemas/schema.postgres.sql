-- schemas: public, other
-- The referenced table is told by its number, so a constraint of the same name elsewhere does not matter.
CREATE SCHEMA other;
CREATE TABLE parents (id integer CONSTRAINT parents_key PRIMARY KEY);
CREATE TABLE children (id integer PRIMARY KEY, parent integer CONSTRAINT to_parent REFERENCES parents (id));
CREATE TABLE other.parents (code text CONSTRAINT parents_key PRIMARY KEY);
CREATE TABLE other.children (id integer PRIMARY KEY, parent text CONSTRAINT to_parent REFERENCES other.parents (code) ON DELETE CASCADE);
