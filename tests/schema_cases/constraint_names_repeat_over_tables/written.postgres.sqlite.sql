-- not expressed:
-- column `a.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `a_child.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `a_child.ref`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `b.code`: SQLite does not enforce `character varying(4)`: only what this library writes is held to it
-- column `b.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `b_child.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `b_child.ref`: SQLite does not enforce `character varying(4)`: only what this library writes is held to it

CREATE TABLE "a" (
    "id" INT NOT NULL,
    CONSTRAINT "a_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "positive" CHECK ("id" > 0)
);
CREATE TABLE "a_child" (
    "id" INT NOT NULL,
    "ref" INTEGER,
    CONSTRAINT "a_child_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "to_parent" FOREIGN KEY ("ref") REFERENCES "a" ("id") ON DELETE CASCADE
);
CREATE TABLE "b" (
    "id" INT NOT NULL,
    "code" VARCHAR(4),
    CONSTRAINT "b_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "b_code_key" UNIQUE ("code"),
    CONSTRAINT "positive" CHECK ("id" > 100)
);
CREATE TABLE "b_child" (
    "id" INT NOT NULL,
    "ref" VARCHAR(4),
    CONSTRAINT "b_child_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "to_parent" FOREIGN KEY ("ref") REFERENCES "b" ("code")
);
