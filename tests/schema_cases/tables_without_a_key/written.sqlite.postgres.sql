CREATE TABLE "events" (
    "at" timestamp without time zone,
    "what" character varying(20)
);
CREATE TABLE "one_column" (
    "a" bigint NOT NULL
);
