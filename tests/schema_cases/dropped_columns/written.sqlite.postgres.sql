CREATE TABLE "t" (
    "a" bigint,
    "b" bigint NOT NULL,
    "c" bigint,
    "d" character varying(9) DEFAULT 'x' NOT NULL
);
CREATE UNIQUE INDEX "t_ba" ON "t" ("b", "a");
CREATE INDEX "t_cd" ON "t" ("c", "d");
