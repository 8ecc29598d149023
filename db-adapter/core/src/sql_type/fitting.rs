//! Which Rust types a column's values go into, by the SQL types that those stand for.
//! Never looks at lengths: a Rust type has none.

use super::SqlType;
use crate::schema::SqlDialect;

/// The SQL types of the Rust types that fit a column of this type; none means any.
///
/// ```
/// use db_adapter_core::SqlType;
/// use db_adapter_core::schema::SqlDialect;
/// use db_adapter_core::sql_type::fitting;
///
/// assert_eq!(fitting(&SqlType::Int8, SqlDialect::Postgres), ["bigint", "numeric"]);
/// ```
pub fn fitting(actual: &SqlType, dialect: SqlDialect) -> Vec<String> {
    let sqlite = dialect == SqlDialect::Sqlite;
    let types: &[&str] = match actual {
        SqlType::Bool => &["boolean"],
        SqlType::Int2 => &["smallint", "integer", "bigint", "numeric"],
        SqlType::Int4 => &["integer", "bigint", "numeric"],
        // SQLite has one kind of integer
        SqlType::Int8 | SqlType::Oid if sqlite => &["bigint", "integer", "smallint", "numeric"],
        SqlType::Int8 | SqlType::Oid => &["bigint", "numeric"],
        SqlType::Float4 | SqlType::Float8 => &["double precision", "real"],
        SqlType::Numeric { .. } => &["numeric", "text", "double precision", "bigint", "integer"],
        SqlType::Enum(_) => &[],
        actual if actual.is_text() && sqlite => &[],
        actual if actual.is_text() => &["text"],
        SqlType::Uuid => &["uuid", "text"],
        SqlType::Timestamptz => &["timestamp with time zone", "text"],
        SqlType::Timestamp => &["timestamp without time zone", "text"],
        SqlType::Date => &["date", "text"],
        SqlType::Time | SqlType::Timetz => &["time without time zone", "text"],
        SqlType::Bytea => &["bytea"],
        actual if actual.is_json() => &["jsonb", "json"],
        SqlType::Array(element) => {
            let element = fitting(element, dialect);
            return element.into_iter().map(|name| name + "[]").collect();
        }
        _ => &[],
    };
    types.iter().map(|name| (*name).to_owned()).collect()
}
