CREATE TABLE "words" (
    "a" TEXT COLLATE "NOCASE",
    "b" TEXT COLLATE "rtrim",
    "c" TEXT,
    "d" TEXT,
    PRIMARY KEY ("a")
);
CREATE INDEX "words_c" ON "words" ("c" COLLATE "NOCASE", "b");
CREATE INDEX "words_lower" ON "words" ((lower(c)) COLLATE "NOCASE" DESC);
