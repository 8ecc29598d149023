//! Where statements end: at semicolons, but for those in the bodies of triggers, rules and SQL
//! functions. Never looks further into a statement than to find its end.

use super::Statement;
use crate::lexer::{Kind, Lexer, Token};
use crate::schema::SqlDialect;

/// The statements of a text.
///
/// ```
/// use db_adapter_core::schema::SqlDialect;
/// use db_adapter_core::statement::statements;
///
/// let found = statements("SELECT ';'; -- two;\n SELECT 2;", SqlDialect::Postgres);
/// assert_eq!(found.map(|s| s.text()).collect::<Vec<_>>(), ["SELECT ';'", "SELECT 2"]);
/// ```
pub fn statements(text: &str, dialect: SqlDialect) -> Statements<'_> {
    Statements {
        text,
        dialect,
        lexer: Lexer::new(text, dialect),
    }
}

/// The statements of a text in their order; made by [`statements`].
#[derive(Clone, Debug)]
pub struct Statements<'a> {
    text: &'a str,
    dialect: SqlDialect,
    lexer: Lexer<'a>,
}

impl<'a> Iterator for Statements<'a> {
    type Item = Statement<'a>;

    fn next(&mut self) -> Option<Statement<'a>> {
        let mut boundary = Boundary::new(self.dialect);
        let mut start = None;
        // of the last token that is not blank: `str::trim` would take a no-break space, which is a
        // part of a name
        let mut end = 0;
        for token in self.lexer.by_ref() {
            if token.kind == Kind::Blank || (start.is_none() && token.is_trivia()) {
                continue;
            }
            if !token.is_trivia() && boundary.is_end(&token) {
                if start.is_none() {
                    continue; // nothing between two semicolons
                }
                break;
            }
            start.get_or_insert(token.start);
            end = token.end();
            if !token.is_trivia() {
                boundary.push(&token);
            }
        }
        let text = self.text.get(start?..end).unwrap_or_default();
        Some(Statement::new(text, self.dialect))
    }
}

/// Whether a semicolon ends a statement, from the tokens before it.
///
/// A body ends as SQLite's own shell and psql find it: at an `END` that follows a semicolon. To
/// count words would be wrong, since both databases take `begin`, `case` and `end` for names at
/// some places.
#[derive(Clone, Copy, Debug)]
pub struct Boundary {
    dialect: SqlDialect,
    body: Body,
    /// Parentheses, in a rule.
    depth: usize,
    /// The last two tokens.
    last: [Mark; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    /// The kind of statement is not known yet; its first word.
    Unknown { creates: bool },
    /// No semicolon is inside.
    None,
    /// `CREATE FUNCTION .. BEGIN ATOMIC .. END`, SQLite's `CREATE TRIGGER .. BEGIN .. END`.
    Block { open: bool },
    /// `CREATE RULE .. DO (..; ..)`.
    Parentheses,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Other,
    Begin,
    Semicolon,
    End,
}

impl Boundary {
    /// At the start of a statement.
    pub fn new(dialect: SqlDialect) -> Self {
        Boundary {
            dialect,
            body: Body::Unknown { creates: false },
            depth: 0,
            last: [Mark::Other; 2],
        }
    }

    /// Whether this token is the semicolon that ends the statement.
    pub fn is_end(&self, token: &Token<'_>) -> bool {
        token.is_symbol(";")
            && match self.body {
                Body::Block { open } => {
                    let [before, last] = self.last;
                    !open || last == Mark::End && matches!(before, Mark::Semicolon | Mark::Begin)
                }
                _ => self.depth == 0,
            }
    }

    /// The next token of the statement; blanks and comments are none.
    pub fn push(&mut self, token: &Token<'_>) {
        match self.body {
            Body::Unknown { creates } => self.body = self.body_after(token, creates),
            Body::Block { open: false } => {
                let opens = match self.dialect {
                    SqlDialect::Postgres => token.is("atomic") && self.last[1] == Mark::Begin,
                    SqlDialect::Sqlite => token.is("begin"),
                };
                self.body = Body::Block { open: opens };
            }
            Body::Parentheses if token.is_symbol("(") => self.depth += 1,
            Body::Parentheses if token.is_symbol(")") => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.last = [self.last[1], Mark::of(token)];
    }

    /// What kind of statement the next token makes of this one.
    fn body_after(&self, token: &Token<'_>, creates: bool) -> Body {
        let postgres = self.dialect == SqlDialect::Postgres;
        if !creates {
            let explains = !postgres && token.is_any(&["explain", "query", "plan"]);
            return match token.is("create") || explains {
                true => Body::Unknown {
                    creates: token.is("create"),
                },
                false => Body::None,
            };
        }
        if token.is_any(&["or", "replace", "temp", "temporary"]) {
            Body::Unknown { creates }
        } else if token.is_any(&["function", "procedure"]) && postgres
            || token.is("trigger") && !postgres
        {
            Body::Block { open: false }
        } else if token.is("rule") && postgres {
            Body::Parentheses
        } else {
            Body::None
        }
    }
}

impl Mark {
    fn of(token: &Token<'_>) -> Mark {
        if token.kind == Kind::Symbol && token.text == ";" {
            Mark::Semicolon
        } else if token.is("end") {
            Mark::End
        } else if token.is_any(&["begin", "atomic"]) {
            Mark::Begin
        } else {
            Mark::Other
        }
    }
}
