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
