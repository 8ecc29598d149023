-- A collation of a column, of an index, and the database's own, which is none.
CREATE TABLE words (a text COLLATE "C" PRIMARY KEY, b varchar(9) COLLATE "POSIX", c text, d text COLLATE "default");
CREATE INDEX words_c ON words (c COLLATE "C", b);
CREATE INDEX words_lower ON words (lower(c) COLLATE "C");
CREATE INDEX words_own ON words (lower(a), lower(b) COLLATE "C", a COLLATE "C", (b));
CREATE DOMAIN code AS text COLLATE "C";
CREATE TABLE coded (a code, b code COLLATE "C", c code COLLATE "default", d text);
ALTER TABLE coded ALTER COLUMN d TYPE text COLLATE "default";
CREATE INDEX coded_ab ON coded (a COLLATE "C", b, c COLLATE "C", (d));
CREATE INDEX words_a ON words (a COLLATE "default", b COLLATE "C");
