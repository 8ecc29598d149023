-- not expressed:
-- index `words.words_a`: SQLite does not have the collation `default`
-- index `words.words_lower`: the function `lower` in it is not known to mean the same

CREATE TABLE "words" (
    "a" TEXT NOT NULL,
    "b" VARCHAR(9),
    "c" TEXT,
    "d" TEXT,
    CONSTRAINT "words_pkey" PRIMARY KEY ("a")
);
CREATE INDEX "words_c" ON "words" ("c", "b");
