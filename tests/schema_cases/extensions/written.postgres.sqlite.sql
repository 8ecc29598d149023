-- not expressed:
-- column `users.email`: keys and indexes of SQLite tell upper and lower case apart
-- column `users.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `users.names`: keys and indexes of SQLite tell upper and lower case apart
-- extension `citext`: what belongs to it is its own
-- extension `pg_trgm`: what belongs to it is its own
-- index `users.users_email`: SQLite has no index of the method `gin`
-- index `users.users_tuned`: SQLite has no index of the method `gist`

CREATE TABLE "users" (
    "id" INT NOT NULL,
    "email" CITEXT NOT NULL,
    "names" CITEXT[],
    CONSTRAINT "users_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "users_email_key" UNIQUE ("email")
);
