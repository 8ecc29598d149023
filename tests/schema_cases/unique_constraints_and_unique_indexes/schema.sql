-- A unique constraint is a constraint, a unique index is an index; neither is told twice.
CREATE TABLE accounts (
    id integer PRIMARY KEY,
    email varchar(80) UNIQUE,
    realm varchar(10),
    login varchar(40),
    phone varchar(20),
    UNIQUE (realm, login),
    CONSTRAINT one_phone UNIQUE (phone)
);
CREATE UNIQUE INDEX accounts_login ON accounts (login);
CREATE INDEX accounts_realm ON accounts (realm);
