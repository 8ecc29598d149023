-- not expressed:
-- column `ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt.ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt.ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu.cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc`: SQLite does not enforce `integer`: its integers have 64 bits

CREATE TABLE "ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt" (
    "ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc" INT CONSTRAINT "ttttttttttttttttttttttttttt_cccccccccccccccccccccccccc_not_null" NOT NULL,
    "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd" INTEGER,
    CONSTRAINT "tttttttttttttttttttttttttttttttttttttttttttttttttttttttttt_pkey" PRIMARY KEY ("ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"),
    CONSTRAINT "ttttttttttttttttttttttttttttt_ddddddddddddddddddddddddddddd_key" UNIQUE ("ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"),
    CONSTRAINT "tttttttttttttttttttttttttttt_dddddddddddddddddddddddddddd_check" CHECK ("ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd" > 0)
);
CREATE INDEX "iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii" ON "ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt" ("ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd");
CREATE TABLE "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu" (
    "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc" INTEGER,
    CONSTRAINT "uuuuuuuuuuuuuuuuuuuuuuuuuuuuu_cccccccccccccccccccccccccccc_fkey" FOREIGN KEY ("cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc") REFERENCES "ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt" ("ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc")
);
