//! SQLite keeps the text that a uuid or a time was written as, and compares texts: a reference is written as
//! its row has it, to the byte, and what means the same is left alone.

use std::path::PathBuf;

use db_adapter::backup::{
    BackupOptions, Keys, RestoreMode, RestoreOptions, RestoreSummary, backup_database,
};
use db_adapter::{BackupSchema, ForeignKey, TableDef};

use crate::case::{Backend, Case, counts};

/// A type, and the texts that two databases may have for the same three values.
const KINDS: [(&str, [&str; 3], [&str; 3]); 9] = [
    ("uuid", UPPER, LOWER),
    ("uuid", BARE, BRACED),
    ("uuid", BRACED, UPPER),
    ("uuid", MIXED, LOWER),
    ("datetime", BLANK, SHORT_T),
    ("timestamptz", OFFSET, BLANK),
    (
        "date",
        ["2021-12-01", "2021-12-02", "2021-12-03"],
        ["2021-12-01 ", "2021-12-02 ", "2021-12-03 "],
    ),
    (
        "time",
        ["01:00", "02:00", "03:00"],
        ["01:00:00", "02:00:00.0", "03:00:00"],
    ),
    ("char(5)", ["a  ", "b", "c "], ["a", "b ", "c  "]),
];
const UPPER: [&str; 3] = [
    "ABCDEF00-0000-0000-0000-000000000001",
    "ABCDEF00-0000-0000-0000-000000000002",
    "ABCDEF00-0000-0000-0000-000000000003",
];
const LOWER: [&str; 3] = [
    "abcdef00-0000-0000-0000-000000000001",
    "abcdef00-0000-0000-0000-000000000002",
    "abcdef00-0000-0000-0000-000000000003",
];
const MIXED: [&str; 3] = [
    "AbCdEf00-0000-0000-0000-000000000001",
    "aBcDeF00-0000-0000-0000-000000000002",
    "AbcdeF00-0000-0000-0000-000000000003",
];
const BARE: [&str; 3] = [
    "ABCDEF00000000000000000000000001",
    "abcdef00000000000000000000000002",
    "ABCDEF00000000000000000000000003",
];
const BRACED: [&str; 3] = [
    "{abcdef00-0000-0000-0000-000000000001}",
    "{ABCDEF00-0000-0000-0000-000000000002}",
    "{abcdef00000000000000000000000003}",
];
const BLANK: [&str; 3] = [
    "2021-12-08 01:00:01",
    "2021-12-08 01:00:02",
    "2021-12-08 01:00:03",
];
const SHORT_T: [&str; 3] = [
    "2021-12-08T01:00:01",
    "2021-12-08T01:00:02.0",
    "2021-12-08 01:00:03.000",
];
const OFFSET: [&str; 3] = [
    "2021-12-08 03:00:01+02:00",
    "2021-12-08T01:00:02Z",
    "2021-12-08 01:00:03+00",
];

/// Parents that are found by `k`, children that are found through them, and references of the children to each
/// other; with foreign keys, or with none.
fn tables(kind: &str, enforced: bool) -> String {
    let to = |target: &str| match enforced {
        true => format!("REFERENCES {target}"),
        false => String::new(),
    };
    format!(
        "CREATE TABLE a (id {kind} PRIMARY KEY NOT NULL, user_id text NOT NULL, k text NOT NULL, v text, UNIQUE (user_id, k));
         CREATE TABLE b (id {kind} PRIMARY KEY NOT NULL, a_id {kind} NOT NULL {}, s text NOT NULL, o {kind} {}, v text, UNIQUE (a_id, s));
         CREATE TABLE n (id INTEGER PRIMARY KEY, user_id text NOT NULL, u {kind} NOT NULL UNIQUE, v text);
         CREATE TABLE m (id INTEGER PRIMARY KEY, user_id text NOT NULL, r {kind} NOT NULL {}, s text NOT NULL, UNIQUE (user_id, s));",
        to("a"), to("b"), to("n(u)")
    )
}

fn schema() -> BackupSchema {
    BackupSchema::new([
        TableDef::new("a").key(["user_id", "k"]),
        TableDef::new("b")
            .no_user()
            .parent("a", "a_id")
            .key(["a_id", "s"])
            .optional_ref("b", "o"),
        TableDef::new("n").key(["user_id", "u"]),
        TableDef::new("m")
            .key(["user_id", "s"])
            .parent_key(ForeignKey::new("n", "r").to("u")),
    ])
    .unwrap()
}

/// So many children, each of which refers to the one before.
fn rows(user: &str, [x, y, z]: [&str; 3], v: &str, children: usize) -> String {
    let keys = [x, y, z];
    let mut sql = format!(
        "INSERT INTO a VALUES ('{x}', '{user}', 'k1', '{v}'), ('{y}', '{user}', 'k2', '{v}');
         INSERT INTO n (user_id, u, v) VALUES ('{user}', '{x}', '{v}'), ('{user}', '{y}', '{v}');"
    );
    for at in 0..children {
        let (key, parent) = (keys[at], keys[at % 2]);
        let before = at
            .checked_sub(1)
            .map_or("NULL".to_owned(), |at| format!("'{}'", keys[at]));
        sql += &format!(
            "INSERT INTO b VALUES ('{key}', '{parent}', 's{at}', {before}, '{v}');
             INSERT INTO m (user_id, r, s) VALUES ('{user}', '{parent}', 's{at}');"
        );
    }
    sql
}

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

async fn run(
    t: &Case,
    path: &PathBuf,
    mode: RestoreMode,
    keys: Keys,
    what: &str,
) -> RestoreSummary {
    let options = RestoreOptions::default().mode(mode).keys(keys);
    let summary = t.restore(&schema(), path, "ann", options).await;
    assert!(summary.committed, "{what}: {summary:#?}");
    summary
}

fn updated(summary: &RestoreSummary) -> u64 {
    summary.tables.iter().map(|table| table.updated).sum()
}

/// References that lead to no row, by their texts.
const DANGLING: &str =
    "SELECT count(*) FROM (SELECT 1 FROM b LEFT JOIN a ON a.id = a_id WHERE a.id IS NULL
    UNION ALL SELECT 1 FROM b LEFT JOIN b AS o ON o.id = b.o WHERE b.o IS NOT NULL AND o.id IS NULL
    UNION ALL SELECT 1 FROM m LEFT JOIN n ON u = r WHERE u IS NULL)";

const MODES: [RestoreMode; 2] = [RestoreMode::Skip, RestoreMode::Overwrite];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_changes_nothing_where_it_came_from_and_is_the_same_elsewhere() {
    for (kind, written, _) in KINDS {
        for enforced in [false, true] {
            let ddl = tables(kind, enforced);
            let from = database(&(ddl.clone() + &rows("ann", written, "v", 3))).await;
            let before = from.everything().await;
            let path = back_up(&from, &schema(), "ann").await;
            for mode in MODES {
                for keys in [Keys::New, Keys::Keep] {
                    let what = format!("{kind} {written:?} {enforced} {mode:?} {keys:?}");
                    let summary = run(&from, &path, mode, keys, &what).await;
                    assert_eq!(from.everything().await, before, "{what}");
                    let skipped = [
                        [0, 0, 2, 0, 0],
                        [0, 0, 3, 0, 0],
                        [0, 0, 2, 0, 0],
                        [0, 0, 3, 0, 0],
                    ];
                    assert_eq!(counts(&summary), skipped, "{what}");
                    let to = database(&ddl).await;
                    for _ in 0..3 {
                        run(&to, &path, mode, keys, &what).await;
                        assert_eq!(to.everything().await, before, "{what}: elsewhere");
                    }
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reference_is_written_as_its_row_has_it() {
    for (kind, written, there) in KINDS {
        for enforced in [false, true] {
            let ddl = tables(kind, enforced);
            let from = database(&(ddl.clone() + &rows("ann", written, "file", 3))).await;
            let path = back_up(&from, &schema(), "ann").await;
            for mode in MODES {
                let what = format!("{kind} {written:?} {there:?} {enforced} {mode:?}");
                let to = database(&(ddl.clone() + &rows("ann", there, "there", 1))).await;
                let summary = run(&to, &path, mode, Keys::New, &what).await;
                assert_eq!(counts(&summary)[1][0], 2, "{what}");
                assert_eq!(to.table(DANGLING).await, "0", "{what}");
                // what was there is called what it was
                let names = "SELECT group_concat(x, '|') FROM (SELECT id AS x FROM a ORDER BY k)";
                assert_eq!(to.table(names).await, there[..2].join("|"), "{what}");
                let names = "SELECT r FROM m WHERE s = 's2'";
                assert_eq!(to.table(names).await, there[0], "{what}");
                let after = to.everything().await;
                run(&to, &path, mode, Keys::New, &what).await;
                assert_eq!(to.everything().await, after, "{what}: again");
            }
        }
    }
}

/// Rows outside of the backup, and the row that owns them all: another text would lead nowhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn owners_and_rows_outside_are_referred_to_as_they_are_spelled() {
    let ddl = "CREATE TABLE tenants (id uuid PRIMARY KEY NOT NULL);
        CREATE TABLE rates (id uuid PRIMARY KEY NOT NULL);
        CREATE TABLE t (id INTEGER PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, slug text NOT NULL,
            rate_id uuid REFERENCES rates, UNIQUE (tenant_id, slug));";
    let schema = BackupSchema::new([TableDef::new("t")
        .owner("tenants", "tenant_id")
        .external("rates", "rate_id")])
    .unwrap();
    let of = |[ann, bob, rate]: [&str; 3], slugs: &[&str]| {
        let mut sql = format!(
            "INSERT INTO tenants VALUES ('{ann}'), ('{bob}'); INSERT INTO rates VALUES ('{rate}');
             INSERT INTO t (tenant_id, slug, rate_id) VALUES ('{bob}', 'x', '{rate}');"
        );
        for slug in slugs {
            sql += &format!(
                "INSERT INTO t (tenant_id, slug, rate_id) VALUES ('{ann}', '{slug}', '{rate}');"
            );
        }
        sql
    };
    let from = database(&format!("{ddl}{}", of(UPPER, &["x", "y"]))).await;
    let before = from.everything().await;
    let path = back_up(&from, &schema, LOWER[0]).await;
    for there in [UPPER, BARE] {
        let to = database(&format!("{ddl}{}", of(there, &["x"]))).await;
        let bobs = format!("SELECT * FROM t WHERE tenant_id = '{}'", there[1]);
        let bobs_before = to.table(&bobs).await;
        for mode in [
            RestoreMode::Overwrite,
            RestoreMode::Skip,
            RestoreMode::Overwrite,
        ] {
            let options = RestoreOptions::default().mode(mode);
            let summary = t_restored(&to, &schema, &path, there[0], options).await;
            assert_eq!(updated(&summary), 0, "{there:?}");
            let joined = "SELECT slug FROM t JOIN tenants ON tenants.id = tenant_id JOIN rates ON rates.id = rate_id ORDER BY t.id";
            assert_eq!(to.table(joined).await, "x|x|y", "{there:?}");
            assert_eq!(to.table(&bobs).await, bobs_before);
        }
    }
    for mode in MODES {
        let options = RestoreOptions::default().mode(mode);
        t_restored(&from, &schema, &path, LOWER[0], options).await;
        assert_eq!(from.everything().await, before);
    }
}

async fn t_restored(
    t: &Case,
    schema: &BackupSchema,
    path: &PathBuf,
    user: &str,
    options: RestoreOptions,
) -> RestoreSummary {
    let summary = t.restore(schema, path, user, options).await;
    assert!(summary.committed, "{summary:#?}");
    summary
}

/// The user's column refers to nothing: rows keep their own text, new ones get the file's, or the canonical one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_is_the_same_one_in_any_spelling() {
    let ddl = "CREATE TABLE t (id INTEGER PRIMARY KEY, user_id uuid NOT NULL, slug text NOT NULL, v text, UNIQUE (user_id, slug));";
    let schema = BackupSchema::new([TableDef::new("t")]).unwrap();
    let row = |user: &str, slug: &str, v: &str| {
        format!("INSERT INTO t (user_id, slug, v) VALUES ('{user}', '{slug}', '{v}');")
    };
    let from = database(&format!(
        "{ddl}{}{}",
        row(UPPER[0], "x", "new"),
        row(UPPER[0], "y", "new")
    ))
    .await;
    let before = from.everything().await;
    let path = back_up(&from, &schema, LOWER[0]).await;
    let overwrite = || RestoreOptions::default().mode(RestoreMode::Overwrite);
    t_restored(&from, &schema, &path, LOWER[0], overwrite()).await;
    assert_eq!(from.everything().await, before);
    let to = database(&format!(
        "{ddl}{}{}",
        row(LOWER[0], "x", "old"),
        row(UPPER[1], "x", "his")
    ))
    .await;
    for _ in 0..2 {
        t_restored(&to, &schema, &path, LOWER[0], overwrite()).await;
        let all = "SELECT user_id, slug, v FROM t ORDER BY id";
        let expected = format!("{},x,new|{},x,his|{},y,new", LOWER[0], UPPER[1], UPPER[0]);
        assert_eq!(to.table(all).await, expected);
    }
    let summary = t_restored(&to, &schema, &path, BARE[2], overwrite()).await;
    assert_eq!(counts(&summary), [[2, 0, 0, 0, 0]]);
    let clones = format!("SELECT count(*) FROM t WHERE user_id = '{}'", LOWER[2]);
    assert_eq!(to.table(&clones).await, "2");
}

/// Two texts of one value are two rows, here of two users.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parent_whose_key_is_the_same_value_in_another_text_is_another_row() {
    const CHILDREN: &str = "SELECT user_id, s, b.v FROM b JOIN a ON a.id = a_id ORDER BY 1, 2";
    let schema = BackupSchema::new([
        TableDef::new("a").key(["user_id", "k"]),
        TableDef::new("b")
            .no_user()
            .parent("a", "a_id")
            .key(["a_id", "s"]),
    ])
    .unwrap();
    for (kind, [own, ..], [other, ..]) in KINDS {
        let what = format!("{kind}: {own:?} and {other:?}");
        let tables = format!(
            "CREATE TABLE a (id {kind} PRIMARY KEY NOT NULL, user_id text NOT NULL, k text NOT NULL, UNIQUE (user_id, k));
             CREATE TABLE b (id INTEGER PRIMARY KEY, a_id {kind} NOT NULL, s text NOT NULL, v text, UNIQUE (a_id, s));
             INSERT INTO a VALUES ('{own}', 'ann', 'k1');"
        );
        let source = database(&format!(
            "{tables} INSERT INTO b (a_id, s, v) VALUES ('{own}', 's1', 'file'), ('{own}', 's2', 'file')"
        ))
        .await;
        let path = back_up(&source, &schema, "ann").await;
        for mode in MODES {
            let t = database(&format!(
                "{tables} INSERT INTO a VALUES ('{other}', 'bob', 'z');
                 INSERT INTO b VALUES (7, '{other}', 's1', 'bobs')"
            ))
            .await;
            for again in [false, true] {
                let options = RestoreOptions::default().mode(mode);
                let summary = t.restore(&schema, &path, "ann", options).await;
                assert!(summary.committed, "{what}: {summary:#?}");
                let inserted = if again { 0 } else { 2 };
                assert_eq!(summary.table("b").unwrap().inserted, inserted, "{what}");
                assert_eq!(
                    t.table(CHILDREN).await,
                    "ann,s1,file|ann,s2,file|bob,s1,bobs",
                    "{what}, {mode:?}"
                );
                assert_eq!(
                    t.table("SELECT a_id, v FROM b WHERE id = 7").await,
                    format!("{other},bobs")
                );
            }
        }
    }
}

/// A new owner's row has the user's id as it was named: rows that are there may have it so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_owner_is_spelled_as_it_was_named() {
    let ddl = "CREATE TABLE tenants (id uuid PRIMARY KEY NOT NULL, name text);
        CREATE TABLE rates (t_id uuid NOT NULL, code text NOT NULL, PRIMARY KEY (t_id, code));
        CREATE TABLE p (id INTEGER PRIMARY KEY, t_id uuid NOT NULL REFERENCES tenants, slug text NOT NULL, code text,
            FOREIGN KEY (t_id, code) REFERENCES rates);";
    let schema = BackupSchema::new([
        TableDef::new("tenants").user("id").match_by_pk(),
        TableDef::new("p")
            .owner("tenants", "t_id")
            .external("rates", ["t_id", "code"]),
    ])
    .unwrap();
    let t = Case::new(Backend::Sqlite).await;
    let [upper, lower] = [UPPER[0], LOWER[0]];
    t.sql(&format!(
        "{ddl} INSERT INTO tenants VALUES ('{upper}', 'a'); INSERT INTO rates VALUES ('{upper}', 'r');
         INSERT INTO p (t_id, slug, code) VALUES ('{upper}', 'x', 'r'), ('{upper}', 'y', NULL)"
    ))
    .await;
    let path = back_up(&t, &schema, upper).await;
    for (user, others) in [(lower, "lower"), (upper, "upper")] {
        let other = Case::new(Backend::Sqlite).await;
        other
            .sql(&format!("{ddl} INSERT INTO rates VALUES ('{user}', 'r')"))
            .await;
        let options = RestoreOptions::default().mode(RestoreMode::Overwrite);
        let summary = other.restore(&schema, &path, user, options).await;
        assert!(summary.committed, "{others} {summary:#?}");
        let rows = "SELECT slug, p.code, name FROM p JOIN tenants ON tenants.id = t_id ORDER BY 1";
        assert_eq!(other.table(rows).await, "x,r,a|y,NULL,a", "{others}");
    }
}
