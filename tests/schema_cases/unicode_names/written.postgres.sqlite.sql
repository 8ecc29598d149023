-- not expressed:
-- column `größe.emoji 🦀`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `größe.straße`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `größe.名前`: SQLite does not enforce `character varying(20)`: only what this library writes is held to it
-- column `Ünïcode.größe_id`: SQLite does not enforce `integer`: its integers have 64 bits

CREATE TABLE "größe" (
    "straße" INT NOT NULL,
    "名前" VARCHAR(20) NOT NULL,
    "emoji 🦀" INTEGER,
    CONSTRAINT "größe_pkey" PRIMARY KEY ("straße"),
    CONSTRAINT "größe_emoji 🦀_check" CHECK ("emoji 🦀" > 0)
);
CREATE INDEX "индекс" ON "größe" ("名前");
CREATE TABLE "Ünïcode" (
    "größe_id" INTEGER,
    CONSTRAINT "Ünïcode_größe_id_fkey" FOREIGN KEY ("größe_id") REFERENCES "größe" ("straße")
);
