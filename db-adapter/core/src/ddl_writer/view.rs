//! Views and materialised views, by their queries.

use super::{NotExpressed, quote, sound};
use crate::schema::{SqlDialect, ViewSchema};

/// The statement, or why there is none.
pub(super) fn create(
    key: &str,
    view: &ViewSchema,
    dialect: SqlDialect,
) -> Result<String, NotExpressed> {
    let Some(query) = view.definition.as_deref() else {
        return Err(NotExpressed::new("view", key, "its query is not known"));
    };
    let wrong = |reason: &str| Err(NotExpressed::new("view", key, reason));
    if !sound::is_query(query, dialect) {
        return wrong("its definition is not one query");
    }
    if dialect == SqlDialect::Sqlite && (view.materialized || !view.options.is_empty()) {
        return wrong("SQLite has no such views");
    }
    if view
        .options
        .iter()
        .any(|option| !sound::is_clause(option, dialect))
    {
        return wrong("its options are not known");
    }
    let name = quote::qualified(view.schema.as_deref(), &view.name, dialect);
    let kind = if view.materialized {
        "MATERIALIZED VIEW"
    } else {
        "VIEW"
    };
    let mut sql = format!("CREATE {kind} {name}");
    if !view.column_names.is_empty() {
        sql.push_str(&format!(" ({})", quote::list(&view.column_names)));
    }
    if !view.options.is_empty() {
        sql.push_str(&format!(" WITH ({})", view.options.join(", ")));
    }
    sql.push_str(&format!(" AS\n{query}"));
    Ok(sql)
}
