//! A default in the other dialect: a constant as the canonical value of its column, and the time of now.
//! Never a function that the other database does not have.

use super::super::quote;
use crate::canonical::canonical_text;
use crate::jsonb;
use crate::lexer::{Kind, Lexer, Quote, Token};
use crate::schema::SqlDialect;
use crate::sql_type::SqlType;

/// A default in the other dialect.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Default {
    Same(String),
    /// It gives nearly the same.
    Near(String, &'static str),
    /// It is the same as no default, as `NULL` is.
    None,
    /// It cannot be said there.
    Unknown,
}

/// The default of a column of this type, for the dialect that it does not come from.
pub(super) fn translated(text: &str, sql_type: &SqlType, from: SqlDialect) -> Default {
    let tokens: Vec<Token<'_>> = Lexer::of_definition(text, from).significant().collect();
    let tokens = without_parentheses(&tokens);
    if let [token] = tokens
        && token.is("null")
    {
        return Default::None;
    }
    if let Some(now) = now(tokens, sql_type, from) {
        return now;
    }
    if let SqlType::Array(_) = sql_type {
        // the canonical text of SQLite is JSON
        return match (is_empty_array(tokens, from), from) {
            (true, SqlDialect::Postgres) => Default::Same("'[]'".to_owned()),
            (true, SqlDialect::Sqlite) => Default::Same("'{}'".to_owned()),
            (false, _) => Default::Unknown,
        };
    }
    let written = constant(tokens, sql_type, from).and_then(|value| match from {
        SqlDialect::Postgres => for_sqlite(&value, sql_type),
        SqlDialect::Sqlite => for_postgres(&value, sql_type),
    });
    written.map_or(Default::Unknown, Default::Same)
}

/// The tokens without the parentheses around all of them.
fn without_parentheses<'t, 'a>(mut tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    while let [open, inside @ .., close] = tokens {
        let mut depth = 0_i32;
        let balanced = inside.iter().all(|token| {
            match token.text {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            depth >= 0
        });
        if open.text != "(" || close.text != ")" || !balanced || depth != 0 {
            break;
        }
        tokens = inside;
    }
    tokens
}

/// The canonical text of a constant, with its casts done.
fn constant(tokens: &[Token<'_>], sql_type: &SqlType, from: SqlDialect) -> Option<String> {
    let at = tokens.iter().position(|token| token.text == "::");
    let (value, casts) = tokens.split_at(at.unwrap_or(tokens.len()));
    let mut text = plain(without_parentheses(value), sql_type, from)?;
    let casts: Vec<&[Token<'_>]> = casts.split(|token| token.text == "::").skip(1).collect();
    for cast in casts {
        let name = cast_name(cast);
        let to = SqlType::parse_postgres(&name);
        // a type of the schema's own holds the text as it is
        let own = matches!((&to, sql_type), (SqlType::Other(_), SqlType::Enum(_)));
        if matches!(to, SqlType::Other(_)) && !own {
            return None;
        }
        text = canonical_text(&to, &text)?;
    }
    match sql_type {
        SqlType::Other(_) => None,
        SqlType::Jsonb => jsonb::canonical(&text).ok(),
        known => canonical_text(known, &text),
    }
}

/// A type's name out of its tokens, words apart.
fn cast_name(tokens: &[Token<'_>]) -> String {
    let mut name = String::new();
    for token in tokens {
        let is_word = matches!(token.kind, Kind::Word | Kind::Name);
        if is_word && name.ends_with(|c: char| c.is_alphanumeric() || c == '"' || c == ')') {
            name.push(' ');
        }
        name.push_str(token.text);
    }
    name
}

fn plain(tokens: &[Token<'_>], sql_type: &SqlType, from: SqlDialect) -> Option<String> {
    let is_blob = from == SqlDialect::Sqlite;
    let decimal = |text: &str, sign: &str| {
        let text = format!("{sign}{}", decimal(text)?);
        match sql_type.is_number() || *sql_type == SqlType::Bool {
            true => Some(text),
            false => as_text(&text, from),
        }
    };
    match tokens {
        [token] => match token.kind {
            Kind::Number => decimal(token.text, ""),
            Kind::String(Quote::Plain | Quote::Escape | Quote::Dollar) => token.string(),
            Kind::String(Quote::Bits) if is_blob && *sql_type == SqlType::Bytea => {
                Some(format!("\\x{}", token.string()?))
            }
            Kind::Word if token.is_any(&["true", "false"]) => Some(match from {
                SqlDialect::Postgres => token.text.to_lowercase(),
                // no values of their own there, but other words for numbers
                SqlDialect::Sqlite => u8::from(token.is("true")).to_string(),
            }),
            _ => None,
        },
        [sign, number] if number.kind == Kind::Number => match sign.text {
            "-" => decimal(number.text, "-"),
            "+" => decimal(number.text, ""),
            _ => None,
        },
        _ => None,
    }
}

/// A number that is written with digits.
fn decimal(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-');
    text.chars().all(plain).then(|| text.to_owned())
}

/// A number in a column of texts: what the database makes of it, where both would write it as it stands here.
fn as_text(number: &str, from: SqlDialect) -> Option<String> {
    if let Ok(whole) = number.parse::<i64>() {
        return Some(whole.to_string());
    }
    let digits = number.strip_prefix('-').unwrap_or(number);
    let (before, after) = digits.split_once('.')?;
    let are_digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let shortest = before == "0" || !before.starts_with('0');
    // SQLite makes a float of it: few digits, and no zero at the end, are the same text again
    let kept = from == SqlDialect::Postgres
        || !after.ends_with('0') && before.len() + after.len() <= 15 && before != "0";
    let plain = are_digits(before) && are_digits(after) && shortest && kept;
    let zero = digits.chars().all(|c| matches!(c, '0' | '.'));
    (plain && !zero).then(|| number.to_owned())
}

/// A canonical value as a constant of SQLite, in the storage class that the column keeps it in.
fn for_sqlite(value: &str, sql_type: &SqlType) -> Option<String> {
    let literal = || Some(quote::literal(value, SqlDialect::Sqlite));
    match sql_type {
        SqlType::Bool => Some(value.to_uppercase()),
        SqlType::Int2 | SqlType::Int4 | SqlType::Int8 | SqlType::Oid => Some(value.to_owned()),
        SqlType::Float4 | SqlType::Float8 => value
            .parse::<f64>()
            .is_ok_and(f64::is_finite)
            .then(|| value.to_owned()),
        SqlType::Bytea => Some(format!("X'{}'", value.strip_prefix("\\x")?)),
        _ => literal(),
    }
}

fn for_postgres(value: &str, sql_type: &SqlType) -> Option<String> {
    match sql_type {
        SqlType::Bool => Some(value.to_owned()),
        SqlType::Int2 | SqlType::Int4 | SqlType::Int8 | SqlType::Oid => Some(value.to_owned()),
        _ => Some(quote::literal(value, SqlDialect::Postgres)),
    }
}

fn is_empty_array(tokens: &[Token<'_>], from: SqlDialect) -> bool {
    match tokens {
        [text, cast, ..] if text.kind == Kind::String(Quote::Plain) => {
            text.text == "'{}'" && cast.text == "::" && from == SqlDialect::Postgres
        }
        [text] if from == SqlDialect::Sqlite => text.text == "'[]'",
        [text] => text.text == "'{}'",
        [array, open, close, cast, ..] => {
            array.is("array") && open.text == "[" && close.text == "]" && cast.text == "::"
        }
        _ => false,
    }
}

const CLOCK: &str = "it is the time of the statement to the millisecond, not that of the transaction to the microsecond";

/// The time of now, where the default is that.
fn now(tokens: &[Token<'_>], sql_type: &SqlType, from: SqlDialect) -> Option<Default> {
    let text: String = tokens.iter().map(|token| token.text).collect();
    let text = text.to_lowercase();
    let is_any = |known: &[&str]| known.contains(&text.as_str());
    let instant = |text: String| Some(Default::Near(text, CLOCK));
    match from {
        SqlDialect::Postgres => {
            let now = is_any(&["now()", "current_timestamp", "transaction_timestamp()"]);
            let utc = is_any(&[
                "timezone('utc'::text,now())",
                "now()attimezone'utc'::text",
                "timezone('utc'::text,current_timestamp)",
                "current_timestampattimezone'utc'::text",
                "timezone('utc',now())",
                "now()attimezone'utc'",
                "localtimestamp",
            ]);
            match sql_type {
                SqlType::Timestamptz if now => {
                    instant("(strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now'))".to_owned())
                }
                SqlType::Timestamp if now || utc => {
                    instant("(strftime('%Y-%m-%dT%H:%M:%f000', 'now'))".to_owned())
                }
                SqlType::Date if is_any(&["current_date"]) => {
                    Some(Default::Same("CURRENT_DATE".to_owned()))
                }
                _ => None,
            }
        }
        SqlDialect::Sqlite => {
            let now = is_any(&[
                "current_timestamp",
                "datetime('now')",
                "strftime('%y-%m-%dt%h:%m:%f000+00:00','now')",
                "strftime('%y-%m-%dt%h:%m:%f000','now')",
            ]);
            let zone = "CURRENT_TIMESTAMP AT TIME ZONE 'UTC'";
            match sql_type {
                SqlType::Timestamptz if now => Some(Default::Same("CURRENT_TIMESTAMP".to_owned())),
                SqlType::Timestamp if now => Some(Default::Same(format!("({zone})"))),
                SqlType::Date if is_any(&["current_date", "date('now')"]) => {
                    Some(Default::Same(format!("(({zone})::date)")))
                }
                _ => None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there(text: &str, data_type: &str) -> Default {
        translated(
            text,
            &SqlType::parse_postgres(data_type),
            SqlDialect::Postgres,
        )
    }

    fn back(text: &str, declared: &str) -> Default {
        let sql_type = SqlType::parse_sqlite(declared).unwrap();
        translated(text, &sql_type, SqlDialect::Sqlite)
    }

    #[test]
    fn constants_are_the_canonical_values_of_their_columns() {
        for (text, data_type, written) in [
            ("5", "integer", "5"),
            ("'-1'::integer", "integer", "-1"),
            ("(-1)", "bigint", "-1"),
            ("'it''s'::text", "text", "'it''s'"),
            ("'a'::character varying", "character varying(5)", "'a'"),
            ("1.5", "numeric(10,2)", "'1.50'"),
            ("(0)::numeric", "numeric", "'0'"),
            ("0.5", "double precision", "0.5"),
            ("true", "boolean", "TRUE"),
            ("'t'::boolean", "boolean", "TRUE"),
            (
                "'{ \"b\": 1,\"a\":2 }'::jsonb",
                "jsonb",
                "'{\"a\": 2, \"b\": 1}'",
            ),
            ("'\\x00FF'::bytea", "bytea", "X'00ff'"),
            ("'2024-01-02'::date", "date", "'2024-01-02'"),
            ("'{}'::text[]", "text[]", "'[]'"),
            ("ARRAY[]::integer[]", "integer[]", "'[]'"),
            ("true", "text", "'true'"),
            ("007", "text", "'7'"),
            ("1.50", "text", "'1.50'"),
        ] {
            assert_eq!(
                there(text, data_type),
                Default::Same(written.to_owned()),
                "{text}"
            );
        }
        for (text, data_type) in [
            ("gen_random_uuid()", "uuid"),
            ("nextval('s'::regclass)", "bigint"),
            ("(1 + 2)", "integer"),
            ("'1 day'::interval", "interval"),
            (
                "'now'::timestamp without time zone",
                "timestamp without time zone",
            ),
            ("1.5", "integer"),
            ("'{1,2}'::integer[]", "integer[]"),
            ("'Infinity'::double precision", "double precision"),
            ("'12345678'::character varying", "character varying(5)"),
            ("1e3", "text"),
            (".5", "text"),
            ("-0.0", "text"),
        ] {
            assert_eq!(there(text, data_type), Default::Unknown, "{text}");
        }
        assert_eq!(there("NULL::text", "text"), Default::Unknown);
        assert_eq!(there("NULL", "text"), Default::None);
        for (text, declared, written) in [
            ("0", "BOOLEAN", "false"),
            ("TRUE", "BOOLEAN", "true"),
            ("'x'", "TEXT", "'x'"),
            ("'a\\b'", "TEXT", "E'a\\\\b'"),
            ("-1.5", "DECIMAL(10,2)", "'-1.50'"),
            ("x'00FF'", "BLOB", "E'\\\\x00ff'"),
            ("TRUE", "TEXT", "'1'"),
            ("false", "VARCHAR(5)", "'0'"),
            ("(true)", "INTEGER", "1"),
            ("TRUE", "DECIMAL(10,2)", "'1.00'"),
            ("007", "TEXT", "'7'"),
            ("-1.5", "TEXT", "'-1.5'"),
            ("CURRENT_TIMESTAMP", "TIMESTAMPTZ", "CURRENT_TIMESTAMP"),
            (
                "(datetime('now'))",
                "DATETIME",
                "(CURRENT_TIMESTAMP AT TIME ZONE 'UTC')",
            ),
        ] {
            assert_eq!(
                back(text, declared),
                Default::Same(written.to_owned()),
                "{text}"
            );
        }
        for (text, declared) in [
            ("abc", "TEXT"),
            ("'x'", "INTEGER"),
            ("(random())", "INTEGER"),
            ("1e3", "TEXT"),
            ("1.50", "TEXT"),
            ("-0.0", "TEXT"),
            ("123456789.123456789", "TEXT"),
            ("CURRENT_TIMESTAMP", "TEXT"),
        ] {
            assert_eq!(back(text, declared), Default::Unknown, "{text}");
        }
    }

    #[test]
    fn the_time_of_now_is_the_canonical_text() {
        let Default::Near(text, _) = there("now()", "timestamp with time zone") else {
            panic!("a time")
        };
        assert_eq!(text, "(strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now'))");
        assert_eq!(
            back(&text, "TIMESTAMPTZ"),
            Default::Same("CURRENT_TIMESTAMP".to_owned())
        );
    }
}
