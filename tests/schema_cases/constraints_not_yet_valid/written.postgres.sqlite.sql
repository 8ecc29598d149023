-- not expressed:
-- check `children.later`: SQLite has no NOT VALID: it holds for all rows
-- check `children.own`: SQLite has no NO INHERIT
-- foreign key `children.later_too`: SQLite has no NOT VALID: it holds for all rows
-- foreign key `children.partly`: SQLite sets all the columns when the row that it refers to is deleted
-- foreign key `children.whole`: SQLite has no MATCH FULL

CREATE TABLE "parents" (
    "a" INTEGER NOT NULL,
    "b" INTEGER NOT NULL,
    CONSTRAINT "parents_pkey" PRIMARY KEY ("a", "b")
);
CREATE TABLE "children" (
    "a" INTEGER,
    "b" INTEGER,
    "c" INTEGER,
    CONSTRAINT "own" CHECK ("c" > 0),
    CONSTRAINT "later" CHECK ("b" > 0),
    CONSTRAINT "later_too" FOREIGN KEY ("b", "c") REFERENCES "parents" ("a", "b")
);
