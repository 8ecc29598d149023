-- not expressed:
-- column `t.i`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `t.i`: SQLite numbers no column but a key of one: nothing fills it
-- column `t.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `t.n`: SQLite does not enforce `integer`: its integers have 64 bits
-- default `t.n`: SQLite does not have `nextval('plain'::regclass)`; hint: write the value, or give the column a default of SQLite's
-- sequence `owned`: SQLite has no sequences
-- sequence `plain`: SQLite has no sequences
-- sequence `tuned`: SQLite has no sequences

CREATE TABLE "t" (
    "id" INTEGER,
    "n" INTEGER,
    "i" INTEGER NOT NULL,
    CONSTRAINT "t_pkey" PRIMARY KEY ("id" AUTOINCREMENT)
);
