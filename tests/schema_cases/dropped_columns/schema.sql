-- Numbers of columns are no positions: some are gone.
CREATE TABLE t (gone integer, a integer, gone_too integer, b integer NOT NULL, c integer);
ALTER TABLE t DROP COLUMN gone;
ALTER TABLE t DROP COLUMN gone_too;
ALTER TABLE t ADD COLUMN d varchar(9) DEFAULT 'x' NOT NULL;
CREATE UNIQUE INDEX t_ba ON t (b, a);
CREATE INDEX t_cd ON t (c, d);
