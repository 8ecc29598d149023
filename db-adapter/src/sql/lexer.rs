//! Just enough of a lexer for SQL text of callers: where parameters and statements are, outside
//! of strings, comments and quoted names. It changes nothing else in the text.

use std::ops::Range;

use crate::{Error, Result};

/// What the lexer must know of a dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavor {
    /// Dollar quotes, `E''` strings, nested comments.
    Postgres,
    /// Back-ticked and bracketed names, flat comments, parameters of its own.
    Sqlite,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    /// `:name`, as the range of the name.
    Parameter,
    /// `$1`, and in SQLite also `?`, `?1`, `@name`, `$name`.
    ForeignParameter,
    Semicolon,
    /// A string, a quoted name, a number, an operator.
    Other,
}

#[derive(Debug, Clone)]
struct Token {
    kind: Kind,
    range: Range<usize>,
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    flavor: Flavor,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str, flavor: Flavor) -> Self {
        Lexer {
            text,
            at: 0,
            flavor,
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Skips to behind the next `end`, or to the end of the text.
    fn skip_past(&mut self, from: usize, end: &str) {
        self.at = match self.text.get(from..).and_then(|rest| rest.find(end)) {
            Some(found) => from + found + end.len(),
            None => self.text.len(),
        };
    }

    /// A quoted part: doubled quotes, and in `E''` strings backslashes, do not end it.
    fn skip_quoted(&mut self, open_len: usize, quote: u8, backslashes: bool) {
        let bytes = self.text.as_bytes();
        let mut i = self.at + open_len;
        while let Some(&byte) = bytes.get(i) {
            if backslashes && byte == b'\\' {
                i += 2;
            } else if byte == quote {
                if bytes.get(i + 1) != Some(&quote) {
                    self.at = i + 1;
                    return;
                }
                i += 2;
            } else {
                i += 1;
            }
        }
        self.at = bytes.len();
    }

    fn skip_nested_comment(&mut self) {
        let bytes = self.text.as_bytes();
        let mut depth = 0_usize;
        let mut i = self.at;
        while i < bytes.len() {
            match (bytes.get(i), bytes.get(i + 1)) {
                (Some(b'/'), Some(b'*')) => {
                    depth += 1;
                    i += 2;
                }
                (Some(b'*'), Some(b'/')) => {
                    depth = depth.saturating_sub(1);
                    i += 2;
                    if depth == 0 {
                        break;
                    }
                }
                _ => i += 1,
            }
        }
        self.at = i.min(bytes.len());
    }

    /// The tag of a dollar quote at the start of the text: `$$` or `$tag$`.
    fn dollar_tag(rest: &str) -> Option<&str> {
        let end = rest.get(1..)?.find('$')? + 1;
        let tag = rest.get(1..end)?;
        let mut chars = tag.chars();
        let starts_well = chars.next().is_none_or(|c| c.is_alphabetic() || c == '_');
        (starts_well && chars.all(is_word_char))
            .then(|| rest.get(..=end))
            .flatten()
    }

    fn word_len(text: &str) -> usize {
        text.find(|c: char| !is_word_char(c)).unwrap_or(text.len())
    }

    fn token(&mut self, kind: Kind, len: usize) -> Option<Token> {
        let range = self.at..self.at + len;
        self.at += len;
        Some(Token { kind, range })
    }

    /// A token whose end the cursor has reached already.
    fn other(&self, start: usize) -> Option<Token> {
        Some(Token {
            kind: Kind::Other,
            range: start..self.at,
        })
    }

    fn quoted(&mut self, open_len: usize, quote: u8, backslashes: bool) -> Option<Token> {
        let start = self.at;
        self.skip_quoted(open_len, quote, backslashes);
        self.other(start)
    }

    fn dollar(&mut self, rest: &str) -> Option<Token> {
        let name = Self::word_len(rest.get(1..).unwrap_or_default());
        if self.flavor == Flavor::Sqlite && name > 0 {
            return self.token(Kind::ForeignParameter, 1 + name);
        }
        if let Some(tag) = Self::dollar_tag(rest) {
            let start = self.at;
            self.skip_past(start + tag.len(), tag);
            return self.other(start);
        }
        let digits = rest.bytes().skip(1).take_while(u8::is_ascii_digit).count();
        let kind = if digits > 0 {
            Kind::ForeignParameter
        } else {
            Kind::Other
        };
        self.token(kind, 1 + digits)
    }

    fn colon(&mut self, rest: &str) -> Option<Token> {
        let after = rest.get(1..).unwrap_or_default();
        if after.starts_with(':') || after.starts_with('=') {
            return self.token(Kind::Other, 2);
        }
        let name = Self::word_len(after);
        let starts_well = after
            .chars()
            .next()
            .is_some_and(|c| c.is_alphabetic() || c == '_');
        if !starts_well {
            return self.token(Kind::Other, 1);
        }
        self.at += 1;
        self.token(Kind::Parameter, name)
    }
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            let rest = self.rest();
            let first = rest.chars().next()?;
            let sqlite = self.flavor == Flavor::Sqlite;
            match first {
                c if c.is_whitespace() => self.at += c.len_utf8(),
                '-' if rest.starts_with("--") => self.skip_past(self.at, "\n"),
                '/' if rest.starts_with("/*") && sqlite => self.skip_past(self.at + 2, "*/"),
                '/' if rest.starts_with("/*") => self.skip_nested_comment(),
                '\'' => return self.quoted(1, b'\'', false),
                '"' => return self.quoted(1, b'"', false),
                '`' if sqlite => return self.quoted(1, b'`', false),
                '[' if sqlite => {
                    let start = self.at;
                    self.skip_past(start, "]");
                    return self.other(start);
                }
                'e' | 'E' if !sqlite && rest.as_bytes().get(1) == Some(&b'\'') => {
                    return self.quoted(2, b'\'', true);
                }
                '$' => return self.dollar(rest),
                ':' => return self.colon(rest),
                '?' if sqlite => {
                    let digits = rest.bytes().skip(1).take_while(u8::is_ascii_digit).count();
                    return self.token(Kind::ForeignParameter, 1 + digits);
                }
                '@' if sqlite => {
                    let name = Self::word_len(rest.get(1..).unwrap_or_default());
                    return self.token(Kind::ForeignParameter, 1 + name);
                }
                ';' => return self.token(Kind::Semicolon, 1),
                c if c.is_alphabetic() || c == '_' => {
                    // a `$` may stand inside of a PostgreSQL name
                    let len = rest
                        .find(|c: char| !is_word_char(c) && c != '$')
                        .unwrap_or(rest.len());
                    return self.token(Kind::Word, len);
                }
                c if c.is_ascii_digit() => {
                    let len = Self::word_len(rest);
                    // the upper bound of a slice, `a[1:n]`, is no parameter
                    let colon = !sqlite
                        && rest.as_bytes().get(len) == Some(&b':')
                        && rest.as_bytes().get(len + 1) != Some(&b':');
                    return self.token(Kind::Other, len + usize::from(colon));
                }
                c => return self.token(Kind::Other, c.len_utf8()),
            }
        }
    }
}

/// SQL text cut at its parameters.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parameters {
    /// The text between the parameters: one part more than there are parameters.
    pub(crate) parts: Vec<String>,
    /// For each parameter its position in `names`.
    pub(crate) uses: Vec<usize>,
    /// The distinct names, in the order of their first use: the positions of the binds.
    pub(crate) binds: Vec<usize>,
}

/// Finds the parameters of a text, given the names that are bound.
///
/// `:name` is a parameter where it is bound. With `strict`, one that is not bound is an error
/// (for a query, and always in SQLite, which would take it for NULL); otherwise it is text.
///
/// # Errors
/// [`Error::InvalidQuery`] for a bind that the text does not use, one that it lacks, a name bound
/// twice, and parameters of the driver's own, which would collide with ours.
pub(crate) fn parameters(
    sql: &str,
    bound: &[&str],
    flavor: Flavor,
    strict: bool,
) -> Result<Parameters> {
    if let Some((i, name)) = bound
        .iter()
        .enumerate()
        .find(|(i, name)| bound[..*i].contains(name))
    {
        let _ = i;
        return Err(Error::invalid_query(
            format!("the parameter `:{name}` is bound twice"),
            "bind each name once",
        ));
    }
    let mut found = Parameters {
        parts: Vec::new(),
        uses: Vec::new(),
        binds: Vec::new(),
    };
    let mut from = 0;
    for token in Lexer::new(sql, flavor) {
        let text = sql.get(token.range.clone()).unwrap_or_default();
        match token.kind {
            Kind::ForeignParameter => {
                return Err(Error::invalid_query(
                    format!("`{text}` is not a parameter here"),
                    "write `:name` and give it a value with `.bind(\"name\", value)`",
                ));
            }
            Kind::Parameter => match bound.iter().position(|name| *name == text) {
                Some(bind) => {
                    let place = found
                        .binds
                        .iter()
                        .position(|b| *b == bind)
                        .unwrap_or_else(|| {
                            found.binds.push(bind);
                            found.binds.len() - 1
                        });
                    found.uses.push(place);
                    // the colon before the name goes as well
                    let part = sql.get(from..token.range.start.saturating_sub(1));
                    found.parts.push(part.unwrap_or_default().to_owned());
                    from = token.range.end;
                }
                None if strict || flavor == Flavor::Sqlite => {
                    return Err(Error::invalid_query(
                        format!("the parameter `:{text}` has no value"),
                        format!("add `.bind(\"{text}\", value)`"),
                    ));
                }
                None => {}
            },
            _ => {}
        }
    }
    found
        .parts
        .push(sql.get(from..).unwrap_or_default().to_owned());
    let unused = bound
        .iter()
        .enumerate()
        .find(|(i, _)| !found.binds.contains(i));
    if let Some((_, name)) = unused {
        return Err(Error::invalid_query(
            format!("the value of `:{name}` is not used"),
            format!(
                "write `:{name}` in the statement, outside of strings and comments, or remove the bind"
            ),
        ));
    }
    Ok(found)
}

/// The first word of a statement in upper case, behind comments.
pub(crate) fn first_keyword(sql: &str, flavor: Flavor) -> String {
    match Lexer::new(sql, flavor).find(|t| t.kind != Kind::Semicolon) {
        Some(Token {
            kind: Kind::Word,
            range,
        }) => sql.get(range).unwrap_or_default().to_ascii_uppercase(),
        _ => String::new(),
    }
}

/// The statements of a script.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Script<'a> {
    pub(crate) statements: Vec<&'a str>,
}

/// Cuts a script into its statements. Bodies of triggers and of SQL functions, which have
/// semicolons of their own, stay whole.
pub(crate) fn split_script(sql: &str, flavor: Flavor) -> Script<'_> {
    let mut statements = Vec::new();
    let mut start = None;
    let mut body = Body::default();
    for token in Lexer::new(sql, flavor) {
        match token.kind {
            Kind::Semicolon if body.depth == 0 => {
                if let Some(start) = start.take() {
                    statements.push(sql.get(start..token.range.start).unwrap_or_default().trim());
                }
                body = Body::default();
            }
            kind => {
                if start.is_none() && kind != Kind::Semicolon {
                    // a parameter's range is that of its name
                    let colon = usize::from(kind == Kind::Parameter);
                    start = Some(token.range.start.saturating_sub(colon));
                }
                if kind == Kind::Word {
                    body.word(
                        &sql.get(token.range)
                            .unwrap_or_default()
                            .to_ascii_uppercase(),
                    );
                }
            }
        }
    }
    if let Some(start) = start {
        statements.push(sql.get(start..).unwrap_or_default().trim());
    }
    Script { statements }
}

/// How deep we are in the body of a `CREATE TRIGGER` or of a function in the SQL standard's form.
#[derive(Default)]
struct Body {
    words: usize,
    creates: bool,
    has_body: bool,
    depth: usize,
}

impl Body {
    fn word(&mut self, word: &str) {
        self.words += 1;
        match word {
            "CREATE" if self.words == 1 => self.creates = true,
            "TRIGGER" | "FUNCTION" | "PROCEDURE" if self.creates && self.words <= 5 => {
                self.has_body = true;
            }
            "BEGIN" | "CASE" if self.has_body => self.depth += 1,
            "END" if self.has_body => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }
}

/// The one statement of a text.
///
/// # Errors
/// [`Error::InvalidQuery`] for none or several.
pub(crate) fn single_statement(sql: &str, flavor: Flavor) -> Result<&str> {
    match split_script(sql, flavor).statements.as_slice() {
        [] => Err(Error::invalid_query(
            "the SQL text is empty",
            "write one statement",
        )),
        [one] => Ok(one),
        many => Err(Error::invalid_query(
            format!("the SQL text has {} statements", many.len()),
            "use `.execute_script(..)` for many, in one transaction",
        )),
    }
}

/// Refuses statements that begin or end transactions: on a pooled connection they would leak into
/// the work of others, and inside of a transaction end it behind our back.
pub(crate) fn refuse_transaction_control(statement: &str, flavor: Flavor) -> Result<()> {
    let keyword = first_keyword(statement, flavor);
    let controls = matches!(
        keyword.as_str(),
        "BEGIN" | "COMMIT" | "ROLLBACK" | "END" | "ABORT" | "START" | "SAVEPOINT" | "RELEASE"
    );
    let prepared = keyword == "PREPARE"
        && statement
            .split_whitespace()
            .nth(1)
            .is_some_and(|w| w.eq_ignore_ascii_case("transaction"));
    if controls || prepared {
        return Err(Error::invalid_query(
            format!(
                "`{keyword}` in SQL text would end or begin a transaction behind the client's back"
            ),
            "use `.begin()`, `.commit()`, `.rollback()`, or `.transaction(..)`; `.execute_script(..)` is one transaction by itself",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Flavor::{Postgres, Sqlite};

    fn names(sql: &str, bound: &[&str], flavor: Flavor) -> Result<Vec<String>> {
        let found = parameters(sql, bound, flavor, true)?;
        Ok(found
            .uses
            .iter()
            .map(|place| bound[found.binds[*place]].to_owned())
            .collect())
    }

    #[test]
    fn parameters_stand_outside_of_strings_comments_names_and_casts() {
        let sql = r#"SELECT ':a', ":a", E'\':a', $$ :a $$, $x$ :a $$ $x$, a::text -- :a
            /* :a /* :a */ :a */ WHERE x = :a AND y[1:a] = :b_2 AND z := :a"#;
        assert_eq!(
            names(sql, &["a", "b_2"], Postgres),
            Ok(vec!["a".into(), "b_2".into(), "a".into()])
        );
        let sql = "SELECT ':a', \":a\", `:a`, [:a] /* :a /* */ FROM t WHERE x = :a";
        assert_eq!(names(sql, &["a"], Sqlite), Ok(vec!["a".into()]));
    }

    #[test]
    fn the_text_around_parameters_is_kept() {
        let found = parameters("a = :x AND b = :y OR c = :x", &["y", "x"], Postgres, true).unwrap();
        assert_eq!(found.parts, ["a = ", " AND b = ", " OR c = ", ""]);
        assert_eq!((found.uses, found.binds), (vec![0, 1, 0], vec![1, 0]));
    }

    #[test]
    fn missing_unused_doubled_and_foreign_parameters_are_errors() {
        assert!(
            names("x = :a", &[], Postgres)
                .unwrap_err()
                .to_string()
                .contains(".bind(\"a\"")
        );
        assert!(
            names("x = 1", &["a"], Postgres)
                .unwrap_err()
                .to_string()
                .contains("not used")
        );
        assert!(
            names("x = :a", &["a", "a"], Postgres)
                .unwrap_err()
                .to_string()
                .contains("twice")
        );
        assert!(names("x = $1 AND y = :a", &["a"], Postgres).is_err());
        for foreign in ["x = ?", "x = ?1", "x = @a", "x = $a"] {
            assert!(names(foreign, &[], Sqlite).is_err(), "{foreign}");
        }
        // in DDL a colon is a colon
        assert!(parameters("SELECT '{}'::jsonb, :a", &[], Postgres, false).is_ok());
        assert!(parameters("SELECT :a", &[], Sqlite, false).is_err());
        assert!(names("SELECT doc ? 'k', $tag$ $1 $tag$", &[], Postgres).is_ok());
    }

    #[test]
    fn a_script_is_cut_at_its_semicolons_only() {
        let sql = "CREATE TABLE a (x text DEFAULT ';'); -- one; two\n INSERT INTO a VALUES ('b;c');;
            CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;
            CREATE FUNCTION g() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END; SELECT 1";
        let script = split_script(sql, Postgres);
        assert_eq!(script.statements.len(), 5, "{script:#?}");
        let sql = "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET x = CASE WHEN 1 THEN 2 END; DELETE FROM b; END; SELECT 1;";
        assert_eq!(split_script(sql, Sqlite).statements.len(), 2);
        assert_eq!(split_script(" ; -- nothing\n;", Sqlite).statements.len(), 0);
    }

    #[test]
    fn transaction_control_is_refused_wherever_it_hides() {
        for sql in [
            "BEGIN",
            " /* x */ commit",
            "-- c\nRollback to x",
            "START TRANSACTION",
            "PREPARE TRANSACTION 'x'",
            "end",
            "savepoint a",
        ] {
            assert!(refuse_transaction_control(sql, Postgres).is_err(), "{sql}");
        }
        for sql in [
            "SELECT 1",
            "PREPARE x AS SELECT 1",
            "CREATE TABLE commit (a int)",
            "\"begin\"",
        ] {
            assert!(refuse_transaction_control(sql, Postgres).is_ok(), "{sql}");
        }
    }

    #[test]
    fn any_text_is_read_without_panic_and_to_its_end() {
        use proptest::prelude::*;
        proptest!(|(sql in "[ -~\\n'\"$:;/*\\-äß€\\[\\]`?@]{0,80}")| {
            for flavor in [Postgres, Sqlite] {
                let _ = parameters(&sql, &["a"], flavor, true);
                let _ = parameters(&sql, &[], flavor, false);
                split_script(&sql, flavor);
                first_keyword(&sql, flavor);
            }
        });
    }
}
