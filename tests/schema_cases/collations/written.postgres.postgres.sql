SET search_path TO "public";
CREATE DOMAIN "public"."code" AS text COLLATE "C";
CREATE TABLE "public"."coded" (
    "a" code,
    "b" code,
    "c" code COLLATE "default",
    "d" text
);
CREATE INDEX "coded_ab" ON "public"."coded" ("a", "b", "c" COLLATE "C", "d");
CREATE TABLE "public"."words" (
    "a" text COLLATE "C" NOT NULL,
    "b" character varying(9) COLLATE "POSIX",
    "c" text,
    "d" text,
    CONSTRAINT "words_pkey" PRIMARY KEY ("a")
);
CREATE INDEX "words_a" ON "public"."words" ("a" COLLATE "default", "b" COLLATE "C");
CREATE INDEX "words_c" ON "public"."words" ("c" COLLATE "C", "b");
CREATE INDEX "words_lower" ON "public"."words" ((lower(c)) COLLATE "C");
CREATE INDEX "words_own" ON "public"."words" ((lower(a)), (lower((b)::text)) COLLATE "C", "a", "b");
