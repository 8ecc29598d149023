-- not expressed:
-- column `big.amount`: SQLite does not enforce `numeric(8,2)`: only what this library writes is held to it
-- column `big.small`: SQLite does not enforce `smallint`: only what this library writes is held to it
-- column `named.short`: SQLite does not enforce `character varying(5)`: only what this library writes is held to it
-- column `others.a`: SQLite does not enforce `smallint`: only what this library writes is held to it
-- column `others.amount`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `others.b`: SQLite does not enforce `character varying(9)`: only what this library writes is held to it
-- column `others.big`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `others.code`: SQLite does not enforce `character varying(20)`: only what this library writes is held to it
-- column `others.few`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `others.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `others.short`: SQLite does not enforce `character(5)`: only what this library writes is held to it
-- column `users.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `visits.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `visits.user_id`: SQLite does not enforce `integer`: its integers have 64 bits
-- domain `few`: SQLite has no domains: its columns have the type beneath, and what it asks for
-- foreign key `others.others_amount_fkey`: SQLite stores `amount` in another way than the `amount` that it refers to, and finds no equal values
-- foreign key `visits.visits_day_fkey`: SQLite stores `day` in another way than the `at` that it refers to, and finds no equal values

CREATE TABLE "big" (
    "id" BIGINT NOT NULL,
    "small" SMALLINT NOT NULL,
    "amount" NUMERIC_TEXT(8,2) NOT NULL,
    CONSTRAINT "big_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "big_small_key" UNIQUE ("small"),
    CONSTRAINT "big_amount_key" UNIQUE ("amount")
);
CREATE TABLE "days" (
    "at" TIMESTAMP NOT NULL,
    CONSTRAINT "days_pkey" PRIMARY KEY ("at")
);
CREATE TABLE "named" (
    "code" TEXT NOT NULL,
    "short" VARCHAR(5) NOT NULL,
    CONSTRAINT "named_pkey" PRIMARY KEY ("code"),
    CONSTRAINT "named_short_key" UNIQUE ("short")
);
CREATE TABLE "pairs" (
    "a" BIGINT NOT NULL,
    "b" TEXT NOT NULL,
    CONSTRAINT "pairs_pkey" PRIMARY KEY ("a", "b")
);
CREATE TABLE "users" (
    "id" INT NOT NULL,
    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "others" (
    "id" INT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "big" INTEGER NOT NULL,
    "small" BIGINT,
    "few" INTEGER,
    "amount" INTEGER,
    "code" VARCHAR(20) NOT NULL,
    "short" CHAR(5),
    "label" TEXT,
    "a" SMALLINT,
    "b" VARCHAR(9),
    CONSTRAINT "others_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "others_a_b_fkey" FOREIGN KEY ("a", "b") REFERENCES "pairs" ("a", "b"),
    CONSTRAINT "others_big_fkey" FOREIGN KEY ("big") REFERENCES "big" ("id"),
    CONSTRAINT "others_few_fkey" FOREIGN KEY ("few") REFERENCES "big" ("id"),
    CONSTRAINT "others_code_fkey" FOREIGN KEY ("code") REFERENCES "named" ("code"),
    CONSTRAINT "others_label_fkey" FOREIGN KEY ("label") REFERENCES "named" ("code"),
    CONSTRAINT "others_short_fkey" FOREIGN KEY ("short") REFERENCES "named" ("short"),
    CONSTRAINT "others_small_fkey" FOREIGN KEY ("small") REFERENCES "big" ("small"),
    CONSTRAINT "others_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
    CHECK ("few" < 500)
);
CREATE TABLE "visits" (
    "id" INT NOT NULL,
    "user_id" INTEGER NOT NULL,
    "day" DATE NOT NULL,
    CONSTRAINT "visits_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "visits_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id")
);
