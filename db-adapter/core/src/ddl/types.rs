//! The types of columns: where one ends, and its text as the database writes it.
//! Never decides whether a type exists.

use super::cursor::{Cursor, Read};
use crate::lexer::Kind;
use crate::sql_type::SqlType;

/// A type as read.
pub(super) struct Typed {
    /// As `format_type` writes it, or as declared on SQLite.
    pub(super) text: String,
    pub(super) sql_type: SqlType,
    /// `serial` and its like: a default and NOT NULL besides.
    pub(super) serial: bool,
}

/// The words that start an option of a column, and so end its type.
pub(super) const OPTIONS: [&str; 17] = [
    "constraint",
    "not",
    "null",
    "default",
    "primary",
    "unique",
    "check",
    "references",
    "generated",
    "collate",
    "deferrable",
    "initially",
    "storage",
    "compression",
    "options",
    "autoincrement",
    "on",
];

/// Reads a type; empty on SQLite when none is declared.
pub(super) fn read(c: &mut Cursor<'_>) -> Read<Typed> {
    match c.is_postgres() {
        true => postgres(c),
        false => Ok(sqlite(c)),
    }
}

/// SQLite takes any words, up to the first option.
fn sqlite(c: &mut Cursor<'_>) -> Typed {
    let foreign = ["storage", "compression", "options"]; // PostgreSQL's alone
    let mut declared = c.until(|c| c.is_any(&OPTIONS) && !c.is_any(&foreign) || c.is("as"));
    let sql = declared.sql();
    let single = declared.name("a type").ok().filter(|_| declared.is_done());
    let text = single.unwrap_or(sql);
    Typed {
        sql_type: SqlType::parse_sqlite(&text).unwrap_or_else(|| SqlType::Other("".into())),
        text,
        serial: false,
    }
}

fn postgres(c: &mut Cursor<'_>) -> Read<Typed> {
    c.eat("setof");
    if c.is_any(&OPTIONS) {
        return Err(c.unexpected("a type"));
    }
    let plain = c.peek().is_some_and(|t| t.kind == Kind::Word);
    let mut parts = vec![c.name("a type")?];
    while c.eat_symbol('.') {
        parts.push(c.name("a type")?);
    }
    if parts.len() == 2 && parts.first().is_some_and(|p| p == "pg_catalog") {
        parts.remove(0);
    }
    let (mut text, mut serial) = match parts.as_slice() {
        [word] if plain => built_in(word, c)?,
        parts => (qualified(parts, arguments(c)?), false),
    };
    if arrays(c)? {
        text.push_str("[]");
        serial = false;
    }
    Ok(Typed {
        sql_type: SqlType::parse_postgres(&text),
        text,
        serial,
    })
}

/// A type of one word, with the words that belong to it.
fn built_in(word: &str, c: &mut Cursor<'_>) -> Read<(String, bool)> {
    let serial = serial(word);
    if let Some(integer) = serial {
        return Ok((integer.to_owned(), true));
    }
    let text = match word {
        "int" | "int4" | "integer" => "integer".to_owned(),
        "int2" | "smallint" => "smallint".to_owned(),
        "int8" | "bigint" => "bigint".to_owned(),
        "bool" | "boolean" => "boolean".to_owned(),
        "float4" | "real" => "real".to_owned(),
        "float8" => "double precision".to_owned(),
        "double" => {
            c.expect("precision", "after `double`")?;
            "double precision".to_owned()
        }
        "float" => match arguments(c)?.as_deref().map(str::parse::<u32>) {
            Some(Ok(1..=24)) => "real".to_owned(),
            _ => "double precision".to_owned(),
        },
        "numeric" | "decimal" | "dec" => match arguments(c)? {
            Some(digits) if !digits.contains(',') => format!("numeric({digits},0)"),
            given => with("numeric", given),
        },
        "national" => {
            if !(c.eat("character") || c.eat("char")) {
                return Err(c.unexpected("`character` after `national`"));
            }
            character(c)?
        }
        "character" | "char" | "nchar" => character(c)?,
        "varchar" => with("character varying", arguments(c)?),
        "bit" => match c.eat("varying") {
            true => with("bit varying", arguments(c)?),
            false => with("bit", Some(arguments(c)?.unwrap_or_else(|| "1".into()))),
        },
        "varbit" => with("bit varying", arguments(c)?),
        "timestamp" | "time" => {
            let precision = arguments(c)?;
            zoned(word, precision, time_zone(c)?)
        }
        "timestamptz" => zoned("timestamp", arguments(c)?, true),
        "timetz" => zoned("time", arguments(c)?, true),
        "interval" => interval(c)?,
        // a word without quotes is a type of its own name, whatever else the grammar has it for
        other if is_plain(other) => with(other, arguments(c)?),
        other => qualified(&[other.to_owned()], arguments(c)?),
    };
    Ok((text, false))
}

fn serial(word: &str) -> Option<&'static str> {
    Some(match word {
        "serial" | "serial4" => "integer",
        "bigserial" | "serial8" => "bigint",
        "smallserial" | "serial2" => "smallint",
        _ => return None,
    })
}

fn character(c: &mut Cursor<'_>) -> Read<String> {
    Ok(match c.eat("varying") {
        true => with("character varying", arguments(c)?),
        false => with(
            "character",
            Some(arguments(c)?.unwrap_or_else(|| "1".into())),
        ),
    })
}

fn time_zone(c: &mut Cursor<'_>) -> Read<bool> {
    if c.eat("with") {
        c.expect("time zone", "after `with`").map(|()| true)
    } else if c.eat("without") {
        c.expect("time zone", "after `without`").map(|()| false)
    } else {
        Ok(false)
    }
}

fn zoned(word: &str, precision: Option<String>, zone: bool) -> String {
    let zone = if zone { "with" } else { "without" };
    format!("{} {zone} time zone", with(word, precision))
}

fn interval(c: &mut Cursor<'_>) -> Read<String> {
    let mut text = with("interval", arguments(c)?);
    while c.is_any(&["year", "month", "day", "hour", "minute", "second", "to"]) {
        text.push(' ');
        text.push_str(&c.word(0).to_ascii_lowercase());
        c.next();
    }
    Ok(with(&text, arguments(c)?))
}

fn with(name: &str, arguments: Option<String>) -> String {
    match arguments {
        Some(arguments) => format!("{name}({arguments})"),
        None => name.to_owned(),
    }
}

/// What stands in parentheses behind a type, without blanks at the commas.
fn arguments(c: &mut Cursor<'_>) -> Read<Option<String>> {
    if !c.is_symbol('(') {
        return Ok(None);
    }
    let inside = c.parentheses("after a type")?;
    if inside.is_done() {
        return Err(inside.problem("expected a length between the parentheses, found nothing"));
    }
    let parts: Vec<String> = inside.commas().iter().map(Cursor::sql).collect();
    Ok(Some(parts.join(",")))
}

/// `[]`, `[3]`, `ARRAY`, `ARRAY[3]`, as often as they come.
fn arrays(c: &mut Cursor<'_>) -> Read<bool> {
    let mut found = c.eat("array");
    while c.eat_symbol('[') {
        c.integer();
        c.expect_symbol(']', "after `[`")?;
        found = true;
    }
    Ok(found)
}

/// The parts as SQL, quoted where PostgreSQL would quote them.
fn qualified(parts: &[String], arguments: Option<String>) -> String {
    let quoted: Vec<String> = parts.iter().map(|p| quoted_where_needed(p)).collect();
    with(&quoted.join("."), arguments)
}

/// The name as the server writes it: in quotes where it is more than a plain word, or a word of its grammar.
pub(super) fn quoted_where_needed(name: &str) -> String {
    match is_plain(name) && !KEYWORDS.contains(&name) {
        true => name.to_owned(),
        false => crate::name::quote_ident(name),
    }
}

fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c == '_' || c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c == '_' || c.is_ascii_lowercase() || c.is_ascii_digit())
}

/// The words that the server puts into quotes, since they mean something else without.
#[rustfmt::skip]
const KEYWORDS: [&str; 151] = [
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization",
    "between", "bigint", "binary", "bit", "boolean", "both", "case", "cast", "char", "character",
    "check", "coalesce", "collate", "collation", "column", "concurrently", "constraint", "create",
    "cross", "current_catalog", "current_date", "current_role", "current_schema", "current_time",
    "current_timestamp", "current_user", "dec", "decimal", "default", "deferrable", "desc",
    "distinct", "do", "else", "end", "except", "exists", "extract", "false", "fetch", "float", "for",
    "foreign", "freeze", "from", "full", "grant", "greatest", "group", "grouping", "having", "ilike",
    "in", "initially", "inner", "inout", "int", "integer", "intersect", "interval", "into", "is",
    "isnull", "join", "lateral", "leading", "least", "left", "like", "limit", "localtime",
    "localtimestamp", "national", "natural", "nchar", "none", "normalize", "not", "notnull", "null",
    "nullif", "numeric", "offset", "on", "only", "or", "order", "out", "outer", "overlaps", "overlay",
    "placing", "position", "precision", "primary", "real", "references", "returning", "right", "row",
    "select", "session_user", "setof", "similar", "smallint", "some", "substring", "symmetric",
    "table", "tablesample", "then", "time", "timestamp", "to", "trailing", "treat", "trim", "true",
    "union", "unique", "user", "using", "values", "varchar", "variadic", "verbose", "when", "where",
    "window", "with", "xmlattributes", "xmlconcat", "xmlelement", "xmlexists", "xmlforest",
    "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable",
];
