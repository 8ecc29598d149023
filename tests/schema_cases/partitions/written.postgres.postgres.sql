SET search_path TO "public";
CREATE TABLE "public"."hashed" (
    "id" integer
) PARTITION BY HASH (id);
CREATE TABLE "public"."hashed_0" PARTITION OF "public"."hashed" FOR VALUES WITH (modulus 2, remainder 0);
CREATE TABLE "public"."log" (
    "id" bigint NOT NULL,
    "at" date NOT NULL,
    "kind" text NOT NULL,
    CONSTRAINT "log_pkey" PRIMARY KEY ("id", "at", "kind"),
    CONSTRAINT "log_kind_check" CHECK (kind <> ''::text)
) PARTITION BY RANGE (at);
CREATE INDEX "log_kind" ON "public"."log" ("kind");
CREATE TABLE "public"."log_2025" PARTITION OF "public"."log" FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE INDEX "own_of_2025" ON "public"."log_2025" ("at", "kind");
CREATE TABLE "public"."log_2026" PARTITION OF "public"."log" FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY LIST (kind);
CREATE TABLE "public"."log_2026_a" PARTITION OF "public"."log_2026" FOR VALUES IN ('a', 'b');
CREATE TABLE "public"."log_2026_rest" PARTITION OF "public"."log_2026" DEFAULT;
CREATE TABLE "public"."log_rest" PARTITION OF "public"."log" DEFAULT;
CREATE TABLE "public"."notes" (
    "log_id" bigint,
    "log_at" date,
    "log_kind" text,
    CONSTRAINT "notes_log_id_log_at_log_kind_fkey" FOREIGN KEY ("log_id", "log_at", "log_kind") REFERENCES "public"."log" ("id", "at", "kind")
);
