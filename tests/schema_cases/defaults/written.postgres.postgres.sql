SET search_path TO "public";
CREATE DOMAIN "public"."price" AS numeric(8,2) DEFAULT NULL::numeric;
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
CREATE TABLE "public"."written_otherwise" (
    "a" bytea DEFAULT '\x'::bytea,
    "b" text[] DEFAULT '{A,b}'::text[],
    "c" money DEFAULT '$1.00'::money,
    "d" tsvector DEFAULT '''.'''::tsvector,
    "e" tsquery DEFAULT '''a'''::tsquery,
    "f" integer DEFAULT 5,
    "g" jsonb DEFAULT '{"a": 2, "b": 1}'::jsonb,
    "h" macaddr DEFAULT '08:00:2b:01:02:03'::macaddr,
    "i" timestamp without time zone DEFAULT '2024-01-02 00:00:00'::timestamp without time zone,
    "j" price,
    "k" integer[] DEFAULT '{1,2}'::integer[],
    "l" double precision DEFAULT 'NaN'::double precision
);
