-- Checks with and without names, of one column and of several, with text that looks like syntax.
CREATE TABLE prices (
    id integer PRIMARY KEY,
    low numeric(10, 2) CHECK (low >= 0),
    high numeric(10, 2),
    state varchar(12) NOT NULL CONSTRAINT known_state CHECK (state IN ('open', 'closed (final)', 'it''s')),
    CHECK (low <= high),
    CONSTRAINT both_or_none CHECK ((low IS NULL) = (high IS NULL))
);
