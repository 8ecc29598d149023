-- Defaults of every sort, as they are declared.
CREATE TABLE settings (
    id integer PRIMARY KEY,
    a text DEFAULT 'it''s', b text DEFAULT '', c integer DEFAULT -1, d numeric DEFAULT 1.50,
    e boolean NOT NULL DEFAULT true, f timestamp DEFAULT CURRENT_TIMESTAMP, g date DEFAULT (date('now')),
    h json DEFAULT '{}', i integer DEFAULT ((1 + 2) * 3), j text DEFAULT NULL, k blob DEFAULT x'00ff',
    l text DEFAULT TRUE, m varchar(5) DEFAULT false, n text DEFAULT 007, o text DEFAULT 1e3
);
