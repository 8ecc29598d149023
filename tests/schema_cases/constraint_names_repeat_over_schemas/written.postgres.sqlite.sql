-- not expressed:
-- column `children.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `children.parent`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `parents.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- table `other.children`: SQLite has one schema
-- table `other.parents`: SQLite has one schema

CREATE TABLE "parents" (
    "id" INT NOT NULL,
    CONSTRAINT "parents_key" PRIMARY KEY ("id")
);
CREATE TABLE "children" (
    "id" INT NOT NULL,
    "parent" INTEGER,
    CONSTRAINT "children_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "to_parent" FOREIGN KEY ("parent") REFERENCES "parents" ("id")
);
