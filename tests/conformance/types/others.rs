//! NULL of every type, and types that no `Value` has a variant for.

use db_adapter::ErrorKind;
use db_adapter::prelude::*;

use super::{round_trip, same};
use crate::case::{Case, kind};
use crate::values::column;

cases! {
    anywhere: [unknown_types_are_their_text, bytes_for_unknown_types]
    outside: [null_is_null_for_every_type, types_of_postgres_alone_are_their_text]
}

/// Types that db-adapter does not know never fail a row: they are the text that they print.
async fn unknown_types_are_their_text(t: &Case) {
    round_trip(
        t,
        "interval",
        same(["1 day", "1 year 2 mons 3 days 04:05:06.789", "-00:00:01"]),
    )
    .await;
    round_trip(t, "int4range", same(["[1,5)", "empty", "(,)"])).await;
    round_trip(t, "inet", same(["127.0.0.1/32", "10.0.0.0/8", "::1/128"])).await;
    round_trip(t, "bit(3)", same(["101"])).await;
}

/// Enums, domains, composites and the like are declared; SQLite has no such declarations, so the
/// same names there are types that nobody knows.
async fn types_of_postgres_alone_are_their_text(t: &Case) {
    if t.is_postgres() {
        t.ddl(
            "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
               CREATE DOMAIN zip AS varchar(5) CHECK (VALUE ~ '^[0-9]+$');
               CREATE DOMAIN amount AS numeric(10,2);
               CREATE TYPE pair AS (a int, b text)",
        )
        .await;
    }
    t.ddl("CREATE TABLE t (id {id}, m mood, z zip, p pair, ms mood[], x xml)")
        .await;
    let data = row! { "m": "ok", "z": "12345", "p": "(1,\"a b\")", "x": "<a/>" };
    let row = t.db.insert("t", &data).await.unwrap();
    for (name, value) in data.iter() {
        assert_eq!(&row[name], value, "{name}");
    }
    let row =
        t.db.update("t", &data, row! { "m": "ok", "z": "12345" })
            .await
            .unwrap();
    assert_eq!(row["p"], data["p"]);
    assert_eq!(
        t.table("SELECT m, z, p FROM t").await,
        "ok,12345,(1,\"a b\")"
    );
    if t.is_postgres() {
        let row =
            t.db.update("t", row! { "ms": ["sad", "ok"] }, row! { "id": 1 })
                .await
                .unwrap();
        assert_eq!(row["ms"], Value::from(["sad", "ok"]));
        let row = t.db.update("t", &row, row! { "id": 1 }).await.unwrap();
        assert_eq!(row["ms"], Value::from(["sad", "ok"]));
        assert_eq!(
            kind(t.db.insert("t", row! { "m": "angry" }).await),
            ErrorKind::InvalidValue
        );
        assert_eq!(
            kind(t.db.insert("t", row! { "z": "x" }).await),
            ErrorKind::CheckViolation
        );
        let rows =
            t.db.select("t", "m")
                .filter(row! { "m": ["sad", "ok"] })
                .await
                .unwrap();
        assert_eq!(column(&rows, "m"), [Value::from("ok")]);
    }
}

const TYPES: [&str; 22] = [
    "bool",
    "int2",
    "int4",
    "int8",
    "float4",
    "float8",
    "numeric",
    "numeric(6,2)",
    "text",
    "varchar(5)",
    "char(5)",
    "uuid",
    "timestamptz",
    "timestamp",
    "date",
    "time",
    "timetz",
    "bytea",
    "json",
    "jsonb",
    "int4[]",
    "text[]",
];

async fn null_is_null_for_every_type(t: &Case) {
    let columns: Vec<String> = TYPES
        .iter()
        .enumerate()
        .map(|(i, ty)| format!("c{i} {{{ty}}}"))
        .collect();
    t.ddl(&format!(
        "CREATE TABLE t (id {{id}}, {})",
        columns.join(", ")
    ))
    .await;
    let nulls: Row = (0..TYPES.len())
        .map(|i| (format!("c{i}"), Value::Null))
        .collect();
    let row = t.db.insert("t", &nulls).await.unwrap();
    t.db.insert_many("t", [&nulls, &nulls]).await.unwrap();
    for (name, value) in nulls.iter() {
        assert!(value.is_null() && row[name].is_null(), "{name}");
        assert_eq!(
            t.db.count("t", row! { (name): None::<i64> }).await.unwrap(),
            3,
            "{name}"
        );
        assert_eq!(
            t.db.count("t", row! { (name): op::not_null() })
                .await
                .unwrap(),
            0,
            "{name}"
        );
        assert_eq!(
            t.scalar(&format!("SELECT count(*) FROM t WHERE {name} IS NULL"))
                .await,
            "3"
        );
    }
}

/// SQLite keeps bytes under any name; of what PostgreSQL takes as text they are refused unsent.
async fn bytes_for_unknown_types(t: &Case) {
    t.ddl("CREATE TABLE t (id {id}, v polygon, w interval[])")
        .await;
    let bytes = Value::from(vec![0_u8, 255]);
    let inserted = t.db.insert("t", row! { "v": &bytes }).await;
    let filtered = t.db.count("t", row! { "v": op::is_in([&bytes]) }).await;
    if t.is_postgres() {
        for refused in [inserted.unwrap_err(), filtered.unwrap_err()] {
            assert_eq!(refused.kind(), ErrorKind::InvalidValue);
            let said = refused.to_string();
            assert!(
                said.contains("for `v` in table `t`") && said.contains("found bytes"),
                "{said}"
            );
        }
        assert_eq!(t.scalar("SELECT count(*) FROM t").await, "0");
    } else {
        assert_eq!(inserted.unwrap()["v"], bytes);
        assert_eq!(filtered.unwrap(), 1);
        assert_eq!(t.scalar("SELECT hex(v) FROM t").await, "00FF");
    }
    // in an array they have no form on either
    let refused =
        t.db.insert("t", row! { "w": vec![&bytes] })
            .await
            .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidValue);
}
