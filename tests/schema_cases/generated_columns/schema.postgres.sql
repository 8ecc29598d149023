-- A generated column has an expression, and no default.
CREATE TABLE boxes (
    id integer PRIMARY KEY, width integer NOT NULL, height integer NOT NULL,
    area integer GENERATED ALWAYS AS (width * height) STORED,
    label text GENERATED ALWAYS AS (('box ' || id::text)) STORED NOT NULL
);
CREATE TABLE spans (id integer PRIMARY KEY, a integer, b integer, c integer GENERATED ALWAYS AS (b - a) STORED, CHECK (c > 0));
ALTER TABLE spans DROP COLUMN a CASCADE;
