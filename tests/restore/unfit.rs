//! Declarations that no restore could follow: refused on the day of the backup, not on the day when the file is
//! needed.

use db_adapter::backup::{
    BackupOptions, RestoreMode, RestoreOptions, backup_database, restore_database,
};
use db_adapter::{BackupSchema, ForeignKey, TableDef};
use serde_json::json;

use crate::case::{Case, counts};

on_both! {
    a_circle_without_a_beginning, references_that_no_restore_could_follow, a_table_that_is_a_view,
}

/// Tables that need each other, of which neither can be without the other: `b_id` is not NULL.
async fn a_circle_without_a_beginning(t: &Case) {
    t.sql(
        "CREATE TABLE a (id {int8} PRIMARY KEY, user_id text NOT NULL, slug text NOT NULL, v text, b_id {int8} NOT NULL);
         CREATE TABLE b (id {int8} PRIMARY KEY, user_id text NOT NULL, slug text NOT NULL, v text, a_id {int8} NOT NULL REFERENCES a);
         INSERT INTO a VALUES (1, 'ann', 'x', 'old', 11), (2, 'ann', 'y', 'old', 12), (3, 'bob', 'x', 'his', 13);
         INSERT INTO b VALUES (11, 'ann', 'x', 'old', 1), (12, 'ann', 'y', 'old', 2), (13, 'bob', 'x', 'his', 3)",
    )
    .await;
    let schema = BackupSchema::new([
        TableDef::new("a").optional_ref("b", "b_id"),
        TableDef::new("b").parent("a", "a_id"),
    ])
    .unwrap();
    let before = t.everything().await;
    let options = BackupOptions::new().output(t.folder.path().join("refused.json"));
    let refused = backup_database(&t.db, &schema, "ann", options).await;
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.contains("`a` refers to `b` by `b_id`, whose rows are restored after those of `a`"),
        "{refused}"
    );
    // a file from before: its rows are there, and change
    let a = |id: i64, slug: &str, b: i64| json!({"id": id, "user_id": "ann", "slug": slug, "v": "new", "b_id": b});
    let b = |id: i64, slug: &str, a: i64| json!({"id": id, "user_id": "ann", "slug": slug, "v": "new", "a_id": a});
    let path = t.file(&[
        ("a", &[a(1, "x", 12), a(2, "y", 11)]),
        ("b", &[b(11, "x", 1), b(12, "y", 2)]),
    ]);
    let summary = t.restored(&schema, &path, "ann").await;
    assert_eq!(counts(&summary), [[0, 0, 2, 0, 0]; 2]);
    assert_eq!(t.everything().await, before);
    for expected in [[0, 2, 0, 0, 0], [0, 0, 2, 0, 0]] {
        let options = RestoreOptions::default().mode(RestoreMode::Overwrite);
        let summary = t.restore(&schema, &path, "ann", options).await;
        assert!(summary.committed, "{summary:#?}");
        assert_eq!(counts(&summary), [expected; 2], "{summary:#?}");
        let all = "SELECT a.slug, a.v, b.slug, b.v FROM a JOIN b ON b.id = b_id ORDER BY a.id";
        assert_eq!(t.table(all).await, "x,new,y,new|y,new,x,new|x,his,x,his");
    }
    // a new row has no beginning
    let changed = t.everything().await;
    let summary = t
        .restore(&schema, &path, "eve", RestoreOptions::default())
        .await;
    assert!(!summary.committed, "{summary:#?}");
    let reason = &summary.tables[0].failure_details[0].reason;
    assert!(reason.contains("cannot be NULL until then"), "{reason}");
    assert_eq!(t.everything().await, changed);
}

/// What no restore could take, no backup writes: references by columns that the database computes, and out of the
/// backup to what is not there or not a table.
async fn references_that_no_restore_could_follow(t: &Case) {
    t.sql(
        "CREATE TABLE p (id {int8} PRIMARY KEY, user_id text NOT NULL, slug text NOT NULL,
             code text GENERATED ALWAYS AS (user_id || '-' || slug) STORED UNIQUE);
         CREATE TABLE c (id {int8} PRIMARY KEY, user_id text NOT NULL, slug text NOT NULL, code text NOT NULL);
         CREATE VIEW shown AS SELECT id FROM p;
         INSERT INTO p (id, user_id, slug) VALUES (1, 'ann', 'x');
         INSERT INTO c VALUES (1, 'ann', 'x', 'ann-x')",
    )
    .await;
    let before = t.everything().await;
    let c = || TableDef::new("c");
    let external = |to: &'static str| {
        let mut def = c();
        def.external
            .to_mut()
            .push(ForeignKey::new(to, "code").to("id"));
        def
    };
    let file = t.file(&[
        ("p", &[json!({"id": 1, "user_id": "ann", "slug": "x"})]),
        (
            "c",
            &[json!({"id": 1, "user_id": "ann", "slug": "x", "code": "ann-x"})],
        ),
    ]);
    for (def, expected) in [
        (
            c().parent_key(ForeignKey::new("p", "code").to("code")),
            "`c` refers to `p` by its `code`, which the database computes",
        ),
        (
            external("nope"),
            "to `nope`, and the database has no such table",
        ),
        (external("shown"), "to `shown`, which is a view"),
    ] {
        let schema = BackupSchema::new([TableDef::new("p"), def]).unwrap();
        let options = BackupOptions::new().output(t.folder.path().join("refused.json"));
        let refused = backup_database(&t.db, &schema, "ann", options).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(expected), "{refused}");
        let refused = restore_database(&t.db, &schema, &file, "ann", RestoreOptions::default());
        let refused = refused.await.unwrap_err().to_string();
        assert!(refused.contains(expected), "{refused}");
    }
    assert_eq!(t.everything().await, before);
    assert!(!t.folder.path().join("refused.json").exists());
}

/// It is there, which a message must not deny.
async fn a_table_that_is_a_view(t: &Case) {
    t.sql(
        "CREATE TABLE rows (id {int8} PRIMARY KEY, user_id text NOT NULL, slug text NOT NULL);
         CREATE VIEW shown AS SELECT * FROM rows",
    )
    .await;
    let schema = BackupSchema::new([TableDef::new("shown")]).unwrap();
    let path = t.folder.path().join("view.json");
    let options = BackupOptions::new().output(&path);
    let backup = backup_database(&t.db, &schema, "ann", options).await;
    let backup = backup.unwrap_err().to_string();
    let file = t.file(&[("shown", &[])]);
    let restore = restore_database(&t.db, &schema, &file, "ann", RestoreOptions::default()).await;
    for told in [backup, restore.unwrap_err().to_string()] {
        assert!(
            told.contains("`shown` is not a table: it is a view"),
            "{told}"
        );
    }
}
