SET search_path TO "public";
CREATE SEQUENCE "public"."owned";
CREATE SEQUENCE "public"."plain";
CREATE SEQUENCE "public"."t_id_seq" AS integer;
CREATE SEQUENCE "public"."tuned" AS integer INCREMENT BY -5 MINVALUE -1000 MAXVALUE 1000 START WITH 100 CYCLE;
CREATE TABLE "public"."t" (
    "id" integer DEFAULT nextval('t_id_seq'::regclass) NOT NULL,
    "n" integer DEFAULT nextval('plain'::regclass),
    "i" integer GENERATED ALWAYS AS IDENTITY,
    CONSTRAINT "t_pkey" PRIMARY KEY ("id")
);
ALTER SEQUENCE "public"."owned" OWNED BY "public"."t"."n";
ALTER SEQUENCE "public"."t_id_seq" OWNED BY "public"."t"."id";
