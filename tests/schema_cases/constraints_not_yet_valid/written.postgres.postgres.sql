SET search_path TO "public";
CREATE DOMAIN "public"."counted" AS integer CONSTRAINT "counted_check" CHECK (VALUE < 100);
CREATE TABLE "public"."alike" (
    "a" integer,
    "b" integer,
    "c" integer,
    CONSTRAINT "alike_a_check" CHECK (a > 1),
    CONSTRAINT "later" CHECK (b > 0),
    CONSTRAINT "own" CHECK (c > 0) NO INHERIT
);
CREATE TABLE "public"."base" (
    "a" integer
);
CREATE TABLE "public"."above" () INHERITS ("public"."base");
CREATE TABLE "public"."counts" (
    "id" integer NOT NULL,
    "n" counted,
    CONSTRAINT "counts_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "public"."parents" (
    "a" integer NOT NULL,
    "b" integer NOT NULL,
    CONSTRAINT "parents_pkey" PRIMARY KEY ("a", "b")
);
CREATE TABLE "public"."children" (
    "a" integer,
    "b" integer,
    "c" integer,
    CONSTRAINT "own" CHECK (c > 0) NO INHERIT,
    CONSTRAINT "partly" FOREIGN KEY ("a", "c") REFERENCES "public"."parents" ("a", "b") ON DELETE SET NULL ("c"),
    CONSTRAINT "whole" FOREIGN KEY ("a", "b") REFERENCES "public"."parents" ("a", "b") MATCH FULL
);
ALTER DOMAIN "public"."counted" ADD CONSTRAINT "above" CHECK (VALUE > 0) NOT VALID;
ALTER TABLE "public"."base" ADD CONSTRAINT "both_of_them" CHECK (a > 0) NOT VALID;
ALTER TABLE "public"."children" ADD CONSTRAINT "later" CHECK (b > 0) NOT VALID;
ALTER TABLE "public"."children" ADD CONSTRAINT "later_too" FOREIGN KEY ("b", "c") REFERENCES "public"."parents" ("a", "b") NOT VALID;
