SET search_path TO "public";
CREATE TABLE "public"."boxes" (
    "id" integer NOT NULL,
    "width" integer NOT NULL,
    "height" integer NOT NULL,
    "area" integer GENERATED ALWAYS AS (width * height) STORED,
    "label" text GENERATED ALWAYS AS ('box '::text || (id)::text) STORED NOT NULL,
    CONSTRAINT "boxes_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "public"."spans" (
    "id" integer NOT NULL,
    "b" integer,
    CONSTRAINT "spans_pkey" PRIMARY KEY ("id")
);
