CREATE TABLE "boxes" (
    "id" INTEGER,
    "width" INTEGER NOT NULL,
    "height" INTEGER NOT NULL,
    "area" INTEGER GENERATED ALWAYS AS (width * height) STORED,
    "label" TEXT GENERATED ALWAYS AS ('box ' || id) VIRTUAL NOT NULL,
    "half" GENERATED ALWAYS AS (width / 2) VIRTUAL,
    PRIMARY KEY ("id")
);
