-- not expressed:
-- column `sales.amount`: SQLite does not enforce `numeric(10,2)`: only what this library writes is held to it
-- column `sales.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- view `totals`: whether its query means the same in SQLite is not known

CREATE TABLE "sales" (
    "id" INT NOT NULL,
    "shop" TEXT NOT NULL,
    "amount" NUMERIC_TEXT(10,2) NOT NULL,
    CONSTRAINT "sales_pkey" PRIMARY KEY ("id")
);
