SET search_path TO "public";
CREATE DOMAIN "public"."few" AS integer CONSTRAINT "few_check" CHECK (VALUE < 500);
CREATE TABLE "public"."big" (
    "id" bigint NOT NULL,
    "small" smallint NOT NULL,
    "amount" numeric(8,2) NOT NULL,
    CONSTRAINT "big_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "big_amount_key" UNIQUE ("amount"),
    CONSTRAINT "big_small_key" UNIQUE ("small")
);
CREATE TABLE "public"."days" (
    "at" timestamp without time zone NOT NULL,
    CONSTRAINT "days_pkey" PRIMARY KEY ("at")
);
CREATE TABLE "public"."named" (
    "code" text NOT NULL,
    "short" character varying(5) NOT NULL,
    CONSTRAINT "named_pkey" PRIMARY KEY ("code"),
    CONSTRAINT "named_short_key" UNIQUE ("short")
);
CREATE TABLE "public"."pairs" (
    "a" bigint NOT NULL,
    "b" text NOT NULL,
    CONSTRAINT "pairs_pkey" PRIMARY KEY ("a", "b")
);
CREATE TABLE "public"."users" (
    "id" integer NOT NULL,
    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "public"."others" (
    "id" integer NOT NULL,
    "user_id" bigint NOT NULL,
    "big" integer NOT NULL,
    "small" bigint,
    "few" few,
    "amount" integer,
    "code" character varying(20) NOT NULL,
    "short" character(5),
    "label" name,
    "a" smallint,
    "b" character varying(9),
    CONSTRAINT "others_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "others_a_b_fkey" FOREIGN KEY ("a", "b") REFERENCES "public"."pairs" ("a", "b"),
    CONSTRAINT "others_amount_fkey" FOREIGN KEY ("amount") REFERENCES "public"."big" ("amount"),
    CONSTRAINT "others_big_fkey" FOREIGN KEY ("big") REFERENCES "public"."big" ("id"),
    CONSTRAINT "others_code_fkey" FOREIGN KEY ("code") REFERENCES "public"."named" ("code"),
    CONSTRAINT "others_few_fkey" FOREIGN KEY ("few") REFERENCES "public"."big" ("id"),
    CONSTRAINT "others_label_fkey" FOREIGN KEY ("label") REFERENCES "public"."named" ("code"),
    CONSTRAINT "others_short_fkey" FOREIGN KEY ("short") REFERENCES "public"."named" ("short"),
    CONSTRAINT "others_small_fkey" FOREIGN KEY ("small") REFERENCES "public"."big" ("small"),
    CONSTRAINT "others_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "public"."users" ("id")
);
CREATE TABLE "public"."visits" (
    "id" integer NOT NULL,
    "user_id" integer NOT NULL,
    "day" date NOT NULL,
    CONSTRAINT "visits_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "visits_day_fkey" FOREIGN KEY ("day") REFERENCES "public"."days" ("at"),
    CONSTRAINT "visits_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "public"."users" ("id")
);
