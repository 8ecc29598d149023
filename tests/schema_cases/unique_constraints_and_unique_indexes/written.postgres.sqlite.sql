CREATE TABLE "accounts" (
    "id" INT NOT NULL,
    "email" VARCHAR(80),
    "realm" VARCHAR(10),
    "login" VARCHAR(40),
    "phone" VARCHAR(20),
    CONSTRAINT "accounts_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "one_phone" UNIQUE ("phone"),
    CONSTRAINT "accounts_email_key" UNIQUE ("email"),
    CONSTRAINT "accounts_realm_login_key" UNIQUE ("realm", "login")
);
CREATE UNIQUE INDEX "accounts_login" ON "accounts" ("login");
CREATE INDEX "accounts_realm" ON "accounts" ("realm");
