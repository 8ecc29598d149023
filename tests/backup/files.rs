//! Files: those of the original, ours with unusual names in them, and those that somebody altered.

use std::os::unix::fs::PermissionsExt;

use db_adapter::TableDef;
use db_adapter::backup::{BackupOptions, RestoreOptions, backup_database, validate_backup};

use crate::library::{ANNS, empty, full, graph, library};
use crate::side::{Backend, Side};
use crate::steps::{Kept, back_up, counts, refused, restore, schema, try_back_up};

cases! {
    a_file_of_the_original_with_its_quirks,
    what_was_altered_is_refused_before_the_first_write,
    columns_and_tables_that_are_not_there_are_named_before_the_first_write,
    tables_called_metadata_and_seal,
    names_that_need_quotes,
    columns_that_begin_with_an_underscore,
    a_document_that_is_null_is_no_null,
    a_file_is_its_owners_alone_and_a_failure_leaves_the_old_one,
    compressed_and_plain_files_say_the_same,
    whole_tables_come_back_whole,
}

fn options() -> RestoreOptions {
    RestoreOptions::default()
}

/// As Python's json.dump with `default=str` writes it: every number that is no int as a string,
/// times as `str(datetime)`, uuids as strings, bytes by their repr never.
async fn a_file_of_the_original_with_its_quirks(backend: Backend) {
    let tables = format!(
        "CREATE TABLE authors (id {{id}}, user_id text, slug text, price {}, born timestamptz, seen timestamp, day date, ok boolean,
             tags {}, doc {});
         CREATE TABLE books (id {{id}}, user_id text, slug text, author_id bigint NOT NULL REFERENCES authors (id))",
        backend.either("numeric(10,2)", "NUMERIC_TEXT(10,2)"),
        backend.either("text[]", "TEXT[]"),
        backend.either("jsonb", "JSONB_TEXT"),
    );
    let schema = schema([
        TableDef::new("authors"),
        TableDef::new("books").parent("authors", "author_id"),
    ]);
    let kept = Kept::written(
        r#"{
  "metadata": {
    "created_at": "2026-01-15T10:30:00.123456",
    "user_id": "user-123",
    "backup_type": "full",
    "version": "1.1",
    "environment": "staging",
    "authors_count": 2,
    "books_count": 1
  },
  "authors": [
    {
      "id": 41,
      "user_id": "user-123",
      "slug": "a",
      "price": "12.50",
      "born": "2026-11-23 01:25:35.896668+00:00",
      "seen": "2026-11-23 01:25:35",
      "day": "2026-11-23",
      "ok": true,
      "tags": ["x", "y"],
      "doc": {"n": 1.10, "list": [1, null]}
    },
    {"id": 42, "user_id": "user-123", "slug": "b", "price": 7, "born": null, "seen": null, "day": null, "ok": null, "tags": [], "doc": null}
  ],
  "books": [
    {"id": 7, "user_id": "user-123", "slug": "b", "author_id": 42}
  ]
}"#,
    );
    let report = validate_backup(&kept.path, &schema).unwrap();
    assert!(report.valid, "{report:?}");
    let mut side = Side::with(backend, &tables).await;
    let summary = restore(&side, &schema, &kept, "user-123", options()).await;
    assert_eq!(counts(&summary), "authors 2/0/0/0, books 1/0/0/0");
    let sql = backend.either(
        "SELECT slug, price, extract(epoch FROM born), seen, day, ok, doc ->> 'n', array_length(tags, 1), doc IS NULL FROM authors ORDER BY 1",
        "SELECT slug, price, unixepoch(born), replace(substr(seen, 1, 19), 'T', ' '), day, ok, doc ->> 'n', json_array_length(tags), doc IS NULL FROM authors ORDER BY 1",
    );
    let is = side.table(sql).await;
    let should = backend.either(
        "a,12.50,1795397135.896668,2026-11-23 01:25:35,2026-11-23,t,1.10,2,f|b,7.00,NULL,NULL,NULL,NULL,NULL,NULL,t",
        "a,12.50,1795397135,2026-11-23 01:25:35,2026-11-23,1,1.1,2,0|b,7.00,NULL,NULL,NULL,NULL,NULL,0,1",
    );
    assert_eq!(is, should);
    let sql = "SELECT b.slug, a.slug FROM books b JOIN authors a ON a.id = b.author_id";
    assert_eq!(side.table(sql).await, "b,b");
}

async fn what_was_altered_is_refused_before_the_first_write(backend: Backend) {
    let kept = back_up(&full(backend).await, &library(), "ann").await;
    let text = kept.text();
    let lines: Vec<&str> = text.lines().collect();
    let mut altered = vec![
        text.replace("solaris", "solarix"),
        text.replace("\"words\":10", "\"words\":11"),
        text[..text.len() / 2].to_owned(),
        text[..text.len() - 2].to_owned(),
        String::new(),
        text.replacen("{\"id\"", " {\"id\"", 1),
    ];
    // two rows in the other order, and one that is gone
    let at = lines
        .iter()
        .position(|line| line.contains("\"lathe\""))
        .unwrap();
    let mut swapped = lines.clone();
    swapped.swap(at, at + 1);
    altered.push(swapped.join("\n"));
    let mut shorter = lines.clone();
    shorter.remove(at);
    altered.push(shorter.join("\n"));
    let mut side = empty(backend).await;
    for (i, text) in altered.into_iter().enumerate() {
        let altered = Kept::written(&text);
        let report = validate_backup(&altered.path, &library());
        assert!(report.is_err() || !report.unwrap().valid, "alteration {i}");
        refused(&side, &library(), &altered, "ann").await;
        assert_eq!(
            side.table("SELECT count(*) FROM authors").await,
            "0",
            "alteration {i}"
        );
    }
    let summary = restore(&side, &library(), &kept, "ann", options()).await;
    assert!(summary.committed);
}

async fn columns_and_tables_that_are_not_there_are_named_before_the_first_write(backend: Backend) {
    let kept = back_up(&full(backend).await, &library(), "ann").await;
    for (change, named) in [
        ("ALTER TABLE books RENAME COLUMN title TO titel", "`title`"),
        ("ALTER TABLE chapters RENAME TO chapter", "`chapters`"),
        (
            "ALTER TABLE books RENAME COLUMN author_id TO writer_id",
            "`author_id`",
        ),
        (
            "ALTER TABLE books ADD COLUMN pages int NOT NULL DEFAULT 0",
            "",
        ),
        (
            "DROP TABLE chapters; CREATE TABLE chapters (id {id}, book_id bigint NOT NULL REFERENCES books (id), slug text, previous_id bigint, words bigint, must text NOT NULL)",
            "must`",
        ),
        (
            "DROP TABLE chapters; CREATE TABLE chapters (id {id}, book_id bigint NOT NULL REFERENCES books (id), slug text, previous_id bigint, words boolean)",
            "words`",
        ),
    ] {
        let mut side = empty(backend).await;
        side.sql(change).await;
        if named.is_empty() {
            restore(&side, &library(), &kept, "ann", options()).await;
            assert_eq!(graph(&mut side, "ann").await, ANNS);
            continue;
        }
        let error = refused(&side, &library(), &kept, "ann").await.to_string();
        assert!(error.contains(named), "{change}: {error}");
        assert_eq!(
            side.table("SELECT count(*) FROM authors").await,
            "0",
            "{change}"
        );
    }
}

async fn tables_called_metadata_and_seal(backend: Backend) {
    let tables = "CREATE TABLE metadata (id {id}, user_id text, slug text);
        CREATE TABLE seal (id {id}, user_id text, slug text, metadata_id bigint NOT NULL REFERENCES metadata (id))";
    let schema = schema([
        TableDef::new("metadata"),
        TableDef::new("seal").parent("metadata", "metadata_id"),
    ]);
    let mut from = Side::with(backend, tables).await;
    from.sql(
        "INSERT INTO metadata VALUES (1, 'ann', 'm'); INSERT INTO seal VALUES (1, 'ann', 's', 1)",
    )
    .await;
    let kept = back_up(&from, &schema, "ann").await;
    assert!(validate_backup(&kept.path, &schema).unwrap().valid);
    let mut side = Side::with(backend, tables).await;
    let summary = restore(&side, &schema, &kept, "ann", options()).await;
    assert_eq!(counts(&summary), "metadata 1/0/0/0, seal 1/0/0/0");
    let sql = "SELECT s.slug, m.slug FROM seal s JOIN metadata m ON m.id = s.metadata_id";
    assert_eq!(side.table(sql).await, "s,m");
}

async fn names_that_need_quotes(backend: Backend) {
    let tables = r#"CREATE TABLE "Group" ("Id" {id}, "user" text, "select" text, "a b" int, "ü""x" int);
        CREATE TABLE "order" ("Id" {id}, "user" text, "select" text, "Group Id" bigint NOT NULL REFERENCES "Group" ("Id"))"#;
    let schema = schema([
        TableDef::new("Group").pk("Id").user("user").slug("select"),
        TableDef::new("order")
            .pk("Id")
            .user("user")
            .slug("select")
            .parent("Group", "Group Id"),
    ]);
    let mut from = Side::with(backend, tables).await;
    from.sql(r#"INSERT INTO "Group" VALUES (4, 'ann', 'g', 1, 2); INSERT INTO "order" VALUES (1, 'ann', 'o', 4)"#).await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, tables).await;
    let summary = restore(&side, &schema, &kept, "ann", options()).await;
    assert_eq!(counts(&summary), "Group 1/0/0/0, order 1/0/0/0");
    let sql = r#"SELECT o."select", g."a b", g."ü""x" FROM "order" o JOIN "Group" g ON g."Id" = o."Group Id""#;
    assert_eq!(side.table(sql).await, "o,1,2");
}

async fn columns_that_begin_with_an_underscore(backend: Backend) {
    let tables = "CREATE TABLE notes (id {id}, user_id text, slug text, _private text, __v int)";
    let schema = schema([TableDef::new("notes")]);
    let mut from = Side::with(backend, tables).await;
    from.sql("INSERT INTO notes VALUES (1, 'ann', 'a', 'kept', 3)")
        .await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, tables).await;
    restore(&side, &schema, &kept, "ann", options()).await;
    assert_eq!(
        side.table("SELECT slug, _private, __v FROM notes").await,
        "a,kept,3"
    );
}

async fn a_document_that_is_null_is_no_null(backend: Backend) {
    let json = backend.either("json", "JSON_TEXT");
    let tables = format!("CREATE TABLE notes (id {{id}}, user_id text, slug text, j {json})");
    let schema = schema([TableDef::new("notes")]);
    let mut from = Side::with(backend, &tables).await;
    from.sql(
        "INSERT INTO notes VALUES (1, 'ann', 'a', 'null'), (2, 'ann', 'b', NULL), (3, 'ann', 'c', '{\"$json\": null}'),
         (4, 'ann', 'd', '\"null\"'), (5, 'ann', 'e', '{\"$json\": {\"$json\": null}}')",
    )
    .await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, &tables).await;
    restore(&side, &schema, &kept, "ann", options()).await;
    let sql = "SELECT slug, j FROM notes ORDER BY 1";
    assert_eq!(side.table(sql).await, from.table(sql).await);
}

async fn a_file_is_its_owners_alone_and_a_failure_leaves_the_old_one(backend: Backend) {
    let mut side = full(backend).await;
    let kept = back_up(&side, &library(), "ann").await;
    let mode = std::fs::metadata(&kept.path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let before = kept.text();
    side.sql("DROP TABLE chapters").await;
    try_back_up(&side, &library(), "ann", &kept.path)
        .await
        .unwrap_err();
    assert_eq!(kept.text(), before);
    assert_eq!(kept.names(), ["backup.json"]);
    let nowhere = kept.path.join("no/such/folder.json");
    try_back_up(&side, &library(), "ann", &nowhere)
        .await
        .unwrap_err();
}

async fn compressed_and_plain_files_say_the_same(backend: Backend) {
    let side = full(backend).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.json.zst");
    let made = try_back_up(&side, &library(), "ann", &path).await;
    if let Err(error) = made {
        // a build without the feature says so
        assert!(error.to_string().contains("zstd"), "{error}");
        return;
    }
    let mut empty = empty(backend).await;
    let restored = db_adapter::backup::restore_database(
        empty.db.as_ref(),
        &library(),
        &path,
        "ann",
        options(),
    )
    .await;
    assert!(restored.unwrap().committed);
    assert_eq!(graph(&mut empty, "ann").await, ANNS);
}

async fn whole_tables_come_back_whole(backend: Backend) {
    let mut from = full(backend).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.json");
    let all = BackupOptions::new().output(&path).all_rows();
    backup_database(from.db.as_ref(), &library(), "admin", all)
        .await
        .unwrap();
    let mut side = empty(backend).await;
    let run = async |options| {
        db_adapter::backup::restore_database(side.db.as_ref(), &library(), &path, "ann", options)
            .await
    };
    let error = run(options()).await.unwrap_err().to_string();
    assert!(
        error.contains("all users"),
        "one user's restore of all rows: {error}"
    );
    let summary = run(options().all_rows()).await.unwrap();
    assert_eq!(
        counts(&summary),
        "authors 4/0/0/0, books 5/0/0/0, chapters 5/0/0/0"
    );
    for user in ["ann", "bob"] {
        assert_eq!(graph(&mut side, user).await, graph(&mut from, user).await);
    }
}
