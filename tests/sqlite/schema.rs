//! Tables, views and what changes them.

use db_adapter::prelude::*;
use db_adapter::schema::IntrospectOptions;
use db_adapter::{DatabaseClient, ErrorKind, SqliteAdapter, Value};

use crate::with;

#[tokio::test]
async fn an_unknown_name_is_an_error_and_never_a_string() {
    let (_database, db) = with("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)").await;
    let error = db.select("users", "nmae").await.unwrap_err();
    assert!(error.to_string().contains("did you mean `name`"), "{error}");
    let error = db.select("usres", "*").await.unwrap_err();
    assert!(
        error.to_string().contains("did you mean `users`"),
        "{error}"
    );
    let error = db.query("SELECT * FROM usres").await.unwrap_err();
    assert!(
        error.to_string().contains("did you mean `users`"),
        "{error}"
    );
    // names keep their case, as on PostgreSQL
    assert_eq!(
        db.select("Users", "*").await.unwrap_err().kind(),
        ErrorKind::UndefinedTable
    );
    let error = db.query("SELECT `nope` FROM users").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UndefinedColumn);
}

#[tokio::test]
async fn the_catalogue_follows_our_ddl_and_that_of_others() {
    let (database, db) = with("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)").await;
    db.insert("t", row! { "a": "x" }).await.unwrap();
    // readers have the schema of before in memory
    assert_eq!(db.query("SELECT * FROM t").await.unwrap()[0].len(), 2);
    db.execute("ALTER TABLE t ADD COLUMN b BOOLEAN DEFAULT 1")
        .await
        .unwrap();
    assert_eq!(db.query("SELECT * FROM t").await.unwrap()[0]["b"], true);
    assert_eq!(db.select("t", "*").await.unwrap()[0]["b"], true);
    database.sql("ALTER TABLE t ADD COLUMN c UUID").await;
    assert_eq!(db.query("SELECT * FROM t").await.unwrap()[0].len(), 4);
    // the column of another program, without an error that would tell of it
    assert_eq!(db.select("t", "*").await.unwrap()[0].len(), 4);
    db.update(
        "t",
        row! { "c": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11" },
        row! { "id": 1 },
    )
    .await
    .unwrap();
    database.sql("ALTER TABLE t RENAME COLUMN a TO z").await;
    assert_eq!(db.select("t", "z").await.unwrap()[0]["z"], "x");
    assert_eq!(db.select("t", "*").await.unwrap()[0].len(), 4);
    database
        .sql("DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY)")
        .await;
    assert_eq!(db.select("t", "*").await.unwrap().len(), 0);
    assert_eq!(db.insert("t", row! {}).await.unwrap()["id"], 1);
}

#[tokio::test]
async fn views_generated_columns_and_keys_without_rowid() {
    let (_database, db) = with(
        "CREATE TABLE t (a TEXT, b INTEGER, double INTEGER AS (b * 2), kept INTEGER AS (b * 3) STORED,
            PRIMARY KEY (b, a)) WITHOUT ROWID;
         CREATE VIEW v AS SELECT a AS name, count(*) AS n FROM t GROUP BY a",
    )
    .await;
    let row = db.insert("t", row! { "a": "x", "b": 2 }).await.unwrap();
    assert_eq!((row.get("double"), row.get("kept")), (Ok(4_i64), Ok(6_i64)));
    db.insert("t", row! { "a": "x", "b": 1 }).await.unwrap();
    let error = db
        .insert("t", row! { "a": "y", "b": 2, "double": 1 })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue);
    let rows = db.select("v", "*").filter(row! { "n": 2 }).await.unwrap();
    assert_eq!(rows, [row! { "name": "x", "n": 2 }]);
    let first = db
        .update("t", row! { "a": "z" }, row! { "a": "x" })
        .await
        .unwrap();
    assert_eq!(first["b"], 1);
    assert_eq!(
        db.insert("v", row! { "name": "x" })
            .await
            .unwrap_err()
            .kind(),
        ErrorKind::InvalidQuery
    );
}

/// SQLite says `BLOB` of what has no type, or two.
#[tokio::test]
async fn a_view_takes_the_values_that_it_gives() {
    let (_database, db) = with(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, x, name TEXT, n INT, bytes BLOB);
         INSERT INTO a VALUES (1, 5, 'al', 7, x'00ff'), (2, 'te', 'bo', 8, x'01');
         CREATE VIEW v AS SELECT id, x, bytes AS raw FROM a;
         CREATE VIEW un AS SELECT name AS z FROM a UNION ALL SELECT n FROM a;
         CREATE VIEW broken AS SELECT x FROM gone",
    )
    .await;
    for row in db.select("v", "*").await.unwrap() {
        for column in ["id", "x", "raw"] {
            let filter = row! { (column): row[column].clone() };
            assert_eq!(db.count("v", filter).await.unwrap(), 1, "{column}");
        }
    }
    assert_eq!(db.count("v", row! { "raw": "\\x00ff" }).await.unwrap(), 1);
    for value in [Value::from("al"), Value::from(7)] {
        assert_eq!(db.count("un", row! { "z": value }).await.unwrap(), 1);
    }
    assert!(db.count("broken", row! { "x": 1 }).await.is_err());
}

#[tokio::test]
async fn update_gives_the_first_in_key_order() {
    let (_database, db) =
        with("CREATE TABLE t (id INTEGER PRIMARY KEY, k UUID UNIQUE, rowid TEXT, n INTEGER)").await;
    for id in [5, 3, 9] {
        db.insert("t", row! { "id": id, "n": id }).await.unwrap();
    }
    let row = db
        .update("t", row! { "n": 0 }, row! { "n": op::gt(3) })
        .await
        .unwrap();
    assert_eq!((row.get("id"), row.get("n")), (Ok(5_i64), Ok(0_i64)));
    let row = db
        .update("t", row! { "id": 1 }, row! { "id": 3 })
        .await
        .unwrap();
    assert_eq!(row["id"], 1);
    let none = db
        .update("t", row! { "n": 0 }, row! { "n": 77 })
        .await
        .unwrap_err();
    assert_eq!(none.kind(), ErrorKind::NoRowsMatched);
    assert_eq!(
        db.update("t", row! { "n": 4 }, Filter::all())
            .count()
            .await
            .unwrap(),
        3
    );
    let all = db
        .update("t", row! { "n": 4 }, Filter::all())
        .all()
        .await
        .unwrap();
    assert_eq!(all.len(), 3);
}

#[tokio::test]
async fn attached_and_temporary_tables_are_found() {
    let (database, db) = with("CREATE TABLE t (id INTEGER PRIMARY KEY)").await;
    let other = database.path().with_file_name("other.db");
    db.execute(format!("ATTACH '{}' AS aux", other.display()))
        .await
        .unwrap();
    db.execute("CREATE TABLE aux.t (id INTEGER PRIMARY KEY, at TIMESTAMP)")
        .await
        .unwrap();
    db.insert("aux.t", row! { "at": "2026-01-01" })
        .await
        .unwrap();
    db.execute("CREATE TEMP TABLE tt (b BOOLEAN)")
        .await
        .unwrap();
    db.insert("tt", row! { "b": true }).await.unwrap();
    assert_eq!(
        db.select("aux.t", "at").await.unwrap()[0]["at"],
        "2026-01-01T00:00:00.000000"
    );
    assert_eq!(db.select("tt", "*").await.unwrap()[0]["b"], true);
    assert_eq!(
        db.query("SELECT at FROM aux.t").await.unwrap()[0]["at"],
        "2026-01-01T00:00:00.000000"
    );
    assert_eq!(db.count("main.t", row! {}).await.unwrap(), 0);
    // a temporary table that hides one of the file
    db.execute("CREATE TEMP TABLE t (id INTEGER PRIMARY KEY, x TEXT)")
        .await
        .unwrap();
    db.insert("t", row! { "x": "hidden" }).await.unwrap();
    assert_eq!(db.select("t", "x").await.unwrap()[0]["x"], "hidden");
    assert_eq!(db.query("SELECT x FROM T").await.unwrap()[0]["x"], "hidden");
    assert_eq!(db.count("main.t", row! {}).await.unwrap(), 0);
    db.execute("DROP TABLE temp.t").await.unwrap();
    assert_eq!(db.count("t", row! {}).await.unwrap(), 0);
    let own = SqliteAdapter::connect(database.url()).await.unwrap();
    assert_eq!(
        own.select("tt", "*").await.unwrap_err().kind(),
        ErrorKind::UndefinedTable
    );
}

#[tokio::test]
async fn violations_name_table_and_columns() {
    let (_database, db) = with(
        "CREATE TABLE p (id INTEGER PRIMARY KEY);
         CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b TEXT, p INTEGER REFERENCES p, n INTEGER NOT NULL DEFAULT 0,
            CONSTRAINT positive CHECK (n >= 0), UNIQUE (a, b))",
    )
    .await;
    db.insert("t", row! { "a": 1, "b": "x" }).await.unwrap();
    let error = db.insert("t", row! { "a": 1, "b": "x" }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    assert_eq!(error.violation().unwrap().columns, ["a", "b"]);
    assert_eq!(error.violation().unwrap().table.as_deref(), Some("t"));
    let error = db.insert("t", row! { "p": 1 }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    assert_eq!(error.violation().unwrap().table.as_deref(), Some("t"));
    let error = db.insert("t", row! { "n": Value::Null }).await.unwrap_err();
    assert_eq!(error.violation().unwrap().columns, ["n"]);
    let error = db.insert("t", row! { "n": -1 }).await.unwrap_err();
    assert_eq!(
        error.violation().unwrap().constraint.as_deref(),
        Some("positive")
    );
    let error = db
        .upsert("t", row! { "a": 1, "n": 2 }, ["a"])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidQuery);
    assert!(
        error
            .to_string()
            .contains("no unique index or primary key on the columns `a`"),
        "{error}"
    );
    let row = db
        .upsert("t", row! { "a": 1, "b": "x", "n": 2 }, ["a", "b"])
        .await
        .unwrap();
    assert_eq!((row.get("id"), row.get("n")), (Ok(1_i64), Ok(2_i64)));
}

#[tokio::test]
async fn many_rows_come_back_in_the_order_of_the_data() {
    let (_database, db) =
        with("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER DEFAULT 7, b TEXT)").await;
    let rows: Vec<Row> = (0..2345_i64)
        .map(|i| match i % 3 {
            0 => row! { "a": i, "b": i.to_string() },
            1 => row! { "b": i.to_string() },
            _ => row! {},
        })
        .collect();
    let found = db.insert_many("t", rows).returning("*").await.unwrap();
    assert_eq!(found.len(), 2345);
    for (i, row) in found.iter().enumerate() {
        let i = i as i64;
        let (a, b) = match i % 3 {
            0 => (i, Some(i.to_string())),
            1 => (7, Some(i.to_string())),
            _ => (7, None),
        };
        assert_eq!((row.get("a"), row.get("b")), (Ok(a), Ok(b)));
    }
    // all or none
    let error = db
        .insert_many("t", (0..1200).map(|i| row! { "id": 5000 + i % 1100 }))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    assert_eq!(db.count("t", row! {}).await.unwrap(), 2345);
    let changed = db
        .update_many("t", (1..=2000).map(|i| row! { "id": i, "a": -i }), ["id"])
        .await
        .unwrap();
    assert_eq!(changed, 2000);
    let wide: String = (0..100).map(|i| format!(", c{i} INTEGER")).collect();
    db.execute(format!("CREATE TABLE wide (id INTEGER PRIMARY KEY{wide})"))
        .await
        .unwrap();
    let rows = (0..1000).map(|n| {
        let mut row = Row::new();
        for i in 0..100 {
            row.set(format!("c{i}"), n);
        }
        row
    });
    assert_eq!(db.insert_many("wide", rows).await.unwrap(), 1000);
}

#[tokio::test]
async fn execute_counts_what_it_changed_and_nothing_else() {
    let (_database, db) = with("CREATE TABLE t (id INTEGER PRIMARY KEY)").await;
    assert_eq!(
        db.execute("INSERT INTO t VALUES (1), (2), (3)")
            .await
            .unwrap(),
        3
    );
    assert_eq!(db.execute("CREATE TABLE u (id INTEGER)").await.unwrap(), 0);
    assert_eq!(
        db.execute("WITH x AS (SELECT 1 AS id) DELETE FROM t WHERE id IN (SELECT id FROM x)")
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        db.execute("DELETE FROM t WHERE id = :id")
            .bind("id", 77)
            .await
            .unwrap(),
        0
    );
    let rows = db.query("DELETE FROM t RETURNING id").await.unwrap();
    assert_eq!(rows.len(), 2);
    let error = db.query("SELECT 1 AS a, 2 AS a").await.unwrap_err();
    assert!(error.to_string().contains("AS"), "{error}");
    assert_eq!(
        db.execute("COMMIT").await.unwrap_err().kind(),
        ErrorKind::InvalidQuery
    );
    let error = db
        .execute_script("INSERT INTO t VALUES (9); INSERT INTO nope VALUES (1)")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UndefinedTable);
    assert_eq!(db.count("t", row! {}).await.unwrap(), 0);
}

#[tokio::test]
async fn a_transaction_begins_with_the_schema_of_its_snapshot() {
    let (database, db) = with("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, z TEXT)").await;
    db.insert("t", row! { "a": "x" }).await.unwrap();
    database.sql("ALTER TABLE t RENAME COLUMN z TO y").await;
    let tx = db.begin().await.unwrap();
    let row = tx.insert("t", row! { "a": "x" }).await.unwrap();
    assert!(row.value("y").is_some(), "{row:?}");
    tx.commit().await.unwrap();
    database.sql("ALTER TABLE t DROP COLUMN y").await;
    let tx = db.begin().read_only().await.unwrap();
    assert_eq!(tx.select("t", "*").await.unwrap()[0].len(), 2);
    // another program goes on, and the snapshot stays
    database.sql("ALTER TABLE t ADD COLUMN w BOOLEAN").await;
    assert_eq!(tx.select("t", "*").await.unwrap()[0].len(), 2);
    assert_eq!(db.select("t", "*").await.unwrap()[0].len(), 3);
    assert_eq!(tx.select("t", "*").await.unwrap()[0].len(), 2);
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_first_operation_after_others_changed_types_goes_by_the_new_ones() {
    for way in 0..4 {
        let (database, db) = with("CREATE TABLE t (id INTEGER PRIMARY KEY, z TEXT)").await;
        db.insert("t", row! { "z": "2026-05-05 10:00:00" })
            .await
            .unwrap();
        db.count("t", row! { "z": "x" }).await.unwrap();
        database
            .sql(
                "DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, z TIMESTAMPTZ);
                INSERT INTO t VALUES (1, '2026-05-05 10:00:00')",
            )
            .await;
        let moment = "2026-05-05T10:00:00.000000+00:00";
        match way {
            0 => assert_eq!(db.count("t", row! { "z": moment }).await.unwrap(), 1),
            1 => assert!(db.exists("t", row! { "z": moment }).await.unwrap()),
            2 => {
                let refused = db.insert("t", row! { "z": "no time" }).await.unwrap_err();
                assert_eq!(refused.kind(), ErrorKind::InvalidValue);
            }
            _ => {
                let changed = db.update("t", row! { "z": "2026-05-05" }, row! { "id": 1 });
                assert_eq!(
                    changed.await.unwrap()["z"],
                    "2026-05-05T00:00:00.000000+00:00"
                );
            }
        }
    }
}

/// A view is written through its triggers, of which SQLite counts nothing: an insert counts its
/// rows, and what cannot be answered truthfully is refused before it is done.
#[tokio::test]
async fn a_view_takes_inserts_and_refuses_what_cannot_be_counted() {
    let (database, db) = with(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT);
        CREATE VIEW v AS SELECT * FROM t;
        CREATE TRIGGER vi INSTEAD OF INSERT ON v BEGIN INSERT INTO t VALUES (NEW.id, NEW.s); END;
        CREATE TRIGGER vu INSTEAD OF UPDATE ON v BEGIN UPDATE t SET s = NEW.s WHERE id = OLD.id; END;
        CREATE TRIGGER vd INSTEAD OF DELETE ON v BEGIN DELETE FROM t WHERE id = OLD.id; END",
    )
    .await;
    db.insert("v", row! { "id": 1, "s": "a" }).await.unwrap();
    let rows = vec![row! { "id": 2, "s": "b" }, row! { "id": 3, "s": "c" }];
    assert_eq!(db.insert_many("v", rows).await.unwrap(), 2);
    let key = row! { "id": 1 };
    let (data, many) = (row! { "s": "z" }, vec![row! { "id": 1, "s": "z" }]);
    for result in [
        db.update("v", data.clone(), key.clone()).await.map(drop),
        db.update("v", data, key.clone()).count().await.map(drop),
        db.update_many("v", many, ["id"]).await.map(drop),
        db.delete("v", key).await.map(drop),
    ] {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Unsupported);
    }
    let rows = "SELECT group_concat(id || s) FROM t";
    assert_eq!(database.scalar_text(rows).await.unwrap(), "1a,2b,3c");
    db.execute("UPDATE v SET s = 'z' WHERE id = 1")
        .await
        .unwrap();
    assert_eq!(database.scalar_text(rows).await.unwrap(), "1z,2b,3c");
}

/// Another program makes the table again, with other types under the same names.
#[tokio::test]
async fn a_column_that_was_declared_anew_is_written_and_read_as_that() {
    let (database, db) =
        with("CREATE TABLE t (id INTEGER PRIMARY KEY, v NUMERIC_TEXT(10, 2), w INTERVAL)").await;
    let row = |id: i64, v: &str| row! { "id": id, "v": v, "w": "5" };
    let rebuild = |v: &str, w: &str| {
        format!(
            "CREATE TABLE n (id INTEGER PRIMARY KEY, v {v}, w {w}); INSERT INTO n SELECT * FROM t; \
             DROP TABLE t; ALTER TABLE n RENAME TO t"
        )
    };
    db.insert_many("t", [row(1, "1.25"), row(2, "1.50")])
        .await
        .unwrap();
    assert_eq!(db.select("t", "w").await.unwrap()[0]["w"], "5");
    assert_eq!(db.query("SELECT w FROM t").await.unwrap()[0]["w"], "5");
    database
        .sql(&rebuild("NUMERIC_TEXT(10, 1)", "BIGINT"))
        .await;
    for _ in 0..2 {
        let refused = [
            db.insert_many("t", [row(3, "1.25")]).await.map(drop),
            db.insert("t", row(3, "1.25")).or_ignore().await.map(drop),
            db.upsert_many("t", [row(1, "1.35")], ["id"])
                .await
                .map(drop),
            db.update_many("t", [row(1, "1.35")], ["id"])
                .await
                .map(drop),
            db.update("t", row! { "v": "1.35" }, Filter::all())
                .count()
                .await
                .map(drop),
            db.insert_many("t", [row(3, "1.25")])
                .returning("id")
                .await
                .map(drop),
        ];
        for result in refused {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidValue, "{error}");
            assert!(error.to_string().contains("`v`"), "{error}");
        }
    }
    let values = "SELECT group_concat(v, ' ') FROM t";
    assert_eq!(
        database.scalar_text(values).await.as_deref(),
        Some("1.25 1.50")
    );
    assert_eq!(db.select("t", "w").await.unwrap()[0]["w"], 5);
    assert_eq!(db.query("SELECT w FROM t").await.unwrap()[0]["w"], 5);
    // a transaction holds the write lock, so that nobody changes a table meanwhile
    database.sql(&rebuild("NUMERIC_TEXT(10, 2)", "TEXT")).await;
    let tx = db.begin().await.unwrap();
    assert_eq!(tx.query("SELECT w FROM t").await.unwrap()[0]["w"], "5");
    tx.insert("t", row(3, "1.25")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        database.scalar_text(values).await.as_deref(),
        Some("1.25 1.50 1.25")
    );
}

/// SQLite keeps the name of a trigger's table as the definition spells it.
#[tokio::test]
async fn triggers_are_those_of_their_tables_in_any_case() {
    let (_database, db) = with(
        "CREATE TABLE Things (id INTEGER PRIMARY KEY, a TEXT);
         CREATE VIEW Shown AS SELECT * FROM Things;
         CREATE TRIGGER one AFTER INSERT ON THINGS BEGIN SELECT 1; END;
         CREATE TRIGGER two INSTEAD OF INSERT ON shown BEGIN SELECT 1; END",
    )
    .await;
    let tx = db.begin().await.unwrap();
    tx.execute("CREATE TEMP TRIGGER mine AFTER INSERT ON main.things BEGIN SELECT 1; END")
        .await
        .unwrap();
    let schema = tx.introspect(IntrospectOptions::default()).await.unwrap();
    let names = |names: Vec<&String>| names.into_iter().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(
        names(schema.tables["Things"].triggers.keys().collect()),
        "one"
    );
    assert_eq!(
        names(schema.views["Shown"].triggers.keys().collect()),
        "two"
    );
    let left_out = &schema.not_inspected[..];
    assert!(
        matches!(left_out, [one] if one.kind == "trigger" && one.name.as_deref() == Some("mine")),
        "{left_out:?}"
    );
    tx.rollback().await.unwrap();
}
