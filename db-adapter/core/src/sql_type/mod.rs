//! The SQL types that have a canonical value, and their names.
//! Never asks a database: what an enum or a domain is made of, the caller knows.

mod affinity;
mod declared;
mod fitting;
mod postgres;
mod sqlite;
#[cfg(test)]
mod tests;
mod written;

pub use affinity::Affinity;
pub use fitting::fitting;
pub use written::mistake;

use std::fmt;

/// The type of a column, as far as it decides the canonical value.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SqlType {
    /// `boolean`
    Bool,
    /// `smallint`
    Int2,
    /// `integer`
    Int4,
    /// `bigint`
    Int8,
    /// `oid`, unsigned 32 bit
    Oid,
    /// `real`
    Float4,
    /// `double precision`
    Float8,
    /// `numeric`, exact
    Numeric {
        /// The number of digits, or `None` for any.
        precision: Option<u32>,
        /// The digits after the point; negative rounds before it.
        scale: Option<i32>,
    },
    /// `text`
    Text,
    /// `character varying`, with its limit in characters
    Varchar(Option<u32>),
    /// `character`, blank-padded, with its length in characters
    Char(Option<u32>),
    /// `name`, of 63 bytes at most
    Name,
    /// `citext`, which compares without regard to case
    Citext,
    /// An enum, with its name as the database writes it
    Enum(Box<str>),
    /// `uuid`
    Uuid,
    /// `timestamp with time zone`
    Timestamptz,
    /// `timestamp without time zone`
    Timestamp,
    /// `date`
    Date,
    /// `time without time zone`
    Time,
    /// `time with time zone`
    Timetz,
    /// `bytea`
    Bytea,
    /// `json`
    Json,
    /// `jsonb`
    Jsonb,
    /// An array; its dimensions are no part of the type, so arrays are never nested here
    Array(Box<SqlType>),
    /// Any other type, by the name that the database writes
    Other(Box<str>),
}

impl SqlType {
    /// Reads what PostgreSQL's `format_type` writes, and the usual aliases such as `int4`.
    ///
    /// What is not known, enums and domains among it, becomes [`SqlType::Other`].
    pub fn parse_postgres(text: &str) -> SqlType {
        postgres::parse(text)
    }

    /// Reads the declared type of a SQLite column, in any case and spacing.
    ///
    /// `None` when nothing is declared. `INTEGER` is [`SqlType::Int8`], because SQLite's integers
    /// have 64 bits; `NUMERIC_TEXT` and `JSON_TEXT` name a type and yet have TEXT affinity.
    pub fn parse_sqlite(declared: &str) -> Option<SqlType> {
        sqlite::parse(declared)
    }

    /// Whether the values are plain text: text, varchar, char, name, citext and enums.
    pub fn is_text(&self) -> bool {
        use SqlType::{Char, Citext, Enum, Name, Text, Varchar};
        matches!(self, Text | Varchar(_) | Char(_) | Name | Citext | Enum(_))
    }

    /// Whether the values are dates or times.
    pub fn is_temporal(&self) -> bool {
        use SqlType::{Date, Time, Timestamp, Timestamptz, Timetz};
        matches!(self, Timestamptz | Timestamp | Date | Time | Timetz)
    }

    /// Whether one value has several texts, of which a database that keeps texts may have any: uuids,
    /// dates and times, and texts of a fixed length, whose blanks at the end do not count.
    ///
    /// ```
    /// use db_adapter_core::SqlType;
    ///
    /// assert!(SqlType::Uuid.has_spellings() && !SqlType::Text.has_spellings());
    /// ```
    pub fn has_spellings(&self) -> bool {
        self.is_temporal() || matches!(self, SqlType::Uuid | SqlType::Char(_))
    }

    /// Whether one value has several texts, of which a database that keeps texts may have any: those of
    /// [`has_spellings`](SqlType::has_spellings), and what is read as a value, such as decimals, documents and
    /// arrays.
    ///
    /// ```
    /// use db_adapter_core::SqlType;
    ///
    /// assert!(SqlType::parse_postgres("int[]").has_several_texts() && !SqlType::Text.has_several_texts());
    /// ```
    pub fn has_several_texts(&self) -> bool {
        use SqlType::{
            Array, Bool, Bytea, Char, Citext, Date, Enum, Float4, Float8, Int2, Int4, Int8, Json,
            Jsonb, Name, Numeric, Oid, Other, Text, Time, Timestamp, Timestamptz, Timetz, Uuid,
            Varchar,
        };
        // every type by its name, so that a new one is decided about
        match self {
            Array(_) | Numeric { .. } | Json | Jsonb | Uuid | Char(_) => true,
            Timestamptz | Timestamp | Date | Time | Timetz => true,
            Bool | Int2 | Int4 | Int8 | Oid | Float4 | Float8 | Bytea => false,
            // the value is the text
            Text | Varchar(_) | Name | Citext | Enum(_) | Other(_) => false,
        }
    }

    /// Whether the values are numbers: integers, oid, floats and numeric.
    pub fn is_number(&self) -> bool {
        use SqlType::{Float4, Float8, Int2, Int4, Int8, Numeric, Oid};
        matches!(
            self,
            Int2 | Int4 | Int8 | Oid | Float4 | Float8 | Numeric { .. }
        )
    }

    /// Whether the values are JSON documents.
    pub fn is_json(&self) -> bool {
        matches!(self, SqlType::Json | SqlType::Jsonb)
    }

    /// The type of the elements, for an array.
    pub fn element(&self) -> Option<&SqlType> {
        match self {
            SqlType::Array(element) => Some(element),
            _ => None,
        }
    }
}

/// Writes the standard PostgreSQL name, as `format_type` does.
impl fmt::Display for SqlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            SqlType::Bool => "boolean",
            SqlType::Int2 => "smallint",
            SqlType::Int4 => "integer",
            SqlType::Int8 => "bigint",
            SqlType::Oid => "oid",
            SqlType::Float4 => "real",
            SqlType::Float8 => "double precision",
            SqlType::Numeric { precision, scale } => {
                return match precision {
                    Some(precision) => write!(f, "numeric({precision},{})", scale.unwrap_or(0)),
                    None => f.write_str("numeric"),
                };
            }
            SqlType::Text => "text",
            SqlType::Varchar(Some(length)) => return write!(f, "character varying({length})"),
            SqlType::Varchar(None) => "character varying",
            SqlType::Char(Some(length)) => return write!(f, "character({length})"),
            SqlType::Char(None) => "bpchar", // `character` alone would mean `character(1)`
            SqlType::Name => "name",
            SqlType::Citext => "citext",
            SqlType::Enum(name) | SqlType::Other(name) => name,
            SqlType::Uuid => "uuid",
            SqlType::Timestamptz => "timestamp with time zone",
            SqlType::Timestamp => "timestamp without time zone",
            SqlType::Date => "date",
            SqlType::Time => "time without time zone",
            SqlType::Timetz => "time with time zone",
            SqlType::Bytea => "bytea",
            SqlType::Json => "json",
            SqlType::Jsonb => "jsonb",
            SqlType::Array(element) => return write!(f, "{element}[]"),
        };
        f.write_str(name)
    }
}
