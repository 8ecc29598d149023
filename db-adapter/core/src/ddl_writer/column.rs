//! One column as it is written in CREATE TABLE. Never decides whether its texts are sound: `left_out` has.

use super::{quote, sequence, sound};
use crate::lexer::{Kind, Lexer, Token};
use crate::name::{push_quoted, quote_ident};
use crate::schema::{ColumnSchema, Identity, SqlDialect};

/// What belongs to the table as a whole, but is written at a column.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AtColumn {
    /// The default comes later: what it calls is not there yet.
    pub(crate) without_default: bool,
    /// SQLite's `PRIMARY KEY DESC`: an `INTEGER` that is the key and not the number of the row.
    pub(crate) key_descending: bool,
}

/// The whole definition.
pub(crate) fn definition(
    column: &ColumnSchema,
    collation: Option<&str>,
    dialect: SqlDialect,
    at: AtColumn,
) -> String {
    let mut sql = quote_ident(&column.name);
    match dialect {
        SqlDialect::Postgres => {
            sql.push(' ');
            sql.push_str(&column.data_type);
        }
        SqlDialect::Sqlite if column.data_type.is_empty() => {}
        SqlDialect::Sqlite => {
            sql.push(' ');
            sql.push_str(&declared(&column.data_type));
        }
    }
    if let Some(collation) = collation {
        sql.push_str(" COLLATE ");
        sql.push_str(collation);
    }
    sql.push_str(&options(column, dialect, at));
    sql
}

/// All behind the type and the collation, each part with a blank before it.
pub(crate) fn options(column: &ColumnSchema, dialect: SqlDialect, at: AtColumn) -> String {
    let mut sql = String::new();
    if let Some(generated) = &column.generated {
        let kind = if generated.stored {
            "STORED"
        } else {
            "VIRTUAL"
        };
        sql.push_str(&format!(
            " GENERATED ALWAYS AS ({}) {kind}",
            generated.expression
        ));
    } else if let Some(default) = column.default.as_deref().filter(|_| !at.without_default) {
        sql.push_str(" DEFAULT ");
        sql.push_str(&sound::default(default, dialect));
    }
    if dialect == SqlDialect::Postgres {
        sql.push_str(&identity(column));
    }
    let numbered = column.identity.is_some() && column.not_null_name.is_none();
    if !column.nullable && !numbered {
        sql.push_str(&not_null(column));
    }
    if at.key_descending {
        sql.push_str(" PRIMARY KEY DESC");
    }
    sql
}

/// ` GENERATED .. AS IDENTITY` with its options; nothing of a column that is none.
pub(crate) fn identity(column: &ColumnSchema) -> String {
    let how = match column.identity {
        Some(Identity::Always) => "ALWAYS",
        Some(Identity::ByDefault) => "BY DEFAULT",
        None => return String::new(),
    };
    let numbering = column.numbering.unwrap_or_default();
    let numbering = numbering.without_defaults(&column.data_type);
    let name = column.identity_sequence.as_ref();
    let name = name.map(|name| format!("SEQUENCE NAME {}", quote_ident(name)));
    let options = name.into_iter().chain(sequence::options(&numbering));
    let options: Vec<String> = options.collect();
    match options.is_empty() {
        true => format!(" GENERATED {how} AS IDENTITY"),
        false => format!(" GENERATED {how} AS IDENTITY ({})", options.join(" ")),
    }
}

fn not_null(column: &ColumnSchema) -> String {
    let mut sql = String::new();
    if let Some(name) = &column.not_null_name {
        sql.push_str(" CONSTRAINT ");
        push_quoted(&mut sql, name);
    }
    sql.push_str(" NOT NULL");
    if column.not_null_no_inherit {
        sql.push_str(" NO INHERIT");
    }
    if let Some(action) = &column.not_null_on_conflict {
        sql.push_str(&format!(" ON CONFLICT {action}"));
    }
    sql
}

/// `NOT NULL .. NOT VALID`, which only ALTER TABLE adds.
pub(crate) fn not_null_not_valid(column: &ColumnSchema) -> String {
    let name = match &column.not_null_name {
        Some(name) => format!("CONSTRAINT {} ", quote_ident(name)),
        None => String::new(),
    };
    let heirs = if column.not_null_no_inherit {
        " NO INHERIT"
    } else {
        ""
    };
    format!(
        "ADD {name}NOT NULL {}{heirs} NOT VALID",
        quote_ident(&column.name)
    )
}

/// A declared type of SQLite: as it is where it is words and numbers, else a quoted name, which may be any
/// text.
pub(crate) fn declared(data_type: &str) -> String {
    let tokens: Vec<Token<'_>> = Lexer::of_definition(data_type, SqlDialect::Sqlite).collect();
    match is_plain(&tokens) {
        true => data_type.to_owned(),
        false => quote_ident(data_type),
    }
}

/// Words with one blank between them, and at most one list of numbers or one pair of brackets behind.
fn is_plain(tokens: &[Token<'_>]) -> bool {
    let words = tokens
        .iter()
        .take_while(|token| token.kind == Kind::Word || token.text == " ")
        .count();
    let (words, rest) = tokens.split_at(words);
    let is_word = |token: &Token<'_>| token.kind == Kind::Word;
    let spaced = words.chunks(2).all(|pair| match pair {
        [word, blank] => is_word(word) && blank.text == " ",
        [word] => is_word(word),
        _ => false,
    });
    // a word that starts something else would end the type
    let reserved = words.iter().any(|token| token.is_any(&RESERVED));
    let behind = match rest {
        [] => words.last().is_some_and(is_word),
        [brackets] => brackets.kind == Kind::Name && brackets.text == "[]" && words.len() == 1,
        [open, inside @ .., close] => {
            open.text == "(" && close.text == ")" && is_arguments(inside) && !words.is_empty()
        }
    };
    spaced && behind && !reserved
}

/// `10`, `10,2`, `10, -2`
fn is_arguments(tokens: &[Token<'_>]) -> bool {
    let parts: Vec<&[Token<'_>]> = tokens.split(|token| token.text == ",").collect();
    let is_number = |part: &&[Token<'_>]| {
        let part: Vec<&Token<'_>> = part
            .iter()
            .filter(|token| token.kind != Kind::Blank)
            .collect();
        match part.as_slice() {
            [number] => number.kind == Kind::Number,
            [sign, number] => matches!(sign.text, "-" | "+") && number.kind == Kind::Number,
            _ => false,
        }
    };
    (1..=2).contains(&parts.len()) && parts.iter().all(is_number)
}

/// The words of SQLite that cannot be in the name of a type.
const RESERVED: [&str; 66] = [
    "add",
    "all",
    "alter",
    "always",
    "and",
    "as",
    "autoincrement",
    "between",
    "case",
    "check",
    "collate",
    "commit",
    "constraint",
    "create",
    "default",
    "deferrable",
    "delete",
    "distinct",
    "drop",
    "else",
    "escape",
    "except",
    "exists",
    "foreign",
    "from",
    "generated",
    "group",
    "having",
    "in",
    "index",
    "insert",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "limit",
    "materialized",
    "not",
    "nothing",
    "notnull",
    "null",
    "on",
    "or",
    "order",
    "primary",
    "references",
    "returning",
    "select",
    "set",
    "table",
    "then",
    "to",
    "transaction",
    "union",
    "unique",
    "update",
    "using",
    "values",
    "when",
    "where",
    "within",
    "hidden",
    "storage",
    "compression",
    "options",
];

/// The collation as SQL: `None` for the type's own.
pub(crate) fn collation(name: &str, schema: Option<&str>, dialect: SqlDialect) -> String {
    quote::qualified(schema, name, dialect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_types_are_quoted_where_they_are_more_than_words() {
        for plain in [
            "INTEGER",
            "VARCHAR(20)",
            "decimal(10,2)",
            "DECIMAL(10, -2)",
            "DOUBLE PRECISION",
            "TEXT[]",
            "timestamp with time zone",
        ] {
            assert_eq!(declared(plain), plain);
        }
        for odd in [
            "VARCHAR(7)[]",
            "a \"b\"",
            "a  b",
            "int not null",
            "x'y",
            "a)",
            "GENERATED ALWAYS",
            "int -- x",
            "1",
            "ENUM('a','b')",
        ] {
            assert_eq!(declared(odd), quote_ident(odd));
        }
    }
}
