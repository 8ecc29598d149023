SET search_path TO "public";
CREATE TABLE "public"."a.b" (
    "c.d" integer NOT NULL,
    "e""f" character varying(9),
    "g'h" integer DEFAULT 1,
    CONSTRAINT "a.b_pkey" PRIMARY KEY ("c.d")
);
CREATE INDEX "m.n" ON "public"."a.b" ("e""f", "g'h");
CREATE TABLE "public"."say ""hi""" (
    "i j" integer,
    CONSTRAINT "k.l" FOREIGN KEY ("i j") REFERENCES "public"."a.b" ("c.d")
);
