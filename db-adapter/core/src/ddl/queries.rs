//! SELECT, as far as it makes something: a table by INTO, and the search path by `set_config`. What the functions
//! do that it calls, `calls` lists. Never reads what a query gives.

use super::cursor::{Cursor, Read};
use super::reader::Reader;
use crate::schema::{NotInspected, TableSchema, table_key};

impl Reader<'_> {
    /// A query that stands by itself.
    pub(super) fn query(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        let start = *c;
        if let Some(path) = search_path_of(*c) {
            self.set_path(super::reader::path(path), false);
            return Ok(());
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
pub(super) fn search_path_of(mut c: Cursor<'_>) -> Option<Vec<String>> {
    if !c.eat("select") {
        return None;
    }
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
