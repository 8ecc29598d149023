-- not expressed:
-- column `children.a`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `children.b`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `children.c`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `children.d`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `children.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `parents.id`: SQLite does not enforce `integer`: its integers have 64 bits

CREATE TABLE "parents" (
    "id" INT NOT NULL,
    CONSTRAINT "parents_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "children" (
    "id" INT NOT NULL,
    "a" INTEGER,
    "b" INTEGER,
    "c" INTEGER,
    "d" INTEGER,
    CONSTRAINT "children_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "waits" FOREIGN KEY ("c") REFERENCES "parents" ("id") ON DELETE CASCADE DEFERRABLE,
    CONSTRAINT "children_a_fkey" FOREIGN KEY ("a") REFERENCES "parents" ("id") DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT "children_b_fkey" FOREIGN KEY ("b") REFERENCES "parents" ("id") DEFERRABLE,
    CONSTRAINT "children_d_fkey" FOREIGN KEY ("d") REFERENCES "parents" ("id")
);
