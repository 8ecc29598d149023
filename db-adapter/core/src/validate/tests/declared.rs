//! Declared tables, and what a backup of them needs.

use super::super::*;
use super::{NONE, compatible, postgres, sqlite, told};
use crate::backup::{MatchBy, TableDef};
use crate::expected::ExpectedColumn;
use crate::schema::NotInspected;

fn books() -> TableDef {
    let mut books = TableDef::new("books").parent("authors", "author_id");
    books.renamed_from = Some("titles".into());
    let known =
        |name, data_type| ExpectedColumn::from_static(name, Some(data_type), Some(false), None);
    books.columns = vec![known("id", "bigint"), known("slug", "text")].into();
    books
}

const AUTHORS: &str = "CREATE TABLE authors (id bigint PRIMARY KEY, user_id text NOT NULL, slug text NOT NULL, UNIQUE (user_id, slug));";

fn declared(sql: &str) -> SchemaValidationResult {
    let backup = BackupSchema::new([books(), TableDef::new("authors")]).unwrap();
    Validation::new(&backup).run(&postgres(&format!("{AUTHORS} {sql}")))
}

#[test]
fn declared_tables_are_proven_by_the_database() {
    let columns = "id bigint PRIMARY KEY, user_id text NOT NULL, author_id bigint NOT NULL REFERENCES authors, slug text NOT NULL";
    let result = declared(&format!(
        "CREATE TABLE books ({columns}, UNIQUE (user_id, author_id, slug))"
    ));
    assert_eq!(told(&result), NONE);
    // a smaller unique key proves it too, a partial index and one that may hold NULL do not
    let table = |more: &str| declared(&format!("CREATE TABLE books ({columns}{more}"));
    assert_eq!(told(&table(", UNIQUE (slug))")), NONE);
    let partial = table("); CREATE UNIQUE INDEX ON books (slug) WHERE user_id <> ''");
    assert_eq!(
        told(&partial),
        ["warning not_proven natural_key books.user_id, author_id, slug"]
    );
    let nulls = columns.replace("author_id bigint NOT NULL", "author_id bigint");
    let nulls = |more: &str| {
        declared(&format!(
            "CREATE TABLE books ({nulls}, UNIQUE {more} (user_id, author_id, slug))"
        ))
    };
    assert_eq!(told(&nulls("NULLS NOT DISTINCT")), NONE);
    let result = nulls("");
    assert_eq!(
        result.differences[0].message,
        "the natural key (`user_id`, `author_id`, `slug`) of `books` may name two rows: its unique index takes rows with NULL in `author_id` for different"
    );
}

#[test]
fn declared_references_are_compared_with_the_real_ones() {
    let result = declared(
        "CREATE TABLE x (id int PRIMARY KEY);
         CREATE TABLE books (id bigint PRIMARY KEY, user_id text NOT NULL, slug text NOT NULL UNIQUE, author_id bigint NOT NULL,
            x_id int REFERENCES x)",
    );
    assert_eq!(
        told(&result),
        [
            "warning extra column books.x_id",
            "warning missing foreign_key books.author_id",
            "error undeclared foreign_key books.x_id",
            "warning extra table x"
        ]
    );
    assert!(
        result.differences[2]
            .message
            .contains("a restore would be refused")
    );
}

/// The JSON of a backup need not list columns: those that it does not name are not differences.
#[test]
fn a_backup_without_columns_says_nothing_of_those_that_are_there() {
    let sql =
        "CREATE TABLE notes (id bigint PRIMARY KEY, user_id text NOT NULL, slug text NOT NULL,
            body text NOT NULL, UNIQUE (user_id, slug));
         CREATE TABLE other (id int)";
    let backup = BackupSchema::new([TableDef::new("notes")]).unwrap();
    let result = Validation::new(&backup).run(&postgres(sql));
    assert_eq!(told(&result), ["warning extra table other"]);
    let told_so =
        |entry: &NotChecked| entry.kind == "column" && entry.name.as_deref() == Some("notes");
    assert!(result.not_checked.iter().any(told_so));
    // one that it does name is missed
    let without = sql
        .replace("slug text NOT NULL,", "")
        .replace(", UNIQUE (user_id, slug)", "");
    let result = Validation::new(&backup).run(&postgres(&without));
    assert!(told(&result).contains(&"error missing column notes.slug".to_owned()));
    // beside a schema that lists them nothing changes
    let full = postgres(
        "CREATE TABLE notes (id bigint PRIMARY KEY, user_id text NOT NULL, slug text NOT NULL,
            UNIQUE (user_id, slug))",
    );
    let result = Validation::new(&full).declared(&backup).run(&postgres(sql));
    assert!(told(&result).contains(&"error extra column notes.body".to_owned()));
}

/// A key that is written is instead of the slug, and `pk` may be any key that the database keeps unique.
#[test]
fn what_a_backup_takes_is_no_difference() {
    let sql = "CREATE TABLE t (id bigint PRIMARY KEY, user_id text NOT NULL, code text NOT NULL UNIQUE, other text UNIQUE)";
    let result = |def: TableDef| {
        let backup = BackupSchema::new([def]).unwrap();
        told(&Validation::new(&backup).run(&postgres(sql)))
    };
    let t = || TableDef::new("t");
    assert_eq!(result(t().key(["user_id", "code"])), NONE);
    assert_eq!(result(t().match_by_pk()), NONE);
    assert_eq!(result(t().pk("code").match_by_pk()), NONE);
    // a slug that is used is asked for, and what may be NULL is not a key
    let missing = "error missing column t.slug".to_owned();
    assert!(result(t()).contains(&missing));
    let unproven = result(t().pk("other").match_by_pk());
    assert!(
        unproven.iter().any(|found| found.starts_with("error")),
        "{unproven:?}"
    );
}

#[test]
fn the_owner_is_a_declared_reference() {
    let sql = "CREATE TABLE users (id text PRIMARY KEY);
         CREATE TABLE projects (id bigint PRIMARY KEY, user_id text NOT NULL REFERENCES users, slug text NOT NULL,
            UNIQUE (user_id, slug))";
    let result = |def: TableDef| {
        let backup = BackupSchema::new([def]).unwrap();
        Validation::new(&backup).run(&postgres(sql))
    };
    let projects = || TableDef::new("projects");
    let owned = result(projects().owner("users", "user_id"));
    assert_eq!(told(&owned), NONE);
    let undeclared = result(projects());
    assert_eq!(
        told(&undeclared),
        [
            "warning undeclared foreign_key projects.user_id",
            "warning extra table users"
        ]
    );
    let hint = undeclared.differences[0].hint.as_deref();
    assert_eq!(hint, Some("declare `users` as its `owner`, by `user_id`"));
    // without a user column it may have been forgotten
    let shared = result(projects().no_user());
    let hint = shared
        .differences
        .iter()
        .find_map(|d| d.hint.as_deref().filter(|h| h.contains("owner")));
    assert_eq!(
        hint,
        Some(
            "declare it as the `owner` if it says whose row it is, else as `parent`, `optional_ref` or `external` with the field `user_id`"
        )
    );
    let other = result(projects().owner("tenants", "user_id"));
    assert!(
        other
            .differences
            .iter()
            .any(|d| d.message.contains("refers to `users`")),
        "{other:#?}"
    );
}

#[test]
fn an_owner_that_is_not_there_is_an_error_where_it_was_looked_for() {
    let sql = "CREATE TABLE projects (id bigint PRIMARY KEY, user_id text NOT NULL, slug text NOT NULL, UNIQUE (user_id, slug))";
    let backup =
        BackupSchema::new([TableDef::new("projects").owner("auth.users", "user_id")]).unwrap();
    let mut actual = postgres(sql);
    let found = "error reference foreign_key projects.user_id".to_owned();
    let all = told(&Validation::new(&backup).run(&actual));
    assert!(all.contains(&found), "{all:?}");
    actual.not_inspected.push(NotInspected {
        kind: "schema".to_owned(),
        name: Some("auth".to_owned()),
        reason: "left out".to_owned(),
    });
    let all = told(&Validation::new(&backup).run(&actual));
    assert!(!all.contains(&found), "{all:?}");
}

#[test]
fn what_a_backup_would_refuse_is_an_error() {
    let columns = "id bigint NOT NULL, user_id text NOT NULL, slug text NOT NULL UNIQUE, author_id bigint NOT NULL";
    // nothing keeps the declared key unique at once
    let result = declared(&format!(
        "CREATE TABLE books ({columns} REFERENCES authors, PRIMARY KEY (id) DEFERRABLE)"
    ));
    assert_eq!(told(&result), ["error not_proven primary_key books.id"]);
    let message = &result.differences[0].message;
    assert!(
        message.contains("a backup or a restore would be refused"),
        "{message}"
    );
    // that it is missing is told once
    let none = format!("CREATE TABLE books ({columns} REFERENCES authors)");
    assert_eq!(
        told(&declared(&none)),
        ["error missing primary_key books.id"]
    );
    // the foreign key refers to other columns
    let other = columns.replace("id bigint NOT NULL,", "id bigint PRIMARY KEY,");
    let authors = AUTHORS.replace("slug text", "no bigint NOT NULL UNIQUE, slug text");
    let backup = BackupSchema::new([books(), TableDef::new("authors")]).unwrap();
    let actual = postgres(&format!(
        "{authors} CREATE TABLE books ({other} REFERENCES authors (no))"
    ));
    let all = told(&Validation::new(&backup).run(&actual));
    let reference = "error reference foreign_key books.author_id".to_owned();
    assert!(all.contains(&reference), "{all:?}");
    // only a partition has the foreign key
    let parted = "CREATE TABLE x (id int PRIMARY KEY); \
        CREATE TABLE books (id bigint NOT NULL, user_id text NOT NULL, slug text NOT NULL, author_id bigint NOT NULL \
          REFERENCES authors, x_id int, PRIMARY KEY (id), UNIQUE (id, slug)) PARTITION BY HASH (id); \
        CREATE TABLE books_1 PARTITION OF books (FOREIGN KEY (x_id) REFERENCES x) FOR VALUES WITH (MODULUS 1, REMAINDER 0)";
    let all = told(&declared(parted));
    let undeclared = "error undeclared foreign_key books.x_id".to_owned();
    assert!(all.contains(&undeclared), "{all:?}");
    // by names alone nothing is said of keys
    let by_names = Validation::new(&backup).level(ValidationLevel::Columns);
    assert!(by_names.run(&actual).valid);
}

#[test]
fn a_declared_rename_is_told_as_one() {
    let result = declared("CREATE TABLE titles (id bigint PRIMARY KEY)");
    assert_eq!(told(&result), ["error renamed table books"]);
    assert_eq!(result.missing_tables, ["books"]);
    assert_eq!(
        result.differences[0].hint.as_deref(),
        Some("rename it: `ALTER TABLE titles RENAME TO books`")
    );
}

#[test]
fn a_table_matched_by_its_key_needs_no_other_proof() {
    let mut codes = TableDef::new("codes");
    codes.match_by = MatchBy::Pk;
    codes.slug_field = None;
    codes.user_field = None;
    let backup = BackupSchema::new([codes]).unwrap();
    let result = Validation::new(&backup).run(&postgres("CREATE TABLE codes (id int PRIMARY KEY)"));
    assert_eq!(told(&result), NONE);
}

#[test]
fn a_child_that_was_forgotten_is_told_as_one() {
    let orders = TableDef::new("orders").slug("number").no_user();
    let declared = BackupSchema::new([orders]).unwrap();
    let actual = postgres(
        "CREATE TABLE orders (id int PRIMARY KEY, number text NOT NULL UNIQUE);
         CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders);
         CREATE TABLE notes (id int PRIMARY KEY)",
    );
    let result = Validation::new(&declared).run(&actual);
    let said: Vec<&str> = result.differences.iter().map(|d| &*d.message).collect();
    let lines = said.iter().find(|m| m.contains("`lines`")).unwrap();
    assert!(
        lines.contains("refers to `orders`, which is backed up"),
        "{lines}"
    );
    assert!(said.contains(&"table `notes` is not expected"), "{said:?}");
}

#[test]
fn rows_that_go_with_their_parent_are_told() {
    let table = |action: &str| {
        format!(
            "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (a_id int REFERENCES a {action})"
        )
    };
    let there = [
        "",
        "ON DELETE RESTRICT",
        "ON DELETE CASCADE",
        "ON UPDATE SET NULL",
    ]
    .map(table);
    assert_eq!(compatible(&there[0], &there[1]), NONE);
    for other in &there[2..] {
        assert_eq!(
            compatible(&there[0], other),
            ["warning action foreign_key b.a_id"]
        );
        assert_eq!(
            compatible(other, &there[0]),
            ["warning action foreign_key b.a_id"]
        );
    }
}

#[test]
fn a_key_that_nobody_numbers_is_no_success() {
    let expected = sqlite("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)");
    let actual = sqlite("CREATE TABLE t (id INT PRIMARY KEY, x TEXT)");
    let result = Validation::new(&expected).run(&actual);
    assert!(!result.valid, "{:?}", told(&result));
}

#[cfg(feature = "serde")]
#[test]
fn the_json_has_the_originals_fields_and_reads_back() {
    let result = declared("CREATE TABLE titles (id int)");
    let json = serde_json::to_string(&result).unwrap();
    for part in [
        r#"{"version":1,"level":"compatible","valid":false,"missing_tables":["books"],"missing_columns":[],"extra_tables":[]"#,
        r#"{"kind":"renamed","severity":"error","object":{"kind":"table","table":"books","name":"books"},"expected":"books","actual":"titles","#,
    ] {
        assert!(json.contains(part), "{json}");
    }
    assert_eq!(
        serde_json::from_str::<SchemaValidationResult>(&json).unwrap(),
        result
    );
    let old = r#"{"valid":true,"missing_tables":[]}"#;
    assert!(
        serde_json::from_str::<SchemaValidationResult>(old)
            .unwrap()
            .valid
    );
}

#[test]
fn an_index_says_nothing_of_tables_that_inherit() {
    let columns = "id bigint PRIMARY KEY, user_id text NOT NULL, author_id bigint NOT NULL REFERENCES authors, slug text NOT NULL UNIQUE";
    let result = declared(&format!(
        "CREATE TABLE books ({columns}); CREATE TABLE old_books () INHERITS (books)"
    ));
    let told = told(&result);
    let expected = "warning not_proven natural_key books.user_id, author_id, slug".to_owned();
    assert!(told.contains(&expected), "{told:?}");
}
