//! Columns that are new in every new row: a public number that is not a key does not stand in the way of a copy.

use db_adapter::backup::{BackupOptions, Keys, RestoreMode, RestoreOptions, backup_database};
use db_adapter::{BackupSchema, TableDef};

use crate::case::{Backend, Case, counts};

const TABLES: &str = "CREATE TABLE pages (id {id}, user_id text NOT NULL, slug text NOT NULL,
        public_id text NOT NULL UNIQUE DEFAULT {new}, title text, UNIQUE (user_id, slug));
    CREATE TABLE notes (id {id}, page_id {int8} NOT NULL REFERENCES pages, n {int8} NOT NULL, UNIQUE (page_id, n))";
const ROWS: &str = "INSERT INTO pages (user_id, slug, public_id, title) VALUES
        ('ann', 'a', 'p1', 'A'), ('ann', 'b', 'p2', 'B'), ('bob', 'z', 'p3', 'Z');
    INSERT INTO notes (page_id, n) SELECT id, 1 FROM pages";
const PAGES: &str = "SELECT user_id, slug, title FROM pages ORDER BY 1, 2";
const PUBLIC: &str =
    "SELECT user_id, slug, public_id FROM pages WHERE public_id LIKE 'p_' ORDER BY 1, 2";

async fn empty(backend: Backend) -> Case {
    let t = Case::new(backend).await;
    let new = match backend {
        Backend::Postgres => "gen_random_uuid()::text",
        Backend::Sqlite => "(lower(hex(randomblob(16))))",
    };
    t.sql(&TABLES.replace("{new}", new)).await;
    t
}

fn schema() -> BackupSchema {
    BackupSchema::new([
        TableDef::new("pages").renew("public_id"),
        TableDef::new("notes")
            .no_user()
            .parent("pages", "page_id")
            .key(["page_id", "n"]),
    ])
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_has_numbers_of_its_own() {
    for backend in [Backend::Postgres, Backend::Sqlite] {
        let (t, schema) = (empty(backend).await, schema());
        t.sql(ROWS).await;
        let path = t.folder.path().join("backup.json");
        let options = BackupOptions::new().output(&path);
        backup_database(&t.db, &schema, "ann", options)
            .await
            .unwrap();
        let before = t.everything().await;
        // to where the rows come from: they keep what they have
        for mode in [RestoreMode::Skip, RestoreMode::Overwrite] {
            let options = RestoreOptions::default().mode(mode);
            t.restore(&schema, &path, "ann", options).await;
            assert_eq!(t.everything().await, before, "{backend:?} {mode:?}");
        }
        let clone = t
            .restore(&schema, &path, "bob", RestoreOptions::default())
            .await;
        assert_eq!(counts(&clone), [[2, 0, 0, 0, 0], [2, 0, 0, 0, 0]]);
        assert_eq!(
            t.table(PAGES).await,
            "ann,a,A|ann,b,B|bob,a,A|bob,b,B|bob,z,Z"
        );
        assert_eq!(t.table(PUBLIC).await, "ann,a,p1|ann,b,p2|bob,z,p3");
        let differ = "SELECT count(DISTINCT public_id) FROM pages";
        assert_eq!(t.table(differ).await, "5");
        // again, and over a changed row: the numbers stay what they are
        t.sql("UPDATE pages SET title = 'other' WHERE user_id = 'bob'")
            .await;
        let numbers = "SELECT id, public_id FROM pages ORDER BY 1";
        let given = t.table(numbers).await;
        let options = RestoreOptions::default().mode(RestoreMode::Overwrite);
        let again = t.restore(&schema, &path, "bob", options).await;
        assert_eq!(counts(&again), [[0, 2, 0, 0, 0], [0, 0, 2, 0, 0]]);
        assert_eq!(t.table(numbers).await, given);
        assert_eq!(
            t.table(PAGES).await,
            "ann,a,A|ann,b,B|bob,a,A|bob,b,B|bob,z,other"
        );
        // with the keys of the file come its other numbers
        let other = empty(backend).await;
        let options = RestoreOptions::default().keys(Keys::Keep);
        other.restore(&schema, &path, "ann", options).await;
        assert_eq!(other.table(PUBLIC).await, "ann,a,p1|ann,b,p2");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_fills_is_refused_by_the_backup() {
    for backend in [Backend::Postgres, Backend::Sqlite] {
        let t = empty(backend).await;
        for (column, why) in [
            ("title", "nothing fills it"),
            ("publik_id", "no such column"),
        ] {
            let schema = BackupSchema::new([TableDef::new("pages").renew(column)]).unwrap();
            let path = t.folder.path().join("never.json");
            let options = BackupOptions::new().output(&path);
            let refused = backup_database(&t.db, &schema, "ann", options).await;
            let refused = refused.unwrap_err().to_string();
            assert!(refused.contains(why), "{refused}");
            assert!(!path.exists());
        }
    }
}
