-- An index on an expression or with a condition is no index on a column.
CREATE TABLE people (id integer PRIMARY KEY, email varchar(80), active boolean NOT NULL, age integer);
CREATE UNIQUE INDEX people_email_lower ON people (lower(email));
CREATE INDEX people_active ON people (email) WHERE active;
CREATE INDEX people_sum ON people ((age + 1), email DESC) WHERE age > 17 AND email <> '';
CREATE UNIQUE INDEX people_email_of_active ON people (email) WHERE (email IS NOT NULL);
