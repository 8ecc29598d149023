CREATE TABLE "parents" (
    "id" INTEGER,
    PRIMARY KEY ("id")
);
CREATE TABLE "children" (
    "id" INTEGER,
    "a" INTEGER,
    "b" INTEGER,
    "c" INTEGER,
    "d" INTEGER,
    CONSTRAINT "waits" FOREIGN KEY ("c") REFERENCES "parents" ("id") ON DELETE CASCADE DEFERRABLE,
    PRIMARY KEY ("id"),
    FOREIGN KEY ("a") REFERENCES "parents" ("id") DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY ("b") REFERENCES "parents" ("id") DEFERRABLE,
    FOREIGN KEY ("d") REFERENCES "parents" ("id")
);
