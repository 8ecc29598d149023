//! Where rows could go astray beside what a statement says: triggers that give a changed row to somebody else,
//! references from schemas that are not searched, tables under another name, keys of another type.

use db_adapter::backup::{BackupOptions, RestoreMode, RestoreOptions, backup_database};
use db_adapter::{BackupSchema, TableDef};
use serde_json::json;

use crate::case::{Backend, Case};

fn overwrite() -> RestoreOptions {
    RestoreOptions::default().mode(RestoreMode::Overwrite)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_that_gives_the_row_to_another_owner_has_failed() {
    for backend in [Backend::Postgres, Backend::Sqlite] {
        let t = Case::new(backend).await;
        t.sql(
            "CREATE TABLE tenants (id {int8} PRIMARY KEY NOT NULL);
             CREATE TABLE p (id {id}, tenant_id {int8} NOT NULL REFERENCES tenants, slug text NOT NULL, v text);
             INSERT INTO tenants VALUES (1), (2), (3);
             INSERT INTO p (tenant_id, slug, v) VALUES (2, 'x', 'old')",
        )
        .await;
        t.sql(match backend {
            Backend::Postgres => {
                "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN NEW.tenant_id = 3; RETURN NEW; END $$;
                 CREATE TRIGGER t BEFORE UPDATE ON p FOR EACH ROW EXECUTE FUNCTION f()"
            }
            Backend::Sqlite => {
                "CREATE TRIGGER t AFTER UPDATE ON p WHEN NEW.tenant_id <> 3 BEGIN
                    UPDATE p SET tenant_id = 3 WHERE id = NEW.id; END"
            }
        })
        .await;
        let schema = BackupSchema::new([TableDef::new("p").owner("tenants", "tenant_id")]).unwrap();
        let rows = [json!({"id": 1, "tenant_id": 1, "slug": "x", "v": "new"})];
        let path = t.file(&[("p", &rows)]);
        let before = t.everything().await;
        let summary = t.restore(&schema, &path, 2, overwrite()).await;
        assert_eq!(
            (summary.committed, summary.failed()),
            (false, 1),
            "{summary:#?}"
        );
        assert_eq!(t.everything().await, before);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_schema_refers_to_that_is_not_searched_does_not_make_way() {
    for (table, target) in [
        ("CREATE TABLE p (id {id}, user_id text NOT NULL, slug text NOT NULL, u text UNIQUE)", "p"),
        (
            "CREATE TABLE p (id bigint PRIMARY KEY, user_id text NOT NULL, slug text NOT NULL, u text) PARTITION BY RANGE (id);
             CREATE TABLE part PARTITION OF p FOR VALUES FROM (0) TO (1000);
             ALTER TABLE part ADD UNIQUE (u)",
            "part",
        ),
    ] {
        leads_elsewhere(table, target).await;
    }
}

async fn leads_elsewhere(table: &str, target: &str) {
    let t = Case::new(Backend::Postgres).await;
    t.sql(&format!(
        "{table}; CREATE SCHEMA elsewhere;
         CREATE TABLE elsewhere.other (id int PRIMARY KEY, r text REFERENCES {target}(u) ON UPDATE CASCADE);
         INSERT INTO p (id, user_id, slug, u) OVERRIDING SYSTEM VALUE VALUES (1, 'ann', 'a', 'w1'), (2, 'ann', 'b', 'w2');
         INSERT INTO elsewhere.other VALUES (1, 'w1'), (2, 'w2')"
    ))
    .await;
    let schema = BackupSchema::new([TableDef::new("p")]).unwrap();
    let rows = [
        json!({"id": 1, "user_id": "ann", "slug": "a", "u": "w2"}),
        json!({"id": 2, "user_id": "ann", "slug": "b", "u": "w1"}),
    ];
    let path = t.file(&[("p", &rows)]);
    let before = t.everything().await;
    let summary = t.restore(&schema, &path, "ann", overwrite()).await;
    assert!(!summary.committed, "{summary:#?}");
    assert_eq!(t.everything().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_of_the_backup_is_not_outside_of_it_under_another_name() {
    for (backend, names) in [
        (Backend::Postgres, ["public.p", "\"p\""]),
        (Backend::Sqlite, ["main.p", "P"]),
    ] {
        for name in names {
            let t = Case::new(backend).await;
            t.sql(
                "CREATE TABLE p (id {id}, user_id text NOT NULL, slug text NOT NULL);
                 CREATE TABLE c (id {id}, user_id text NOT NULL, slug text NOT NULL, p_id {int8} NOT NULL REFERENCES p)",
            )
            .await;
            let tables = [
                TableDef::new("p"),
                TableDef::new("c").external(name, "p_id"),
            ];
            // the rules know some of the names already
            let Ok(schema) = BackupSchema::new(tables) else {
                continue;
            };
            let path = t.folder.path().join("never.json");
            let options = BackupOptions::new().output(&path);
            let refused = backup_database(&t.db, &schema, "ann", options).await;
            let refused = refused.unwrap_err().to_string();
            assert!(refused.contains("is in the backup"), "{name}: {refused}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_sqlite_has_as_another_type_is_not_taken_for_another_row() {
    for (kind, stored) in [
        ("boolean", "'true'"),
        ("boolean", "'f'"),
        ("json", "'x'"),
        ("bytea", "'\\x00'"),
        ("real", "'nan'"),
    ] {
        let t = Case::new(Backend::Sqlite).await;
        t.sql(&format!(
            "CREATE TABLE a (id INTEGER PRIMARY KEY, user_id text NOT NULL, k {kind} NOT NULL, v {kind}, UNIQUE (user_id, k));
             INSERT INTO a (user_id, k, v) VALUES ('ann', {stored}, {stored})"
        ))
        .await;
        let schema = BackupSchema::new([TableDef::new("a").slug("k")]).unwrap();
        let path = t.folder.path().join("backup.json");
        let options = BackupOptions::new().output(&path);
        let before = t.everything().await;
        if backup_database(&t.db, &schema, "ann", options)
            .await
            .is_err()
        {
            continue; // refused on the day of the backup
        }
        for options in [RestoreOptions::default(), overwrite()] {
            t.restore(&schema, &path, "ann", options).await;
            assert_eq!(t.everything().await, before, "{kind} {stored}");
        }
    }
}
