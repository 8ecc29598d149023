SET search_path TO "public";
CREATE TABLE "public"."t" (
    "a" integer[],
    "b" text[],
    "c" character varying(5)[],
    "d" numeric(6,2)[],
    "e" timestamp with time zone[] DEFAULT '{}'::timestamp with time zone[] NOT NULL,
    "f" jsonb[]
);
