//! What is refused before the first write, and that nothing is written then.

use std::time::Duration;

use db_adapter::sync::{SyncOptions, compare, sync};
use db_adapter::{
    BackupSchema, ConnectOptions, Error, PostgresAdapter, SqliteAdapter, TableDef, connect,
};

use crate::case::{Backend, LIBRARY, Pair, ROWS, Side, counts, library, of_ann};

on_mixed_pairs! {
    without_confirm_nothing_is_written,
    a_narrower_type_there_writes_nothing,
    a_unique_conflict_in_the_last_table_writes_nothing,
    natural_keys_twice_on_one_side,
    some_tables_without_those_that_they_refer_to,
    a_column_that_is_not_there,
    a_child_of_another_users_parent,
    two_sides_that_may_only_be_read,
}

async fn without_confirm_nothing_is_written(t: &Pair) {
    t.both(LIBRARY).await;
    t.source.sql(ROWS).await;
    let before = t.dest.everything().await;
    let options = of_ann().dry_run(false);
    let refused = sync(&t.source.db, &t.dest.db, &options).await.unwrap_err();
    assert!(matches!(refused, Error::InvalidQuery { .. }), "{refused}");
    assert_eq!(t.dest.everything().await, before);
}

async fn a_narrower_type_there_writes_nothing(t: &Pair) {
    let table = "CREATE TABLE notes (id {id}, slug text NOT NULL UNIQUE, n ";
    t.source.sql(&format!("{table} {{int8}})")).await;
    t.dest.sql(&format!("{table} smallint)")).await;
    t.source
        .sql("INSERT INTO notes (slug, n) VALUES ('fits', 1), ('too large', 70000)")
        .await;
    t.dest
        .sql("INSERT INTO notes (slug, n) VALUES ('too large', 7)")
        .await;
    let before = t.dest.everything().await;
    let options = SyncOptions::new(["notes"]).dry_run(false).confirm(true);
    let done = sync(&t.source.db, &t.dest.db, &options).await.unwrap();
    assert!(!done.committed && done.proof.is_none());
    assert_eq!(done.plan.failed(), 1);
    let failure = &done.plan.tables[0].failures[0];
    assert_eq!(failure.key["slug"], "too large");
    assert!(!format!("{done:?}").contains("too large") && !failure.reason.contains("70000"));
    let rows = |lines: Vec<String>| {
        lines
            .into_iter()
            .filter(|l| !l.starts_with('['))
            .collect::<Vec<_>>()
    };
    assert_eq!(rows(t.dest.everything().await), rows(before));
    let plan = t.compare(&options).await;
    assert_eq!(counts(&plan)[0][4], 1);
}

async fn a_unique_conflict_in_the_last_table_writes_nothing(t: &Pair) {
    t.both(LIBRARY).await;
    t.source.sql(ROWS).await;
    t.dest
        .sql("CREATE UNIQUE INDEX one_c ON chapters (n) WHERE n = 1")
        .await;
    let before = t.dest.everything().await;
    let options = of_ann().dry_run(false).confirm(true);
    let done = sync(&t.source.db, &t.dest.db, &options).await.unwrap();
    assert!(!done.committed && done.plan.failed() > 0);
    assert!(
        done.plan.tables[2].failures[0].reason.contains("unique"),
        "{done:?}"
    );
    let rows = |lines: Vec<String>| {
        lines
            .into_iter()
            .filter(|l| !l.starts_with('['))
            .collect::<Vec<_>>()
    };
    assert_eq!(rows(t.dest.everything().await), rows(before));
}

async fn natural_keys_twice_on_one_side(t: &Pair) {
    let table = "CREATE TABLE notes (id {id}, slug text, n {int8});";
    t.both(table).await;
    t.source
        .sql("INSERT INTO notes (slug, n) VALUES ('a', 1), ('a', 2), (NULL, 3)")
        .await;
    let options = SyncOptions::new(["notes"]).dry_run(false).confirm(true);
    let refused = sync(&t.source.db, &t.dest.db, &options).await.unwrap_err();
    assert!(matches!(refused, Error::SyncRefused { .. }), "{refused}");
    assert_eq!(t.dest.table("SELECT count(*) FROM notes").await, "0");
    t.source.sql("DELETE FROM notes WHERE n = 2").await;
    t.dest
        .sql("INSERT INTO notes (slug, n) VALUES ('a', 5), ('a', 6), ('z', 7)")
        .await;
    let done = sync(&t.source.db, &t.dest.db, &options).await.unwrap();
    assert!(!done.committed);
    assert_eq!(done.plan.failed(), 1);
    assert_eq!(done.plan.tables[0].only_in_dest, 3);
    assert_eq!(
        t.dest.table("SELECT slug, n FROM notes ORDER BY n").await,
        "a,5|a,6|z,7"
    );
}

async fn some_tables_without_those_that_they_refer_to(t: &Pair) {
    t.both(LIBRARY).await;
    t.source.sql(ROWS).await;
    let options = SyncOptions::new(["books", "chapters"])
        .schema(library())
        .user_id("ann");
    let refused = compare(&t.source.db, &t.dest.db, &options)
        .await
        .unwrap_err();
    let Error::SyncRefused { problems, .. } = &refused else {
        panic!("{refused}")
    };
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert_eq!(problems[0].hint.as_deref(), Some("add `authors`"));
    let options = SyncOptions::new(["books", "authors"])
        .schema(library())
        .user_id("ann");
    assert_eq!(t.synced(&options).await.plan.inserts(), 5);
}

async fn a_column_that_is_not_there(t: &Pair) {
    t.source
        .sql("CREATE TABLE notes (id {id}, slug text NOT NULL UNIQUE, extra text)")
        .await;
    t.dest
        .sql("CREATE TABLE notes (id {id}, slug text NOT NULL UNIQUE)")
        .await;
    let options = SyncOptions::new(["notes"]);
    let refused = compare(&t.source.db, &t.dest.db, &options)
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::SyncRefused { .. }), "{refused}");
    assert!(refused.to_string().contains("`extra`"), "{refused}");
}

async fn a_child_of_another_users_parent(t: &Pair) {
    t.both(LIBRARY).await;
    t.source.sql(ROWS).await;
    t.source
        .sql("UPDATE books SET author_id = (SELECT id FROM authors WHERE user_id = 'bob') WHERE slug = 'one' AND user_id = 'ann'")
        .await;
    let refused = compare(&t.source.db, &t.dest.db, &of_ann())
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::ForeignParents { .. }), "{refused}");
}

/// A comparison needs no right to write, and a sync none at the source.
async fn two_sides_that_may_only_be_read(t: &Pair) {
    t.both(LIBRARY).await;
    t.both(ROWS).await;
    t.source
        .sql("UPDATE authors SET name = 'new' WHERE slug = 'eco'; INSERT INTO authors (slug, user_id) VALUES ('z', 'ann')")
        .await;
    let open = async |side: &Side| {
        let options = ConnectOptions::new(side.database.url()).read_only(true);
        db_adapter::connect_with(options).await.unwrap()
    };
    let (source, dest) = (open(&t.source).await, open(&t.dest).await);
    let before = t.dest.everything().await;
    let plan = compare(&source, &dest, &of_ann()).await.unwrap();
    assert_eq!(counts(&plan)[0], [1, 1, 1, 0, 0]);
    let options = of_ann().dry_run(false).confirm(true);
    let refused = sync(&source, &dest, &options).await.unwrap_err();
    assert!(matches!(refused, Error::ReadOnly { .. }), "{refused:?}");
    assert_eq!(t.dest.everything().await, before);
    let done = sync(&source, &t.dest.db, &options).await.unwrap();
    assert!(done.committed && done.is_proven());
    assert!(compare(&source, &dest, &of_ann()).await.unwrap().is_same());
}

fn is_same(result: Result<impl std::fmt::Debug, Error>) {
    assert!(
        matches!(&result, Err(Error::SameDatabase { .. })),
        "{result:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_database_under_two_names() {
    let side = Side::new(Backend::Postgres).await;
    side.sql(LIBRARY).await;
    side.sql(ROWS).await;
    let before = side.everything().await;
    let other = side.database.url().replace("127.0.0.1", "localhost");
    let other = connect(&other).await.unwrap();
    let options = of_ann().dry_run(false).confirm(true);
    is_same(sync(&side.db, &other, &options).await);
    is_same(compare(&side.db, &side.db, &options).await);
    // a pool of one connection, twice
    let options_of_one = ConnectOptions::new(side.database.url())
        .max_connections(1)
        .acquire_timeout(Duration::from_millis(300));
    let one = PostgresAdapter::connect_with(options_of_one).await.unwrap();
    is_same(compare(&one, &one, &options).await);
    let again = compare(&one, &one.clone(), &options).await;
    assert!(
        matches!(&again, Err(Error::PoolTimeout { .. })),
        "{again:?}"
    );
    assert_eq!(side.everything().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_schema_of_the_same_database() {
    let side = Side::new(Backend::Postgres).await;
    side.sql(LIBRARY).await;
    side.sql(ROWS).await;
    side.sql(&format!(
        "CREATE SCHEMA staging; SET search_path = staging; {LIBRARY}"
    ))
    .await;
    let url = format!("{}?options=-csearch_path%3Dstaging", side.database.url());
    let staging = connect(&url).await.unwrap();
    let options = of_ann().dry_run(false).confirm(true);
    let done = sync(&side.db, &staging, &options).await.unwrap();
    assert!(done.committed && done.is_proven());
    assert_eq!(done.plan.inserts(), 11);
    assert_eq!(
        side.table("SELECT count(*) FROM staging.chapters").await,
        "6"
    );
    is_same(compare(&staging, &connect(&url).await.unwrap(), &options).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_file_under_two_names() {
    let side = Side::new(Backend::Sqlite).await;
    side.sql(LIBRARY).await;
    side.sql(ROWS).await;
    // a hard link has a journal of its own: what is in the first one's would be missing
    side.sql("PRAGMA wal_checkpoint(TRUNCATE)").await;
    let folder = side.database.path().parent().unwrap();
    let (soft, hard) = (folder.join("soft.db"), folder.join("hard.db"));
    std::os::unix::fs::symlink(side.database.path(), &soft).unwrap();
    std::fs::hard_link(side.database.path(), &hard).unwrap();
    let before = side.everything().await;
    let options = of_ann().dry_run(false).confirm(true);
    for path in [side.database.path(), &soft, &hard] {
        let other = SqliteAdapter::connect(&path.display().to_string())
            .await
            .unwrap();
        is_same(sync(&side.db, &other, &options).await);
    }
    let memory = SqliteAdapter::connect("sqlite::memory:").await.unwrap();
    is_same(sync(&memory, &memory.clone(), &options).await);
    assert_eq!(side.everything().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_may_not_see_all_rows() {
    let t = Pair::new(Backend::Postgres, Backend::Postgres).await;
    t.both("CREATE TABLE notes (id {id}, slug text NOT NULL UNIQUE, user_id text)")
        .await;
    let role = format!("role_{}", t.source.database.name());
    let sql = "ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON notes USING (user_id = 'ann'); GRANT ALL ON notes TO ";
    t.source
        .sql(&format!(
            "CREATE ROLE {role} LOGIN PASSWORD 'secret'; {sql} {role}"
        ))
        .await;
    let (_, place) = t.source.database.url().rsplit_once('@').unwrap();
    let restricted = connect(&format!("postgresql://{role}:secret@{place}"))
        .await
        .unwrap();
    let schema = BackupSchema::new([TableDef::new("notes")]).unwrap();
    let options = SyncOptions::of_schema(schema).user_id("ann");
    let refused = compare(&restricted, &t.dest.db, &options).await;
    assert!(
        matches!(&refused, Err(Error::PartialBackup { .. })),
        "{refused:?}"
    );
    let refused = compare(&t.dest.db, &restricted, &options).await;
    assert!(
        matches!(&refused, Err(Error::SyncRefused { .. })),
        "{refused:?}"
    );
    assert!(
        compare(&restricted, &t.dest.db, &options.allow_row_security())
            .await
            .is_ok()
    );
    restricted.close().await.unwrap();
    t.source
        .sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await;
}

/// A table of the source that the destination knows a part of, or by a view, in the same database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_schema_with_a_part_of_the_same_table() {
    for part in [
        "CREATE TABLE staging.notes PARTITION OF notes (id DEFAULT 500) FOR VALUES IN ('a'); CREATE TABLE rest PARTITION OF notes DEFAULT",
        "CREATE TABLE rest PARTITION OF notes DEFAULT; CREATE VIEW staging.notes AS SELECT * FROM notes",
    ] {
        let side = Side::new(Backend::Postgres).await;
        side.sql(&format!(
            "CREATE TABLE notes (id bigint, user_id text NOT NULL, slug text NOT NULL, UNIQUE (user_id, slug), PRIMARY KEY (id, slug)) \
                 PARTITION BY LIST (slug); CREATE SCHEMA staging; {part}; \
             INSERT INTO notes VALUES (1, 'ann', 'a'), (2, 'ann', 'b')"
        ))
        .await;
        let before = side.everything().await;
        let schema = BackupSchema::new([TableDef::new("notes").pk(["id", "slug"])]).unwrap();
        let options = SyncOptions::of_schema(schema)
            .user_id("ann")
            .dry_run(false)
            .confirm(true);
        let url = format!("{}?options=-csearch_path%3Dstaging", side.database.url());
        let staging = connect(&url).await.unwrap();
        for (from, to) in [(&side.db, &staging), (&staging, &side.db)] {
            let refused = sync(from, to, &options).await;
            assert!(refused.is_err(), "{refused:?}");
            if part.contains("PARTITION OF notes (id") {
                is_same(refused);
            }
        }
        assert_eq!(side.everything().await, before);
    }
}
