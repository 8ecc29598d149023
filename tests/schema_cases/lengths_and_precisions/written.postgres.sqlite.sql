-- not expressed:
-- column `measures.m`: SQLite does not know the type: it keeps the text of its values and checks nothing
-- column `measures.n`: SQLite does not know the type: it keeps the text of its values and checks nothing
-- column `measures.o`: SQLite does not know the type: it keeps the text of its values and checks nothing
-- column `measures.p`: SQLite does not know the type: it keeps the text of its values and checks nothing
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
