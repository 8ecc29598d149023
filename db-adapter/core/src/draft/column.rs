//! Which field a column becomes: the Rust type that takes all of its values without a feature, and the
//! SQL type where that does not say it.

use crate::declared::Kind;
use crate::expected::ExpectedColumn;
use crate::schema::SqlDialect;
use crate::{ColumnSchema, SqlType};

/// The Rust type that has all the values, without `Option`, and what it says by itself. A type that nobody
/// here knows is any value.
pub(super) fn of_type(sql: &SqlType) -> (&'static str, Kind) {
    match sql {
        SqlType::Bool => ("bool", Kind::Bool),
        SqlType::Int2 => ("i16", Kind::Int2),
        SqlType::Int4 => ("i32", Kind::Int4),
        SqlType::Int8 | SqlType::Oid => ("i64", Kind::Int8),
        SqlType::Float4 => ("f32", Kind::Float4),
        SqlType::Float8 => ("f64", Kind::Float8),
        SqlType::Numeric { .. } => ("Numeric", Kind::Numeric),
        SqlType::Bytea => ("Vec<u8>", Kind::Bytea),
        SqlType::Json | SqlType::Jsonb => ("Json", Kind::Json),
        SqlType::Uuid => ("String", Kind::Text),
        text if text.is_text() || text.is_temporal() => ("String", Kind::Text),
        _ => ("Value", Kind::Any),
    }
}

/// What is expected of the column, as its field says.
pub(super) fn expected(column: &ColumnSchema, dialect: SqlDialect) -> ExpectedColumn {
    let known = match dialect {
        SqlDialect::Postgres => postgres(column),
        // a column of an unknown type takes any value
        _ => Some(column.sql_type.clone()).filter(|sql| !is_unknown(sql)),
    };
    let data_type = known.map(|sql| match &column.data_type {
        // the digits of a second are the column's own
        own if dialect == SqlDialect::Postgres
            && sql.is_temporal()
            && own.contains('(')
            && SqlType::parse_postgres(own) == sql =>
        {
            own.clone()
        }
        _ => sql.to_string(),
    });
    // a type that the field does not say is written beside it, and holds with its length
    let is_written = |sql: &str| {
        let (_, kind) = of_type(&SqlType::parse_postgres(sql));
        Kind::sql(kind, false) != Some(sql)
    };
    ExpectedColumn {
        name: column.name.clone().into(),
        exact: data_type.as_deref().is_some_and(is_written),
        data_type: data_type.map(Into::into),
        nullable: Some(column.nullable),
        filled: column.is_filled().then_some(true),
    }
}

/// A domain is what it is made of: its name alone says nothing about its values.
fn postgres(column: &ColumnSchema) -> Option<SqlType> {
    let named = SqlType::parse_postgres(&column.data_type);
    match (&named, &column.sql_type) {
        (SqlType::Other(_), SqlType::Enum(_)) => Some(named),
        (SqlType::Other(_), made_of) if !is_unknown(made_of) => Some(made_of.clone()),
        (SqlType::Array(of), _) if is_unknown(of) => None,
        _ => Some(named),
    }
}

fn is_unknown(sql: &SqlType) -> bool {
    matches!(sql, SqlType::Other(_) | SqlType::Array(_))
}
