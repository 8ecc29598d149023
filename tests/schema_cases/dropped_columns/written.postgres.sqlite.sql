-- not expressed:
-- column `t.a`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `t.b`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `t.c`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `t.d`: SQLite does not enforce `character varying(9)`: only what this library writes is held to it

CREATE TABLE "t" (
    "a" INTEGER,
    "b" INTEGER NOT NULL,
    "c" INTEGER,
    "d" VARCHAR(9) DEFAULT 'x' NOT NULL
);
CREATE UNIQUE INDEX "t_ba" ON "t" ("b", "a");
CREATE INDEX "t_cd" ON "t" ("c", "d");
