SET search_path TO "public";
CREATE TABLE "public"."events" (
    "at" timestamp without time zone,
    "what" character varying(20)
);
CREATE TABLE "public"."one_column" (
    "a" integer NOT NULL
);
