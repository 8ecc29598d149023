SET search_path TO "public";
CREATE TABLE "public"."ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt" (
    "ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc" integer CONSTRAINT "ttttttttttttttttttttttttttt_cccccccccccccccccccccccccc_not_null" NOT NULL,
    "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd" integer,
    CONSTRAINT "tttttttttttttttttttttttttttttttttttttttttttttttttttttttttt_pkey" PRIMARY KEY ("ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"),
    CONSTRAINT "ttttttttttttttttttttttttttttt_ddddddddddddddddddddddddddddd_key" UNIQUE ("ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"),
    CONSTRAINT "tttttttttttttttttttttttttttt_dddddddddddddddddddddddddddd_check" CHECK (ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd > 0)
);
CREATE INDEX "iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii" ON "public"."ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt" ("ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd");
CREATE TABLE "public"."uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu" (
    "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc" integer,
    CONSTRAINT "uuuuuuuuuuuuuuuuuuuuuuuuuuuuu_cccccccccccccccccccccccccccc_fkey" FOREIGN KEY ("cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc") REFERENCES "public"."ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt" ("ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc")
);
