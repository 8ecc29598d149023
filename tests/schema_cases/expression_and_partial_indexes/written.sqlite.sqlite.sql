CREATE TABLE "people" (
    "id" INTEGER,
    "email" varchar(80),
    "active" boolean NOT NULL,
    "age" INTEGER,
    PRIMARY KEY ("id")
);
CREATE INDEX "people_active" ON "people" ("email") WHERE (active);
CREATE UNIQUE INDEX "people_email_lower" ON "people" ((lower(email)));
CREATE UNIQUE INDEX "people_email_of_active" ON "people" ("email") WHERE (email IS NOT NULL);
CREATE INDEX "people_sum" ON "people" ((age + 1), "email" DESC) WHERE (age > 17 AND email <> '');
