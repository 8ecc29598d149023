-- Which keys are the number of the row, and which only look like it.
CREATE TABLE numbered (id INTEGER PRIMARY KEY, name text);
CREATE TABLE never_again (id INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE at_the_end (name text, id integer, PRIMARY KEY (id));
CREATE TABLE other_type (id INT PRIMARY KEY);
CREATE TABLE descending (id INTEGER PRIMARY KEY DESC);
CREATE TABLE without_number (id INTEGER PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE no_key (id INTEGER);
