-- A foreign key may refer to any unique columns, and several to the same table.
CREATE TABLE countries (id integer PRIMARY KEY, iso varchar(2) NOT NULL UNIQUE, region integer, number integer, UNIQUE (region, number));
CREATE TABLE trips (
    id integer PRIMARY KEY,
    departure varchar(2) NOT NULL REFERENCES countries (iso),
    arrival varchar(2) NOT NULL REFERENCES countries (iso),
    stop_region integer,
    stop_number integer,
    FOREIGN KEY (stop_region, stop_number) REFERENCES countries (region, number)
);
