-- not expressed:
-- column `events.what`: SQLite does not enforce `character varying(20)`: only what this library writes is held to it
-- column `one_column.a`: SQLite does not enforce `integer`: its integers have 64 bits

CREATE TABLE "events" (
    "at" TIMESTAMP,
    "what" VARCHAR(20)
);
CREATE TABLE "one_column" (
    "a" INTEGER NOT NULL
);
