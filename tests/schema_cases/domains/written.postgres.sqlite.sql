-- not expressed:
-- column `people.amounts`: SQLite does not enforce `numeric(12,2)`: only what this library writes is held to it
-- column `people.amounts`: what the type `amount` allows is not checked inside of an array
-- column `people.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `people.mail`: SQLite does not enforce `character varying(80)`: only what this library writes is held to it
-- column `people.mail`: the check `email_check` of its domain is not written: `~~` in it is not known to mean the same
-- column `people.work`: SQLite does not enforce `character varying(80)`: only what this library writes is held to it
-- column `people.work`: the check `email_check` of its domain is not written: `~~` in it is not known to mean the same
-- domain `amount`: SQLite has no domains: its columns have the type beneath, and what it asks for
-- domain `email`: SQLite has no domains: its columns have the type beneath, and what it asks for
-- domain `work_email`: SQLite has no domains: its columns have the type beneath, and what it asks for

CREATE TABLE "people" (
    "id" INT NOT NULL,
    "mail" VARCHAR(80) DEFAULT 'a@b' NOT NULL,
    "work" VARCHAR(80) DEFAULT 'a@b' NOT NULL,
    "amounts" "NUMERIC_TEXT(12,2)[]",
    CONSTRAINT "people_pkey" PRIMARY KEY ("id"),
    CHECK (length("mail") < 60),
    CHECK (length("work") < 60)
);
