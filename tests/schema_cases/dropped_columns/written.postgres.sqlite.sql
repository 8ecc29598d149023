CREATE TABLE "t" (
    "a" INTEGER,
    "b" INTEGER NOT NULL,
    "c" INTEGER,
    "d" VARCHAR(9) DEFAULT 'x' NOT NULL
);
CREATE UNIQUE INDEX "t_ba" ON "t" ("b", "a");
CREATE INDEX "t_cd" ON "t" ("c", "d");
