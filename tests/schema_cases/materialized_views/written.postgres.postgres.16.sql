SET search_path TO "public";
CREATE TABLE "public"."sales" (
    "id" integer NOT NULL,
    "shop" text NOT NULL,
    "amount" numeric(10,2) NOT NULL,
    CONSTRAINT "sales_pkey" PRIMARY KEY ("id")
);
CREATE MATERIALIZED VIEW "public"."totals" AS
SELECT shop,
    sum(amount) AS total
   FROM sales
  GROUP BY shop;
CREATE UNIQUE INDEX "totals_shop" ON "public"."totals" ("shop");
