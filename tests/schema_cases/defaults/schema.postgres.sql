-- Defaults of every sort, as the server writes them.
CREATE TABLE settings (
    id integer PRIMARY KEY DEFAULT 7,
    a text DEFAULT 'it''s', b text DEFAULT '', c integer DEFAULT -1, d numeric DEFAULT 1.50,
    e boolean NOT NULL DEFAULT true, f timestamptz DEFAULT now(), g date DEFAULT CURRENT_DATE,
    h jsonb DEFAULT '{}', i text[] DEFAULT '{}', j uuid DEFAULT gen_random_uuid(),
    k integer DEFAULT (1 + 2) * 3, l text DEFAULT NULL, m text DEFAULT ('a' || 'b'),
    n timestamp DEFAULT CURRENT_TIMESTAMP, o interval DEFAULT '1 day', p varchar(5) DEFAULT 'x'
);
-- which the server writes in another way
CREATE DOMAIN price AS numeric(8, 2) DEFAULT NULL;
CREATE TABLE written_otherwise (
    a bytea DEFAULT '', b text[] DEFAULT '{"A", b}', c money DEFAULT '1', d tsvector DEFAULT '.', e tsquery DEFAULT 'a',
    f integer DEFAULT -(-5), g jsonb DEFAULT '{"b":1,  "a":2}', h macaddr DEFAULT '08-00-2B-01-02-03',
    i timestamp DEFAULT '2024-01-02', j price, k integer[] DEFAULT '{ 1,02 }', l double precision DEFAULT 'nan'
);
