SET search_path TO "public";
CREATE SCHEMA IF NOT EXISTS "other";
CREATE TABLE "other"."parents" (
    "code" text NOT NULL,
    CONSTRAINT "parents_key" PRIMARY KEY ("code")
);
CREATE TABLE "other"."children" (
    "id" integer NOT NULL,
    "parent" text,
    CONSTRAINT "children_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "to_parent" FOREIGN KEY ("parent") REFERENCES "other"."parents" ("code") ON DELETE CASCADE
);
CREATE TABLE "public"."parents" (
    "id" integer NOT NULL,
    CONSTRAINT "parents_key" PRIMARY KEY ("id")
);
CREATE TABLE "public"."children" (
    "id" integer NOT NULL,
    "parent" integer,
    CONSTRAINT "children_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "to_parent" FOREIGN KEY ("parent") REFERENCES "public"."parents" ("id")
);
