-- Columns and checks that come from a parent are there.
CREATE TABLE places (name text NOT NULL, height integer CHECK (height > 0), CHECK (name <> '') NO INHERIT);
CREATE TABLE capitals (country varchar(2) PRIMARY KEY) INHERITS (places);
CREATE TABLE marked (mark integer);
CREATE TABLE both_of_them (own text) INHERITS (places, marked);
