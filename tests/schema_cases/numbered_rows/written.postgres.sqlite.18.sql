-- not expressed:
-- column `always.id`: SQLite takes a number of the caller's for it
-- column `by_default.id`: SQLite counts from 1 in steps of 1
-- column `by_default.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `by_hand.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `by_name.id`: SQLite counts from 1 in steps of 1
-- column `by_name.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `by_name.id`: SQLite takes a number of the caller's for it
-- column `like_always.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `like_always.id`: SQLite numbers no column but a key of one: nothing fills it
-- column `serials.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `serials.small`: SQLite does not enforce `smallint`: only what this library writes is held to it
-- default `serials.big`: SQLite does not have `nextval('serials_big_seq'::regclass)`; hint: write the value, or give the column a default of SQLite's
-- default `serials.small`: SQLite does not have `nextval('serials_small_seq'::regclass)`; hint: write the value, or give the column a default of SQLite's
-- sequence `serials_big_seq`: SQLite has no sequences
-- sequence `serials_small_seq`: SQLite has no sequences

CREATE TABLE "always" (
    "id" INTEGER,
    CONSTRAINT "always_pkey" PRIMARY KEY ("id" AUTOINCREMENT)
);
CREATE TABLE "by_default" (
    "id" INTEGER,
    "name" TEXT,
    CONSTRAINT "by_default_pkey" PRIMARY KEY ("id" AUTOINCREMENT)
);
CREATE TABLE "by_hand" (
    "id" INT NOT NULL,
    CONSTRAINT "by_hand_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "by_name" (
    "id" INTEGER,
    CONSTRAINT "by_name_pkey" PRIMARY KEY ("id" AUTOINCREMENT)
);
CREATE TABLE "like_always" (
    "id" INTEGER CONSTRAINT "by_default_id_not_null" NOT NULL,
    "name" TEXT
);
CREATE TABLE "serials" (
    "id" INTEGER,
    "big" BIGINT NOT NULL,
    "small" SMALLINT NOT NULL,
    CONSTRAINT "serials_pkey" PRIMARY KEY ("id" AUTOINCREMENT)
);
