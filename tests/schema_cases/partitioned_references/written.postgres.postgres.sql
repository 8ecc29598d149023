SET search_path TO "public";
CREATE TABLE "public"."parents" (
    "id" integer NOT NULL,
    CONSTRAINT "parents_pkey" PRIMARY KEY ("id")
) PARTITION BY RANGE (id);
CREATE TABLE "public"."children" (
    "id" integer NOT NULL,
    "parent_id" integer,
    CONSTRAINT "children_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "of_parent" FOREIGN KEY ("parent_id") REFERENCES "public"."parents" ("id") ON DELETE CASCADE
) PARTITION BY RANGE (id);
CREATE TABLE "public"."children_1" PARTITION OF "public"."children" FOR VALUES FROM (0) TO (10);
CREATE TABLE "public"."children_2" PARTITION OF "public"."children" FOR VALUES FROM (10) TO (MAXVALUE);
CREATE TABLE "public"."parents_1" PARTITION OF "public"."parents" FOR VALUES FROM (0) TO (10);
