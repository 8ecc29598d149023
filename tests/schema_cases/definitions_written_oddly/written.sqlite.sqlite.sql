CREATE TABLE "conflicts" (
    "id" INTEGER,
    "name" TEXT NOT NULL ON CONFLICT IGNORE,
    "code" TEXT NOT NULL,
    PRIMARY KEY ("id", "code" COLLATE "NOCASE") ON CONFLICT FAIL,
    UNIQUE ("code" COLLATE "nocase"),
    UNIQUE ("name") ON CONFLICT REPLACE,
    CHECK (id > 0)
);
CREATE TABLE "copied" (
    "one",
    "two"
);
CREATE TABLE "my table" (
    "id" INTEGER,
    "name" TEXT COLLATE "nocase" DEFAULT (trim(' x ')) NOT NULL ON CONFLICT FAIL,
    "parent" INT,
    CONSTRAINT "pk" PRIMARY KEY ("id" AUTOINCREMENT) ON CONFLICT REPLACE,
    CONSTRAINT "named" CHECK (id > 0),
    CONSTRAINT "up" FOREIGN KEY ("parent") REFERENCES "my table" ("id") ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    UNIQUE ("name", "parent") ON CONFLICT IGNORE,
    CHECK (name <> ')')
);
CREATE INDEX "my index" ON "my table" ("name" COLLATE "binary", "parent" DESC) WHERE (name IS NOT NULL);
CREATE TABLE "waits" (
    "id" INTEGER,
    "other" INTEGER,
    "true" TEXT,
    PRIMARY KEY ("id"),
    CHECK (id > 0 OR "true" = 'x'),
    FOREIGN KEY ("other") REFERENCES "waits" ("id")
);
CREATE INDEX "of_a_text" ON "waits" ("true", "id");
