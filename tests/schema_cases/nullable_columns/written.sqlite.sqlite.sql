CREATE TABLE "loose" (
    "a" INTEGER,
    "b" INTEGER NOT NULL,
    "c" INTEGER,
    "d" TEXT,
    "e" TEXT,
    PRIMARY KEY ("d", "e")
);
CREATE TABLE "one" (
    "a" TEXT,
    PRIMARY KEY ("a")
);
CREATE TABLE "stored_by_key" (
    "a" TEXT NOT NULL,
    "b" TEXT NOT NULL,
    PRIMARY KEY ("a", "b")
) WITHOUT ROWID;
CREATE TABLE "strict_types" (
    "a" TEXT NOT NULL,
    "b" ANY,
    "c" INT,
    PRIMARY KEY ("a")
) STRICT;
