SET search_path TO "public";
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
