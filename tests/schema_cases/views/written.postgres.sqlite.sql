-- not expressed:
-- view `cheap`: whether its query means the same in SQLite is not known
-- view `titles`: whether its query means the same in SQLite is not known

CREATE TABLE "books" (
    "id" INT NOT NULL,
    "title" VARCHAR(80) NOT NULL,
    "price" NUMERIC_TEXT(8,2),
    CONSTRAINT "books_pkey" PRIMARY KEY ("id")
);
