-- A type keeps its length, precision and scale.
-- since: 15
CREATE TABLE measures (
    a varchar(10), b char(3), c char, d varchar, e text, f numeric(12, 4), g numeric(5), h numeric,
    i timestamp(3), j timestamptz(0), k time(2), l timetz, m interval(4), n interval year to month,
    o bit(4), p bit varying(9), q float(24), r double precision, s smallint, t int8, u numeric(3, -2),
    v name, w "char", x uuid, y bytea, z jsonb
);
