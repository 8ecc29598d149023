-- not expressed:
-- column `boxes.area`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `boxes.area`: it is not generated: `*` in it is not known to mean the same
-- column `boxes.height`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `boxes.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `boxes.label`: it is not generated: `||` in it is not known to mean the same
-- column `boxes.width`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `spans.b`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `spans.id`: SQLite does not enforce `integer`: its integers have 64 bits

CREATE TABLE "boxes" (
    "id" INT NOT NULL,
    "width" INTEGER NOT NULL,
    "height" INTEGER NOT NULL,
    "area" INTEGER,
    "label" TEXT NOT NULL,
    CONSTRAINT "boxes_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "spans" (
    "id" INT NOT NULL,
    "b" INTEGER,
    CONSTRAINT "spans_pkey" PRIMARY KEY ("id")
);
