-- not expressed:
-- column `words.b`: SQLite does not enforce `character varying(9)`: only what this library writes is held to it
-- domain `code`: SQLite has no domains: its columns have the type beneath, and what it asks for
-- index `words.words_a`: SQLite does not have the collation `default`
-- index `words.words_lower`: the function `lower` in it is not known to mean the same
-- index `words.words_own`: the function `lower` in it is not known to mean the same

CREATE TABLE "coded" (
    "a" TEXT,
    "b" TEXT,
    "c" TEXT,
    "d" TEXT
);
CREATE INDEX "coded_ab" ON "coded" ("a", "b", "c", "d");
CREATE TABLE "words" (
    "a" TEXT NOT NULL,
    "b" VARCHAR(9),
    "c" TEXT,
    "d" TEXT,
    CONSTRAINT "words_pkey" PRIMARY KEY ("a")
);
CREATE INDEX "words_c" ON "words" ("c", "b");
