-- Tables of migration tools are left out, and listed.
CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE schema_migrations (version varchar(255) PRIMARY KEY);
CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY);
CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY);
CREATE TABLE seaql_migrations (version varchar(50) PRIMARY KEY);
