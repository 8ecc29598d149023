-- not expressed:
-- composite type `pair`: objects of this kind are not read

SET search_path TO "public";
CREATE TABLE "public"."bare" (
    "id" integer CONSTRAINT "model_id_not_null" NOT NULL,
    "name" character varying(9) CONSTRAINT "model_name_not_null" NOT NULL
);
CREATE UNLOGGED TABLE "public"."fast" (
    "id" integer
);
CREATE TABLE "public"."model" (
    "id" integer NOT NULL,
    "name" character varying(9) DEFAULT 'x'::character varying NOT NULL,
    CONSTRAINT "model_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "model_name_key" UNIQUE ("name"),
    CONSTRAINT "model_name_check" CHECK ((name)::text <> ''::text)
);
CREATE TABLE "public"."queried" (
    "id" integer,
    "name" character varying(9)
);
CREATE TABLE "public"."same" (
    "id" integer CONSTRAINT "model_id_not_null" NOT NULL,
    "name" character varying(9) DEFAULT 'x'::character varying CONSTRAINT "model_name_not_null" NOT NULL,
    CONSTRAINT "same_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "same_name_key" UNIQUE ("name"),
    CONSTRAINT "model_name_check" CHECK ((name)::text <> ''::text)
);
CREATE TABLE "public"."typed" (
    "a" integer NOT NULL,
    "b" text,
    CONSTRAINT "typed_pkey" PRIMARY KEY ("a")
);
