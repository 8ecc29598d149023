-- not expressed:
-- column `loose.d`: a key of PostgreSQL is NOT NULL, and one of SQLite may be NULL
-- column `loose.e`: a key of PostgreSQL is NOT NULL, and one of SQLite may be NULL
-- column `one.a`: a key of PostgreSQL is NOT NULL, and one of SQLite may be NULL
-- column `strict_types.b`: it takes values of any type, and a column of PostgreSQL has those of one
-- table `stored_by_key`: PostgreSQL has no WITHOUT ROWID

CREATE TABLE "loose" (
    "a" bigint,
    "b" bigint NOT NULL,
    "c" bigint,
    "d" text NOT NULL,
    "e" text NOT NULL,
    PRIMARY KEY ("d", "e")
);
CREATE TABLE "one" (
    "a" text NOT NULL,
    PRIMARY KEY ("a")
);
CREATE TABLE "stored_by_key" (
    "a" text NOT NULL,
    "b" text NOT NULL,
    PRIMARY KEY ("a", "b")
);
CREATE TABLE "strict_types" (
    "a" text NOT NULL,
    "b" text,
    "c" bigint,
    PRIMARY KEY ("a")
);
