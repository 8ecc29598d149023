SET search_path TO "public";
CREATE TABLE "public"."t" (
    "a" integer NOT NULL,
    "b" integer,
    "c" integer,
    "d" integer NOT NULL,
    "e" integer NOT NULL,
    CONSTRAINT "t_pkey" PRIMARY KEY ("d", "e")
);
