SET search_path TO "public";
CREATE TABLE "public"."marked" (
    "mark" integer
);
CREATE TABLE "public"."places" (
    "name" text NOT NULL,
    "height" integer,
    CONSTRAINT "places_height_check" CHECK (height > 0),
    CONSTRAINT "places_name_check" CHECK (name <> ''::text) NO INHERIT
);
CREATE TABLE "public"."both_of_them" (
    "own" text
) INHERITS ("public"."places", "public"."marked");
CREATE TABLE "public"."capitals" (
    "country" character varying(2) NOT NULL,
    CONSTRAINT "capitals_pkey" PRIMARY KEY ("country")
) INHERITS ("public"."places");
