//! What SQLite does with names and references, where PostgreSQL does otherwise. Each file was run by SQLite itself.

use super::{Ddl, SqlDialect, parse};
use crate::schema::TableSchema;

fn sqlite(sql: &str) -> Ddl {
    let read = parse(sql, SqlDialect::Sqlite);
    assert!(read.errors.is_empty(), "{:?}", read.errors);
    read
}

fn tables(read: &Ddl) -> Vec<&str> {
    read.schema.tables.keys().map(String::as_str).collect()
}

fn columns(table: &TableSchema) -> Vec<&str> {
    table.columns.iter().map(|c| c.name.as_str()).collect()
}

fn targets(read: &Ddl, table: &str) -> Vec<String> {
    let keys = read.schema.tables[table].foreign_keys();
    keys.map(|key| {
        let columns = key.references_columns.clone().unwrap_or_default();
        let table = key.references_table.clone().unwrap_or_default();
        format!("{table}({})", columns.join(","))
    })
    .collect()
}

fn not_checked(read: &Ddl) -> Vec<String> {
    let entries = read.schema.not_inspected.iter();
    entries
        .map(|n| format!("{} {}", n.kind, n.name.clone().unwrap_or_default()))
        .collect()
}

const TWO: &str = "CREATE TABLE u (id INTEGER PRIMARY KEY, email TEXT);
    CREATE TABLE p (id INTEGER PRIMARY KEY, u INTEGER REFERENCES U (id) ON DELETE CASCADE, v REFERENCES u);";

#[test]
fn a_table_that_is_made_anew_keeps_the_references_to_it() {
    let read = sqlite(&format!(
        "{TWO} PRAGMA foreign_keys=OFF; BEGIN;
         CREATE TABLE u_new (id INTEGER PRIMARY KEY, email TEXT NOT NULL); INSERT INTO u_new SELECT * FROM u;
         DROP TABLE u; ALTER TABLE u_new RENAME TO u; COMMIT; PRAGMA foreign_keys=ON;"
    ));
    assert_eq!(tables(&read), ["p", "u"]);
    assert!(!read.schema.tables["u"].columns[1].nullable);
    assert_eq!(targets(&read, "p"), ["U(id)", "u(id)"]);
    assert_eq!(not_checked(&read), [""; 0]);
    assert_eq!(
        targets(&sqlite(&format!("{TWO} DROP TABLE u;")), "p"),
        ["U(id)", "u()"]
    );
}

#[test]
fn references_follow_a_rename_unless_the_pragma_says_otherwise() {
    for (pragmas, name) in [
        ("", "w"),
        ("PRAGMA legacy_alter_table=ON;", "u"),
        ("PRAGMA main.legacy_alter_table(1);", "u"),
        ("PRAGMA legacy_alter_table=ON; PRAGMA foreign_keys=ON;", "w"),
        (
            "PRAGMA legacy_alter_table=ON; BEGIN; PRAGMA foreign_keys=ON;",
            "u",
        ),
        (
            "PRAGMA legacy_alter_table='yes'; PRAGMA legacy_alter_table = 0;",
            "w",
        ),
        ("PRAGMA legacy_alter_table;", "w"),
    ] {
        let read = sqlite(&format!("{TWO} {pragmas} ALTER TABLE U RENAME TO w;"));
        assert_eq!(tables(&read), ["p", "w"]);
        let found = targets(&read, "p").swap_remove(0).to_lowercase();
        assert_eq!(found, format!("{name}(id)"), "{pragmas}");
    }
    let read = sqlite(&format!(
        "{TWO} PRAGMA legacy_alter_table=ON; ALTER TABLE u RENAME TO u_old;
         CREATE TABLE u (nr INTEGER PRIMARY KEY); DROP TABLE u_old;"
    ));
    assert_eq!(targets(&read, "p"), ["U(id)", "u(nr)"]);
}

#[test]
fn the_case_of_names_does_not_count() {
    let read = sqlite(
        "CREATE TABLE \"P2\" (A INTEGER PRIMARY KEY, B, C, D CHECK (d > 1), UNIQUE (b));
         ALTER TABLE p2 ADD e TEXT NOT NULL DEFAULT 1; ALTER TABLE MAIN.p2 DROP COLUMN c;
         CREATE TABLE k (x REFERENCES p2 (B), y REFERENCES p2);
         ALTER TABLE p2 RENAME b TO f; ALTER TABLE P2 RENAME COLUMN D TO g;
         CREATE INDEX Ix ON p2 (F, G); CREATE INDEX Iy ON p2 (e); CREATE INDEX IF NOT EXISTS ix ON p2 (a); DROP INDEX main.IY;
         CREATE TABLE gone (a); DROP TABLE GONE; CREATE TABLE IF NOT EXISTS main.q (x); CREATE TABLE IF NOT EXISTS Q (y);
         CREATE VIEW V AS SELECT 1; CREATE VIEW IF NOT EXISTS v AS SELECT 2; CREATE VIEW w AS SELECT 1; DROP VIEW W;",
    );
    assert_eq!(tables(&read), ["P2", "k", "q"]);
    let table = &read.schema.tables["P2"];
    assert_eq!(columns(table), ["A", "f", "g", "e"]);
    let check = table.checks().next().unwrap();
    assert_eq!(check.expression.as_deref(), Some("g > 1"));
    assert_eq!(check.columns, ["g"]);
    assert_eq!(table.indexes.keys().collect::<Vec<_>>(), ["Ix"]);
    assert_eq!(table.indexes["Ix"].column_names().unwrap(), ["f", "g"]);
    assert_eq!(targets(&read, "k"), ["p2(f)", "p2(A)"]);
    assert_eq!(columns(&read.schema.tables["q"]), ["x"]);
    assert_eq!(read.schema.views.keys().collect::<Vec<_>>(), ["V"]);
    assert_eq!(not_checked(&read), [""; 0]);
    for twice in [
        "CREATE TABLE t (a, A)",
        "CREATE TABLE t (a); ALTER TABLE T ADD A",
    ] {
        let read = parse(twice, SqlDialect::Sqlite);
        assert_eq!(read.errors[0].message, "column `A` is given twice");
    }
}

#[test]
fn a_change_of_a_table_that_is_not_made_is_not_checked() {
    for dialect in [SqlDialect::Sqlite, SqlDialect::Postgres] {
        let read = parse(
            "ALTER TABLE x ADD a int; CREATE INDEX i ON y (a); CREATE TEMP TABLE z (a int); ALTER TABLE z ADD b int;",
            dialect,
        );
        assert_eq!(not_checked(&read), ["statement x", "statement y"]);
        let reason = read.schema.not_inspected[0].reason.as_str();
        assert_eq!(reason, "line 1: this file does not create table `x`");
    }
}

#[test]
fn what_is_temporary_or_attached_is_not_expected() {
    let read = sqlite(
        "CREATE TABLE a (x); CREATE TABLE temp.tt (x); CREATE TABLE Temp.A (y); CREATE VIEW temp.v AS SELECT 1;
         ALTER TABLE a ADD z; ALTER TABLE main.a ADD w; ALTER TABLE temp.TT ADD z; CREATE INDEX temp.i ON a (y);
         CREATE INDEX i2 ON A (y); ALTER TABLE tt RENAME TO b; ALTER TABLE B ADD q;
         DROP TABLE a; ALTER TABLE a ADD last; CREATE VIEW b2 AS SELECT 1; CREATE TEMP VIEW b2 AS SELECT 2; DROP VIEW b2;",
    );
    assert_eq!(tables(&read), ["a"]);
    let table = &read.schema.tables["a"];
    assert_eq!(columns(table), ["x", "w", "last"]);
    assert!(table.indexes.is_empty());
    assert_eq!(read.schema.views.keys().collect::<Vec<_>>(), ["b2"]);
    assert_eq!(not_checked(&read), [""; 0]);
    let read = sqlite(
        "CREATE TABLE r (x); CREATE TABLE x.R (y); ALTER TABLE X.r ADD z; CREATE INDEX x.i ON r (y);
         CREATE VIEW x.v AS SELECT 1; DROP TABLE x.r; BEGIN; CREATE TEMP TABLE r (q); ROLLBACK; ALTER TABLE r ADD s;",
    );
    assert_eq!(tables(&read), ["r"]);
    assert_eq!(columns(&read.schema.tables["r"]), ["x", "s"]);
    assert!(read.schema.tables["r"].indexes.is_empty() && read.schema.views.is_empty());
    let written =
        sqlite("PRAGMA writable_schema=ON; DELETE FROM sqlite_master; PRAGMA writable_schema=OFF;");
    assert_eq!(not_checked(&written), ["statement PRAGMA writable_schema"]);
    let listed = ["table x.R", "statement x.r", "statement x.r", "view x.v"];
    assert_eq!(not_checked(&read), listed);
}

#[test]
fn what_a_key_does_and_how_it_compares_is_told() {
    let read = parse(
        "CREATE TABLE t (a TEXT NOT NULL ON CONFLICT IGNORE UNIQUE ON CONFLICT REPLACE, b TEXT COLLATE NOCASE,
           c INT CHECK (c > 0) ON CONFLICT FAIL, PRIMARY KEY (B COLLATE binary, A COLLATE rtrim) ON CONFLICT ABORT,
           UNIQUE (b COLLATE nocase), FOREIGN KEY (c) REFERENCES t (c) NOT DEFERRABLE INITIALLY DEFERRED)",
        SqlDialect::Sqlite,
    );
    assert!(read.errors.is_empty(), "{:?}", read.errors);
    let t = &read.schema.tables["t"];
    assert_eq!(t.columns[0].not_null_on_conflict.as_deref(), Some("IGNORE"));
    let unique = |column: &str| t.unique().find(|key| key.columns == [column]).unwrap();
    assert_eq!(unique("a").on_conflict.as_deref(), Some("REPLACE"));
    assert!(unique("b").collations.is_empty());
    let key = t.primary_key().unwrap();
    let collations: Vec<_> = key.collations.iter().collect();
    assert_eq!(
        format!("{collations:?}"),
        r#"[("a", "rtrim"), ("b", "binary")]"#
    );
    assert!(key.on_conflict.is_none() && t.checks().all(|check| check.on_conflict.is_none()));
    assert!(
        t.foreign_keys()
            .all(|key| !key.deferrable && !key.initially_deferred)
    );
}
