//! A sync with a base: what was changed on which side since the last one, and what is deleted. The state of the
//! destination is asked of the server.

use db_adapter::sync::{BaseFile, OnConflict, SyncOptions, SyncOutcome, sync};
use db_adapter::{BackupSchema, Error, ErrorKind, TableDef};
use tempfile::TempDir;

use crate::case::{LIBRARY, Pair, ROWS, of_ann, told};

on_all_pairs! {
    what_is_gone_from_the_source_goes,
    each_state_of_a_row_has_its_action,
    conflicts_are_decided_as_said,
    the_newer_row_wins_where_that_is_known,
    without_a_base_rows_that_differ_are_conflicts_where_that_is_said,
    deletes_need_a_base_or_say_so,
    rows_that_hang_on_a_deleted_one_stop_it,
    rows_that_the_database_keeps_undo_it,
    a_renamed_row_makes_way_for_itself,
    trees_and_moved_rows,
    whole_tables_with_references_to_themselves,
}

pub(crate) struct Files(pub(crate) TempDir);

impl Files {
    pub(crate) fn new() -> Files {
        Files(tempfile::tempdir().unwrap())
    }

    pub(crate) fn base(&self) -> std::path::PathBuf {
        self.0.path().join("last.base")
    }
}

pub(crate) async fn write(t: &Pair, options: &SyncOptions) -> Result<SyncOutcome, Error> {
    let options = options.clone().dry_run(false).confirm(true);
    sync(&t.source.db, &t.dest.db, &options).await
}

/// Refused, or stopped by a conflict: not one byte of the destination is another.
pub(crate) async fn stops(t: &Pair, options: &SyncOptions) -> String {
    let rows = async || {
        let lines = t.dest.everything().await.into_iter();
        // a number of a sequence is taken, whatever becomes of the row
        let lines = lines.filter(|line| !line.starts_with('['));
        lines.collect::<Vec<_>>()
    };
    let before = rows().await;
    let base = options.base.clone().map(|file| std::fs::read(file).ok());
    let said = match write(t, options).await {
        Ok(done) => {
            assert!(!done.committed, "{done:#?}");
            assert!(done.plan.conflicts() > 0, "{done:#?}");
            format!("{} conflicts", done.plan.conflicts())
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::SyncRefused, "{error}");
            error.to_string()
        }
    };
    assert_eq!(rows().await, before, "{said}");
    assert_eq!(
        options.base.clone().map(|file| std::fs::read(file).ok()),
        base
    );
    said
}

/// Done, proven, with a base; a second run has nothing to do and writes nothing.
pub(crate) async fn does(t: &Pair, options: &SyncOptions) -> SyncOutcome {
    let compared = t.compare(options).await;
    let done = write(t, options).await.unwrap();
    assert!(done.committed && done.is_proven(), "{done:#?}");
    let expected = options.base.as_ref().map(|_| BaseFile::Written);
    assert_eq!(done.base, expected);
    {
        let pairs = compared.tables.iter().zip(&done.plan.tables);
        for (one, other) in pairs {
            let numbers = |t: &db_adapter::sync::TablePlan| {
                (
                    [t.new, t.changed, t.unchanged, t.deleted, t.only_in_dest],
                    [
                        t.changed_in_dest,
                        t.deleted_in_dest,
                        t.converged,
                        t.conflicts,
                        t.decided,
                    ],
                    t.dest_rows,
                )
            };
            assert_eq!(numbers(one), numbers(other), "{}", one.table);
        }
    }
    let after = t.dest.everything().await;
    let again = write(t, options).await.unwrap();
    assert!(again.plan.has_nothing_to_do(), "{:#?}", again.plan);
    assert_eq!(t.dest.everything().await, after, "the second run wrote");
    done
}

async fn what_is_gone_from_the_source_goes(t: &Pair) {
    t.both(LIBRARY).await;
    t.source.sql(ROWS).await;
    t.dest.sql("INSERT INTO authors (slug, user_id, name) VALUES ('lem', 'bob', 'of bob'), ('mine', 'ann', 'of the destination')").await;
    let files = Files::new();
    let options = of_ann().base(files.base());
    does(t, &options).await;
    let bytes = std::fs::read(files.base()).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(files.base())
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    for value in ["Lem", "Eco", "three", "ann"] {
        let found = bytes
            .windows(value.len())
            .any(|part| part == value.as_bytes());
        assert!(!found, "a value is in the base");
    }
    let names = std::fs::read_dir(files.0.path()).unwrap().count();
    assert_eq!(names, 1, "something is left beside the base");

    t.source
        .sql("DELETE FROM chapters WHERE book_id = (SELECT id FROM books WHERE slug = 'two' AND user_id = 'ann');
              DELETE FROM books WHERE slug = 'two' AND user_id = 'ann'")
        .await;
    // without `delete` the rows stay, and the base goes on to know them
    let kept = does(t, &options).await;
    assert_eq!(kept.plan.tables[1].only_in_dest, 1);
    assert_eq!(kept.plan.tables[2].only_in_dest, 2);
    let others = "SELECT user_id, slug, name FROM authors ORDER BY 1, 2";
    let before = t.dest.table(others).await;
    let done = does(t, &options.delete(true)).await;
    let [authors, books, chapters] = done.plan.tables.as_slice() else {
        panic!()
    };
    assert_eq!(
        (authors.deleted, books.deleted, chapters.deleted),
        (0, 1, 2)
    );
    assert_eq!(
        (
            authors.only_in_dest,
            books.only_in_dest,
            chapters.only_in_dest
        ),
        (1, 0, 0)
    );
    assert_eq!(books.deleted_rows[0]["slug"], "two");
    assert_eq!(books.dest_rows, Some(3));
    assert_eq!(t.dest.table(others).await, before);
    assert_eq!(
        t.dest.table("SELECT slug FROM books ORDER BY 1").await,
        "one|three"
    );
    assert_eq!(t.dest.table("SELECT count(*) FROM chapters").await, "4");
}

/// One row for each state: its slug says base, source, destination.
async fn each_state_of_a_row_has_its_action(t: &Pair) {
    t.both("CREATE TABLE notes (id {id}, slug text NOT NULL UNIQUE, body text)")
        .await;
    let base: Vec<&str> = vec!["a.a", "aab", "aba", "abb", "aa.", "a..", "a.b", "aaa"];
    let insert = |slug: &str, body: &str| {
        format!("INSERT INTO notes (slug, body) VALUES ('{slug}', '{body}');")
    };
    for slug in &base {
        t.source.sql(&insert(slug, "a")).await;
    }
    let files = Files::new();
    let options = SyncOptions::new(["notes"]).base(files.base());
    does(t, &options).await;
    for (side, at) in [(&t.source, 1), (&t.dest, 2)] {
        for slug in &base {
            let body = &slug[at..=at];
            let sql = match body {
                "." => format!("DELETE FROM notes WHERE slug = '{slug}'"),
                body => format!(
                    "UPDATE notes SET body = '{body}' WHERE slug = '{slug}' AND body <> '{body}'"
                ),
            };
            side.sql(&sql).await;
        }
        for slug in [".a.", "..a", ".aa"] {
            let body = &slug[at..=at];
            if body != "." {
                side.sql(&insert(slug, body)).await;
            }
        }
    }
    let done = does(t, &options.clone()).await;
    let notes = &done.plan.tables[0];
    assert_eq!((notes.new, notes.changed, notes.deleted), (1, 1, 0));
    assert_eq!(
        (
            notes.changed_in_dest,
            notes.deleted_in_dest,
            notes.converged
        ),
        (1, 1, 2)
    );
    let rows = "SELECT slug, body FROM notes ORDER BY replace(slug, '.', '!')";
    assert_eq!(
        t.dest.table(rows).await,
        "..a,a|.a.,a|.aa,a|a.a,a|a.b,b|aa.,a".replace("|aa.,a", "") + "|aaa,a|aab,b|aba,b|abb,b"
    );
    let refused = stops(t, &options.clone().delete(true)).await;
    assert_eq!(
        refused, "1 conflicts",
        "a row that was deleted here and changed there"
    );
    t.dest
        .sql("UPDATE notes SET body = 'a' WHERE slug = 'a.b'")
        .await;
    let done = does(t, &options.delete(true)).await;
    assert_eq!(done.plan.tables[0].deleted, 2);
    assert_eq!(
        t.dest.table(rows).await,
        "..a,a|.a.,a|.aa,a|aaa,a|aab,b|aba,b|abb,b"
    );
}

const START: &str = "DELETE FROM notes;
    INSERT INTO notes (slug, body, at) VALUES ('both', 'a', 1), ('gone', 'a', 1), ('left', 'a', 1), ('same', 'a', 1);";

/// Changes of both sides, at these times.
async fn edit(t: &Pair, s: i64, d: i64) {
    t.source
        .sql(&format!("UPDATE notes SET body = 'source', at = {s} WHERE slug IN ('both', 'left'); DELETE FROM notes WHERE slug = 'gone'"))
        .await;
    t.dest
        .sql(&format!("UPDATE notes SET body = 'dest', at = {d} WHERE slug IN ('both', 'gone'); DELETE FROM notes WHERE slug = 'left'"))
        .await;
}

async fn conflicts_are_decided_as_said(t: &Pair) {
    t.both("CREATE TABLE notes (id {id}, slug text NOT NULL UNIQUE, body text, at {int8})")
        .await;
    let all = "SELECT slug, body, at FROM notes ORDER BY 1";
    for (policy, expected) in [
        (None, None),
        (Some(OnConflict::Fail), None),
        (Some(OnConflict::Newer("at".into())), None),
        (
            Some(OnConflict::Source),
            Some("both,source,5|left,source,5|same,a,1"),
        ),
        (
            Some(OnConflict::Dest),
            Some("both,dest,3|gone,dest,3|same,a,1"),
        ),
    ] {
        let files = Files::new();
        let mut options = SyncOptions::new(["notes"]).base(files.base());
        t.both(START).await;
        write(t, &options).await.unwrap();
        edit(t, 5, 3).await;
        options = options.delete(true);
        if let Some(policy) = policy {
            options = options.on_conflict(policy);
        }
        match expected {
            None => {
                let said = stops(t, &options).await;
                assert!(["3 conflicts", "2 conflicts"].contains(&&*said), "{said}");
            }
            Some(rows) => {
                let plan = does(t, &options).await.plan;
                assert_eq!((plan.tables[0].conflicts, plan.tables[0].decided), (0, 3));
                assert_eq!(t.dest.table(all).await, rows);
            }
        }
    }
}

async fn the_newer_row_wins_where_that_is_known(t: &Pair) {
    t.both("CREATE TABLE notes (id {id}, slug text NOT NULL UNIQUE, body text, at {int8})")
        .await;
    let all = "SELECT slug, body, at FROM notes ORDER BY 1";
    for (s, d, expected) in [
        (5, 3, Some("both,source,5|same,a,1")),
        (3, 5, Some("both,dest,5|same,a,1")),
        (4, 4, None),
    ] {
        let files = Files::new();
        let options = SyncOptions::new(["notes"]).base(files.base());
        t.both(START).await;
        t.both("DELETE FROM notes WHERE slug IN ('gone', 'left')")
            .await;
        write(t, &options).await.unwrap();
        edit(t, s, d).await;
        let options = options.on_conflict(OnConflict::Newer("at".into()));
        match expected {
            Some(rows) => {
                does(t, &options).await;
                assert_eq!(t.dest.table(all).await, rows);
            }
            None => drop(stops(t, &options).await),
        }
        let other = options.on_conflict(OnConflict::Newer("body".into()));
        assert!(stops(t, &other).await.contains("say which row is newer"));
        let other = other.on_conflict(OnConflict::Newer("missing".into()));
        assert!(stops(t, &other).await.contains("no column `missing`"));
    }
    // a NULL has no time
    let files = Files::new();
    let options = SyncOptions::new(["notes"]).base(files.base());
    t.both(START).await;
    write(t, &options).await.unwrap();
    edit(t, 5, 3).await;
    t.both("UPDATE notes SET at = NULL WHERE slug = 'both'")
        .await;
    stops(t, &options.on_conflict(OnConflict::Newer("at".into()))).await;
}

async fn without_a_base_rows_that_differ_are_conflicts_where_that_is_said(t: &Pair) {
    t.both("CREATE TABLE notes (id {id}, slug text NOT NULL UNIQUE, body text, at {int8})")
        .await;
    t.both(START).await;
    t.source
        .sql("UPDATE notes SET body = 'source' WHERE slug = 'both'")
        .await;
    let plain = SyncOptions::new(["notes"]);
    stops(t, &plain.clone().on_conflict(OnConflict::Fail)).await;
    does(t, &plain.clone().on_conflict(OnConflict::Dest)).await;
    assert_eq!(
        t.dest
            .table("SELECT count(*) FROM notes WHERE body = 'a'")
            .await,
        "4"
    );
    does(t, &plain.on_conflict(OnConflict::Source)).await;
    assert_eq!(
        t.dest
            .table("SELECT count(*) FROM notes WHERE body = 'a'")
            .await,
        "3"
    );
}

async fn deletes_need_a_base_or_say_so(t: &Pair) {
    t.both(LIBRARY).await;
    t.both(ROWS).await;
    t.dest
        .sql("INSERT INTO authors (slug, user_id) VALUES ('mine', 'ann'), ('theirs', 'bob')")
        .await;
    let files = Files::new();
    let before = t.dest.everything().await;
    let error = write(t, &of_ann().delete(true)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidQuery);
    let both = of_ann().delete(true).no_base(true).base(files.base());
    assert_eq!(
        write(t, &both).await.unwrap_err().kind(),
        ErrorKind::InvalidQuery
    );
    let said = stops(t, &of_ann().delete(true).base(files.base())).await;
    assert!(said.contains("there is no base"), "{said}");
    assert!(!files.base().exists());
    assert_eq!(t.dest.everything().await, before);
    let done = does(t, &of_ann().delete(true).no_base(true)).await;
    assert_eq!(done.plan.deletes(), 1);
    let rows = "SELECT user_id, slug FROM authors ORDER BY 1, 2";
    assert_eq!(
        t.dest.table(rows).await,
        "ann,eco|ann,lem|bob,lem|bob,theirs"
    );
    assert_eq!(told(&t.dest, "ann").await, told(&t.source, "ann").await);
}

/// The rows of another user hang on one of ann's by a foreign key that would delete or change them.
async fn rows_that_hang_on_a_deleted_one_stop_it(t: &Pair) {
    for action in ["CASCADE", "SET NULL"] {
        t.both("DROP TABLE IF EXISTS reviews; DROP TABLE IF EXISTS notes")
            .await;
        t.both("CREATE TABLE notes (id {id}, user_id text NOT NULL, slug text NOT NULL, UNIQUE (user_id, slug))").await;
        t.dest
            .sql(&format!(
                "CREATE TABLE reviews (id {{id}}, user_id text, note_id {{int8}} REFERENCES notes ON DELETE {action})"
            ))
            .await;
        t.source
            .sql("INSERT INTO notes (user_id, slug) VALUES ('ann', 'a'), ('ann', 'b')")
            .await;
        let files = Files::new();
        let schema = BackupSchema::new([TableDef::new("notes")]).unwrap();
        let options = SyncOptions::of_schema(schema)
            .user_id("ann")
            .base(files.base());
        does(t, &options).await;
        t.dest.sql("INSERT INTO reviews (user_id, note_id) SELECT 'bob', id FROM notes WHERE slug = 'a'").await;
        t.source.sql("DELETE FROM notes").await;
        let options = options.delete(true);
        let said = stops(t, &options).await;
        assert!(
            said.contains("1 rows of") && said.contains("reviews") && said.contains("notes"),
            "{said}"
        );
        assert_eq!(
            t.dest
                .table("SELECT count(*) FROM reviews WHERE note_id IS NOT NULL")
                .await,
            "1"
        );
        t.dest.sql("DELETE FROM reviews").await;
        does(t, &options).await;
        assert_eq!(t.dest.table("SELECT count(*) FROM notes").await, "0");
    }
}

/// What the server does not delete is not counted as deleted: all of it is undone.
async fn rows_that_the_database_keeps_undo_it(t: &Pair) {
    t.both("CREATE TABLE notes (id {id}, slug text NOT NULL UNIQUE, body text)")
        .await;
    t.source
        .sql("INSERT INTO notes (slug) VALUES ('a'), ('b'), ('c')")
        .await;
    let files = Files::new();
    let options = SyncOptions::new(["notes"]).base(files.base());
    write(t, &options).await.unwrap();
    t.dest
        .sql(match t.dest.is_postgres() {
            true => {
                "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF OLD.slug = ''a'' THEN RETURN NULL; END IF; RETURN OLD; END';
                 CREATE TRIGGER keeps BEFORE DELETE ON notes FOR EACH ROW EXECUTE FUNCTION keep()"
            }
            false => {
                "CREATE TRIGGER keeps BEFORE DELETE ON notes WHEN OLD.slug = 'a' BEGIN SELECT RAISE(IGNORE); END"
            }
        })
        .await;
    t.source
        .sql("DELETE FROM notes WHERE slug <> 'c'; UPDATE notes SET body = 'new'")
        .await;
    let options = options.delete(true);
    let warnings = t.compare(&options).await.warnings;
    assert!(
        warnings.iter().any(|w| w.to_string().contains("`keeps`")),
        "{warnings:?}"
    );
    let all = "SELECT slug, body FROM notes ORDER BY 1";
    let before = t.dest.table(all).await;
    let error = write(t, &options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotKept, "{error}");
    assert_eq!(t.dest.table(all).await, before);
    let hidden = options.clone().allow_row_security();
    assert_eq!(
        write(t, &hidden).await.unwrap_err().kind(),
        ErrorKind::InvalidQuery
    );
    t.dest
        .sql(match t.dest.is_postgres() {
            true => "DROP TRIGGER keeps ON notes",
            false => "DROP TRIGGER keeps",
        })
        .await;
    does(t, &options).await;
    assert_eq!(t.dest.table(all).await, "c,new");
}

/// A natural key that changes is a row that goes and one that comes, with one unique value.
async fn a_renamed_row_makes_way_for_itself(t: &Pair) {
    t.both("CREATE TABLE notes (id {id}, slug text NOT NULL UNIQUE, mail text UNIQUE)")
        .await;
    t.source
        .sql("INSERT INTO notes (slug, mail) VALUES ('a', 'x'), ('b', 'y')")
        .await;
    let files = Files::new();
    let options = SyncOptions::new(["notes"]).base(files.base()).delete(false);
    does(t, &options).await;
    t.source
        .sql("UPDATE notes SET slug = 'z' WHERE slug = 'a'")
        .await;
    let done = does(t, &options.delete(true)).await;
    assert_eq!((done.plan.inserts(), done.plan.deletes()), (1, 1));
    assert_eq!(
        t.dest
            .table("SELECT slug, mail FROM notes ORDER BY 1")
            .await,
        "b,y|z,x"
    );
}

/// A parent is deleted and its children go to another one, which is a change of their natural keys, or of a reference.
async fn trees_and_moved_rows(t: &Pair) {
    t.both(LIBRARY).await;
    t.source.sql(ROWS).await;
    let files = Files::new();
    let options = of_ann().base(files.base());
    does(t, &options).await;
    // `eco` is the editor of all books of `lem`
    t.source
        .sql("INSERT INTO authors (slug, user_id) VALUES ('new', 'ann');
              UPDATE books SET editor_id = (SELECT id FROM authors WHERE slug = 'new'),
                author_id = CASE WHEN slug = 'one' THEN (SELECT id FROM authors WHERE slug = 'new') ELSE author_id END WHERE user_id = 'ann';
              DELETE FROM authors WHERE slug = 'eco' AND user_id = 'ann'")
        .await;
    let whole = told(&t.source, "ann").await;
    let done = does(t, &options.delete(true)).await;
    let deleted: Vec<u64> = done.plan.tables.iter().map(|table| table.deleted).collect();
    assert_eq!(deleted, [1, 1, 2]);
    assert_eq!(told(&t.dest, "ann").await, whole);
}

async fn whole_tables_with_references_to_themselves(t: &Pair) {
    t.both("CREATE TABLE nodes (id {id}, slug text NOT NULL UNIQUE, up_id {int8} REFERENCES nodes ON DELETE CASCADE)").await;
    t.source
        .sql("INSERT INTO nodes (slug) VALUES ('r'), ('a'), ('b'), ('c'), ('me')")
        .await;
    for (child, parent) in [("a", "r"), ("b", "a"), ("c", "b"), ("me", "me")] {
        t.source
            .sql(&format!("UPDATE nodes SET up_id = (SELECT id FROM nodes WHERE slug = '{parent}') WHERE slug = '{child}'"))
            .await;
    }
    let schema = BackupSchema::new([TableDef::new("nodes")
        .no_user()
        .optional_ref("nodes", "up_id")])
    .unwrap();
    let files = Files::new();
    let options = SyncOptions::of_schema(schema).base(files.base());
    does(t, &options).await;
    t.source
        .sql("UPDATE nodes SET up_id = NULL; DELETE FROM nodes WHERE slug <> 'c'")
        .await;
    let options = options.delete(true);
    // a row of the destination hangs on one that goes
    t.dest
        .sql("INSERT INTO nodes (slug, up_id) SELECT 'mine', id FROM nodes WHERE slug = 'a'")
        .await;
    let said = stops(t, &options).await;
    assert!(said.contains("1 rows of"), "{said}");
    t.dest
        .sql("UPDATE nodes SET up_id = NULL WHERE slug = 'mine'")
        .await;
    does(t, &options).await;
    assert_eq!(
        t.dest
            .table("SELECT slug, up_id FROM nodes ORDER BY 1")
            .await,
        "c,NULL|mine,NULL"
    );
}
