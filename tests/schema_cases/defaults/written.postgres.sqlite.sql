-- not expressed:
-- column `settings.c`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `settings.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `settings.k`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `settings.o`: SQLite does not know the type: it keeps the text of its values and checks nothing
-- column `settings.p`: SQLite does not enforce `character varying(5)`: only what this library writes is held to it
-- column `written_otherwise.c`: SQLite does not know the type: it keeps the text of its values and checks nothing
-- column `written_otherwise.d`: SQLite does not know the type: it keeps the text of its values and checks nothing
-- column `written_otherwise.e`: SQLite does not know the type: it keeps the text of its values and checks nothing
-- column `written_otherwise.f`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `written_otherwise.h`: SQLite does not know the type: it keeps the text of its values and checks nothing
-- column `written_otherwise.j`: SQLite does not enforce `numeric(8,2)`: only what this library writes is held to it
-- column `written_otherwise.k`: SQLite does not enforce `integer`: its integers have 64 bits
-- default `settings.f`: it is the time of the statement to the millisecond, not that of the transaction to the microsecond
-- default `settings.j`: SQLite does not have `gen_random_uuid()`; hint: write the value, or give the column a default of SQLite's
-- default `settings.k`: SQLite does not have `((1 + 2) * 3)`; hint: write the value, or give the column a default of SQLite's
-- default `settings.m`: SQLite does not have `('a'::text || 'b'::text)`; hint: write the value, or give the column a default of SQLite's
-- default `settings.n`: it is the time of the statement to the millisecond, not that of the transaction to the microsecond
-- default `settings.o`: SQLite does not have `'1 day'::interval`; hint: write the value, or give the column a default of SQLite's
-- default `written_otherwise.b`: SQLite does not have `'{A,b}'::text[]`; hint: write the value, or give the column a default of SQLite's
-- default `written_otherwise.c`: SQLite does not have `'$1.00'::money`; hint: write the value, or give the column a default of SQLite's
-- default `written_otherwise.d`: SQLite does not have `'''.'''::tsvector`; hint: write the value, or give the column a default of SQLite's
-- default `written_otherwise.e`: SQLite does not have `'''a'''::tsquery`; hint: write the value, or give the column a default of SQLite's
-- default `written_otherwise.h`: SQLite does not have `'08:00:2b:01:02:03'::macaddr`; hint: write the value, or give the column a default of SQLite's
-- default `written_otherwise.j`: SQLite does not have `NULL::numeric`; hint: write the value, or give the column a default of SQLite's
-- default `written_otherwise.k`: SQLite does not have `'{1,2}'::integer[]`; hint: write the value, or give the column a default of SQLite's
-- default `written_otherwise.l`: SQLite does not have `'NaN'::double precision`; hint: write the value, or give the column a default of SQLite's
-- domain `price`: SQLite has no domains: its columns have the type beneath, and what it asks for

CREATE TABLE "settings" (
    "id" INT DEFAULT 7 NOT NULL,
    "a" TEXT DEFAULT 'it''s',
    "b" TEXT DEFAULT '',
    "c" INTEGER DEFAULT -1,
    "d" NUMERIC_TEXT DEFAULT '1.50',
    "e" BOOLEAN DEFAULT TRUE NOT NULL,
    "f" TIMESTAMPTZ DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now')),
    "g" DATE DEFAULT CURRENT_DATE,
    "h" JSONB_TEXT DEFAULT '{}',
    "i" TEXT[] DEFAULT '[]',
    "j" UUID,
    "k" INTEGER,
    "l" TEXT,
    "m" TEXT,
    "n" TIMESTAMP DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000', 'now')),
    "o" TEXT,
    "p" VARCHAR(5) DEFAULT 'x',
    CONSTRAINT "settings_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "written_otherwise" (
    "a" BLOB DEFAULT X'',
    "b" TEXT[],
    "c" TEXT,
    "d" TEXT,
    "e" TEXT,
    "f" INTEGER DEFAULT 5,
    "g" JSONB_TEXT DEFAULT '{"a": 2, "b": 1}',
    "h" TEXT,
    "i" TIMESTAMP DEFAULT '2024-01-02T00:00:00.000000',
    "j" NUMERIC_TEXT(8,2),
    "k" INTEGER[],
    "l" DOUBLE PRECISION
);
