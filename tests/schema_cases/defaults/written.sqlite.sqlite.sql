CREATE TABLE "settings" (
    "id" INTEGER,
    "a" TEXT DEFAULT 'it''s',
    "b" TEXT DEFAULT '',
    "c" INTEGER DEFAULT -1,
    "d" numeric DEFAULT 1.50,
    "e" boolean DEFAULT true NOT NULL,
    "f" timestamp DEFAULT CURRENT_TIMESTAMP,
    "g" date DEFAULT (date('now')),
    "h" json DEFAULT '{}',
    "i" INTEGER DEFAULT ((1 + 2) * 3),
    "j" TEXT,
    "k" BLOB DEFAULT x'00ff',
    "l" TEXT DEFAULT TRUE,
    "m" varchar(5) DEFAULT false,
    "n" TEXT DEFAULT 007,
    "o" TEXT DEFAULT 1e3,
    PRIMARY KEY ("id")
);
