CREATE TABLE "ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt" (
    "ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc" INTEGER,
    "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd" INTEGER,
    PRIMARY KEY ("ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"),
    UNIQUE ("ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"),
    CHECK (ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd > 0)
);
CREATE INDEX "iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii" ON "ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt" ("ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd");
CREATE TABLE "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu" (
    "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc" INTEGER,
    FOREIGN KEY ("cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc") REFERENCES "ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt" ("ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc")
);
