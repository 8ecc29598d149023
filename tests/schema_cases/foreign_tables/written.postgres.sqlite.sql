-- not expressed:
-- column `here.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- foreign table `there`: its rows are another server's

CREATE TABLE "here" (
    "id" INT NOT NULL,
    CONSTRAINT "here_pkey" PRIMARY KEY ("id")
);
