-- not expressed:
-- check `places.places_name_check`: SQLite has no NO INHERIT
-- column `both_of_them.height`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `both_of_them.mark`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `capitals.country`: SQLite does not enforce `character varying(2)`: only what this library writes is held to it
-- column `capitals.height`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `marked.mark`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `places.height`: SQLite does not enforce `integer`: its integers have 64 bits
-- table `both_of_them`: it inherits from other tables: in SQLite their rows are not those of its parents
-- table `capitals`: it inherits from other tables: in SQLite their rows are not those of its parents

CREATE TABLE "both_of_them" (
    "name" TEXT NOT NULL,
    "height" INTEGER,
    "mark" INTEGER,
    "own" TEXT,
    CONSTRAINT "places_height_check" CHECK ("height" > 0)
);
CREATE TABLE "capitals" (
    "name" TEXT NOT NULL,
    "height" INTEGER,
    "country" VARCHAR(2) NOT NULL,
    CONSTRAINT "capitals_pkey" PRIMARY KEY ("country"),
    CONSTRAINT "places_height_check" CHECK ("height" > 0)
);
CREATE TABLE "marked" (
    "mark" INTEGER
);
CREATE TABLE "places" (
    "name" TEXT NOT NULL,
    "height" INTEGER,
    CONSTRAINT "places_name_check" CHECK ("name" <> ''),
    CONSTRAINT "places_height_check" CHECK ("height" > 0)
);
