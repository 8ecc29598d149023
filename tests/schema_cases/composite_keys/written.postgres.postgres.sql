SET search_path TO "public";
CREATE TABLE "public"."tenants" (
    "region" character varying(8) NOT NULL,
    "number" integer NOT NULL,
    "name" character varying(40) DEFAULT 'nobody'::character varying NOT NULL,
    CONSTRAINT "tenants_pk" PRIMARY KEY ("number", "region")
);
CREATE TABLE "public"."invoices" (
    "id" integer NOT NULL,
    "tenant_region" character varying(8) NOT NULL,
    "tenant_number" integer NOT NULL,
    "serial_number" integer NOT NULL,
    "amount" numeric(12,2) NOT NULL,
    CONSTRAINT "invoices_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "invoices_serial" UNIQUE ("tenant_number", "serial_number", "tenant_region"),
    CONSTRAINT "amount_is_positive" CHECK (amount > (0)::numeric),
    CONSTRAINT "invoices_tenant" FOREIGN KEY ("tenant_number", "tenant_region") REFERENCES "public"."tenants" ("number", "region") ON UPDATE RESTRICT ON DELETE CASCADE
);
CREATE UNIQUE INDEX "invoices_newest" ON "public"."invoices" ("tenant_region", "serial_number" DESC);
