-- A partition is told under its parent; what it has from it is not told again.
CREATE TABLE log (id bigint NOT NULL, at date NOT NULL, kind text NOT NULL CHECK (kind <> ''), PRIMARY KEY (id, at, kind)) PARTITION BY RANGE (at);
CREATE TABLE log_2025 PARTITION OF log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE log_2026 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY LIST (kind);
CREATE TABLE log_2026_a PARTITION OF log_2026 FOR VALUES IN ('a', 'b');
CREATE TABLE log_2026_rest PARTITION OF log_2026 DEFAULT;
CREATE TABLE log_rest PARTITION OF log DEFAULT;
CREATE INDEX log_kind ON log (kind);
CREATE INDEX own_of_2025 ON log_2025 (at, kind);
CREATE TABLE hashed (id integer) PARTITION BY HASH (id);
CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE notes (log_id bigint, log_at date, log_kind text, FOREIGN KEY (log_id, log_at, log_kind) REFERENCES log);
