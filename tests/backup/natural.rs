//! Which row is there already: by the natural key, by what its values mean, NULL equal to NULL.

use db_adapter::TableDef;
use db_adapter::backup::{BackupOptions, OnError, RestoreMode, RestoreOptions, backup_database};

use crate::library::{empty, full, graph, library, rows};
use crate::side::{Backend, Side};
use crate::steps::{Kept, back_up, counts, restore, schema};

cases! {
    null_natural_keys_restored_twice_add_nothing,
    modes_skip_overwrite_and_fail,
    overwriting_touches_only_rows_that_differ,
    two_rows_of_the_file_with_one_key_are_a_failure,
    two_rows_of_the_destination_with_one_key_are_a_failure,
    numbers_are_one_key_whatever_their_zeros,
    uuids_are_one_key_whatever_their_case,
    shared_rows_are_found_added_and_left_alone,
}

fn options() -> RestoreOptions {
    RestoreOptions::default()
}

const NOTES: &str = "CREATE TABLE notes (id {id}, user_id text, slug text, part text, text text)";

async fn null_natural_keys_restored_twice_add_nothing(backend: Backend) {
    let schema = schema([TableDef::new("notes")
        .no_slug()
        .key(["user_id", "slug", "part"])]);
    let mut from = Side::with(backend, NOTES).await;
    from.sql("INSERT INTO notes VALUES (1, 'ann', NULL, 'x', '1'), (2, 'ann', NULL, NULL, '2'), (3, 'ann', 'a', NULL, '3')")
        .await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, NOTES).await;
    for outcome in ["notes 3/0/0/0", "notes 0/0/3/0", "notes 0/0/3/0"] {
        let summary = restore(&side, &schema, &kept, "ann", options()).await;
        assert_eq!(counts(&summary), outcome);
    }
    assert_eq!(
        side.table("SELECT text FROM notes ORDER BY text").await,
        "1|2|3"
    );
}

async fn modes_skip_overwrite_and_fail(backend: Backend) {
    let kept = back_up(&full(backend).await, &library(), "ann").await;
    let mut side = full(backend).await;
    side.sql("UPDATE books SET title = 'changed' WHERE user_id = 'ann'; UPDATE authors SET mentor_id = NULL WHERE user_id = 'ann'")
        .await;
    let before = rows(&mut side, "ann").await;
    let summary = restore(&side, &library(), &kept, "ann", options()).await;
    assert_eq!(
        counts(&summary),
        "authors 0/0/2/0, books 0/0/3/0, chapters 0/0/4/0"
    );
    assert_eq!(rows(&mut side, "ann").await, before);

    let fail = options().mode(RestoreMode::Fail);
    let summary = restore(&side, &library(), &kept, "ann", fail.clone()).await;
    assert!(!summary.committed && summary.failed() > 0, "{summary:#?}");
    assert_eq!(rows(&mut side, "ann").await, before);
    let mut nothing = empty(backend).await;
    let summary = restore(&nothing, &library(), &kept, "ann", fail).await;
    assert!(summary.committed, "nothing was there: {summary:#?}");
    assert_eq!(nothing.table("SELECT count(*) FROM chapters").await, "4");

    let bob = rows(&mut side, "bob").await;
    let overwrite = options().mode(RestoreMode::Overwrite);
    let summary = restore(&side, &library(), &kept, "ann", overwrite).await;
    assert_eq!(
        counts(&summary),
        "authors 0/1/1/0, books 0/3/0/0, chapters 0/0/4/0"
    );
    let mut original = full(backend).await;
    assert_eq!(
        rows(&mut side, "ann").await,
        rows(&mut original, "ann").await
    );
    assert_eq!(rows(&mut side, "bob").await, bob);
}

async fn overwriting_touches_only_rows_that_differ(backend: Backend) {
    let tables = "CREATE TABLE notes (id {id}, user_id text, slug text, n numeric(10,2), touched int DEFAULT 0)";
    let schema = schema([TableDef::new("notes")]);
    let mut from = Side::with(
        backend,
        &tables.replace("numeric", backend.either("numeric", "NUMERIC_TEXT")),
    )
    .await;
    from.sql("INSERT INTO notes VALUES (1, 'ann', 'a', '1.50', 0), (2, 'ann', 'b', NULL, 0), (3, 'ann', 'c', '2.00', 0)").await;
    let kept = back_up(&from, &schema, "ann").await;
    from.sql("UPDATE notes SET n = '7.00' WHERE slug = 'a'")
        .await;
    from.sql(backend.either(
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''touched %'', NEW.slug; END';
         CREATE TRIGGER touch BEFORE UPDATE ON notes FOR EACH ROW WHEN (OLD.slug <> 'a') EXECUTE FUNCTION touch()",
        "CREATE TRIGGER touch BEFORE UPDATE ON notes WHEN OLD.slug <> 'a' BEGIN SELECT RAISE(ABORT, 'touched'); END",
    ))
    .await;
    let summary = restore(
        &from,
        &schema,
        &kept,
        "ann",
        options().mode(RestoreMode::Overwrite),
    )
    .await;
    assert_eq!(counts(&summary), "notes 0/1/2/0", "{summary:#?}");
    assert_eq!(
        from.table("SELECT slug, n FROM notes ORDER BY 1").await,
        "a,1.50|b,NULL|c,2.00"
    );
}

async fn two_rows_of_the_file_with_one_key_are_a_failure(backend: Backend) {
    let schema = schema([TableDef::new("notes")]);
    let mut from = Side::with(backend, NOTES).await;
    from.sql("INSERT INTO notes VALUES (1, 'ann', NULL, NULL, '1'), (2, 'ann', 'b', NULL, '2'), (3, 'ann', NULL, NULL, '3')")
        .await;
    let kept = Kept::empty();
    let allowed = BackupOptions::new().output(&kept.path).allow_duplicates();
    let written = backup_database(from.db.as_ref(), &schema, "ann", allowed).await;
    written.unwrap();
    let mut side = Side::with(backend, NOTES).await;
    let summary = restore(&side, &schema, &kept, "ann", options()).await;
    assert!(!summary.committed && summary.failed() == 1, "{summary:#?}");
    assert_eq!(side.table("SELECT count(*) FROM notes").await, "0");
    let skip = options().on_error(OnError::Skip);
    let summary = restore(&side, &schema, &kept, "ann", skip).await;
    assert_eq!(counts(&summary), "notes 2/0/0/1");
    assert_eq!(
        summary.tables[0].failure_details[0].key,
        ["user_id", "slug"]
    );
    assert_eq!(side.table("SELECT count(*) FROM notes").await, "2");
}

async fn two_rows_of_the_destination_with_one_key_are_a_failure(backend: Backend) {
    let schema = schema([TableDef::new("notes")]);
    let mut from = Side::with(backend, NOTES).await;
    from.sql("INSERT INTO notes VALUES (1, 'ann', 'a', NULL, 'new'), (2, 'ann', 'b', NULL, 'new')")
        .await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, NOTES).await;
    side.sql("INSERT INTO notes VALUES (1, 'ann', 'a', NULL, 'old'), (2, 'ann', 'a', NULL, 'old'), (3, 'bob', 'b', NULL, 'old')")
        .await;
    let overwrite = options()
        .mode(RestoreMode::Overwrite)
        .on_error(OnError::Skip);
    let summary = restore(&side, &schema, &kept, "ann", overwrite).await;
    assert_eq!(counts(&summary), "notes 1/0/0/1");
    let sql = "SELECT user_id, slug, text FROM notes ORDER BY 1, 2, 3";
    assert_eq!(
        side.table(sql).await,
        "ann,a,old|ann,a,old|ann,b,new|bob,b,old"
    );
}

async fn numbers_are_one_key_whatever_their_zeros(backend: Backend) {
    let numeric = backend.either("numeric", "NUMERIC_TEXT");
    let tables =
        format!("CREATE TABLE prices (id {{id}}, user_id text, slug {numeric}, text text)");
    let schema = schema([TableDef::new("prices")]);
    let mut from = Side::with(backend, &tables).await;
    from.sql("INSERT INTO prices VALUES (1, 'ann', '1.50', 'x'), (2, 'ann', '20', 'x')")
        .await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, &tables).await;
    side.sql("INSERT INTO prices VALUES (5, 'ann', '1.5', 'y'), (6, 'ann', '20.000', 'y'), (7, 'ann', '2', 'y')").await;
    let summary = restore(&side, &schema, &kept, "ann", options()).await;
    assert_eq!(counts(&summary), "prices 0/0/2/0");
    assert_eq!(side.table("SELECT count(*) FROM prices").await, "3");
}

async fn uuids_are_one_key_whatever_their_case(backend: Backend) {
    let tables = "CREATE TABLE things (id {id}, user_id text, slug uuid)";
    let schema = schema([TableDef::new("things")]);
    let kept = Kept::written(
        r#"{"metadata": {"version": "1.1", "things_count": 1}, "things": [{"id": 1, "user_id": "x", "slug": "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"}]}"#,
    );
    let mut side = Side::with(backend, tables).await;
    side.sql("INSERT INTO things VALUES (3, 'ann', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')")
        .await;
    let summary = restore(&side, &schema, &kept, "ann", options()).await;
    assert_eq!(counts(&summary), "things 0/0/1/0");
}

async fn shared_rows_are_found_added_and_left_alone(backend: Backend) {
    let tables = "CREATE TABLE kinds (id {id}, slug text UNIQUE, text text);
        CREATE TABLE notes (id {id}, user_id text, slug text, kind_id bigint NOT NULL REFERENCES kinds (id))";
    let schema = schema([
        TableDef::new("kinds").no_user(),
        TableDef::new("notes").parent("kinds", "kind_id"),
    ]);
    let mut from = Side::with(backend, tables).await;
    from.sql(
        "INSERT INTO kinds VALUES (1, 'a', 'from'), (2, 'b', 'from');
         INSERT INTO notes VALUES (1, 'ann', 'x', 1), (2, 'ann', 'y', 2)",
    )
    .await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, tables).await;
    side.sql("INSERT INTO kinds VALUES (2, 'a', 'to'), (7, 'z', 'to')")
        .await;
    let overwrite = options().mode(RestoreMode::Overwrite);
    let summary = restore(&side, &schema, &kept, "ann", overwrite.clone()).await;
    assert_eq!(counts(&summary), "kinds 1/0/1/0, notes 2/0/0/0");
    let sql =
        "SELECT n.slug, k.slug, k.text FROM notes n JOIN kinds k ON k.id = n.kind_id ORDER BY 1";
    assert_eq!(side.table(sql).await, "x,a,to|y,b,from");
    let summary = restore(
        &side,
        &schema,
        &kept,
        "ann",
        overwrite.overwrite_shared(true),
    )
    .await;
    assert_eq!(counts(&summary), "kinds 0/1/1/0, notes 0/0/2/0");
    assert_eq!(side.table(sql).await, "x,a,from|y,b,from");
    assert_eq!(graph_of_nothing(&mut side).await, "a,b,z");
}

async fn graph_of_nothing(side: &mut Side) -> String {
    side.table("SELECT slug FROM kinds ORDER BY 1")
        .await
        .replace('|', ",")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_column_compares_as_equal_is_one_key() {
    let cases = [
        (Backend::Postgres, "citext", "Größe", "abc", "GRÖßE"),
        (Backend::Postgres, "char(5)", "ab", "abc", "ab   "),
        (Backend::Sqlite, "TEXT COLLATE NOCASE", "Ab", "c", "aB"),
        (Backend::Sqlite, "TEXT COLLATE RTRIM", "ab", "c", "ab  "),
    ];
    for (backend, sql_type, file, other, there) in cases {
        let extension = backend.either("CREATE EXTENSION IF NOT EXISTS citext;", "");
        let tables =
            format!("{extension} CREATE TABLE t (id {{id}}, user_id text, slug {sql_type})");
        let schema = schema([TableDef::new("t")]);
        let mut from = Side::with(backend, &tables).await;
        from.sql(&format!(
            "INSERT INTO t VALUES (1, 'ann', '{file}'), (2, 'ann', '{other}')"
        ))
        .await;
        let kept = back_up(&from, &schema, "ann").await;
        let mut side = Side::with(backend, &tables).await;
        side.sql(&format!("INSERT INTO t VALUES (8, 'ann', '{there}')"))
            .await;
        let summary = restore(&side, &schema, &kept, "ann", options()).await;
        assert_eq!(counts(&summary), "t 1/0/1/0", "{sql_type}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_graph_goes_from_either_backend_to_the_other() {
    for (from, to) in [
        (Backend::Postgres, Backend::Sqlite),
        (Backend::Sqlite, Backend::Postgres),
    ] {
        let kept = back_up(&full(from).await, &library(), "ann").await;
        let mut side = full(to).await;
        let summary = restore(&side, &library(), &kept, "eve", options()).await;
        assert_eq!(
            counts(&summary),
            "authors 2/0/0/0, books 3/0/0/0, chapters 4/0/0/0"
        );
        assert_eq!(graph(&mut side, "eve").await, crate::library::ANNS);
    }
}
