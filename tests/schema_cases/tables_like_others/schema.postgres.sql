-- LIKE, OF and AS make tables like any other.
CREATE TYPE pair AS (a integer, b text);
CREATE TABLE model (id integer PRIMARY KEY, name varchar(9) NOT NULL DEFAULT 'x' CHECK (name <> ''), UNIQUE (name));
CREATE TABLE same (LIKE model INCLUDING ALL);
CREATE TABLE bare (LIKE model);
CREATE TABLE typed OF pair (a WITH OPTIONS PRIMARY KEY);
CREATE TABLE queried AS SELECT id, name FROM model;
CREATE UNLOGGED TABLE fast (id integer);
