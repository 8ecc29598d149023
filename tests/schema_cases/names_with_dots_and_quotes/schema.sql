-- A dot or a quote inside of a name parts nothing.
CREATE TABLE "a.b" ("c.d" integer PRIMARY KEY, "e""f" varchar(9), "g'h" integer DEFAULT 1);
CREATE TABLE "say ""hi""" ("i j" integer CONSTRAINT "k.l" REFERENCES "a.b" ("c.d"));
CREATE INDEX "m.n" ON "a.b" ("e""f", "g'h");
