-- Every action, on delete and on update.
CREATE TABLE parents (id integer PRIMARY KEY);
CREATE TABLE children (
    id integer PRIMARY KEY,
    a integer REFERENCES parents (id),
    b integer REFERENCES parents (id) ON DELETE CASCADE ON UPDATE CASCADE,
    c integer REFERENCES parents (id) ON DELETE SET NULL ON UPDATE RESTRICT,
    d integer DEFAULT 1 REFERENCES parents (id) ON DELETE SET DEFAULT ON UPDATE SET NULL,
    e integer REFERENCES parents (id) ON DELETE RESTRICT ON UPDATE NO ACTION,
    f integer REFERENCES parents
);
