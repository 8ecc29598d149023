CREATE TABLE "big" (
    "id" BIGINT NOT NULL,
    "small" SMALLINT NOT NULL,
    PRIMARY KEY ("id"),
    UNIQUE ("small")
);
CREATE TABLE "named" (
    "code" TEXT NOT NULL,
    "flag" BOOLEAN NOT NULL,
    PRIMARY KEY ("code"),
    UNIQUE ("flag")
);
CREATE TABLE "flags" (
    "id" INTEGER,
    "flag" INTEGER NOT NULL,
    PRIMARY KEY ("id"),
    FOREIGN KEY ("flag") REFERENCES "named" ("flag")
);
CREATE TABLE "users" (
    "id" INTEGER,
    PRIMARY KEY ("id")
);
CREATE TABLE "others" (
    "id" INTEGER,
    "user_id" INT4 NOT NULL,
    "big" INT4 NOT NULL,
    "small" BIGINT,
    "code" VARCHAR(20) NOT NULL,
    PRIMARY KEY ("id"),
    FOREIGN KEY ("big") REFERENCES "big" ("id"),
    FOREIGN KEY ("code") REFERENCES "named" ("code"),
    FOREIGN KEY ("small") REFERENCES "big" ("small"),
    FOREIGN KEY ("user_id") REFERENCES "users" ("id")
);
