-- not expressed:
-- column `docs.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `docs.name`: SQLite does not enforce `character varying(40)`: only what this library writes is held to it
-- column `docs.span`: SQLite does not know the type: it keeps the text of its values and checks nothing
-- index `docs.docs_at`: SQLite has no index of the method `brin`
-- index `docs.docs_body`: SQLite has no index of the method `gin`
-- index `docs.docs_default`: `+` in it is not known to mean the same
-- index `docs.docs_expression`: SQLite has no operator class `text_pattern_ops`
-- index `docs.docs_hash`: SQLite has no index of the method `hash`
-- index `docs.docs_name`: SQLite has no operator class `varchar_pattern_ops`
-- index `docs.docs_order`: SQLite has no order of NULLs in an index
-- index `docs.docs_span`: SQLite has no index of the method `gist`
-- index `docs.docs_tags`: SQLite has no index of the method `gin`

CREATE TABLE "docs" (
    "id" INTEGER,
    "body" JSONB_TEXT,
    "tags" TEXT[],
    "name" VARCHAR(40),
    "span" TEXT,
    "at" TIMESTAMPTZ
);
CREATE INDEX "docs_always" ON "docs" ("id");
CREATE UNIQUE INDEX "docs_once" ON "docs" ((+'one'));
