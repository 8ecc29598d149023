-- schemas: public, audit, Other
CREATE SCHEMA audit;
CREATE SCHEMA unseen;
CREATE TABLE users (id integer PRIMARY KEY, name text);
CREATE TABLE audit.users (id bigint PRIMARY KEY, was text NOT NULL, user_id integer REFERENCES users (id));
CREATE TABLE unseen.users (id integer);
CREATE INDEX users_name ON users (name);
CREATE INDEX users_name ON audit.users (was);
