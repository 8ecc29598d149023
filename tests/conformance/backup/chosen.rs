//! Which rows a backup takes: whose they are, and through which parents they are reached.

use db_adapter::backup::{BackupOptions, BackupProblemKind, backup_database, validate_backup};
use db_adapter::prelude::*;
use db_adapter::{BackupSchema, Error, ErrorKind, TableDef};

use super::{backup, fill, library, try_backup};
use crate::case::{Case, error, kind};

cases! {
    outside: [
        the_rows_of_one_user, integer_and_uuid_users, rows_reached_through_parents,
        shared_tables_are_whole, self_references_and_cycles, null_parents_stay,
        parents_of_another_user_are_an_error, several_parents,
        filters_leave_out_children_and_count_them, chosen_tables_warn_of_what_is_missing, whole_tables,
        keys_of_several_columns, references_to_other_keys, row_security_is_refused,
        no_row_is_in_a_backup_twice,
    ]
}

async fn the_rows_of_one_user(t: &Case) {
    fill(t).await;
    let ann = backup(t, &library(), "ann").await;
    assert_eq!(ann.ids("authors"), ["1", "2"]);
    assert_eq!(ann.ids("books"), ["1", "2"]);
    let counts = [("authors", 2), ("books", 2), ("chapters", 3)];
    assert_eq!(
        ann.file.counts,
        counts.map(|(table, rows)| (table.to_owned(), rows))
    );
    let bob = backup(t, &library(), "bob").await;
    assert_eq!(
        (bob.ids("authors"), bob.ids("chapters")),
        (vec!["3".into()], vec!["4".into()])
    );
    let nobody = backup(t, &library(), "eve").await;
    assert_eq!(
        nobody.file.counts.iter().map(|(_, rows)| rows).sum::<u64>(),
        0
    );
    assert!(
        nobody.file.warnings[0]
            .message
            .starts_with("no row of any table"),
        "{:?}",
        nobody.file.warnings
    );
    assert_eq!(ann.file.warnings, []);
    let escape = backup(t, &library(), "ann' OR '1'='1").await;
    assert_eq!(
        escape.file.counts.iter().map(|(_, rows)| rows).sum::<u64>(),
        0
    );
}

async fn integer_and_uuid_users(t: &Case) {
    let uuid = "6f1c2d3e-0000-4000-8000-00000000000a";
    t.ddl("CREATE TABLE numbered (id {int8} PRIMARY KEY, user_id {int8}, slug {text})")
        .await;
    t.ddl("CREATE TABLE named (id {int8} PRIMARY KEY, user_id {uuid}, slug {text})")
        .await;
    t.ddl("INSERT INTO numbered VALUES (1, 7, 'a'), (2, 70, 'b')")
        .await;
    t.ddl(&format!("INSERT INTO named VALUES (1, '{uuid}', 'a')"))
        .await;
    let numbered = BackupSchema::new([TableDef::new("numbered")]).unwrap();
    assert_eq!(backup(t, &numbered, 7).await.ids("numbered"), ["1"]);
    assert_eq!(backup(t, &numbered, "7").await.ids("numbered"), ["1"]);
    assert_eq!(backup(t, &numbered, 7).await.json["metadata"]["user_id"], 7);
    let named = BackupSchema::new([TableDef::new("named")]).unwrap();
    assert_eq!(backup(t, &named, uuid).await.ids("named"), ["1"]);
    assert_eq!(
        backup(t, &named, uuid.to_uppercase()).await.ids("named"),
        ["1"]
    );
    let wrong = try_backup(t, &numbered, "ann", BackupOptions::new()).await;
    assert_eq!(kind(wrong.map(|_| ())), ErrorKind::InvalidValue);
    let none = try_backup(t, &numbered, None::<i64>, BackupOptions::new()).await;
    assert_eq!(kind(none.map(|_| ())), ErrorKind::InvalidQuery);
}

async fn rows_reached_through_parents(t: &Case) {
    fill(t).await;
    t.ddl("CREATE TABLE notes (id {int8} PRIMARY KEY, slug {text}, chapter_id {int8})")
        .await;
    t.ddl("INSERT INTO notes VALUES (1, 'n', 3), (2, 'n', 4), (3, 'n', NULL)")
        .await;
    let mut tables = library().tables.into_owned();
    tables.push(
        TableDef::new("notes")
            .no_user()
            .parent("chapters", "chapter_id"),
    );
    let ann = backup(t, &BackupSchema::new(tables).unwrap(), "ann").await;
    assert_eq!(ann.ids("chapters"), ["1", "2", "3"]);
    assert_eq!(ann.ids("notes"), ["1"]);
}

async fn shared_tables_are_whole(t: &Case) {
    fill(t).await;
    t.ddl("CREATE TABLE tags (id {int8} PRIMARY KEY, slug {text})")
        .await;
    t.ddl("CREATE TABLE book_tags (book_id {int8}, tag_id {int8}, PRIMARY KEY (book_id, tag_id))")
        .await;
    t.ddl("INSERT INTO tags VALUES (1, 'x'), (2, 'y')").await;
    t.ddl("INSERT INTO book_tags VALUES (1, 1), (1, 2), (3, 1)")
        .await;
    let mut tables = library().tables.into_owned();
    tables.push(TableDef::new("tags").no_user());
    tables.push(
        TableDef::new("book_tags")
            .pk(["book_id", "tag_id"])
            .match_by_pk()
            .no_slug()
            .no_user()
            .parent("books", "book_id")
            .parent("tags", "tag_id"),
    );
    let schema = BackupSchema::new(tables).unwrap();
    let ann = backup(t, &schema, "ann").await;
    assert_eq!(ann.ids("tags"), ["1", "2"]);
    assert_eq!(ann.column("book_tags", "tag_id"), ["1", "2"]);
    let bob = backup(t, &schema, "bob").await;
    assert_eq!(bob.column("book_tags", "book_id"), ["3"]);
}

async fn self_references_and_cycles(t: &Case) {
    t.ddl("CREATE TABLE people (id {int8} PRIMARY KEY, user_id {text}, slug {text}, boss_id {int8}, home_id {int8})").await;
    t.ddl(
        "CREATE TABLE homes (id {int8} PRIMARY KEY, user_id {text}, slug {text}, owner_id {int8})",
    )
    .await;
    t.ddl("INSERT INTO people VALUES (1, 'u', 'a', 2, 1), (2, 'u', 'b', 1, 1), (3, 'u', 'c', NULL, NULL)").await;
    t.ddl("INSERT INTO homes VALUES (1, 'u', 'h', 1)").await;
    let schema = BackupSchema::new([
        TableDef::new("people")
            .optional_ref("people", "boss_id")
            .optional_ref("homes", "home_id"),
        TableDef::new("homes").optional_ref("people", "owner_id"),
    ])
    .unwrap();
    let backup = backup(t, &schema, "u").await;
    assert_eq!(backup.ids("people"), ["1", "2", "3"]);
    assert_eq!(backup.ids("homes"), ["1"]);
}

async fn null_parents_stay(t: &Case) {
    fill(t).await;
    t.ddl("INSERT INTO books VALUES (9, 'ann', 'z', NULL)")
        .await;
    assert_eq!(
        backup(t, &library(), "ann").await.ids("books"),
        ["1", "2", "9"]
    );
}

async fn parents_of_another_user_are_an_error(t: &Case) {
    fill(t).await;
    t.ddl("INSERT INTO books VALUES (10, 'ann', 'stolen', 3), (11, 'ann', 'dangling', 99)")
        .await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.json");
    let options = BackupOptions::new().output(&path);
    let refused = error(backup_database(&t.db, &library(), "ann", options).await);
    let Error::ForeignParents { tables, .. } = &refused else {
        panic!("{refused}");
    };
    assert_eq!(tables.len(), 1);
    let text = refused.to_string();
    for part in ["`books`", "2 rows", "`author_id`", "`authors`", "`slug`"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!text.contains("stolen") && !text.contains("99"), "{text}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    // bob has none such
    assert_eq!(backup(t, &library(), "bob").await.ids("books"), ["3"]);
    // a filter may leave them out
    let options = BackupOptions::new()
        .table_filter("books", row! { "slug": op::not_in(["stolen", "dangling"]) });
    let backup = try_backup(t, &library(), "ann", options).await.unwrap();
    assert_eq!(backup.ids("books"), ["1", "2"]);
}

async fn several_parents(t: &Case) {
    fill(t).await;
    t.ddl("CREATE TABLE links (id {int8} PRIMARY KEY, slug {text}, from_id {int8}, to_id {int8})")
        .await;
    t.ddl("INSERT INTO links VALUES (1, 'l', 1, 2), (2, 'm', 3, 3), (3, 'n', 1, NULL), (4, 'o', NULL, NULL)").await;
    let mut tables = library().tables.into_owned();
    tables.push(
        TableDef::new("links")
            .no_user()
            .parent("books", "from_id")
            .parent("books", "to_id"),
    );
    let schema = BackupSchema::new(tables).unwrap();
    assert_eq!(backup(t, &schema, "ann").await.ids("links"), ["1", "3"]);
    t.ddl("INSERT INTO links VALUES (5, 'p', 1, 3)").await;
    let refused = error(
        try_backup(t, &schema, "ann", BackupOptions::new())
            .await
            .map(|_| ()),
    );
    assert_eq!(refused.kind(), ErrorKind::ForeignParents);
    assert!(
        refused.to_string().contains("`links`: 1 row refers"),
        "{refused}"
    );
}

async fn filters_leave_out_children_and_count_them(t: &Case) {
    fill(t).await;
    let options = BackupOptions::new().table_filter("authors", row! { "slug": "a" });
    let backup = try_backup(t, &library(), "ann", options).await.unwrap();
    assert_eq!(backup.ids("authors"), ["1"]);
    assert_eq!(backup.ids("books"), ["1"]);
    assert_eq!(backup.ids("chapters"), ["1", "2"]);
    assert_eq!(
        backup.file.left_out,
        [("books".to_owned(), 1), ("chapters".to_owned(), 1)]
    );
    assert_eq!(
        backup.json["metadata"]["db_adapter"]["left_out"]["books"],
        1
    );
    // filters of dicts and operators, of more than one table
    let options = BackupOptions::new()
        .table_filter("books", row! { "slug": ["x", "y"] })
        .table_filter("chapters", row! { "slug": op::like("i%"), "id": op::lt(3) });
    let backup = try_backup(t, &library(), "ann", options).await.unwrap();
    assert_eq!(
        (backup.ids("books").len(), backup.ids("chapters")),
        (2, vec!["1".into(), "2".into()])
    );
    assert_eq!(backup.file.left_out, []);
}

async fn chosen_tables_warn_of_what_is_missing(t: &Case) {
    fill(t).await;
    let options = BackupOptions::new().tables(["books"]);
    let backup = try_backup(t, &library(), "ann", options).await.unwrap();
    assert_eq!(backup.file.counts, [("books".to_owned(), 2)]);
    assert!(backup.json.get("authors").is_none());
    assert_eq!(backup.file.warnings.len(), 1);
    assert!(
        backup.file.warnings[0]
            .message
            .contains("`books` refers to `authors`"),
        "{:?}",
        backup.file.warnings
    );
    let report = validate_backup(&backup.file.path, &library()).unwrap();
    assert!(
        report
            .warnings
            .iter()
            .any(|w| w.kind == BackupProblemKind::Partial)
    );
    let unknown = BackupOptions::new().tables(["bocks"]);
    let text = error(try_backup(t, &library(), "ann", unknown).await.map(|_| ())).to_string();
    assert!(text.contains("did you mean `books`"), "{text}");
    let unknown = BackupOptions::new().table_filter("bocks", row! {});
    assert_eq!(
        kind(try_backup(t, &library(), "ann", unknown).await.map(|_| ())),
        ErrorKind::UndefinedTable
    );
}

async fn whole_tables(t: &Case) {
    fill(t).await;
    t.ddl("INSERT INTO books VALUES (10, 'ann', 'stolen', 3)")
        .await;
    let backup = try_backup(t, &library(), Value::Null, BackupOptions::new().all_rows())
        .await
        .unwrap();
    assert_eq!(backup.ids("authors"), ["1", "2", "3"]);
    assert_eq!(backup.ids("books").len(), 4);
    assert_eq!(backup.ids("chapters").len(), 5);
    assert_eq!(backup.json["metadata"]["db_adapter"]["all_rows"], true);
}

async fn keys_of_several_columns(t: &Case) {
    t.ddl("CREATE TABLE shops (tenant {int8}, id {int8}, user_id {text}, slug {text}, PRIMARY KEY (tenant, id))").await;
    t.ddl("CREATE TABLE goods (id {int8} PRIMARY KEY, tenant {int8}, shop_id {int8}, slug {text})")
        .await;
    t.ddl("INSERT INTO shops VALUES (1, 1, 'u', 'a'), (1, 2, 'v', 'b'), (2, 1, 'v', 'c')")
        .await;
    t.ddl("INSERT INTO goods VALUES (1, 1, 1, 'g'), (2, 1, 2, 'g'), (3, 2, 1, 'g')")
        .await;
    let schema = BackupSchema::new([
        TableDef::new("shops").pk(["tenant", "id"]),
        TableDef::new("goods")
            .no_user()
            .parent("shops", ["tenant", "shop_id"]),
    ])
    .unwrap();
    assert_eq!(backup(t, &schema, "u").await.ids("goods"), ["1"]);
    assert_eq!(backup(t, &schema, "v").await.ids("goods"), ["2", "3"]);
}

async fn references_to_other_keys(t: &Case) {
    t.ddl("CREATE TABLE authors (id {int8} PRIMARY KEY, user_id {text}, slug {text})")
        .await;
    t.ddl("CREATE TABLE books (id {int8} PRIMARY KEY, slug {text}, author {text})")
        .await;
    t.ddl("INSERT INTO authors VALUES (1, 'u', 'ann'), (2, 'v', 'bob')")
        .await;
    t.ddl("INSERT INTO books VALUES (1, 'x', 'ann'), (2, 'y', 'bob')")
        .await;
    let schema = BackupSchema::new([
        TableDef::new("authors"),
        TableDef::new("books")
            .no_user()
            .parent_key(db_adapter::ForeignKey::new("authors", "author").to("slug")),
    ])
    .unwrap();
    assert_eq!(backup(t, &schema, "u").await.ids("books"), ["1"]);
}

/// PostgreSQL reads the rows of partitions and of inheriting tables with those above them.
async fn no_row_is_in_a_backup_twice(t: &Case) {
    if !t.is_postgres() {
        return;
    }
    t.ddl(
        "CREATE TABLE notes (id bigint PRIMARY KEY, slug text, user_id text);
         CREATE TABLE old_notes (PRIMARY KEY (id)) INHERITS (notes);
         INSERT INTO old_notes VALUES (1, 'a', 'ann');
         CREATE TABLE logs (id bigint PRIMARY KEY, slug text, user_id text) PARTITION BY RANGE (id);
         CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (10);
         INSERT INTO logs VALUES (1, 'a', 'ann')",
    )
    .await;
    let folder = tempfile::tempdir().unwrap();
    for (above, below) in [("notes", "old_notes"), ("logs", "logs_1")] {
        let both = BackupSchema::new([TableDef::new(below), TableDef::new(above)]).unwrap();
        let options = BackupOptions::new().output(folder.path().join("both.json"));
        let refused = error(backup_database(&t.db, &both, "ann", options).await);
        let text = refused.to_string();
        assert!(
            text.contains(&format!("`{above}`")) && text.contains(&format!("`{below}`")),
            "{text}"
        );
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        for one in [above, below] {
            let schema = BackupSchema::new([TableDef::new(one)]).unwrap();
            let options = BackupOptions::new().tables([one]);
            if one == "notes" {
                // the key of `notes` says nothing of rows that are in `old_notes`
                let refused = error(try_backup(t, &schema, "ann", options).await);
                assert_eq!(refused.kind(), ErrorKind::BackupRefused, "{refused}");
                continue;
            }
            assert_eq!(backup(t, &schema, "ann").await.ids(one), ["1"]);
            let chosen = try_backup(t, &both, "ann", options).await.unwrap();
            assert_eq!(chosen.ids(one), ["1"]);
        }
    }
}

async fn row_security_is_refused(t: &Case) {
    if !t.is_postgres() {
        return;
    }
    fill(t).await;
    t.ddl("ALTER TABLE books ENABLE ROW LEVEL SECURITY").await;
    // the owner sees all rows
    assert_eq!(backup(t, &library(), "ann").await.ids("books"), ["1", "2"]);
    t.ddl("ALTER TABLE books FORCE ROW LEVEL SECURITY").await;
    let role = format!("reader_{}", t.database.name());
    t.ddl(&format!("CREATE ROLE {role}")).await;
    t.ddl(&format!(
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
    ))
    .await;
    t.ddl("CREATE POLICY only_x ON books USING (slug = 'x')")
        .await;
    let separator = if t.database.url().contains('?') {
        '&'
    } else {
        '?'
    };
    let url = format!("{}{separator}options=-c%20role%3D{role}", t.database.url());
    let reader = db_adapter::connect(&url).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.json");
    let options = BackupOptions::new().output(&path);
    let refused = error(backup_database(&reader, &library(), "ann", options.clone()).await);
    assert_eq!(refused.kind(), ErrorKind::PartialBackup);
    assert!(refused.to_string().contains("`public.books`"), "{refused}");
    let file = backup_database(
        &reader,
        &library(),
        "ann",
        options.clone().allow_row_security(),
    )
    .await
    .unwrap();
    assert_eq!(file.counts[1], ("books".to_owned(), 1));
    assert!(
        file.warnings
            .iter()
            .any(|w| w.message.contains("`public.books`")),
        "{:?}",
        file.warnings
    );
    t.ddl("CREATE POLICY by_chance ON books USING (random() < 0.5)")
        .await;
    t.ddl(
        "INSERT INTO books (id, slug, user_id, author_id) SELECT 1000 + n, 'r' || n, 'ann', author_id
           FROM generate_series(1, 500) AS n, (SELECT id AS author_id FROM authors WHERE user_id = 'ann' LIMIT 1) AS one",
    )
    .await;
    let again = options.allow_row_security();
    let mut found = false;
    // by chance, another check may notice it first, or none
    for _ in 0..60 {
        let changing = match backup_database(&reader, &library(), "ann", again.clone()).await {
            Ok(_) => continue,
            Err(changing) => changing,
        };
        // or what hangs below the rows that come and go
        let told = changing.message();
        let names = ["`books`", "`chapters`"];
        assert!(names.iter().any(|name| told.contains(name)), "{changing}");
        match changing.kind() {
            ErrorKind::NoSnapshot => found = true,
            kind => assert_eq!(kind, ErrorKind::ForeignParents, "{changing}"),
        }
        if found {
            break;
        }
    }
    assert!(found, "it was never noticed");
    t.ddl("DROP POLICY by_chance ON books").await;
    let report = validate_backup(&path, &library()).unwrap();
    assert!(
        report
            .warnings
            .iter()
            .any(|w| w.kind == BackupProblemKind::Partial),
        "{report:?}"
    );
    reader.close().await.unwrap();
    for sql in [format!("DROP OWNED BY {role}"), format!("DROP ROLE {role}")] {
        t.ddl(&sql).await;
    }
}
