-- not expressed:
-- column `child.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `child.second_id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `second.b`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `second.id`: SQLite does not enforce `integer`: its integers have 64 bits

CREATE TABLE "second" (
    "id" INT CONSTRAINT "first_id_not_null" NOT NULL,
    "b" INTEGER,
    CONSTRAINT "first_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "first_a_check" CHECK ("b" > 0)
);
CREATE INDEX "first_a" ON "second" ("b") WHERE ("b" > 5);
CREATE TABLE "child" (
    "id" INT NOT NULL,
    "second_id" INTEGER,
    CONSTRAINT "child_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "of_first" FOREIGN KEY ("second_id") REFERENCES "second" ("id")
);
