-- not expressed:
-- schema `Other`: there is no schema `Other`

SET search_path TO "public";
CREATE SCHEMA IF NOT EXISTS "audit";
CREATE TABLE "public"."users" (
    "id" integer NOT NULL,
    "name" text,
    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "users_name" ON "public"."users" ("name");
CREATE TABLE "audit"."users" (
    "id" bigint NOT NULL,
    "was" text NOT NULL,
    "user_id" integer,
    CONSTRAINT "users_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "users_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "public"."users" ("id")
);
CREATE INDEX "users_name" ON "audit"."users" ("was");
