//! What CREATE VIEW says beside the query: the names of the columns, and how rows are seen and written
//! through the view. Never reads the query.

use super::cursor::Cursor;
use crate::name::quote_ident;
use crate::schema::ViewSchema;

/// `(a, b)` behind the view's name.
pub(super) fn column_names(c: &mut Cursor<'_>) -> Vec<String> {
    if !c.is_symbol('(') {
        return Vec::new();
    }
    let inside = c.parentheses("after the view's name");
    let parts = inside.map(Cursor::commas).unwrap_or_default().into_iter();
    parts
        .filter_map(|mut part| part.name("a column").ok())
        .collect()
}

/// `WITH (security_barrier, check_option = 'local')`, as the server keeps it.
pub(super) fn options(c: &mut Cursor<'_>) -> Vec<String> {
    if !(c.is("with") && c.symbol_at(1) == Some("(")) {
        return Vec::new();
    }
    c.next();
    listed(c)
}

fn listed(c: &mut Cursor<'_>) -> Vec<String> {
    let inside = c.parentheses("before the options");
    let parts = inside.map(Cursor::commas).unwrap_or_default().into_iter();
    parts.filter_map(option).collect()
}

/// `SET (security_barrier = off)` and `RESET (check_option)` of ALTER VIEW.
pub(super) fn change_options(c: &mut Cursor<'_>, options: &mut Vec<String>) {
    let sets = c.is("set") && c.symbol_at(1) == Some("(");
    if !(sets || c.is("reset")) {
        return;
    }
    c.next();
    let changed = listed(c);
    let name = |option: &str| option.split('=').next().unwrap_or_default().to_owned();
    options.retain(|there| changed.iter().all(|option| name(option) != name(there)));
    if sets {
        options.extend(changed);
        options.sort();
    }
}

fn option(mut c: Cursor<'_>) -> Option<String> {
    let name = c.name("an option").ok()?.to_ascii_lowercase();
    c.eat_symbol('=');
    let value = c.string().unwrap_or_else(|| c.sql()).to_ascii_lowercase();
    let value = match value.as_str() {
        "" | "on" | "yes" | "1" => "true",
        "off" | "no" | "0" => "false",
        value => value,
    };
    Some(format!("{name}={value}"))
}

/// Whether `WITH [CASCADED | LOCAL] CHECK OPTION` stands here.
pub(super) fn starts_check_option(c: &Cursor<'_>) -> bool {
    let after = usize::from(c.is_at(1, "cascaded") || c.is_at(1, "local"));
    c.is("with") && c.is_at(1 + after, "check") && c.is_at(2 + after, "option")
}

/// The same as an option.
pub(super) fn check_option(c: &mut Cursor<'_>) -> Option<String> {
    if !starts_check_option(c) {
        return None;
    }
    let how = if c.is_at(1, "local") {
        "local"
    } else {
        "cascaded"
    };
    c.until(|_| false);
    Some(format!("check_option={how}"))
}

/// `RECURSIVE` stands for a query that says it itself.
pub(super) fn unroll(view: &mut ViewSchema) {
    let Some(query) = view.definition.take() else {
        return;
    };
    let names: Vec<String> = view
        .column_names
        .iter()
        .map(|name| quote_ident(name))
        .collect();
    let (name, names) = (quote_ident(&view.name), names.join(", "));
    view.definition = Some(format!(
        "WITH RECURSIVE {name}({names}) AS ({query}) SELECT {names} FROM {name}"
    ));
    view.column_names.clear();
}

#[cfg(test)]
mod tests {
    use crate::ddl::{SqlDialect, parse};

    #[test]
    fn a_view_has_all_that_is_beside_its_query() {
        let read = parse(
            "CREATE VIEW a (x, \"Y\") WITH (security_barrier, security_invoker = 'on') AS SELECT 1, 2 WITH LOCAL CHECK OPTION;
             CREATE VIEW b AS SELECT 1 AS z WITH CHECK OPTION;
             CREATE RECURSIVE VIEW n (i) AS VALUES (1) UNION ALL SELECT i + 1 FROM n;
             CREATE MATERIALIZED VIEW m WITH (fillfactor = 70) AS SELECT 1 WITH NO DATA",
            SqlDialect::Postgres,
        );
        let view = |name: &str| &read.schema.views[name];
        assert_eq!(view("a").column_names, ["x", "Y"]);
        assert_eq!(
            view("a").options,
            [
                "check_option=local",
                "security_barrier=true",
                "security_invoker=true"
            ]
        );
        assert_eq!(view("a").definition.as_deref(), Some("SELECT 1, 2"));
        assert_eq!(view("b").options, ["check_option=cascaded"]);
        assert_eq!(
            view("n").definition.as_deref(),
            Some(
                "WITH RECURSIVE \"n\"(\"i\") AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT \"i\" FROM \"n\""
            )
        );
        assert!(view("m").options.is_empty());
        let changed = parse(
            "CREATE VIEW a WITH (security_barrier, security_invoker) AS SELECT 1;
             ALTER VIEW IF EXISTS a SET (security_barrier = off, check_option = local);
             ALTER VIEW a RESET (security_invoker); ALTER VIEW a ALTER x SET DEFAULT 3",
            SqlDialect::Postgres,
        );
        assert_eq!(
            changed.schema.views["a"].options,
            ["check_option=local", "security_barrier=false"]
        );
        let lite = parse(
            "CREATE VIEW v ([a b], c) AS SELECT 1, 2",
            SqlDialect::Sqlite,
        );
        assert_eq!(lite.schema.views["v"].column_names, ["a b", "c"]);
    }
}
