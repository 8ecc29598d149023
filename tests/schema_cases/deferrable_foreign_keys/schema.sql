-- Which foreign keys wait for the end of the transaction.
CREATE TABLE parents (id integer PRIMARY KEY);
CREATE TABLE children (
    id integer PRIMARY KEY,
    a integer REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED,
    b integer REFERENCES parents (id) DEFERRABLE INITIALLY IMMEDIATE,
    c integer CONSTRAINT waits REFERENCES parents (id) ON DELETE CASCADE DEFERRABLE,
    d integer REFERENCES parents (id) NOT DEFERRABLE
);
