//! Whether a text can be a type at all. Types of one's own have any name, so that only what is surely
//! a slip is a mistake.

use crate::Notice;
use crate::lexer::{Kind, Lexer};
use crate::schema::SqlDialect;
use crate::sql_type::SqlType;
use crate::suggest::closest;

/// Names that people mistype.
const COMMON: [&str; 18] = [
    "bigint",
    "bigserial",
    "boolean",
    "bytea",
    "character",
    "date",
    "decimal",
    "double",
    "integer",
    "interval",
    "jsonb",
    "numeric",
    "serial",
    "smallint",
    "timestamp",
    "timestamptz",
    "uuid",
    "varchar",
];

/// What is wrong with a text that should be a type, as PostgreSQL writes it.
///
/// ```
/// use db_adapter_core::sql_type::mistake;
///
/// assert!(mistake("varchar(20)").is_none() && mistake("app.mood[]").is_none());
/// assert!(mistake("intger").is_some_and(|found| found.to_string().contains("`integer`")));
/// ```
pub fn mistake(text: &str) -> Option<Notice> {
    let not_a_type = || {
        Notice::new(format!("`{text}` is not a type"))
            .hint("write it as in SQL: `varchar(20)`, `numeric(10,2)`, `app.mood`, `text[]`")
    };
    let (mut depth, mut words) = (0_usize, 0_usize);
    for token in Lexer::of_definition(text, SqlDialect::Postgres) {
        let fits = match token.kind {
            Kind::Blank => true,
            Kind::Word | Kind::Name => token.closed,
            Kind::Number | Kind::String(_) => depth > 0 && token.closed,
            // a scale may be negative
            Kind::Operator => depth > 0 && token.text == "-",
            Kind::Symbol => "()[],.".contains(token.text),
            _ => false,
        };
        if !fits {
            return Some(not_a_type());
        }
        words += usize::from(matches!(token.kind, Kind::Word | Kind::Name));
        match token.text {
            "(" | "[" => depth += 1,
            ")" | "]" if depth == 0 => return Some(not_a_type()),
            ")" | "]" => depth -= 1,
            _ => {}
        }
    }
    if depth > 0 || words == 0 {
        return Some(not_a_type());
    }
    let parsed = SqlType::parse_postgres(text.trim());
    let SqlType::Other(name) = parsed.element().unwrap_or(&parsed) else {
        return None;
    };
    let name = name.split('(').next().unwrap_or_default().trim();
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let near = closest(name, COMMON).filter(|near| is_plain && !near.eq_ignore_ascii_case(name))?;
    Some(
        Notice::new(format!("`{name}` is not a type that PostgreSQL has")).hint(format!(
            "did you mean `{near}`? a type of your own is written with its schema: `public.{name}`"
        )),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_slips_are_mistakes() {
        for fine in [
            "integer",
            "int8",
            "varchar",
            "character varying(20)",
            "numeric(10, 2)",
            "numeric(3,-2)",
            "geometry('Point', 4326)",
            "mood",
            "app.mood",
            "\"Mood\"",
            "text[]",
            "integer[3][3]",
            "timestamp(3) with time zone",
            "geometry(Point,4326)",
            "vector(3)",
            "public.intger",
            "citext",
            "hstore",
            "ltree",
            "bit varying(5)",
            "tsvector",
            "money",
            "inet",
            "interval day to second(2)",
            "\"char\"",
        ] {
            assert!(mistake(fine).is_none(), "{fine}: {:?}", mistake(fine));
        }
        for wrong in [
            "",
            " ",
            "intger",
            "varchar(",
            "varchar(20))",
            "text; DROP TABLE x",
            "'text'",
            "5",
            "varcahr(20)",
            "timestmap",
            "text --",
            "\"a",
            "[]",
            "boolen[]",
        ] {
            assert!(mistake(wrong).is_some(), "{wrong}");
        }
    }
}
