-- not expressed:
-- column `accounts.email`: SQLite does not enforce `character varying(80)`: only what this library writes is held to it
-- column `accounts.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `accounts.login`: SQLite does not enforce `character varying(40)`: only what this library writes is held to it
-- column `accounts.phone`: SQLite does not enforce `character varying(20)`: only what this library writes is held to it
-- column `accounts.realm`: SQLite does not enforce `character varying(10)`: only what this library writes is held to it

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
