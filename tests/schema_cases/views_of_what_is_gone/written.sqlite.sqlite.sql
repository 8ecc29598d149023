-- not expressed:
-- column `broken.*`: the view refers to what is not there

CREATE TABLE "t" (
    "id" INTEGER,
    "a" INTEGER,
    PRIMARY KEY ("id")
);
CREATE VIEW "broken" AS
SELECT b FROM gone;
CREATE VIEW "good" AS
SELECT a, a + 1 AS next FROM t;
