//! The statements of a file: cut at semicolons that end one, with COPY's rows and psql's commands
//! set aside. Never looks inside a statement further than to find its end.

use super::SqlDialect;
use super::lex::{Kind, Lexer, Token, Unterminated};

/// The statements in their order, each as its tokens without the semicolon, and what cut it short.
pub(super) struct Split {
    pub(super) statements: Vec<Vec<Token>>,
    /// The rest of the file could not be read.
    pub(super) broken: Option<Unterminated>,
    /// The last statement is the one that it cut short.
    pub(super) incomplete: bool,
    /// Where the rows of a COPY start that no `\.` ends.
    pub(super) endless_copy: Option<usize>,
}

pub(super) fn split(text: &str, dialect: SqlDialect) -> Split {
    let mut lexer = Lexer::new(text, dialect);
    let mut split = Split {
        statements: Vec::new(),
        broken: None,
        incomplete: false,
        endless_copy: None,
    };
    let mut statement = Statement::default();
    loop {
        match lexer.next() {
            Ok(Some(token)) => match token.kind {
                Kind::Symbol(';') if statement.ends_here() => {
                    if statement.is_copy_from_stdin(text) {
                        skip_rows(&mut lexer, &mut split);
                    }
                    split.take(&mut statement);
                }
                Kind::Meta => meta(text, token, &mut lexer, &mut split, &mut statement),
                _ => statement.push(token, text, dialect),
            },
            Ok(None) => break,
            Err(error) => {
                split.broken = Some(error);
                split.incomplete = !statement.tokens.is_empty();
                break;
            }
        }
    }
    split.take(&mut statement);
    split
}

impl Split {
    fn take(&mut self, statement: &mut Statement) {
        let tokens = std::mem::take(statement).tokens;
        if !tokens.is_empty() {
            self.statements.push(tokens);
        }
    }
}

/// `\g` and its like end a statement, `\copy .. from stdin` has rows; the others are nothing to us.
fn meta(
    text: &str,
    token: Token,
    lexer: &mut Lexer<'_>,
    split: &mut Split,
    current: &mut Statement,
) {
    let command = text.get(token.start..token.end).unwrap_or("");
    if command.starts_with("\\g") {
        split.take(current);
    }
    let lower = command.trim_end().to_ascii_lowercase();
    if lower.starts_with("\\copy ") && lower.ends_with(" from stdin") {
        skip_rows(lexer, split);
    }
}

/// Goes behind the `\.` that ends the rows of a COPY.
fn skip_rows(lexer: &mut Lexer<'_>, split: &mut Split) {
    let start = lexer.at;
    lexer.skip_line();
    let mut at = lexer.at;
    for line in lexer.rest().split_inclusive('\n') {
        at += line.len();
        if line.trim_end_matches(['\n', '\r']) == "\\." {
            lexer.at = at;
            return;
        }
    }
    split.endless_copy.get_or_insert(start);
    lexer.at = lexer.text.len();
}

/// A statement on its way.
#[derive(Default)]
struct Statement {
    tokens: Vec<Token>,
    /// What semicolons may stand inside of.
    body: Body,
    /// Parentheses, in a rule; BEGIN and CASE, in a body.
    depth: u32,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Body {
    /// The kind of statement is not known yet.
    #[default]
    Unknown,
    /// No semicolon stands inside.
    None,
    /// `CREATE FUNCTION .. BEGIN ATOMIC .. END`, SQLite's `CREATE TRIGGER .. BEGIN .. END`.
    Block,
    /// `CREATE RULE .. DO (..; ..)`
    Parentheses,
}

impl Statement {
    fn ends_here(&self) -> bool {
        self.depth == 0
    }

    fn push(&mut self, token: Token, text: &str, dialect: SqlDialect) {
        let word = match token.kind {
            Kind::Word => text.get(token.start..token.end).unwrap_or(""),
            _ => "",
        };
        if self.body == Body::Unknown {
            self.body = self.body_after(word, dialect);
        }
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword);
        match (self.body, token.kind) {
            (Body::Block, Kind::Word) if self.depth == 0 && is("begin") => self.depth = 1,
            (Body::Block, Kind::Word) if self.depth > 0 && (is("begin") || is("case")) => {
                self.depth = self.depth.saturating_add(1);
            }
            (Body::Block, Kind::Word) if is("end") => self.depth = self.depth.saturating_sub(1),
            (Body::Parentheses, Kind::Symbol('(')) => self.depth = self.depth.saturating_add(1),
            (Body::Parentheses, Kind::Symbol(')')) => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.tokens.push(token);
    }

    /// What kind of statement the next word makes of this one.
    fn body_after(&self, word: &str, dialect: SqlDialect) -> Body {
        let postgres = dialect == SqlDialect::Postgres;
        let word = word.to_ascii_lowercase();
        match (self.tokens.len(), word.as_str()) {
            (0, "create") => Body::Unknown,
            (1..=3, "or" | "replace" | "temp" | "temporary") => Body::Unknown,
            (1..=3, "function" | "procedure") if postgres => Body::Block,
            (1..=3, "trigger") if !postgres => Body::Block,
            (1..=3, "rule") if postgres => Body::Parentheses,
            _ => Body::None,
        }
    }

    fn is_copy_from_stdin(&self, text: &str) -> bool {
        let word = |t: &Token, keyword: &str| {
            let text = text.get(t.start..t.end);
            t.kind == Kind::Word && text.is_some_and(|w| w.eq_ignore_ascii_case(keyword))
        };
        let copies = self.tokens.first().is_some_and(|t| word(t, "copy"));
        copies
            && self.tokens.windows(2).any(
                |pair| matches!(pair, [from, stdin] if word(from, "from") && word(stdin, "stdin")),
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn firsts(text: &str, dialect: SqlDialect) -> Vec<&str> {
        let found = split(text, dialect).statements;
        let spans = found.iter().map(|s| &text[s[0].start..s[s.len() - 1].end]);
        spans.collect()
    }

    #[test]
    fn statements_end_at_their_own_semicolons() {
        let text = "a ';' $$;$$ \";\" /* ; */ b; ;; c -- ;\n";
        assert_eq!(
            firsts(text, SqlDialect::Postgres),
            ["a ';' $$;$$ \";\" /* ; */ b", "c"]
        );
    }

    #[test]
    fn rows_of_copy_are_set_aside() {
        let text = "COPY t (a) FROM stdin;\n1;'\n\\.x\n\\.\nb;\\copy x from stdin\n'\n\\.\r\nc";
        assert_eq!(
            firsts(text, SqlDialect::Postgres),
            ["COPY t (a) FROM stdin", "b", "c"]
        );
        let endless = split("COPY t FROM stdin;\n'1\n", SqlDialect::Postgres);
        assert_eq!(endless.endless_copy, Some(18));
        assert!(endless.broken.is_none());
    }

    #[test]
    fn commands_of_psql_are_no_statements() {
        let text = "\\restrict a'b\n\\connect x\nselect 1 \\gset\nb;\n\\unrestrict a'b";
        assert_eq!(firsts(text, SqlDialect::Postgres), ["select 1", "b"]);
    }

    #[test]
    fn bodies_keep_their_semicolons() {
        let function = "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END";
        assert_eq!(
            firsts(&format!("{function}; b"), SqlDialect::Postgres),
            [function, "b"]
        );
        let trigger = "CREATE TEMP TRIGGER t AFTER INSERT ON x BEGIN SELECT 1; SELECT 2; END";
        assert_eq!(
            firsts(&format!("{trigger}; b"), SqlDialect::Sqlite),
            [trigger, "b"]
        );
        let rule = "CREATE RULE r AS ON INSERT TO x DO INSTEAD (SELECT 1; SELECT 2)";
        assert_eq!(
            firsts(&format!("{rule}; b"), SqlDialect::Postgres),
            [rule, "b"]
        );
    }

    #[test]
    fn an_open_parenthesis_does_not_swallow_the_next_statement() {
        assert_eq!(
            firsts("CREATE TABLE a (x; b", SqlDialect::Postgres).len(),
            2
        );
    }
}
