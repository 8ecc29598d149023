-- not expressed:
-- extension `citext`: its version and its schema are not known: it is made as the server has it
-- extension `pg_trgm`: its version and its schema are not known: it is made as the server has it

SET search_path TO "public";
CREATE EXTENSION IF NOT EXISTS "citext";
CREATE EXTENSION IF NOT EXISTS "pg_trgm";
CREATE TABLE "public"."users" (
    "id" integer NOT NULL,
    "email" citext NOT NULL,
    "names" citext[],
    CONSTRAINT "users_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "users_email_key" UNIQUE ("email")
);
CREATE INDEX "users_email" ON "public"."users" USING "gin" (((email)::text) "gin_trgm_ops");
CREATE INDEX "users_tuned" ON "public"."users" USING "gist" (((email)::text) "gist_trgm_ops" (siglen='32'));
