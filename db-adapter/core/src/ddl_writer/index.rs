//! CREATE INDEX, of a table or of a materialised view.

use super::quote;
use crate::lexer::{Kind, Lexer};
use crate::name::quote_ident;
use crate::schema::{IndexColumn, IndexSchema, SqlDialect};

/// The statement; `table` is the name as SQL, `schema` that of the table.
pub(crate) fn create(
    index: &IndexSchema,
    table: &str,
    dialect: SqlDialect,
    collation: impl Fn(&str) -> String,
) -> String {
    let unique = if index.is_unique { "UNIQUE " } else { "" };
    let mut sql = format!("CREATE {unique}INDEX ");
    // SQLite wants a name; a comment is put on one
    let chosen = !index.name_is_generated || index.comment.is_some();
    if (chosen || dialect == SqlDialect::Sqlite) && !index.name.is_empty() {
        sql.push_str(&quote_ident(&index.name));
        sql.push(' ');
    }
    sql.push_str(&format!("ON {table}"));
    if !index.method.eq_ignore_ascii_case("btree") {
        sql.push_str(&format!(" USING {}", quote_ident(&index.method)));
    }
    let keys: Vec<String> = index
        .columns
        .iter()
        .map(|column| key(column, dialect, &collation))
        .collect();
    sql.push_str(&format!(" ({})", keys.join(", ")));
    if !index.include.is_empty() {
        sql.push_str(&format!(" INCLUDE ({})", quote::list(&index.include)));
    }
    if index.nulls_not_distinct {
        sql.push_str(" NULLS NOT DISTINCT");
    }
    if let Some(predicate) = &index.predicate {
        sql.push_str(&format!(" WHERE ({predicate})"));
    }
    sql
}

fn key(column: &IndexColumn, dialect: SqlDialect, collation: impl Fn(&str) -> String) -> String {
    let mut sql = match column.is_expression {
        // which SQLite takes for the name of a column
        true if dialect == SqlDialect::Sqlite && is_string(&column.text) => {
            format!("(+{})", column.text)
        }
        true => format!("({})", column.text),
        false => quote_ident(&column.text),
    };
    if let Some(name) = &column.collation {
        sql.push_str(&format!(" COLLATE {}", collation(name)));
    }
    if let Some(class) = &column.operator_class {
        sql.push(' ');
        sql.push_str(&operator_class(class));
    }
    if column.descending {
        sql.push_str(" DESC");
    }
    match column.nulls_first {
        Some(true) => sql.push_str(" NULLS FIRST"),
        Some(false) => sql.push_str(" NULLS LAST"),
        None => {}
    }
    sql
}

/// Whether the expression is one string and nothing else, but parentheses.
fn is_string(text: &str) -> bool {
    let tokens = Lexer::of_definition(text, SqlDialect::Sqlite).significant();
    let mut tokens = tokens.filter(|token| !matches!(token.text, "(" | ")"));
    let first = tokens.next();
    first.is_some_and(|token| matches!(token.kind, Kind::String(_))) && tokens.next().is_none()
}

/// The class with its parameters: `"gist_trgm_ops" (siglen='32')`.
fn operator_class(class: &str) -> String {
    match class.split_once(" (").filter(|_| class.ends_with(')')) {
        Some((name, parameters)) => format!("{} ({parameters}", quote_ident(name)),
        None => quote_ident(class),
    }
}
