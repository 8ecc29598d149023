-- not expressed:
-- column `countries.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `countries.iso`: SQLite does not enforce `character varying(2)`: only what this library writes is held to it
-- column `countries.number`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `countries.region`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `trips.arrival`: SQLite does not enforce `character varying(2)`: only what this library writes is held to it
-- column `trips.departure`: SQLite does not enforce `character varying(2)`: only what this library writes is held to it
-- column `trips.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `trips.stop_number`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `trips.stop_region`: SQLite does not enforce `integer`: its integers have 64 bits

CREATE TABLE "countries" (
    "id" INT NOT NULL,
    "iso" VARCHAR(2) NOT NULL,
    "region" INTEGER,
    "number" INTEGER,
    CONSTRAINT "countries_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "countries_iso_key" UNIQUE ("iso"),
    CONSTRAINT "countries_region_number_key" UNIQUE ("region", "number")
);
CREATE TABLE "trips" (
    "id" INT NOT NULL,
    "departure" VARCHAR(2) NOT NULL,
    "arrival" VARCHAR(2) NOT NULL,
    "stop_region" INTEGER,
    "stop_number" INTEGER,
    CONSTRAINT "trips_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "trips_arrival_fkey" FOREIGN KEY ("arrival") REFERENCES "countries" ("iso"),
    CONSTRAINT "trips_departure_fkey" FOREIGN KEY ("departure") REFERENCES "countries" ("iso"),
    CONSTRAINT "trips_stop_region_stop_number_fkey" FOREIGN KEY ("stop_region", "stop_number") REFERENCES "countries" ("region", "number")
);
