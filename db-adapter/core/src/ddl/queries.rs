//! SELECT, as far as it makes something: a table by INTO, and whatever a function does that it calls.
//! Never reads what a query gives.

use super::cursor::{Cursor, Read};
use super::reader::Reader;
use crate::lexer::Kind;
use crate::schema::{NotInspected, TableSchema, table_key};

/// Words before a parenthesis that call nothing, and functions that change nothing in a schema.
const HARMLESS: &[&str] = &[
    "all",
    "and",
    "any",
    "array",
    "array_agg",
    "as",
    "avg",
    "between",
    "bool_and",
    "bool_or",
    "by",
    "case",
    "cast",
    "char",
    "character",
    "coalesce",
    "concat",
    "count",
    "cross",
    "cube",
    "current_schema",
    "current_setting",
    "currval",
    "date_trunc",
    "datetime",
    "decimal",
    "distinct",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "filter",
    "format",
    "from",
    "generate_series",
    "greatest",
    "group_concat",
    "grouping",
    "having",
    "if",
    "ifnull",
    "in",
    "int",
    "intersect",
    "interval",
    "into",
    "is",
    "join",
    "json_agg",
    "jsonb_agg",
    "last_insert_rowid",
    "lastval",
    "lateral",
    "least",
    "length",
    "like",
    "limit",
    "lower",
    "materialized",
    "max",
    "min",
    "nextval",
    "not",
    "now",
    "nullif",
    "numeric",
    "offset",
    "on",
    "or",
    "over",
    "partition",
    "pg_notify",
    "pg_sleep",
    "position",
    "quote_ident",
    "quote_literal",
    "replace",
    "returning",
    "round",
    "row",
    "row_number",
    "select",
    "sets",
    "setval",
    "some",
    "string_agg",
    "substring",
    "sum",
    "then",
    "time",
    "timestamp",
    "timestamptz",
    "to_char",
    "trim",
    "union",
    "unnest",
    "upper",
    "using",
    "values",
    "varchar",
    "version",
    "when",
    "where",
    "with",
    "within",
];

impl Reader<'_> {
    /// A query that stands by itself.
    pub(super) fn query(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        let start = *c;
        if let Some(path) = search_path_of(*c) {
            self.set_path(super::reader::path(path), false);
            return Ok(());
        }
        if let Some(call) = unknown_call(*c) {
            self.list_unknown(&start, "statement", &format!("SELECT {call}()"));
        }
        // INSERT and MERGE have another INTO
        let is_query = !contains(*c, "insert") && !contains(*c, "merge");
        c.until(|c| c.is("into"));
        if !(is_query && c.eat("into")) {
            return Ok(());
        }
        let mut temporary = c.eat("temporary") || c.eat("temp");
        let unlogged = c.eat("unlogged");
        c.eat("table");
        let named = c.qualified("the name of a table")?;
        temporary |= named.0.as_deref() == Some("pg_temp");
        if temporary {
            return Ok(());
        }
        let (schema, name) = self.placed(named);
        let key = table_key(schema.as_deref(), &name);
        let message = format!("the columns of `{key}` are those of a query, which is not read");
        self.note_at(&start, &message);
        self.ddl.schema.not_inspected.push(NotInspected {
            kind: "table".into(),
            name: Some(key.clone()),
            reason: "its columns are those of a query".into(),
        });
        let table = TableSchema {
            schema,
            name,
            unlogged,
            ..TableSchema::default()
        };
        self.ddl.schema.tables.insert(key, table);
        Ok(())
    }
}

/// `SELECT pg_catalog.set_config('search_path', '', false)`
fn search_path_of(mut c: Cursor<'_>) -> Option<Vec<String>> {
    c.next();
    let (_, function) = c.qualified("a function").ok()?;
    let sets = function == "set_config"
        && c.eat_symbol('(')
        && c.string().as_deref() == Some("search_path")
        && c.eat_symbol(',');
    if !sets {
        return None;
    }
    let names = c.string().unwrap_or_default();
    let names = names.split(',').map(|name| name.trim().trim_matches('"'));
    Some(names.map(str::to_owned).collect())
}

fn contains(mut c: Cursor<'_>, word: &str) -> bool {
    c.until(|c| c.is(word));
    c.is(word)
}

/// The name of a function that is called and may do anything.
fn unknown_call(mut c: Cursor<'_>) -> Option<String> {
    while let Some(token) = c.next() {
        let is_name = matches!(token.kind, Kind::Word | Kind::Name);
        if !is_name || !c.is_symbol('(') {
            continue;
        }
        // what has a schema's name before it, is a function of that schema
        let built_in = c.at >= 3 && {
            let before = c.moved_to(c.at - 3);
            before.is("pg_catalog") && before.symbol_at(1) == Some(".")
        };
        let name = token.name(c.dialect)?;
        // a table, or an alias, with the names of its columns
        let mut before = c.moved_to(c.at.saturating_sub(2));
        if before.symbol_at(0) == Some(".") {
            before = c.moved_to(c.at.saturating_sub(4));
        }
        if c.at > 1 && before.is_any(&["into", "as", "with", "recursive"]) {
            continue;
        }
        let known = HARMLESS
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known));
        if !built_in && !known && !name.starts_with("pg_") {
            return Some(name);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::ddl::{SqlDialect, parse};

    fn listed(sql: &str) -> Vec<String> {
        let read = parse(sql, SqlDialect::Postgres);
        let entries = read.schema.not_inspected.iter();
        entries.filter_map(|entry| entry.name.clone()).collect()
    }

    #[test]
    fn a_function_may_do_anything() {
        assert_eq!(
            listed("SELECT create_hypertable('t', 'at')"),
            ["SELECT create_hypertable()"]
        );
        assert_eq!(
            listed("WITH a AS (SELECT app.make_all()) SELECT 1"),
            ["SELECT make_all()"]
        );
        for harmless in [
            "SELECT 1",
            "SELECT setval('s', (SELECT max(id) FROM t))",
            "SELECT pg_catalog.format_type(1, 2)",
            "SELECT count(*) FROM t WHERE a IN (1, 2) AND EXISTS (SELECT 1)",
            "WITH a (x) AS (SELECT * FROM (VALUES (1)) AS v (y)) SELECT 1",
            "WITH a AS (INSERT INTO s.t (b) VALUES (1) RETURNING b) SELECT * FROM a",
        ] {
            assert!(listed(harmless).is_empty(), "{harmless}");
        }
    }

    #[test]
    fn into_makes_a_table() {
        let sql = "SELECT a, b INTO TABLE copied FROM t; SELECT 1 INTO TEMP x; WITH c AS (SELECT 1) SELECT * INTO s.d FROM c";
        assert_eq!(listed(sql), ["copied", "s.d"]);
        let read = parse(sql, SqlDialect::Postgres);
        assert!(read.schema.table("copied").is_some() && read.schema.table("s.d").is_some());
    }
}
