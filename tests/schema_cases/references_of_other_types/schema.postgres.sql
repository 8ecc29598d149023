-- A foreign key may be of another type than the key that it refers to.
CREATE DOMAIN few AS integer CHECK (VALUE < 500);
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE big (id bigint PRIMARY KEY, small smallint NOT NULL UNIQUE, amount numeric(8,2) NOT NULL UNIQUE);
CREATE TABLE named (code text PRIMARY KEY, short varchar(5) NOT NULL UNIQUE);
CREATE TABLE pairs (a bigint, b text, PRIMARY KEY (a, b));
CREATE TABLE days (at timestamp PRIMARY KEY);
CREATE TABLE others (
    id integer PRIMARY KEY, user_id bigint NOT NULL REFERENCES users,
    big integer NOT NULL REFERENCES big, small bigint REFERENCES big (small), few few REFERENCES big,
    amount integer REFERENCES big (amount), code varchar(20) NOT NULL REFERENCES named,
    short char(5) REFERENCES named (short), label name REFERENCES named,
    a smallint, b varchar(9), FOREIGN KEY (a, b) REFERENCES pairs
);
CREATE TABLE visits (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users, day date NOT NULL REFERENCES days);
