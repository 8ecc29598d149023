//! One value in several spellings in a SQLite file: the row that is there is found in any of them, once, and where
//! two rows are meant the restore is refused. Compared is the whole database.

use std::path::PathBuf;

use db_adapter::backup::{
    BackupOptions, OnError, RestoreMode, RestoreOptions, RestoreSummary, backup_database,
    restore_database,
};
use db_adapter::{BackupSchema, Error, TableDef, Value};
use serde_json::json;

use crate::case::{Backend, Case, counts};

const LOWER: &str = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
const OTHER: &str = "b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a22";
/// What people, programs and other databases write.
const SPELLINGS: [&str; 6] = [
    LOWER,
    "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
    "{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}",
    "A0eebC99-9c0b-4EF8-bb6d-6bb9bd380a11",
    "a0eebc999c0b4ef8bb6d6bb9bd380A11",
    "a0ee-bc99-9c0b4ef8-bb6d6bb9-bd380a11",
];

const TENANTS: &str = "
    CREATE TABLE tenants (id UUID PRIMARY KEY NOT NULL, name TEXT NOT NULL);
    CREATE TABLE projects (id INTEGER PRIMARY KEY, tenant_id UUID NOT NULL REFERENCES tenants, slug TEXT NOT NULL,
        v TEXT, UNIQUE (tenant_id, slug));
    CREATE TABLE tasks (id INTEGER PRIMARY KEY, project_id BIGINT NOT NULL REFERENCES projects, slug TEXT NOT NULL, v TEXT);";

fn tenants() -> TableDef {
    TableDef::new("tenants").user("id").no_slug().match_by_pk()
}

fn schema(with_owner: bool) -> BackupSchema {
    let owned = [
        TableDef::new("projects").owner("tenants", "tenant_id"),
        TableDef::new("tasks")
            .no_user()
            .parent("projects", "project_id"),
    ];
    BackupSchema::new(owned.into_iter().chain(with_owner.then(tenants))).unwrap()
}

fn rows(tenant: &str, v: &str) -> String {
    format!(
        "INSERT INTO tenants VALUES ('{tenant}', '{v}');
         INSERT INTO projects (tenant_id, slug, v) VALUES ('{tenant}', 'p', '{v}'), ('{tenant}', 'q', '{v}');
         INSERT INTO tasks (project_id, slug, v) SELECT id, 't', v FROM projects WHERE tenant_id = '{tenant}';"
    )
}

async fn database(sql: &str) -> Case {
    let t = Case::new(Backend::Sqlite).await;
    t.sql(sql).await;
    t
}

async fn back_up(t: &Case, schema: &BackupSchema, user: impl Into<Value>) -> PathBuf {
    let path = t.folder.path().join("backup.json");
    let options = BackupOptions::new().output(&path);
    backup_database(&t.db, schema, user, options).await.unwrap();
    path
}

async fn restored(
    t: &Case,
    schema: &BackupSchema,
    path: &PathBuf,
    user: &str,
    mode: RestoreMode,
) -> RestoreSummary {
    let options = RestoreOptions::default().mode(mode);
    let summary = t.restore(schema, path, user, options).await;
    assert!(summary.committed, "{summary:#?}");
    summary
}

async fn refused(t: &Case, schema: &BackupSchema, path: &PathBuf, user: &str) -> String {
    let before = t.everything().await;
    for mode in [RestoreMode::Skip, RestoreMode::Overwrite] {
        let options = RestoreOptions::default().mode(mode).on_error(OnError::Skip);
        let refused = restore_database(&t.db, schema, path, user, options).await;
        assert!(
            matches!(&refused, Err(Error::RestoreRefused { .. })),
            "{refused:?}"
        );
        assert_eq!(t.everything().await, before);
    }
    let options = RestoreOptions::default();
    let refused = restore_database(&t.db, schema, path, user, options).await;
    refused.unwrap_err().to_string()
}

/// The tenant's row is in the file, or only in the destination; its key is any text of the same uuid.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_is_found_in_any_spelling() {
    let source = database(&format!("{TENANTS}{}", rows(LOWER, "file"))).await;
    for with_owner in [true, false] {
        let schema = schema(with_owner);
        let path = back_up(&source, &schema, LOWER).await;
        for there in SPELLINGS {
            for named in SPELLINGS {
                let what = format!("{with_owner}: {there} named {named}");
                let t = database(&format!(
                    "{TENANTS}{}{}",
                    rows(there, "there"),
                    rows(OTHER, "theirs")
                ))
                .await;
                let before = t.everything().await;
                let summary = restored(&t, &schema, &path, named, RestoreMode::Skip).await;
                assert_eq!(summary.failed(), 0, "{what}");
                assert_eq!(t.everything().await, before, "{what}");
                for _ in 0..2 {
                    restored(&t, &schema, &path, named, RestoreMode::Overwrite).await;
                    let name = if with_owner { "file" } else { "there" };
                    let all = "SELECT n.id, n.name, p.slug, p.v, k.v FROM tenants n JOIN projects p ON p.tenant_id = n.id
                        JOIN tasks k ON k.project_id = p.id ORDER BY n.name = 'theirs', p.slug";
                    assert_eq!(
                        t.table(all).await,
                        format!(
                            "{there},{name},p,file,file|{there},{name},q,file,file|{OTHER},theirs,p,theirs,theirs|{OTHER},theirs,q,theirs,theirs"
                        ),
                        "{what}"
                    );
                    assert_eq!(t.everything().await.len(), before.len(), "{what}");
                }
            }
        }
    }
}

/// With a trigger each row is looked at once more, by the text that it has.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_in_braces_beside_a_trigger() {
    let source = database(&format!("{TENANTS}{}", rows(LOWER, "file"))).await;
    let schema = schema(true);
    let path = back_up(&source, &schema, LOWER).await;
    let t = database(&format!(
        "{TENANTS}{} CREATE TABLE log (x TEXT);
         CREATE TRIGGER a AFTER UPDATE ON tenants BEGIN INSERT INTO log VALUES ('t'); END;
         CREATE TRIGGER b AFTER UPDATE ON projects BEGIN INSERT INTO log VALUES ('p'); END",
        rows(SPELLINGS[2], "there")
    ))
    .await;
    let summary = restored(&t, &schema, &path, LOWER, RestoreMode::Overwrite).await;
    assert_eq!(
        counts(&summary),
        [[0, 1, 0, 0, 0], [0, 2, 0, 0, 0], [0, 2, 0, 0, 0]]
    );
    assert_eq!(
        t.table("SELECT id, name FROM tenants").await,
        format!("{},file", SPELLINGS[2])
    );
    assert_eq!(t.count("SELECT count(*) FROM log").await, 3);
}

/// Two rows of one uuid are two tenants to SQLite: nobody can tell which one is meant.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_that_is_there_twice_is_refused() {
    let source = database(&format!("{TENANTS}{}", rows(LOWER, "file"))).await;
    for with_owner in [true, false] {
        let schema = schema(with_owner);
        let path = back_up(&source, &schema, LOWER).await;
        for [one, other] in [[0, 1], [0, 2], [2, 3], [1, 4]] {
            let (one, other) = (SPELLINGS[one], SPELLINGS[other]);
            let t = database(&format!("{TENANTS}{}{}", rows(one, "a"), rows(other, "b"))).await;
            for named in [one, other, SPELLINGS[5]] {
                let said = refused(&t, &schema, &path, named).await;
                assert!(
                    said.contains("`tenants` has several rows whose `id`"),
                    "{said}"
                );
            }
        }
    }
}

/// A column of users that refers to nothing: the backup has the rows in every spelling, and a restore finds them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_a_user_in_every_spelling() {
    let schema = BackupSchema::new([TableDef::new("t")]).unwrap();
    let t = database(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, user_id UUID NOT NULL, slug TEXT NOT NULL, v TEXT)",
    )
    .await;
    for (at, user) in SPELLINGS.into_iter().chain([OTHER]).enumerate() {
        t.sql(&format!(
            "INSERT INTO t (user_id, slug, v) VALUES ('{user}', 's{at}', 'v')"
        ))
        .await;
    }
    let before = t.everything().await;
    for user in SPELLINGS {
        let path = t.folder.path().join("backup.json");
        let options = BackupOptions::new().output(&path);
        let file = backup_database(&t.db, &schema, user, options)
            .await
            .unwrap();
        assert_eq!(file.counts, [("t".to_owned(), 6)], "{user}");
        let summary = restored(&t, &schema, &path, user, RestoreMode::Overwrite).await;
        assert_eq!(counts(&summary), [[0, 0, 6, 0, 0]], "{user}");
        assert_eq!(t.everything().await, before);
    }
    let path = back_up(&t, &schema, LOWER).await;
    t.sql("UPDATE t SET v = 'old'").await;
    let summary = restored(&t, &schema, &path, SPELLINGS[2], RestoreMode::Overwrite).await;
    assert_eq!(counts(&summary), [[0, 6, 0, 0, 0]]);
    assert_eq!(
        t.table("SELECT user_id, v FROM t WHERE v = 'old'").await,
        format!("{OTHER},old")
    );
    assert_eq!(t.count("SELECT count(*) FROM t").await, 7);
}

/// Rows outside of the backup, by one column and by two.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_outside_is_referred_to_in_its_own_spelling() {
    let ddl = "CREATE TABLE rates (id UUID PRIMARY KEY NOT NULL);
        CREATE TABLE zones (id UUID NOT NULL, code TEXT NOT NULL, PRIMARY KEY (id, code));
        CREATE TABLE t (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL, slug TEXT NOT NULL,
            rate_id UUID NOT NULL REFERENCES rates, zone UUID NOT NULL, code TEXT NOT NULL,
            FOREIGN KEY (zone, code) REFERENCES zones);";
    let schema = BackupSchema::new([TableDef::new("t")
        .external("rates", "rate_id")
        .external("zones", ["zone", "code"])])
    .unwrap();
    let outside = |text: &str| {
        format!("INSERT INTO rates VALUES ('{text}'); INSERT INTO zones VALUES ('{text}', 'c');")
    };
    let source = database(&format!(
        "{ddl}{} INSERT INTO t VALUES (1, 'ann', 'x', '{LOWER}', '{LOWER}', 'c')",
        outside(LOWER)
    ))
    .await;
    let path = back_up(&source, &schema, "ann").await;
    for there in SPELLINGS {
        let t = database(&format!("{ddl}{}{}", outside(there), outside(OTHER))).await;
        for inserted in [1, 0] {
            let summary = restored(&t, &schema, &path, "ann", RestoreMode::Overwrite).await;
            assert_eq!(counts(&summary)[0][0], inserted, "{there}");
            let joined = "SELECT slug, rates.id, zones.id FROM t JOIN rates ON rates.id = rate_id
                JOIN zones ON zones.id = zone AND zones.code = t.code";
            assert_eq!(t.table(joined).await, format!("x,{there},{there}"));
        }
    }
    // two of them, and neither is that of the file
    let t = database(&format!(
        "{ddl}{}{}",
        outside(SPELLINGS[2]),
        outside(SPELLINGS[3])
    ))
    .await;
    let before = t.everything().await;
    let summary = t
        .restore(&schema, &path, "ann", RestoreOptions::default())
        .await;
    assert!(!summary.committed);
    let reason = &summary.tables[0].failure_details[0].reason;
    assert!(reason.contains("in several spellings"), "{reason}");
    assert_eq!(t.everything().await, before);
    // the file's own is the one that is meant
    t.sql(&outside(LOWER)).await;
    restored(&t, &schema, &path, "ann", RestoreMode::Skip).await;
    assert_eq!(t.table("SELECT rate_id FROM t").await, LOWER);
}

/// Arrays with blanks and without, as natural keys, as references and as primary keys.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_array_with_blanks_is_the_same_one() {
    for (kind, texts) in [
        ("int[]", ["[1,2]", "[1, 2]", "[ 1 ,2]"]),
        ("bigint[]", ["[1,2]", "[1, 2]", "{1,2}"]),
        ("text[]", [r#"["a","b"]"#, r#"["a", "b"]"#, r#"{a,b}"#]),
        ("boolean[]", ["[true,false]", "[true, false]", "{t,f}"]),
        ("numeric[]", ["[1.5,2]", "[1.50, 2.0]", "{1.5,2.00}"]),
        (
            "bytea[]",
            [r#"["\\x01"]"#, r#"[ "\\x01" ]"#, r#"["\\x01"  ]"#],
        ),
    ] {
        let ddl = format!(
            "CREATE TABLE p (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL, k {kind} NOT NULL, v TEXT, UNIQUE (user_id, k));
             CREATE TABLE a (k {kind} PRIMARY KEY NOT NULL, user_id TEXT NOT NULL, v TEXT);
             CREATE TABLE c (id INTEGER PRIMARY KEY, a_k {kind} NOT NULL REFERENCES a, slug TEXT NOT NULL, v TEXT, UNIQUE (a_k, slug));"
        );
        let schema = BackupSchema::new([
            TableDef::new("p").no_slug().key(["user_id", "k"]),
            TableDef::new("a").no_slug().pk(["k"]).match_by_pk(),
            TableDef::new("c").no_user().parent("a", "a_k"),
        ])
        .unwrap();
        let of = |text: &str, v: &str| {
            let text = text.replace('\'', "''");
            format!(
                "INSERT INTO p (user_id, k, v) VALUES ('ann', '{text}', '{v}');
                 INSERT INTO a VALUES ('{text}', 'ann', '{v}');
                 INSERT INTO c (a_k, slug, v) VALUES ('{text}', 's', '{v}');"
            )
        };
        for written in texts {
            let source = database(&format!("{ddl}{}", of(written, "file"))).await;
            let path = back_up(&source, &schema, "ann").await;
            for there in texts {
                let what = format!("{kind}: {written} into {there}");
                let t = database(&format!("{ddl}{}", of(there, "there"))).await;
                t.sql("INSERT INTO p (user_id, k, v) SELECT 'bob', k, 'theirs' FROM p")
                    .await;
                let before = t.everything().await;
                let summary = restored(&t, &schema, &path, "ann", RestoreMode::Skip).await;
                assert_eq!(counts(&summary), [[0, 0, 1, 0, 0]; 3], "{what}");
                assert_eq!(t.everything().await, before, "{what}");
                let summary = restored(&t, &schema, &path, "ann", RestoreMode::Overwrite).await;
                assert_eq!(counts(&summary), [[0, 1, 0, 0, 0]; 3], "{what}");
                let all =
                    "SELECT p.v, a.v, c.v FROM p, a JOIN c ON c.a_k = a.k WHERE p.user_id = 'ann'";
                assert_eq!(t.table(all).await, "file,file,file", "{what}");
                let theirs = "SELECT k, v FROM p WHERE user_id = 'bob'";
                assert_eq!(t.table(theirs).await, format!("{there},theirs"), "{what}");
            }
        }
        // two rows of one value are two rows to SQLite alone
        let source = database(&format!("{ddl}{}", of(texts[0], "file"))).await;
        let path = back_up(&source, &schema, "ann").await;
        for bobs in [texts[1], texts[2]] {
            let t = database(&format!("{ddl}{}", of(texts[0], "there"))).await;
            t.sql(&format!(
                "INSERT INTO a VALUES ('{bobs}', 'bob', 'theirs'); INSERT INTO c (a_k, slug, v) VALUES ('{bobs}', 's', 'theirs')"
            ))
            .await;
            let said = refused(&t, &schema, &path, "ann").await;
            assert!(
                said.contains("`a`") && said.contains("`k`"),
                "{kind}: {said}"
            );
        }
    }
}

/// Numbers of a column that declares no type: SQLite calls 1 and 1.0 equal, and '1' another value.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_without_a_type_is_one_number() {
    const DDL: &str = "
        CREATE TABLE p (id PRIMARY KEY NOT NULL, user_id TEXT NOT NULL, k NOT NULL, v TEXT);
        CREATE TABLE c (id INTEGER PRIMARY KEY, p_id NOT NULL REFERENCES p, o REFERENCES p, slug TEXT NOT NULL, v TEXT);";
    let schema = BackupSchema::new([
        TableDef::new("p").no_slug().key(["user_id", "k"]),
        TableDef::new("c")
            .no_user()
            .parent("p", "p_id")
            .optional_ref("p", "o"),
    ])
    .unwrap();
    let of = |id: &str, to: &str, k: &str, v: &str| {
        format!(
            "INSERT INTO p VALUES ({id}, 'ann', {k}, '{v}');
             INSERT INTO c (p_id, o, slug, v) VALUES ({to}, {id}, 's', '{v}');"
        )
    };
    let texts = "INSERT INTO p VALUES ('1', 'ann', '5', 'text'), ('1.0', 'bob', 5, 'theirs');";
    for [id, to, k] in [
        ["1", "1", "5"],
        ["1.0", "1", "5"],
        ["1", "1.0", "5.0"],
        ["1.0", "1.0", "5.0"],
    ] {
        let source = database(&format!("{DDL}{}", of(id, to, k, "file"))).await;
        let path = back_up(&source, &schema, "ann").await;
        for [id, to, k] in [["1", "1", "5"], ["1.0", "1", "5.0"], ["1", "1.0", "5.0"]] {
            let t = database(&format!("{DDL}{}{texts}", of(id, to, k, "there"))).await;
            let before = t.everything().await;
            let summary = restored(&t, &schema, &path, "ann", RestoreMode::Skip).await;
            assert_eq!(counts(&summary), [[0, 0, 1, 0, 0]; 2]);
            assert_eq!(t.everything().await, before);
            let summary = restored(&t, &schema, &path, "ann", RestoreMode::Overwrite).await;
            assert_eq!(counts(&summary), [[0, 1, 0, 0, 0]; 2]);
            let all = "SELECT p.v, c.v, o.v FROM c JOIN p ON p.id = p_id JOIN p AS o ON o.id = c.o";
            assert_eq!(t.table(all).await, "file,file,file");
            let others = "SELECT v FROM p WHERE typeof(id) = 'text' ORDER BY v";
            assert_eq!(t.table(others).await, "text|theirs");
            assert_eq!(t.everything().await.len(), before.len());
        }
    }
}

/// Of another database: booleans and decimals become what SQLite has for them, and are found again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_database_calls_it_is_found_again() {
    for (key, kinds) in [
        (json!(true), ["boolean", ""]),
        (json!(false), ["boolean", "boolean"]),
        (json!("1.50"), ["numeric", "numeric_text"]),
        (json!("12"), ["numeric", ""]),
        (json!("{\"b\": 1, \"a\": [1, 2]}"), ["jsonb", "jsonb_text"]),
        (json!("{1,2}"), ["integer[]", "int[]"]),
        (json!("{1,2}"), ["integer[]", ""]),
        (
            json!("2021-12-08 01:00:00+02"),
            ["timestamptz", "timestamptz"],
        ),
        (json!("12.5"), ["double precision", ""]),
        (json!("12"), ["double precision", "real"]),
    ] {
        let ddl = |kind: &str, text: &str| {
            format!(
                "CREATE TABLE t (id BIGINT PRIMARY KEY NOT NULL, user_id {text} NOT NULL, k {kind} NOT NULL, v {text})"
            )
        };
        let schema =
            BackupSchema::new([TableDef::new("t").no_slug().key(["user_id", "k"])]).unwrap();
        let source = Case::new(Backend::Postgres).await;
        source.sql(&ddl(kinds[0], "text")).await;
        let literal = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
        source
            .sql(&format!(
                "INSERT INTO t VALUES (1, 'ann', '{literal}', 'file')"
            ))
            .await;
        let path = back_up(&source, &schema, "ann").await;
        let t = database(&ddl(kinds[1], "TEXT")).await;
        t.sql("INSERT INTO t VALUES (9, 'bob', 'x', 'theirs')")
            .await;
        for expected in [[1, 0, 0, 0, 0], [0, 0, 1, 0, 0]] {
            let summary = restored(&t, &schema, &path, "ann", RestoreMode::Overwrite).await;
            assert_eq!(counts(&summary), [expected], "{kinds:?}");
        }
        assert_eq!(
            t.table("SELECT id, v FROM t ORDER BY id").await,
            "1,file|9,theirs",
            "{kinds:?}"
        );
    }
}

/// What no restore could take, no backup has: two of the user's rows with one key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_in_two_spellings_is_in_no_backup() {
    for (kind, [one, other]) in [
        ("int[]", ["[1,2]", "[1, 2]"]),
        ("numeric_text", ["1.5", "1.50"]),
        ("numeric[]", ["[1.5]", "[1.50]"]),
        ("jsonb_text", [r#"{"a":1}"#, r#"{"a": 1}"#]),
        ("uuid", [SPELLINGS[2], SPELLINGS[3]]),
    ] {
        let t = database(&format!(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL, k {kind} NOT NULL, UNIQUE (user_id, k));
             INSERT INTO t (user_id, k) VALUES ('ann', '{one}'), ('ann', '{other}'), ('bob', '{one}')"
        ))
        .await;
        let schema =
            BackupSchema::new([TableDef::new("t").no_slug().key(["user_id", "k"])]).unwrap();
        let path = t.folder.path().join("backup.json");
        let backed_up = backup_database(&t.db, &schema, "ann", BackupOptions::new().output(&path));
        let refused = backed_up.await.unwrap_err().to_string();
        assert!(
            refused.contains("written otherwise") || refused.contains("of another one"),
            "{kind}: {refused}"
        );
        assert!(!path.exists());
        back_up(&t, &schema, "bob").await;
    }
}
