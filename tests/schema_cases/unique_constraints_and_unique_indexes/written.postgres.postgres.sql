SET search_path TO "public";
CREATE TABLE "public"."accounts" (
    "id" integer NOT NULL,
    "email" character varying(80),
    "realm" character varying(10),
    "login" character varying(40),
    "phone" character varying(20),
    CONSTRAINT "accounts_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "accounts_email_key" UNIQUE ("email"),
    CONSTRAINT "accounts_realm_login_key" UNIQUE ("realm", "login"),
    CONSTRAINT "one_phone" UNIQUE ("phone")
);
CREATE UNIQUE INDEX "accounts_login" ON "public"."accounts" ("login");
CREATE INDEX "accounts_realm" ON "public"."accounts" ("realm");
