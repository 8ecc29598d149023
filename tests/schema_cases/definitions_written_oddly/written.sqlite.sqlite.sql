CREATE TABLE "copied" (
    "one",
    "two"
);
CREATE TABLE "my table" (
    "id" INTEGER,
    "name" TEXT COLLATE "nocase" DEFAULT (trim(' x ')) NOT NULL,
    "parent" INT,
    CONSTRAINT "pk" PRIMARY KEY ("id" AUTOINCREMENT),
    CONSTRAINT "named" CHECK (id > 0),
    CONSTRAINT "up" FOREIGN KEY ("parent") REFERENCES "my table" ("id") ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    UNIQUE ("name", "parent"),
    CHECK (name <> ')')
);
CREATE INDEX "my index" ON "my table" ("name" COLLATE "binary", "parent" DESC) WHERE (name IS NOT NULL);
