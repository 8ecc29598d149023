SET search_path TO "public";
CREATE TABLE "public"."people" (
    "id" integer NOT NULL,
    "email" character varying(80),
    "active" boolean NOT NULL,
    "age" integer,
    CONSTRAINT "people_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "people_active" ON "public"."people" ("email") WHERE (active);
CREATE UNIQUE INDEX "people_email_lower" ON "public"."people" ((lower((email)::text)));
CREATE UNIQUE INDEX "people_email_of_active" ON "public"."people" ("email") WHERE (email IS NOT NULL);
CREATE INDEX "people_sum" ON "public"."people" ((age + 1), "email" DESC) WHERE ((age > 17) AND ((email)::text <> ''::text));
