-- not expressed:
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
