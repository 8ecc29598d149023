-- Keys of several columns, in an order that is not the table's, stay whole.
CREATE TABLE tenants (
    region varchar(8) NOT NULL,
    number integer NOT NULL,
    name varchar(40) NOT NULL DEFAULT 'nobody',
    CONSTRAINT tenants_pk PRIMARY KEY (number, region)
);

CREATE TABLE invoices (
    id integer PRIMARY KEY,
    tenant_region varchar(8) NOT NULL,
    tenant_number integer NOT NULL,
    serial_number integer NOT NULL,
    amount numeric(12, 2) NOT NULL,
    CONSTRAINT invoices_serial UNIQUE (tenant_number, serial_number, tenant_region),
    CONSTRAINT invoices_tenant FOREIGN KEY (tenant_number, tenant_region)
        REFERENCES tenants (number, region) ON DELETE CASCADE ON UPDATE RESTRICT,
    CONSTRAINT amount_is_positive CHECK (amount > 0)
);
CREATE UNIQUE INDEX invoices_newest ON invoices (tenant_region, serial_number DESC);
