SET search_path TO "public";
CREATE TABLE "public"."bookings" (
    "room" int4range,
    "during" tstzrange,
    "cancelled" boolean DEFAULT false NOT NULL,
    CONSTRAINT "bookings_during_excl" EXCLUDE USING gist (during WITH &&) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT "no_overlap" EXCLUDE USING gist (room WITH &&, during WITH &&) WHERE ((NOT cancelled))
);
