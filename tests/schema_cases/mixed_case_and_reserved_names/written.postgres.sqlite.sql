-- not expressed:
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
