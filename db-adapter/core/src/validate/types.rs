//! Whether a column of one type holds what a column of another should. Never looks at rows.

use crate::expected::ExpectedColumn;
use crate::name::TableName;
use crate::schema::{ColumnSchema, DatabaseSchema, SqlDialect, table_key};
use crate::sql_type::{Affinity, SqlType, fitting};
use crate::temporal::digits;

/// How an actual type stands to the expected one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// The same type, however it is spelt.
    Same,
    /// Another type that stores the same values.
    Equivalent,
    /// It holds more.
    Wider,
    /// It does not hold everything.
    Narrower,
    Different,
}

/// A type with what its text says beyond [`SqlType`].
struct Shape {
    sql_type: SqlType,
    /// Of a time: the digits of its seconds.
    digits: u32,
}

/// The type of a declared column against the real one. One that is known by its field alone has no
/// length: see [`is_bounded`].
pub(super) fn declared(
    expected: &ExpectedColumn,
    actual: &ColumnSchema,
    schema: &DatabaseSchema,
) -> Option<Fit> {
    let text = expected.data_type.as_deref()?;
    let fit = match schema.dialect {
        SqlDialect::Postgres if expected.exact => {
            full(text, SqlDialect::Postgres, actual, schema.dialect)
        }
        SqlDialect::Postgres => {
            let base = base_of_domain(actual, schema);
            let actual = base.as_ref().unwrap_or(actual);
            postgres(&shape(text), &shape_of(actual)).min(rust(text, actual, schema.dialect))
        }
        // a Rust type's name or SQLite's own
        SqlDialect::Sqlite => full(text, SqlDialect::Postgres, actual, schema.dialect)
            .min(full(text, SqlDialect::Sqlite, actual, schema.dialect))
            .min(rust(text, actual, schema.dialect)),
    };
    Some(fit)
}

/// Whether the column takes only some of the values, or rounds them, and is declared by a field's
/// type, which does not say that it has no others.
pub(super) fn is_bounded(
    expected: &ExpectedColumn,
    actual: &ColumnSchema,
    schema: &DatabaseSchema,
) -> bool {
    if expected.exact || schema.dialect != SqlDialect::Postgres {
        return false;
    }
    let base = base_of_domain(actual, schema);
    let actual = base.as_ref().unwrap_or(actual);
    let element = actual.sql_type.element().unwrap_or(&actual.sql_type);
    match element {
        SqlType::Varchar(length) => length.is_some(),
        SqlType::Char(_) => true,
        SqlType::Numeric { precision, .. } => precision.is_some(),
        known if known.is_temporal() => digits(&actual.data_type) < digits(""),
        _ => false,
    }
}

/// The type of one schema against that of another.
pub(super) fn full(
    expected: &str,
    dialect: SqlDialect,
    actual: &ColumnSchema,
    actual_dialect: SqlDialect,
) -> Fit {
    match (dialect, actual_dialect) {
        // of a domain the text says more than the type beneath
        (SqlDialect::Postgres, SqlDialect::Postgres)
            if bare(expected) == bare(&actual.data_type) =>
        {
            Fit::Same
        }
        (SqlDialect::Postgres, SqlDialect::Postgres) => {
            postgres(&shape(expected), &shape_of(actual))
        }
        (SqlDialect::Sqlite, SqlDialect::Sqlite) => sqlite(expected, actual),
        (SqlDialect::Postgres, SqlDialect::Sqlite) => {
            across(&SqlType::parse_postgres(expected), &actual.sql_type)
        }
        (SqlDialect::Sqlite, SqlDialect::Postgres) => match SqlType::parse_sqlite(expected) {
            Some(expected) => across(&actual.sql_type, &expected),
            None => Fit::Equivalent, // a column without a type takes anything
        },
    }
}

/// What a struct that compiles against the column's definition may declare. Narrower is still
/// worth a word when it is a number's range.
fn rust(expected: &str, actual: &ColumnSchema, dialect: SqlDialect) -> Fit {
    let types = fitting(&actual.sql_type, dialect);
    let expected = SqlType::parse_postgres(expected);
    if !types.is_empty() && !types.contains(&expected.to_string()) {
        return Fit::Different;
    }
    match (&expected, &actual.sql_type) {
        (SqlType::Int8, SqlType::Int4 | SqlType::Int2) | (SqlType::Int4, SqlType::Int2)
            if dialect == SqlDialect::Postgres =>
        {
            Fit::Different // left to the comparison of the types themselves
        }
        // digits would be lost in silence
        (SqlType::Float8, SqlType::Float4) if dialect == SqlDialect::Postgres => Fit::Narrower,
        // reading fails where the column has digits after the point
        (SqlType::Int2 | SqlType::Int4 | SqlType::Int8, SqlType::Numeric { scale, .. })
            if dialect == SqlDialect::Postgres && scale.unwrap_or(1) > 0 =>
        {
            Fit::Wider
        }
        _ => Fit::Equivalent,
    }
}

/// The column as one of its domain's type.
fn base_of_domain(column: &ColumnSchema, schema: &DatabaseSchema) -> Option<ColumnSchema> {
    let SqlType::Other(name) = &column.sql_type else {
        return None;
    };
    let name = TableName::parse(name).ok()?;
    let domain = schema
        .domains
        .get(&table_key(name.schema.as_deref(), &name.name))?;
    let mut column = column.clone();
    column.data_type.clone_from(&domain.data_type);
    column.sql_type = SqlType::parse_postgres(&domain.data_type);
    Some(column)
}

/// A type without the default schema.
fn bare(data_type: &str) -> &str {
    data_type.strip_prefix("public.").unwrap_or(data_type)
}

fn shape(text: &str) -> Shape {
    Shape {
        sql_type: SqlType::parse_postgres(text),
        digits: digits(text),
    }
}

fn shape_of(column: &ColumnSchema) -> Shape {
    Shape {
        sql_type: column.sql_type.clone(),
        digits: digits(&column.data_type),
    }
}

fn postgres(expected: &Shape, actual: &Shape) -> Fit {
    use SqlType::{
        Array, Char, Enum, Float4, Float8, Int2, Int4, Int8, Numeric, Other, Text, Varchar,
    };
    match (&expected.sql_type, &actual.sql_type) {
        (Array(e), Array(a)) => postgres(&element(e, expected), &element(a, actual)),
        (e, a) if e.is_temporal() && e == a => order(expected.digits, actual.digits),
        (e, a) if e == a => Fit::Same,
        (Int2, Int4 | Int8) | (Int4, Int8) | (Float4, Float8) => Fit::Wider,
        (Int4 | Int8, Int2) | (Int8, Int4) | (Float8, Float4) => Fit::Narrower,
        (
            Numeric {
                precision: p,
                scale: s,
            },
            Numeric {
                precision: q,
                scale: t,
            },
        ) => numeric((*p, *s), (*q, *t)),
        (Text, Varchar(None)) | (Varchar(None), Text) => Fit::Equivalent,
        (Varchar(e), Varchar(a)) | (Char(e), Char(a)) => {
            order(e.unwrap_or(u32::MAX), a.unwrap_or(u32::MAX))
        }
        (Varchar(Some(_)), Text) => Fit::Wider,
        (Text, Varchar(Some(_))) => Fit::Narrower,
        (Enum(e) | Other(e), Enum(a) | Other(a)) => named(e, a),
        (Enum(_), Text | Varchar(_)) => Fit::Wider,
        (Text | Varchar(_), Enum(_)) => Fit::Narrower,
        _ => Fit::Different,
    }
}

fn element(sql_type: &SqlType, of: &Shape) -> Shape {
    Shape {
        sql_type: sql_type.clone(),
        digits: of.digits,
    }
}

fn order(expected: u32, actual: u32) -> Fit {
    match expected.cmp(&actual) {
        std::cmp::Ordering::Equal => Fit::Same,
        std::cmp::Ordering::Less => Fit::Wider,
        std::cmp::Ordering::Greater => Fit::Narrower,
    }
}

/// Digits before the point and after it.
fn numeric(expected: (Option<u32>, Option<i32>), actual: (Option<u32>, Option<i32>)) -> Fit {
    let parts = |(precision, scale): (Option<u32>, Option<i32>)| {
        let scale = i64::from(scale.unwrap_or(0));
        precision.map(|p| (i64::from(p) - scale, scale))
    };
    match (parts(expected), parts(actual)) {
        (None, None) => Fit::Same,
        (None, Some(_)) => Fit::Narrower,
        (Some(_), None) => Fit::Wider,
        (Some(e), Some(a)) if e == a => Fit::Same,
        (Some(e), Some(a)) if a.0 >= e.0 && a.1 >= e.1 => Fit::Wider,
        (Some(_), Some(_)) => Fit::Narrower,
    }
}

/// Types that we know by name alone: quotes, the default schema and spaces are no difference. A
/// name without a schema may be one of the connection's own schema.
fn named(expected: &str, actual: &str) -> Fit {
    let parsed = (TableName::parse(expected), TableName::parse(actual));
    let (Ok(e), Ok(a)) = &parsed else {
        let plain = |text: &str| text.split_whitespace().collect::<String>().to_lowercase();
        return match plain(expected) == plain(actual) {
            true => Fit::Same,
            false => Fit::Different,
        };
    };
    let key = |name: &TableName| table_key(name.schema.as_deref(), &name.name);
    match (key(e) == key(a), e.name == a.name && e.schema.is_none()) {
        (true, _) => Fit::Same,
        (false, true) => Fit::Equivalent,
        (false, false) => Fit::Different,
    }
}

/// Of two SQLite types the lengths are only words.
fn sqlite(expected: &str, actual: &ColumnSchema) -> Fit {
    let plain = |text: &str| text.split_whitespace().collect::<String>().to_lowercase();
    if plain(expected) == plain(&actual.data_type) {
        return Fit::Same;
    }
    let Some(e) = SqlType::parse_sqlite(expected) else {
        return Fit::Different;
    };
    let affinities = Affinity::of_declared(expected) == Affinity::of_declared(&actual.data_type);
    match e == actual.sql_type && affinities {
        true => Fit::Same,
        false => across(&e, &actual.sql_type),
    }
}

/// What stores the same canonical value: SQLite has one size of integers and floats, no lengths,
/// and a column of text keeps every canonical text.
fn across(rich: &SqlType, sqlite: &SqlType) -> Fit {
    use SqlType::{Array, Other};
    let same = match (rich, sqlite) {
        (Array(e), Array(a)) => return across(e, a),
        (e, a) if e == a => return Fit::Same,
        (Other(e), Other(a)) => return named(e, a),
        (e, a) if is_integer(e) && is_integer(a) => true,
        (e, a) if is_float(e) && is_float(a) => true,
        (SqlType::Numeric { .. }, SqlType::Numeric { .. }) => true,
        (e, a) if e.is_json() && a.is_json() => true,
        (e, a) if a.is_text() => {
            e.is_text() || e.is_temporal() || matches!(e, SqlType::Uuid | Other(_))
        }
        (e, SqlType::Timestamp) => *e == SqlType::Timestamptz, // SQLite's own DATETIME is UTC
        _ => false,
    };
    match same {
        true => Fit::Equivalent,
        false => Fit::Different,
    }
}

fn is_integer(t: &SqlType) -> bool {
    matches!(
        t,
        SqlType::Int2 | SqlType::Int4 | SqlType::Int8 | SqlType::Oid
    )
}

fn is_float(t: &SqlType) -> bool {
    matches!(t, SqlType::Float4 | SqlType::Float8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pg(expected: &str, actual: &str) -> Fit {
        postgres(&shape(expected), &shape(actual))
    }

    fn lite(declared: &str) -> ColumnSchema {
        let sql_type = SqlType::parse_sqlite(declared).unwrap_or(SqlType::Other("".into()));
        ColumnSchema::new("c", declared, sql_type)
    }

    #[test]
    fn spellings_are_no_difference() {
        for (expected, actual) in [
            ("int8", "bigint"),
            ("varchar(3)", "character varying(3)"),
            ("decimal(10,2)", "numeric(10,2)"),
            ("timestamptz", "timestamp with time zone"),
            ("_int4", "_int4"),
            ("int4[]", "integer[]"),
            ("mood", "public.mood"),
            ("\"Mood\"", "public.\"Mood\""),
            ("interval", "interval"),
        ] {
            assert_eq!(pg(expected, actual), Fit::Same, "{expected} {actual}");
        }
    }

    #[test]
    fn wider_and_narrower_are_told_apart() {
        for (expected, actual) in [
            ("integer", "bigint"),
            ("varchar(3)", "varchar(4)"),
            ("varchar(3)", "text"),
            ("varchar(3)", "varchar"),
            ("numeric(10,2)", "numeric"),
            ("numeric(10,2)", "numeric(12,4)"),
            ("timestamp(3)", "timestamp"),
            ("real", "double precision"),
            ("int2[]", "int4[]"),
        ] {
            assert_eq!(pg(expected, actual), Fit::Wider, "{expected} {actual}");
            assert_eq!(pg(actual, expected), Fit::Narrower, "{actual} {expected}");
        }
        assert_eq!(pg("numeric(10,2)", "numeric(10,4)"), Fit::Narrower);
        assert_eq!(pg("text", "varchar"), Fit::Equivalent);
        assert_eq!(pg("mood", "app.mood"), Fit::Equivalent);
        for (expected, actual) in [
            ("text", "integer"),
            ("timestamptz", "timestamp"),
            ("json", "jsonb"),
            ("char(3)", "varchar(3)"),
            ("text", "text[]"),
            ("mood", "feeling"),
            ("app.mood", "audit.mood"),
            ("integer", "numeric"),
        ] {
            assert_eq!(pg(expected, actual), Fit::Different, "{expected} {actual}");
        }
    }

    #[test]
    fn a_field_takes_what_it_may_be_compiled_against() {
        let schema = DatabaseSchema::default();
        let fit = |expected: &'static str, actual: &str| {
            let actual = ColumnSchema::new("c", actual, SqlType::parse_postgres(actual));
            let expected = ExpectedColumn::from_static("c", Some(expected), None, None);
            declared(&expected, &actual, &schema).unwrap()
        };
        assert_eq!(fit("text", "character varying(20)"), Fit::Equivalent);
        assert_eq!(fit("text", "uuid"), Fit::Equivalent);
        assert_eq!(fit("jsonb", "json"), Fit::Equivalent);
        assert_eq!(fit("numeric", "bigint"), Fit::Equivalent);
        assert_eq!(fit("bigint", "integer"), Fit::Narrower);
        assert_eq!(fit("double precision", "real"), Fit::Narrower);
        assert_eq!(fit("real", "real"), Fit::Same);
        assert_eq!(fit("bigint", "numeric(10,2)"), Fit::Wider);
        assert_eq!(fit("bigint", "numeric"), Fit::Wider);
        assert_eq!(fit("bigint", "numeric(10,0)"), Fit::Equivalent);
        assert_eq!(fit("integer", "bigint"), Fit::Wider);
        assert_eq!(fit("bigint", "text"), Fit::Different);
        assert_eq!(fit("boolean", "integer"), Fit::Different);
    }

    #[test]
    fn sqlite_stores_the_same_canonical_values() {
        let fit = |expected: &str, actual: &str| {
            full(
                expected,
                SqlDialect::Postgres,
                &lite(actual),
                SqlDialect::Sqlite,
            )
        };
        for (expected, actual) in [
            ("integer", "INTEGER"),
            ("smallint", "INTEGER"),
            ("varchar(20)", "TEXT"),
            ("uuid", "TEXT"),
            ("timestamp with time zone", "TEXT"),
            ("timestamp with time zone", "DATETIME"),
            ("interval", "TEXT"),
            ("real", "REAL"),
            ("numeric(10,2)", "DECIMAL"),
            ("jsonb", "JSON_TEXT"),
            ("mood", "VARCHAR(9)"),
        ] {
            assert!(
                fit(expected, actual) <= Fit::Equivalent,
                "{expected} {actual}"
            );
        }
        for (expected, actual) in [
            ("boolean", "INTEGER"),
            ("numeric", "TEXT"),
            ("numeric", "REAL"),
            ("jsonb", "TEXT"),
            ("bytea", "TEXT"),
            ("text", "INTEGER"),
            ("uuid", "DATE"),
        ] {
            assert_eq!(fit(expected, actual), Fit::Different, "{expected} {actual}");
        }
        let sqlite = |e: &str, a: &str| full(e, SqlDialect::Sqlite, &lite(a), SqlDialect::Sqlite);
        assert_eq!(sqlite("varchar( 10 )", "VARCHAR(10)"), Fit::Same);
        assert_eq!(sqlite("INT", "BIGINT"), Fit::Same);
        assert_eq!(sqlite("VARCHAR(10)", "TEXT"), Fit::Equivalent);
        assert_eq!(sqlite("INTEGER", "TEXT"), Fit::Different);
    }
}
