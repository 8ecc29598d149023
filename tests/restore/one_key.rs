//! One key in several spellings in a SQLite file: what refers to a row has its text, no row comes twice under one
//! key, and no backup has rows that are one. Compared is what SQLite itself has, and joins.

use std::path::PathBuf;

use db_adapter::backup::{
    BackupOptions, Keys, OnError, RestoreMode, RestoreOptions, backup_database, validate_backup,
};
use db_adapter::{BackupSchema, Error, ForeignKey, TableDef};

use crate::case::{Backend, Case, counts};

const UUIDS: [&str; 3] = [
    "cd8953b4-d778-07bc-bf94-ce283d17249a",
    "{CD8953B4-D778-07BC-BF94-CE283D17249A}",
    "cd8953b4d77807bcbf94ce283d17249a",
];

/// A type, and one value of it in the spelling that we write and in another one.
const KINDS: [(&str, [&str; 2]); 13] = [
    ("int[]", ["[1,2]", "[1, 2]"]),
    ("INTEGER[]", ["[1,2]", " [1,2]"]),
    ("text[]", [r#"["a"]"#, r#"["\u0061"]"#]),
    (
        "uuid[]",
        [
            r#"["cd8953b4-d778-07bc-bf94-ce283d17249a"]"#,
            r#"["CD8953B4-D778-07BC-BF94-CE283D17249A"]"#,
        ],
    ),
    ("bigint[]", ["[1,2]", "{1,2}"]),
    ("numeric_text", ["1.50", "1.5"]),
    ("numeric_text(6,2)", ["1.50", "1.5"]),
    ("uuid", [UUIDS[0], UUIDS[1]]),
    ("timestamp", ["2021-12-08T01:00:00", "2021-12-08 01:00:00"]),
    (
        "timestamptz",
        ["2021-12-08T01:00:00Z", "2021-12-08 03:00:00+02"],
    ),
    ("time", ["01:00:00", "01:00"]),
    ("char(5)", ["a", "a  "]),
    ("jsonb_text", [r#"{"a": 1, "b": 2}"#, r#"{"b":2,"a":1}"#]),
];

async fn database(sql: &str) -> Case {
    let t = Case::new(Backend::Sqlite).await;
    t.sql(sql).await;
    t
}

async fn back_up(t: &Case, schema: &BackupSchema, user: &str) -> PathBuf {
    let path = t.folder.path().join("backup.json");
    let options = BackupOptions::new().output(&path);
    backup_database(&t.db, schema, user, options).await.unwrap();
    path
}

/// The row is found by its natural key, and its key is spelled otherwise than in the file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_row_refers_by_the_text_that_the_row_has() {
    for (kind, [one, other]) in KINDS {
        for foreign in ["", "REFERENCES a (k)"] {
            let ddl = format!(
                "CREATE TABLE a (k {kind} PRIMARY KEY NOT NULL, user_id TEXT NOT NULL, slug TEXT NOT NULL, v TEXT);
                 CREATE TABLE c (id INTEGER PRIMARY KEY, a_k {kind} NOT NULL {foreign}, o_k {kind} {foreign}, slug TEXT NOT NULL);"
            );
            let schema = BackupSchema::new([
                TableDef::new("a").pk(["k"]),
                TableDef::new("c")
                    .no_user()
                    .parent("a", "a_k")
                    .optional_ref("a", "o_k"),
            ])
            .unwrap();
            for (written, there) in [(one, other), (other, one)] {
                let what = format!("{kind} {foreign}: {written} into {there}");
                let source = database(&format!(
                    "{ddl} INSERT INTO a VALUES ('{written}', 'ann', 's', 'file');
                     INSERT INTO c (a_k, o_k, slug) VALUES ('{written}', '{written}', 'c');"
                ))
                .await;
                let path = back_up(&source, &schema, "ann").await;
                for mode in [RestoreMode::Skip, RestoreMode::Overwrite] {
                    let t = database(&format!(
                        "{ddl} INSERT INTO a VALUES ('{there}', 'ann', 's', 'there')"
                    ))
                    .await;
                    let options = || RestoreOptions::default().mode(mode);
                    let summary = t.restore(&schema, &path, "ann", options()).await;
                    assert!(summary.committed, "{what}: {summary:#?}");
                    let overwrites = u64::from(mode == RestoreMode::Overwrite);
                    let first = [0, overwrites, 1 - overwrites, 0, 0];
                    assert_eq!(counts(&summary), [first, [1, 0, 0, 0, 0]], "{what}");
                    let all = "SELECT a.k, c.slug FROM c JOIN a ON a.k = c.a_k JOIN a AS o ON o.k = c.o_k";
                    assert_eq!(t.table(all).await, format!("{there},c"), "{what}");
                    let before = t.everything().await;
                    let summary = t.restore(&schema, &path, "ann", options()).await;
                    assert!(summary.committed, "{what}: {summary:#?}");
                    assert_eq!(counts(&summary), [[0, 0, 1, 0, 0]; 2], "{what}");
                    assert_eq!(t.everything().await, before, "{what}");
                }
            }
        }
    }
}

/// Somebody's row has the key of a new one, in the same spelling or in another: that makes no difference.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_taken_in_another_spelling_is_taken() {
    for (kind, [one, other]) in KINDS {
        let ddl = format!(
            "CREATE TABLE a (k {kind} PRIMARY KEY NOT NULL, user_id TEXT NOT NULL, slug TEXT NOT NULL);
             CREATE TABLE c (id INTEGER PRIMARY KEY, a_k {kind} NOT NULL, slug TEXT NOT NULL);"
        );
        let schema = BackupSchema::new([
            TableDef::new("a").pk(["k"]),
            TableDef::new("c").no_user().parent("a", "a_k"),
        ])
        .unwrap();
        for (written, there) in [(one, other), (other, one), (one, one)] {
            let source = database(&format!(
                "{ddl} INSERT INTO a VALUES ('{written}', 'ann', 's');
                 INSERT INTO c (a_k, slug) VALUES ('{written}', 'c');"
            ))
            .await;
            let path = back_up(&source, &schema, "ann").await;
            for (whose, keys) in [("ann", Keys::New), ("bob", Keys::New), ("bob", Keys::Keep)] {
                let what = format!("{kind}: {written} beside {whose}'s {there}");
                let t = database(&format!(
                    "{ddl} INSERT INTO a VALUES ('{there}', '{whose}', 'other')"
                ))
                .await;
                let before = t.everything().await;
                for on_error in [OnError::Abort, OnError::Skip] {
                    let options = RestoreOptions::default().keys(keys).on_error(on_error);
                    let summary = t.restore(&schema, &path, "ann", options).await;
                    assert_eq!(summary.failed(), 2, "{what}: {summary:#?}");
                    assert_eq!(t.everything().await, before, "{what}");
                }
            }
        }
    }
}

/// The same of a key of several columns, one of which is the user's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_composite_key_that_is_taken_in_another_spelling_is_taken() {
    const DDL: &str = "CREATE TABLE a (user_id UUID NOT NULL, id INTEGER NOT NULL, slug TEXT NOT NULL, PRIMARY KEY (user_id, id));";
    let schema = BackupSchema::new([TableDef::new("a").pk(["user_id", "id"])]).unwrap();
    let source = database(&format!(
        "{DDL} INSERT INTO a VALUES ('{0}', 1, 'g'), ('{0}', 6, 'd'), ('{0}', 7, 'n')",
        UUIDS[0]
    ))
    .await;
    let path = back_up(&source, &schema, UUIDS[0]).await;
    for there in UUIDS {
        let t = database(&format!("{DDL} INSERT INTO a VALUES ('{there}', 1, 'd')")).await;
        let before = t.everything().await;
        let options = RestoreOptions::default();
        let summary = t.restore(&schema, &path, UUIDS[0], options).await;
        assert!(!summary.committed, "{there}: {summary:#?}");
        assert_eq!(t.everything().await, before, "{there}");
        let options = RestoreOptions::default().on_error(OnError::Skip);
        let summary = t.restore(&schema, &path, UUIDS[2], options).await;
        assert_eq!(counts(&summary), [[1, 0, 1, 1, 0]], "{there}");
        let all = t.table("SELECT id, slug FROM a ORDER BY id").await;
        assert_eq!(all, "1,d|7,n", "{there}");
        back_up(&t, &schema, UUIDS[0]).await;
    }
}

/// An overwrite gives no row the unique value of another one, in whatever spelling that has it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_overwrite_takes_no_key_that_is_taken_in_another_spelling() {
    const DDL: &str = "CREATE TABLE a (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL, slug TEXT NOT NULL, k UUID NOT NULL UNIQUE);
        CREATE TABLE c (id INTEGER PRIMARY KEY, a_k UUID NOT NULL, slug TEXT NOT NULL);";
    let schema = BackupSchema::new([
        TableDef::new("a"),
        TableDef::new("c")
            .no_user()
            .parent_key(ForeignKey::new("a", "a_k").to("k")),
    ])
    .unwrap();
    let source = database(&format!(
        "{DDL} INSERT INTO a VALUES (1, 'ann', 's', '{}')",
        UUIDS[0]
    ))
    .await;
    let path = back_up(&source, &schema, "ann").await;
    for there in UUIDS {
        let t = database(&format!(
            "{DDL} INSERT INTO a VALUES (1, 'ann', 's', '11111111-1111-4111-8111-111111111111'), (2, 'bob', 's', '{there}')"
        ))
        .await;
        let before = t.everything().await;
        let options = RestoreOptions::default().mode(RestoreMode::Overwrite);
        let summary = t.restore(&schema, &path, "ann", options).await;
        assert_eq!(summary.failed(), 1, "{there}: {summary:#?}");
        assert_eq!(t.everything().await, before, "{there}");
    }
}

/// What `validate_backup` would call doubled is in no backup: keys and natural keys with the user in them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_are_one_by_the_user_are_in_no_backup() {
    let composite = TableDef::new("a").pk(["user_id", "id"]);
    let natural = TableDef::new("a").pk(["n"]);
    let no_slug = TableDef::new("a")
        .pk(["n"])
        .no_slug()
        .key(["user_id", "s"])
        .null_key();
    for (def, rows) in [
        (composite, ["1, 1, 'g', 'x'", "1, 2, 'd', 'y'"]),
        (natural, ["1, 1, 'g', 'x'", "2, 2, 'g', 'y'"]),
        (no_slug, ["1, 1, 'g', NULL", "2, 2, 'd', NULL"]),
    ] {
        let schema = BackupSchema::new([def]).unwrap();
        let ddl = "CREATE TABLE a (user_id UUID NOT NULL, id INTEGER NOT NULL, n INTEGER NOT NULL UNIQUE, slug TEXT NOT NULL, s TEXT, UNIQUE (user_id, id))";
        let t = database(&format!(
            "{ddl}; INSERT INTO a VALUES ('{}', {}), ('{}', {})",
            UUIDS[0], rows[0], UUIDS[1], rows[1]
        ))
        .await;
        let path = t.folder.path().join("backup.json");
        for options in [BackupOptions::new(), BackupOptions::new().all_rows()] {
            let refused = backup_database(&t.db, &schema, UUIDS[0], options.output(&path)).await;
            assert!(
                matches!(&refused, Err(Error::BackupRefused { .. })),
                "{refused:?}"
            );
            assert!(!path.exists());
        }
        // two users are two
        t.sql("UPDATE a SET user_id = '11111111-1111-4111-8111-111111111111' WHERE n = (SELECT max(n) FROM a)")
            .await;
        let options = BackupOptions::new().all_rows().output(&path);
        backup_database(&t.db, &schema, UUIDS[0], options)
            .await
            .unwrap();
        let report = validate_backup(&path, &schema).unwrap();
        assert!(report.valid, "{:?}", report.errors);
    }
}
