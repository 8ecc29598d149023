use super::*;
use crate::ddl;
use crate::schema::{
    ColumnSchema, ConstraintKind, ConstraintSchema, FunctionSchema, IndexColumn, IndexSchema,
    TableSchema, TriggerSchema, ViewSchema,
};
use crate::sql_type::SqlType;
use crate::statement::statements;
use crate::validate::{Validation, ValidationLevel};
use proptest::prelude::*;

const PG: SqlDialect = SqlDialect::Postgres;
const LITE: SqlDialect = SqlDialect::Sqlite;

fn read(sql: &str, dialect: SqlDialect) -> DatabaseSchema {
    let read = ddl::parse(sql, dialect);
    assert!(read.errors.is_empty(), "{:?}\n{sql}", read.errors);
    read.schema
}

fn sql(schema: &DatabaseSchema, dialect: SqlDialect) -> String {
    let written = write(schema, dialect);
    let all: Vec<&str> = written.statements.iter().map(|s| s.sql.as_str()).collect();
    all.join(";\n")
}

fn told(written: &WrittenDdl) -> Vec<String> {
    written
        .not_expressed
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// What is written of a file is read as the file was.
#[track_caller]
fn goes_round(text: &str, dialect: SqlDialect) -> String {
    let schema = read(text, dialect);
    let written = write(&schema, dialect);
    assert_eq!(told(&written), Vec::<String>::new());
    let again = read(&written.to_sql(), dialect);
    for (one, two) in [(&schema, &again), (&again, &schema)] {
        let validation = Validation::new(one).level(ValidationLevel::Exact);
        let result = validation.run(two);
        assert!(
            result.differences.is_empty(),
            "{:#?}\n{}",
            result.differences,
            written.to_sql()
        );
    }
    written.to_sql()
}

#[test]
fn a_file_of_postgres_goes_round() {
    goes_round(
        "CREATE SCHEMA \"My\"; CREATE TYPE \"My\".mood AS ENUM ('it''s', 'a\\b');
         CREATE DOMAIN positive AS int DEFAULT 5 NOT NULL CHECK (VALUE > 0);
         CREATE DOMAIN more AS positive DEFAULT NULL;
         CREATE SEQUENCE s AS int INCREMENT -2 CACHE 5 CYCLE;
         CREATE TABLE a (
             id bigint GENERATED ALWAYS AS IDENTITY (START 7 INCREMENT 3) PRIMARY KEY,
             \"B c\" numeric(8,2) COLLATE \"C\" DEFAULT 1 + 2 NOT NULL,
             m \"My\".mood[] DEFAULT '{}', n positive, g int GENERATED ALWAYS AS (n * 2) STORED,
             UNIQUE NULLS NOT DISTINCT (\"B c\") INCLUDE (n), CHECK (n > 1 AND n < 9) NO INHERIT,
             EXCLUDE USING gist (n WITH =) WHERE (n > 3) DEFERRABLE
         );
         CREATE TABLE \"My\".b (a_id bigint REFERENCES a ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
             x int DEFAULT nextval('s'), y text, FOREIGN KEY (a_id) REFERENCES a (id) MATCH FULL ON UPDATE CASCADE);
         CREATE UNIQUE INDEX \"I j\" ON \"My\".b USING btree (lower(y) COLLATE \"C\" text_pattern_ops DESC NULLS LAST, x) INCLUDE (a_id) WHERE x > 0;
         ALTER TABLE \"My\".b ADD CONSTRAINT later CHECK (x > 0) NOT VALID;
         CREATE VIEW v (\"One\", two) WITH (security_barrier) AS SELECT 1, y FROM \"My\".b WITH LOCAL CHECK OPTION;
         CREATE MATERIALIZED VIEW mv AS SELECT x FROM \"My\".b; CREATE UNIQUE INDEX ON mv (x);
         CREATE TABLE p (k text, n int) PARTITION BY LIST (k);
         CREATE TABLE p1 PARTITION OF p (n DEFAULT 5) FOR VALUES IN ('a', 'b');
         CREATE TABLE p2 (n int, k text); ALTER TABLE p ATTACH PARTITION p2 DEFAULT;
         CREATE TABLE base (q int NOT NULL CHECK (q > 0)); CREATE TABLE heir (z int) INHERITS (base);",
        PG,
    );
}

#[test]
fn a_file_of_sqlite_goes_round() {
    let sql = goes_round(
        "CREATE TABLE [a b] (id INTEGER PRIMARY KEY AUTOINCREMENT, `it's` \"odd (type)\" DEFAULT ('x' || 1) COLLATE NOCASE,
             n VARCHAR(20) NOT NULL DEFAULT -5, g INT AS (n + 1) VIRTUAL, u, CHECK (n > 1), CHECK (n < 9), UNIQUE (u, n));
         CREATE TABLE c (id INTEGER PRIMARY KEY DESC, p REFERENCES [a b] ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
         CREATE TABLE d (k TEXT PRIMARY KEY, v ANY) STRICT, WITHOUT ROWID;
         CREATE UNIQUE INDEX i ON [a b] (lower(n) DESC, u COLLATE NOCASE) WHERE n IS NOT NULL;
         CREATE VIEW v (x) AS SELECT n FROM [a b];",
        LITE,
    );
    for part in [
        "PRIMARY KEY (\"id\" AUTOINCREMENT)",
        "\"id\" INTEGER PRIMARY KEY DESC",
        "\"it's\" \"odd (type)\" COLLATE \"NOCASE\" DEFAULT ('x' || 1)",
        "STRICT, WITHOUT ROWID",
    ] {
        assert!(sql.contains(part), "{part}\n{sql}");
    }
}

#[test]
fn a_circle_is_closed_at_the_end() {
    let schema = read(
        "CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a, c int);
         CREATE TABLE c (n int, b int REFERENCES b); CREATE UNIQUE INDEX of_n ON c (n);
         ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b; ALTER TABLE b ADD FOREIGN KEY (c) REFERENCES c (n);
         ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES a",
        PG,
    );
    let written = write(&schema, PG);
    assert!(told(&written).is_empty());
    let all = sql(&schema, PG);
    let at = |part: &str| all.find(part).unwrap_or_else(|| panic!("{part}\n{all}"));
    assert!(at("CREATE UNIQUE INDEX \"of_n\"") < at("REFERENCES \"c\" (\"n\")"));
    assert!(all.contains("ALTER TABLE"), "{all}");
    read(&written.to_sql(), PG);
}

#[test]
fn what_a_circle_of_functions_leaves_open_comes_later() {
    let mut schema = read(
        "CREATE TABLE t (id int DEFAULT next_of_t(), CHECK (id > least_of_t()))",
        PG,
    );
    for name in ["next_of_t", "least_of_t"] {
        let function = FunctionSchema {
            name: name.into(),
            definition: format!(
                "CREATE FUNCTION {name}(t DEFAULT NULL) RETURNS int LANGUAGE sql AS 'SELECT 1'"
            ),
            language: "sql".into(),
            return_type: "integer".into(),
            ..FunctionSchema::default()
        };
        schema.functions.insert(format!("{name}(t)"), function);
    }
    let all = sql(&schema, PG);
    let at = |part: &str| all.find(part).unwrap_or_else(|| panic!("{part}\n{all}"));
    assert!(at("CREATE TABLE") < at("CREATE FUNCTION next_of_t"));
    assert!(at("CREATE FUNCTION next_of_t") < at("SET DEFAULT next_of_t()"));
    assert!(at("CREATE FUNCTION least_of_t") < at("ADD CHECK (id > least_of_t())"));
}

#[test]
fn two_keys_of_the_same_columns_are_two_statements() {
    // in one CREATE TABLE the server makes one of them, without a word
    let schema = read(
        "CREATE TABLE t (id int CONSTRAINT p PRIMARY KEY); ALTER TABLE t ADD CONSTRAINT u UNIQUE (id)",
        PG,
    );
    let all = sql(&schema, PG);
    assert!(
        all.contains("ALTER TABLE \"t\" ADD CONSTRAINT \"u\" UNIQUE (\"id\")"),
        "{all}"
    );
}

#[test]
fn what_is_not_there_is_not_referred_to() {
    let schema = read(
        "CREATE TABLE t (id int PRIMARY KEY, a int REFERENCES gone, b int REFERENCES u (n), k auth.level,
             CONSTRAINT c CHECK (auth.is_fine(id)));
         CREATE TABLE u (n int); CREATE VIEW v AS SELECT uid FROM auth.users; CREATE VIEW w AS SELECT t.id FROM t;
         CREATE TABLE x (id int PRIMARY KEY, t int REFERENCES t, y int DEFAULT auth.uid(), CHECK (auth.fine(y)))",
        PG,
    );
    let written = write(&schema, PG);
    let all = told(&written).join("\n");
    for part in [
        "table `t`: column `k`: it needs the schema `auth`",
        "foreign key `x.x_t_fkey`: it refers to `t`, which is not written",
        "view `v`: it needs the schema `auth`",
        "view `w`: it needs `t`, which is not written",
        "default `x.y`: it needs the schema `auth`",
        "check `x.x_y_check`: it needs the schema `auth`",
    ] {
        assert!(all.contains(part), "{part}\n{all}");
    }
    let sql = sql(&schema, PG);
    assert!(
        !sql.contains("auth") && !sql.contains("REFERENCES"),
        "{sql}"
    );
}

/// For each thing of PostgreSQL: what is written for SQLite, or what is told.
#[test]
fn postgres_for_sqlite() {
    for (body, wanted, lost) in [
        ("id serial PRIMARY KEY", "\"id\" INTEGER,", ""),
        ("id int PRIMARY KEY", "\"id\" INT NOT NULL", ""),
        (
            "a int DEFAULT 5 CHECK (a BETWEEN 1 AND 9)",
            "CHECK (\"a\" BETWEEN 1 AND 9)",
            "",
        ),
        (
            "a text CHECK (a IN ('x', 'it''s'))",
            "CHECK (\"a\" IN ('x', 'it''s'))",
            "",
        ),
        (
            "a text CHECK (a = ANY (ARRAY['x'::text, 'y'::text]))",
            "CHECK (\"a\" IN ('x', 'y'))",
            "",
        ),
        (
            "a bool CHECK (a OR NOT a)",
            "CHECK (\"a\" OR (NOT \"a\"))",
            "",
        ),
        (
            "a text CHECK (char_length(btrim(a)) > 0)",
            "CHECK (length(trim(\"a\")) > 0)",
            "",
        ),
        (
            "a text CHECK (a IS NOT NULL AND a <> '')",
            "CHECK ((\"a\" IS NOT NULL) AND (\"a\" <> ''))",
            "",
        ),
        (
            "a text CHECK (a < 'm')",
            "",
            "the order of texts is not the same",
        ),
        (
            "a text CHECK (a LIKE 'x%')",
            "",
            "is not known to mean the same",
        ),
        (
            "a text CHECK (lower(a) = 'x')",
            "",
            "the function `lower` in it",
        ),
        ("a int CHECK (a + 1 > 2)", "", "`+` in it"),
        ("a numeric CHECK (a > 0)", "", "keep differently"),
        ("a date CHECK (a > '2020-01-01')", "", "keep differently"),
        ("a citext CHECK (a = 'x')", "", "keep differently"),
        (
            "a text COLLATE \"de\" CHECK (a = 'x')",
            "",
            "does not have the collation `de`",
        ),
        (
            "a int, EXCLUDE USING btree (a WITH =)",
            "",
            "SQLite has no exclusion constraints",
        ),
        (
            "a int UNIQUE DEFERRABLE",
            "UNIQUE (\"a\")",
            "SQLite defers foreign keys alone",
        ),
        (
            "a int, UNIQUE NULLS NOT DISTINCT (a)",
            "UNIQUE (\"a\")",
            "SQLite takes NULLs for distinct",
        ),
        (
            "a int REFERENCES gone",
            "\"a\" INTEGER",
            "it refers to `gone`, which is not written",
        ),
        (
            "a int GENERATED BY DEFAULT AS IDENTITY",
            "\"a\" INTEGER NOT NULL",
            "nothing fills it",
        ),
        (
            "a int, b int GENERATED ALWAYS AS (a) STORED",
            "GENERATED ALWAYS AS (\"a\") STORED",
            "",
        ),
        (
            "a int, b int GENERATED ALWAYS AS (a * 2) STORED",
            "\"b\" INTEGER\n",
            "it is not generated: `*` in it",
        ),
        ("a jsonb DEFAULT '{}'", "\"a\" JSONB_TEXT DEFAULT '{}'", ""),
        ("a varchar(7)[]", "\"a\" \"VARCHAR(7)[]\"", ""),
        ("a int4range", "\"a\" TEXT", "SQLite does not know the type"),
    ] {
        let schema = read(&format!("CREATE TABLE t ({body})"), PG);
        let written = write(&schema, LITE);
        let mut told = told(&written);
        told.retain(|line| !line.contains("SQLite does not enforce")); // of each `int`, below
        let (sql, told) = (sql(&schema, LITE), told.join("\n"));
        assert!(sql.contains(wanted), "{body}: {wanted}\n{sql}");
        assert!(told.contains(lost), "{body}: {lost}\n{told}");
        assert!(!lost.is_empty() || told.is_empty(), "{body}: {told}");
        read(&sql, LITE);
    }
}

/// SQLite compares what is stored.
#[test]
fn references_of_other_types_for_sqlite() {
    let schema = read(
        "CREATE TABLE p (id bigint PRIMARY KEY, code text UNIQUE, n numeric(8,2) UNIQUE, at timestamp UNIQUE);
         CREATE TABLE c (a int REFERENCES p, b varchar(3) REFERENCES p (code), n int REFERENCES p (n), d date REFERENCES p (at))",
        PG,
    );
    let written = write(&schema, LITE);
    let sql = sql(&schema, LITE);
    assert_eq!(sql.matches("FOREIGN KEY").count(), 2, "{sql}");
    let told = told(&written).join("\n");
    for column in ["c.c_n_fkey", "c.c_d_fkey"] {
        assert!(
            told.contains(&format!("`{column}`: SQLite stores")),
            "{told}"
        );
    }
}

/// Only of what has a bound.
#[test]
fn what_sqlite_does_not_enforce() {
    let schema = read(
        "CREATE DOMAIN code AS varchar(3);
         CREATE TABLE t (id serial PRIMARY KEY, a varchar(3), b text, c code, d numeric(5,2)[], e bigint)",
        PG,
    );
    let told = told(&write(&schema, LITE));
    let enforced = |line: &&String| line.contains("SQLite does not enforce");
    let told: Vec<&String> = told.iter().filter(enforced).collect();
    assert_eq!(
        told,
        [
            "column `t.a`: SQLite does not enforce `character varying(3)`: only what this library writes is held to it",
            "column `t.c`: SQLite does not enforce `character varying(3)`: only what this library writes is held to it",
            "column `t.d`: SQLite does not enforce `numeric(5,2)`: only what this library writes is held to it",
            "column `t.id`: SQLite does not enforce `integer`: its integers have 64 bits",
        ]
    );
}

/// And the other way.
#[test]
fn sqlite_for_postgres() {
    for (body, wanted, lost) in [
        (
            "id INTEGER PRIMARY KEY",
            "\"id\" bigint GENERATED BY DEFAULT AS IDENTITY",
            "",
        ),
        (
            "id TEXT PRIMARY KEY",
            "\"id\" text NOT NULL",
            "a key of PostgreSQL is NOT NULL",
        ),
        (
            "a BOOLEAN DEFAULT 1 CHECK (a IN (0, 1))",
            "CHECK (\"a\" IN (FALSE, TRUE))",
            "",
        ),
        ("a BOOLEAN CHECK (a = 1)", "CHECK (\"a\" = TRUE)", ""),
        ("a INTEGER CHECK (a = '5')", "", "keep differently"),
        (
            "a TEXT CHECK (a == 'it''s\\')",
            "CHECK (\"a\" = E'it''s\\\\')",
            "",
        ),
        (
            "a TEXT CHECK (a LIKE 'x%')",
            "",
            "is not known to mean the same",
        ),
        (
            "a TEXT CHECK (a = \"b\")",
            "",
            "is not known to mean the same",
        ),
        (
            "a DATETIME DEFAULT CURRENT_TIMESTAMP",
            "timestamp without time zone DEFAULT (CURRENT_TIMESTAMP AT TIME ZONE 'UTC')",
            "",
        ),
        ("a TIMESTAMP(3)", "timestamp(3) without time zone", ""),
        ("a", "\"a\" text", "it takes values of any type"),
        (
            "a MOOD",
            "\"a\" text",
            "what its declared type means is not known",
        ),
        (
            "a TEXT COLLATE NOCASE UNIQUE",
            "UNIQUE (\"a\")",
            "it compares texts by their bytes",
        ),
        (
            "a JSON UNIQUE",
            "\"a\" json",
            "PostgreSQL does not compare the values of `a`",
        ),
        (
            "a INT REFERENCES gone",
            "\"a\" bigint",
            "which is not in the schema",
        ),
        ("a CITEXT", "\"a\" citext", "extension `citext`"),
    ] {
        let schema = read(&format!("CREATE TABLE t ({body}\n)"), LITE);
        let written = write(&schema, PG);
        let (sql, told) = (sql(&schema, PG), told(&written).join("\n"));
        assert!(sql.contains(wanted), "{body}: {wanted}\n{sql}");
        assert!(told.contains(lost), "{body}: {lost}\n{told}");
        assert!(!lost.is_empty() || told.is_empty(), "{body}: {told}");
        read(&sql, PG);
    }
}

#[test]
fn references_of_sqlite_have_a_key_of_the_same_type() {
    let schema = read(
        "CREATE TABLE A (Id INTEGER PRIMARY KEY, s TEXT, t TEXT UNIQUE);
         CREATE TABLE b (one REFERENCES a, two INT REFERENCES A (ID), three TEXT REFERENCES a (s), four TEXT REFERENCES a (T))",
        LITE,
    );
    let written = write(&schema, PG);
    let all = told(&written).join("\n");
    assert!(all.contains("`one` has another type than `Id`"), "{all}");
    assert!(
        all.contains("the columns that it refers to are no key there"),
        "{all}"
    );
    let sql = sql(&schema, PG);
    for part in [
        "FOREIGN KEY (\"two\") REFERENCES \"A\" (\"Id\")",
        "REFERENCES \"A\" (\"t\")",
    ] {
        assert!(sql.contains(part), "{part}\n{sql}");
    }
}

/// A text of a model that somebody else made.
fn any_text() -> impl Strategy<Value = String> {
    let hostile = prop::sample::select(vec![
        "1); DROP TABLE x; --",
        "' || '",
        "a\nb",
        "\"",
        "'",
        "/*",
        "*/",
        "--",
        "$$",
        "$a$",
        ";",
        ")",
        "(",
        "E'\\'",
        "a::int",
        "now()",
        "\0",
        "[",
        "`",
        "x IS NULL",
        "1",
        "text",
        "SELECT 1",
    ]);
    let parts = prop::collection::vec(
        prop_oneof![hostile.prop_map(str::to_owned), "\\PC{0,6}"],
        0..4,
    );
    parts.prop_map(|parts| parts.concat())
}

prop_compose! {
    fn any_schema()(
        texts in prop::collection::vec(any_text(), 24),
        lite in any::<bool>(),
    ) -> DatabaseSchema {
        let mut texts = texts.into_iter();
        let mut next = || texts.next().unwrap_or_default();
        let mut column = ColumnSchema::new(next(), next(), SqlType::Text);
        (column.default, column.collation, column.comment) = (Some(next()), Some(next()), Some(next()));
        let mut table = TableSchema {
            name: next(),
            columns: vec![column.clone(), ColumnSchema::new("x", "text", SqlType::Text)],
            partition_by: next().chars().next().map(String::from),
            comment: Some(next()),
            ..TableSchema::default()
        };
        let check = ConstraintSchema {
            name: next(), kind: ConstraintKind::Check, expression: Some(next()), ..ConstraintSchema::default()
        };
        let key = ConstraintSchema {
            name: next(), kind: ConstraintKind::Unique, columns: vec![column.name], ..ConstraintSchema::default()
        };
        let index = IndexSchema {
            name: next(),
            columns: vec![IndexColumn { text: next(), is_expression: true, collation: Some(next()), operator_class: Some(next()), ..IndexColumn::default() }],
            is_unique: false, method: next(), predicate: Some(next()), include: vec![],
            nulls_not_distinct: false, name_is_generated: false, comment: None,
        };
        for constraint in [check, key] {
            table.constraints.insert(constraint.name.clone(), constraint);
        }
        table.indexes.insert(index.name.clone(), index);
        let trigger = TriggerSchema { name: next(), definition: Some(next()), ..TriggerSchema::default() };
        table.triggers.insert(trigger.name.clone(), trigger);
        let view = ViewSchema {
            name: next(), definition: Some(format!("SELECT {}", next())), column_names: vec![next()], options: vec![next()],
            ..ViewSchema::default()
        };
        let mut schema = DatabaseSchema {
            dialect: if lite { LITE } else { PG },
            ..DatabaseSchema::default()
        };
        schema.tables.insert(table.key(), table);
        schema.views.insert(view.name.clone(), view);
        schema
    }
}

proptest! {
    /// Whatever a model says, what is written are the statements that were meant, and no others.
    #[test]
    fn no_text_ends_what_it_is_put_into(schema in any_schema()) {
        for dialect in [PG, LITE] {
            let written = write(&schema, dialect);
            let text = written.to_sql();
            let found: Vec<&str> = statements(&text, dialect).map(|s| s.text()).collect();
            prop_assert_eq!(found.len(), written.statements.len(), "{}", text);
            for statement in &written.statements {
                let words = ["CREATE ", "ALTER ", "COMMENT ", "SET "];
                prop_assert!(words.iter().any(|word| statement.sql.starts_with(word)), "{}", statement.sql);
            }
            for line in text.lines().take_while(|line| line.starts_with("--")) {
                prop_assert!(!line.contains('\r'));
            }
        }
    }

    #[test]
    fn an_expression_is_translated_or_refused(text in "\\PC{0,40}|[a-z0-9 ()'=<>.,:]{0,40}") {
        let check = ConstraintSchema {
            name: "c".into(), kind: ConstraintKind::Check, expression: Some(text), ..ConstraintSchema::default()
        };
        for dialect in [PG, LITE] {
            let mut table = TableSchema {
                name: "t".into(),
                columns: vec![ColumnSchema::new("a", "text", SqlType::Text), ColumnSchema::new("b", "integer", SqlType::Int4)],
                ..TableSchema::default()
            };
            table.constraints.insert("c".into(), check.clone());
            let mut schema = DatabaseSchema { dialect, ..DatabaseSchema::default() };
            schema.tables.insert("t".into(), table);
            let (there, lost) = translate(&schema, if dialect == PG { LITE } else { PG });
            let is_there = there.tables["t"].constraints.contains_key("c");
            prop_assert!(is_there != lost.iter().any(|entry| entry.kind == "check"));
        }
    }
}

#[test]
fn a_text_in_an_index_of_sqlite_is_no_name() {
    let schema = read(
        "CREATE TABLE t (id int PRIMARY KEY, a text); CREATE UNIQUE INDEX once ON t (('a'::text))",
        PG,
    );
    let written = sql(&schema, LITE);
    assert!(written.contains("(+'a')"), "{written}");
}

#[test]
fn a_trigger_fires_in_the_same_sessions() {
    use crate::schema::TriggerSessions::{Always, Replica};
    let mut schema = read("CREATE TABLE t (id int)", PG);
    let table = schema.tables.get_mut("t").unwrap();
    for (name, sessions) in [("a", Always), ("r", Replica)] {
        let definition = format!(
            "CREATE TRIGGER {name} AFTER INSERT ON t EXECUTE FUNCTION pg_catalog.tsvector_update_trigger()"
        );
        let trigger = TriggerSchema {
            name: name.to_owned(),
            function_name: "pg_catalog.tsvector_update_trigger".to_owned(),
            definition: Some(definition),
            sessions,
            ..TriggerSchema::default()
        };
        table.triggers.insert(name.to_owned(), trigger);
    }
    let written = sql(&schema, PG);
    assert!(written.contains("ENABLE ALWAYS TRIGGER \"a\""), "{written}");
    assert!(
        written.contains("ENABLE REPLICA TRIGGER \"r\""),
        "{written}"
    );
}

#[test]
fn what_a_key_of_sqlite_does_goes_round() {
    let text =
        "CREATE TABLE t (a TEXT NOT NULL ON CONFLICT IGNORE UNIQUE ON CONFLICT REPLACE, b TEXT,
         UNIQUE (b COLLATE NOCASE) ON CONFLICT FAIL);
         CREATE TABLE u (id INTEGER PRIMARY KEY DESC ON CONFLICT REPLACE)";
    let written = goes_round(text, LITE);
    for part in [
        "NOT NULL ON CONFLICT IGNORE",
        "UNIQUE (\"a\") ON CONFLICT REPLACE",
        "UNIQUE (\"b\" COLLATE \"NOCASE\") ON CONFLICT FAIL",
        "PRIMARY KEY DESC ON CONFLICT REPLACE",
    ] {
        assert!(written.contains(part), "{part}\n{written}");
    }
    let bare = read(
        "CREATE TABLE t (a TEXT NOT NULL UNIQUE, b TEXT, UNIQUE (b));
         CREATE TABLE u (id INTEGER PRIMARY KEY DESC)",
        LITE,
    );
    let result = Validation::new(&read(text, LITE))
        .level(ValidationLevel::Exact)
        .run(&bare);
    assert_eq!(result.differences.len(), 5, "{:#?}", result.differences);
    let lost = told(&write(&read(text, LITE), PG));
    assert_eq!(
        lost.iter().filter(|l| l.contains("ON CONFLICT")).count(),
        4,
        "{lost:#?}"
    );
}

#[test]
fn what_is_not_there_takes_along_what_needs_it() {
    let schema = read(
        "CREATE TYPE pair AS (a int, b int); CREATE DOMAIN pairs AS pair;
         CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
         CREATE OPERATOR === (leftarg = int, rightarg = int, function = int4eq);
         CREATE TABLE a (id int PRIMARY KEY, p pairs); CREATE TABLE b (id int PRIMARY KEY REFERENCES a);
         CREATE TABLE c (id int GENERATED ALWAYS AS (f(1)) STORED);
         CREATE TABLE d (id int DEFAULT f(2), x int CHECK (x === 2), y int DEFAULT ('(1,2)'::pair).a);
         CREATE INDEX i ON d (f(x)); CREATE VIEW v AS SELECT f(id) FROM d;
         CREATE DOMAIN e AS int CHECK (VALUE > 1); ALTER DOMAIN e ADD CONSTRAINT n CHECK (VALUE > 2) NOT VALID;",
        PG,
    );
    let written = write(&schema, PG);
    let text = sql(&schema, PG);
    let tables = text.matches("CREATE TABLE").count();
    assert_eq!(tables, 2, "{text}");
    for gone in [
        "f(",
        "pair",
        "===",
        "CREATE INDEX",
        "CREATE VIEW",
        "REFERENCES",
    ] {
        assert!(!text.contains(gone), "{gone}\n{text}");
    }
    assert!(
        text.contains("ADD CONSTRAINT \"n\" CHECK (VALUE > 2) NOT VALID"),
        "{text}"
    );
    let lost = told(&written).join("\n");
    for name in [
        "`a`",
        "`c`",
        "`d.i`",
        "`d.id`",
        "`d.y`",
        "`d.d_x_check`",
        "`v`",
        "`pairs`",
        "`f`",
    ] {
        assert!(lost.contains(name), "{name}\n{lost}");
    }
}

#[test]
fn a_child_in_another_order_has_the_checks_of_its_parent() {
    let written = goes_round(
        "CREATE TABLE a (id int PRIMARY KEY, x int CHECK (x > 0)); CREATE TABLE b (y int) INHERITS (a);
         ALTER TABLE a ADD q int",
        PG,
    );
    let named = written.matches("CONSTRAINT \"a_x_check\"").count();
    assert_eq!(named, 2, "{written}");
}

#[test]
fn a_not_null_that_is_not_valid_is_one_without_a_default_too() {
    let text =
        "CREATE TABLE t (id int, a int); ALTER TABLE t ADD CONSTRAINT x NOT NULL a NOT VALID";
    let written = goes_round(text, PG);
    assert!(written.contains("NOT NULL \"a\" NOT VALID"), "{written}");
}
