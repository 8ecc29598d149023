-- What an extension brings is the extension's; a column may have its types.
CREATE EXTENSION IF NOT EXISTS plpgsql WITH SCHEMA pg_catalog;
CREATE EXTENSION citext;
CREATE EXTENSION pg_trgm;
CREATE TABLE users (id integer PRIMARY KEY, email citext NOT NULL UNIQUE, names citext[]);
CREATE INDEX users_email ON users USING gin ((email::text) gin_trgm_ops);
CREATE INDEX users_tuned ON users USING gist ((email::text) gist_trgm_ops (siglen = '32'));
