-- not expressed:
-- schema `Other`: there is no schema `Other`
-- table `audit.users`: SQLite has one schema

CREATE TABLE "users" (
    "id" INT NOT NULL,
    "name" TEXT,
    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "users_name" ON "users" ("name");
