-- not expressed:
-- virtual table `boxes`: its columns and its shadow tables are its module's
-- virtual table `words`: its columns and its shadow tables are its module's

CREATE TABLE "t" (
    "id" INTEGER,
    PRIMARY KEY ("id")
);
