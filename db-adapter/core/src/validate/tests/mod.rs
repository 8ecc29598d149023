mod changes;
mod declared;
mod dialects;
mod exact;
mod levels;
mod seen;

use super::*;
use crate::ddl::{SqlDialect, parse};

pub(super) fn postgres(sql: &str) -> DatabaseSchema {
    schema(sql, SqlDialect::Postgres)
}

pub(super) fn sqlite(sql: &str) -> DatabaseSchema {
    schema(sql, SqlDialect::Sqlite)
}

pub(super) fn schema(sql: &str, dialect: SqlDialect) -> DatabaseSchema {
    let ddl = parse(sql, dialect);
    assert!(ddl.errors.is_empty(), "{sql}\n{:?}", ddl.errors);
    let mut schema = ddl.schema;
    schema.dialect = dialect;
    schema
}

/// `error missing column users.email`
pub(super) fn told(result: &SchemaValidationResult) -> Vec<String> {
    let told = |d: &Difference| {
        let object = &d.object;
        assert!(!d.message.is_empty() && d.hint.is_some(), "{d:?}");
        format!(
            "{} {} {} {}",
            d.severity,
            d.kind,
            object.kind,
            object.path()
        )
    };
    result.differences.iter().map(told).collect()
}

pub(super) fn compatible(expected: &str, actual: &str) -> Vec<String> {
    told(&Validation::new(&postgres(expected)).run(&postgres(actual)))
}

pub(super) fn exact(expected: &str, actual: &str) -> Vec<String> {
    let level = ValidationLevel::Exact;
    told(
        &Validation::new(&postgres(expected))
            .level(level)
            .run(&postgres(actual)),
    )
}

pub(super) const NONE: [&str; 0] = [];

#[test]
pub(super) fn a_schema_is_valid_against_itself() {
    let sql = "CREATE TYPE mood AS ENUM ('a', 'b');
        CREATE DOMAIN code AS varchar(5) NOT NULL DEFAULT 'x' CHECK (VALUE <> '');
        CREATE TABLE a (id bigserial PRIMARY KEY, m mood, c code, n numeric(10,2) DEFAULT 0 CHECK (n >= 0),
            g int GENERATED ALWAYS AS (1 + 1) STORED, UNIQUE (m, c));
        CREATE TABLE b (a_id bigint REFERENCES a ON DELETE CASCADE, x text COLLATE \"C\", EXCLUDE (x WITH =));
        CREATE INDEX ON b (lower(x)) WHERE x IS NOT NULL;
        CREATE TABLE p (at date) PARTITION BY RANGE (at);
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
        CREATE SEQUENCE s INCREMENT 5; CREATE VIEW v AS SELECT 1;";
    assert_eq!(exact(sql, sql), NONE);
    assert_eq!(compatible(sql, sql), NONE);
}

#[test]
fn fingerprints_change_with_what_a_program_sees() {
    let base = "CREATE TABLE t (a int8 DEFAULT '1' CHECK (a IN (1, 2)), b varchar(3))";
    let of = |sql: &str| fingerprint(&postgres(sql));
    for same in [
        "CREATE TABLE t (b character varying(3), a bigint DEFAULT 1 CONSTRAINT z CHECK ((a = ANY (ARRAY[1, 2]))))",
        "CREATE TABLE t (a int8 DEFAULT '1' CHECK (a IN (1, 2)), b varchar(3)); COMMENT ON TABLE t IS 'x'",
    ] {
        assert_eq!(of(base), of(same), "{same}");
    }
    for other in [
        "",
        "CREATE TABLE t (a int8 DEFAULT '1' CHECK (a IN (1, 2)), b varchar(4))",
        "CREATE TABLE t (a int8 DEFAULT '1' CHECK (a IN (1, 3)), b varchar(3))",
        "CREATE TABLE t (a int8 DEFAULT '1' CHECK (a IN (1, 2)), b varchar(3) NOT NULL)",
        "CREATE TABLE t (a int8 DEFAULT '1' CHECK (a IN (1, 2)), b varchar(3)); CREATE INDEX ON t (a)",
        "CREATE TABLE u (a int8 DEFAULT '1' CHECK (a IN (1, 2)), b varchar(3))",
    ] {
        assert_ne!(of(base), of(other), "{other}");
    }
    let log = "CREATE TABLE log (at date) PARTITION BY RANGE (at);";
    let part = format!("{log} CREATE TABLE log_1 PARTITION OF log DEFAULT;");
    assert_eq!(of(log), of(&part));
    // written down, because locks keep it: a change of the rules needs another number before the colon
    assert_eq!(
        of("CREATE TABLE t (id int)"),
        "2:c68c3ca486cfb88e61f1e86772d3f1a9"
    );
}
