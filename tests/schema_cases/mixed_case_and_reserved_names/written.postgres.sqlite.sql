-- not expressed:
-- column `Order.CamelCase`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `Order.User Id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `Order.order`: SQLite does not enforce `character varying(9)`: only what this library writes is held to it
-- column `Order.select`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `table.group`: SQLite does not enforce `integer`: its integers have 64 bits
-- index `Order.where`: the function `lower` in it is not known to mean the same

CREATE TABLE "Order" (
    "select" INT NOT NULL,
    "User Id" INTEGER NOT NULL,
    "order" VARCHAR(9) DEFAULT 'group',
    "CamelCase" INTEGER,
    CONSTRAINT "Order_pkey" PRIMARY KEY ("select"),
    CONSTRAINT "Unique" UNIQUE ("order", "CamelCase"),
    CONSTRAINT "Check It" CHECK ("User Id" > 0)
);
CREATE INDEX "Index" ON "Order" ("User Id", "CamelCase" DESC);
CREATE TABLE "table" (
    "group" INT NOT NULL,
    CONSTRAINT "table_pkey" PRIMARY KEY ("group"),
    CONSTRAINT "table_group_fkey" FOREIGN KEY ("group") REFERENCES "Order" ("select")
);
