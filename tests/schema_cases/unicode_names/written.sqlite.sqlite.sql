CREATE TABLE "größe" (
    "straße" INTEGER,
    "名前" varchar(20) NOT NULL,
    "emoji 🦀" INTEGER,
    PRIMARY KEY ("straße"),
    CHECK ("emoji 🦀" > 0)
);
CREATE INDEX "индекс" ON "größe" ("名前");
CREATE TABLE "Ünïcode" (
    "größe_id" INTEGER,
    FOREIGN KEY ("größe_id") REFERENCES "größe" ("straße")
);
