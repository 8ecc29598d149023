-- not expressed:
-- column `people.age`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `people.email`: SQLite does not enforce `character varying(80)`: only what this library writes is held to it
-- column `people.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- index `people.people_email_lower`: the function `lower` in it is not known to mean the same
-- index `people.people_sum`: `+` in it is not known to mean the same

CREATE TABLE "people" (
    "id" INT NOT NULL,
    "email" VARCHAR(80),
    "active" BOOLEAN NOT NULL,
    "age" INTEGER,
    CONSTRAINT "people_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "people_active" ON "people" ("email") WHERE ("active");
CREATE UNIQUE INDEX "people_email_of_active" ON "people" ("email") WHERE ("email" IS NOT NULL);
