SET search_path TO "public";
CREATE TABLE "public"."t" (
    "a" integer,
    "b" integer NOT NULL,
    "c" integer,
    "d" character varying(9) DEFAULT 'x'::character varying NOT NULL
);
CREATE UNIQUE INDEX "t_ba" ON "public"."t" ("b", "a");
CREATE INDEX "t_cd" ON "public"."t" ("c", "d");
