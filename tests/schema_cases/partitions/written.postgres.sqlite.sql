-- not expressed:
-- column `hashed.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- table `hashed`: it is partitioned: SQLite keeps all its rows in one table
-- table `hashed_0`: SQLite has no partitions: its rows are in `hashed`
-- table `log`: it is partitioned: SQLite keeps all its rows in one table
-- table `log_2025`: SQLite has no partitions: its rows are in `log`
-- table `log_2026`: SQLite has no partitions: its rows are in `log`
-- table `log_2026_a`: SQLite has no partitions: its rows are in `log_2026`
-- table `log_2026_rest`: SQLite has no partitions: its rows are in `log_2026`
-- table `log_rest`: SQLite has no partitions: its rows are in `log`

CREATE TABLE "hashed" (
    "id" INTEGER
);
CREATE TABLE "log" (
    "id" BIGINT NOT NULL,
    "at" DATE NOT NULL,
    "kind" TEXT NOT NULL,
    CONSTRAINT "log_pkey" PRIMARY KEY ("id", "at", "kind"),
    CONSTRAINT "log_kind_check" CHECK ("kind" <> '')
);
CREATE INDEX "log_kind" ON "log" ("kind");
CREATE TABLE "notes" (
    "log_id" BIGINT,
    "log_at" DATE,
    "log_kind" TEXT,
    CONSTRAINT "notes_log_id_log_at_log_kind_fkey" FOREIGN KEY ("log_id", "log_at", "log_kind") REFERENCES "log" ("id", "at", "kind")
);
