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
CREATE TABLE tenants (id bigint PRIMARY KEY);
CREATE TABLE projects (id bigserial PRIMARY KEY, slug text NOT NULL, tenant_id bigint NOT NULL REFERENCES tenants);
CREATE TABLE tasks (id bigserial PRIMARY KEY, slug text NOT NULL, tenant_id bigint NOT NULL REFERENCES tenants);
CREATE TABLE invoices (id bigserial PRIMARY KEY, slug text NOT NULL, user_id bigint NOT NULL REFERENCES tenants);
