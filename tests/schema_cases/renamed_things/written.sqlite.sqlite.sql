CREATE TABLE "second" (
    "id" INTEGER,
    "b" INTEGER,
    PRIMARY KEY ("id"),
    CHECK (b > 0)
);
CREATE INDEX "first_a" ON "second" ("b") WHERE (b > 5);
CREATE TABLE "child" (
    "id" INTEGER,
    "second_id" INTEGER,
    CONSTRAINT "of_first" FOREIGN KEY ("second_id") REFERENCES "second" ("id"),
    PRIMARY KEY ("id")
);
