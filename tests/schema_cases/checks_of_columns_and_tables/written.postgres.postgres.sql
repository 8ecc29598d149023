SET search_path TO "public";
CREATE TABLE "public"."prices" (
    "id" integer NOT NULL,
    "low" numeric(10,2),
    "high" numeric(10,2),
    "state" character varying(12) NOT NULL,
    CONSTRAINT "prices_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "both_or_none" CHECK ((low IS NULL) = (high IS NULL)),
    CONSTRAINT "known_state" CHECK ((state)::text = ANY ((ARRAY['open'::character varying, 'closed (final)'::character varying, 'it''s'::character varying])::text[])),
    CONSTRAINT "prices_check" CHECK (low <= high),
    CONSTRAINT "prices_low_check" CHECK (low >= (0)::numeric)
);
