//! Rows that were found, and that new rows refer to: another session moves or removes one while the restore goes
//! on. Then nothing is restored; and where nobody does, the restore keeps others from it until its commit.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use db_adapter::backup::{
    BackupOptions, OnError, RestoreMode, RestoreOptions, RestoreSummary, backup_database,
    restore_database,
};
use db_adapter::{BackupSchema, Error, Result, TableDef};

use crate::case::{Backend, Case, counts};

/// The restore waits at the rows of `z`, which another session holds.
const Z: &str = "CREATE TABLE z (id {id}, user_id text NOT NULL, slug text NOT NULL UNIQUE);";
const WAITS: &str = "SELECT count(*)::text FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'";

fn z() -> TableDef {
    TableDef::new("z")
}

async fn made(sql: &str) -> Case {
    let t = Case::new(Backend::Postgres).await;
    t.sql(sql).await;
    t
}

async fn back_up(t: &Case, schema: &BackupSchema) -> PathBuf {
    let path = t.folder.path().join("backup.json");
    let options = BackupOptions::new().output(&path);
    backup_database(&t.db, schema, "ann", options)
        .await
        .unwrap();
    path
}

/// Restores while another session does this, after all rows were found; what came of it, and what was there
/// before the restore could commit.
async fn meanwhile(
    t: &Case,
    schema: &BackupSchema,
    path: &Path,
    options: RestoreOptions,
    sql: &str,
) -> (Result<RestoreSummary>, Vec<String>) {
    let mut holder = t.database.oracle().await;
    holder
        .sql("BEGIN; INSERT INTO z (user_id, slug) VALUES ('bob', 'z')")
        .await;
    let (db, schema, path) = (Arc::clone(&t.db), schema.clone(), path.to_owned());
    let restore =
        tokio::spawn(async move { restore_database(&db, &schema, &path, "ann", options).await });
    let mut other = t.database.oracle().await;
    other.until(WAITS, "1").await;
    other.sql(sql).await;
    let before = t.everything().await;
    holder.sql("ROLLBACK").await;
    (restore.await.unwrap(), before)
}

/// A parent, an optional reference, a row below a parent of a parent, with a foreign key and without.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_found_row_that_another_session_takes_away_refuses_the_restore() {
    let user = || TableDef::new("p");
    let child = || {
        TableDef::new("c")
            .parent("p", "p_id")
            .optional_ref("p", "o_id")
    };
    let below = || TableDef::new("d").no_user().parent("c", "c_id");
    let schema = BackupSchema::new([user(), child(), below(), z()]).unwrap();
    for foreign in [false, true] {
        let to = |table: &str| match foreign {
            true => format!("REFERENCES {table}"),
            false => String::new(),
        };
        let ddl = format!(
            "CREATE TABLE p (id {{id}}, user_id text NOT NULL, slug text NOT NULL, v text);
             CREATE TABLE c (id {{id}}, user_id text NOT NULL, p_id bigint NOT NULL {0}, o_id bigint {0}, slug text NOT NULL, v text);
             CREATE TABLE d (id {{id}}, c_id bigint NOT NULL {1}, slug text NOT NULL, v text);
             {Z}
             INSERT INTO p (user_id, slug) SELECT 'ann', 'p' || i FROM generate_series(1, 5) i;
             INSERT INTO c (user_id, p_id, o_id, slug) SELECT 'ann', i, 6 - i, 'c' || i FROM generate_series(1, 5) i;
             INSERT INTO d (c_id, slug) SELECT i, 'd' || i FROM generate_series(1, 5) i;
             INSERT INTO z (user_id, slug) VALUES ('ann', 'z')",
            to("p"),
            to("c")
        );
        let source = made(&ddl).await;
        let path = back_up(&source, &schema).await;
        let ddl =
            format!("{ddl}; DELETE FROM z; DELETE FROM d WHERE id > 2; DELETE FROM c WHERE id > 4");
        for mode in [RestoreMode::Skip, RestoreMode::Overwrite] {
            for (what, sql) in [
                (
                    "a parent moved",
                    "UPDATE p SET user_id = 'bob' WHERE id = 5",
                ),
                (
                    "an optional one moved",
                    "UPDATE p SET user_id = 'bob' WHERE id = 1",
                ),
                ("a parent gone", "DELETE FROM p WHERE id = 5"),
                (
                    "a parent has another key",
                    "UPDATE p SET id = DEFAULT WHERE id = 5",
                ),
                (
                    "a parent's owner moved",
                    "UPDATE c SET user_id = 'bob' WHERE id = 3",
                ),
                ("a parent below gone", "DELETE FROM c WHERE id = 4"),
            ] {
                if mode == RestoreMode::Overwrite && (foreign || what.contains("parent")) {
                    continue; // nothing else than below
                }
                if foreign && (what.contains("gone") || what.contains("key")) {
                    continue; // another session waits, or cannot
                }
                let copy = made(&ddl).await;
                let options = RestoreOptions::default().mode(mode).on_error(OnError::Skip);
                let (done, before) = meanwhile(&copy, &schema, &path, options, sql).await;
                let said = match done {
                    Err(error @ Error::RestoreRefused { .. }) => error.to_string(),
                    done => panic!("{what}, {mode:?}, {foreign}: {done:#?}"),
                };
                assert!(said.contains("another session"), "{what}: {said}");
                assert!(!said.contains("trigger"), "{what}: {said}");
                assert_eq!(
                    copy.everything().await,
                    before,
                    "{what}, {mode:?}, {foreign}"
                );
            }
            // what no written row refers to may go where it wants, and so may what changes otherwise
            let copy = made(&ddl).await;
            let options = RestoreOptions::default();
            let sql = "UPDATE p SET v = 'new', slug = slug || '!' WHERE id = 5; UPDATE p SET user_id = 'bob' WHERE id = 2";
            let (done, _) = meanwhile(&copy, &schema, &path, options, sql).await;
            assert!(done.unwrap().committed);
            let lost = "SELECT count(*) FROM c LEFT JOIN p ON p.id = c.p_id AND p.user_id = c.user_id WHERE p.id IS NULL AND c.id > 4";
            assert_eq!(copy.count(lost).await, 0);
        }
    }
}

/// Rows of tables outside, of the owner and of everybody, where no foreign key keeps them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_foreign_key_keeps_is_kept_all_the_same() {
    let ddl = format!(
        "CREATE TABLE users (id text PRIMARY KEY);
         CREATE TABLE rates (id bigint PRIMARY KEY);
         CREATE TABLE tags (id {{id}}, slug text NOT NULL);
         CREATE TABLE p (id {{id}}, user_id text NOT NULL, rate_id bigint NOT NULL, tag_id bigint NOT NULL, slug text NOT NULL);
         {Z}
         INSERT INTO users VALUES ('ann'), ('bob'); INSERT INTO rates VALUES (1), (2);
         INSERT INTO tags (slug) VALUES ('a'), ('b');
         INSERT INTO p (user_id, rate_id, tag_id, slug) VALUES ('ann', 1, 1, 'p');
         INSERT INTO z (user_id, slug) VALUES ('ann', 'z')"
    );
    let schema = BackupSchema::new([
        TableDef::new("tags").no_user(),
        TableDef::new("p")
            .owner("users", "user_id")
            .external("rates", "rate_id")
            .parent("tags", "tag_id"),
        z(),
    ])
    .unwrap();
    let source = made(&ddl).await;
    let path = back_up(&source, &schema).await;
    let ddl = format!("{ddl}; DELETE FROM p; DELETE FROM z");
    for (sql, is_kept) in [
        ("DELETE FROM users WHERE id = 'ann'", false),
        ("DELETE FROM rates WHERE id = 1", false),
        ("DELETE FROM tags WHERE id = 1", false),
        (
            "DELETE FROM users WHERE id = 'bob'; DELETE FROM rates WHERE id = 2; DELETE FROM tags WHERE id = 2",
            true,
        ),
    ] {
        let copy = made(&ddl).await;
        let options = RestoreOptions::default();
        let (done, before) = meanwhile(&copy, &schema, &path, options, sql).await;
        match done {
            Ok(summary) => assert!(is_kept && summary.committed, "{sql}: {summary:#?}"),
            Err(error) => {
                assert!(
                    !is_kept && error.to_string().contains("another session"),
                    "{error}"
                );
                assert_eq!(copy.everything().await, before, "{sql}");
            }
        }
    }
}

/// A role that may not lock the rows that it refers to is refused, unless a foreign key keeps them; a second
/// restore, which writes nothing, locks nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_may_not_lock_is_refused_where_it_has_to() {
    let schema = BackupSchema::new([
        TableDef::new("p"),
        TableDef::new("c")
            .parent("p", "p_id")
            .external("rates", "rate_id"),
    ])
    .unwrap();
    let t = Case::new(Backend::Postgres).await;
    let role = format!("locker_{}", t.database.name());
    t.sql(&format!(
        "CREATE TABLE rates (id bigint PRIMARY KEY);
         CREATE TABLE p (id {{id}}, user_id text NOT NULL, slug text NOT NULL);
         CREATE TABLE c (id {{id}}, user_id text NOT NULL, p_id bigint NOT NULL REFERENCES p, rate_id bigint NOT NULL REFERENCES rates, slug text NOT NULL);
         INSERT INTO rates VALUES (1); INSERT INTO p (user_id, slug) VALUES ('ann', 'p');
         INSERT INTO c (user_id, p_id, rate_id, slug) VALUES ('ann', 1, 1, 'c');
         CREATE ROLE {role} LOGIN; GRANT SELECT, INSERT ON p, c TO {role}; GRANT SELECT ON rates TO {role};
         GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}"
    ))
    .await;
    let path = back_up(&t, &schema).await;
    let url = format!("{}?options=-c%20role%3D{role}", t.database.url());
    let db = db_adapter::connect(&url).await.unwrap();
    let again = || restore_database(&db, &schema, &path, "ann", RestoreOptions::default());
    let before = t.everything().await;
    let summary = again().await.unwrap();
    assert_eq!(counts(&summary), [[0, 0, 1, 0, 0]; 2]);
    assert_eq!(t.everything().await, before);
    t.sql("DELETE FROM c").await;
    let before = t.everything().await;
    let refused = again().await.unwrap_err();
    let Error::RestoreRefused { problems, .. } = &refused else {
        panic!("{refused:?}");
    };
    assert!(problems[0].message.contains("may not lock"), "{refused}");
    assert!(
        problems[0]
            .hint
            .as_deref()
            .is_some_and(|hint| hint.contains("UPDATE"))
    );
    assert_eq!(t.everything().await, before);
    t.sql(&format!("GRANT UPDATE (id) ON p TO {role}")).await;
    assert!(again().await.unwrap().committed);
    assert_eq!(t.table("SELECT p_id, slug FROM c").await, "1,c");
    t.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await;
}

/// SQLite has one writer: from the first look at the rows to the commit nobody else writes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_else_writes_to_a_sqlite_file_meanwhile() {
    let t = Case::new(Backend::Sqlite).await;
    t.sql(&format!(
        "CREATE TABLE p (id {{id}}, user_id text NOT NULL, slug text NOT NULL);
         CREATE TABLE c (id {{id}}, user_id text NOT NULL, p_id {{int8}} NOT NULL, slug text NOT NULL);
         {Z}
         INSERT INTO p (user_id, slug) VALUES ('ann', 'p');
         INSERT INTO c (user_id, p_id, slug) VALUES ('ann', 1, 'c');
         INSERT INTO z (user_id, slug) VALUES ('ann', 'z')"
    ))
    .await;
    let schema = BackupSchema::new([
        TableDef::new("p"),
        TableDef::new("c").parent("p", "p_id"),
        z(),
    ])
    .unwrap();
    let path = back_up(&t, &schema).await;
    t.sql("DELETE FROM c; DELETE FROM z").await;
    let file = t.database.path().to_owned();
    let refused = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&refused);
    // told when the rows of a table were read, the first before any row was written
    let options = RestoreOptions::default().on_progress(move |_| {
        let write = async {
            let mut other = support::Oracle::sqlite(&file).await;
            other.sql("PRAGMA busy_timeout = 0").await;
            other.try_sql("UPDATE p SET user_id = 'bob'").await
        };
        let done =
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(write));
        assert!(done.is_err_and(|error| error.contains("locked")));
        count.fetch_add(1, Ordering::SeqCst);
    });
    let summary = t.restore(&schema, &path, "ann", options).await;
    assert!(summary.committed);
    assert_eq!(refused.load(Ordering::SeqCst), 3);
    let all = "SELECT p.user_id, c.slug FROM c JOIN p ON p.id = c.p_id";
    assert_eq!(t.table(all).await, "ann,c");
}
