-- not expressed:
-- column `children.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `children.parent_id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `parents.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- table `children`: it is partitioned: SQLite keeps all its rows in one table
-- table `children_1`: SQLite has no partitions: its rows are in `children`
-- table `children_2`: SQLite has no partitions: its rows are in `children`
-- table `parents`: it is partitioned: SQLite keeps all its rows in one table
-- table `parents_1`: SQLite has no partitions: its rows are in `parents`

CREATE TABLE "parents" (
    "id" INT NOT NULL,
    CONSTRAINT "parents_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "children" (
    "id" INT NOT NULL,
    "parent_id" INTEGER,
    CONSTRAINT "children_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "of_parent" FOREIGN KEY ("parent_id") REFERENCES "parents" ("id") ON DELETE CASCADE
);
