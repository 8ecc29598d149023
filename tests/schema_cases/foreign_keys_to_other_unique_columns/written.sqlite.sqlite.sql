CREATE TABLE "countries" (
    "id" INTEGER,
    "iso" varchar(2) NOT NULL,
    "region" INTEGER,
    "number" INTEGER,
    PRIMARY KEY ("id"),
    UNIQUE ("iso"),
    UNIQUE ("region", "number")
);
CREATE TABLE "trips" (
    "id" INTEGER,
    "departure" varchar(2) NOT NULL,
    "arrival" varchar(2) NOT NULL,
    "stop_region" INTEGER,
    "stop_number" INTEGER,
    PRIMARY KEY ("id"),
    FOREIGN KEY ("arrival") REFERENCES "countries" ("iso"),
    FOREIGN KEY ("departure") REFERENCES "countries" ("iso"),
    FOREIGN KEY ("stop_region", "stop_number") REFERENCES "countries" ("region", "number")
);
