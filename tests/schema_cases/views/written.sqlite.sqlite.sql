CREATE TABLE "books" (
    "id" INTEGER,
    "title" varchar(80) NOT NULL,
    "price" numeric(8, 2),
    PRIMARY KEY ("id")
);
CREATE VIEW "cheap" AS
SELECT id, title FROM books WHERE price < 10;
CREATE VIEW "titles" ("heading") AS
SELECT title FROM books;
