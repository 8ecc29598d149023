SET search_path TO "public";
CREATE TABLE "public"."books" (
    "id" integer NOT NULL,
    "title" character varying(80) NOT NULL,
    "price" numeric(8,2),
    CONSTRAINT "books_pkey" PRIMARY KEY ("id")
);
CREATE VIEW "public"."cheap" AS
SELECT books.id,
    books.title
   FROM books
  WHERE (books.price < (10)::numeric);
CREATE VIEW "public"."titles" AS
SELECT books.title AS heading
   FROM books;
