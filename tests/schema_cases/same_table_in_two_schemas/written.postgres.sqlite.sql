-- not expressed:
-- column `users.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- schema `Other`: there is no schema `Other`
-- table `audit.users`: SQLite has one schema

CREATE TABLE "users" (
    "id" INT NOT NULL,
    "name" TEXT,
    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "users_name" ON "users" ("name");
