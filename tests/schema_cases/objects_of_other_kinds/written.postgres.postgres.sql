-- not expressed:
-- aggregate `total(integer)`: objects of this kind are not read
-- check `users_of_them.users_of_them_b_check`: its operator `===` is not written
-- collation `mine`: objects of this kind are not read
-- composite type `address`: objects of this kind are not read
-- default `users_of_them.c`: it calls `of_home`, which is not written
-- default `users_of_them.d`: its type `address` is not written
-- domain `home`: its type `address` is not written
-- function `of_home(home)`: its type `home` is not written
-- index `users_of_them.of_a_search`: its text search configuration `own` is not written
-- operator `===(integer, integer)`: objects of this kind are not read
-- range type `span`: objects of this kind are not read
-- replica identity `users_of_them`: what of its rows goes to subscribers is not read
-- rule `nothing on t`: objects of this kind are not read
-- statistics object `t_stats`: objects of this kind are not read
-- table `homes`: column `home`: its type `address` is not written
-- table `of_a_collation`: column `a`: its collation `mine` is not written
-- table `of_a_domain`: column `a`: its type `home` is not written
-- text search configuration `own`: objects of this kind are not read

SET search_path TO "public";
SET check_function_bodies TO off;
CREATE OR REPLACE FUNCTION public.twice(integer)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
AS $function$SELECT 2 * $1$function$;
CREATE TABLE "public"."generated" (
    "id" integer NOT NULL,
    "a" integer GENERATED ALWAYS AS (twice(id)) STORED,
    CONSTRAINT "generated_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "public"."t" (
    "id" integer NOT NULL,
    "a" integer,
    "b" integer,
    CONSTRAINT "t_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "public"."users_of_them" (
    "id" integer NOT NULL,
    "a" integer DEFAULT twice(1),
    "b" integer,
    "c" integer,
    "d" integer,
    "e" text,
    CONSTRAINT "users_of_them_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "of_a_function" ON "public"."users_of_them" ((twice(a))) WHERE (twice(b) > 1);
