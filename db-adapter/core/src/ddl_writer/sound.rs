//! Whether a text of the model is what it should be: one expression, one type, one statement, one
//! name. The model may come from a file of anybody's, and no text of it may end what it is put into.

use crate::lexer::{Kind, Lexer, Token};
use crate::schema::SqlDialect;
use crate::statement::statements;

/// PostgreSQL cuts names to so many bytes, silently.
const LONGEST_NAME: usize = 63;

/// Whether the text is one expression, as far as parentheses and quotes tell.
pub(crate) fn is_expression(text: &str, dialect: SqlDialect) -> bool {
    let mut open = Vec::new();
    let mut found = false;
    for token in Lexer::of_definition(text, dialect) {
        if !token.closed || token.kind == Kind::Comment || token.is_symbol(";") {
            return false;
        }
        found |= token.kind != Kind::Blank;
        match token.text {
            "(" | "[" => open.push(token.text),
            ")" if open.pop() != Some("(") => return false,
            "]" if open.pop() != Some("[") => return false,
            _ => {}
        }
    }
    found && open.is_empty()
}

/// Whether the text is a list of expressions or a clause: the same without a semicolon.
pub(crate) fn is_clause(text: &str, dialect: SqlDialect) -> bool {
    is_expression(text, dialect)
}

/// Whether the text is one statement of this kind, such as `CREATE TRIGGER`.
pub(crate) fn is_statement(text: &str, dialect: SqlDialect, kinds: &[&str]) -> bool {
    let mut found = statements(text, dialect);
    let single = found.next().is_some() && found.next().is_none();
    let lexer = Lexer::of_definition(text, dialect);
    let mut tokens = lexer.clone().significant();
    let create = tokens.next().is_some_and(|token| token.is("create"));
    let known = tokens
        .take(8)
        .take_while(|token| token.kind == Kind::Word)
        .any(|token| token.is_any(kinds));
    single && create && known && lexer.into_iter().all(|token| token.closed)
}

/// Whether the text is a query.
pub(crate) fn is_query(text: &str, dialect: SqlDialect) -> bool {
    let mut tokens = Lexer::of_definition(text, dialect).significant();
    let first = tokens.next();
    let begins = first.is_some_and(|token| {
        token.is_any(&["select", "with", "values", "table"]) || token.is_symbol("(")
    });
    begins && is_expression(text, dialect)
}

/// Whether the text is the name of a type of PostgreSQL: words and names with arguments.
pub(crate) fn is_type(text: &str) -> bool {
    let (mut depth, mut words) = (0_usize, 0_usize);
    for token in Lexer::of_definition(text, SqlDialect::Postgres) {
        let fits = match token.kind {
            Kind::Blank => true,
            Kind::Word | Kind::Name => token.closed,
            Kind::Number | Kind::String(_) => depth > 0 && token.closed,
            Kind::Operator => depth > 0 && token.text == "-",
            Kind::Symbol => "()[],.".contains(token.text),
            _ => false,
        };
        words += usize::from(matches!(token.kind, Kind::Word | Kind::Name));
        match token.text {
            "(" | "[" => depth += 1,
            ")" | "]" if depth == 0 => return false,
            ")" | "]" => depth -= 1,
            _ => {}
        }
        if !fits {
            return false;
        }
    }
    // what the standard's catalog calls an array, without its element
    depth == 0 && words > 0 && !text.trim().eq_ignore_ascii_case("array")
}

/// What is wrong with a name, if anything is.
pub(crate) fn wrong_name(name: &str, dialect: SqlDialect) -> Option<&'static str> {
    match dialect {
        _ if name.contains('\0') => Some("its name has a NUL character"),
        SqlDialect::Postgres if name.is_empty() => Some("its name is empty"),
        SqlDialect::Postgres if name.len() > LONGEST_NAME => {
            Some("its name has more than 63 bytes, and PostgreSQL would cut it")
        }
        SqlDialect::Sqlite if starts_with(name, "sqlite_") => {
            Some("SQLite keeps names that begin with `sqlite_` for itself")
        }
        _ => None,
    }
}

fn starts_with(name: &str, start: &str) -> bool {
    let head = name.as_bytes().get(..start.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()))
}

/// A default as it is written behind DEFAULT: in parentheses, unless it is one value with its casts.
pub(crate) fn default(text: &str, dialect: SqlDialect) -> String {
    let tokens: Vec<Token<'_>> = Lexer::of_definition(text, dialect).significant().collect();
    let plain = match dialect {
        SqlDialect::Postgres => is_one_value(&tokens),
        SqlDialect::Sqlite => is_constant(&tokens),
    };
    match plain || is_enclosed(&tokens) {
        true => text.to_owned(),
        false => format!("({text})"),
    }
}

/// Whether one pair of parentheses is around all of it.
fn is_enclosed(tokens: &[Token<'_>]) -> bool {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at > 0 && at + 1 == tokens.len();
        }
    }
    false
}

/// A constant or a call with casts: without an operator or a keyword outside of its parentheses.
fn is_one_value(tokens: &[Token<'_>]) -> bool {
    const KEYWORDS: [&str; 16] = [
        "and", "or", "not", "is", "isnull", "notnull", "in", "between", "like", "ilike", "similar",
        "at", "collate", "overlaps", "operator", "escape",
    ];
    let mut depth = 0_usize;
    for token in tokens {
        match token.text {
            "(" | "[" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            _ if token.is_any(&KEYWORDS) => return false,
            "::" => {}
            _ if token.kind == Kind::Operator => return false,
            _ => {}
        }
    }
    // `CASE` has its keywords outside of parentheses
    tokens.first().is_some_and(|token| !token.is("case"))
}

/// What SQLite takes without parentheses: a constant with a sign, a word, a string.
fn is_constant(tokens: &[Token<'_>]) -> bool {
    let value = match tokens {
        [sign, value] if matches!(sign.text, "-" | "+") => return value.kind == Kind::Number,
        [value] => value,
        _ => return false,
    };
    matches!(
        value.kind,
        Kind::Number | Kind::String(_) | Kind::Word | Kind::Name
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PG: SqlDialect = SqlDialect::Postgres;
    const LITE: SqlDialect = SqlDialect::Sqlite;

    #[test]
    fn what_ends_its_place_is_no_expression() {
        for fine in ["a > 0", "a = ')'", "a[1] = $$;$$", "f(a, (b))", "E'\\''"] {
            assert!(is_expression(fine, PG), "{fine}");
        }
        for wrong in [
            "",
            " ",
            "1); DROP TABLE t",
            "1 -- ",
            "1 /* a */",
            "(a",
            "a)",
            "a) OR (b",
            "'a",
            "(a]",
            "\"a",
        ] {
            assert!(!is_expression(wrong, PG), "{wrong}");
        }
    }

    #[test]
    fn one_statement_of_its_kind_is_one() {
        let kinds = ["trigger"];
        let sql = "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT 2; END";
        assert!(is_statement(sql, LITE, &kinds));
        for wrong in [
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END; DROP TABLE a",
            "DROP TABLE a",
            "CREATE TABLE a (b)",
            "",
        ] {
            assert!(!is_statement(wrong, LITE, &kinds), "{wrong}");
        }
    }

    #[test]
    fn types_are_types() {
        for fine in [
            "numeric(3,-2)",
            "\"My\".\"Type\"[]",
            "interval day to second(2)",
            "geometry(Point,4326)",
        ] {
            assert!(is_type(fine), "{fine}");
        }
        for wrong in [
            "USER-DEFINED",
            "ARRAY",
            "int); DROP",
            "int -- x",
            "",
            "a = b",
            "'a'",
        ] {
            assert!(!is_type(wrong), "{wrong}");
        }
    }

    #[test]
    fn defaults_have_parentheses_where_they_need_them() {
        for (text, postgres, sqlite) in [
            ("1", "1", "1"),
            ("-1", "(-1)", "-1"),
            ("'a'::text", "'a'::text", "('a'::text)"),
            ("now()", "now()", "(now())"),
            ("(1) + (2)", "((1) + (2))", "((1) + (2))"),
            ("(1 + 2)", "(1 + 2)", "(1 + 2)"),
            ("a COLLATE b", "(a COLLATE b)", "(a COLLATE b)"),
            (
                "CURRENT_TIMESTAMP",
                "CURRENT_TIMESTAMP",
                "CURRENT_TIMESTAMP",
            ),
        ] {
            assert_eq!(default(text, PG), postgres);
            assert_eq!(default(text, LITE), sqlite);
        }
    }
}
