//! What a backup refuses because no restore could take it: the day when the file is needed is too late.

use db_adapter::backup::{
    BackupOptions, RestoreMode, RestoreOptions, backup_database, validate_backup,
};
use db_adapter::{Error, TableDef, row};

use crate::side::{Backend, Side};
use crate::steps::{Kept, counts, restore, schema};

cases! {
    rows_of_one_natural_key,
    rows_of_one_natural_key_elsewhere,
    keys_of_several_columns_and_parents,
}

async fn options_of(side: &Side, options: BackupOptions) -> Result<Kept, Error> {
    let mut kept = Kept::empty();
    let options = options.output(&kept.path);
    let schema = schema([TableDef::new("t")]);
    let file = backup_database(side.db.as_ref(), &schema, "ann", options).await?;
    for warning in &file.warnings {
        assert!(warning.to_string().contains("natural key"), "{warning}");
    }
    kept.counts = file.counts;
    Ok(kept)
}

/// UNIQUE lets NULL be there twice.
async fn rows_of_one_natural_key(backend: Backend) {
    let tables = "CREATE TABLE t (id {id}, user_id text, slug text, UNIQUE (user_id, slug))";
    let mut side = Side::with(backend, tables).await;
    side.sql("INSERT INTO t (user_id, slug) VALUES ('ann', NULL), ('ann', 'a')")
        .await;
    options_of(&side, BackupOptions::new()).await.unwrap();
    side.sql("INSERT INTO t (user_id, slug) VALUES ('ann', NULL), ('ann', NULL)")
        .await;
    let refused = options_of(&side, BackupOptions::new()).await.unwrap_err();
    let Error::BackupRefused { problems, .. } = &refused else {
        panic!("{refused}");
    };
    let told = problems[0].to_string();
    assert!(
        told.contains("table `t`: 2 rows have the natural key (`user_id`, `slug`) of another one"),
        "{told}"
    );
    // on request they are there, and a restore says which ones fail
    let allowed = BackupOptions::new().allow_duplicates();
    let kept = options_of(&side, allowed).await.unwrap();
    assert_eq!(kept.counts, [("t".to_owned(), 4)]);
    let schema = schema([TableDef::new("t")]);
    assert!(!validate_backup(&kept.path, &schema).unwrap().valid);
    // of the rows that are left one has each key
    let filter = BackupOptions::new().table_filter("t", row! { "id": 1 });
    options_of(&side, filter).await.unwrap();
}

/// Other users' rows do not count, and neither do columns that another index makes unique.
async fn rows_of_one_natural_key_elsewhere(backend: Backend) {
    let tables = "CREATE TABLE t (id {id}, user_id text, slug text)";
    let mut side = Side::with(backend, tables).await;
    side.sql("INSERT INTO t (user_id, slug) VALUES ('bob', 'x'), ('bob', 'x'), ('ann', 'x'), ('ann', 'X'), ('ann', 'x ')")
        .await;
    let kept = options_of(&side, BackupOptions::new()).await.unwrap();
    assert_eq!(kept.counts, [("t".to_owned(), 3)]);
    let to = Side::with(backend, tables).await;
    let schema = schema([TableDef::new("t")]);
    let summary = restore(&to, &schema, &kept, "ann", RestoreOptions::default()).await;
    assert_eq!(counts(&summary), "t 3/0/0/0");
}

async fn keys_of_several_columns_and_parents(backend: Backend) {
    let tables = "CREATE TABLE t (id {id}, user_id text, slug text, UNIQUE (user_id, slug));
        CREATE TABLE u (id {id}, t_id bigint REFERENCES t (id), \"o\"\"dd\" bigint, n bigint)";
    let mut side = Side::with(backend, tables).await;
    side.sql(
        "INSERT INTO t (user_id, slug) VALUES ('ann', 'a'), ('bob', 'a');
        INSERT INTO u (t_id, \"o\"\"dd\", n) VALUES (1, 7, 1), (1, 7, 2), (2, 7, 1), (2, 7, 1)",
    )
    .await;
    let with_key = |key: Vec<&'static str>| {
        schema([
            TableDef::new("t"),
            TableDef::new("u")
                .no_user()
                .no_slug()
                .key(key)
                .parent("t", "t_id"),
        ])
    };
    let try_with = async |key: Vec<&'static str>| {
        let kept = Kept::empty();
        let options = BackupOptions::new().output(&kept.path);
        backup_database(side.db.as_ref(), &with_key(key), "ann", options).await
    };
    try_with(vec!["t_id", "o\"dd", "n"]).await.unwrap();
    let refused = try_with(vec!["t_id", "o\"dd"]).await.unwrap_err();
    assert!(matches!(refused, Error::BackupRefused { .. }), "{refused}");
}

/// SQLite stores any value in any column; rows are found by keys, which have to be of their types.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_that_are_of_another_type() {
    for (kind, stored) in [
        ("DATE", "'2021-12-08 01:00:00'"),
        ("DATETIME", "'2021-12-08 01:00:00.5+02:00'"),
        ("DATETIME", "1638925200"),
        ("TIMESTAMPTZ", "'2021-12-08 01:00:00.123456789Z'"),
        ("TIME", "'2021-12-08 01:00:00'"),
        ("UUID", "'not-a-uuid'"),
        ("UUID", "X'000102030405060708090a0b0c0d0e0f'"),
        ("INTEGER", "'abc'"),
        ("BIGINT", "2.5"),
        ("VARCHAR(2)", "'abc'"),
        ("CHAR(3)", "'abcd'"),
        ("NUMERIC(4,1)", "1.25"),
        ("BLOB", "'x'"),
        ("TEXT", "X'78'"),
        ("BOOLEAN", "2"),
        ("REAL", "'abc'"),
    ] {
        for (key, natural) in [("slug", true), ("v", false)] {
            let tables = format!(
                "CREATE TABLE t (id INTEGER PRIMARY KEY, user_id text NOT NULL, slug {0} NOT NULL, v {0})",
                if natural { kind } else { "text" },
            );
            let tables = if natural {
                tables
            } else {
                tables.replace("v text", &format!("v {kind}"))
            };
            let mut side = Side::with(Backend::Sqlite, &tables).await;
            let other = if natural { "v" } else { "slug" };
            let rest = if natural { "NULL" } else { "'x'" };
            side.sql(&format!(
                "INSERT INTO t (user_id, {key}, {other}) VALUES ('ann', {stored}, {rest}), ('bob', {stored}, {rest})"
            ))
            .await;
            let result = options_of(&side, BackupOptions::new()).await;
            if !natural {
                arrives(&mut side, &tables, result.unwrap()).await;
                continue;
            }
            let Err(Error::BackupRefused { problems, .. }) = &result else {
                panic!("{kind} {stored}");
            };
            let told = problems[0].to_string();
            assert!(
                told.contains("table `t`: 1 row has a value in `slug` that"),
                "{told}"
            );
        }
    }
}

/// Data may be anything: it is there afterwards as it was, in the same database and in an empty one.
async fn arrives(side: &mut Side, tables: &str, kept: Kept) {
    let schema = schema([TableDef::new("t")]);
    let sql = "SELECT user_id, slug, v, typeof(v) FROM t ORDER BY user_id";
    let before = side.table(sql).await;
    let mut empty = Side::with(Backend::Sqlite, tables).await;
    for mode in [RestoreMode::Skip, RestoreMode::Overwrite] {
        let options = || RestoreOptions::default().mode(mode);
        restore(side, &schema, &kept, "ann", options()).await;
        assert_eq!(side.table(sql).await, before, "{tables}");
        let summary = restore(&empty, &schema, &kept, "bob", options()).await;
        assert!(summary.committed, "{tables} {summary:#?}");
        let bobs = before.split('|').find(|row| row.starts_with("bob"));
        assert_eq!(Some(&*empty.table(sql).await), bobs, "{tables}");
    }
}

/// Numbers out of the range of their type, names that are too long, documents that another database would write
/// otherwise, are such data.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn data_that_other_databases_do_not_take() {
    let name = format!("'{}'", "n".repeat(64));
    for (kind, stored) in [
        ("SMALLINT", "40000"),
        ("INT2", "-70000"),
        ("NAME", &name),
        ("FLOAT4", "1e39"),
        ("OID", "5000000000"),
        ("OID", "-1"),
        ("INT", "3000000000"),
        ("CHAR", "'long'"),
        ("JSON", r#"'{"b":1,"a":2,"a":3}'"#),
        ("JSONB", r#"'{"b":1,"a":2,"a":3}'"#),
        ("JSONB", "'[1,2.50]'"),
        ("JSONB", "'no document'"),
    ] {
        let tables = format!(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, user_id text NOT NULL, slug text NOT NULL, v {kind})"
        );
        let mut side = Side::with(Backend::Sqlite, &tables).await;
        side.sql(&format!(
            "INSERT INTO t (user_id, slug, v) VALUES ('ann', 'x', {stored}), ('bob', 'x', {stored})"
        ))
        .await;
        let kept = options_of(&side, BackupOptions::new()).await.unwrap();
        arrives(&mut side, &tables, kept).await;
    }
}

/// Two keys that SQLite tells apart, and that mean one value: nobody could say to which of them others refer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_in_two_spellings() {
    let tables = "CREATE TABLE t (id UUID PRIMARY KEY NOT NULL, user_id text, slug text)";
    let mut side = Side::with(Backend::Sqlite, tables).await;
    side.sql(
        "INSERT INTO t VALUES ('abcdef00-0000-0000-0000-000000000001', 'ann', 'a'),
            ('ABCDEF00-0000-0000-0000-000000000001', 'bob', 'a'), ('ABCDEF00-0000-0000-0000-000000000002', 'ann', 'b')",
    )
    .await;
    options_of(&side, BackupOptions::new()).await.unwrap();
    side.sql("UPDATE t SET user_id = 'ann', slug = 'c' WHERE user_id = 'bob'")
        .await;
    let refused = options_of(&side, BackupOptions::new()).await.unwrap_err();
    let Error::BackupRefused { problems, .. } = &refused else {
        panic!("{refused}");
    };
    let told = problems[0].to_string();
    assert!(
        told.contains("table `t`: 1 row has the value of another row in `id`"),
        "{told}"
    );
}

/// UNIQUE is about texts, and the natural key about times.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn natural_keys_in_two_spellings() {
    let tables = "CREATE TABLE t (id INTEGER PRIMARY KEY, user_id text, slug DATETIME, UNIQUE (user_id, slug))";
    let mut side = Side::with(Backend::Sqlite, tables).await;
    side.sql("INSERT INTO t (user_id, slug) VALUES ('ann', '2021-12-08'), ('bob', '2021-12-08 00:00:00'), ('ann', '2021-12-09')")
        .await;
    options_of(&side, BackupOptions::new()).await.unwrap();
    side.sql("UPDATE t SET user_id = 'ann' WHERE user_id = 'bob'")
        .await;
    let refused = options_of(&side, BackupOptions::new()).await.unwrap_err();
    let Error::BackupRefused { problems, .. } = &refused else {
        panic!("{refused}");
    };
    let told = problems[0].to_string();
    assert!(
        told.contains("table `t`: 1 row has the value of another row in `user_id`, `slug`"),
        "{told}"
    );
}

/// As CSV files leave them: a restore finds no row by them, and they become NULL like others to nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn optional_references_to_nothing() {
    let ddl = |null: &str| {
        format!(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, user_id text NOT NULL, slug text NOT NULL, up INTEGER{null})"
        )
    };
    let schema = schema([TableDef::new("t").optional_ref("t", "up")]);
    let backed_up = async |side: &Side, path: &std::path::Path| {
        let options = BackupOptions::new().output(path);
        backup_database(side.db.as_ref(), &schema, "ann", options).await
    };
    let rows =
        "INSERT INTO t VALUES (1, 'ann', 'a', ''), (2, 'ann', 'b', 1), (3, 'ann', 'c', 'none')";
    let sql = "SELECT slug, up, typeof(up) FROM t ORDER BY slug";
    let mut side = Side::with(Backend::Sqlite, &ddl("")).await;
    side.sql(rows).await;
    let kept = Kept::empty();
    backed_up(&side, &kept.path).await.unwrap();
    assert!(validate_backup(&kept.path, &schema).unwrap().valid);
    let before = side.table(sql).await;
    let summary = restore(&side, &schema, &kept, "ann", RestoreOptions::default()).await;
    assert_eq!(counts(&summary), "t 0/0/3/0", "{summary:#?}");
    assert_eq!(side.table(sql).await, before);
    let mut empty = Side::with(Backend::Sqlite, &ddl("")).await;
    let summary = restore(&empty, &schema, &kept, "ann", RestoreOptions::default()).await;
    assert_eq!(counts(&summary), "t 3/0/0/0", "{summary:#?}");
    assert_eq!(
        empty.table(sql).await,
        "a,NULL,null|b,1,integer|c,NULL,null"
    );
    // where it cannot be NULL, no restore could take it
    let mut never_null = Side::with(Backend::Sqlite, &ddl(" NOT NULL")).await;
    never_null.sql(rows).await;
    let refused = backed_up(&never_null, &Kept::empty().path).await;
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.contains("2 rows have a value in `up` that bigint does not hold"),
        "{refused}"
    );
}

/// Columns without a type keep numbers and texts apart, and so do the file's check and a restore.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_without_a_type() {
    let ddl = "CREATE TABLE t (id NOT NULL PRIMARY KEY, user_id text NOT NULL, slug NOT NULL);
        CREATE TABLE c (id INTEGER PRIMARY KEY, user_id text NOT NULL, slug text, t_id NOT NULL, j JSON NOT NULL)";
    let schema = schema([
        TableDef::new("t").match_by_pk(),
        TableDef::new("c").parent("t", "t_id").key(["user_id", "j"]),
    ]);
    let mut side = Side::with(Backend::Sqlite, ddl).await;
    side.sql(
        "INSERT INTO t VALUES (1, 'ann', 1), ('1', 'ann', '1'), ('x', 'ann', 2);
         INSERT INTO c VALUES (1, 'ann', 'a', 1, '1'), (2, 'ann', 'b', '1', '\"1\"'), (3, 'ann', 'c', 'x', '[1]')",
    )
    .await;
    let kept = Kept::empty();
    let options = BackupOptions::new().output(&kept.path);
    backup_database(side.db.as_ref(), &schema, "ann", options)
        .await
        .unwrap();
    let report = validate_backup(&kept.path, &schema).unwrap();
    assert!(report.valid && report.warnings.is_empty(), "{report:#?}");
    let sql = "SELECT c.slug, t_id, typeof(t_id), t.slug, typeof(t.slug), j FROM c JOIN t ON t.id = t_id ORDER BY 1";
    let before = side.table(sql).await;
    assert_eq!(
        before,
        "a,1,integer,1,integer,1|b,1,text,1,text,\"1\"|c,x,text,2,integer,[1]"
    );
    let mut empty = Side::with(Backend::Sqlite, ddl).await;
    for there in [&mut side, &mut empty] {
        for mode in [RestoreMode::Skip, RestoreMode::Overwrite] {
            let options = RestoreOptions::default().mode(mode);
            let summary = restore(there, &schema, &kept, "ann", options).await;
            assert!(summary.committed, "{summary:#?}");
            assert_eq!(there.table(sql).await, before);
        }
    }
}

/// SQLite keeps a uuid as it was written, and `--user-id` may be written so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_in_the_spelling_of_the_rows() {
    let ddl = "CREATE TABLE tenants (id UUID PRIMARY KEY NOT NULL);
        CREATE TABLE t (id INTEGER PRIMARY KEY, user_id UUID NOT NULL, slug text NOT NULL)";
    for user in [
        "{abcdef00-0000-0000-0000-000000000001}",
        "Abcdef00-0000-0000-0000-000000000001",
    ] {
        for def in [
            TableDef::new("t"),
            TableDef::new("t").owner("tenants", "user_id"),
        ] {
            let schema = schema([def]);
            let mut side = Side::with(Backend::Sqlite, ddl).await;
            side.sql(&format!(
                "INSERT INTO tenants VALUES ('{user}'); INSERT INTO t (user_id, slug) VALUES ('{user}', 'a')"
            ))
            .await;
            let kept = Kept::empty();
            let options = BackupOptions::new().output(&kept.path);
            let file = backup_database(side.db.as_ref(), &schema, user, options)
                .await
                .unwrap();
            assert_eq!(file.counts, [("t".to_owned(), 1)], "{user}");
            let summary = restore(&side, &schema, &kept, user, RestoreOptions::default()).await;
            assert_eq!(counts(&summary), "t 0/0/1/0", "{user} {summary:#?}");
        }
    }
}
