-- Row-level security and its policies.
-- since: 14
CREATE TABLE notes (id integer PRIMARY KEY, owner text NOT NULL, text text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON notes USING (owner = CURRENT_USER) WITH CHECK (owner = CURRENT_USER AND text <> '');
CREATE POLICY reading ON notes AS RESTRICTIVE FOR SELECT TO pg_monitor, pg_read_all_data USING (true);
CREATE POLICY writing ON notes FOR INSERT WITH CHECK (true);
CREATE TABLE open_to_all (id integer PRIMARY KEY);
ALTER TABLE open_to_all FORCE ROW LEVEL SECURITY;
