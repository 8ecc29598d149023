-- not expressed:
-- column `children.a`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `children.b`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `children.c`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `children.d`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `children.e`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `children.f`: SQLite does not enforce `integer`: its integers have 64 bits
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
    "d" INTEGER DEFAULT 1,
    "e" INTEGER,
    "f" INTEGER,
    CONSTRAINT "children_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "children_a_fkey" FOREIGN KEY ("a") REFERENCES "parents" ("id"),
    CONSTRAINT "children_b_fkey" FOREIGN KEY ("b") REFERENCES "parents" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT "children_c_fkey" FOREIGN KEY ("c") REFERENCES "parents" ("id") ON UPDATE RESTRICT ON DELETE SET NULL,
    CONSTRAINT "children_d_fkey" FOREIGN KEY ("d") REFERENCES "parents" ("id") ON UPDATE SET NULL ON DELETE SET DEFAULT,
    CONSTRAINT "children_e_fkey" FOREIGN KEY ("e") REFERENCES "parents" ("id") ON DELETE RESTRICT,
    CONSTRAINT "children_f_fkey" FOREIGN KEY ("f") REFERENCES "parents" ("id")
);
