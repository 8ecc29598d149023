SET search_path TO "public";
CREATE TABLE "public"."größe" (
    "straße" integer NOT NULL,
    "名前" character varying(20) NOT NULL,
    "emoji 🦀" integer,
    CONSTRAINT "größe_pkey" PRIMARY KEY ("straße"),
    CONSTRAINT "größe_emoji 🦀_check" CHECK ("emoji 🦀" > 0)
);
CREATE INDEX "индекс" ON "public"."größe" ("名前");
CREATE TABLE "public"."Ünïcode" (
    "größe_id" integer,
    CONSTRAINT "Ünïcode_größe_id_fkey" FOREIGN KEY ("größe_id") REFERENCES "public"."größe" ("straße")
);
