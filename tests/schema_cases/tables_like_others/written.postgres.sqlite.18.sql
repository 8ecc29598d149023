-- not expressed:
-- column `bare.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `bare.name`: SQLite does not enforce `character varying(9)`: only what this library writes is held to it
-- column `fast.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `model.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `model.name`: SQLite does not enforce `character varying(9)`: only what this library writes is held to it
-- column `queried.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `queried.name`: SQLite does not enforce `character varying(9)`: only what this library writes is held to it
-- column `same.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `same.name`: SQLite does not enforce `character varying(9)`: only what this library writes is held to it
-- column `typed.a`: SQLite does not enforce `integer`: its integers have 64 bits
-- composite type `pair`: objects of this kind are not read
-- table `fast`: SQLite has no unlogged tables

CREATE TABLE "bare" (
    "id" INTEGER CONSTRAINT "model_id_not_null" NOT NULL,
    "name" VARCHAR(9) CONSTRAINT "model_name_not_null" NOT NULL
);
CREATE TABLE "fast" (
    "id" INTEGER
);
CREATE TABLE "model" (
    "id" INT NOT NULL,
    "name" VARCHAR(9) DEFAULT 'x' NOT NULL,
    CONSTRAINT "model_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "model_name_key" UNIQUE ("name"),
    CONSTRAINT "model_name_check" CHECK ("name" <> '')
);
CREATE TABLE "queried" (
    "id" INTEGER,
    "name" VARCHAR(9)
);
CREATE TABLE "same" (
    "id" INT CONSTRAINT "model_id_not_null" NOT NULL,
    "name" VARCHAR(9) DEFAULT 'x' CONSTRAINT "model_name_not_null" NOT NULL,
    CONSTRAINT "same_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "same_name_key" UNIQUE ("name"),
    CONSTRAINT "model_name_check" CHECK ("name" <> '')
);
CREATE TABLE "typed" (
    "a" INT NOT NULL,
    "b" TEXT,
    CONSTRAINT "typed_pkey" PRIMARY KEY ("a")
);
