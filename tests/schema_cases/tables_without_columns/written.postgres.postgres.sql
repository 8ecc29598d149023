SET search_path TO "public";
CREATE TABLE "public"."emptied" ();
CREATE TABLE "public"."nothing" ();
