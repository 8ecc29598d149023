//! Defaults of SQLite that store a time in another spelling than the one that programs write: the
//! database compares the texts, so SQL of a program's own finds the wrong rows. Never an error:
//! reading, filters and orders of the library are right with every spelling.

use super::findings::{Findings, Found};
use super::{DifferenceKind, ObjectKind, Severity};
use crate::schema::{ColumnSchema, SqlDialect};
use crate::sql_type::SqlType;

/// Reports a default that is not the canonical text of its column.
pub(super) fn of_default(
    key: &str,
    column: &ColumnSchema,
    dialect: SqlDialect,
    findings: &mut Findings,
) {
    let Some(canonical) = canonical(&column.sql_type).filter(|_| dialect == SqlDialect::Sqlite)
    else {
        return;
    };
    let default = column.default.as_deref().unwrap_or_default();
    if !writes_another_spelling(default) {
        return;
    }
    let name = &column.name;
    findings.add(
        Found::of_table(DifferenceKind::Default, ObjectKind::Column, key, name)
            .severity(Severity::Warning)
            .actual(default)
            .message(format!(
                "column `{key}.{name}` has the default `{default}`, whose text SQL of your own \
                 compares wrongly with the times that this library writes"
            ))
            .hint(format!(
                "make the default `(strftime('{canonical}', 'now'))`, and rewrite the rows that have the other one"
            )),
    );
}

/// What the canonical text is in `strftime`; none where every default is right.
fn canonical(sql_type: &SqlType) -> Option<&'static str> {
    Some(match sql_type {
        SqlType::Timestamptz => "%Y-%m-%dT%H:%M:%f000+00:00",
        SqlType::Timestamp => "%Y-%m-%dT%H:%M:%f000",
        SqlType::Time => "%H:%M:%f000",
        _ => return None,
    })
}

fn writes_another_spelling(default: &str) -> bool {
    let text = default.to_ascii_lowercase();
    let text = text.trim_matches(['(', ')', ' ']);
    ["current_timestamp", "current_time"].contains(&text)
        || text.starts_with("datetime(")
        || text.starts_with("time(")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::ValidationLevel;

    fn warned(dialect: SqlDialect, declared: &str, default: &str) -> bool {
        let sql_type = SqlType::parse_sqlite(declared).unwrap_or(SqlType::Text);
        let mut column = ColumnSchema::new("at", declared, sql_type);
        column.default = Some(default.to_owned());
        let mut findings = Findings::new(ValidationLevel::Compatible);
        of_default("t", &column, dialect, &mut findings);
        !findings.differences.is_empty()
    }

    #[test]
    fn a_default_with_a_blank_is_told() {
        let sqlite = |declared, default| warned(SqlDialect::Sqlite, declared, default);
        assert!(sqlite("TIMESTAMPTZ", "CURRENT_TIMESTAMP"));
        assert!(sqlite("DATETIME", "(datetime('now'))"));
        assert!(sqlite("TIME", "CURRENT_TIME"));
        assert!(!sqlite(
            "TIMESTAMPTZ",
            "strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now')"
        ));
        assert!(!sqlite("DATE", "CURRENT_DATE"));
        assert!(!sqlite("TEXT", "CURRENT_TIMESTAMP"));
        assert!(!warned(
            SqlDialect::Postgres,
            "timestamptz",
            "CURRENT_TIMESTAMP"
        ));
    }
}
