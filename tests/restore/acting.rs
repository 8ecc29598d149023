//! Whatever a database may run for a restored row, the last look sees what it did: also for a row whose primary
//! key the file does not have, and where there is neither a trigger nor a rule.

use std::path::PathBuf;

use db_adapter::backup::{
    BackupOptions, Keys, OnError, RestoreMode, RestoreOptions, backup_database, restore_database,
};
use db_adapter::{BackupSchema, DatabaseClientExt, Error, TableDef};
use serde_json::json;

use crate::case::{Backend, Case, counts};

on_both! {
    a_row_without_its_key, a_row_without_any_key, a_row_that_is_there_and_gets_nothing,
    keys_that_no_condition_tests,
}

const TENANTS: &str = "
    CREATE TABLE tenants (id {int8} PRIMARY KEY NOT NULL);
    INSERT INTO tenants VALUES (1), (2), (3);
    CREATE TABLE p (id {newuuid}, tenant_id {int8} NOT NULL REFERENCES tenants, slug text DEFAULT 'y',
        v {int8}, UNIQUE (tenant_id, slug));
    CREATE TABLE c (id {id}, tenant_id {int8} NOT NULL REFERENCES tenants, slug text NOT NULL)";

fn schema() -> BackupSchema {
    let of = |name: &'static str| TableDef::new(name).owner("tenants", "tenant_id");
    BackupSchema::new([of("p").null_key(), of("c")]).unwrap()
}

/// A trigger that runs after a row of `c`, spelled in its own way, was inserted.
async fn after_c(t: &Case, then: &str) {
    t.sql(&if t.is_postgres() {
        format!(
            "CREATE FUNCTION acts() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {then}; RETURN NULL; END$$;
             CREATE TRIGGER acts AFTER INSERT ON C FOR EACH ROW EXECUTE FUNCTION acts()"
        )
    } else {
        format!("CREATE TRIGGER acts AFTER INSERT ON C BEGIN {then}; END")
    })
    .await;
}

/// As tenant 2, in every way; nothing is changed.
async fn is_refused(t: &Case, schema: &BackupSchema, path: &PathBuf, keys: Keys, text: &str) {
    for dry in [true, false] {
        for mode in [RestoreMode::Skip, RestoreMode::Overwrite] {
            let before = t.everything().await;
            let options = RestoreOptions::default()
                .mode(mode)
                .keys(keys)
                .on_error(OnError::Skip)
                .dry_run(dry);
            let error = restore_database(&t.db, schema, path, 2, options)
                .await
                .unwrap_err();
            assert!(
                matches!(&error, Error::RestoreRefused { .. }) && error.to_string().contains(text),
                "{mode:?} {error}"
            );
            assert_eq!(t.everything().await, before);
        }
    }
}

async fn a_row_without_its_key(t: &Case) {
    t.sql(TENANTS).await;
    let p = json!({"tenant_id": 1, "slug": "y", "v": 1});
    let c = json!({"tenant_id": 1, "slug": "cy"});
    let path = t.file(&[("p", &[p]), ("c", &[c])]);
    for then in [
        "UPDATE p SET tenant_id = 3 WHERE slug = 'y'",
        "UPDATE p SET slug = 'z' WHERE slug = 'y'",
        "DELETE FROM p WHERE slug = 'y'",
    ] {
        after_c(t, then).await;
        is_refused(t, &schema(), &path, Keys::Keep, "1 row of `p` got").await;
        t.sql(match t.is_postgres() {
            true => "DROP FUNCTION acts CASCADE",
            false => "DROP TRIGGER acts",
        })
        .await;
    }
    after_c(t, "UPDATE p SET v = v + 1").await;
    let options = RestoreOptions::default().keys(Keys::Keep);
    let summary = t.restore(&schema(), &path, 2, options).await;
    assert_eq!(counts(&summary), [[1, 0, 0, 0, 0], [1, 0, 0, 0, 0]]);
    assert_eq!(t.count("SELECT v FROM p").await, 2);
}

/// Nobody can tell which row it has become.
async fn a_row_without_any_key(t: &Case) {
    t.sql(TENANTS).await;
    after_c(t, "UPDATE p SET v = v + 1").await;
    let p = json!({"tenant_id": 1, "v": 1});
    let path = t.file(&[("p", &[p]), ("c", &[])]);
    is_refused(
        t,
        &schema(),
        &path,
        Keys::Keep,
        "1 row of `p` cannot be found again",
    )
    .await;
}

/// An overwrite sends nothing for it, and others refer to it.
async fn a_row_that_is_there_and_gets_nothing(t: &Case) {
    t.sql(TENANTS).await;
    t.sql(
        "CREATE TABLE s (id {id}, tenant_id {int8} NOT NULL UNIQUE REFERENCES tenants);
         INSERT INTO s (tenant_id) VALUES (2)",
    )
    .await;
    after_c(t, "UPDATE s SET tenant_id = 3").await;
    let of = |name: &'static str| TableDef::new(name).owner("tenants", "tenant_id");
    let schema = BackupSchema::new([of("s").key(["tenant_id"]), of("c").parent("s", "s_id")]);
    t.sql("ALTER TABLE c ADD COLUMN s_id {int8} REFERENCES s")
        .await;
    let s = json!({"id": 1, "tenant_id": 1});
    let c = json!({"id": 1, "tenant_id": 1, "slug": "cy", "s_id": 1});
    let path = t.file(&[("s", &[s]), ("c", &[c])]);
    is_refused(t, &schema.unwrap(), &path, Keys::New, "1 row of `s` got").await;
}

/// Documents as keys, alone and beside the user, and the spellings that SQLite keeps.
async fn keys_that_no_condition_tests(t: &Case) {
    let kinds: &[(&str, &str, [&str; 2])] = match t.backend {
        Backend::Postgres => &[
            ("jsonb", "PRIMARY KEY (id)", [r#"{"a": 1}"#, "[2]"]),
            ("jsonb", "PRIMARY KEY (user_id, id)", [r#"{"a": 1}"#, "[2]"]),
            ("jsonb[]", "PRIMARY KEY (id)", [r#"{"{\"a\": 1}"}"#, "{2}"]),
        ],
        Backend::Sqlite => &[
            ("json", "PRIMARY KEY (id)", [r#"{"a":1}"#, "[2]"]),
            ("json", "PRIMARY KEY (user_id, id)", [r#"{"a":1}"#, "[2]"]),
            ("jsonb", "PRIMARY KEY (id)", [r#"{"b":1,"a":2}"#, "[2]"]),
            (
                "uuid",
                "PRIMARY KEY (id)",
                [
                    "{ABCDEF00-0000-0000-0000-000000000001}",
                    "{abcdef00-0000-0000-0000-000000000002}",
                ],
            ),
            (
                "datetime",
                "PRIMARY KEY (user_id, id)",
                ["2021-12-08 01:00", "2021-12-08T01:00:01.50"],
            ),
            ("boolean", "PRIMARY KEY (user_id, id)", ["0", "1"]),
            ("char(5)", "PRIMARY KEY (id)", ["a", "b  "]),
        ],
    };
    for (sql_type, key, ids) in kinds {
        let [one, two] = ids;
        let is_composite = key.contains("user_id");
        let (field, to) = match is_composite {
            true => ("user_id, p_id", "user_id, id"),
            false => ("p_id", "id"),
        };
        t.sql(&format!(
            "CREATE TABLE p (id {sql_type} NOT NULL, user_id text NOT NULL, slug text, v text, {key}, UNIQUE (user_id, slug));
             CREATE TABLE c (user_id text NOT NULL, id {{int8}} PRIMARY KEY NOT NULL, p_id {sql_type} NOT NULL, slug text,
                 UNIQUE (p_id, slug), FOREIGN KEY ({field}) REFERENCES p ({to}));
             CREATE TABLE log (x text);
             INSERT INTO p VALUES ('{one}', 'ann', 'x', 'one'), ('{two}', 'ann', 'y', 'two');
             INSERT INTO c (user_id, id, p_id, slug) VALUES ('ann', 1, '{one}', 'a'), ('ann', 2, '{two}', 'a')"
        ))
        .await;
        for table in ["p", "c"] {
            t.sql(&match t.is_postgres() {
                true => format!(
                    "CREATE FUNCTION logs_{table}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO log VALUES ('x'); RETURN NULL; END$$;
                     CREATE TRIGGER t AFTER INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION logs_{table}()"
                ),
                false => format!(
                    "CREATE TRIGGER i{table} AFTER INSERT ON {table} BEGIN INSERT INTO log VALUES ('x'); END;
                     CREATE TRIGGER u{table} AFTER UPDATE ON {table} BEGIN INSERT INTO log VALUES ('x'); END"
                ),
            })
            .await;
        }
        let c = match is_composite {
            true => TableDef::new("c").parent("p", ["user_id", "p_id"]),
            false => TableDef::new("c").no_user().parent("p", "p_id"),
        };
        let p = match is_composite {
            true => TableDef::new("p").pk(["user_id", "id"]),
            false => TableDef::new("p"),
        };
        let schema = BackupSchema::new([p, c]).unwrap();
        let path = t.folder.path().join("keys.json");
        backup_database(&t.db, &schema, "ann", BackupOptions::new().output(&path))
            .await
            .unwrap();
        let rows = "SELECT p.id, v, c.slug FROM p JOIN c ON c.p_id = p.id ORDER BY v";
        let before = t.table(rows).await;
        assert!(before.contains("two,a"), "{before}");
        for (prepare, counted) in [
            ("", [[0, 0, 2, 0, 0], [0, 0, 2, 0, 0]]),
            (
                "UPDATE p SET v = 'old' WHERE slug = 'x'",
                [[0, 1, 1, 0, 0], [0, 0, 2, 0, 0]],
            ),
            (
                "DELETE FROM c WHERE id = 1",
                [[0, 0, 2, 0, 0], [1, 0, 1, 0, 0]],
            ),
            (
                "DELETE FROM c; DELETE FROM p",
                [[2, 0, 0, 0, 0], [2, 0, 0, 0, 0]],
            ),
        ] {
            if !prepare.is_empty() {
                t.sql(prepare).await;
            }
            let options = RestoreOptions::default().mode(RestoreMode::Overwrite);
            let summary = t.restore(&schema, &path, "ann", options).await;
            assert_eq!(
                counts(&summary),
                counted,
                "{sql_type} {key} {prepare}: {summary:#?}"
            );
            assert_eq!(t.table(rows).await, before, "{sql_type} {key} {prepare}");
        }
        t.sql("DROP TABLE c; DROP TABLE p; DROP TABLE log").await;
        if t.is_postgres() {
            t.sql("DROP FUNCTION logs_p; DROP FUNCTION logs_c").await;
        }
    }
}

/// Neither a trigger nor a rule: the functions of constraints, defaults, computed columns, indexes and types.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn functions_that_write() {
    const MOVES: &str = "
        CREATE FUNCTION moves(x bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
            UPDATE p SET tenant_id = 3, slug = slug || 'z' WHERE tenant_id = 2; RETURN true; END $$;
        CREATE FUNCTION hidden(x bigint) RETURNS bigint IMMUTABLE LANGUAGE sql AS
            'SELECT CASE WHEN moves(x) THEN 1 ELSE 0 END';
        CREATE DOMAIN looked AS bigint CHECK (moves(value));";
    for makes in [
        "ALTER TABLE c ADD CHECK (moves(tenant_id))",
        "ALTER TABLE c ADD z boolean DEFAULT moves(1)",
        "ALTER TABLE c ADD z bigint GENERATED ALWAYS AS (hidden(tenant_id)) STORED",
        "CREATE INDEX ON c (hidden(tenant_id))",
        "CREATE INDEX ON c (slug) WHERE hidden(tenant_id) = 1",
        "ALTER TABLE c ADD z looked DEFAULT 1",
        "CREATE TYPE pair AS (a looked, b looked); ALTER TABLE c ADD z pair[] DEFAULT ARRAY[ROW(1, 2)::pair]",
    ] {
        let t = Case::new(Backend::Postgres).await;
        t.sql(TENANTS).await;
        t.sql(MOVES).await;
        t.sql(makes).await;
        let p = json!({"id": "00000000-0000-0000-0000-000000000001", "tenant_id": 1, "slug": "y", "v": 1});
        let c = json!({"id": 1, "tenant_id": 1, "slug": "cy"});
        let path = t.file(&[("p", &[p]), ("c", &[c])]);
        is_refused(&t, &schema(), &path, Keys::New, "1 row of `p` got").await;
    }
}

/// Of the connection that the restore is run on, and in no file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trigger_of_the_connection() {
    let t = Case::new(Backend::Sqlite).await;
    t.sql(TENANTS).await;
    let p = json!({"tenant_id": 1, "slug": "y", "v": 1, "id": "1"});
    let c = json!({"tenant_id": 1, "slug": "cy", "id": 1});
    let path = t.file(&[("p", &[p]), ("c", &[c])]);
    let before = t.everything().await;
    let tx = t.db.begin().await.unwrap();
    tx.execute(
        "CREATE TEMP TRIGGER acts AFTER INSERT ON main.c BEGIN UPDATE p SET tenant_id = 3; END",
    )
    .await
    .unwrap();
    let error = restore_database(&tx, &schema(), &path, 2, RestoreOptions::default())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("1 row of `p` got"), "{error}");
    tx.rollback().await.unwrap();
    assert_eq!(t.everything().await, before);
}
