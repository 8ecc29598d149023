CREATE TABLE "t" (
    "id" INTEGER,
    "a" INTEGER,
    "b" INTEGER,
    PRIMARY KEY ("id"),
    FOREIGN KEY ("a") REFERENCES "nowhere",
    FOREIGN KEY ("b") REFERENCES "elsewhere" ("x")
);
