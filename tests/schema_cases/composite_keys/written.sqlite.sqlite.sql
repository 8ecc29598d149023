CREATE TABLE "tenants" (
    "region" varchar(8) NOT NULL,
    "number" INTEGER NOT NULL,
    "name" varchar(40) DEFAULT 'nobody' NOT NULL,
    CONSTRAINT "tenants_pk" PRIMARY KEY ("number", "region")
);
CREATE TABLE "invoices" (
    "id" INTEGER,
    "tenant_region" varchar(8) NOT NULL,
    "tenant_number" INTEGER NOT NULL,
    "serial_number" INTEGER NOT NULL,
    "amount" numeric(12, 2) NOT NULL,
    CONSTRAINT "invoices_serial" UNIQUE ("tenant_number", "serial_number", "tenant_region"),
    CONSTRAINT "amount_is_positive" CHECK (amount > 0),
    CONSTRAINT "invoices_tenant" FOREIGN KEY ("tenant_number", "tenant_region") REFERENCES "tenants" ("number", "region") ON UPDATE RESTRICT ON DELETE CASCADE,
    PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "invoices_newest" ON "invoices" ("tenant_region", "serial_number" DESC);
