-- Methods, operator classes, orders, storage parameters.
CREATE TABLE docs (id integer, body jsonb, tags text[], name varchar(40), span int4range, at timestamptz);
CREATE INDEX docs_body ON docs USING gin (body jsonb_path_ops);
CREATE INDEX docs_tags ON docs USING gin (tags) WITH (fastupdate = off);
CREATE INDEX docs_name ON docs (name varchar_pattern_ops);
CREATE INDEX docs_hash ON docs USING hash (name);
CREATE INDEX docs_span ON docs USING gist (span);
CREATE INDEX docs_at ON docs USING brin (at);
CREATE INDEX docs_order ON docs (at DESC, name NULLS FIRST, id DESC NULLS LAST);
CREATE INDEX docs_expression ON docs ((body ->> 'a') text_pattern_ops DESC, (id + 1) NULLS FIRST, lower(name) COLLATE "C");
CREATE INDEX docs_default ON docs (id int4_ops, name text_ops, (id + 1) int4_ops);
CREATE INDEX docs_always ON docs (id) WHERE true;
CREATE UNIQUE INDEX docs_once ON docs (('one'::text));
