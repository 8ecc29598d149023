CREATE TABLE "t" (
    "a" INTEGER NOT NULL,
    "b" INTEGER,
    "c" INTEGER,
    "d" INTEGER NOT NULL,
    "e" INTEGER NOT NULL,
    CONSTRAINT "t_pkey" PRIMARY KEY ("d", "e")
);
