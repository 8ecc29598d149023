SET search_path TO "public";
SET check_function_bodies TO off;
CREATE OR REPLACE FUNCTION public."Area"(text DEFAULT 'x'::text, OUT a text, OUT b integer)
 RETURNS record
 LANGUAGE sql
AS $function$ SELECT 'a'::text, 1 $function$;
CREATE OR REPLACE PROCEDURE public.do_it(INOUT n integer)
 LANGUAGE plpgsql
AS $procedure$ BEGIN n := n + 1; END $procedure$;
CREATE OR REPLACE FUNCTION public.pairs()
 RETURNS TABLE(a integer, b text)
 LANGUAGE sql
AS $function$ SELECT 1, 'x'::text $function$;
CREATE OR REPLACE FUNCTION public.series(n integer)
 RETURNS SETOF integer
 LANGUAGE sql
AS $function$SELECT generate_series(1, n)$function$;
CREATE OR REPLACE FUNCTION public.area(integer)
 RETURNS integer
 LANGUAGE sql
AS $function$SELECT $1 * $1$function$;
CREATE OR REPLACE FUNCTION public.area(a integer, b integer)
 RETURNS integer
 LANGUAGE sql
AS $function$SELECT a * b$function$;
CREATE OR REPLACE FUNCTION public.area(VARIADIC numeric[])
 RETURNS numeric
 LANGUAGE sql
AS $function$SELECT $1[1]$function$;
