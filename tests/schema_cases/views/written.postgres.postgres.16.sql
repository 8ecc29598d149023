SET search_path TO "public";
CREATE TABLE "public"."books" (
    "id" integer NOT NULL,
    "title" character varying(80) NOT NULL,
    "price" numeric(8,2),
    CONSTRAINT "books_pkey" PRIMARY KEY ("id")
);
CREATE VIEW "public"."cheap" AS
SELECT id,
    title
   FROM books
  WHERE (price < (10)::numeric);
CREATE VIEW "public"."titles" AS
SELECT title AS heading
   FROM books;
