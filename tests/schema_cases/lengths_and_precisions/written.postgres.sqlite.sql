-- not expressed:
-- column `measures.a`: SQLite does not enforce `character varying(10)`: only what this library writes is held to it
-- column `measures.b`: SQLite does not enforce `character(3)`: only what this library writes is held to it
-- column `measures.c`: SQLite does not enforce `character(1)`: only what this library writes is held to it
-- column `measures.f`: SQLite does not enforce `numeric(12,4)`: only what this library writes is held to it
-- column `measures.g`: SQLite does not enforce `numeric(5,0)`: only what this library writes is held to it
-- column `measures.i`: SQLite does not enforce `timestamp(3) without time zone`: only what this library writes is held to it
-- column `measures.j`: SQLite does not enforce `timestamp(0) with time zone`: only what this library writes is held to it
-- column `measures.k`: SQLite does not enforce `time(2) without time zone`: only what this library writes is held to it
-- column `measures.m`: SQLite does not know the type: it keeps the text of its values and checks nothing
-- column `measures.n`: SQLite does not know the type: it keeps the text of its values and checks nothing
-- column `measures.o`: SQLite does not know the type: it keeps the text of its values and checks nothing
-- column `measures.p`: SQLite does not know the type: it keeps the text of its values and checks nothing
-- column `measures.q`: SQLite does not enforce `real`: only what this library writes is held to it
-- column `measures.s`: SQLite does not enforce `smallint`: only what this library writes is held to it
-- column `measures.u`: SQLite does not enforce `numeric(3,-2)`: only what this library writes is held to it
-- column `measures.w`: SQLite does not know the type: it keeps the text of its values and checks nothing

CREATE TABLE "measures" (
    "a" VARCHAR(10),
    "b" CHAR(3),
    "c" CHAR(1),
    "d" VARCHAR,
    "e" TEXT,
    "f" NUMERIC_TEXT(12,4),
    "g" NUMERIC_TEXT(5,0),
    "h" NUMERIC_TEXT,
    "i" TIMESTAMP(3),
    "j" TIMESTAMPTZ(0),
    "k" TIME(2),
    "l" TIMETZ,
    "m" TEXT,
    "n" TEXT,
    "o" TEXT,
    "p" TEXT,
    "q" FLOAT4,
    "r" DOUBLE PRECISION,
    "s" SMALLINT,
    "t" BIGINT,
    "u" NUMERIC_TEXT(3,-2),
    "v" TEXT,
    "w" TEXT,
    "x" UUID,
    "y" BLOB,
    "z" JSONB_TEXT
);
