CREATE TABLE "accounts" (
    "id" INTEGER,
    "email" varchar(80),
    "realm" varchar(10),
    "login" varchar(40),
    "phone" varchar(20),
    CONSTRAINT "one_phone" UNIQUE ("phone"),
    PRIMARY KEY ("id"),
    UNIQUE ("email"),
    UNIQUE ("realm", "login")
);
CREATE UNIQUE INDEX "accounts_login" ON "accounts" ("login");
CREATE INDEX "accounts_realm" ON "accounts" ("realm");
