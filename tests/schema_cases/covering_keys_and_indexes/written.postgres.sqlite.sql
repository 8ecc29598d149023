-- not expressed:
-- column `t.a`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `t.b`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `t.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- index `t.t_b`: SQLite takes NULLs for distinct
-- index `t.t_d`: SQLite has no INCLUDE
-- primary key `t.t_key`: SQLite has no INCLUDE
-- unique constraint `t.t_a_key`: SQLite defers foreign keys alone: it is checked at once
-- unique constraint `t.t_c`: SQLite has no INCLUDE
-- unique constraint `t.t_c`: SQLite takes NULLs for distinct, so that several rows may have them

CREATE TABLE "t" (
    "id" INT NOT NULL,
    "a" INTEGER,
    "b" INTEGER,
    "c" TEXT,
    "d" TEXT,
    CONSTRAINT "t_key" PRIMARY KEY ("id"),
    CONSTRAINT "t_c" UNIQUE ("c", "d"),
    CONSTRAINT "t_a_key" UNIQUE ("a")
);
CREATE INDEX "t_d" ON "t" ("d", "c") WHERE ("a" > 0);
