SET search_path TO "public";
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
ALTER TABLE "public"."children" ADD CONSTRAINT "later" CHECK (b > 0) NOT VALID;
ALTER TABLE "public"."children" ADD CONSTRAINT "later_too" FOREIGN KEY ("b", "c") REFERENCES "public"."parents" ("a", "b") NOT VALID;
