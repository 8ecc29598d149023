-- not expressed:
-- column `"a.b".c.d`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `"a.b".e"f`: SQLite does not enforce `character varying(9)`: only what this library writes is held to it
-- column `"a.b".g'h`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `say "hi".i j`: SQLite does not enforce `integer`: its integers have 64 bits

CREATE TABLE "a.b" (
    "c.d" INT NOT NULL,
    "e""f" VARCHAR(9),
    "g'h" INTEGER DEFAULT 1,
    CONSTRAINT "a.b_pkey" PRIMARY KEY ("c.d")
);
CREATE INDEX "m.n" ON "a.b" ("e""f", "g'h");
CREATE TABLE "say ""hi""" (
    "i j" INTEGER,
    CONSTRAINT "k.l" FOREIGN KEY ("i j") REFERENCES "a.b" ("c.d")
);
