-- not expressed:
-- aggregate `total(integer)`: objects of this kind are not read
-- collation `mine`: objects of this kind are not read
-- column `homes.home`: SQLite does not know the type: it keeps the text of its values and checks nothing
-- column `homes.years`: SQLite does not know the type: it keeps the text of its values and checks nothing
-- composite type `address`: objects of this kind are not read
-- operator `===(integer, integer)`: objects of this kind are not read
-- range type `span`: objects of this kind are not read
-- rule `nothing on t`: objects of this kind are not read
-- statistics object `t_stats`: objects of this kind are not read
-- text search configuration `own`: objects of this kind are not read

CREATE TABLE "homes" (
    "id" INT NOT NULL,
    "home" TEXT,
    "years" TEXT,
    CONSTRAINT "homes_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "t" (
    "id" INT NOT NULL,
    "a" INTEGER,
    "b" INTEGER,
    CONSTRAINT "t_pkey" PRIMARY KEY ("id")
);
