-- not expressed:
-- column `measures.f`: what its declared type means is not known
-- column `measures.g`: it takes values of any type, and a column of PostgreSQL has those of one
-- column `measures.j`: what its declared type means is not known

CREATE TABLE "measures" (
    "a" character varying(10),
    "b" character(3),
    "c" numeric(12,4),
    "d" numeric(5,0),
    "e" timestamp(3) without time zone,
    "f" text,
    "g" text,
    "h" bigint,
    "i" double precision,
    "j" text,
    "k" bytea,
    "l" json,
    "m" uuid,
    "n" boolean,
    "o" bigint
);
