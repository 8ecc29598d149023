-- not expressed:
-- function `Area(text)`: SQLite has no functions in SQL
-- function `area(integer)`: SQLite has no functions in SQL
-- function `area(integer, integer)`: SQLite has no functions in SQL
-- function `area(numeric[])`: SQLite has no functions in SQL
-- function `do_it(integer)`: SQLite has no functions in SQL
-- function `pairs()`: SQLite has no functions in SQL
-- function `series(integer)`: SQLite has no functions in SQL

