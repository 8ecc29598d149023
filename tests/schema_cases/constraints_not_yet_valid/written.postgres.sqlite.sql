-- not expressed:
-- check `above.both_of_them`: SQLite has no NOT VALID: it holds for all rows
-- check `alike.own`: SQLite has no NO INHERIT
-- check `base.both_of_them`: SQLite has no NOT VALID: it holds for all rows
-- check `children.later`: SQLite has no NOT VALID: it holds for all rows
-- check `children.own`: SQLite has no NO INHERIT
-- column `above.a`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `alike.a`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `alike.b`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `alike.c`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `base.a`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `children.a`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `children.b`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `children.c`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `counts.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `counts.n`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `counts.n`: SQLite has no NOT VALID: the check `above` of its domain holds for all rows
-- column `parents.a`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `parents.b`: SQLite does not enforce `integer`: its integers have 64 bits
-- domain `counted`: SQLite has no domains: its columns have the type beneath, and what it asks for
-- foreign key `children.later_too`: SQLite has no NOT VALID: it holds for all rows
-- foreign key `children.partly`: SQLite sets all the columns when the row that it refers to is deleted
-- foreign key `children.whole`: SQLite has no MATCH FULL
-- table `above`: it inherits from other tables: in SQLite their rows are not those of its parents

CREATE TABLE "above" (
    "a" INTEGER,
    CONSTRAINT "both_of_them" CHECK ("a" > 0)
);
CREATE TABLE "alike" (
    "a" INTEGER,
    "b" INTEGER,
    "c" INTEGER,
    CONSTRAINT "own" CHECK ("c" > 0),
    CONSTRAINT "later" CHECK ("b" > 0),
    CONSTRAINT "alike_a_check" CHECK ("a" > 1)
);
CREATE TABLE "base" (
    "a" INTEGER,
    CONSTRAINT "both_of_them" CHECK ("a" > 0)
);
CREATE TABLE "counts" (
    "id" INT NOT NULL,
    "n" INTEGER,
    CONSTRAINT "counts_pkey" PRIMARY KEY ("id"),
    CHECK ("n" > 0),
    CHECK ("n" < 100)
);
CREATE TABLE "parents" (
    "a" INTEGER NOT NULL,
    "b" INTEGER NOT NULL,
    CONSTRAINT "parents_pkey" PRIMARY KEY ("a", "b")
);
CREATE TABLE "children" (
    "a" INTEGER,
    "b" INTEGER,
    "c" INTEGER,
    CONSTRAINT "own" CHECK ("c" > 0),
    CONSTRAINT "later" CHECK ("b" > 0),
    CONSTRAINT "later_too" FOREIGN KEY ("b", "c") REFERENCES "parents" ("a", "b")
);
