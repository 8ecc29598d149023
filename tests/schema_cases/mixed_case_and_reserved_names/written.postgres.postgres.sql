SET search_path TO "public";
CREATE TABLE "public"."Order" (
    "select" integer NOT NULL,
    "User Id" integer NOT NULL,
    "order" character varying(9) DEFAULT 'group'::character varying,
    "CamelCase" integer,
    CONSTRAINT "Order_pkey" PRIMARY KEY ("select"),
    CONSTRAINT "Unique" UNIQUE ("order", "CamelCase"),
    CONSTRAINT "Check It" CHECK ("User Id" > 0)
);
CREATE INDEX "Index" ON "public"."Order" ("User Id", "CamelCase" DESC);
CREATE UNIQUE INDEX "where" ON "public"."Order" ((lower(("order")::text))) WHERE ("CamelCase" > 0);
CREATE TABLE "public"."table" (
    "group" integer NOT NULL,
    CONSTRAINT "table_pkey" PRIMARY KEY ("group"),
    CONSTRAINT "table_group_fkey" FOREIGN KEY ("group") REFERENCES "public"."Order" ("select")
);
