-- not expressed:
-- column `t.a`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `t.c`: SQLite does not enforce `character varying(5)`: only what this library writes is held to it
-- column `t.d`: SQLite does not enforce `numeric(6,2)`: only what this library writes is held to it

CREATE TABLE "t" (
    "a" INTEGER[],
    "b" TEXT[],
    "c" "VARCHAR(5)[]",
    "d" "NUMERIC_TEXT(6,2)[]",
    "e" TIMESTAMPTZ[] DEFAULT '[]' NOT NULL,
    "f" JSONB_TEXT[]
);
