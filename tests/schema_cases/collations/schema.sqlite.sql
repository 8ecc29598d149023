-- A collation of a column, and of an index.
CREATE TABLE words (a text COLLATE NOCASE PRIMARY KEY, b text COLLATE rtrim, c text, d text COLLATE BINARY);
CREATE INDEX words_c ON words (c COLLATE NOCASE, b);
CREATE INDEX words_lower ON words (lower(c) COLLATE NOCASE DESC);
