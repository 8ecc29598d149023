SET search_path TO "public";
CREATE TYPE "public"."Big Mood" AS ENUM ('A');
CREATE TYPE "public"."mood" AS ENUM ('sad', 'happy', 'ok', 'it''s fine');
CREATE TYPE "public"."nothing" AS ENUM ();
CREATE TABLE "public"."people" (
    "id" integer NOT NULL,
    "mood" mood DEFAULT 'ok'::mood NOT NULL,
    "moods" mood[],
    "big" "Big Mood",
    CONSTRAINT "people_pkey" PRIMARY KEY ("id")
);
