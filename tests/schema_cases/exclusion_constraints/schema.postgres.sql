-- Exclusions, with conditions and deferred.
CREATE TABLE bookings (
    room int4range, during tstzrange, cancelled boolean NOT NULL DEFAULT false,
    CONSTRAINT no_overlap EXCLUDE USING gist (room WITH &&, during WITH &&) WHERE (NOT cancelled),
    EXCLUDE USING gist (during WITH &&) DEFERRABLE INITIALLY DEFERRED
);
