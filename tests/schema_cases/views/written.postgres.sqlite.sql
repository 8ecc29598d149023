-- not expressed:
-- column `books.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `books.price`: SQLite does not enforce `numeric(8,2)`: only what this library writes is held to it
-- column `books.title`: SQLite does not enforce `character varying(80)`: only what this library writes is held to it
-- view `cheap`: whether its query means the same in SQLite is not known
-- view `titles`: whether its query means the same in SQLite is not known

CREATE TABLE "books" (
    "id" INT NOT NULL,
    "title" VARCHAR(80) NOT NULL,
    "price" NUMERIC_TEXT(8,2),
    CONSTRAINT "books_pkey" PRIMARY KEY ("id")
);
