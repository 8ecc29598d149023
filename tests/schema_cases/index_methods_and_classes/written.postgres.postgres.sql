SET search_path TO "public";
CREATE TABLE "public"."docs" (
    "id" integer,
    "body" jsonb,
    "tags" text[],
    "name" character varying(40),
    "span" int4range,
    "at" timestamp with time zone
);
CREATE INDEX "docs_always" ON "public"."docs" ("id");
CREATE INDEX "docs_at" ON "public"."docs" USING "brin" ("at");
CREATE INDEX "docs_body" ON "public"."docs" USING "gin" ("body" "jsonb_path_ops");
CREATE INDEX "docs_default" ON "public"."docs" ("id", "name", (id + 1));
CREATE INDEX "docs_expression" ON "public"."docs" ((body ->> 'a'::text) "text_pattern_ops" DESC, (id + 1) NULLS FIRST, (lower((name)::text)) COLLATE "C");
CREATE INDEX "docs_hash" ON "public"."docs" USING "hash" ("name");
CREATE INDEX "docs_name" ON "public"."docs" ("name" "varchar_pattern_ops");
CREATE UNIQUE INDEX "docs_once" ON "public"."docs" (('one'::text));
CREATE INDEX "docs_order" ON "public"."docs" ("at" DESC, "name" NULLS FIRST, "id" DESC NULLS LAST);
CREATE INDEX "docs_span" ON "public"."docs" USING "gist" ("span");
CREATE INDEX "docs_tags" ON "public"."docs" USING "gin" ("tags");
