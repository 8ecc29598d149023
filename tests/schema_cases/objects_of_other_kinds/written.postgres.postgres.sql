-- not expressed:
-- aggregate `total(integer)`: objects of this kind are not read
-- collation `mine`: objects of this kind are not read
-- composite type `address`: objects of this kind are not read
-- operator `===(integer, integer)`: objects of this kind are not read
-- range type `span`: objects of this kind are not read
-- rule `nothing on t`: objects of this kind are not read
-- statistics object `t_stats`: objects of this kind are not read
-- table `homes`: column `home`: its type `address` is not written
-- text search configuration `own`: objects of this kind are not read

SET search_path TO "public";
CREATE TABLE "public"."t" (
    "id" integer NOT NULL,
    "a" integer,
    "b" integer,
    CONSTRAINT "t_pkey" PRIMARY KEY ("id")
);
