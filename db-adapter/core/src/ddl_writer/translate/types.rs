//! The type of a column in the other dialect: one that keeps the same canonical values. Never decides what
//! the values are: that is [`SqlType`].

use crate::sql_type::SqlType;
use crate::temporal::digits;

/// A type in the other dialect.
pub(super) struct Type {
    pub(super) text: String,
    /// What of the type it does not say.
    pub(super) lost: Option<&'static str>,
}

impl Type {
    fn exact(text: impl Into<String>) -> Type {
        Type {
            text: text.into(),
            lost: None,
        }
    }
}

/// What SQLite declares for a type of PostgreSQL. The words are those by which values are read there, in the
/// spelling whose affinity alters none of them. `text` is the type as it is written, for the digits of its
/// seconds.
pub(super) fn for_sqlite(sql_type: &SqlType, text: &str) -> Type {
    let timed = |word: &str| match digits(text) {
        few @ 0..6 => Type::exact(format!("{word}({few})")),
        _ => Type::exact(word),
    };
    let length = |word: &str, length: &Option<u32>| match length {
        Some(length) => Type::exact(format!("{word}({length})")),
        None => Type::exact(word),
    };
    match sql_type {
        SqlType::Bool => Type::exact("BOOLEAN"),
        SqlType::Int2 => Type::exact("SMALLINT"),
        SqlType::Int4 => Type::exact("INTEGER"),
        SqlType::Int8 => Type::exact("BIGINT"),
        SqlType::Oid => Type::exact("OID"),
        SqlType::Float4 => Type::exact("FLOAT4"),
        SqlType::Float8 => Type::exact("DOUBLE PRECISION"),
        SqlType::Numeric {
            precision: Some(precision),
            scale,
        } => Type::exact(format!("NUMERIC_TEXT({precision},{})", scale.unwrap_or(0))),
        SqlType::Numeric { .. } => Type::exact("NUMERIC_TEXT"),
        SqlType::Varchar(limit) => length("VARCHAR", limit),
        SqlType::Char(Some(limit)) => Type::exact(format!("CHAR({limit})")),
        SqlType::Char(None) => Type::exact("BPCHAR"),
        SqlType::Citext => Type {
            text: "CITEXT".to_owned(),
            lost: Some("keys and indexes of SQLite tell upper and lower case apart"),
        },
        SqlType::Uuid => Type::exact("UUID"),
        SqlType::Timestamptz => timed("TIMESTAMPTZ"),
        SqlType::Timestamp => timed("TIMESTAMP"),
        SqlType::Date => Type::exact("DATE"),
        SqlType::Time => timed("TIME"),
        SqlType::Timetz => timed("TIMETZ"),
        SqlType::Bytea => Type::exact("BLOB"),
        SqlType::Json => Type::exact("JSON_TEXT"),
        SqlType::Jsonb => Type::exact("JSONB_TEXT"),
        SqlType::Array(element) => {
            let inside = for_sqlite(element, text);
            Type {
                text: format!("{}[]", inside.text),
                lost: inside.lost,
            }
        }
        // a name of PostgreSQL's catalog has an affinity of numbers by its own word
        SqlType::Text | SqlType::Name | SqlType::Enum(_) => Type::exact("TEXT"),
        SqlType::Other(_) => Type {
            text: "TEXT".to_owned(),
            lost: Some(
                "SQLite does not know the type: it keeps the text of its values and checks nothing",
            ),
        },
    }
}

/// What SQLite does not enforce of a type of PostgreSQL: its length, its precision, its range. That it checks no
/// types at all is no part of it.
pub(super) fn not_enforced(sql_type: &SqlType, text: &str) -> Option<String> {
    use SqlType::{Array, Char, Float4, Int2, Int4, Numeric, Oid, Varchar};
    let bound = match sql_type {
        Int4 => {
            return Some("SQLite does not enforce `integer`: its integers have 64 bits".to_owned());
        }
        Array(element) => return not_enforced(element, text),
        Int2 | Oid | Float4 | Varchar(Some(_)) | Char(Some(_)) => sql_type.to_string(),
        Numeric {
            precision: Some(_), ..
        } => sql_type.to_string(),
        timed if timed.is_temporal() && digits(text) < digits("") => {
            text.trim_end_matches("[]").to_owned()
        }
        _ => return None,
    };
    Some(format!(
        "SQLite does not enforce `{bound}`: only what this library writes is held to it"
    ))
}

/// What types have in common whose equal values are stored alike in SQLite.
pub(super) fn stored(sql_type: &SqlType) -> String {
    use SqlType::{Array, Float4, Float8, Int2, Int4, Int8, Numeric, Oid};
    match sql_type {
        Int2 | Int4 | Int8 | Oid | Float4 | Float8 => "number".to_owned(),
        // the digits behind the point are part of the text
        Numeric { scale, .. } => format!("numeric {scale:?}"),
        Array(element) => format!("{}[]", stored(element)),
        text if text.is_text() => "text".to_owned(),
        other => other.to_string(),
    }
}

/// The type of PostgreSQL for a declared type of SQLite.
pub(super) fn for_postgres(sql_type: &SqlType, declared: &str) -> Type {
    const LONGEST: u32 = 10_485_760;
    const MOST_DIGITS: u32 = 1000;
    let timed = |text: String| match digits(declared) {
        few @ 0..6 => Type::exact(text.replacen(' ', &format!("({few}) "), 1)),
        _ => Type::exact(text),
    };
    match sql_type {
        SqlType::Timestamptz | SqlType::Timestamp | SqlType::Time | SqlType::Timetz => {
            timed(sql_type.to_string())
        }
        SqlType::Varchar(Some(limit)) | SqlType::Char(Some(limit)) if *limit > LONGEST => Type {
            text: "text".to_owned(),
            lost: Some("PostgreSQL has no texts with so long a limit"),
        },
        SqlType::Numeric {
            precision: Some(precision),
            scale,
        } if *precision > MOST_DIGITS || scale.unwrap_or(0).unsigned_abs() > MOST_DIGITS => Type {
            text: "numeric".to_owned(),
            lost: Some("PostgreSQL has no numbers with so many digits as a limit"),
        },
        SqlType::Array(element) => {
            let inside = for_postgres(element, declared);
            Type {
                text: format!("{}[]", inside.text),
                lost: inside.lost,
            }
        }
        SqlType::Other(name) if name.is_empty() => Type {
            text: "text".to_owned(),
            lost: Some("it takes values of any type, and a column of PostgreSQL has those of one"),
        },
        SqlType::Other(_) | SqlType::Enum(_) => Type {
            text: "text".to_owned(),
            lost: Some("what its declared type means is not known"),
        },
        known => Type::exact(known.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql_type::Affinity;

    /// What is written for SQLite is read there as the type that it stands for, and stored as it is.
    #[test]
    fn types_go_there_and_back() {
        for text in [
            "boolean",
            "smallint",
            "bigint",
            "oid",
            "real",
            "double precision",
            "numeric",
            "numeric(10,2)",
            "numeric(3,-2)",
            "text",
            "character varying",
            "character varying(20)",
            "character(3)",
            "bpchar",
            "citext",
            "uuid",
            "timestamp with time zone",
            "timestamp(3) with time zone",
            "timestamp without time zone",
            "date",
            "time(0) without time zone",
            "time with time zone",
            "bytea",
            "json",
            "jsonb",
            "boolean[]",
            "numeric(10,2)[]",
            "character varying(7)[]",
            "timestamp(3) with time zone[]",
        ] {
            let sql_type = SqlType::parse_postgres(text);
            let there = for_sqlite(&sql_type, text);
            let read = SqlType::parse_sqlite(&there.text).unwrap();
            let back = for_postgres(&read, &there.text);
            let same = back.text == text || text == "timestamp(3) with time zone[]";
            assert!(same, "{text}: {} {}", there.text, back.text);
            let is_bound = text.contains('(') || ["smallint", "oid", "real"].contains(&text);
            assert_eq!(not_enforced(&sql_type, text).is_some(), is_bound, "{text}");
        }
        for (text, affinity) in [
            ("numeric", Affinity::Text),
            ("jsonb", Affinity::Text),
            ("bytea", Affinity::Blob),
            ("integer", Affinity::Integer),
            ("interval", Affinity::Text),
            ("point", Affinity::Text),
            ("name", Affinity::Text),
        ] {
            let there = for_sqlite(&SqlType::parse_postgres(text), text).text;
            assert_eq!(Affinity::of_declared(&there), affinity, "{text}");
        }
    }
}
