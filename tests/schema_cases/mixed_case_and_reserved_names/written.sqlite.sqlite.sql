CREATE TABLE "Order" (
    "select" INTEGER,
    "User Id" INTEGER NOT NULL,
    "order" varchar(9) DEFAULT 'group',
    "CamelCase" INTEGER,
    CONSTRAINT "Unique" UNIQUE ("order", "CamelCase"),
    CONSTRAINT "Check It" CHECK ("User Id" > 0),
    PRIMARY KEY ("select")
);
CREATE INDEX "Index" ON "Order" ("User Id", "CamelCase" DESC);
CREATE UNIQUE INDEX "where" ON "Order" ((lower("order"))) WHERE ("CamelCase" > 0);
CREATE TABLE "table" (
    "group" INTEGER,
    PRIMARY KEY ("group"),
    FOREIGN KEY ("group") REFERENCES "Order" ("select")
);
