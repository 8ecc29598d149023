SET search_path TO "public";
CREATE TABLE "public"."settings" (
    "id" integer DEFAULT 7 NOT NULL,
    "a" text DEFAULT 'it''s'::text,
    "b" text DEFAULT ''::text,
    "c" integer DEFAULT '-1'::integer,
    "d" numeric DEFAULT 1.50,
    "e" boolean DEFAULT true NOT NULL,
    "f" timestamp with time zone DEFAULT now(),
    "g" date DEFAULT CURRENT_DATE,
    "h" jsonb DEFAULT '{}'::jsonb,
    "i" text[] DEFAULT '{}'::text[],
    "j" uuid DEFAULT gen_random_uuid(),
    "k" integer DEFAULT ((1 + 2) * 3),
    "l" text,
    "m" text DEFAULT ('a'::text || 'b'::text),
    "n" timestamp without time zone DEFAULT CURRENT_TIMESTAMP,
    "o" interval DEFAULT '1 day'::interval,
    "p" character varying(5) DEFAULT 'x'::character varying,
    CONSTRAINT "settings_pkey" PRIMARY KEY ("id")
);
