//! A value is written by the type of its column.

use db_adapter::backup::validate_backup;
use db_adapter::prelude::*;
use db_adapter::{BackupSchema, TableDef};
use serde_json::Value as Json;

use super::backup;
use crate::case::Case;

cases! {
    outside: [every_type_is_written_by_its_columns_type]
}

/// What the file says of a column is what its cells are: a value that needs a mark would be one
/// that is not a value of its column's type.
async fn every_type_is_written_by_its_columns_type(t: &Case) {
    let both = [
        ("boolean", "true"),
        ("int2", "1"),
        ("int4", "1"),
        ("int8", "9007199254740993"),
        ("real", "0.1"),
        ("float8", "1e300"),
        ("numeric", "'1.50'"),
        ("numeric(10,3)", "'1.500'"),
        ("text", "'a'"),
        ("varchar(5)", "'a'"),
        ("char(3)", "'a'"),
        ("uuid", "'6f1c2d3e-0000-4000-8000-00000000000a'"),
        ("timestamptz", "'2026-01-15T10:30:00.000000+00:00'"),
        ("timestamp", "'2026-01-15T10:30:00.000000'"),
        ("date", "'2026-01-15'"),
        ("time", "'10:30:00.000000'"),
        ("json", "'{\"a\": 1.10}'"),
        ("jsonb", "'[1.50]'"),
        ("int4[]", "NULL"),
    ];
    let postgres = [
        ("mood", "'sad'"),
        ("posint", "5"),
        ("postext", "'x'"),
        ("posnum", "1.50"),
        ("posints", "'{1,2}'"),
        ("interval", "'1 day'"),
        ("int4range", "'[1,5)'"),
        ("int4multirange", "'{[1,2)}'"),
        ("inet", "'10.0.0.1'"),
        ("money", "'12.50'"),
        ("point", "'(1,2)'"),
        ("bit(3)", "B'101'"),
        ("oid", "4294967295"),
        ("name", "'n'"),
        ("\"char\"", "'c'"),
        ("pair", "'(1,x)'"),
        ("text[]", "'{a,NULL}'"),
        ("mood[]", "'{sad}'"),
        ("posint[]", "'{5}'"),
        ("numeric[]", "'{1.50,NaN}'"),
        ("jsonb[]", "array['null','{}']::jsonb[]"),
        ("int4[]", "'[0:1]={7,8}'"),
        ("xml", "'<a/>'"),
        ("tsvector", "'a b'"),
        ("regclass", "'pg_class'"),
        ("timetz", "'10:30+02'"),
        ("bytea", "'\\x00ff'"),
        ("timestamptz", "'infinity'"),
        ("date", "'-infinity'"),
        ("float8", "'NaN'"),
        ("numeric", "'NaN'"),
        ("date[]", "'{2026-01-15}'"),
        ("timestamptz(3)", "'2026-01-15T10:30:00.123+00:00'"),
        ("varchar", "'a'"),
        ("bpchar", "'a'"),
        ("bytea[]", "array['\\x00'::bytea]"),
        ("pg_lsn", "'0/1'"),
        ("macaddr", "'08:00:2b:01:02:03'"),
        ("cidr", "'10.0.0.0/8'"),
        ("jsonpath", "'$.a'"),
        ("interval[]", "'{1 day}'"),
    ];
    let sqlite = [
        ("BLOB", "x'00ff'"),
        ("REAL", "0.5"),
        ("INTEGER", "5"),
        ("DECIMAL(10,2)", "1.5"),
        ("DATETIME", "'2026-01-15 10:30:00'"),
        ("CLOB", "'a'"),
        ("TEXT[]", "'[\"a\"]'"),
        ("", "5"),
        ("", "'a'"),
        ("ANYTHING", "'a'"),
        ("NVARCHAR(9)", "'a'"),
    ];
    if t.is_postgres() {
        for sql in [
            "CREATE TYPE mood AS ENUM ('sad', 'ok')",
            "CREATE DOMAIN posint AS int4 CHECK (value > 0)",
            "CREATE DOMAIN postext AS text",
            "CREATE DOMAIN posnum AS numeric(10,2)",
            "CREATE DOMAIN posints AS int4[]",
            "CREATE TYPE pair AS (a int4, b text)",
        ] {
            t.ddl(sql).await;
        }
    }
    let own: &[(&str, &str)] = t.either(&postgres, &sqlite);
    let spelled = both
        .iter()
        .map(|(kind, value)| (t.spell(&format!("{{{kind}}}")), *value));
    let spelled = spelled.chain(own.iter().map(|(kind, value)| ((*kind).to_owned(), *value)));
    let (types, values): (Vec<String>, Vec<&str>) = spelled.unzip();
    let columns: Vec<String> = types
        .iter()
        .enumerate()
        .map(|(i, kind)| format!("c{i} {kind}"))
        .collect();
    let columns = columns.join(", ");
    t.db.execute(format!(
        "CREATE TABLE t (id bigint PRIMARY KEY, slug text, {columns})"
    ))
    .await
    .unwrap();
    t.db.execute(format!(
        "INSERT INTO t VALUES (1, 'a', {})",
        values.join(", ")
    ))
    .await
    .unwrap();
    let schema = BackupSchema::new([TableDef::new("t").no_user()]).unwrap();
    let backup = backup(t, &schema, "u").await;
    let row = t.db.select("t", "*").one().await.unwrap();
    for (i, kind) in types.iter().enumerate() {
        let cell = &backup.json["t"][0][format!("c{i}")];
        let expected: Json = serde_json::from_str(&row[&*format!("c{i}")].to_json()).unwrap();
        let as_text = matches!(&row[&*format!("c{i}")], Value::Numeric(_));
        let same = if as_text {
            cell.as_str() == Some(row[&*format!("c{i}")].to_json().trim_matches('"'))
        } else if kind == "jsonb[]" || kind == "numeric[]" {
            cell.is_array()
        } else if kind == "DATETIME" {
            // SQLite's own text, not the canonical one that a select gives
            cell == "2026-01-15 10:30:00"
        } else {
            *cell == expected
        };
        assert!(same, "{kind}: {cell} for {expected}");
    }
    let report = validate_backup(&backup.file.path, &schema).unwrap();
    assert_eq!(report.warnings, [], "{:?}", report.warnings);
}
