//! Whose rows: those of one user alone are taken, and those of nobody else are touched.

use db_adapter::backup::{BackupOptions, OnError, RestoreMode, RestoreOptions, backup_database};
use db_adapter::{ErrorKind, TableDef, row};

use crate::library::{full, library, rows};
use crate::side::{Backend, Side};
use crate::steps::{Kept, back_up, counts, restore, schema, try_back_up};

cases! {
    a_child_of_another_users_parent_is_an_error_and_leaves_no_file,
    a_key_that_names_no_user_finds_no_other_users_row,
    every_restored_row_gets_the_user_whatever_the_file_says,
    users_are_matched_by_themselves,
    users_of_every_kind,
    a_key_with_the_user_in_it_goes_to_the_new_user,
    children_of_rows_left_out_by_a_filter_are_left_out_and_counted,
    other_users_rows_stay_to_the_byte,
}

fn options() -> RestoreOptions {
    RestoreOptions::default()
}

async fn a_child_of_another_users_parent_is_an_error_and_leaves_no_file(backend: Backend) {
    let mut side = full(backend).await;
    let kept = Kept::written("the old one");
    side.sql("UPDATE books SET author_id = 2 WHERE id = 1")
        .await;
    let error = try_back_up(&side, &library(), "ann", &kept.path)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignParents, "{error}");
    assert!(error.to_string().contains("`books`"), "{error}");
    assert!(!error.to_string().contains("lathe"), "no value: {error}");
    assert_eq!(kept.text(), "the old one");
    assert_eq!(kept.names(), ["backup.json"], "no trash");
}

async fn a_key_that_names_no_user_finds_no_other_users_row(backend: Backend) {
    let tables = "CREATE TABLE notes (id {id}, user_id text, isbn text, text text)";
    let schema = schema([TableDef::new("notes").no_slug().key("isbn")]);
    let mut from = Side::with(backend, tables).await;
    from.sql("INSERT INTO notes VALUES (1, 'ann', 'i', 'ann')")
        .await;
    let kept = back_up(&from, &schema, "ann").await;
    for (unique, outcome, is) in [
        ("", "notes 1/0/0/0", "ann,ann|bob,bob"),
        (
            "CREATE UNIQUE INDEX one ON notes (isbn);",
            "notes 0/0/0/1",
            "bob,bob",
        ),
    ] {
        let mut side = Side::with(backend, tables).await;
        side.sql(&format!(
            "{unique} INSERT INTO notes VALUES (1, 'bob', 'i', 'bob')"
        ))
        .await;
        let overwrite = options()
            .mode(RestoreMode::Overwrite)
            .on_error(OnError::Skip);
        let summary = restore(&side, &schema, &kept, "ann", overwrite).await;
        assert_eq!(counts(&summary), outcome);
        assert_eq!(
            side.table("SELECT user_id, text FROM notes ORDER BY 1")
                .await,
            is
        );
    }
}

async fn every_restored_row_gets_the_user_whatever_the_file_says(backend: Backend) {
    let tables = "CREATE TABLE notes (id {id}, user_id text, slug text)";
    let schema = schema([TableDef::new("notes")]);
    let kept = Kept::written(
        r#"{"metadata": {"version": "1.1", "user_id": "x", "notes_count": 3}, "notes": [{"id": 1, "user_id": "bob", "slug": "a"},
            {"id": 2, "user_id": null, "slug": "b"}, {"id": 3, "slug": "c"}]}"#,
    );
    let mut side = Side::with(backend, tables).await;
    side.sql("INSERT INTO notes VALUES (9, 'bob', 'a')").await;
    let summary = restore(&side, &schema, &kept, "eve", options()).await;
    assert_eq!(counts(&summary), "notes 3/0/0/0");
    let sql = "SELECT user_id, slug FROM notes ORDER BY 1, 2";
    assert_eq!(side.table(sql).await, "bob,a|eve,a|eve,b|eve,c");
}

async fn users_are_matched_by_themselves(backend: Backend) {
    let tables = "CREATE TABLE users (id text PRIMARY KEY, email text);
        CREATE TABLE notes (id {id}, user_id text NOT NULL REFERENCES users (id), slug text)";
    let schema = schema([
        TableDef::new("users").user("id").no_slug().match_by_pk(),
        TableDef::new("notes").parent("users", "user_id"),
    ]);
    let mut from = Side::with(backend, tables).await;
    from.sql("INSERT INTO users VALUES ('ann', 'a@x'), ('bob', 'b@x'); INSERT INTO notes VALUES (1, 'ann', 'n'), (2, 'bob', 'n')")
        .await;
    let kept = back_up(&from, &schema, "ann").await;
    let mut side = Side::with(backend, tables).await;
    side.sql("INSERT INTO users VALUES ('bob', 'here')").await;
    for (user, outcome) in [
        ("eve", "users 1/0/0/0, notes 1/0/0/0"),
        ("bob", "users 0/0/1/0, notes 1/0/0/0"),
        ("ann", "users 1/0/0/0, notes 1/0/0/0"),
        ("eve", "users 0/0/1/0, notes 0/0/1/0"),
    ] {
        let summary = restore(&side, &schema, &kept, user, options()).await;
        assert_eq!(counts(&summary), outcome, "{user}");
    }
    let sql =
        "SELECT u.id, u.email, n.slug FROM users u JOIN notes n ON n.user_id = u.id ORDER BY 1";
    assert_eq!(side.table(sql).await, "ann,a@x,n|bob,here,n|eve,a@x,n");
}

async fn users_of_every_kind(backend: Backend) {
    let uuids = [
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A12",
    ];
    for (sql_type, from, to) in [
        ("bigint", "0", "9007199254740993"),
        ("int", "7", "-7"),
        ("uuid", uuids[0], uuids[1]),
        ("text", "O'Hara \"x\"", "?"),
        ("varchar(20)", "7", "007"),
    ] {
        let tables = format!("CREATE TABLE notes (id {{id}}, user_id {sql_type}, slug text)");
        let schema = schema([TableDef::new("notes")]);
        let mut side = Side::with(backend, &tables).await;
        let quoted = from.replace('\'', "''");
        side.sql(&format!(
            "INSERT INTO notes (id, user_id, slug) VALUES (0, '{quoted}', 'a'), (2, NULL, 'b')"
        ))
        .await;
        let kept = back_up(&side, &schema, from).await;
        assert_eq!(kept.counts, [("notes".to_owned(), 1)], "{sql_type}");
        let summary = restore(&side, &schema, &kept, to, options()).await;
        assert_eq!(counts(&summary), "notes 1/0/0/0", "{sql_type}");
        let to = to.to_lowercase();
        let sql = format!("SELECT count(*) FROM notes WHERE user_id = '{to}' AND slug = 'a'");
        assert_eq!(side.table(&sql).await, "1", "{sql_type}");
        // an integer given as one
        if let (Ok(number), true) = (from.parse::<i64>(), sql_type.contains("int")) {
            let kept = back_up(&side, &schema, number).await;
            assert_eq!(kept.counts, [("notes".to_owned(), 1)], "{sql_type}");
        }
    }
}

async fn a_key_with_the_user_in_it_goes_to_the_new_user(backend: Backend) {
    let tables = "CREATE TABLE orders (tenant text NOT NULL, no bigint NOT NULL, slug text, PRIMARY KEY (tenant, no));
        CREATE TABLE lines (tenant text NOT NULL, no bigint NOT NULL, order_no bigint NOT NULL, slug text, PRIMARY KEY (tenant, no),
            FOREIGN KEY (tenant, order_no) REFERENCES orders (tenant, no))";
    let schema = schema([
        TableDef::new("orders").user("tenant").pk(["tenant", "no"]),
        TableDef::new("lines")
            .user("tenant")
            .pk(["tenant", "no"])
            .parent("orders", ["tenant", "order_no"]),
    ]);
    let mut side = Side::with(backend, tables).await;
    side.sql(
        "INSERT INTO orders VALUES ('ann', 1, 'x'), ('bob', 1, 'x'), ('ann', 2, 'y');
         INSERT INTO lines VALUES ('ann', 1, 2, 'l'), ('bob', 1, 1, 'l'), ('ann', 2, 1, 'l')",
    )
    .await;
    let kept = back_up(&side, &schema, "ann").await;
    let summary = restore(&side, &schema, &kept, "eve", options()).await;
    assert_eq!(counts(&summary), "orders 2/0/0/0, lines 2/0/0/0");
    let sql = "SELECT tenant, no, order_no FROM lines ORDER BY 1, 2";
    assert_eq!(
        side.table(sql).await,
        "ann,1,2|ann,2,1|bob,1,1|eve,1,2|eve,2,1"
    );
    let summary = restore(&side, &schema, &kept, "eve", options()).await;
    assert_eq!(counts(&summary), "orders 0/0/2/0, lines 0/0/2/0");
}

async fn children_of_rows_left_out_by_a_filter_are_left_out_and_counted(backend: Backend) {
    let side = full(backend).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.json");
    let options = BackupOptions::new()
        .output(&path)
        .table_filter("authors", row! { "slug": "lem" });
    let file = backup_database(side.db.as_ref(), &library(), "ann", options)
        .await
        .unwrap();
    let counts: Vec<u64> = file.counts.iter().map(|(_, count)| *count).collect();
    assert_eq!(counts, [1, 2, 2]);
    assert_eq!(
        file.left_out,
        [("books".to_owned(), 1), ("chapters".to_owned(), 2)]
    );
}

async fn other_users_rows_stay_to_the_byte(backend: Backend) {
    let kept = back_up(&full(backend).await, &library(), "ann").await;
    for mode in [RestoreMode::Skip, RestoreMode::Overwrite, RestoreMode::Fail] {
        for user in ["ann", "eve"] {
            let mut side = full(backend).await;
            let bob = rows(&mut side, "bob").await;
            let options = options().mode(mode).on_error(OnError::Skip);
            restore(&side, &library(), &kept, user, options).await;
            assert_eq!(rows(&mut side, "bob").await, bob);
        }
    }
}
