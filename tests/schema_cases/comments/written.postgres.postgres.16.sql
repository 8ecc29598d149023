SET search_path TO "public";
SET check_function_bodies TO off;
CREATE TYPE "public"."mood" AS ENUM ('sad', 'happy');
CREATE DOMAIN "public"."positive" AS integer CONSTRAINT "positive_check" CHECK (VALUE > 0);
CREATE SEQUENCE "public"."s";
CREATE OR REPLACE FUNCTION public.f()
 RETURNS integer
 LANGUAGE sql
AS $function$SELECT 1$function$;
CREATE TABLE "public"."t" (
    "id" integer NOT NULL,
    "a" positive,
    CONSTRAINT "t_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "a_small" CHECK ((a)::integer < 10)
);
CREATE INDEX "t_a" ON "public"."t" ("a");
CREATE VIEW "public"."v" AS
SELECT id
   FROM t;
COMMENT ON TYPE "public"."mood" IS 'how it feels';
COMMENT ON DOMAIN "public"."positive" IS 'more than nothing';
COMMENT ON SEQUENCE "public"."s" IS 'numbers';
COMMENT ON TABLE "public"."t" IS 'it''s a table';
COMMENT ON COLUMN "public"."t"."a" IS 'line one
line two';
COMMENT ON CONSTRAINT "a_small" ON "public"."t" IS 'not much';
COMMENT ON INDEX "public"."t_a" IS 'by a';
COMMENT ON VIEW "public"."v" IS 'a view';
COMMENT ON ROUTINE "public"."f"() IS 'one';
