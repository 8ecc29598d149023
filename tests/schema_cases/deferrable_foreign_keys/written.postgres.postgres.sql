SET search_path TO "public";
CREATE TABLE "public"."parents" (
    "id" integer NOT NULL,
    CONSTRAINT "parents_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "public"."children" (
    "id" integer NOT NULL,
    "a" integer,
    "b" integer,
    "c" integer,
    "d" integer,
    CONSTRAINT "children_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "children_a_fkey" FOREIGN KEY ("a") REFERENCES "public"."parents" ("id") DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT "children_b_fkey" FOREIGN KEY ("b") REFERENCES "public"."parents" ("id") DEFERRABLE,
    CONSTRAINT "children_d_fkey" FOREIGN KEY ("d") REFERENCES "public"."parents" ("id"),
    CONSTRAINT "waits" FOREIGN KEY ("c") REFERENCES "public"."parents" ("id") ON DELETE CASCADE DEFERRABLE
);
