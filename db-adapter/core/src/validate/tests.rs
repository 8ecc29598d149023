use super::*;
use crate::backup::{MatchBy, TableDef};
use crate::ddl::{SqlDialect, parse};
use crate::expected::{ExpectedColumn, ExpectedTable};
use crate::schema::NotInspected;

fn postgres(sql: &str) -> DatabaseSchema {
    schema(sql, SqlDialect::Postgres)
}

fn sqlite(sql: &str) -> DatabaseSchema {
    schema(sql, SqlDialect::Sqlite)
}

fn schema(sql: &str, dialect: SqlDialect) -> DatabaseSchema {
    let ddl = parse(sql, dialect);
    assert!(ddl.errors.is_empty(), "{sql}\n{:?}", ddl.errors);
    let mut schema = ddl.schema;
    schema.dialect = dialect;
    schema
}

/// `error missing column users.email`
fn told(result: &SchemaValidationResult) -> Vec<String> {
    let told = |d: &Difference| {
        let object = &d.object;
        assert!(!d.message.is_empty() && d.hint.is_some(), "{d:?}");
        format!(
            "{} {} {} {}",
            d.severity,
            d.kind,
            object.kind,
            object.path()
        )
    };
    result.differences.iter().map(told).collect()
}

fn compatible(expected: &str, actual: &str) -> Vec<String> {
    told(&Validation::new(&postgres(expected)).run(&postgres(actual)))
}

fn exact(expected: &str, actual: &str) -> Vec<String> {
    let level = ValidationLevel::Exact;
    told(
        &Validation::new(&postgres(expected))
            .level(level)
            .run(&postgres(actual)),
    )
}

const NONE: [&str; 0] = [];

#[test]
fn a_schema_is_valid_against_itself() {
    let sql = "CREATE TYPE mood AS ENUM ('a', 'b');
        CREATE DOMAIN code AS varchar(5) NOT NULL DEFAULT 'x' CHECK (VALUE <> '');
        CREATE TABLE a (id bigserial PRIMARY KEY, m mood, c code, n numeric(10,2) DEFAULT 0 CHECK (n >= 0),
            g int GENERATED ALWAYS AS (1 + 1) STORED, UNIQUE (m, c));
        CREATE TABLE b (a_id bigint REFERENCES a ON DELETE CASCADE, x text COLLATE \"C\", EXCLUDE (x WITH =));
        CREATE INDEX ON b (lower(x)) WHERE x IS NOT NULL;
        CREATE TABLE p (at date) PARTITION BY RANGE (at);
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
        CREATE SEQUENCE s INCREMENT 5; CREATE VIEW v AS SELECT 1;";
    assert_eq!(exact(sql, sql), NONE);
    assert_eq!(compatible(sql, sql), NONE);
}

#[test]
fn names_alone_are_the_originals_comparison() {
    let expected =
        ExpectedSchema::columns([("users", vec!["id", "emial"]), ("orders", vec!["id"])]);
    let actual =
        postgres("CREATE TABLE users (id text, email text); CREATE TABLE order_s (x int);");
    let result = Validation::new(&expected)
        .level(ValidationLevel::Columns)
        .run(&actual);
    let names = validate_schema(&actual.column_names(), &expected);
    assert_eq!(result.format_report(), names.format_report());
    assert_eq!(result.missing_tables, names.missing_tables);
    assert_eq!(result.missing_columns, names.missing_columns);
    assert_eq!(result.extra_tables, names.extra_tables);
    assert_eq!(result.error_count(), 2);
    let hints: Vec<_> = result.errors().filter_map(|d| d.hint.as_deref()).collect();
    assert_eq!(hints, ["did you mean `order_s`?", "did you mean `email`?"]);
}

#[test]
fn extras_are_warnings_unless_inserts_would_fail() {
    let told = compatible(
        "CREATE TABLE t (id int)",
        "CREATE TABLE t (id int, a text, b text NOT NULL, c text NOT NULL DEFAULT ''); CREATE TABLE u (x int)",
    );
    assert_eq!(
        told,
        [
            "warning extra column t.a",
            "error extra column t.b",
            "warning extra column t.c",
            "warning extra table u"
        ]
    );
    assert_eq!(
        exact("CREATE TABLE t (id int)", "CREATE TABLE t (id int, a text)"),
        ["error extra column t.a"]
    );
}

#[test]
fn types_and_nullability_are_compared() {
    let told = compatible(
        "CREATE TABLE t (a int8, b varchar(10), c text NOT NULL, d text, e timestamptz, f int NOT NULL DEFAULT 1)",
        "CREATE TABLE t (a integer, b varchar(20), c text, d text NOT NULL, e timestamp, f int NOT NULL)",
    );
    assert_eq!(
        told,
        [
            "error type column t.a",
            "warning type column t.b",
            "error nullability column t.c",
            "error nullability column t.d",
            "error type column t.e",
            "error default column t.f",
        ]
    );
}

#[test]
fn values_that_cannot_be_written_are_told() {
    let told = compatible(
        "CREATE TABLE t (a int NOT NULL, b int)",
        "CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY, b int GENERATED ALWAYS AS (1) STORED)",
    );
    assert_eq!(
        told,
        ["error identity column t.a", "error generated column t.b"]
    );
}

#[test]
fn keys_are_compared_both_ways() {
    let told = compatible(
        "CREATE TABLE p (id int PRIMARY KEY);
         CREATE TABLE t (id int PRIMARY KEY, p_id int REFERENCES p, q_id int REFERENCES p, u int UNIQUE)",
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE q (id int PRIMARY KEY);
         CREATE TABLE t (id int NOT NULL, p_id int, q_id int REFERENCES q, u int, id2 int REFERENCES q)",
    );
    assert_eq!(
        told,
        [
            "warning extra table q",
            "warning extra column t.id2",
            "error missing primary_key t.id",
            "error missing unique t.u",
            "warning extra foreign_key t.id2",
            "error missing foreign_key t.p_id",
            "error reference foreign_key t.q_id",
        ]
    );
}

#[test]
fn enum_values_that_a_program_writes_must_be_there() {
    let t = "CREATE TABLE t (m mood);";
    let with = |values: &str| format!("CREATE TYPE mood AS ENUM ({values}); {t}");
    assert_eq!(
        compatible(&with("'a'"), &with("'a', 'b'")),
        ["warning values enum mood"]
    );
    assert_eq!(
        compatible(&with("'a', 'b'"), &with("'a'")),
        ["error values enum mood"]
    );
    assert_eq!(
        exact(&with("'a', 'b'"), &with("'b', 'a'")),
        ["error values enum mood"]
    );
}

#[test]
fn everything_that_both_know_is_compared_exactly() {
    for (expected, actual, difference) in [
        (
            "a int DEFAULT 1",
            "a int DEFAULT 2",
            "error default column t.a",
        ),
        ("a int", "a int DEFAULT 2", "error default column t.a"),
        (
            "a int GENERATED ALWAYS AS IDENTITY",
            "a int GENERATED BY DEFAULT AS IDENTITY",
            "error identity column t.a",
        ),
        (
            "a int, b int GENERATED ALWAYS AS (a + 1) STORED",
            "a int, b int GENERATED ALWAYS AS (a + 2) STORED",
            "error generated column t.b",
        ),
        (
            "a text COLLATE \"C\"",
            "a text",
            "error collation column t.a",
        ),
        ("a varchar", "a text", "error type column t.a"),
        ("a timestamp(3)", "a timestamp", "error type column t.a"),
        (
            "a int CHECK (a > 0)",
            "a int",
            "error missing check t.t_a_check",
        ),
        (
            "a int",
            "a int CHECK (a > 0)",
            "error extra check t.t_a_check",
        ),
        (
            "a int CHECK (a > 0)",
            "a int CHECK (a > 1)",
            "error definition check t.t_a_check",
        ),
        (
            "a int UNIQUE",
            "a int UNIQUE NULLS NOT DISTINCT",
            "error definition unique t.t_a_key",
        ),
        (
            "a int UNIQUE",
            "a int UNIQUE DEFERRABLE",
            "error deferrable unique t.t_a_key",
        ),
        (
            "a int, b int, UNIQUE (a, b)",
            "a int, b int, UNIQUE (b, a)",
            "error columns unique t.t_b_a_key",
        ),
        (
            "a int REFERENCES p ON DELETE CASCADE",
            "a int REFERENCES p",
            "error action foreign_key t.t_a_fkey",
        ),
        (
            "a int CONSTRAINT x CHECK (a > 0)",
            "a int CONSTRAINT y CHECK (a > 0)",
            "error name check t.y",
        ),
        ("a int, b int", "b int, a int", "warning order table t"),
    ] {
        let p = "CREATE TABLE p (id int PRIMARY KEY);";
        let table = |columns: &str| format!("{p} CREATE TABLE t ({columns})");
        assert_eq!(
            exact(&table(expected), &table(actual)),
            [difference],
            "{expected}   {actual}"
        );
    }
}

#[test]
fn indexes_tables_and_objects_are_compared_exactly() {
    let t = "CREATE TABLE t (a int, b text);";
    for (expected, actual, difference) in [
        ("CREATE INDEX i ON t (a)", "", "error missing index t.i"),
        (
            "CREATE INDEX i ON t (a)",
            "CREATE UNIQUE INDEX i ON t (a)",
            "error definition index t.i",
        ),
        (
            "CREATE INDEX i ON t (a)",
            "CREATE INDEX i ON t (a DESC)",
            "error definition index t.i",
        ),
        (
            "CREATE INDEX i ON t (a)",
            "CREATE INDEX i ON t (a) WHERE b = 'x'",
            "error definition index t.i",
        ),
        (
            "CREATE INDEX i ON t (lower(b))",
            "CREATE INDEX i ON t (upper(b))",
            "error definition index t.i",
        ),
        (
            "CREATE INDEX i ON t (a)",
            "CREATE INDEX j ON t (a)",
            "error name index t.j",
        ),
        (
            "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
            "",
            "error row_security table t",
        ),
        (
            "COMMENT ON COLUMN t.a IS 'x'",
            "",
            "warning comment column t.a",
        ),
        ("CREATE VIEW v AS SELECT 1", "", "error missing view v"),
        (
            "CREATE SEQUENCE s",
            "CREATE SEQUENCE s CYCLE",
            "error definition sequence s",
        ),
        (
            "CREATE DOMAIN d AS int CHECK (VALUE > 0)",
            "CREATE DOMAIN d AS int CHECK (VALUE > 1)",
            "error definition domain d",
        ),
        (
            "CREATE DOMAIN d AS int",
            "CREATE DOMAIN d AS bigint",
            "error type domain d",
        ),
    ] {
        let with = |more: &str| format!("{t} {more};");
        assert_eq!(
            exact(&with(expected), &with(actual)),
            [difference],
            "{expected}   {actual}"
        );
    }
    assert_eq!(
        exact(
            &format!("{t} CREATE INDEX ON t (a);"),
            &format!("{t} CREATE INDEX other ON t (a);")
        ),
        NONE
    );
}

#[test]
fn partitions_belong_to_their_parent() {
    let parent = "CREATE TABLE p (at date NOT NULL) PARTITION BY RANGE (at);";
    let part = "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');";
    let both = format!("{parent} {part}");
    assert_eq!(compatible(parent, &both), NONE);
    assert_eq!(exact(parent, &both), ["warning extra table p1"]);
    assert_eq!(exact(&both, parent), ["error missing table p1"]);
    assert_eq!(
        compatible("CREATE TABLE p1 (at date NOT NULL)", &both),
        ["warning extra table p", "warning partitioning table p1"]
    );
    assert_eq!(
        exact("CREATE TABLE p (at date NOT NULL)", parent),
        ["error partitioning table p"]
    );
}

#[test]
fn what_a_partition_alone_has_is_listed() {
    let parent = "CREATE TABLE p (a int, b int) PARTITION BY LIST (a);";
    let plain = format!("{parent} CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);");
    let own = format!("{plain} ALTER TABLE p1 ALTER b SET NOT NULL, ADD CHECK (b > 5);");
    let table = "CREATE TABLE p (a int, b int);";
    let listed = |expected: &str, actual: &str, level| {
        let (expected, actual) = (postgres(expected), postgres(actual));
        let result = Validation::new(&expected).level(level).run(&actual);
        let entries = result.not_checked.into_iter();
        let kinds = entries.filter_map(|e| Some(e.kind.strip_suffix(" of partitions")?.to_owned()));
        kinds.collect::<Vec<_>>()
    };
    let kinds = [
        "check",
        "default",
        "foreign key",
        "index",
        "key",
        "nullability",
        "policy",
        "row security",
        "trigger",
    ];
    for level in [ValidationLevel::Compatible, ValidationLevel::Exact] {
        for (expected, actual) in [
            (plain.as_str(), own.as_str()),
            (&own, &plain),
            (parent, &own),
            (&own, parent),
            (table, parent),
            (parent, table),
        ] {
            assert_eq!(
                listed(expected, actual, level),
                kinds,
                "{expected} {actual}"
            );
        }
        assert_eq!(listed(table, table, level), NONE);
    }
    // a program's own declarations say nothing of partitions
    let expected = ExpectedSchema::columns([("p", ["a", "b"])]);
    let result = Validation::new(&expected).run(&postgres(&own));
    let mut entries = result.not_checked.iter();
    assert!(entries.any(|e| e.kind == "nullability of partitions"));
}

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
fn ignored_differences_are_told_with_their_reason() {
    let expected = postgres("CREATE TABLE t (id int, a int)");
    let actual =
        postgres("CREATE TABLE t (id int, legacy int NOT NULL); CREATE TABLE old_x (i int)");
    let result = Validation::new(&expected)
        .ignore(Ignore::new("t.legacy", "the old application writes it"))
        .ignore(Ignore::new("old_*", "archive"))
        .ignore(Ignore::new("t.a", "later").kind(DifferenceKind::Type))
        .run(&actual);
    assert_eq!(told(&result), ["error missing column t.a"]);
    assert_eq!(result.ignored.len(), 2);
    assert_eq!(result.unused_rules, ["t.a"]);
    assert!(result.extra_tables.is_empty());
    let report = result.format_report();
    assert!(
        report.contains("(the old application writes it)"),
        "{report}"
    );
    assert!(report.contains("`t.a` ignores nothing"), "{report}");
}

#[test]
fn what_was_not_looked_at_is_told_and_never_called_missing() {
    let expected = postgres("CREATE TABLE secret (id int); CREATE TABLE t (id int PRIMARY KEY)");
    let mut actual = postgres("CREATE TABLE t (id int NOT NULL)");
    let left_out = |kind: &str, name: &str| NotInspected {
        kind: kind.into(),
        name: Some(name.into()),
        reason: "no right to look".into(),
    };
    actual.not_inspected = vec![left_out("table", "secret"), left_out("constraint", "t")];
    let result = Validation::new(&expected).run(&actual);
    assert_eq!(told(&result), NONE);
    let not_checked: Vec<String> = result.not_checked.iter().map(ToString::to_string).collect();
    assert!(
        not_checked.contains(&"table `secret`: no right to look".to_owned()),
        "{not_checked:?}"
    );
    assert!(
        not_checked.contains(&"keys `t`: no right to look".to_owned()),
        "{not_checked:?}"
    );
}

#[test]
fn a_table_that_nobody_may_see_is_no_success() {
    let expected = postgres("CREATE TABLE t (id int)");
    let actual = DatabaseSchema {
        not_inspected: vec![NotInspected {
            kind: "schema".into(),
            name: Some("public".into()),
            reason: "the role `x` has no USAGE on the schema `public`".into(),
        }],
        ..DatabaseSchema::default()
    };
    let result = Validation::new(&expected).run(&actual);
    assert_eq!(
        result.differences[0].message,
        "table `t` cannot be seen: the role `x` has no USAGE on the schema `public`"
    );
}

#[test]
fn kinds_that_one_side_did_not_read_are_not_compared() {
    let expected = postgres(
        "CREATE TABLE t (a int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1';",
    );
    let mut actual = postgres("CREATE TABLE t (a int)");
    actual.functions.insert("f()".into(), Default::default());
    let result = Validation::new(&expected)
        .level(ValidationLevel::Exact)
        .run(&actual);
    assert_eq!(told(&result), NONE);
    assert!(result.not_checked.iter().any(|n| n.kind == "function"));
}

#[test]
fn a_schema_for_postgres_may_be_kept_by_sqlite() {
    let expected = postgres(
        "CREATE TABLE t (id bigint PRIMARY KEY, name varchar(20) NOT NULL, at timestamptz, ok boolean, n numeric(10,2), data jsonb)",
    );
    let fits = sqlite(
        "CREATE TABLE t (ID INTEGER PRIMARY KEY, name TEXT NOT NULL, at TEXT, ok BOOLEAN, n NUMERIC_TEXT, data JSON_TEXT)",
    );
    let result = Validation::new(&expected).run(&fits);
    assert_eq!(told(&result), ["warning name column t.id"]);
    let not = sqlite(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name INTEGER NOT NULL, at TEXT, ok INTEGER, n REAL, data TEXT)",
    );
    let told = told(&Validation::new(&expected).run(&not));
    assert_eq!(
        told,
        [
            "error type column t.data",
            "error type column t.n",
            "error type column t.name",
            "error type column t.ok"
        ]
    );
}

#[test]
fn a_text_key_of_sqlite_may_hold_null() {
    let sql = "CREATE TABLE t (slug TEXT PRIMARY KEY)";
    let expected = ExpectedSchema::from_ddl(&postgres(sql));
    let result = Validation::new(&expected).run(&sqlite(sql));
    assert_eq!(told(&result), ["warning nullability column t.slug"]);
    assert!(result.valid);
}

/// Read as SQLite reads it, a key takes NULL, which no program wants.
#[test]
fn a_key_of_sqlite_may_be_stricter_than_the_file() {
    let expected = sqlite("CREATE TABLE t (id uuid PRIMARY KEY)");
    let actual = sqlite("CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY)");
    let result = Validation::new(&expected).run(&actual);
    assert_eq!(told(&result), NONE);
    let exact = Validation::new(&expected).level(ValidationLevel::Exact);
    assert!(!exact.run(&actual).valid);
}

#[test]
fn a_length_that_the_program_does_not_say_is_not_checked() {
    let column =
        |data_type| ExpectedColumn::from_static("c", Some(data_type), Some(true), Some(false));
    let run = |column: ExpectedColumn, actual: &str, level| {
        let table = ExpectedTable {
            name: "t".into(),
            columns: vec![column].into(),
            ..ExpectedTable::default()
        };
        let expected = ExpectedSchema {
            tables: vec![table].into(),
        };
        let actual = postgres(&format!("CREATE TABLE t (c {actual})"));
        let result = Validation::new(&expected).level(level).run(&actual);
        let unknown = result.not_checked.iter();
        let unknown = unknown
            .filter(|entry| entry.kind == "length or digits")
            .count();
        (told(&result).join(", "), unknown)
    };
    let none = String::new;
    for (field, actual) in [
        ("text", "varchar(3)"),
        ("text", "char(8)"),
        ("text[]", "varchar(3)[]"),
        ("numeric", "numeric(2,0)"),
        ("timestamptz", "timestamptz(0)"),
    ] {
        for level in [ValidationLevel::Compatible, ValidationLevel::Exact] {
            assert_eq!(run(column(field), actual, level), (none(), 1), "{actual}");
            let (said, unknown) = run(column(field).exact(), actual, level);
            assert!(
                said.starts_with("error type column t.c"),
                "{actual}: {said}"
            );
            assert_eq!(unknown, 0);
        }
    }
    for (field, actual) in [("text", "text"), ("numeric", "numeric"), ("uuid", "uuid")] {
        let found = run(column(field), actual, ValidationLevel::Exact);
        assert_eq!(found, (none(), 0), "{actual}");
    }
    // the file's own text of a type of another's
    let own = column("geometry(Point,4326)").exact();
    let found = run(own, "public.geometry(Point,4326)", ValidationLevel::Exact);
    assert_eq!(found, (none(), 0));
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
fn what_is_not_enforced_keeps_nothing_true() {
    let file = |rest: &str| {
        postgres(&format!(
            "CREATE TABLE p (id int4range, at daterange, PRIMARY KEY (id, at));
             CREATE TABLE c (id int4range, at daterange, n int {rest})"
        ))
    };
    let run = |expected: &str, actual: &str| {
        let (expected, actual) = (file(expected), file(actual));
        let result = Validation::new(&expected).run(&actual);
        let back = Validation::new(&expected)
            .level(ValidationLevel::Exact)
            .run(&actual);
        assert_eq!(back.differences.is_empty(), expected == actual);
        told(&result).join(", ")
    };
    let plain = ", FOREIGN KEY (id, at) REFERENCES p";
    let loose = ", FOREIGN KEY (id, at) REFERENCES p NOT ENFORCED";
    let period = ", FOREIGN KEY (id, PERIOD at) REFERENCES p (id, PERIOD at)";
    assert_eq!(run(plain, loose), "error missing foreign_key c.id, at");
    assert_eq!(run(loose, loose), "");
    assert_eq!(run(plain, period), "error reference foreign_key c.id, at");
    assert_eq!(run(period, period), "");
    let (all, new) = (" NOT NULL", ", CONSTRAINT x NOT NULL n NOT VALID");
    assert_eq!(run(all, new), "error nullability column c.n");
    let declared = ExpectedSchema::from_ddl(&file(""));
    let result = Validation::new(&declared).run(&file(new));
    assert_eq!(told(&result), ["error nullability column c.n"]);
}

#[test]
fn names_without_a_schema_are_those_of_the_connection() {
    let expected = postgres("CREATE TABLE users (id int)");
    let result = Validation::new(&expected).run(&postgres("CREATE TABLE app.users (id int)"));
    assert_eq!(told(&result), NONE);
    let two = postgres("CREATE TABLE public.x (id int); CREATE TABLE app.users (id int)");
    let result = Validation::new(&expected).schema("app").run(&two);
    assert_eq!(told(&result), ["warning extra table x"]);
    let told = told(&Validation::new(&expected).run(&two));
    assert_eq!(
        told,
        [
            "warning extra table app.users",
            "error missing table users",
            "warning extra table x"
        ]
    );
}

#[test]
fn a_name_is_the_first_of_the_search_path() {
    let expected = ExpectedSchema::columns([("users", ["id", "email"])]);
    let both = postgres(
        "CREATE TABLE users (id int, email text); CREATE TABLE app.users (id int); CREATE TABLE app.x (id int)",
    );
    let path = |path: &[&str]| path.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    for level in [ValidationLevel::Columns, ValidationLevel::Compatible] {
        let run = |names: &[&str], actual: &DatabaseSchema| {
            let validation = Validation::new(&expected).level(level);
            let result = validation.search_path(path(names)).run(actual);
            told(&result)
                .into_iter()
                .filter(|d| d.starts_with("error"))
                .collect::<Vec<_>>()
        };
        assert_eq!(run(&["public", "app"], &both), NONE);
        let missing = run(&["app", "public"], &both);
        assert!(
            missing.len() == 1 && missing[0].ends_with("users.email"),
            "{level}: {missing:?}"
        );
        // a schema of the path that lacks the table is passed over
        let one = postgres("CREATE TABLE users (id int, email text); CREATE TABLE app.x (id int)");
        assert_eq!(run(&["app", "public"], &one), NONE, "{level}");
    }
}

#[test]
fn a_column_has_what_its_domain_has() {
    let actual =
        "CREATE DOMAIN inner_code AS text NOT NULL; CREATE DOMAIN code AS inner_code DEFAULT 'x';
        CREATE TABLE t (id int PRIMARY KEY, a code, b inner_code)";
    let run = |columns: &[(&'static str, bool)]| {
        let mut expected = ExpectedSchema::columns([("t", columns.iter().map(|c| c.0))]);
        let table = &mut expected.tables.to_mut()[0];
        for (column, (_, nullable)) in table.columns.to_mut().iter_mut().zip(columns) {
            column.nullable = Some(*nullable);
        }
        told(&Validation::new(&expected).run(&postgres(actual)))
    };
    assert_eq!(run(&[("id", false), ("a", false), ("b", false)]), NONE);
    let nullable = run(&[("id", false), ("a", true), ("b", true)]);
    assert_eq!(
        nullable,
        ["error nullability column t.b"],
        "`a` has a default"
    );
    assert_eq!(
        run(&[("id", false)]),
        ["warning extra column t.a", "error extra column t.b"]
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

#[test]
fn a_foreign_table_is_not_called_missing() {
    let mut actual = postgres("");
    actual.not_inspected.push(NotInspected {
        kind: "foreign table".to_owned(),
        name: Some("t".to_owned()),
        reason: "its rows are another server's".to_owned(),
    });
    let expected = ExpectedSchema::columns([("t", ["id"])]);
    let result = Validation::new(&expected).run(&actual);
    let message = &result.differences[0].message;
    assert!(
        !result.valid && message.contains("is a foreign table"),
        "{message}"
    );
}

#[test]
fn a_trigger_that_is_disabled_is_another_one() {
    let with = |disabled| {
        let mut schema = postgres("CREATE TABLE t (id int)");
        let trigger = crate::schema::TriggerSchema {
            name: "g".to_owned(),
            disabled,
            ..Default::default()
        };
        let table = schema.tables.get_mut("t").unwrap();
        table.triggers.insert("g".to_owned(), trigger);
        schema.not_inspected.clear();
        schema
    };
    let (on, off) = (with(false), with(true));
    let result = Validation::new(&on).level(ValidationLevel::Exact).run(&off);
    assert_eq!(told(&result), ["error definition trigger t.g"]);
    assert_ne!(fingerprint(&on), fingerprint(&off));
}

#[test]
fn a_domain_of_one_name_may_be_another() {
    let table = |domain: &str| format!("CREATE DOMAIN price AS {domain}; CREATE TABLE t (p price)");
    let [base, other, not_null, checked] = [
        "numeric(10,2)",
        "integer",
        "numeric(10,2) NOT NULL",
        "numeric(10,2) CHECK (VALUE > 0)",
    ]
    .map(table);
    assert_eq!(compatible(&base, &other), ["error type domain price"]);
    assert_eq!(
        compatible(&base, &not_null),
        ["error nullability domain price"]
    );
    assert_eq!(compatible(&base, &checked), NONE);
}

#[test]
fn fingerprints_change_with_what_a_program_sees() {
    let base = "CREATE TABLE t (a int8 DEFAULT '1' CHECK (a IN (1, 2)), b varchar(3))";
    let of = |sql: &str| fingerprint(&postgres(sql));
    for same in [
        "CREATE TABLE t (b character varying(3), a bigint DEFAULT 1 CONSTRAINT z CHECK ((a = ANY (ARRAY[1, 2]))))",
        "CREATE TABLE t (a int8 DEFAULT '1' CHECK (a IN (1, 2)), b varchar(3)); COMMENT ON TABLE t IS 'x'",
    ] {
        assert_eq!(of(base), of(same), "{same}");
    }
    for other in [
        "",
        "CREATE TABLE t (a int8 DEFAULT '1' CHECK (a IN (1, 2)), b varchar(4))",
        "CREATE TABLE t (a int8 DEFAULT '1' CHECK (a IN (1, 3)), b varchar(3))",
        "CREATE TABLE t (a int8 DEFAULT '1' CHECK (a IN (1, 2)), b varchar(3) NOT NULL)",
        "CREATE TABLE t (a int8 DEFAULT '1' CHECK (a IN (1, 2)), b varchar(3)); CREATE INDEX ON t (a)",
        "CREATE TABLE u (a int8 DEFAULT '1' CHECK (a IN (1, 2)), b varchar(3))",
    ] {
        assert_ne!(of(base), of(other), "{other}");
    }
    let log = "CREATE TABLE log (at date) PARTITION BY RANGE (at);";
    let part = format!("{log} CREATE TABLE log_1 PARTITION OF log DEFAULT;");
    assert_eq!(of(log), of(&part));
    // written down, because locks keep it: a change of the rules needs another number before the colon
    assert_eq!(
        of("CREATE TABLE t (id int)"),
        "1:c68c3ca486cfb88e61f1e86772d3f1a9"
    );
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
fn row_security_is_compared_where_policies_are_not() {
    let policy = "CREATE POLICY own ON t USING (true);";
    let with = |more: &str| format!("CREATE TABLE t (a int); {more} {policy}");
    let on = with("ALTER TABLE t ENABLE ROW LEVEL SECURITY;");
    let forced = with("ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;");
    let off = with("");
    let differs = ["error row_security table t"];
    for (expected, actual) in [(&on, &off), (&off, &on), (&on, &forced), (&forced, &on)] {
        assert_eq!(exact(expected, actual), differs, "{expected}  {actual}");
        assert_eq!(compatible(expected, actual), NONE);
    }
    assert_eq!(exact(&forced, &forced), NONE);
    let (expected, actual) = (postgres(&on), postgres(&on));
    let unchecked = |level| {
        let result = Validation::new(&expected).level(level).run(&actual);
        let kinds = result.not_checked.into_iter().map(|entry| entry.kind);
        kinds.collect::<Vec<String>>()
    };
    assert_eq!(unchecked(ValidationLevel::Exact), ["policy"]);
    assert!(unchecked(ValidationLevel::Compatible).contains(&"row security".to_owned()));
}

#[test]
fn the_schemas_that_are_named_are_to_be_read() {
    let full = postgres(
        "CREATE TABLE a.t (x int); CREATE VIEW b.v AS SELECT 1; CREATE TYPE c.e AS ENUM ('x'); \
         CREATE DOMAIN d.d AS int; CREATE SEQUENCE e.s; CREATE TABLE plain (x int); \
         CREATE TABLE f.p PARTITION OF a.t FOR VALUES IN (1);",
    );
    let validation = Validation::new(&full);
    assert_eq!(validation.schemas(), ["a", "b", "c", "d", "e", "f"]);
    assert!(validation.names_table("plain") && !validation.names_table("a.t"));
    let more = validation.also_schemas(["z".to_owned(), "a".to_owned()]);
    assert_eq!(more.schemas().len(), 7);
}

#[test]
fn a_table_that_was_left_out_is_not_missing_at_any_level() {
    let expected = postgres("CREATE TABLE schema_migrations (version text)");
    let mut actual = postgres("");
    actual.not_inspected.push(NotInspected {
        kind: "table".into(),
        name: Some("schema_migrations".into()),
        reason: "excluded".into(),
    });
    for level in [
        ValidationLevel::Columns,
        ValidationLevel::Compatible,
        ValidationLevel::Exact,
    ] {
        let result = Validation::new(&expected).level(level).run(&actual);
        assert_eq!(told(&result), NONE, "{level}");
        let mut entries = result.not_checked.iter();
        assert!(entries.any(|entry| entry.name.as_deref() == Some("schema_migrations")));
    }
}

#[test]
fn a_domain_is_the_type_beneath_to_a_database_without_domains() {
    let domains = postgres(
        "CREATE DOMAIN code AS varchar(5) DEFAULT 'x' NOT NULL; CREATE DOMAIN inner_code AS code;
         CREATE TABLE t (a code, b inner_code, c code[])",
    );
    let plain = sqlite(
        "CREATE TABLE t (a VARCHAR(5) DEFAULT 'x' NOT NULL, b VARCHAR(5) DEFAULT 'x' NOT NULL, c VARCHAR[])",
    );
    assert_eq!(told(&Validation::new(&domains).run(&plain)), NONE);
    assert_eq!(told(&Validation::new(&plain).run(&domains)), NONE);
    let other = sqlite(
        "CREATE TABLE t (a INTEGER DEFAULT 'x' NOT NULL, b VARCHAR(5) NOT NULL, c VARCHAR[])",
    );
    assert_eq!(
        told(&Validation::new(&domains).run(&other)),
        ["error type column t.a", "error default column t.b"]
    );
}
