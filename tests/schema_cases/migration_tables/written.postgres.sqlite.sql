-- not expressed:
-- column `users.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- table `__diesel_schema_migrations`: excluded
-- table `_sqlx_migrations`: excluded
-- table `schema_migrations`: excluded
-- table `seaql_migrations`: excluded

CREATE TABLE "users" (
    "id" INT NOT NULL,
    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);
