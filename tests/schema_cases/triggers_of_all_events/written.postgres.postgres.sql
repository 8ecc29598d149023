-- not expressed:
-- trigger `log.on_name`: its function `audit.note` is not written

SET search_path TO "public";
SET check_function_bodies TO off;
CREATE OR REPLACE FUNCTION public.note()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN RETURN NEW; END $function$;
CREATE TABLE "public"."log" (
    "id" integer NOT NULL,
    "name" text,
    CONSTRAINT "log_pkey" PRIMARY KEY ("id")
);
CREATE VIEW "public"."log_names" AS
SELECT log.name
   FROM log;
CREATE CONSTRAINT TRIGGER at_the_end AFTER INSERT ON public.log DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER everywhere AFTER DELETE ON public.log FOR EACH ROW EXECUTE FUNCTION note();
ALTER TABLE "public"."log" ENABLE ALWAYS TRIGGER "everywhere";
CREATE TRIGGER off AFTER DELETE ON public.log FOR EACH ROW EXECUTE FUNCTION note();
ALTER TABLE "public"."log" DISABLE TRIGGER "off";
CREATE TRIGGER on_all AFTER INSERT OR DELETE OR UPDATE ON public.log FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER on_replica AFTER DELETE ON public.log FOR EACH ROW EXECUTE FUNCTION note();
ALTER TABLE "public"."log" ENABLE REPLICA TRIGGER "on_replica";
CREATE TRIGGER on_truncate BEFORE TRUNCATE ON public.log FOR EACH STATEMENT EXECUTE FUNCTION note();
CREATE TRIGGER on_view INSTEAD OF INSERT ON public.log_names FOR EACH ROW EXECUTE FUNCTION note();
COMMENT ON TRIGGER "on_all" ON "public"."log" IS 'notes all';
