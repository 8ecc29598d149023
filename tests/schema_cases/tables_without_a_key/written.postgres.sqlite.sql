CREATE TABLE "events" (
    "at" TIMESTAMP,
    "what" VARCHAR(20)
);
CREATE TABLE "one_column" (
    "a" INTEGER NOT NULL
);
