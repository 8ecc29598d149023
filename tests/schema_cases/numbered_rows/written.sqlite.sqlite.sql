CREATE TABLE "at_the_end" (
    "name" TEXT,
    "id" INTEGER,
    PRIMARY KEY ("id")
);
CREATE TABLE "descending" (
    "id" INTEGER PRIMARY KEY DESC
);
CREATE TABLE "never_again" (
    "id" INTEGER,
    PRIMARY KEY ("id" AUTOINCREMENT)
);
CREATE TABLE "no_key" (
    "id" INTEGER
);
CREATE TABLE "numbered" (
    "id" INTEGER,
    "name" TEXT,
    PRIMARY KEY ("id")
);
CREATE TABLE "other_type" (
    "id" INT,
    PRIMARY KEY ("id")
);
CREATE TABLE "without_number" (
    "id" INTEGER NOT NULL,
    PRIMARY KEY ("id")
) WITHOUT ROWID;
