-- In SQLite a key may hold NULL, unless it is the row's number or the table is a stricter one.
CREATE TABLE loose (a integer, b integer NOT NULL, c integer NULL, d text, e text, PRIMARY KEY (d, e));
CREATE TABLE one (a text PRIMARY KEY);
CREATE TABLE stored_by_key (a text, b text, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE TABLE strict_types (a TEXT PRIMARY KEY, b ANY, c INT) STRICT;
