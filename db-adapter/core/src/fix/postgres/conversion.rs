//! How PostgreSQL brings the values of one type into another one: whether it writes the rows anew, which values
//! it refuses, and which come out as others. What is not known here is not converted.

use super::base_type::Type;
use crate::schema::DatabaseSchema;
use crate::sql_type::SqlType;

/// A conversion. In its expressions `{c}` is the column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Conversion {
    /// The expression behind USING, only where the plain form does not exist.
    pub(super) using: Option<String>,
    /// Whether every row is written anew.
    pub(super) rewrites: bool,
    /// A condition that holds for the values that the new type refuses.
    pub(super) refused: Option<String>,
    /// A condition that holds for the values that come out as others.
    pub(super) changed: Option<String>,
    /// Whether the values mean another thing afterwards.
    pub(super) reinterprets: bool,
    /// Whether a declared time zone says what they mean.
    pub(super) has_zone: bool,
}

/// Why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoConversion {
    /// Nobody said in which time zone the values are meant.
    Zone,
    /// It is not known whether values would be lost.
    Unknown,
}

/// Finds the conversion. The types are those of columns: `from` of the schema that is there, `to` of the one that
/// is wanted.
pub(super) fn conversion(
    (from, actual): (&str, &DatabaseSchema),
    (to, wanted): (&str, &DatabaseSchema),
    zone: Option<&str>,
) -> Result<Conversion, NoConversion> {
    let (from, to) = (Type::of(from, actual), Type::of(to, wanted));
    if let (SqlType::Array(f), SqlType::Array(t)) = (&from.known, &to.known) {
        return of_arrays((f, &from), (t, &to));
    }
    let mut found = of_values(&from, &to, zone)?;
    if to.is_domain {
        // the server checks each value, and with rules it does so by writing it
        found.rewrites |= to.has_rules;
        found.changed = found.changed.or_else(|| there_and_back(&from, &to));
    }
    Ok(found)
}

/// An array of values that convert, converts by the same form.
fn of_arrays(
    (f, from): (&SqlType, &Type<'_>),
    (t, to): (&SqlType, &Type<'_>),
) -> Result<Conversion, NoConversion> {
    let element = |known: &SqlType, of: &Type<'_>| Type {
        text: "",
        known: known.clone(),
        digits: of.digits,
        has_rules: of.has_rules,
        is_domain: of.is_domain,
    };
    let one = of_values(&element(f, from), &element(t, to), None)?;
    if one.reinterprets || (one.using.is_some() && !is_string(f)) {
        return Err(NoConversion::Unknown);
    }
    let lossless = one.changed.is_none() && one.refused.is_none();
    Ok(Conversion {
        using: one.using.map(|_| format!("{{c}}::{}", to.text)),
        rewrites: true,
        // the cast of an array cuts what is too long, and the plain form refuses it: either way they differ
        changed: there_and_back(from, to).filter(|_| !lossless),
        ..Conversion::default()
    })
}

fn is_string(t: &SqlType) -> bool {
    matches!(t, SqlType::Text | SqlType::Varchar(_) | SqlType::Char(_))
}

fn is_integer(t: &SqlType) -> bool {
    matches!(t, SqlType::Int2 | SqlType::Int4 | SqlType::Int8)
}

fn is_number(t: &SqlType) -> bool {
    is_integer(t)
        || matches!(
            t,
            SqlType::Numeric { .. } | SqlType::Float4 | SqlType::Float8
        )
}

fn there_and_back(from: &Type<'_>, to: &Type<'_>) -> Option<String> {
    let (there, back) = (to.text, from.text);
    Some(format!(
        "{{c}}::{there}::{back}::text IS DISTINCT FROM {{c}}::text"
    ))
}

/// The plain form; every row is written anew and none is another one.
fn plain() -> Conversion {
    Conversion {
        rewrites: true,
        ..Conversion::default()
    }
}

/// The catalogue alone changes.
fn free() -> Conversion {
    Conversion::default()
}

fn of_values(
    from: &Type<'_>,
    to: &Type<'_>,
    zone: Option<&str>,
) -> Result<Conversion, NoConversion> {
    use SqlType::{
        Bool, Bytea, Date, Enum, Int2, Int4, Int8, Json, Jsonb, Numeric, Other, Text, Timestamp,
        Timestamptz, Varchar,
    };
    let checked = || Conversion {
        changed: there_and_back(from, to),
        ..plain()
    };
    let by_cast = || Conversion {
        using: Some(format!("{{c}}::{}", to.text)),
        ..checked()
    };
    Ok(match (&from.known, &to.known) {
        (f, t) if f.is_temporal() && f == t => match to.digits >= from.digits {
            true => free(),
            false => checked(),
        },
        (f, t) if f == t && !matches!(f, Other(_)) => free(),
        (Other(f), Other(t)) if f == t => free(),
        (Text | Varchar(None) | Varchar(Some(_)), Text | Varchar(None)) => free(),
        (f, t) if is_string(f) && is_string(t) => strings(from, to),
        (Int2, Int4 | Int8) | (Int4, Int8) => plain(),
        (f, t) if is_integer(f) && is_integer(t) => Conversion {
            refused: Some(format!("{{c}} NOT BETWEEN {}", range(t))),
            ..plain()
        },
        (
            Numeric {
                precision: p,
                scale: s,
            },
            Numeric {
                precision: q,
                scale: t,
            },
        ) => match (p, q) {
            (_, None) => free(),
            (Some(p), Some(q)) if s == t && q >= p => free(),
            _ => checked(),
        },
        (f, t) if is_number(f) && is_number(t) => checked(),
        (f, t) if is_string(t) && has_text(f) => Conversion {
            refused: length(t).map(|most| {
                format!("pg_catalog.length({{c}}::text) OPERATOR(pg_catalog.>) {most}")
            }),
            ..checked()
        },
        (f, Timestamptz) if is_string(f) => Conversion {
            reinterprets: true,
            ..by_cast()
        },
        (f, t) if is_string(f) && has_text(t) && *t != Bytea => by_cast(),
        (Bool, t) if is_integer(t) => Conversion {
            using: Some(format!("{{c}}::integer::{}", to.text)),
            reinterprets: true,
            ..plain()
        },
        (f, Bool) if is_integer(f) => Conversion {
            using: Some("{c} <> 0".to_owned()),
            changed: Some("{c} NOT IN (0, 1)".to_owned()),
            reinterprets: true,
            ..plain()
        },
        (Date, Timestamp) => plain(),
        (Timestamp, Date) => checked(),
        (Timestamp, Timestamptz) => {
            let zone = zone.ok_or(NoConversion::Zone)?;
            zoned(
                format!("{{c}} AT TIME ZONE {zone}"),
                format!("{{c}} AT TIME ZONE {zone} AT TIME ZONE {zone}"),
            )
        }
        (Timestamptz, Timestamp) => {
            let zone = zone.ok_or(NoConversion::Zone)?;
            zoned(
                format!("{{c}} AT TIME ZONE {zone}"),
                format!("{{c}} AT TIME ZONE {zone} AT TIME ZONE {zone}"),
            )
        }
        (Timestamptz, Date) => {
            let zone = zone.ok_or(NoConversion::Zone)?;
            zoned(
                format!("({{c}} AT TIME ZONE {zone})::date"),
                format!("({{c}} AT TIME ZONE {zone})::date::timestamp AT TIME ZONE {zone}"),
            )
        }
        (Date, Timestamptz) => {
            let zone = zone.ok_or(NoConversion::Zone)?;
            zoned(
                format!("{{c}}::timestamp AT TIME ZONE {zone}"),
                format!("({{c}}::timestamp AT TIME ZONE {zone} AT TIME ZONE {zone})::date"),
            )
        }
        (Json, Jsonb) => checked(),
        (Jsonb, Json) => plain(),
        (Enum(f), Enum(t)) if f == t => free(),
        (Enum(_), Enum(_)) => Conversion {
            using: Some(format!("{{c}}::text::{}", to.text)),
            changed: Some(format!(
                "{{c}}::text::{}::text IS DISTINCT FROM {{c}}::text",
                to.text
            )),
            ..plain()
        },
        (Other(f), Other(t)) if &**f == "cidr" && &**t == "inet" => free(),
        (Other(f), Other(t)) if &**f == "inet" && &**t == "cidr" => checked(),
        (Other(f), Other(t)) if is_interval(f) && is_interval(t) => checked(),
        _ => return Err(NoConversion::Unknown),
    })
}

fn is_interval(name: &str) -> bool {
    name.get(..8)
        .is_some_and(|start| start.eq_ignore_ascii_case("interval"))
}

fn zoned(using: String, back: String) -> Conversion {
    Conversion {
        using: Some(using),
        changed: Some(format!("{back} IS DISTINCT FROM {{c}}")),
        reinterprets: true,
        has_zone: true,
        ..plain()
    }
}

/// Texts with another limit. The plain form refuses what is too long, but cuts blanks at the end in silence.
fn strings(from: &Type<'_>, to: &Type<'_>) -> Conversion {
    let limit = |t: &SqlType| length(t).unwrap_or(u32::MAX);
    let (f, t) = (&from.known, &to.known);
    if let (SqlType::Varchar(_), SqlType::Varchar(_)) = (f, t)
        && limit(t) >= limit(f)
    {
        return free();
    }
    if let (SqlType::Char(_), SqlType::Text | SqlType::Varchar(None)) = (f, t) {
        return plain();
    }
    Conversion {
        refused: length(t).map(|most| {
            format!(
                "pg_catalog.rtrim(pg_catalog.substr({{c}}::text, {}), ' ') <> ''",
                u64::from(most) + 1
            )
        }),
        changed: there_and_back(from, to),
        ..plain()
    }
}

fn length(t: &SqlType) -> Option<u32> {
    match t {
        SqlType::Varchar(length) | SqlType::Char(length) => *length,
        _ => None,
    }
}

fn range(t: &SqlType) -> &'static str {
    match t {
        SqlType::Int2 => "-32768 AND 32767",
        SqlType::Int4 => "-2147483648 AND 2147483647",
        _ => "-9223372036854775808 AND 9223372036854775807",
    }
}

/// Whether a value has one text that is read back as the same value.
fn has_text(t: &SqlType) -> bool {
    use SqlType::{
        Bool, Bytea, Date, Enum, Float4, Float8, Int2, Int4, Int8, Json, Jsonb, Numeric, Time,
        Timestamp, Timestamptz, Timetz, Uuid,
    };
    matches!(
        t,
        Bool | Bytea
            | Date
            | Enum(_)
            | Float4
            | Float8
            | Int2
            | Int4
            | Int8
            | Json
            | Jsonb
            | Numeric { .. }
            | Time
            | Timestamp
            | Timestamptz
            | Timetz
            | Uuid
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(from: &str, to: &str) -> Result<Conversion, NoConversion> {
        let schema = DatabaseSchema::default();
        conversion((from, &schema), (to, &schema), None)
    }

    #[test]
    fn what_the_catalogue_alone_changes() {
        for (from, to) in [
            ("character varying(5)", "character varying(9)"),
            ("character varying(5)", "text"),
            ("text", "character varying"),
            ("numeric(6,2)", "numeric(9,2)"),
            ("numeric(6,2)", "numeric"),
            (
                "timestamp(3) without time zone",
                "timestamp without time zone",
            ),
            ("cidr", "inet"),
        ] {
            assert_eq!(of(from, to), Ok(free()), "{from} {to}");
        }
    }

    #[test]
    fn what_may_change_a_value_is_asked_about() {
        for (from, to) in [
            ("text", "character varying(5)"),
            ("character varying(9)", "character varying(5)"),
            ("numeric(9,4)", "numeric(9,2)"),
            ("numeric(9,4)", "integer"),
            ("double precision", "real"),
            ("bigint", "double precision"),
            ("json", "jsonb"),
            ("inet", "cidr"),
            ("timestamp without time zone", "date"),
            (
                "timestamp without time zone",
                "timestamp(0) without time zone",
            ),
            ("text", "integer"),
            ("integer[]", "smallint[]"),
        ] {
            let found = of(from, to).unwrap();
            assert!(found.rewrites && found.changed.is_some(), "{from} {to}");
        }
    }

    #[test]
    fn the_form_with_using_is_only_where_there_is_no_plain_one() {
        for (from, to) in [
            ("integer", "bigint"),
            ("bigint", "integer"),
            ("character varying(9)", "character varying(5)"),
            ("integer", "text"),
            ("json", "jsonb"),
            ("uuid", "text"),
        ] {
            assert_eq!(of(from, to).unwrap().using, None, "{from} {to}");
        }
        let using = of("text", "uuid").unwrap().using;
        assert_eq!(using.as_deref(), Some("{c}::uuid"));
    }

    #[test]
    fn another_meaning_is_declared_or_refused() {
        let (from, to) = ("timestamp without time zone", "timestamp with time zone");
        assert_eq!(of(from, to), Err(NoConversion::Zone));
        let schema = DatabaseSchema::default();
        let told = conversion((from, &schema), (to, &schema), Some("'UTC'")).unwrap();
        assert!(told.reinterprets && told.using.is_some());
        assert!(of("integer", "boolean").unwrap().reinterprets);
        for (from, to) in [
            ("timestamp without time zone", "time without time zone"),
            ("uuid", "bytea"),
            ("point", "text"),
        ] {
            assert_eq!(of(from, to), Err(NoConversion::Unknown), "{from} {to}");
        }
    }
}
