-- not expressed:
-- column `t.a`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `t.b`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `t.c`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `t.d`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `t.e`: SQLite does not enforce `integer`: its integers have 64 bits

CREATE TABLE "t" (
    "a" INTEGER NOT NULL,
    "b" INTEGER,
    "c" INTEGER,
    "d" INTEGER NOT NULL,
    "e" INTEGER NOT NULL,
    CONSTRAINT "t_pkey" PRIMARY KEY ("d", "e")
);
