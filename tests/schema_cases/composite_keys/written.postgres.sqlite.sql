-- not expressed:
-- check `invoices.amount_is_positive`: it compares values that the two databases keep differently

CREATE TABLE "tenants" (
    "region" VARCHAR(8) NOT NULL,
    "number" INTEGER NOT NULL,
    "name" VARCHAR(40) DEFAULT 'nobody' NOT NULL,
    CONSTRAINT "tenants_pk" PRIMARY KEY ("number", "region")
);
CREATE TABLE "invoices" (
    "id" INT NOT NULL,
    "tenant_region" VARCHAR(8) NOT NULL,
    "tenant_number" INTEGER NOT NULL,
    "serial_number" INTEGER NOT NULL,
    "amount" NUMERIC_TEXT(12,2) NOT NULL,
    CONSTRAINT "invoices_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "invoices_serial" UNIQUE ("tenant_number", "serial_number", "tenant_region"),
    CONSTRAINT "invoices_tenant" FOREIGN KEY ("tenant_number", "tenant_region") REFERENCES "tenants" ("number", "region") ON UPDATE RESTRICT ON DELETE CASCADE
);
CREATE UNIQUE INDEX "invoices_newest" ON "invoices" ("tenant_region", "serial_number" DESC);
