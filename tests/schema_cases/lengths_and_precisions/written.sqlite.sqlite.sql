CREATE TABLE "measures" (
    "a" varchar(10),
    "b" CHAR(3),
    "c" DECIMAL(12,4),
    "d" NUMERIC( 5 ),
    "e" TIMESTAMP(3),
    "f" my type,
    "g",
    "h" UNSIGNED BIG INT,
    "i" double precision,
    "j" odd,
    "k" BLOB,
    "l" json,
    "m" uuid,
    "n" boolean,
    "o" INTEGER
);
