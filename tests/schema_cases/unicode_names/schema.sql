-- Names of any script.
CREATE TABLE "größe" ("straße" integer PRIMARY KEY, "名前" varchar(20) NOT NULL, "emoji 🦀" integer CHECK ("emoji 🦀" > 0));
CREATE TABLE "Ünïcode" ("größe_id" integer REFERENCES "größe" ("straße"));
CREATE INDEX "индекс" ON "größe" ("名前");
