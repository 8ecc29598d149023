-- not expressed:
-- check `invoices.amount_is_positive`: it compares values that the two databases keep differently
-- column `invoices.amount`: SQLite does not enforce `numeric(12,2)`: only what this library writes is held to it
-- column `invoices.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `invoices.serial_number`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `invoices.tenant_number`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `invoices.tenant_region`: SQLite does not enforce `character varying(8)`: only what this library writes is held to it
-- column `tenants.name`: SQLite does not enforce `character varying(40)`: only what this library writes is held to it
-- column `tenants.number`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `tenants.region`: SQLite does not enforce `character varying(8)`: only what this library writes is held to it

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
