-- A generated column has an expression, and no default; it is stored or it is not.
CREATE TABLE boxes (
    id integer PRIMARY KEY, width integer NOT NULL, height integer NOT NULL,
    area integer GENERATED ALWAYS AS (width * height) STORED,
    label text NOT NULL AS ('box ' || id),
    half AS (width / 2) VIRTUAL
);
