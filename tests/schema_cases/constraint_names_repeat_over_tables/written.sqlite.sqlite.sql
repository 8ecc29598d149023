CREATE TABLE "a" (
    "id" INTEGER,
    CONSTRAINT "positive" CHECK (id > 0),
    PRIMARY KEY ("id")
);
CREATE TABLE "a_child" (
    "id" INTEGER,
    "ref" INTEGER,
    CONSTRAINT "to_parent" FOREIGN KEY ("ref") REFERENCES "a" ("id") ON DELETE CASCADE,
    PRIMARY KEY ("id")
);
CREATE TABLE "b" (
    "id" INTEGER,
    "code" varchar(4),
    CONSTRAINT "positive" CHECK (id > 100),
    PRIMARY KEY ("id"),
    UNIQUE ("code")
);
CREATE TABLE "b_child" (
    "id" INTEGER,
    "ref" varchar(4),
    CONSTRAINT "to_parent" FOREIGN KEY ("ref") REFERENCES "b" ("code"),
    PRIMARY KEY ("id")
);
