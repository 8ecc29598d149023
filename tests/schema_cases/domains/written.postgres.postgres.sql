SET search_path TO "public";
CREATE DOMAIN "public"."amount" AS numeric(12,2);
CREATE DOMAIN "public"."email" AS character varying(80) COLLATE "C" DEFAULT 'a@b'::character varying NOT NULL CONSTRAINT "email_check" CHECK ((VALUE)::text ~~ '%@%'::text) CONSTRAINT "short" CHECK (length((VALUE)::text) < 60);
CREATE DOMAIN "public"."work_email" AS email DEFAULT 'a@b'::character varying;
CREATE TABLE "public"."people" (
    "id" integer NOT NULL,
    "mail" email,
    "work" work_email,
    "amounts" amount[],
    CONSTRAINT "people_pkey" PRIMARY KEY ("id")
);
