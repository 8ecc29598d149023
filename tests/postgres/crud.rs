//! The operations, on what only PostgreSQL has: schemas, arrays, enums, domains.

use db_adapter::prelude::*;
use db_adapter::{Error, ErrorKind, PostgresAdapter, Value};
use support::TestDatabase;

use crate::database;

const TABLES: &str = "
    CREATE EXTENSION IF NOT EXISTS citext;
    CREATE TYPE mood AS ENUM ('sad', 'happy');
    CREATE DOMAIN code AS varchar(3);
    CREATE DOMAIN positive AS int CHECK (value > 0);
    CREATE TABLE things (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text NOT NULL, age int, price numeric(10,2), data bytea, tags text[], doc jsonb,
        mood mood, moods mood[], mail citext UNIQUE, code code, size positive, sizes positive[],
        span interval, at timestamptz DEFAULT '2026-01-02 03:04:05Z', flag bool, twice int GENERATED ALWAYS AS (age * 2) STORED
    );";

#[tokio::test]
async fn a_row_goes_in_and_comes_back_canonical() {
    let (_database, db) = database(TABLES).await;
    let row = db
        .insert(
            "things",
            row! {
                "name": "Ä 'x'", "age": 30, "price": "1.5", "data": vec![0_u8, 255],
                "tags": ["a b", "", "null"], "doc": Value::json_from(&vec![1, 2]).unwrap(),
                "mood": "happy", "mail": "A@b.c", "code": "ab", "size": 7, "span": "1 day",
                "moods": ["sad", "happy"], "sizes": [1, 2], "flag": true,
            },
        )
        .await
        .unwrap();
    assert_eq!(row["id"], 1);
    assert_eq!(
        row["price"].clone(),
        Value::from(db_adapter::Numeric::parse("1.50").unwrap())
    );
    assert_eq!(row["tags"], Value::from(["a b", "", "null"]));
    assert_eq!(row["moods"], Value::from(["sad", "happy"]));
    assert_eq!(row["sizes"], Value::from([1, 2]));
    assert_eq!(row["span"], "1 day");
    assert_eq!(row["twice"], 60);
    assert_eq!(row["at"], "2026-01-02T03:04:05.000000+00:00");
    let same = db
        .select("things", "*")
        .filter(row! { "mail": "a@B.C" })
        .one()
        .await
        .unwrap();
    assert_eq!(row, same);
    // every value is accepted back, in data and in filters
    let mut copy = same.clone();
    for (name, value) in same
        .iter()
        .filter(|(name, _)| !matches!(*name, "doc" | "span"))
    {
        let filter = row! { "id": 1 };
        let filter = Filter::from(filter).and(Row::from([(name, value.clone())]));
        let found = db.select("things", "id").filter(filter).await.unwrap();
        assert_eq!(found.len(), 1, "{name}");
    }
    copy.set("name", "copy");
    let changed = db
        .update("things", row! { "name": "new", "sizes": None::<i64>, "moods": &copy["moods"], "span": &copy["span"], "doc": &copy["doc"] }, row! { "id": 1 })
        .await
        .unwrap();
    assert_eq!(changed["name"], "new");
    assert!(changed["sizes"].is_null());
    assert_eq!(db.delete("things", row! { "id": 1 }).await.unwrap(), 1);
    assert_eq!(db.count("things", row! {}).await.unwrap(), 0);
}

#[tokio::test]
async fn filters_find_their_rows() {
    let (_database, db) = database(TABLES).await;
    for (name, age, mood) in [
        ("Ann", 20, "sad"),
        ("bob", 30, "happy"),
        ("Cy", 40, "happy"),
    ] {
        db.insert("things", row! { "name": name, "age": age, "mood": mood, "mail": name, "data": name.as_bytes(), "tags": [name] }).await.unwrap();
    }
    db.insert("things", row! { "name": "null" }).await.unwrap();
    for (filter, expected) in [
        (row! { "age": op::gt(20), "mood": "happy" }, 2),
        (Filter::from(row! { "age": [20, 40] }), 2),
        (row! { "age": op::not_in([20, 40]) }, 1),
        (row! { "age": op::is_in([Some(20), None]) }, 2),
        (row! { "age": op::is_null() }, 1),
        (row! { "mail": op::like("a%") }, 0),
        (row! { "mail": op::ilike("a%") }, 1),
        (row! { "mood": op::like("%app%") }, 2),
        (
            row! { "data": op::is_in([b"Ann".to_vec(), b"bob".to_vec()]) },
            2,
        ),
        (row! { "data": op::not_in([b"Ann".to_vec()]) }, 2),
        (row! { "tags": op::eq(["Ann"]) }, 1),
        (row! { "tags": op::is_in([vec!["Ann"], vec!["bob"]]) }, 2),
        (row! { "mood": op::is_in(["sad"]) }, 1),
        (row! { "mail": op::is_in(["ANN", "BOB"]) }, 2),
    ] {
        let rows = db
            .select("things", "*")
            .filter(&filter)
            .order_by("age DESC, name")
            .limit(10)
            .await;
        assert_eq!(rows.unwrap().len(), expected, "{filter:?}");
    }
    let rows = db
        .select("things", "name")
        .order_by("age")
        .limit(1)
        .offset(1)
        .await
        .unwrap();
    assert_eq!(rows[0]["name"], "bob");
    assert!(db.exists("things", row! { "age": 20 }).await.unwrap());
    assert_eq!(
        db.select("things", "count(*) AS n").one().await.unwrap()["n"],
        4
    );
}

#[tokio::test]
async fn bulk_keeps_the_order_and_the_defaults() {
    let (_database, db) = database(
        "CREATE TABLE b (id serial PRIMARY KEY, k text UNIQUE, n int DEFAULT 7, data bytea, list int[])",
    )
    .await;
    let rows = db
        .insert_many(
            "b",
            [
                row! { "k": "0" },
                row! { "k": "1", "n": None::<i64> },
                row! {},
                row! { "k": "3", "data": vec![1_u8], "list": [1, 2] },
                row! { "k": "4" },
                row! {},
            ],
        )
        .returning("*")
        .await
        .unwrap();
    let keys: Vec<String> = rows
        .iter()
        .map(|r| r.get::<Option<String>>("k").unwrap().unwrap_or_default())
        .collect();
    assert_eq!(keys, ["0", "1", "", "3", "4", ""]);
    assert_eq!(rows[0]["n"], 7);
    assert!(rows[1]["n"].is_null());
    assert_eq!(rows[3]["list"], Value::from([1, 2]));
    assert_eq!(rows[3]["data"], Value::from(vec![1_u8]));
    // more than the protocol's 65,535 parameters, in several statements
    let many = (0..70_000).map(|i| row! { "k": format!("k{i}"), "n": i });
    let rows = db.insert_many("b", many).returning("n").await.unwrap();
    assert!(rows.iter().enumerate().all(|(i, r)| r["n"] == i as i64));
    let upserted = db
        .upsert_many(
            "b",
            (0..6000).map(|i| row! { "k": format!("k{i}"), "n": -i }),
            ["k"],
        )
        .await
        .unwrap();
    assert_eq!(upserted, 6000);
    assert_eq!(db.count("b", row! { "n": op::lt(0) }).await.unwrap(), 5999);
    let changed = db
        .update_many(
            "b",
            (0..7000).map(|i| row! { "k": format!("k{i}"), "n": 5 }),
            ["k"],
        )
        .await
        .unwrap();
    assert_eq!(changed, 7000);
    assert_eq!(db.count("b", row! { "n": 5 }).await.unwrap(), 7000);
    // all or none, over several statements
    let mut bad: Vec<Row> = (0..6000).map(|i| row! { "k": format!("x{i}") }).collect();
    bad.push(row! { "k": "k1" });
    let error = db.insert_many("b", bad).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    assert_eq!(
        db.count("b", row! { "k": op::like("x%") }).await.unwrap(),
        0
    );
    let all = (0..70_000).map(|i| format!("k{i}")).collect::<Vec<_>>();
    assert_eq!(
        db.count("b", row! { "k": op::is_in(all) }).await.unwrap(),
        70_000
    );
}

#[tokio::test]
async fn updates_give_the_first_in_key_order() {
    let (_database, db) =
        database("CREATE TABLE u (a int, b text, n int, PRIMARY KEY (b, a))").await;
    for (a, b) in [(2, "y"), (1, "y"), (9, "x")] {
        db.insert("u", row! { "a": a, "b": b, "n": 0 })
            .await
            .unwrap();
    }
    let first = db
        .update("u", row! { "n": 1 }, Filter::all())
        .await
        .unwrap();
    assert_eq!(
        (&first["a"], &first["b"]),
        (&Value::from(9), &Value::from("x"))
    );
    assert_eq!(
        db.update("u", row! { "n": 2 }, row! { "b": "y" })
            .count()
            .await
            .unwrap(),
        2
    );
    assert_eq!(
        db.update("u", row! { "n": 3 }, row! { "b": "y" })
            .all()
            .await
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        db.update("u", row! { "n": 3 }, row! { "b": "z" })
            .await
            .unwrap_err()
            .kind(),
        ErrorKind::NoRowsMatched
    );
    assert_eq!(
        db.update("u", row! {}, row! { "b": "z" })
            .await
            .unwrap_err()
            .kind(),
        ErrorKind::EmptyData
    );
    assert_eq!(
        db.delete("u", row! {}).await.unwrap_err().kind(),
        ErrorKind::EmptyFilter
    );
}

#[tokio::test]
async fn errors_name_tables_columns_and_constraints_but_no_values() {
    let (_database, db) = database(
        "CREATE TABLE p (id int PRIMARY KEY, name varchar(3) CONSTRAINT named CHECK (name <> 'no'));
         CREATE TABLE c (id int PRIMARY KEY, p int NOT NULL REFERENCES p, a int, b int, UNIQUE (a, b))",
    )
    .await;
    db.insert("p", row! { "id": 1, "name": "x" }).await.unwrap();
    db.insert("c", row! { "id": 1, "p": 1, "a": 424242, "b": 2 })
        .await
        .unwrap();
    let violation = |error: &Error| error.violation().cloned().unwrap();
    let error = db
        .insert("c", row! { "id": 2, "p": 1, "a": 424242, "b": 2 })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    assert_eq!(violation(&error).columns, ["a", "b"]);
    assert_eq!(violation(&error).table.as_deref(), Some("c"));
    assert!(!format!("{error} {error:?}").contains("424242"));
    let error = db.insert("c", row! { "id": 2, "p": 9 }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    assert_eq!(violation(&error).columns, ["p"]);
    let error = db.delete("p", row! { "id": 1 }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    assert_eq!(violation(&error).table.as_deref(), Some("p"));
    let error = db.insert("c", row! { "id": 2 }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotNullViolation);
    assert_eq!(violation(&error).columns, ["p"]);
    let error = db
        .insert("p", row! { "id": 3, "name": "no" })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CheckViolation);
    assert_eq!(violation(&error).columns, ["name"]);
    let error = db
        .upsert("c", row! { "id": 1, "a": 1, "p": 1 }, ["a"])
        .await
        .unwrap_err();
    assert!(error.to_string().contains("unique index"), "{error}");
    let error = db.select("cc", "*").await.unwrap_err();
    assert!(error.to_string().contains("`c`") || error.kind() == ErrorKind::UndefinedTable);
    let error = db.select("p", "nmae").await.unwrap_err();
    assert!(error.to_string().contains("did you mean `name`"), "{error}");
    assert!(std::error::Error::source(&error).is_none());
}

#[tokio::test]
async fn names_are_exact_and_schemas_are_found() {
    let (_database, db) = database(
        "CREATE SCHEMA \"A b\"; CREATE TABLE \"A b\".\"Ta\"\"ble\" (\"Select\" int, \"x\" int);
         CREATE TABLE users (id int); CREATE VIEW v AS SELECT id FROM users;
         CREATE MATERIALIZED VIEW m AS SELECT 1 AS id; CREATE TABLE empty ();
         CREATE TABLE parts (id int) PARTITION BY LIST (id); CREATE TABLE part1 PARTITION OF parts FOR VALUES IN (1)",
    )
    .await;
    db.insert(r#""A b"."Ta""ble""#, row! { "Select": 1 })
        .await
        .unwrap();
    let row = db
        .select(r#""A b"."Ta""ble""#, ["Select"])
        .one()
        .await
        .unwrap();
    assert_eq!(row["Select"], 1);
    assert_eq!(
        db.select("Users", "*").await.unwrap_err().to_string(),
        "no table or view `Users`; hint: did you mean `users`?"
    );
    for table in ["v", "m", "parts", "part1", "public.users"] {
        db.select(table, "id").await.unwrap();
    }
    assert_eq!(
        db.select("empty", "*").await.unwrap_err().kind(),
        ErrorKind::InvalidQuery
    );
    assert_eq!(db.count("empty", row! {}).await.unwrap(), 0);
    let version = db.server_version().await.unwrap();
    assert!(
        version.chars().all(|c| c.is_ascii_digit() || c == '.'),
        "{version}"
    );
    db.ping().await.unwrap();
    db.close().await.unwrap();
    db.close().await.unwrap();
    assert_eq!(db.ping().await.unwrap_err(), Error::Closed);
}

/// Of a type without operators there is neither an order nor equality.
#[tokio::test]
async fn what_the_types_have_no_operator_for_is_unsupported() {
    let types = ["point", "xml", "polygon", "jsonpath", "box", "xid"];
    let columns: Vec<_> = types.iter().map(|ty| format!("c_{ty} {ty}")).collect();
    let (database, db) = database(&format!(
        "CREATE TABLE t (id int PRIMARY KEY, {}); INSERT INTO t VALUES (1)",
        columns.join(", ")
    ))
    .await;
    let value = |ty: &str| match ty {
        "point" => "(1,2)",
        "xml" => "<a/>",
        "polygon" => "((1,2),(3,4))",
        "jsonpath" => "$",
        _ => "(1,2),(3,4)",
    };
    for ty in types.iter().filter(|ty| **ty != "xid") {
        let column = format!("c_{ty}");
        let has_equality = *ty == "box";
        let mut refused = vec![
            db.select("t", "*").order_by(&*column).await.map(|_| ()),
            db.select("t", &*column).distinct().await.map(|_| ()),
            db.count("t", row! { (&column): op::lt(value(ty)) })
                .await
                .map(|_| ()),
        ];
        if !has_equality {
            let filter = row! { (&column): value(ty) };
            refused.push(db.count("t", &filter).await.map(|_| ()));
            refused.push(db.delete("t", &filter).await.map(|_| ()));
            refused.push(db.update("t", row! { "id": 2 }, &filter).await.map(|_| ()));
        }
        for result in refused {
            match result {
                // by their areas
                Ok(()) if has_equality => {}
                result => {
                    let error = result.unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::Unsupported, "{ty}: {error}");
                    let text = error.to_string();
                    assert!(text.contains(&format!("`{column}`")), "{text}");
                }
            }
        }
    }
    let tx = db.begin().await.unwrap();
    tx.update("t", row! { "c_point": "(1,2)" }, row! { "id": 1 })
        .await
        .unwrap();
    let error = tx.select("t", "*").order_by("c_xid").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    // nothing was sent, so that the transaction goes on
    tx.commit().await.unwrap();
    assert_eq!(
        database
            .scalar_text("SELECT c_point FROM t")
            .await
            .as_deref(),
        Some("(1,2)")
    );
}

/// Of several texts one has a character that the database's encoding has not.
#[tokio::test]
async fn a_text_that_the_encoding_does_not_have_is_told_with_its_column() {
    let database = TestDatabase::postgres_in_encoding("LATIN1").await;
    database
        .sql("CREATE TABLE t (id int PRIMARY KEY, a text, b varchar(9), c text[], d jsonb); INSERT INTO t VALUES (1)")
        .await;
    let db = PostgresAdapter::connect(database.url()).await.unwrap();
    let bad = "\u{1F600}";
    let text = |n: i64, column: &str| {
        let row = row! { "id": n, "a": "fine", "b": "fine" };
        let mut row = row;
        row.set(
            column,
            if column == "c" {
                Value::from([bad])
            } else {
                Value::from(bad)
            },
        );
        row
    };
    for column in ["a", "b", "c", "d"] {
        let many: Vec<Row> = (10..700).map(|n| text(n, column)).collect();
        let changes = text(1, column).without(["id"]);
        let refused = [
            db.insert("t", text(2, column)).await.map(|_| ()),
            db.insert_many("t", &many[..3]).await.map(|_| ()),
            db.insert_many("t", &many).await.map(|_| ()),
            db.upsert("t", text(1, column), "id").await.map(|_| ()),
            db.update("t", changes, row! { "id": 1 }).await.map(|_| ()),
            db.update_many("t", [text(1, column)], "id")
                .await
                .map(|_| ()),
        ];
        for (verb, result) in refused.into_iter().enumerate() {
            let error = result.unwrap_err();
            assert_eq!(
                error.kind(),
                ErrorKind::InvalidValue,
                "{verb} {column}: {error}"
            );
            assert!(
                error.to_string().contains(&format!("`{column}`")),
                "{verb} {column}: {error}"
            );
        }
    }
    for column in ["a", "b"] {
        let filter = row! { column: op::is_in(["fine", bad]) };
        let error = db.count("t", filter).await.unwrap_err();
        assert!(
            error.to_string().contains(&format!("`{column}`")),
            "{column}: {error}"
        );
    }
    let query = db.query("SELECT id FROM t WHERE a = :fine OR b = :bad");
    let error = query
        .bind("fine", "fine")
        .bind("bad", bad)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue, "{error}");
    assert!(error.to_string().contains("`bad`"), "{error}");
    let there = database
        .scalar_text("SELECT string_agg(t::text, ' ') FROM t")
        .await;
    assert_eq!(there.as_deref(), Some("(1,,,,)"));
}

/// There a length is one of bytes.
#[tokio::test]
async fn a_text_that_is_too_long_in_bytes_is_told_with_its_column() {
    let database = TestDatabase::postgres_in_encoding("SQL_ASCII").await;
    database
        .sql("CREATE TABLE t (id int PRIMARY KEY, a varchar(3), b varchar(3), c char(3))")
        .await;
    let db = PostgresAdapter::connect(database.url()).await.unwrap();
    for column in ["b", "c"] {
        let mut row = row! { "id": 1, "a": "abc", "b": "abc", "c": "abc" };
        row.set(column, "äöü");
        let error = db.insert("t", row).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue, "{error}");
        assert!(
            error.to_string().contains(&format!("`{column}`")),
            "{column}: {error}"
        );
    }
    let there = database.scalar_text("SELECT count(*) FROM t").await;
    assert_eq!(there.as_deref(), Some("0"));
}
