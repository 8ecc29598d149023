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
    "d" integer DEFAULT 1,
    "e" integer,
    "f" integer,
    CONSTRAINT "children_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "children_a_fkey" FOREIGN KEY ("a") REFERENCES "public"."parents" ("id"),
    CONSTRAINT "children_b_fkey" FOREIGN KEY ("b") REFERENCES "public"."parents" ("id") ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT "children_c_fkey" FOREIGN KEY ("c") REFERENCES "public"."parents" ("id") ON UPDATE RESTRICT ON DELETE SET NULL,
    CONSTRAINT "children_d_fkey" FOREIGN KEY ("d") REFERENCES "public"."parents" ("id") ON UPDATE SET NULL ON DELETE SET DEFAULT,
    CONSTRAINT "children_e_fkey" FOREIGN KEY ("e") REFERENCES "public"."parents" ("id") ON DELETE RESTRICT,
    CONSTRAINT "children_f_fkey" FOREIGN KEY ("f") REFERENCES "public"."parents" ("id")
);
