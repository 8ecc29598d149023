-- not expressed:
-- check `t.a_small`: SQLite has no comments
-- check `t.a_small`: it casts, which may change the value
-- column `t.a`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `t.a`: SQLite has no comments
-- column `t.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- domain `positive`: SQLite has no comments
-- domain `positive`: SQLite has no domains: its columns have the type beneath, and what it asks for
-- enum `mood`: SQLite has no enums: its columns are texts with a check, in the order of texts
-- function `f()`: SQLite has no functions in SQL
-- index `t.t_a`: SQLite has no comments
-- sequence `s`: SQLite has no sequences
-- table `t`: SQLite has no comments
-- view `v`: whether its query means the same in SQLite is not known

CREATE TABLE "t" (
    "id" INT NOT NULL,
    "a" INTEGER,
    CONSTRAINT "t_pkey" PRIMARY KEY ("id"),
    CHECK ("a" > 0)
);
CREATE INDEX "t_a" ON "t" ("a");
