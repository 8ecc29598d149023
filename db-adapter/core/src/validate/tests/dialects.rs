//! A schema for one database, kept by the other.

use super::super::*;
use super::{NONE, postgres, sqlite, told};

#[test]
fn a_schema_for_postgres_may_be_kept_by_sqlite() {
    let expected = postgres(
        "CREATE TABLE t (id bigint PRIMARY KEY, name varchar(20) NOT NULL, at timestamptz, ok boolean, n numeric(10,2), data jsonb)",
    );
    let fits = sqlite(
        "CREATE TABLE t (ID INTEGER PRIMARY KEY, name TEXT NOT NULL, at TEXT, ok BOOLEAN, n NUMERIC_TEXT, data JSON_TEXT)",
    );
    let result = Validation::new(&expected).run(&fits);
    assert_eq!(told(&result), ["warning name column t.id"]);
    let not = sqlite(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name INTEGER NOT NULL, at TEXT, ok INTEGER, n REAL, data TEXT)",
    );
    let told = told(&Validation::new(&expected).run(&not));
    assert_eq!(
        told,
        [
            "error type column t.data",
            "error type column t.n",
            "error type column t.name",
            "error type column t.ok"
        ]
    );
}

#[test]
fn a_text_key_of_sqlite_may_hold_null() {
    let sql = "CREATE TABLE t (slug TEXT PRIMARY KEY)";
    let expected = ExpectedSchema::from_ddl(&postgres(sql));
    let result = Validation::new(&expected).run(&sqlite(sql));
    assert_eq!(told(&result), ["warning nullability column t.slug"]);
    assert!(result.valid);
}

/// Read as SQLite reads it, a key takes NULL, which no program wants.
#[test]
fn a_key_of_sqlite_may_be_stricter_than_the_file() {
    let expected = sqlite("CREATE TABLE t (id uuid PRIMARY KEY)");
    let actual = sqlite("CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY)");
    let result = Validation::new(&expected).run(&actual);
    assert_eq!(told(&result), NONE);
    let exact = Validation::new(&expected).level(ValidationLevel::Exact);
    assert!(!exact.run(&actual).valid);
}

#[test]
fn a_domain_is_the_type_beneath_to_a_database_without_domains() {
    let domains = postgres(
        "CREATE DOMAIN code AS varchar(5) DEFAULT 'x' NOT NULL; CREATE DOMAIN inner_code AS code;
         CREATE TABLE t (a code, b inner_code, c code[])",
    );
    let plain = sqlite(
        "CREATE TABLE t (a VARCHAR(5) DEFAULT 'x' NOT NULL, b VARCHAR(5) DEFAULT 'x' NOT NULL, c VARCHAR[])",
    );
    assert_eq!(told(&Validation::new(&domains).run(&plain)), NONE);
    assert_eq!(told(&Validation::new(&plain).run(&domains)), NONE);
    let other = sqlite(
        "CREATE TABLE t (a INTEGER DEFAULT 'x' NOT NULL, b VARCHAR(5) NOT NULL, c VARCHAR[])",
    );
    assert_eq!(
        told(&Validation::new(&domains).run(&other)),
        ["error type column t.a", "error default column t.b"]
    );
}
