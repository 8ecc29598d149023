//! No string of a caller becomes SQL, except the text of `query` and `execute`: whatever is passed
//! where, the canary is alive afterwards and the error is a typed one.

use db_adapter::prelude::*;
use db_adapter::{Error, ErrorKind, Result};

use crate::case::Case;

cases! {
    outside: [
        hostile_tables, hostile_columns, hostile_orders, hostile_data_keys, hostile_filter_keys,
        hostile_upsert_keys, hostile_bind_names, hostile_values_are_values,
        hostile_patterns_are_patterns,
    ]
}

const HOSTILE: [&str; 22] = [
    "canary; DROP TABLE canary",
    "canary; DROP TABLE canary; --",
    "canary\"; DROP TABLE canary; --",
    "\"canary\"; DROP TABLE canary",
    "canary' OR '1'='1",
    "1=1 or id",
    "id\" = 1 OR 1=1; DELETE FROM canary; --",
    "id) VALUES (7); DELETE FROM canary; --",
    "id; DELETE FROM canary",
    "(SELECT 1)",
    "*/ DROP TABLE canary; /*",
    "$$; DROP TABLE canary; $$",
    "canary\0",
    "\\",
    "'",
    "\"",
    "`canary`",
    "[canary]",
    "\u{2019}; DROP TABLE canary",
    "id::text",
    "canary.id.x",
    "\u{ff02}canary\u{ff02}",
];

async fn canary(t: &Case) {
    t.ddl("CREATE TABLE canary (id {id}, name text UNIQUE, n {int4})")
        .await;
    t.ddl("INSERT INTO canary (name, n) VALUES ('tweety', 1), ('other', 2)")
        .await;
}

async fn alive(t: &Case, what: &str) {
    assert_eq!(
        t.table("SELECT id, name, n FROM canary ORDER BY id").await,
        "1,tweety,1|2,other,2",
        "{what}"
    );
}

/// A typed error that says what was wrong with a name: never a syntax error of the database.
fn refused<T>(result: Result<T>, what: &str) {
    let Err(error) = result else {
        panic!("{what} was taken")
    };
    let expected = matches!(
        error.kind(),
        ErrorKind::InvalidQuery | ErrorKind::UndefinedColumn | ErrorKind::UndefinedTable
    );
    assert!(expected, "{what}: {error:?}");
}

async fn hostile_tables(t: &Case) {
    canary(t).await;
    for name in HOSTILE {
        let data = || row! { "name": "x" };
        refused(t.db.select(name, "*").await, name);
        refused(t.db.insert(name, data()).await, name);
        refused(t.db.insert_many(name, [data(), data()]).await, name);
        refused(t.db.upsert(name, data(), "name").await, name);
        refused(t.db.update(name, data(), row! { "id": 1 }).await, name);
        refused(
            t.db.update_many(name, [row! { "id": 1, "name": "x" }], "id")
                .await,
            name,
        );
        refused(t.db.delete(name, Filter::all()).await, name);
        refused(t.db.count(name, row! {}).await, name);
        refused(t.db.exists(name, row! {}).await, name);
    }
    alive(t, "tables").await;
}

async fn hostile_columns(t: &Case) {
    canary(t).await;
    for name in HOSTILE {
        refused(t.db.select("canary", name).await, name);
        refused(t.db.select("canary", [name]).await, name);
        let data = [row! { "name": "x" }];
        refused(
            t.db.insert_many("canary", data).returning([name]).await,
            name,
        );
        let quoted = format!("id AS {name}");
        if let Ok(rows) = t.db.select("canary", &quoted).await {
            panic!("{quoted}: {rows:?}");
        }
    }
    alive(t, "columns").await;
    let odd = "id AS \"x\"\"; DROP TABLE canary; --\"";
    let row = t.db.select("canary", odd).limit(1).one().await.unwrap();
    assert_eq!(
        row.names().collect::<Vec<_>>(),
        ["x\"; DROP TABLE canary; --"]
    );
    alive(t, "aliases").await;
}

async fn hostile_orders(t: &Case) {
    canary(t).await;
    for name in HOSTILE {
        refused(t.db.select("canary", "*").order_by(name).await, name);
        refused(
            t.db.select("canary", "*")
                .order_by(format!("id, {name} DESC"))
                .await,
            name,
        );
    }
    alive(t, "orders").await;
}

async fn hostile_data_keys(t: &Case) {
    canary(t).await;
    for name in HOSTILE {
        let data = || row! { "n": 3, (name): 1 };
        refused(t.db.insert("canary", data()).await, name);
        refused(t.db.insert_many("canary", [data(), data()]).await, name);
        refused(t.db.update("canary", data(), row! { "id": 1 }).await, name);
        refused(
            t.db.upsert("canary", row! { "name": "x", (name): 1 }, "name")
                .await,
            name,
        );
        refused(
            t.db.update_many("canary", [row! { "id": 1, (name): 1 }], "id")
                .await,
            name,
        );
    }
    alive(t, "data keys").await;
}

async fn hostile_filter_keys(t: &Case) {
    canary(t).await;
    for name in HOSTILE {
        let filter = || row! { (name): -1 };
        refused(t.db.select("canary", "*").filter(filter()).await, name);
        refused(t.db.delete("canary", filter()).await, name);
        refused(t.db.update("canary", row! { "n": 9 }, filter()).await, name);
        refused(
            t.db.count("canary", row! { (name): op::is_in([1]) }).await,
            name,
        );
        refused(
            t.db.exists("canary", row! { (name): op::like("x") }).await,
            name,
        );
        refused(
            t.db.delete("canary", Filter::any_of([filter(), row! { "id": 1 }]))
                .await,
            name,
        );
        refused(t.db.delete("canary", row! { (name): () }).await, name);
    }
    alive(t, "filter keys").await;
}

async fn hostile_upsert_keys(t: &Case) {
    canary(t).await;
    for name in HOSTILE {
        let data = || row! { "name": "tweety", "n": 9 };
        refused(t.db.upsert("canary", data(), [name]).await, name);
        refused(t.db.upsert("canary", data(), name).await, name);
        refused(t.db.upsert_many("canary", [data()], [name]).await, name);
        refused(t.db.update_many("canary", [data()], [name]).await, name);
    }
    alive(t, "keys").await;
}

async fn hostile_bind_names(t: &Case) {
    canary(t).await;
    for name in HOSTILE {
        refused(
            t.db.query("SELECT * FROM canary WHERE id = :id")
                .bind("id", 1)
                .bind(name, 1)
                .await,
            name,
        );
        refused(
            t.db.execute("DELETE FROM canary WHERE id = :id")
                .bind(name, 1)
                .bind("id", 1)
                .await,
            name,
        );
    }
    alive(t, "binds").await;
}

async fn hostile_values_are_values(t: &Case) {
    canary(t).await;
    t.ddl("CREATE TABLE t (id {id}, s text, a {text[]}, j {json})")
        .await;
    for value in HOSTILE.into_iter().filter(|value| !value.contains('\0')) {
        let document = Value::json_from(value).unwrap();
        let row =
            t.db.insert("t", row! { "s": value, "a": [value], "j": &document })
                .await
                .unwrap();
        assert_eq!(
            (&row["s"], &row["a"], &row["j"]),
            (&value.into(), &Value::from([value]), &document)
        );
        assert_eq!(
            t.db.count("t", row! { "s": value }).await.unwrap(),
            1,
            "{value}"
        );
        assert_eq!(
            t.db.count("t", row! { "s": op::is_in([value, "x"]) })
                .await
                .unwrap(),
            1,
            "{value}"
        );
        assert_eq!(
            t.db.count("t", row! { "a": op::eq([value]) })
                .await
                .unwrap(),
            1,
            "{value}"
        );
        let found =
            t.db.query("SELECT s FROM t WHERE s = :v")
                .bind("v", value)
                .one()
                .await
                .unwrap();
        assert_eq!(found["s"], value);
        let stored = t
            .rows(&format!(
                "SELECT s FROM t WHERE id = {}",
                row["id"].as_i64().unwrap()
            ))
            .await;
        assert_eq!(stored, [[Some(value.to_owned())]]);
        assert_eq!(t.db.delete("t", row! { "s": value }).await.unwrap(), 1);
    }
    alive(t, "values").await;
}

async fn hostile_patterns_are_patterns(t: &Case) {
    canary(t).await;
    for value in HOSTILE {
        match t
            .db
            .count("canary", row! { "name": op::ilike(value) })
            .await
        {
            Ok(found) => assert_eq!(found, 0, "{value}"),
            Err(error) => assert!(
                matches!(error, Error::InvalidQuery { .. }),
                "{value}: {error:?}"
            ),
        }
    }
    alive(t, "patterns").await;
}
