-- not expressed:
-- column `words.a`: PostgreSQL does not have the collation `NOCASE`
-- column `words.a`: a key of PostgreSQL is NOT NULL, and one of SQLite may be NULL
-- column `words.b`: PostgreSQL does not have the collation `rtrim`
-- index `words.words_c`: PostgreSQL does not have the collation `NOCASE`
-- index `words.words_lower`: PostgreSQL does not have the collation `NOCASE`
-- primary key `words.words_pkey`: it compares texts by their bytes, and in SQLite by a collation

CREATE TABLE "words" (
    "a" text NOT NULL,
    "b" text,
    "c" text,
    "d" text,
    PRIMARY KEY ("a")
);
