CREATE TABLE "a.b" (
    "c.d" INTEGER,
    "e""f" varchar(9),
    "g'h" INTEGER DEFAULT 1,
    PRIMARY KEY ("c.d")
);
CREATE INDEX "m.n" ON "a.b" ("e""f", "g'h");
CREATE TABLE "say ""hi""" (
    "i j" INTEGER,
    CONSTRAINT "k.l" FOREIGN KEY ("i j") REFERENCES "a.b" ("c.d")
);
