SET search_path TO "public";
CREATE TABLE "public"."a" (
    "id" integer NOT NULL,
    CONSTRAINT "a_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "positive" CHECK (id > 0)
);
CREATE TABLE "public"."a_child" (
    "id" integer NOT NULL,
    "ref" integer,
    CONSTRAINT "a_child_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "to_parent" FOREIGN KEY ("ref") REFERENCES "public"."a" ("id") ON DELETE CASCADE
);
CREATE TABLE "public"."b" (
    "id" integer NOT NULL,
    "code" character varying(4),
    CONSTRAINT "b_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "b_code_key" UNIQUE ("code"),
    CONSTRAINT "positive" CHECK (id > 100)
);
CREATE TABLE "public"."b_child" (
    "id" integer NOT NULL,
    "ref" character varying(4),
    CONSTRAINT "b_child_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "to_parent" FOREIGN KEY ("ref") REFERENCES "public"."b" ("code")
);
