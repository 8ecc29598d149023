//! What would go wrong without a word: rows that take the place of others, that get the wrong
//! parent, that come twice, or that are not what the database was asked to keep.

use db_adapter::backup::{
    BackupOptions, Keys, OnError, RestoreMode, RestoreOptions, backup_database, restore_database,
};
use db_adapter::{BackupSchema, TableDef, prelude::*};
use serde_json::json;

use crate::case::{Case, LIBRARY, counts, library, text};

on_both! {
    a_shared_parent_leads_to_no_rows_of_others, a_parent_may_be_null_where_another_is_not,
    children_of_shared_rows_are_shared, a_key_of_two_rows_means_neither,
    a_row_takes_nobodys_place, a_file_that_is_replaced_meanwhile, a_pipe_is_read_once,
    a_backup_takes_no_pipes_place, a_reference_that_an_update_does_not_keep,
    two_tables_of_one_name, a_table_that_nobody_counted, odd_values_of_many_rows,
    a_callers_transaction_goes_on_as_it_was,
}

fn notes(key: &[&'static str]) -> BackupSchema {
    BackupSchema::new([
        TableDef::new("tags").no_user(),
        TableDef::new("books"),
        TableDef::new("notes")
            .no_user()
            .parent("tags", "tag_id")
            .parent("books", "book_id")
            .key(key.to_vec()),
    ])
    .unwrap()
}

const NOTES: &str = "
    CREATE TABLE tags (id {id}, slug text UNIQUE);
    CREATE TABLE books (id {id}, slug text, user_id text);
    CREATE TABLE notes (id {id}, slug text, words text, tag_id {int8} REFERENCES tags,
        book_id {int8} NOT NULL REFERENCES books);";

/// What the caller's transaction may do before the restore it may do afterwards: a child before
/// its parent, where the constraint waits for the end.
async fn a_callers_transaction_goes_on_as_it_was(t: &Case) {
    t.sql(LIBRARY).await;
    t.sql(
        "CREATE TABLE parent (id {int8} PRIMARY KEY);
        CREATE TABLE child (id {int8} PRIMARY KEY, parent {int8} REFERENCES parent {later})",
    )
    .await;
    let path = t.file(&[(
        "authors",
        &[json!({"id": 5, "slug": "a", "user_id": "old", "name": "A"})],
    )]);
    let tx = t.db.begin().await.unwrap();
    let options = RestoreOptions::default();
    let summary = restore_database(&tx, &library(), &path, "me", options)
        .await
        .unwrap();
    assert!(summary.committed);
    tx.insert("child", row! { "id": 1, "parent": 1 })
        .await
        .unwrap();
    tx.insert("parent", row! { "id": 1 }).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(t.count("SELECT count(*) FROM child").await, 1);
    assert_eq!(t.count("SELECT count(*) FROM authors").await, 1);
}

async fn a_shared_parent_leads_to_no_rows_of_others(t: &Case) {
    t.sql(NOTES).await;
    t.sql("INSERT INTO tags (slug) VALUES ('t'); INSERT INTO books (slug, user_id) VALUES ('b', 'other');
        INSERT INTO notes (slug, words, tag_id, book_id) VALUES ('n', 'theirs', 1, 1)")
        .await;
    let path = t.file(&[
        ("tags", &[json!({"id": 5, "slug": "t"})]),
        ("books", &[json!({"id": 6, "slug": "b", "user_id": "old"})]),
        (
            "notes",
            &[json!({"id": 7, "slug": "n", "words": "mine", "tag_id": 5, "book_id": 6})],
        ),
    ]);
    let schema = notes(&["slug"]);
    let overwrite = || RestoreOptions::default().mode(RestoreMode::Overwrite);
    let summary = t.restore(&schema, &path, "me", overwrite()).await;
    assert_eq!(
        counts(&summary),
        [[0, 0, 1, 0, 0], [1, 0, 0, 0, 0], [1, 0, 0, 0, 0]]
    );
    let summary = t.restore(&schema, &path, "me", overwrite()).await;
    assert_eq!(counts(&summary)[2], [0, 0, 1, 0, 0]);
    let sql = "SELECT words, user_id FROM notes JOIN books ON books.id = book_id ORDER BY 1";
    assert_eq!(t.table(sql).await, "mine,me|theirs,other");
}

async fn a_parent_may_be_null_where_another_is_not(t: &Case) {
    t.sql(NOTES).await;
    let path = t.file(&[
        ("tags", &[json!({"id": 5, "slug": "t"})]),
        ("books", &[json!({"id": 6, "slug": "b", "user_id": "old"})]),
        (
            "notes",
            &[
                json!({"id": 7, "slug": "n", "words": "a", "tag_id": null, "book_id": 6}),
                json!({"id": 8, "slug": "n", "words": "b", "tag_id": 5, "book_id": 6}),
            ],
        ),
    ]);
    let schema = notes(&["slug", "tag_id", "book_id"]);
    for expected in [[2, 0, 0, 0, 0], [0, 0, 2, 0, 0]] {
        let summary = t.restored(&schema, &path, "me").await;
        assert_eq!(counts(&summary)[2], expected);
    }
    assert_eq!(t.count("SELECT count(*) FROM notes").await, 2);

    // two parents that both lead to the user: each finds the row
    t.sql("CREATE TABLE pairs (id {id}, slug text, a {int8} REFERENCES books, b {int8} REFERENCES books)")
        .await;
    let schema = BackupSchema::new([
        TableDef::new("books"),
        TableDef::new("pairs")
            .no_user()
            .parent("books", "a")
            .parent("books", "b"),
    ])
    .unwrap();
    let pair =
        |id: i64, a: Option<i64>, b: Option<i64>| json!({"id": id, "slug": "p", "a": a, "b": b});
    let path = t.file(&[
        (
            "books",
            &[
                json!({"id": 6, "slug": "b", "user_id": "old"}),
                json!({"id": 7, "slug": "c", "user_id": "old"}),
            ],
        ),
        (
            "pairs",
            &[
                pair(1, Some(6), Some(7)),
                pair(2, None, Some(7)),
                pair(3, Some(6), None),
            ],
        ),
    ]);
    for expected in [[3, 0, 0, 0, 0], [0, 0, 3, 0, 0]] {
        let summary = t.restored(&schema, &path, "me").await;
        assert_eq!(counts(&summary)[1], expected);
    }
    assert_eq!(t.count("SELECT count(*) FROM pairs").await, 3);
}

async fn children_of_shared_rows_are_shared(t: &Case) {
    t.sql(
        "CREATE TABLE tags (id {id}, slug text UNIQUE);
        CREATE TABLE aliases (id {id}, slug text, words text, tag_id {int8} REFERENCES tags);
        INSERT INTO tags (slug) VALUES ('t');
        INSERT INTO aliases (slug, words, tag_id) VALUES ('a', 'theirs', 1)",
    )
    .await;
    let schema = BackupSchema::new([
        TableDef::new("tags").no_user(),
        TableDef::new("aliases").no_user().parent("tags", "tag_id"),
    ])
    .unwrap();
    let path = t.file(&[
        ("tags", &[json!({"id": 5, "slug": "t"})]),
        (
            "aliases",
            &[json!({"id": 6, "slug": "a", "words": "mine", "tag_id": 5})],
        ),
    ]);
    let overwrite = || RestoreOptions::default().mode(RestoreMode::Overwrite);
    let summary = t.restore(&schema, &path, "me", overwrite()).await;
    assert_eq!(counts(&summary), [[0, 0, 1, 0, 0]; 2]);
    assert_eq!(t.table("SELECT words FROM aliases").await, "theirs");
    let summary = t
        .restore(&schema, &path, "me", overwrite().overwrite_shared(true))
        .await;
    assert_eq!(counts(&summary)[1], [0, 1, 0, 0, 0]);
    assert_eq!(t.table("SELECT words FROM aliases").await, "mine");
}

async fn a_key_of_two_rows_means_neither(t: &Case) {
    t.sql(LIBRARY).await;
    let author = |id: i64, slug: &str| json!({"id": id, "slug": slug, "user_id": "old"});
    let book = |id: i64, slug: &str, author: i64, editor: Option<i64>| json!({"id": id, "slug": slug, "user_id": "old", "author_id": author, "editor_id": editor});
    let path = t.file(&[
        ("authors", &[author(1, "a"), author(1, "b"), author(2, "c")]),
        (
            "books",
            &[
                book(1, "x", 1, None),
                book(2, "y", 2, Some(1)),
                book(3, "z", 2, Some(2)),
            ],
        ),
        ("chapters", &[]),
    ]);
    let options = RestoreOptions::default().on_error(OnError::Skip);
    let summary = t.restore(&library(), &path, "me", options).await;
    assert_eq!(counts(&summary)[..2], [[3, 0, 0, 0, 0], [2, 0, 0, 1, 1]]);
    let sql = "SELECT b.slug, a.slug, e.slug FROM books b JOIN authors a ON a.id = author_id LEFT JOIN authors e ON e.id = editor_id ORDER BY 1";
    assert_eq!(t.table(sql).await, "y,c,NULL|z,c,c");
}

async fn a_row_takes_nobodys_place(t: &Case) {
    let replace = if t.is_postgres() {
        ""
    } else {
        "ON CONFLICT REPLACE"
    };
    t.sql(&format!(
        "CREATE TABLE t (id {{int8}} PRIMARY KEY {replace}, slug text, user_id text, code text UNIQUE {replace});
         INSERT INTO t VALUES (1, 'x', 'other', 'p'), (2, 'y', 'me', 'q')"
    ))
    .await;
    let schema = BackupSchema::new([TableDef::new("t")]).unwrap();
    let row = |id: i64, slug: &str, code: &str| json!({"id": id, "slug": slug, "user_id": "old", "code": code});
    let path = t.file(&[(
        "t",
        &[
            row(1, "a", "r"),
            row(3, "b", "p"),
            row(2, "y", "p"),
            row(4, "c", "s"),
        ],
    )]);
    let options = RestoreOptions::default()
        .keys(Keys::Keep)
        .mode(RestoreMode::Overwrite)
        .on_error(OnError::Skip);
    let summary = t.restore(&schema, &path, "me", options).await;
    assert_eq!(counts(&summary), [[1, 0, 0, 3, 0]], "{summary:#?}");
    let sql = "SELECT id, slug, user_id, code FROM t ORDER BY id";
    assert_eq!(t.table(sql).await, "1,x,other,p|2,y,me,q|4,c,me,s");
}

/// The tables stand in the wrong order, so that the file is begun again after a table.
async fn a_file_that_is_replaced_meanwhile(t: &Case) {
    t.sql(LIBRARY).await;
    let files = ["a", "b"].map(|name| {
        let author = json!({"id": 1, "slug": name, "user_id": "old"});
        let book = json!({"id": 1, "slug": name, "user_id": "old", "author_id": 1});
        text(&[
            ("chapters", &[]),
            ("books", &[book]),
            ("authors", &[author]),
        ])
    });
    let path = t.folder.path().join("backup.json");
    std::fs::write(&path, &files[0]).unwrap();
    let (aside, target) = (t.folder.path().join("next.json"), path.clone());
    let [_, next] = files;
    let options = RestoreOptions::default().on_progress(move |_| {
        std::fs::write(&aside, &next).unwrap();
        std::fs::rename(&aside, &target).unwrap();
    });
    let summary = t.restore(&library(), &path, "me", options).await;
    assert!(summary.committed);
    let sql = "SELECT a.slug, b.slug FROM books b JOIN authors a ON a.id = author_id";
    assert_eq!(t.table(sql).await, "a,a");
    assert!(std::fs::read_to_string(&path).unwrap().contains("\"b\""));
}

fn pipe(t: &Case) -> std::path::PathBuf {
    let path = t.folder.path().join("pipe.json");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    path
}

async fn a_pipe_is_read_once(t: &Case) {
    t.sql(LIBRARY).await;
    let path = pipe(t);
    let author = json!({"id": 1, "slug": "a", "user_id": "old"});
    let file = text(&[("authors", &[author]), ("books", &[]), ("chapters", &[])]);
    let to = path.clone();
    let writer = std::thread::spawn(move || std::fs::write(to, file));
    let summary = t.restored(&library(), &path, "me").await;
    writer.join().unwrap().unwrap();
    assert_eq!(counts(&summary)[0], [1, 0, 0, 0, 0]);
}

async fn a_backup_takes_no_pipes_place(t: &Case) {
    use std::os::unix::fs::FileTypeExt;
    t.sql(LIBRARY).await;
    let path = pipe(t);
    let options = BackupOptions::new().output(&path);
    let error = backup_database(&t.db, &library(), "me", options)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("pipe"), "{error}");
    assert!(std::fs::metadata(&path).unwrap().file_type().is_fifo());
    assert_eq!(std::fs::read_dir(t.folder.path()).unwrap().count(), 1);
}

async fn a_reference_that_an_update_does_not_keep(t: &Case) {
    t.sql(LIBRARY).await;
    t.sql(if t.is_postgres() {
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER keep BEFORE UPDATE ON chapters FOR EACH ROW EXECUTE FUNCTION keep()"
    } else {
        "CREATE TRIGGER keep BEFORE UPDATE ON chapters BEGIN SELECT RAISE(IGNORE); END"
    })
    .await;
    let uuid = |n: u8| format!("00000000-0000-4000-8000-00000000000{n}");
    let chapter = |n: u8, after: u8| json!({"id": uuid(n), "slug": format!("{n}"), "book_id": 1, "after_id": uuid(after), "n": 1});
    let path = t.file(&[
        (
            "authors",
            &[json!({"id": 1, "slug": "a", "user_id": "old"})],
        ),
        (
            "books",
            &[json!({"id": 1, "slug": "b", "user_id": "old", "author_id": 1})],
        ),
        ("chapters", &[chapter(1, 2), chapter(2, 1)]),
    ]);
    let before = t.everything().await;
    for on_error in [OnError::Abort, OnError::Skip] {
        let options = RestoreOptions::default().on_error(on_error);
        let summary = t.restore(&library(), &path, "me", options).await;
        let skips = on_error == OnError::Skip;
        assert_eq!(summary.committed, skips, "{summary:#?}");
        let reason = &summary.tables[2].failure_details[0].reason;
        assert!(reason.contains("did not keep the row"), "{reason}");
        match skips {
            false => assert_eq!(t.everything().await, before),
            // the rows may have children: they are left out when all is written again
            true => {
                let chapters = t
                    .table("SELECT count(*), count(after_id) FROM chapters")
                    .await;
                assert_eq!(chapters, format!("{},0", 2 - summary.failed()));
                assert_eq!(t.count("SELECT count(*) FROM books").await, 1);
            }
        }
    }
}

async fn two_tables_of_one_name(t: &Case) {
    t.sql(
        "CREATE TABLE writers (id {id}, slug text, user_id text);
        CREATE TABLE authors (id {id}, slug text, user_id text)",
    )
    .await;
    // no rows of the one are ever looked for in the other
    let refused = BackupSchema::new([
        TableDef::new("authors").renamed_from("writers"),
        TableDef::new("writers"),
    ]);
    let error = refused.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("is a table of the schema itself"),
        "{error}"
    );
    assert_eq!(t.count("SELECT count(*) FROM writers").await, 0);
}

async fn a_table_that_nobody_counted(t: &Case) {
    t.sql(LIBRARY).await;
    let author = json!({"id": 1, "slug": "a", "user_id": "old"});
    let file = text(&[("authors", &[author]), ("books", &[]), ("chapters", &[])]);
    let file = file.replace("\"authors_count\":1,", "");
    assert!(!file.contains("authors_count"));
    let path = t.folder.path().join("backup.json");
    std::fs::write(&path, file).unwrap();
    let summary = t.restored(&library(), &path, "me").await;
    assert_eq!(counts(&summary)[0], [1, 0, 0, 0, 0]);
}

/// More rows than are inserted one by one.
async fn odd_values_of_many_rows(t: &Case) {
    t.sql("CREATE TABLE t (id {id}, user_id text, slug text, words text, bytes bytea)")
        .await;
    if t.is_postgres() {
        t.sql(r#"CREATE TYPE pair AS (a text, b int);
            ALTER TABLE t ADD list text[], ADD two pair, ADD span tstzrange, ADD doc jsonb, ADD pairs pair[]"#)
            .await;
        t.sql(
            r#"INSERT INTO t (user_id, slug, words, bytes, list, two, span, doc, pairs)
            SELECT 'a', n::text, w, convert_to(w, 'UTF8') || '\x00ff5c'::bytea, ARRAY[w, NULL, 'NULL', '', n::text],
                ROW(w, n)::pair, tstzrange('2026-01-01', NULL, '(]'), jsonb_build_object(w, w), ARRAY[ROW(w, n)::pair, NULL]
            FROM generate_series(1, 260) n, LATERAL (SELECT (ARRAY[
                E'\\N', E'\\.', E'a\tb\nc\rd\\', E'"q" ''s'' {,} (x,)', E'\\x41', '', ' ', E'\u00e9\u2028\U0001F600\x01\x7f', 'NULL', E'\\\\'
            ])[1 + n % 10] AS w) AS words"#,
        )
        .await;
    } else {
        t.sql(
            "INSERT INTO t (user_id, slug, words, bytes)
            WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 260)
            SELECT 'a', n, CASE n % 6 WHEN 0 THEN '\\N' WHEN 1 THEN '\\.' WHEN 2 THEN char(9, 10, 13, 92)
                WHEN 3 THEN '' WHEN 4 THEN '\"q\" {}' ELSE char(8232, 128512, 1) END, x'00ff5c0a' FROM s",
        )
        .await;
    }
    let schema = BackupSchema::new([TableDef::new("t")]).unwrap();
    let path = t.folder.path().join("backup.json");
    let options = BackupOptions::new().output(&path);
    backup_database(&t.db, &schema, "a", options).await.unwrap();
    let summary = t.restored(&schema, &path, "b").await;
    assert_eq!(counts(&summary), [[260, 0, 0, 0, 0]]);
    let columns = if t.is_postgres() {
        "slug, words, bytes, list::text, two::text, span::text, doc::text, pairs::text"
    } else {
        "slug, words, bytes"
    };
    let of = |user: &str| format!("SELECT {columns} FROM t WHERE user_id = '{user}'");
    let sql = format!(
        "SELECT count(*) FROM ({} INTERSECT {}) AS same",
        of("a"),
        of("b")
    );
    let distinct = t.count(&sql).await;
    assert_eq!(distinct, 260);
}
