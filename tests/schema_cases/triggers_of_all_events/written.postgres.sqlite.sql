-- not expressed:
-- column `log.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- function `note()`: SQLite has no functions in SQL
-- trigger `log.at_the_end`: what its function does is not known to SQLite
-- trigger `log.everywhere`: what its function does is not known to SQLite
-- trigger `log.off`: what its function does is not known to SQLite
-- trigger `log.on_all`: what its function does is not known to SQLite
-- trigger `log.on_name`: what its function does is not known to SQLite
-- trigger `log.on_replica`: what its function does is not known to SQLite
-- trigger `log.on_truncate`: what its function does is not known to SQLite
-- view `log_names`: whether its query means the same in SQLite is not known

CREATE TABLE "log" (
    "id" INT NOT NULL,
    "name" TEXT,
    CONSTRAINT "log_pkey" PRIMARY KEY ("id")
);
