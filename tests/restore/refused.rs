//! What is found before the first write, and files that are not what was written.

use std::io::Cursor;

use db_adapter::backup::{
    BackupOptions, OnError, RestoreOptions, RestoreSource, RestoreSummary, backup_database,
    restore_database,
};
use db_adapter::{BackupSchema, Error, ErrorKind, TableDef};
use serde_json::{Value as Json, json};

use crate::case::{Case, LIBRARY, counts, library, text};

on_both! {
    everything_that_does_not_fit_is_named_at_once, undeclared_references_are_refused,
    a_sealed_file_that_was_altered_is_refused, what_is_read_once_is_checked_before_the_commit,
    many_bad_rows_are_found_and_named, a_restore_that_stops_early_says_so, whole_tables_are_no_users,
}

async fn refused(t: &Case, schema: &BackupSchema, path: &std::path::Path) -> Error {
    restore_database(&t.db, schema, path, "me", RestoreOptions::default())
        .await
        .unwrap_err()
}

fn problems(error: Error) -> Vec<String> {
    match error {
        Error::RestoreRefused { problems, .. } => {
            problems.iter().map(ToString::to_string).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// A backup of ours with one author and one book.
async fn backup(t: &Case) -> std::path::PathBuf {
    t.sql(LIBRARY).await;
    let path = t.file(&[
        ("authors", &[json!({"id": 1, "slug": "a", "user_id": "old", "name": "A"})]),
        (
            "books",
            &[json!({"id": 1, "slug": "b", "user_id": "old", "title": "B", "author_id": 1, "editor_id": null})],
        ),
    ]);
    t.restored(&library(), &path, "old").await;
    let path = t.folder.path().join("ours.json");
    let options = BackupOptions::new().output(&path);
    backup_database(&t.db, &library(), "old", options)
        .await
        .unwrap();
    path
}

async fn everything_that_does_not_fit_is_named_at_once(t: &Case) {
    let path = backup(t).await;
    t.sql(
        "ALTER TABLE authors RENAME COLUMN name TO full_name;
         ALTER TABLE books ADD COLUMN isbn text NOT NULL DEFAULT 'x';
         DROP TABLE chapters;",
    )
    .await;
    let found = problems(refused(t, &library(), &path).await);
    let has = |words: &str| found.iter().any(|problem| problem.contains(words));
    assert!(
        has("`name` of `authors`") && has("no table `chapters`"),
        "{found:?}"
    );
    assert!(!has("isbn"), "it has a default: {found:?}");
    assert_eq!(t.count("SELECT count(*) FROM authors").await, 1);
}

async fn undeclared_references_are_refused(t: &Case) {
    t.sql(LIBRARY).await;
    let schema = BackupSchema::new([
        TableDef::new("authors"),
        TableDef::new("books").parent("authors", "author_id"),
    ])
    .unwrap();
    let found = problems(refused(t, &schema, &t.file(&[])).await);
    assert!(
        found
            .iter()
            .any(|p| p.contains("`books`") && p.contains("editor_id")),
        "{found:?}"
    );
}

async fn a_sealed_file_that_was_altered_is_refused(t: &Case) {
    let path = backup(t).await;
    let whole = std::fs::read_to_string(&path).unwrap();
    let options = RestoreOptions::default;
    for altered in [
        whole.replace("\"title\":\"B\"", "\"title\":\"C\""),
        whole[..whole.len() / 2].to_owned(),
        whole[..whole.len() - 3].to_owned(),
    ] {
        assert_ne!(altered, whole);
        std::fs::write(&path, &altered).unwrap();
        let error = refused(t, &library(), &path).await;
        assert_eq!(error.kind(), ErrorKind::InvalidBackup, "{error}");
        // the same from a pipe
        let source = RestoreSource::reader(Cursor::new(altered), "-");
        let error = restore_database(&t.db, &library(), source, "me", options())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidBackup, "{error}");
        assert_eq!(t.count("SELECT count(*) FROM authors").await, 1);
    }
    let source = RestoreSource::reader(Cursor::new(whole), "-");
    let summary = restore_database(&t.db, &library(), source, "me", options())
        .await
        .unwrap();
    assert_eq!(counts(&summary)[1], [1, 0, 0, 0, 0]);
}

async fn what_is_read_once_is_checked_before_the_commit(t: &Case) {
    t.sql(LIBRARY).await;
    let author = [json!({"id": 1, "slug": "a", "user_id": "old", "name": "A"})];
    let book = [
        json!({"id": 1, "slug": "b", "user_id": "old", "title": "B", "author_id": 1, "editor_id": null}),
    ];
    let in_order = text(&[("authors", &author), ("books", &book)]);
    let reversed = text(&[("books", &book), ("authors", &author)]);
    for (content, good) in [
        (reversed, false),
        (
            in_order.replace("authors_count\":1", "authors_count\":2"),
            false,
        ),
        (in_order, true),
    ] {
        let source = RestoreSource::reader(Cursor::new(content), "-");
        let result =
            restore_database(&t.db, &library(), source, "me", RestoreOptions::default()).await;
        assert_eq!(result.is_ok(), good, "{result:?}");
        let rows = t.count("SELECT count(*) FROM books").await;
        assert_eq!(rows, u64::from(good));
    }
}

async fn many_bad_rows_are_found_and_named(t: &Case) {
    t.sql(LIBRARY).await;
    let authors: Vec<Json> = (0..3000)
        .map(|i| {
            let slug = if i % 100 == 7 {
                Json::Null
            } else {
                format!("s{i}").into()
            };
            json!({"id": i, "slug": slug, "user_id": format!("u{}", i % 100), "name": "n"})
        })
        .collect();
    let books: Vec<Json> = (0..3000)
        .map(|i| json!({"id": i, "slug": "b", "user_id": "old", "title": "t", "author_id": i, "editor_id": i}))
        .collect();
    let path = t.file(&[("authors", &authors), ("books", &books)]);
    let skip = RestoreOptions::default().on_error(OnError::Skip);
    // one NULL is a failure of its own, the others have its natural key
    let summary = t.restore(&library(), &path, "me", skip).await;
    assert!(summary.committed);
    assert_eq!(
        counts(&summary)[..2],
        [[2970, 0, 0, 30, 0], [2970, 0, 0, 30, 0]]
    );
    assert_eq!(t.count("SELECT count(*) FROM books").await, 2970);
    assert_eq!(summary.tables[0].failure_details.len(), 30);
    assert_eq!(summary.tables[0].failure_details[0].row, 8);
    let text = format!("{summary:?}");
    assert!(!text.contains("s42"), "no value is shown");
}

async fn a_restore_that_stops_early_says_so(t: &Case) {
    t.sql(LIBRARY).await;
    let author = |i| json!({"id": i, "slug": null, "user_id": "old", "name": "n"});
    let authors: Vec<Json> = (0..700).map(author).collect();
    let path = t.file(&[("authors", &authors), ("books", &[])]);
    let stops = |summary: &RestoreSummary| {
        let mut warnings = summary.warnings.iter();
        warnings.any(|warning| warning.message.contains("stopped after 500 failed rows"))
    };
    let summary = t
        .restore(&library(), &path, "me", RestoreOptions::default())
        .await;
    assert!(!summary.committed && stops(&summary), "{summary:?}");
    assert!((500..700).contains(&summary.failed()), "{summary:?}");
    let skip = RestoreOptions::default().on_error(OnError::Skip);
    let summary = t.restore(&library(), &path, "me", skip).await;
    assert!(!stops(&summary), "{:?}", summary.warnings);
    assert_eq!(summary.failed(), 700);
    assert_eq!(t.count("SELECT count(*) FROM authors").await, 0);
}

async fn whole_tables_are_no_users(t: &Case) {
    let one = backup(t).await;
    t.sql("INSERT INTO authors (slug, user_id) VALUES ('z', 'other')")
        .await;
    let path = t.folder.path().join("all.json");
    let options = BackupOptions::new().output(&path).all_rows();
    backup_database(&t.db, &library(), (), options)
        .await
        .unwrap();
    assert!(
        refused(t, &library(), &path)
            .await
            .to_string()
            .contains("all_rows")
    );
    let all = RestoreOptions::default().all_rows();
    let error = restore_database(&t.db, &library(), &one, (), all.clone()).await;
    assert!(error.unwrap_err().to_string().contains("one user"));
    t.sql("DELETE FROM books; DELETE FROM authors WHERE user_id = 'old'")
        .await;
    let summary = t.restore(&library(), &path, (), all).await;
    assert_eq!(counts(&summary)[..2], [[1, 0, 1, 0, 0], [1, 0, 0, 0, 0]]);
    assert_eq!(
        t.table("SELECT user_id FROM authors ORDER BY 1").await,
        "old|other"
    );
}
