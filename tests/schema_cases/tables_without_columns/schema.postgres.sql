-- PostgreSQL has them.
CREATE TABLE nothing ();
CREATE TABLE emptied (a integer PRIMARY KEY);
ALTER TABLE emptied DROP COLUMN a;
