//! Functions that a statement calls and that may do anything: each statement that the server executes goes
//! through here, whatever its kind. Never looks at what is only defined: bodies, and queries of views, run later.

use super::SqlDialect;
use super::cursor::{Cursor, Read};
use super::harmless::HARMLESS;
use super::queries::search_path_of;
use super::reader::Reader;
use crate::lexer::Kind;

/// Where a default ends that is added with a column.
const BEHIND_DEFAULT: [&str; 9] = [
    "not",
    "null",
    "constraint",
    "check",
    "references",
    "unique",
    "primary",
    "generated",
    "collate",
];

impl Reader<'_> {
    /// Lists the statement when something that it executes may do anything to the schema.
    pub(super) fn list_calls(&mut self, c: &Cursor<'_>) {
        if search_path_of(*c).is_some() {
            return; // it is applied
        }
        let (verb, executed) = executed(*c);
        let call = executed
            .into_iter()
            .find_map(|part| self.unknown_call(part));
        if let Some(call) = call {
            self.list_unknown(c, "statement", &format!("{verb} {call}"));
        }
    }

    /// Remembers a view whose query calls such a function: to read it is to call that.
    pub(super) fn remember_calls_of_view(&mut self, name: &str, query: Cursor<'_>) {
        if self.unknown_call(query).is_some() {
            self.calling_views.insert(name.to_owned());
        }
    }

    /// EXPLAIN: with ANALYZE it executes its statement.
    pub(super) fn explain(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        c.next();
        let executes = match c.is_symbol('(') {
            true => {
                let options = c.parentheses("after `EXPLAIN`")?.commas();
                options.into_iter().any(turns_on_analyze)
            }
            false => c.eat("analyze") || c.eat("analyse"),
        };
        c.eat("verbose");
        if executes && self.dialect == SqlDialect::Postgres {
            self.one(*c);
        } else {
            // a statement that no semicolon parts from this one is its own
            c.until(|_| false);
        }
        Ok(())
    }

    /// The name of what is called and may do anything: a function with parentheses, or a view.
    fn unknown_call(&self, mut c: Cursor<'_>) -> Option<String> {
        while let Some(token) = c.next() {
            if !matches!(token.kind, Kind::Word | Kind::Name) {
                continue;
            }
            let is_call = c.is_symbol('(');
            if !is_call && self.calling_views.is_empty() {
                continue;
            }
            let Some(name) = token.name(c.dialect) else {
                continue;
            };
            if self.calling_views.contains(&name) {
                return Some(name);
            }
            if is_call && !is_harmless(&name, &c) {
                return Some(format!("{name}()"));
            }
        }
        None
    }
}

/// Whether the name, behind which the cursor stands before a parenthesis, calls nothing that could change a schema.
fn is_harmless(name: &str, c: &Cursor<'_>) -> bool {
    let back = |count: usize| c.at.checked_sub(count).map(|at| c.moved_to(at));
    // what has a schema's name before it, is a function of that schema
    let schema = back(3).filter(|before| before.symbol_at(1) == Some("."));
    if name == "set_config" {
        return sets_only_a_value(*c);
    }
    let known = match &schema {
        Some(schema) => schema.is("pg_catalog"),
        None => {
            name.starts_with("pg_")
                || HARMLESS
                    .iter()
                    .any(|known| name.eq_ignore_ascii_case(known))
        }
    };
    // a table, or an alias, with the names of its columns; a type with its length
    let before = back(if schema.is_some() { 4 } else { 2 });
    let names = before.is_some_and(|before| {
        before.is_any(&["into", "as", "with", "recursive"]) || before.symbol_at(0) == Some("::")
    });
    known || names || is_common_table(*c)
}

/// `('app.user', ..)`: a setting that is not the search path, by which names are looked up.
fn sets_only_a_value(mut c: Cursor<'_>) -> bool {
    c.eat_symbol('(');
    let setting = c.string().map(|setting| setting.to_ascii_lowercase());
    !matches!(setting.as_deref(), None | Some("search_path"))
}

/// `(a, b) AS [NOT MATERIALIZED] (SELECT ..)`: the columns of a query in WITH.
fn is_common_table(mut c: Cursor<'_>) -> bool {
    if c.parentheses("").is_err() || !c.eat("as") {
        return false;
    }
    c.eat("not");
    c.eat("materialized");
    let queries = [
        "select", "with", "values", "insert", "update", "delete", "merge", "table",
    ];
    c.eat_symbol('(') && (c.is_any(&queries) || c.is_symbol('('))
}

/// `ANALYZE`, `ANALYZE ON`, not `ANALYZE false`.
fn turns_on_analyze(mut option: Cursor<'_>) -> bool {
    let named = option.eat("analyze") || option.eat("analyse");
    let value = option.sql().to_ascii_lowercase();
    named
        && !matches!(
            value.trim_matches('\''),
            "off" | "false" | "0" | "no" | "f" | "n"
        )
}

/// The kind of the statement in words, and its parts that are executed at once.
fn executed<'a>(mut c: Cursor<'a>) -> (String, Vec<Cursor<'a>>) {
    let verb = c.word(0).to_ascii_uppercase();
    if c.is_any(&["select", "with"]) {
        return ("SELECT".to_owned(), vec![c]);
    }
    if !c.is_postgres() {
        return (verb, Vec::new()); // its functions cannot change a schema
    }
    let parts = match verb.as_str() {
        "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "VALUES" | "DECLARE" | "REFRESH" => vec![c],
        "COPY" => {
            c.next();
            match c.is_symbol('(') {
                true => c.parentheses("").into_iter().collect(),
                false => behind(c, "where", &[]).into_iter().collect(),
            }
        }
        "CREATE" => return created(c),
        "ALTER" if c.is_at(1, "table") => {
            c.next();
            c.next();
            let actions = c.until(|_| false).commas();
            let verb = "ALTER TABLE".to_owned();
            return (verb, actions.into_iter().flat_map(of_action).collect());
        }
        _ => Vec::new(),
    };
    (verb, parts)
}

/// The query of a table or of a materialized view, and the bounds of a partition.
fn created<'a>(mut c: Cursor<'a>) -> (String, Vec<Cursor<'a>>) {
    c.next();
    let stored = c.eat("materialized view");
    while c.is_any(&["temporary", "temp", "unlogged", "global", "local"]) {
        c.next();
    }
    if !stored && !c.eat("table") {
        return (String::new(), Vec::new());
    }
    let what = match stored {
        true => "CREATE MATERIALIZED VIEW",
        false => "CREATE TABLE",
    };
    // not through statements that no semicolon parts from this one
    let query = behind(c, "as", &["create"])
        .map(|mut query| query.until(|c| c.is("with") && c.is_at(1, "no") && c.is_at(2, "data")));
    let query = query.filter(|_| !without_rows(c));
    let bounds = behind(c, "for", &["as", "create"]).and_then(|bounds| values_of(bounds));
    (what.to_owned(), query.into_iter().chain(bounds).collect())
}

/// `FOR VALUES IN (..)` of a partition, behind FOR.
fn values_of(mut c: Cursor<'_>) -> Option<Cursor<'_>> {
    c.eat("values")
        .then(|| c.until(|c| c.is("partition") || c.is("create")))
}

fn without_rows(mut c: Cursor<'_>) -> bool {
    c.until(|c| c.is("with") && c.is_at(1, "no") && c.is_at(2, "data"));
    c.is("with")
}

/// What an action of ALTER TABLE executes for the rows that are there.
fn of_action(c: Cursor<'_>) -> Option<Cursor<'_>> {
    if let Some(mut bounds) = behind(c, "for", &[]).filter(|c| c.is("values")) {
        bounds.next();
        return Some(bounds);
    }
    if let Some(column) = behind(c, "add", &["drop", "alter"]) {
        let mut default = behind(
            column,
            "default",
            &["constraint", "unique", "primary", "foreign", "exclude"],
        )?;
        return Some(default.until(|c| c.is_any(&BEHIND_DEFAULT)));
    }
    let altered = behind(c, "type", &["add", "drop", "default"])?;
    behind(altered, "using", &[])
}

/// What follows the word, if none of the others comes first.
fn behind<'a>(mut c: Cursor<'a>, word: &str, others: &[&str]) -> Option<Cursor<'a>> {
    c.until(|c| c.is(word) || c.is_any(others));
    c.eat(word).then_some(c)
}

#[cfg(test)]
mod tests {
    use crate::ddl::{SqlDialect, parse};

    fn listed(sql: &str) -> Vec<String> {
        let read = parse(sql, SqlDialect::Postgres);
        let entries = read.schema.not_inspected.iter();
        let entries = entries.filter(|entry| entry.kind == "statement");
        entries.filter_map(|entry| entry.name.clone()).collect()
    }

    #[test]
    fn whatever_executes_a_function_is_listed() {
        for (sql, name) in [
            ("INSERT INTO t SELECT f()", "INSERT f()"),
            ("INSERT INTO t (a) VALUES (f())", "INSERT f()"),
            (
                "INSERT INTO log SELECT make(d) FROM generate_series(1, 2) d",
                "INSERT make()",
            ),
            ("UPDATE t SET a = f()", "UPDATE f()"),
            ("DELETE FROM t WHERE app.lower(a) = 1", "DELETE lower()"),
            ("VALUES (f())", "VALUES f()"),
            (
                "INSERT INTO t SELECT pg_catalog.set_config('search_path', 'a', false)",
                "INSERT set_config()",
            ),
            (
                "MERGE INTO t USING (VALUES (f())) v (x) ON true WHEN MATCHED THEN DO NOTHING",
                "MERGE f()",
            ),
            ("COPY (SELECT f()) TO STDOUT", "COPY f()"),
            ("DECLARE c CURSOR FOR SELECT f()", "DECLARE f()"),
            ("EXPLAIN ANALYZE SELECT f()", "SELECT f()"),
            (
                "EXPLAIN (COSTS off, ANALYZE) INSERT INTO t VALUES (f())",
                "INSERT f()",
            ),
            ("EXPLAIN (ANALYZE true) EXECUTE p", "EXECUTE"),
            (
                "CREATE MATERIALIZED VIEW z AS SELECT f()",
                "CREATE MATERIALIZED VIEW f()",
            ),
            ("CREATE TABLE z AS SELECT f()", "CREATE TABLE f()"),
            (
                "CREATE TABLE t (a int); ALTER TABLE t ALTER a TYPE bigint USING f()",
                "ALTER TABLE f()",
            ),
            (
                "CREATE TABLE t (a int); ALTER TABLE t DROP a, ADD b int DEFAULT f() REFERENCES t (c)",
                "ALTER TABLE f()",
            ),
            ("CREATE VIEW v AS SELECT f(); SELECT * FROM v", "SELECT v"),
            (
                "CREATE VIEW v AS SELECT f(); CREATE VIEW w AS TABLE v; ALTER VIEW w RENAME TO x; INSERT INTO t TABLE x",
                "INSERT x",
            ),
            (
                "CREATE MATERIALIZED VIEW m AS SELECT f() WITH NO DATA; REFRESH MATERIALIZED VIEW m",
                "REFRESH m",
            ),
        ] {
            assert_eq!(listed(sql), [name], "{sql}");
        }
        let read = parse("SELECT 1;\n\nVALUES (f())", SqlDialect::Postgres);
        let reason = &read.schema.not_inspected[0].reason;
        assert!(reason.starts_with("line 3: "), "{reason}");
    }

    #[test]
    fn what_executes_nothing_unknown_is_not_listed() {
        for sql in [
            "INSERT INTO public.t (a, b) VALUES (1, 'f(x)'), (nextval('s'), now()) ON CONFLICT (a) DO UPDATE SET (a, b) = (1, 2)",
            "COPY public.t (a, b) FROM stdin;\n1\tf(x)\n\\.\n",
            "COPY t (a) FROM stdin WITH (FORMAT csv)",
            "UPDATE t SET g = 'x'::geometry(Point), v = CAST(a AS vector(3))",
            "WITH a (x) AS (SELECT 1), b (y) AS MATERIALIZED (SELECT 2) SELECT 1",
            "CREATE VIEW v AS SELECT f()",
            "CREATE VIEW v AS SELECT f(); ALTER VIEW v RENAME TO w; COMMENT ON VIEW w IS 'x'",
            "CREATE MATERIALIZED VIEW v (a) AS SELECT f() WITH NO DATA",
            "CREATE TABLE t (a int DEFAULT f(), CHECK (f(a)), b int GENERATED ALWAYS AS (f(a)) STORED)",
            "CREATE TABLE t (a int, b int); ALTER TABLE t ADD UNIQUE (a), ADD CONSTRAINT x FOREIGN KEY (b) REFERENCES t (a)",
            "CREATE TABLE t (a int); ALTER TABLE t ADD g numeric(3) DEFAULT 1 CHECK (f(g)), ALTER a SET DEFAULT f()",
            "EXPLAIN SELECT f()",
            "SELECT set_config('search_path', 'a', false); INSERT INTO t SELECT set_config('app.x', 'a', false)",
            "EXPLAIN (ANALYZE false) SELECT f()",
            "CREATE TABLE t (a int) PARTITION BY RANGE (a); CREATE TABLE u PARTITION OF t FOR VALUES FROM (1) TO (2) PARTITION BY LIST (a)",
        ] {
            assert_eq!(listed(sql), [""; 0], "{sql}");
        }
    }

    #[test]
    fn explain_analyze_makes_what_its_statement_makes() {
        let sql = "EXPLAIN ANALYZE VERBOSE CREATE MATERIALIZED VIEW v AS SELECT 1; EXPLAIN CREATE MATERIALIZED VIEW w AS SELECT 1; \
                   EXPLAIN (ANALYZE) CREATE TABLE made AS SELECT 1 AS b";
        let read = parse(sql, SqlDialect::Postgres);
        assert_eq!(read.errors, []);
        assert!(read.schema.views.contains_key("v") && !read.schema.views.contains_key("w"));
        let tables = read
            .schema
            .not_inspected
            .iter()
            .filter(|e| e.kind == "table");
        let names: Vec<_> = tables.map(|e| e.name.as_deref()).collect();
        assert_eq!(names, [Some("made")]);
    }
}
