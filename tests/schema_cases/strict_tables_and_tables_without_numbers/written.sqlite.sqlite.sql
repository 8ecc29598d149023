CREATE TABLE "a" (
    "id" INTEGER,
    "b" TEXT,
    "c" ANY,
    "d" BLOB NOT NULL,
    PRIMARY KEY ("id")
) STRICT;
CREATE TABLE "c" (
    "id" TEXT NOT NULL,
    "d" REAL,
    PRIMARY KEY ("id")
) WITHOUT ROWID;
CREATE TABLE "e" (
    "id" INT NOT NULL,
    "f" TEXT,
    PRIMARY KEY ("id"),
    UNIQUE ("f")
) STRICT, WITHOUT ROWID;
