-- not expressed:
-- foreign table `there`: its rows are another server's

CREATE TABLE "here" (
    "id" INT NOT NULL,
    CONSTRAINT "here_pkey" PRIMARY KEY ("id")
);
