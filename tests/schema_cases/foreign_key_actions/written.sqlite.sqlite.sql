CREATE TABLE "parents" (
    "id" INTEGER,
    PRIMARY KEY ("id")
);
CREATE TABLE "children" (
    "id" INTEGER,
    "a" INTEGER,
    "b" INTEGER,
    "c" INTEGER,
    "d" INTEGER DEFAULT 1,
    "e" INTEGER,
    "f" INTEGER,
    PRIMARY KEY ("id"),
    FOREIGN KEY ("a") REFERENCES "parents" ("id"),
    FOREIGN KEY ("b") REFERENCES "parents" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
    FOREIGN KEY ("c") REFERENCES "parents" ("id") ON UPDATE RESTRICT ON DELETE SET NULL,
    FOREIGN KEY ("d") REFERENCES "parents" ("id") ON UPDATE SET NULL ON DELETE SET DEFAULT,
    FOREIGN KEY ("e") REFERENCES "parents" ("id") ON DELETE RESTRICT,
    FOREIGN KEY ("f") REFERENCES "parents" ("id")
);
