-- A foreign table is no table of ours.
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER far FOREIGN DATA WRAPPER nowhere;
CREATE FOREIGN TABLE there (id integer NOT NULL) SERVER far;
CREATE TABLE here (id integer PRIMARY KEY);
