-- not expressed:
-- foreign table `there`: its rows are another server's

SET search_path TO "public";
CREATE TABLE "public"."here" (
    "id" integer NOT NULL,
    CONSTRAINT "here_pkey" PRIMARY KEY ("id")
);
