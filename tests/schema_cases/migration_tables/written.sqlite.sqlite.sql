-- not expressed:
-- table `__diesel_schema_migrations`: excluded
-- table `_sqlx_migrations`: excluded
-- table `schema_migrations`: excluded
-- table `seaql_migrations`: excluded

CREATE TABLE "users" (
    "id" INTEGER,
    PRIMARY KEY ("id")
);
