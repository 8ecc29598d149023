-- not expressed:
-- check `prices.prices_check`: it compares values that the two databases keep differently
-- check `prices.prices_low_check`: it compares values that the two databases keep differently
-- column `prices.high`: SQLite does not enforce `numeric(10,2)`: only what this library writes is held to it
-- column `prices.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `prices.low`: SQLite does not enforce `numeric(10,2)`: only what this library writes is held to it
-- column `prices.state`: SQLite does not enforce `character varying(12)`: only what this library writes is held to it

CREATE TABLE "prices" (
    "id" INT NOT NULL,
    "low" NUMERIC_TEXT(10,2),
    "high" NUMERIC_TEXT(10,2),
    "state" VARCHAR(12) NOT NULL,
    CONSTRAINT "prices_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "known_state" CHECK ("state" IN ('open', 'closed (final)', 'it''s')),
    CONSTRAINT "both_or_none" CHECK (("low" IS NULL) = ("high" IS NULL))
);
