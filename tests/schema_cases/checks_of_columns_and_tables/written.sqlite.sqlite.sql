CREATE TABLE "prices" (
    "id" INTEGER,
    "low" numeric(10, 2),
    "high" numeric(10, 2),
    "state" varchar(12) NOT NULL,
    CONSTRAINT "known_state" CHECK (state IN ('open', 'closed (final)', 'it''s')),
    CONSTRAINT "both_or_none" CHECK ((low IS NULL) = (high IS NULL)),
    PRIMARY KEY ("id"),
    CHECK (low <= high),
    CHECK (low >= 0)
);
