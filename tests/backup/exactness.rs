//! What the summary says is what is in the database, wherever rows fail.

use db_adapter::TableDef;
use db_adapter::backup::{OnError, RestoreMode, RestoreOptions, restore_database};

use crate::library::{ANNS, empty, full, graph, library, rows};
use crate::side::{Backend, Side};
use crate::steps::{Kept, back_up, counts, restore, schema};

cases! {
    one_bad_row_leaves_nothing_behind,
    bad_rows_are_named_and_the_good_ones_stay,
    bad_rows_among_thousands_are_found_one_by_one,
    a_dry_run_counts_what_a_real_one_does_and_leaves_nothing,
    children_of_failed_rows_fail_with_them,
    references_to_failed_rows_are_null,
    a_row_that_would_be_overwritten_and_is_refused_stays,
    a_trigger_that_rewrites_rows_is_reported,
    a_trigger_that_swallows_rows_makes_them_failures,
    no_value_of_a_row_stands_in_a_message,
}

fn skip() -> RestoreOptions {
    RestoreOptions::default().on_error(OnError::Skip)
}

/// The library with rules that some rows of `ann` break: a title, a number of words.
async fn strict(backend: Backend) -> Side {
    let mut side = empty(backend).await;
    side.sql(backend.either(
        "ALTER TABLE books ADD CHECK (title <> 'Another'); ALTER TABLE chapters ADD CHECK (words < 40)",
        "CREATE TRIGGER b BEFORE INSERT ON books WHEN NEW.title = 'Another' BEGIN SELECT RAISE(ABORT, 'no'); END;
         CREATE TRIGGER c BEFORE INSERT ON chapters WHEN NEW.words >= 40 BEGIN SELECT RAISE(ABORT, 'no'); END",
    ))
    .await;
    side
}

async fn one_bad_row_leaves_nothing_behind(backend: Backend) {
    let kept = back_up(&full(backend).await, &library(), "ann").await;
    let mut side = strict(backend).await;
    let summary = restore(&side, &library(), &kept, "ann", RestoreOptions::default()).await;
    assert!(!summary.committed && summary.failed() > 0, "{summary:#?}");
    assert!(
        summary
            .tables
            .iter()
            .all(|t| t.inserted == 0 && t.updated == 0),
        "{summary:#?}"
    );
    let json = serde_json::to_value(&summary).unwrap();
    assert_eq!(json["committed"], false);
    assert_eq!(json["tables"]["authors"]["inserted"], 0);
    for table in ["authors", "books", "chapters"] {
        assert_eq!(
            side.table(&format!("SELECT count(*) FROM {table}")).await,
            "0"
        );
    }
}

async fn bad_rows_are_named_and_the_good_ones_stay(backend: Backend) {
    let kept = back_up(&full(backend).await, &library(), "ann").await;
    let mut side = strict(backend).await;
    let summary = restore(&side, &library(), &kept, "ann", skip()).await;
    assert!(summary.committed);
    assert_eq!(
        counts(&summary),
        "authors 2/0/0/0, books 2/0/0/1, chapters 2/0/0/2"
    );
    let text = kept.text();
    let lines: Vec<&str> = text.lines().collect();
    let failure = &summary.table("books").unwrap().failure_details[0];
    let line = lines[usize::try_from(failure.line).unwrap() - 1];
    assert!(line.contains("\"Another\""), "the line of the row: {line}");
    assert_eq!(failure.key, ["user_id", "author_id", "slug"]);
    let sql = "SELECT c.words FROM chapters c JOIN books b ON b.id = c.book_id ORDER BY 1";
    assert_eq!(side.table(sql).await, "10|20");
    let again = restore(&side, &library(), &kept, "ann", skip()).await;
    assert_eq!(
        counts(&again),
        "authors 0/0/2/0, books 0/0/2/1, chapters 0/0/2/2"
    );
}

const ITEMS: &str = "CREATE TABLE items (id {id}, user_id text, slug text, n int)";

async fn bad_rows_among_thousands_are_found_one_by_one(backend: Backend) {
    let schema = schema([TableDef::new("items")]);
    let mut from = Side::with(backend, ITEMS).await;
    let bad = [0, 1, 2, 700, 4095, 4096, 11_998, 11_999];
    let list = bad.map(|n| n.to_string()).join(",");
    from.sql(&format!(
        "INSERT INTO items (user_id, slug, n) WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < 11999)
         SELECT 'ann', 's' || i, CASE WHEN i IN ({list}) THEN -1 ELSE i END FROM s"
    ))
    .await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, &ITEMS.replace("n int", "n int CHECK (n >= 0)")).await;
    let summary = restore(&side, &schema, &kept, "ann", skip()).await;
    assert_eq!(counts(&summary), "items 11992/0/0/8");
    assert_eq!(summary.tables[0].failure_details.len(), 8);
    let sql = "SELECT count(*), sum(n), count(DISTINCT slug) FROM items";
    let sum: i64 = (0..12_000).filter(|n| !bad.contains(n)).sum();
    assert_eq!(side.table(sql).await, format!("11992,{sum},11992"));
}

async fn a_dry_run_counts_what_a_real_one_does_and_leaves_nothing(backend: Backend) {
    let kept = back_up(&full(backend).await, &library(), "ann").await;
    for (mut side, options) in [
        (empty(backend).await, skip()),
        (strict(backend).await, skip()),
        (full(backend).await, skip().mode(RestoreMode::Overwrite)),
    ] {
        let before = rows(&mut side, "ann").await;
        let dry = restore(
            &side,
            &library(),
            &kept,
            "ann",
            options.clone().dry_run(true),
        )
        .await;
        assert!(dry.dry_run && !dry.committed);
        assert_eq!(rows(&mut side, "ann").await, before);
        let real = restore(&side, &library(), &kept, "ann", options).await;
        assert!(!real.dry_run && real.committed);
        assert_eq!(dry.tables, real.tables);
    }
}

async fn children_of_failed_rows_fail_with_them(backend: Backend) {
    let kept = back_up(&full(backend).await, &library(), "ann").await;
    let mut side = empty(backend).await;
    side.sql(backend.either(
        "ALTER TABLE authors ADD CHECK (slug <> 'lem')",
        "CREATE TRIGGER a BEFORE INSERT ON authors WHEN NEW.slug = 'lem' BEGIN SELECT RAISE(ABORT, 'no'); END",
    ))
    .await;
    let summary = restore(&side, &library(), &kept, "ann", skip()).await;
    assert_eq!(
        counts(&summary),
        "authors 1/0/0/1, books 1/0/0/2, chapters 2/0/0/2"
    );
    assert_eq!(
        summary.table("books").unwrap().nulled_refs,
        1,
        "the editor failed"
    );
    assert_eq!(
        side.table("SELECT title, editor_id FROM books").await,
        "The Lathe,NULL"
    );
}

async fn references_to_failed_rows_are_null(backend: Backend) {
    let tables = "CREATE TABLE people (id {id}, user_id text, slug text, friend_id bigint REFERENCES people (id))";
    let schema = schema([TableDef::new("people").optional_ref("people", "friend_id")]);
    let mut from = Side::with(backend, tables).await;
    from.sql("INSERT INTO people VALUES (1, 'ann', 'a', 3), (2, 'ann', 'b', 1), (3, 'ann', 'bad', 2), (4, 'ann', 'd', 3)").await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(
        backend,
        &tables.replace("slug text", "slug text CHECK (slug <> 'bad')"),
    )
    .await;
    let summary = restore(&side, &schema, &kept, "ann", skip()).await;
    assert_eq!(counts(&summary), "people 3/0/0/1");
    assert_eq!(summary.tables[0].nulled_refs, 2);
    let sql =
        "SELECT p.slug, f.slug FROM people p LEFT JOIN people f ON f.id = p.friend_id ORDER BY 1";
    assert_eq!(side.table(sql).await, "a,NULL|b,a|d,NULL");
}

async fn a_row_that_would_be_overwritten_and_is_refused_stays(backend: Backend) {
    let schema = schema([TableDef::new("items")]);
    let mut from = Side::with(backend, ITEMS).await;
    from.sql(
        "INSERT INTO items VALUES (1, 'ann', 'a', -1), (2, 'ann', 'b', 7), (3, 'ann', 'c', 8)",
    )
    .await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, &ITEMS.replace("n int", "n int CHECK (n >= 0)")).await;
    side.sql(
        "INSERT INTO items VALUES (5, 'ann', 'a', 50), (6, 'ann', 'b', 60), (7, 'ann', 'c', 8)",
    )
    .await;
    let overwrite = RestoreOptions::default().mode(RestoreMode::Overwrite);
    let summary = restore(&side, &schema, &kept, "ann", overwrite.clone()).await;
    assert!(!summary.committed && summary.failed() == 1, "{summary:#?}");
    assert_eq!(
        side.table("SELECT id, n FROM items ORDER BY 1").await,
        "5,50|6,60|7,8"
    );
    let summary = restore(
        &side,
        &schema,
        &kept,
        "ann",
        overwrite.on_error(OnError::Skip),
    )
    .await;
    assert_eq!(counts(&summary), "items 0/1/1/1");
    assert_eq!(
        side.table("SELECT id, n FROM items ORDER BY 1").await,
        "5,50|6,7|7,8"
    );
}

async fn a_trigger_that_rewrites_rows_is_reported(backend: Backend) {
    let kept = back_up(&full(backend).await, &library(), "ann").await;
    let mut side = empty(backend).await;
    side.sql(backend.either(
        "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.title := upper(NEW.title); RETURN NEW; END';
         CREATE TRIGGER shout BEFORE INSERT ON books FOR EACH ROW EXECUTE FUNCTION shout()",
        "CREATE TRIGGER shout AFTER INSERT ON books BEGIN UPDATE books SET title = upper(title) WHERE id = NEW.id; END",
    ))
    .await;
    let summary = restore(&side, &library(), &kept, "ann", RestoreOptions::default()).await;
    assert_eq!(
        counts(&summary),
        "authors 2/0/0/0, books 3/0/0/0, chapters 4/0/0/0"
    );
    assert!(
        summary
            .warnings
            .iter()
            .any(|w| w.message.contains("`shout`")),
        "{:?}",
        summary.warnings
    );
    assert!(graph(&mut side, "ann").await.contains("THE LATHE"));
}

async fn a_trigger_that_swallows_rows_makes_them_failures(backend: Backend) {
    let kept = back_up(&full(backend).await, &library(), "ann").await;
    let mut side = empty(backend).await;
    side.sql(backend.either(
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.slug = ''lathe'' THEN RETURN NULL; END IF; RETURN NEW; END';
         CREATE TRIGGER no BEFORE INSERT ON books FOR EACH ROW EXECUTE FUNCTION no()",
        "CREATE TRIGGER no BEFORE INSERT ON books WHEN NEW.slug = 'lathe' BEGIN SELECT RAISE(IGNORE); END",
    ))
    .await;
    let summary = restore(&side, &library(), &kept, "ann", skip()).await;
    assert_eq!(
        counts(&summary),
        "authors 2/0/0/0, books 1/0/0/2, chapters 1/0/0/3"
    );
    assert_eq!(side.table("SELECT slug FROM books").await, "solaris");
}

async fn no_value_of_a_row_stands_in_a_message(backend: Backend) {
    let schema = schema([TableDef::new("secrets")]);
    let tables = "CREATE TABLE secrets (id {id}, user_id text, slug text, code text UNIQUE CHECK (code <> 'hunter2'), n int, j json)";
    let secret = "hunter2";
    let mut side = Side::with(backend, tables).await;
    side.sql("INSERT INTO secrets VALUES (50, 'bob', 's', 'hunter3', NULL, NULL)")
        .await;
    let mut said = String::new();
    for row in [
        r#"{"id": 1, "user_id": "ann", "slug": "a", "code": "hunter2"}"#,
        r#"{"id": 1, "user_id": "ann", "slug": "a", "code": "hunter3"}"#,
        r#"{"id": 1, "user_id": "ann", "slug": "a", "n": "hunter2"}"#,
        r#"{"id": 1, "user_id": "ann", "slug": "a", "n": 98765432109876543210}"#,
        r#"{"id": "hunter2", "user_id": "ann", "slug": "a"}"#,
        r#"{"id": 1, "user_id": "ann", "slug": ["hunter2"], "n": {"hunter2": 1}}"#,
        r#"{"id": 1, "user_id": "ann", "slug": "hunter2" "#,
        r#"{"id": 1, "user_id": "ann", "slug": "hunter2\ud800"}"#,
        r#"hunter2"#,
    ] {
        let kept = Kept::written(&format!(
            "{{\"metadata\": {{\"version\": \"1.1\", \"secrets_count\": 1}},\n\"secrets\": [\n{row}\n]}}"
        ));
        let options = RestoreOptions::default();
        match restore_database(side.db.as_ref(), &schema, &kept.path, "ann", options).await {
            Ok(summary) => {
                assert!(
                    !summary.committed && summary.failed() == 1,
                    "{row}: {summary:#?}"
                );
                said += &format!("{summary:?} {}", serde_json::to_string(&summary).unwrap());
            }
            Err(error) => said += &format!("{error} {error:?}"),
        }
        let report = db_adapter::backup::validate_backup(&kept.path, &schema);
        said += &format!("{report:?}");
    }
    assert!(!said.contains(secret) && !said.contains("hunter"), "{said}");
    assert!(!said.contains("98765432109876543210"), "{said}");
    assert_eq!(side.table("SELECT id FROM secrets").await, "50");
}

/// What is checked at the end of a transaction alone must not be told as done before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_that_are_checked_at_the_commit_are_rules_too() {
    let kept = back_up(&full(Backend::Postgres).await, &library(), "ann").await;
    let mut side = empty(Backend::Postgres).await;
    side.sql(
        "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.title = ''Another'' THEN
           RAISE EXCEPTION ''late'' USING ERRCODE = ''check_violation''; END IF; RETURN NULL; END';
         CREATE CONSTRAINT TRIGGER late AFTER INSERT ON books DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late();
         ALTER TABLE authors ADD UNIQUE (slug) DEFERRABLE INITIALLY DEFERRED;
         INSERT INTO authors (id, user_id, slug) VALUES (90, 'bob', 'nobody')",
    )
    .await;
    let summary = restore(&side, &library(), &kept, "ann", RestoreOptions::default()).await;
    assert!(!summary.committed && summary.failed() > 0, "{summary:#?}");
    assert_eq!(side.table("SELECT count(*) FROM books").await, "0");
    let summary = restore(&side, &library(), &kept, "ann", skip()).await;
    assert_eq!(
        counts(&summary),
        "authors 2/0/0/0, books 2/0/0/1, chapters 3/0/0/1"
    );
    assert_ne!(graph(&mut side, "ann").await, ANNS);
    assert_eq!(side.table("SELECT count(*) FROM books").await, "2");
}
