//! SQLite: by ALTER TABLE or by a rebuild, and every value has the storage class that it had.

use db_adapter_core::fix::{FixKind, FixOptions, FixPlan};
use support::TestDatabase;

use crate::run::{expected, fix, plan, run, try_run};

/// A table with all that a rebuild could lose, among others.
const WORLD: &str = "
    CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE t ( -- by hand
        id INTEGER PRIMARY KEY AUTOINCREMENT, /* numbered */
        name TEXT COLLATE NOCASE CHECK (name <> ''), n INT DEFAULT 7,
        anything, parent REFERENCES parents ON DELETE CASCADE,
        g TEXT GENERATED ALWAYS AS (upper(name)) VIRTUAL,
        UNIQUE (name, n) ON CONFLICT REPLACE
    );
    CREATE TABLE children (t INTEGER NOT NULL REFERENCES t ON DELETE CASCADE, x TEXT);
    CREATE INDEX t_n ON t (n DESC) WHERE n > 0;
    CREATE VIEW named AS SELECT id, name FROM t;
    CREATE TRIGGER t_log AFTER INSERT ON t BEGIN UPDATE parents SET name = NEW.name WHERE id = NEW.parent; END;
    CREATE TRIGGER children_log AFTER DELETE ON children BEGIN UPDATE t SET n = n + 1 WHERE id = OLD.t; END;
    CREATE TABLE plain (a TEXT, b); CREATE TABLE keyed (k TEXT PRIMARY KEY, v) WITHOUT ROWID;
    INSERT INTO parents VALUES (1, 'p');
    INSERT INTO t (id, name, n, anything, parent) VALUES (1, 'a', 1, '007', 1), (2, 'B', 2, 1.5, NULL), (9, 'c', 3, x'00ff', 1);
    DELETE FROM t WHERE id = 9;
    INSERT INTO t (id, name, n, anything) VALUES (5, 'e', NULL, 12345678901234567890);
    INSERT INTO children VALUES (1, 'x'), (1, 'y'), (2, 'z');
    INSERT INTO plain VALUES ('1', 1), ('2', '2'), ('3', NULL); DELETE FROM plain WHERE a = '1';
    INSERT INTO keyed (k, v) VALUES ('k', 1.0), ('l', '1.0');";

const KEPT: [&str; 8] = [
    "SELECT id, quote(name), quote(n), quote(anything), typeof(anything), quote(parent), g FROM t ORDER BY id",
    "SELECT rowid, quote(t), quote(x) FROM children ORDER BY rowid",
    "SELECT rowid, quote(a), quote(b) FROM plain ORDER BY rowid",
    "SELECT quote(k), quote(v) FROM keyed ORDER BY k",
    "SELECT name, seq FROM sqlite_sequence ORDER BY name",
    "SELECT * FROM named ORDER BY id",
    "SELECT type, name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger', 'view') AND sql IS NOT NULL ORDER BY name",
    "SELECT id, name FROM parents",
];

async fn kept(database: &TestDatabase) -> Vec<Vec<Vec<Option<String>>>> {
    let mut all = Vec::new();
    for sql in KEPT {
        all.push(database.rows_text(sql).await);
    }
    all
}

/// The world with a text in the place of another one.
fn changed(from: &str, to: &str) -> String {
    assert!(WORLD.contains(from), "{from}");
    WORLD.replacen(from, to, 1)
}

fn rebuilds(plan: &FixPlan) -> bool {
    plan.steps().any(|step| step.kind == FixKind::Rebuild)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_repair_keeps_rows_numbers_and_what_hangs_on_the_table() {
    for (from, to, rebuild) in [
        ("n INT DEFAULT 7", "n INT DEFAULT 8", true),
        ("n INT DEFAULT 7", "n BIGINT", true),
        ("CHECK (name <> '')", "NOT NULL CHECK (name <> '')", true),
        ("CHECK (name <> '')", "CHECK (name <> 'x')", true),
        ("CHECK (name <> '')", "", true),
        (
            "    );\n    CREATE TABLE children",
            ", CHECK (n < 100));\n    CREATE TABLE children",
            true,
        ),
        ("anything,", "anything, more TEXT DEFAULT 'x',", false),
        (
            "anything,",
            "anything, more TEXT DEFAULT CURRENT_TIMESTAMP,",
            true,
        ),
        ("anything,", "anything, more TEXT UNIQUE,", true),
        (
            "REFERENCES parents ON DELETE CASCADE",
            "REFERENCES parents ON DELETE SET NULL",
            true,
        ),
        ("x TEXT)", "x TEXT NOT NULL)", true),
        ("a TEXT, b)", "a TEXT DEFAULT 'q', b)", true),
        (
            "k TEXT PRIMARY KEY, v)",
            "k TEXT PRIMARY KEY, v, w DEFAULT (1 + 1))",
            true,
        ),
    ] {
        let database = TestDatabase::sqlite();
        database.sql(WORLD).await;
        let before = kept(&database).await;
        let mut options = FixOptions::new();
        if to.is_empty() {
            options = options.allow("check:t.t_name_check".parse().unwrap());
        }
        let wanted = expected(&database, &changed(from, to)).await;
        let first = plan(&database, &wanted, options.clone()).await;
        assert!(first.not_fixed.is_empty(), "{to}: {:#?}", first.not_fixed);
        run(&database, &first).await;
        let again = plan(&database, &wanted, options).await;
        assert!(
            again.is_empty(),
            "{to}\n{}\nafter\n{}",
            again.sql(),
            first.sql()
        );
        assert_eq!(rebuilds(&first), rebuild, "{to}\n{}", first.sql());
        assert_eq!(kept(&database).await, before, "{to}\n{}", first.sql());
        let comments = "SELECT count(*) FROM sqlite_schema WHERE name = 't' AND sql LIKE '%-- by hand%/* numbered */%ON CONFLICT REPLACE%'";
        assert_eq!(
            database.scalar_text(comments).await.as_deref(),
            Some("1"),
            "{to}"
        );
        database.sql("INSERT INTO t (name) VALUES ('new')").await;
        let number = database.scalar_text("SELECT max(id) FROM t").await;
        assert_eq!(
            number.as_deref(),
            Some("10"),
            "{to}: a number is given again"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_of_another_storage_class_is_asked_about() {
    for (from, to, value, changes) in [
        ("TEXT", "INTEGER", "'007'", true),
        ("TEXT", "NUMERIC", "'1.10'", true),
        ("TEXT", "INTEGER", "'12345678901234567890'", true),
        ("TEXT", "INTEGER", "'abc'", false),
        ("TEXT", "INTEGER", "'12abc'", false),
        ("TEXT", "INTEGER", "''", false),
        ("TEXT", "INTEGER", "' 12 '", true),
        ("TEXT", "INTEGER", "x'31'", false),
        ("TEXT", "VARCHAR(3)", "'abcdef'", false),
        ("TEXT", "BLOB", "'abc'", false),
        ("BLOB", "TEXT", "1.5", true),
        ("BLOB", "INTEGER", "2.0", true),
        ("BLOB", "INTEGER", "2.5", false),
        ("BLOB", "INTEGER", "9e999", false),
        ("INTEGER", "REAL", "3", true),
        ("INTEGER", "TEXT", "3", true),
        ("REAL", "INTEGER", "3.5", false),
        ("REAL", "INTEGER", "1e300", false),
    ] {
        let database = TestDatabase::sqlite();
        database
            .sql(&format!(
                "CREATE TABLE t (k INT, a {from}); INSERT INTO t VALUES (1, {value}), (2, NULL)"
            ))
            .await;
        let stored = "SELECT quote(a) || typeof(a) FROM t WHERE k = 1";
        let before = database.scalar_text(stored).await;
        let sql = format!("CREATE TABLE t (k INT, a {to})");
        let wanted = expected(&database, &sql).await;
        let first = plan(&database, &wanted, FixOptions::new()).await;
        let told = first.not_fixed.iter().any(|entry| {
            entry
                .allow
                .as_ref()
                .is_some_and(|allow| allow.to_string() == "narrow:t.a")
        });
        assert_eq!(
            told, changes,
            "{value} from {from} to {to}: {:#?}",
            first.not_fixed
        );
        run(&database, &first).await;
        assert_eq!(
            database.scalar_text(stored).await,
            before,
            "{value} from {from} to {to}"
        );
        let allowed = FixOptions::new().allow("narrow:t.a".parse().unwrap());
        fix(&database, &sql, allowed).await;
        let after = database.scalar_text(stored).await;
        assert_eq!(
            after != before,
            changes,
            "{value} from {from} to {to}: {after:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_that_would_lose_a_row_is_rolled_back() {
    // a row that comes between the answers and the run
    let database = TestDatabase::sqlite();
    database.sql("CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INT, p INT); INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 1)").await;
    let sql = "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INT, p INT REFERENCES p)";
    let wanted = expected(&database, sql).await;
    let first = plan(&database, &wanted, FixOptions::new()).await;
    database.sql("INSERT INTO t VALUES (2, 2)").await;
    let why = try_run(&database, &first).await.unwrap_err();
    assert!(
        why.message().contains("a row refers to what is not there"),
        "{why}"
    );
    let rows = database.scalar_text("SELECT group_concat(a) FROM t").await;
    assert_eq!(rows.as_deref(), Some("1,2"));
    let left = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'db_adapter_fix%'";
    assert_eq!(database.scalar_text(left).await.as_deref(), Some("0"));
    let refused = plan(&database, &wanted, FixOptions::new()).await;
    assert!(
        refused
            .not_fixed
            .iter()
            .any(|n| n.reason.starts_with("1 rows refer")),
        "{:#?}",
        refused.not_fixed
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_are_made_renamed_and_dropped() {
    let database = TestDatabase::sqlite();
    database
        .sql("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE pets (owner REFERENCES people, old TEXT); \
              CREATE TABLE gone (x); INSERT INTO people VALUES (1, 'Ada'); INSERT INTO pets VALUES (1, 'o'); INSERT INTO gone VALUES (1)")
        .await;
    let sql = "CREATE TABLE users (id INTEGER PRIMARY KEY, full_name TEXT); CREATE TABLE pets (owner REFERENCES users); \
        CREATE TABLE made (id INTEGER PRIMARY KEY AUTOINCREMENT, u INT REFERENCES users, UNIQUE (u)); CREATE INDEX made_u ON made (u)";
    let options = FixOptions::new()
        .renamed("users", "people")
        .renamed("users.full_name", "name")
        .allow("table:gone".parse().unwrap())
        .allow("column:pets.old".parse().unwrap());
    let plan = fix(&database, sql, options).await;
    assert_eq!(plan.tables_to_back_up(), ["gone", "pets"]);
    let told = database
        .scalar_text("SELECT full_name || owner FROM users JOIN pets ON owner = id")
        .await;
    assert_eq!(told.as_deref(), Some("Ada1"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_foreign_keys_stay_on_no_table_is_made_anew() {
    let database = TestDatabase::sqlite();
    database.sql("CREATE TABLE t (a INT)").await;
    let wanted = expected(&database, "CREATE TABLE t (a INT DEFAULT 1, b INT)").await;
    let refused = plan(&database, &wanted, FixOptions::new().foreign_keys_stay_on()).await;
    assert!(
        !rebuilds(&refused) && refused.steps().count() == 1,
        "{}",
        refused.sql()
    );
    assert!(refused.not_fixed[0].reason.contains("foreign keys"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_type_that_is_taken_away_leaves_no_affinity() {
    let database = TestDatabase::sqlite();
    database
        .sql("CREATE TABLE t (a INTEGER PRIMARY KEY, b NUMERIC, c TEXT); INSERT INTO t VALUES (1, 'x', NULL)")
        .await;
    fix(
        &database,
        "CREATE TABLE t (a INTEGER PRIMARY KEY, b, c TEXT NOT NULL ON CONFLICT IGNORE)",
        FixOptions::new(),
    )
    .await;
    // c has NULL: all of it stays
    let kept = "SELECT sql FROM sqlite_schema WHERE name = 't'";
    assert!(
        database
            .scalar_text(kept)
            .await
            .unwrap()
            .contains("b NUMERIC")
    );
    database.sql("UPDATE t SET c = 'c'").await;
    fix(
        &database,
        "CREATE TABLE t (a INTEGER PRIMARY KEY, b, c TEXT NOT NULL ON CONFLICT IGNORE)",
        FixOptions::new(),
    )
    .await;
    database
        .sql("INSERT INTO t VALUES (2, '12', 'c'), (3, 'gone', NULL)")
        .await;
    let told = "SELECT group_concat(typeof(b) || b) FROM t";
    assert_eq!(
        database.scalar_text(told).await.as_deref(),
        Some("textx,text12")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_strict_type_refuses_is_asked_before() {
    for (from, value, to, planned) in [
        ("INTEGER", "1", "BLOB", false),
        ("TEXT", "'x'", "INT", false),
        ("REAL", "1.5", "INTEGER", false),
        ("ANY", "x'00'", "TEXT", false),
        ("ANY", "'abc'", "REAL", false),
        ("ANY", "NULL", "BLOB", true),
        ("ANY", "7", "INTEGER", true),
        ("BLOB", "x'00'", "ANY", true),
    ] {
        let database = TestDatabase::sqlite();
        database
            .sql(&format!(
                "CREATE TABLE t (a {from}, b TEXT) STRICT; INSERT INTO t VALUES ({value}, 'b')"
            ))
            .await;
        let wanted = format!("CREATE TABLE t (a {to}, b TEXT) STRICT");
        let plan = fix(&database, &wanted, FixOptions::new()).await;
        assert_eq!(
            !plan.is_empty(),
            planned,
            "{from} {value} {to}: {:?}",
            plan.not_fixed
        );
        let stays = format!("SELECT quote(a) = quote({value}) FROM t");
        assert_eq!(
            database.scalar_text(&stays).await.as_deref(),
            Some("1"),
            "{from} {to}"
        );
    }
}
