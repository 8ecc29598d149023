//! Rows of other users, and rows that became others' meanwhile: no statement of a restore reaches
//! them. Compared is the whole database.

use std::path::PathBuf;

use db_adapter::backup::{OnError, RestoreMode, RestoreOptions, restore_database};
use db_adapter::{BackupSchema, TableDef};
use serde_json::json;

use crate::case::{Case, counts};

on_both! {
    a_row_that_went_to_another_user, a_row_that_went_to_another_parent,
    a_reference_in_the_key_that_is_not_in_the_file,
    a_column_of_two_references, what_others_follow_does_not_become_another_value, what_others_follow_in_turn_does_not_either,
    a_part_of_the_primary_key_does_not_become_another_value,
}

fn overwrite() -> RestoreOptions {
    RestoreOptions::default()
        .mode(RestoreMode::Overwrite)
        .on_error(OnError::Skip)
}

/// A trigger that does this after `marker` was inserted into `table`.
async fn when_inserted(t: &Case, table: &str, then: &str) {
    t.sql(&if t.is_postgres() {
        format!(
            "CREATE FUNCTION moves() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {then}; RETURN NULL; END$$;
             CREATE TRIGGER moves AFTER INSERT ON {table} FOR EACH ROW WHEN (new.slug = 'marker') EXECUTE FUNCTION moves()"
        )
    } else {
        format!("CREATE TRIGGER moves AFTER INSERT ON {table} WHEN new.slug = 'marker' BEGIN {then}; END")
    })
    .await;
}

/// Nothing is committed, whatever rows may fail: a trigger took the row away.
async fn is_refused(t: &Case, schema: &BackupSchema, path: &PathBuf, text: &str) {
    let before = t.everything().await;
    let refused = restore_database(&t.db, schema, path, "ann", overwrite()).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains(text), "{refused}");
    assert_eq!(t.everything().await, before);
}

/// After it was read as the user's, and before it is written.
async fn a_row_that_went_to_another_user(t: &Case) {
    t.sql(
        "CREATE TABLE t (id {id}, user_id text NOT NULL, slug text, v text);
         INSERT INTO t (user_id, slug, v) VALUES ('ann', 'x', 'precious'), ('ann', 'y', 'old')",
    )
    .await;
    when_inserted(t, "t", "UPDATE t SET user_id = 'bob' WHERE slug = 'x'").await;
    let schema = BackupSchema::new([TableDef::new("t")]).unwrap();
    let row = |id: i64, slug: &str| json!({"id": id, "user_id": "ann", "slug": slug, "v": "new"});
    let path = t.file(&[("t", &[row(1, "x"), row(2, "y"), row(3, "marker")])]);
    is_refused(t, &schema, &path, "1 row of `t` got").await;
}

async fn a_row_that_went_to_another_parent(t: &Case) {
    t.sql(
        "CREATE TABLE books (id {int8} PRIMARY KEY, user_id text NOT NULL, slug text);
         CREATE TABLE notes (id {id}, book_id {int8} REFERENCES books, slug text, v text);
         INSERT INTO books VALUES (1, 'ann', 'a'), (2, 'bob', 'b');
         INSERT INTO notes (book_id, slug, v) VALUES (1, 'x', 'precious'), (1, 'y', 'old')",
    )
    .await;
    when_inserted(t, "notes", "UPDATE notes SET book_id = 2 WHERE slug = 'x'").await;
    let schema = BackupSchema::new([
        TableDef::new("books"),
        TableDef::new("notes").no_user().parent("books", "book_id"),
    ])
    .unwrap();
    let note = |id: i64, slug: &str| json!({"id": id, "book_id": 1, "slug": slug, "v": "new"});
    let path = t.file(&[
        ("books", &[json!({"id": 1, "user_id": "ann", "slug": "a"})]),
        ("notes", &[note(1, "x"), note(2, "y"), note(3, "marker")]),
    ]);
    is_refused(t, &schema, &path, "1 row of `notes` got").await;
}

/// NULL in its place would be the key of another row.
async fn a_reference_in_the_key_that_is_not_in_the_file(t: &Case) {
    t.sql(
        "CREATE TABLE folders (id {id}, user_id text, slug text);
         CREATE TABLE items (id {id}, user_id text, folder_id {int8} REFERENCES folders, slug text, body text);
         INSERT INTO folders (user_id, slug) VALUES ('bob', 'f');
         INSERT INTO items (user_id, folder_id, slug, body) VALUES ('ann', 1, 'x', 'hers'), ('ann', NULL, 'x', 'precious')",
    )
    .await;
    let schema = BackupSchema::new([
        TableDef::new("folders"),
        TableDef::new("items")
            .optional_ref("folders", "folder_id")
            .key(["user_id", "folder_id", "slug"]),
    ])
    .unwrap();
    let path = t.folder.path().join("ann.json");
    let options = db_adapter::backup::BackupOptions::new().output(&path);
    db_adapter::backup::backup_database(&t.db, &schema, "ann", options)
        .await
        .unwrap();
    t.sql("UPDATE items SET body = 'later' WHERE folder_id IS NULL")
        .await;
    for mode in [RestoreMode::Skip, RestoreMode::Overwrite] {
        let before = t.everything().await;
        let options = RestoreOptions::default().mode(mode);
        let summary = t.restore(&schema, &path, "ann", options).await;
        assert!(!summary.committed, "{summary:#?}");
        let reason = &summary.table("items").unwrap().failure_details[0].reason;
        assert!(
            reason.contains("`folder_id`") && reason.contains("natural key"),
            "{reason}"
        );
        assert_eq!(t.everything().await, before);
    }
    let summary = t.restore(&schema, &path, "ann", overwrite()).await;
    assert_eq!(counts(&summary)[1], [0, 1, 0, 1, 0], "{summary:#?}");
    let sql = "SELECT folder_id, body FROM items ORDER BY folder_id";
    let expected = if t.is_postgres() {
        "1,hers|NULL,precious"
    } else {
        "NULL,precious|1,hers"
    };
    assert_eq!(t.table(sql).await, expected);
}

/// Two references that share a column, and whose rows do not agree on it: the last one would decide
/// where both lead.
async fn a_column_of_two_references(t: &Case) {
    t.sql(
        "CREATE TABLE books (id {int8} PRIMARY KEY, user_id text, slug text);
         CREATE TABLE pages (book_id {int8} REFERENCES books, no {int8}, user_id text, PRIMARY KEY (book_id, no));
         CREATE TABLE notes (id {id}, user_id text, slug text, book_id {int8} REFERENCES books, no {int8},
            FOREIGN KEY (book_id, no) REFERENCES pages);
         INSERT INTO books VALUES (1, 'ann', 'a'), (2, 'ann', 'b'), (5, 'bob', 'x');
         INSERT INTO pages VALUES (1, 7, 'ann'), (2, 7, 'ann'), (5, 7, 'bob')",
    )
    .await;
    let schema = BackupSchema::new([
        TableDef::new("books"),
        TableDef::new("pages")
            .pk(["book_id", "no"])
            .no_slug()
            .match_by_pk()
            .parent("books", "book_id"),
        TableDef::new("notes")
            .parent("books", "book_id")
            .optional_ref("pages", ["book_id", "no"]),
    ])
    .unwrap();
    let book = |id: i64, slug: &str| json!({"id": id, "user_id": "ann", "slug": slug});
    let page = |book: i64| json!({"book_id": book, "no": 7, "user_id": "ann"});
    let note = |id: i64, slug: &str, book: i64, no: Option<i64>| json!({"id": id, "user_id": "ann", "slug": slug, "book_id": book, "no": no});
    let path = t.file(&[
        ("books", &[book(11, "a"), book(12, "b")]),
        ("pages", &[page(11), page(12)]),
        (
            "notes",
            &[
                note(1, "n1", 11, Some(7)),
                note(2, "n2", 12, Some(7)),
                // no such page: the book stays what it is
                note(3, "n3", 12, Some(8)),
            ],
        ),
    ]);
    let summary = t.restored(&schema, &path, "ann").await;
    assert_eq!(counts(&summary)[2], [3, 0, 0, 0, 1], "{summary:#?}");
    let sql =
        "SELECT n.slug, b.slug, n.no FROM notes n JOIN books b ON b.id = n.book_id ORDER BY 1";
    assert_eq!(t.table(sql).await, "n1,a,7|n2,b,7|n3,b,NULL");
    let others = "SELECT count(*) FROM notes WHERE book_id = 5";
    assert_eq!(t.count(others).await, 0);
}

/// An unmodified column that other rows refer to, with `ON UPDATE`: a new value there is one in the rows of others.
async fn what_others_follow_does_not_become_another_value(t: &Case) {
    for action in ["CASCADE", "SET NULL", "SET DEFAULT", "NO ACTION"] {
        t.sql(&format!(
            "CREATE TABLE t (id {{id}}, user_id text, slug text, code text UNIQUE, v text);
             CREATE TABLE o (id {{id}}, user_id text, code text REFERENCES t (code) ON UPDATE {action});
             INSERT INTO t (user_id, slug, code) VALUES ('ann', 'a', 'old'), ('ann', 'b', NULL), ('ann', 'c', 'same');
             INSERT INTO o (user_id, code) VALUES ('bob', 'old'), ('bob', 'same')"
        ))
        .await;
        let schema = BackupSchema::new([TableDef::new("t")]).unwrap();
        let row = |id: i64, slug: &str, code: &str| json!({"id": id, "user_id": "ann", "slug": slug, "code": code, "v": "new"});
        let path = t.file(&[(
            "t",
            &[
                row(1, "a", "new"),
                row(2, "b", "fresh"),
                row(3, "c", "same"),
            ],
        )]);
        let summary = t.restore(&schema, &path, "ann", overwrite()).await;
        assert_eq!(
            counts(&summary)[0],
            [0, 2, 0, 1, 0],
            "{action}: {summary:#?}"
        );
        let reason = &summary.table("t").unwrap().failure_details[0].reason;
        let expected = match action {
            "NO ACTION" => "",
            _ => "the row is there with another `code`, and rows of `o` that refer to it",
        };
        assert!(reason.starts_with(expected), "{reason}");
        let sql = "SELECT slug, code, v FROM t ORDER BY slug";
        assert_eq!(
            t.table(sql).await,
            "a,old,NULL|b,fresh,new|c,same,new",
            "{action}"
        );
        assert_eq!(
            t.table("SELECT user_id, code FROM o ORDER BY code").await,
            "bob,old|bob,same"
        );
        t.sql("DROP TABLE o; DROP TABLE t").await;
    }
}

/// The row keeps its key, and would keep an old value without a word.
async fn a_part_of_the_primary_key_does_not_become_another_value(t: &Case) {
    t.sql(
        "CREATE TABLE t (id {int8}, at text, user_id text, slug text, v text, PRIMARY KEY (id, at));
         INSERT INTO t VALUES (1, '2020', 'ann', 'a', 'old'), (2, '2020', 'ann', 'b', 'old')",
    )
    .await;
    let schema = BackupSchema::new([TableDef::new("t").pk(["id", "at"])]).unwrap();
    let row = |id: i64, at: &str, slug: &str| json!({"id": id, "at": at, "user_id": "ann", "slug": slug, "v": "new"});
    let path = t.file(&[("t", &[row(1, "2021", "a"), row(2, "2020", "b")])]);
    let summary = t.restore(&schema, &path, "ann", overwrite()).await;
    assert_eq!(counts(&summary)[0], [0, 1, 0, 1, 0], "{summary:#?}");
    let reason = &summary.table("t").unwrap().failure_details[0].reason;
    assert!(
        reason.starts_with("the row is there with another `at`"),
        "{reason}"
    );
    let sql = "SELECT id, at, v FROM t ORDER BY slug";
    assert_eq!(t.table(sql).await, "1,2020,old|2,2020,new");
}

/// Her own row follows, and a row of another user follows that one.
async fn what_others_follow_in_turn_does_not_either(t: &Case) {
    t.sql(
        "CREATE TABLE t (id {id}, user_id text, slug text, code text UNIQUE);
         CREATE TABLE o (id {id}, user_id text, slug text, code text UNIQUE REFERENCES t (code) ON UPDATE CASCADE);
         CREATE TABLE x (id {id}, user_id text, code text REFERENCES o (code) ON UPDATE CASCADE);
         INSERT INTO t (user_id, slug, code) VALUES ('ann', 'a', 'old');
         INSERT INTO o (user_id, slug, code) VALUES ('ann', 'o', 'old');
         INSERT INTO x (user_id, code) VALUES ('bob', 'old')",
    )
    .await;
    let mut o = TableDef::new("o");
    let to = db_adapter::ForeignKey::new("t", "code").to("code");
    o.optional_refs.to_mut().push(to);
    let schema = BackupSchema::new([TableDef::new("t"), o]).unwrap();
    let row = json!({"id": 1, "user_id": "ann", "slug": "a", "code": "new"});
    let path = t.file(&[("t", &[row]), ("o", &[])]);
    let before = t.everything().await;
    let summary = t.restore(&schema, &path, "ann", overwrite()).await;
    let reason = &summary.table("t").unwrap().failure_details[0].reason;
    assert!(reason.contains("rows of `o` that refer to it"), "{reason}");
    assert_eq!(t.everything().await, before);
}
