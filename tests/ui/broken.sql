CREATE TABLE authors (
    id bigint PRIMARY KEY,
    slug text NOT NOL
);
CREATE TABLE books (
    id bigint DEFAULT 'x
);
