-- A view is no table.
CREATE TABLE books (id integer PRIMARY KEY, title varchar(80) NOT NULL, price numeric(8, 2));
CREATE VIEW cheap AS SELECT id, title FROM books WHERE price < 10;
CREATE VIEW titles (heading) AS SELECT title FROM books;
