-- not expressed:
-- view `totals`: whether its query means the same in SQLite is not known

CREATE TABLE "sales" (
    "id" INT NOT NULL,
    "shop" TEXT NOT NULL,
    "amount" NUMERIC_TEXT(10,2) NOT NULL,
    CONSTRAINT "sales_pkey" PRIMARY KEY ("id")
);
