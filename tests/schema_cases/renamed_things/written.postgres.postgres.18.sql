SET search_path TO "public";
CREATE TABLE "public"."second" (
    "id" integer CONSTRAINT "first_id_not_null" NOT NULL,
    "b" integer,
    CONSTRAINT "first_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "first_a_check" CHECK (b > 0)
);
CREATE INDEX "first_a" ON "public"."second" ("b") WHERE (b > 5);
CREATE TABLE "public"."child" (
    "id" integer NOT NULL,
    "second_id" integer,
    CONSTRAINT "child_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "of_first" FOREIGN KEY ("second_id") REFERENCES "public"."second" ("id")
);
