-- read by the cases
CREATE TABLE authors (
    id bigserial PRIMARY KEY,
    slug text NOT NULL,
    born date,
    name varchar(200) NOT NULL
);
CREATE TABLE books (
    id bigserial PRIMARY KEY,
    slug text NOT NULL,
    title text,
    price numeric(10,2),
    author_id bigint NOT NULL REFERENCES authors (id)
);
CREATE TABLE pages (
    book_id bigint NOT NULL REFERENCES books (id),
    id bigint NOT NULL,
    number smallint NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (book_id, id)
);
