CREATE TABLE "log" (
    "id" INTEGER,
    "name" TEXT,
    PRIMARY KEY ("id")
);
CREATE TABLE "notes" (
    "what" TEXT
);
CREATE VIEW "log_names" AS
SELECT name FROM log;
CREATE TRIGGER "On Name" BEFORE UPDATE OF name ON log FOR EACH ROW WHEN old.name <> new.name BEGIN SELECT 1; END;
CREATE TRIGGER on_delete DELETE ON log BEGIN SELECT CASE WHEN 1 THEN 2 ELSE 3 END; END;
CREATE TRIGGER on_insert AFTER INSERT ON log BEGIN INSERT INTO notes VALUES ('a; b'); UPDATE notes SET what = 'c'; END;
CREATE TRIGGER on_view INSTEAD OF INSERT ON log_names BEGIN INSERT INTO log (name) VALUES (new.name); END;
