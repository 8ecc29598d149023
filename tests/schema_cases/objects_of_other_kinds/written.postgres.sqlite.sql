-- not expressed:
-- aggregate `total(integer)`: objects of this kind are not read
-- check `users_of_them.users_of_them_b_check`: `===` in it is not known to mean the same
-- collation `mine`: objects of this kind are not read
-- column `generated.a`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `generated.a`: it is not generated: the function `twice` in it is not known to mean the same
-- column `generated.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `homes.home`: SQLite does not know the type: it keeps the text of its values and checks nothing
-- column `homes.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `homes.years`: SQLite does not know the type: it keeps the text of its values and checks nothing
-- column `of_a_collation.a`: SQLite does not have the collation `mine`
-- column `of_a_collation.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `of_a_domain.a`: SQLite does not know the type: it keeps the text of its values and checks nothing
-- column `of_a_domain.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `t.a`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `t.b`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `t.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `users_of_them.a`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `users_of_them.b`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `users_of_them.c`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `users_of_them.d`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `users_of_them.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- composite type `address`: objects of this kind are not read
-- default `users_of_them.a`: SQLite does not have `twice(1)`; hint: write the value, or give the column a default of SQLite's
-- default `users_of_them.c`: SQLite does not have `of_home((NULL::address)::home)`; hint: write the value, or give the column a default of SQLite's
-- default `users_of_them.d`: SQLite does not have `(('(x,y)'::address).street)::integer`; hint: write the value, or give the column a default of SQLite's
-- domain `home`: SQLite has no domains: its columns have the type beneath, and what it asks for
-- function `of_home(home)`: SQLite has no functions in SQL
-- function `twice(integer)`: SQLite has no functions in SQL
-- index `users_of_them.of_a_function`: the function `twice` in it is not known to mean the same
-- index `users_of_them.of_a_search`: SQLite has no index of the method `gin`
-- operator `===(integer, integer)`: objects of this kind are not read
-- range type `span`: objects of this kind are not read
-- replica identity `users_of_them`: what of its rows goes to subscribers is not read
-- rule `nothing on t`: objects of this kind are not read
-- statistics object `t_stats`: objects of this kind are not read
-- text search configuration `own`: objects of this kind are not read

CREATE TABLE "generated" (
    "id" INT NOT NULL,
    "a" INTEGER,
    CONSTRAINT "generated_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "homes" (
    "id" INT NOT NULL,
    "home" TEXT,
    "years" TEXT,
    CONSTRAINT "homes_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "of_a_collation" (
    "id" INT NOT NULL,
    "a" TEXT,
    CONSTRAINT "of_a_collation_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "of_a_domain" (
    "id" INT NOT NULL,
    "a" TEXT,
    CONSTRAINT "of_a_domain_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "t" (
    "id" INT NOT NULL,
    "a" INTEGER,
    "b" INTEGER,
    CONSTRAINT "t_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "users_of_them" (
    "id" INT NOT NULL,
    "a" INTEGER,
    "b" INTEGER,
    "c" INTEGER,
    "d" INTEGER,
    "e" TEXT,
    CONSTRAINT "users_of_them_pkey" PRIMARY KEY ("id")
);
