-- A materialised view has indexes.
CREATE TABLE sales (id integer PRIMARY KEY, shop text NOT NULL, amount numeric(10, 2) NOT NULL);
CREATE MATERIALIZED VIEW totals AS SELECT shop, sum(amount) AS total FROM sales GROUP BY shop WITH NO DATA;
CREATE UNIQUE INDEX totals_shop ON totals (shop);
