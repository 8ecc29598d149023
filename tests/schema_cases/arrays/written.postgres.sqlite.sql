CREATE TABLE "t" (
    "a" INTEGER[],
    "b" TEXT[],
    "c" "VARCHAR(5)[]",
    "d" "NUMERIC_TEXT(6,2)[]",
    "e" TIMESTAMPTZ[] DEFAULT '[]' NOT NULL,
    "f" JSONB_TEXT[]
);
