SET search_path TO "public";
CREATE TABLE "public"."notes" (
    "id" integer NOT NULL,
    "owner" text NOT NULL,
    "text" text,
    CONSTRAINT "notes_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "public"."open_to_all" (
    "id" integer NOT NULL,
    CONSTRAINT "open_to_all_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "public"."notes" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "public"."notes" FORCE ROW LEVEL SECURITY;
CREATE POLICY "own" ON "public"."notes" USING (owner = CURRENT_USER) WITH CHECK ((owner = CURRENT_USER) AND (text <> ''::text));
CREATE POLICY "reading" ON "public"."notes" AS RESTRICTIVE FOR SELECT TO "pg_monitor", "pg_read_all_data" USING (true);
CREATE POLICY "writing" ON "public"."notes" FOR INSERT WITH CHECK (true);
ALTER TABLE "public"."open_to_all" FORCE ROW LEVEL SECURITY;
