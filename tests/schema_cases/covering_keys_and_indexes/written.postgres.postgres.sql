SET search_path TO "public";
CREATE TABLE "public"."t" (
    "id" integer NOT NULL,
    "a" integer,
    "b" integer,
    "c" text,
    "d" text,
    CONSTRAINT "t_key" PRIMARY KEY ("id") INCLUDE ("a", "b"),
    CONSTRAINT "t_a_key" UNIQUE ("a") DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT "t_c" UNIQUE NULLS NOT DISTINCT ("c", "d") INCLUDE ("id")
);
CREATE UNIQUE INDEX "t_b" ON "public"."t" ("b") INCLUDE ("c", "d") NULLS NOT DISTINCT;
CREATE INDEX "t_d" ON "public"."t" ("d", "c") INCLUDE ("a") WHERE (a > 0);
