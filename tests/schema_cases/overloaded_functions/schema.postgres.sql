-- Each overload is a function of its own.
CREATE FUNCTION area(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1 * $1';
CREATE FUNCTION area(a integer, b integer) RETURNS integer LANGUAGE sql AS 'SELECT a * b';
CREATE FUNCTION area(VARIADIC numeric[]) RETURNS numeric LANGUAGE sql AS 'SELECT $1[1]';
CREATE FUNCTION "Area"(text DEFAULT 'x', OUT a text, OUT b integer) LANGUAGE sql AS $$ SELECT 'a'::text, 1 $$;
CREATE FUNCTION series(n integer) RETURNS SETOF integer LANGUAGE sql AS 'SELECT generate_series(1, n)';
CREATE FUNCTION pairs() RETURNS TABLE (a integer, b text) LANGUAGE sql AS $$ SELECT 1, 'x'::text $$;
CREATE PROCEDURE do_it(INOUT n integer) LANGUAGE plpgsql AS $$ BEGIN n := n + 1; END $$;
