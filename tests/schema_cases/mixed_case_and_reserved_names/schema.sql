-- Names keep their case, and may be any word.
CREATE TABLE "Order" (
    "select" integer PRIMARY KEY,
    "User Id" integer NOT NULL,
    "order" varchar(9) DEFAULT 'group',
    "CamelCase" integer,
    CONSTRAINT "Check It" CHECK ("User Id" > 0),
    CONSTRAINT "Unique" UNIQUE ("order", "CamelCase")
);
CREATE TABLE "table" ("group" integer PRIMARY KEY REFERENCES "Order" ("select"));
CREATE INDEX "Index" ON "Order" ("User Id", "CamelCase" DESC);
CREATE UNIQUE INDEX "where" ON "Order" (lower("order")) WHERE "CamelCase" > 0;
