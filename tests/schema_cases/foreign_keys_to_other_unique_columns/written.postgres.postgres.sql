SET search_path TO "public";
CREATE TABLE "public"."countries" (
    "id" integer NOT NULL,
    "iso" character varying(2) NOT NULL,
    "region" integer,
    "number" integer,
    CONSTRAINT "countries_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "countries_iso_key" UNIQUE ("iso"),
    CONSTRAINT "countries_region_number_key" UNIQUE ("region", "number")
);
CREATE TABLE "public"."trips" (
    "id" integer NOT NULL,
    "departure" character varying(2) NOT NULL,
    "arrival" character varying(2) NOT NULL,
    "stop_region" integer,
    "stop_number" integer,
    CONSTRAINT "trips_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "trips_arrival_fkey" FOREIGN KEY ("arrival") REFERENCES "public"."countries" ("iso"),
    CONSTRAINT "trips_departure_fkey" FOREIGN KEY ("departure") REFERENCES "public"."countries" ("iso"),
    CONSTRAINT "trips_stop_region_stop_number_fkey" FOREIGN KEY ("stop_region", "stop_number") REFERENCES "public"."countries" ("region", "number")
);
