-- not expressed:
-- column `notes.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `open_to_all.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- policy `notes.own`: SQLite has no row-level security
-- policy `notes.reading`: SQLite has no row-level security
-- policy `notes.writing`: SQLite has no row-level security
-- table `notes`: SQLite has no row-level security: every row is seen and written

CREATE TABLE "notes" (
    "id" INT NOT NULL,
    "owner" TEXT NOT NULL,
    "text" TEXT,
    CONSTRAINT "notes_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "open_to_all" (
    "id" INT NOT NULL,
    CONSTRAINT "open_to_all_pkey" PRIMARY KEY ("id")
);
