-- not expressed:
-- column `people.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `people.moods`: what the type `mood` allows is not checked inside of an array
-- enum `Big Mood`: SQLite has no enums: its columns are texts with a check, in the order of texts
-- enum `mood`: SQLite has no enums: its columns are texts with a check, in the order of texts
-- enum `nothing`: SQLite has no enums: its columns are texts with a check, in the order of texts

CREATE TABLE "people" (
    "id" INT NOT NULL,
    "mood" TEXT DEFAULT 'ok' NOT NULL,
    "moods" TEXT[],
    "big" TEXT,
    CONSTRAINT "people_pkey" PRIMARY KEY ("id"),
    CHECK ("big" IN ('A')),
    CHECK ("mood" IN ('sad', 'happy', 'ok', 'it''s fine'))
);
