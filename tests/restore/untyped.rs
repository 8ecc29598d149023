//! SQLite columns without a type hold numbers and texts apart: a user who is named by a text, as on the command
//! line, is the number where the columns of users hold numbers.

use db_adapter::backup::{
    BackupOptions, RestoreMode, RestoreOptions, backup_database, restore_database,
};
use db_adapter::{BackupSchema, TableDef};

use crate::case::{Backend, Case, counts};

async fn database(column: &str, table: &str, rows: &str) -> Case {
    let t = Case::new(Backend::Sqlite).await;
    t.sql(&format!(
        "CREATE TABLE tenants (id {column} PRIMARY KEY NOT NULL){table};
         CREATE TABLE p (id INTEGER PRIMARY KEY, tenant_id {column} NOT NULL REFERENCES tenants, slug text NOT NULL){table};
         INSERT INTO tenants VALUES (1), (2);
         {rows}"
    ))
    .await;
    t
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_named_by_a_text_is_the_number_that_is_there() {
    let rows = "INSERT INTO p (tenant_id, slug) VALUES (1, 'a'), (1, 'b'), (2, 'a');";
    let owned = || TableDef::new("p").owner("tenants", "tenant_id");
    let of_users = || TableDef::new("p").user("tenant_id");
    for (column, table) in [("", ""), ("ANY", "STRICT")] {
        for def in [owned(), of_users()] {
            let schema = BackupSchema::new([def]).unwrap();
            let t = database(column, table, rows).await;
            let before = t.everything().await;
            let path = t.folder.path().join("backup.json");
            let options = BackupOptions::new().output(&path);
            let file = backup_database(&t.db, &schema, "1", options).await.unwrap();
            assert_eq!(file.counts, [("p".to_owned(), 2)]);
            let overwrite = || RestoreOptions::default().mode(RestoreMode::Overwrite);
            let same = t.restore(&schema, &path, "1", overwrite()).await;
            assert_eq!(counts(&same), [[0, 0, 2, 0, 0]]);
            assert_eq!(t.everything().await, before);
            // where nobody has a row yet, as elsewhere
            let empty = database(column, table, "").await;
            for (user, done) in [("1", [2, 0, 0, 0, 0]), ("1", [0, 0, 2, 0, 0])] {
                let summary = empty.restore(&schema, &path, user, overwrite()).await;
                assert_eq!(counts(&summary), [done]);
            }
            let clone = t.restore(&schema, &path, "2", overwrite()).await;
            assert_eq!(counts(&clone), [[1, 0, 1, 0, 0]]);
            let kinds =
                "SELECT tenant_id, typeof(tenant_id), count(*) FROM p GROUP BY 1, 2 ORDER BY 1";
            assert_eq!(t.table(kinds).await, "1,integer,2|2,integer,2");
            assert_eq!(empty.table(kinds).await, "1,integer,2");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_and_a_text_are_two_users() {
    let rows = "INSERT INTO tenants VALUES ('1'); INSERT INTO p (tenant_id, slug) VALUES (1, 'a'), ('1', 'b');";
    let t = database("", "", rows).await;
    let schema = BackupSchema::new([TableDef::new("p").owner("tenants", "tenant_id")]).unwrap();
    let before = t.everything().await;
    let path = t.folder.path().join("backup.json");
    let options = || BackupOptions::new().output(&path);
    let refused = backup_database(&t.db, &schema, "1", options()).await;
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.contains("which declare no type, so that they are two users"),
        "{refused}"
    );
    backup_database(&t.db, &schema, 1, options()).await.unwrap();
    let refused = restore_database(&t.db, &schema, &path, "1", RestoreOptions::default()).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("two users"), "{refused}");
    assert_eq!(t.everything().await, before);
}
