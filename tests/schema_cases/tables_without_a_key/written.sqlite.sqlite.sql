CREATE TABLE "events" (
    "at" timestamp,
    "what" varchar(20)
);
CREATE TABLE "one_column" (
    "a" INTEGER NOT NULL
);
