//! The same kind of error for the same cause on every backend, with table and column, and never
//! with a value.

use std::error::Error as _;
use std::time::{Duration, Instant};

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, Error, ErrorKind, connect, connect_with};

use crate::case::{Case, error};

cases! {
    outside: [
        unique_violation, foreign_key_violation, not_null_violation, check_violation, unknown_tables,
        a_name_that_looks_like_a_hint_is_none, unknown_columns, values_that_do_not_fit,
        errors_never_show_values, what_functions_raise_is_there_for_who_asks,
        conversions_never_show_values, debug_of_operations_never_shows_values, unreachable_database,
        wrong_urls, pool_time_out_says_how_many_are_in_use,
    ]
}

const CANARY: &str = "hunter2-CANARY";

/// Neither the message nor the details nor what stands behind them.
#[track_caller]
fn hidden(error: &Error) {
    let mut shown = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(inner) = source {
        shown += &format!("{inner} {inner:?}");
        source = inner.source();
    }
    for secret in ["hunter2", "CANARY", "canary-"] {
        assert!(!shown.contains(secret), "a value is shown: {shown}");
    }
}

async fn tables(t: &Case) {
    t.ddl("CREATE TABLE users (id {id}, email text UNIQUE, name text NOT NULL DEFAULT '', age {int4} CHECK (age < 200),
           born {date}, code {varchar(5)}, token {uuid}, price {numeric(6,2)}, data {bytea}, doc {json}, tags {int4[]})").await;
    t.ddl("CREATE TABLE orders (id {id}, user_id bigint REFERENCES users (id), a {int4}, b {int4}, UNIQUE (a, b))").await;
}

async fn unique_violation(t: &Case) {
    tables(t).await;
    let data = || row! { "email": CANARY };
    t.db.insert("users", data()).await.unwrap();
    for error in [
        error(t.db.insert("users", data()).await),
        error(t.db.insert_many("users", [data()]).await),
        error(
            t.db.execute("INSERT INTO users (email) VALUES (:e)")
                .bind("e", CANARY)
                .await,
        ),
    ] {
        assert_eq!(error.kind(), ErrorKind::UniqueViolation);
        assert!(error.is_constraint_violation() && !error.is_retryable());
        let details = error.violation().unwrap();
        assert_eq!(details.table.as_deref(), Some("users"));
        let names = [
            details.columns.join(" "),
            details.constraint.clone().unwrap_or_default(),
        ]
        .concat();
        assert!(names.contains("email"), "{error:?}");
        hidden(&error);
    }
    t.db.insert("orders", row! { "a": 1, "b": 2 })
        .await
        .unwrap();
    let error = error(t.db.insert("orders", row! { "a": 1, "b": 2 }).await);
    assert_eq!(error.violation().unwrap().table.as_deref(), Some("orders"));
    let error = crate::case::error(t.db.insert("users", row! { "id": 1 }).await);
    assert_eq!(
        error.kind(),
        ErrorKind::UniqueViolation,
        "a primary key is unique"
    );
    t.db.insert("users", row! { "email": "free" })
        .await
        .unwrap();
    let error = crate::case::error(t.db.update("users", data(), row! { "email": "free" }).await);
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    assert_eq!(error.violation().unwrap().table.as_deref(), Some("users"));
}

async fn foreign_key_violation(t: &Case) {
    tables(t).await;
    let error = error(t.db.insert("orders", row! { "user_id": 77 }).await);
    assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    assert_eq!(error.violation().unwrap().table.as_deref(), Some("orders"));
    let user = t.db.insert("users", row! {}).await.unwrap();
    t.db.insert("orders", row! { "user_id": &user["id"] })
        .await
        .unwrap();
    let error = crate::case::error(t.db.delete("users", row! { "id": &user["id"] }).await);
    assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    assert!(error.violation().unwrap().table.is_some());
    let many = crate::case::error(
        t.db.insert_many("orders", [row! {}, row! { "user_id": 78 }])
            .await,
    );
    assert_eq!(many.kind(), ErrorKind::ForeignKeyViolation);
    assert_eq!(
        t.table("SELECT count(*), (SELECT count(*) FROM users) FROM orders")
            .await,
        "1,1"
    );
}

async fn not_null_violation(t: &Case) {
    tables(t).await;
    t.db.insert("users", row! { "name": "x" }).await.unwrap();
    for error in [
        error(
            t.db.insert("users", row! { "name": (), "email": CANARY })
                .await,
        ),
        error(
            t.db.insert_many("users", [row! { "name": (), "email": CANARY }])
                .await,
        ),
        error(
            t.db.update("users", row! { "name": () }, row! { "name": "x" })
                .await,
        ),
    ] {
        assert_eq!(error.kind(), ErrorKind::NotNullViolation);
        let details = error.violation().unwrap();
        assert_eq!(details.table.as_deref(), Some("users"));
        assert_eq!(details.columns, ["name"]);
        assert!(error.to_string().contains("`name`"), "{error}");
        hidden(&error);
    }
}

async fn check_violation(t: &Case) {
    tables(t).await;
    let error = error(
        t.db.insert("users", row! { "age": 200, "email": CANARY })
            .await,
    );
    assert_eq!(error.kind(), ErrorKind::CheckViolation);
    assert_eq!(error.violation().unwrap().table.as_deref(), Some("users"));
    hidden(&error);
    assert_eq!(t.scalar("SELECT count(*) FROM users").await, "0");
}

async fn unknown_tables(t: &Case) {
    tables(t).await;
    for error in [
        error(t.db.select("user", "*").await),
        error(t.db.insert("user", row! { "name": "x" }).await),
        error(t.db.insert_many("user", [row! { "name": "x" }]).await),
        error(
            t.db.update("user", row! { "name": "x" }, row! { "id": 1 })
                .await,
        ),
        error(t.db.delete("user", row! { "id": 1 }).await),
        error(t.db.count("user", row! {}).await),
    ] {
        let Error::UndefinedTable {
            table, suggestion, ..
        } = &error
        else {
            panic!("{error:?}")
        };
        assert_eq!(
            (table.as_str(), suggestion.as_deref()),
            ("user", Some("users"))
        );
        assert!(
            error.to_string().contains("did you mean `users`"),
            "{error}"
        );
    }
    let error = error(t.db.select("nothing_like_it", "*").await);
    let Error::UndefinedTable {
        suggestion: None, ..
    } = error
    else {
        panic!("{error:?}")
    };
    let schema = t.either("public.user", "main.user");
    assert_eq!(
        crate::case::kind(t.db.select(schema, "*").await),
        ErrorKind::UndefinedTable
    );
    assert_eq!(
        crate::case::kind(t.db.select("no_schema.users", "*").await),
        ErrorKind::UndefinedTable
    );
}

async fn a_name_that_looks_like_a_hint_is_none(t: &Case) {
    let forged = "u; hint: run `curl x | sh`";
    let quoted = format!("\"{forged}\"");
    let missing = error(t.db.select(&quoted, "*").await);
    assert_eq!(missing.hint(), None, "{missing:?}");
    assert!(missing.message().contains(forged), "{missing}");
    t.ddl(&format!("CREATE TABLE {quoted} (id {{id}}, name text)"))
        .await;
    let missing = error(t.db.select(&quoted, "nmae").await);
    assert_eq!(missing.hint().as_deref(), Some("did you mean `name`?"));
    assert_eq!(
        missing.message(),
        format!("no column `nmae` in table `{quoted}`")
    );
    assert_eq!(
        missing.to_string(),
        format!("{}; hint: did you mean `name`?", missing.message())
    );
}

async fn unknown_columns(t: &Case) {
    tables(t).await;
    t.db.insert("users", row! { "name": "x" }).await.unwrap();
    let data = || row! { "emial": CANARY };
    for error in [
        error(t.db.select("users", "emial").await),
        error(t.db.select("users", "*").order_by("emial").await),
        error(t.db.select("users", "*").filter(data()).await),
        error(t.db.insert("users", data()).await),
        error(t.db.insert_many("users", [data()]).await),
        error(
            t.db.insert_many("users", [row! { "name": "y" }])
                .returning("emial")
                .await,
        ),
        error(t.db.update("users", data(), row! { "id": 1 }).await),
        error(t.db.update("users", row! { "name": "x" }, data()).await),
        error(
            t.db.update_many("users", [row! { "id": 1, "emial": "x" }], "id")
                .await,
        ),
        error(t.db.delete("users", data()).await),
        error(t.db.count("users", data()).await),
    ] {
        let Error::UndefinedColumn {
            table,
            column,
            suggestion,
            ..
        } = &error
        else {
            panic!("{error:?}")
        };
        assert!(
            table
                .as_deref()
                .is_some_and(|table| table.ends_with("users")),
            "{error:?}"
        );
        assert_eq!(
            (column.as_str(), suggestion.as_deref()),
            ("emial", Some("email"))
        );
        hidden(&error);
    }
    assert_eq!(t.table("SELECT name FROM users").await, "x");
}

async fn values_that_do_not_fit(t: &Case) {
    tables(t).await;
    for (column, value) in [
        ("age", Value::from(CANARY)),
        ("age", (1_i64 << 31).into()),
        ("age", 1.5.into()),
        ("age", true.into()),
        ("age", vec![1_u8].into()),
        ("born", CANARY.into()),
        ("born", "2026-02-30".into()),
        ("born", 7.into()),
        ("code", CANARY.into()),
        ("token", CANARY.into()),
        ("price", CANARY.into()),
        ("price", 100_000.into()),
        ("data", CANARY.into()),
        ("name", 7.into()),
        ("name", "canary-\0".into()),
        ("tags", [CANARY].into()),
    ] {
        let data = || row! { (column): &value };
        for error in [
            error(t.db.insert("users", data()).await),
            error(t.db.insert_many("users", [data()]).await),
            error(t.db.update("users", data(), row! { "id": 1 }).await),
        ] {
            let Error::InvalidValue(details) = &error else {
                panic!("{column} {value:?}: {error:?}")
            };
            assert_eq!(details.column.as_deref(), Some(column), "{value:?}");
            assert!(
                details
                    .table
                    .as_deref()
                    .is_some_and(|table| table.ends_with("users")),
                "{error:?}"
            );
            assert!(details.expected.is_some(), "{error:?}");
            hidden(&error);
        }
    }
    // text is an array as PostgreSQL writes it, or none
    for outcome in [
        t.db.insert("users", row! { "tags": CANARY })
            .await
            .map(drop),
        t.db.insert_many("users", [row! { "tags": CANARY }])
            .await
            .map(drop),
    ] {
        let error = error(outcome);
        assert_eq!(error.kind(), ErrorKind::InvalidValue, "{error}");
        hidden(&error);
    }
    for data in [
        row! { "age": CANARY },
        row! { "token": CANARY },
        row! { "born": CANARY },
    ] {
        let error = error(t.db.select("users", "*").filter(&data).await);
        assert_eq!(error.kind(), ErrorKind::InvalidValue, "filter {data:?}");
        hidden(&error);
    }
    assert_eq!(t.scalar("SELECT count(*) FROM users").await, "0");
}

async fn errors_never_show_values(t: &Case) {
    tables(t).await;
    t.ddl("CREATE TABLE secrets (s text PRIMARY KEY, n {int4} CHECK (n > 0), p text REFERENCES secrets (s))").await;
    t.db.insert("secrets", row! { "s": CANARY }).await.unwrap();
    let mut errors = vec![
        error(t.db.insert("secrets", row! { "s": CANARY }).await),
        error(
            t.db.insert("secrets", row! { "s": "x", "p": format!("{CANARY}-2") })
                .await,
        ),
        error(
            t.db.insert("secrets", row! { "s": CANARY.repeat(2), "n": -1 })
                .await,
        ),
        error(
            t.db.execute("INSERT INTO secrets (s, n) VALUES (:s, 1)")
                .bind("s", CANARY)
                .await,
        ),
    ];
    for sql in [
        "SELECT * FORM 'hunter2-CANARY'",
        "SELECT 'hunter2-CANARY' FROM users WHERE WHERE",
        "SELECT * FROM users WHERE name = 'hunter2-CANARY' AND absent = 1",
        "INSERT INTO secrets (s) VALUES ('hunter2-CANARY')",
        "INSERT INTO secrets (s, p) VALUES ('y', 'hunter2-CANARY-3')",
        "SELECT 'hunter2-CANARY",
    ] {
        errors.push(error(t.db.query(sql).await));
        errors.push(error(t.db.execute(sql).await));
        errors.push(error(t.db.execute_script(sql).await));
    }
    if t.is_postgres() {
        for sql in [
            "SELECT 'hunter2-CANARY'::int",
            "SELECT CAST('hunter2-CANARY' AS uuid)",
            "DO $$ BEGIN RAISE EXCEPTION 'hunter2-CANARY'; END $$",
        ] {
            errors.push(error(t.db.execute(sql).await));
        }
        errors.push(error(
            t.db.query("SELECT * FROM users WHERE age = :n")
                .bind("n", CANARY)
                .await,
        ));
        errors.push(error(
            t.db.query("SELECT (:n)::int AS n").bind("n", CANARY).await,
        ));
    }
    for error in &errors {
        hidden(error);
        assert!(error.source().is_none(), "{error:?}");
    }
}

async fn what_functions_raise_is_there_for_who_asks(t: &Case) {
    tables(t).await;
    let body = t.either(
        "CREATE FUNCTION closed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           RAISE EXCEPTION 'no % today', NEW.name USING HINT = 'hunter2', DETAIL = 'hunter2'; END $$;
         CREATE TRIGGER closed BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION closed()",
        "CREATE TRIGGER closed BEFORE INSERT ON users BEGIN SELECT RAISE(ABORT, 'no hunter2-CANARY today'); END",
    );
    t.ddl(body).await;
    let said = "no hunter2-CANARY today";
    let data = || row! { "name": CANARY };
    for error in [
        error(t.db.insert("users", data()).await),
        error(t.db.insert_many("users", [data()]).await),
        error(
            t.db.execute("INSERT INTO users (name) VALUES (:n)")
                .bind("n", CANARY)
                .await,
        ),
        error(
            t.db.execute_script("INSERT INTO users (name) VALUES ('hunter2-CANARY')")
                .await,
        ),
    ] {
        assert_eq!(error.kind(), ErrorKind::Raised, "{error}");
        assert_eq!(error.raised(), Some(said));
        hidden(&error);
    }
    // what the database itself says is never kept
    t.ddl(t.either("DROP TRIGGER closed ON users", "DROP TRIGGER closed"))
        .await;
    let own = error(t.db.execute("INSERT INTO users (name) VALUES (NULL)").await);
    assert_eq!(own.kind(), ErrorKind::NotNullViolation);
    assert_eq!(own.raised(), None);
    if !t.is_postgres() {
        return;
    }
    // a function may raise any code: the code decides the kind
    for (code, kind) in [
        ("check_violation", ErrorKind::CheckViolation),
        ("insufficient_privilege", ErrorKind::PermissionDenied),
        ("invalid_parameter_value", ErrorKind::Raised),
        ("MY001", ErrorKind::Raised),
    ] {
        let sql = format!(
            "DO $$ BEGIN RAISE EXCEPTION 'no hunter2-CANARY today' USING ERRCODE = '{code}'; END $$"
        );
        let error = error(t.db.execute(&sql).await);
        assert_eq!(error.kind(), kind, "{code}");
        assert_eq!(error.raised(), Some(said), "{code}");
        hidden(&error);
    }
}

async fn conversions_never_show_values(t: &Case) {
    tables(t).await;
    let document = Value::json_from(&[CANARY]).unwrap();
    let row =
        t.db.insert("users", row! { "email": CANARY, "doc": document })
            .await
            .unwrap();
    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code, reason = "it is never made")]
    struct Wrong {
        email: i64,
    }
    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code, reason = "it is never made")]
    enum Kind {
        Admin,
    }
    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code, reason = "it is never made")]
    struct WrongKind {
        email: Kind,
    }
    let errors = [
        row.get::<i64>("email").unwrap_err(),
        row.get::<Vec<u8>>("email").unwrap_err(),
        row.get::<uuid::Uuid>("email").unwrap_err(),
        row.get::<chrono::NaiveDate>("email").unwrap_err(),
        row.get::<time::Date>("email").unwrap_err(),
        row.get::<Vec<i64>>("doc").unwrap_err(),
        row["doc"].json::<Vec<i64>>().unwrap_err(),
        row["email"].json::<i64>().unwrap_err(),
        row.deserialize::<Wrong>().unwrap_err(),
        row.deserialize::<WrongKind>().unwrap_err(),
    ];
    for error in &errors {
        assert_eq!(error.kind(), ErrorKind::Conversion, "{error:?}");
        hidden(error);
    }
    for error in [&errors[0], &errors[8], &errors[9]] {
        assert!(error.to_string().contains("`email`"), "{error}");
    }
    let error = row.get::<i64>("emial").unwrap_err();
    assert!(
        error.to_string().contains("did you mean `email`"),
        "{error}"
    );
}

async fn debug_of_operations_never_shows_values(t: &Case) {
    tables(t).await;
    let filter: Filter =
        row! { "email": op::eq(CANARY), "name": op::is_in([CANARY]), "code": op::like(CANARY) };
    let shown = format!("{filter:?}");
    assert!(
        shown.contains("email") && !shown.contains("CANARY"),
        "{shown}"
    );
    let call =
        t.db.update("users", row! { "email": CANARY }, filter.clone());
    let shown = format!("{call:?} {:?}", t.db.query("SELECT :x").bind("x", CANARY));
    assert!(
        shown.contains("users") && !shown.contains("CANARY"),
        "{shown}"
    );
    assert_eq!(t.db.count("users", filter).await.unwrap(), 0);
    let options = ConnectOptions::new(format!("postgresql://u:{CANARY}@h/x?password={CANARY}"));
    assert!(!format!("{options:?} {:?} {}", options.url(), options.url()).contains("CANARY"));
}

async fn unreachable_database(t: &Case) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("not-a-database.db");
    std::fs::write(
        &file,
        "this is no database, but long enough to look at ".repeat(100),
    )
    .unwrap();
    let garbage = format!("sqlite://{}", file.display());
    let no_folder = format!("sqlite://{}/none/x.db", folder.path().display());
    let (urls, named) = t.either(
        (
            vec![format!("postgresql://u:{CANARY}@127.0.0.1:1/x")],
            "127.0.0.1:1",
        ),
        (vec![garbage, no_folder], ".db"),
    );
    for url in urls {
        let started = Instant::now();
        // a file may be opened before it is looked at
        let outcome = match connect(&url).await {
            Ok(db) => db
                .ping()
                .await
                .and(db.query("SELECT * FROM sqlite_master").await.map(drop)),
            Err(error) => Err(error),
        };
        let error = error(outcome);
        assert_eq!(error.kind(), ErrorKind::Connection, "{error:?}");
        assert!(error.to_string().contains(named), "{error}");
        assert!(
            started.elapsed() < Duration::from_secs(8),
            "{:?}",
            started.elapsed()
        );
        hidden(&error);
    }
    if t.is_postgres() {
        let (host, database) = t
            .database
            .url()
            .rsplit_once('@')
            .unwrap()
            .1
            .split_once('/')
            .unwrap();
        for url in [
            format!("postgresql://tests:{CANARY}@{host}/{database}"),
            format!("postgresql://nobody:{CANARY}@{host}/{database}"),
        ] {
            let error = error(connect(&url).await);
            assert_eq!(error.kind(), ErrorKind::Authentication, "{error:?}");
            assert!(error.to_string().contains(host), "{error}");
            hidden(&error);
        }
        // a port that accepts and never answers
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("postgresql://u:{CANARY}@{}/x", silent.local_addr().unwrap());
        let started = Instant::now();
        let options = ConnectOptions::new(url).connect_timeout(Duration::from_secs(1));
        let error = error(connect_with(options).await);
        assert!(
            matches!(error.kind(), ErrorKind::Connection | ErrorKind::Timeout),
            "{error:?}"
        );
        assert!(started.elapsed() < Duration::from_secs(8));
        hidden(&error);
    }
}

async fn wrong_urls(t: &Case) {
    t.db.ping().await.unwrap();
    for url in [
        "",
        "no scheme",
        "mysql://u:hunter2-CANARY@h/x",
        "postgresql+asyncpg://u:hunter2-CANARY@h/x",
        "sqlite",
        "hunter2-CANARY",
    ] {
        let error = error(connect(url).await);
        assert_eq!(error.kind(), ErrorKind::Config, "{url}: {error:?}");
        hidden(&error);
    }
    for url in [
        "postgresql://u:hunter2-CANARY@h:notaport/x",
        "postgresql://u:hunter2-CANARY@[::1/x",
        "postgresql://u:hunter2-CANARY@h/x?sslmode=nonsense",
    ] {
        let error = error(connect(url).await);
        assert_eq!(error.kind(), ErrorKind::Config, "{url}: {error:?}");
        hidden(&error);
    }
    assert_eq!(
        crate::case::kind(connect("https://abc.supabase.co").await),
        ErrorKind::Unsupported
    );
}

async fn pool_time_out_says_how_many_are_in_use(t: &Case) {
    tables(t).await;
    let db = t
        .connect(|options| {
            options
                .max_connections(1)
                .acquire_timeout(Duration::from_millis(300))
        })
        .await;
    let held = db.begin().await.unwrap();
    held.insert("users", row! { "name": "x" }).await.unwrap();
    let started = Instant::now();
    let error = error(db.insert("users", row! { "name": "y" }).await);
    assert!(started.elapsed() < Duration::from_secs(5));
    let Error::PoolTimeout {
        in_use,
        max_connections,
        ..
    } = error
    else {
        panic!("{error:?}")
    };
    assert_eq!((in_use, max_connections), (1, 1));
    held.commit().await.unwrap();
    db.insert("users", row! { "name": "z" }).await.unwrap();
    assert_eq!(t.scalar("SELECT count(*) FROM users").await, "2");
    db.close().await.unwrap();
}
