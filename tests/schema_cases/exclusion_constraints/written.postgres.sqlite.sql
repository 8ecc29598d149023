-- not expressed:
-- column `bookings.during`: SQLite does not know the type: it keeps the text of its values and checks nothing
-- column `bookings.room`: SQLite does not know the type: it keeps the text of its values and checks nothing
-- exclusion `bookings.bookings_during_excl`: SQLite has no exclusion constraints
-- exclusion `bookings.no_overlap`: SQLite has no exclusion constraints

CREATE TABLE "bookings" (
    "room" TEXT,
    "during" TEXT,
    "cancelled" BOOLEAN DEFAULT FALSE NOT NULL
);
