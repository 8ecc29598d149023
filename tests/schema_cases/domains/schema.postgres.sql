-- A column of a domain has the domain's name, and the values of the type beneath.
CREATE DOMAIN email AS varchar(80) COLLATE "C" NOT NULL DEFAULT 'a@b' CHECK (VALUE LIKE '%@%') CONSTRAINT short CHECK (length(VALUE) < 60);
CREATE DOMAIN work_email AS email;
CREATE DOMAIN amount numeric(12, 2);
CREATE TABLE people (id integer PRIMARY KEY, mail email, work work_email, amounts amount[]);
