//! The statements of a file: cut at semicolons that end one, with COPY's rows and psql's commands
//! set aside. Never looks inside a statement further than to find its end.

use super::SqlDialect;
use super::cursor::Problem;
use super::psql::{self, Conditions, Meaning};
use crate::lexer::{Kind, Lexer, Quote, Token};
use crate::statement::Boundary;

/// The statements in their order, each as its tokens without the semicolon, and what cut it short.
pub(super) struct Split<'a> {
    pub(super) statements: Vec<Vec<Token<'a>>>,
    /// The rest of the file could not be read.
    pub(super) broken: Option<Unterminated>,
    /// The last statement is the one that it cut short.
    pub(super) incomplete: bool,
    /// Where the rows of a COPY start that no `\.` ends.
    pub(super) endless_copy: Option<usize>,
    /// What a command of a shell makes of the file that cannot be read.
    pub(super) problems: Vec<Problem>,
    /// Commands whose effect is not known, by where they start.
    pub(super) unknown: Vec<(usize, &'a str)>,
}

/// Something that never ends, by where it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unterminated {
    pub(super) at: usize,
    pub(super) what: &'static str,
    pub(super) close: &'static str,
}

pub(super) fn split(text: &str, dialect: SqlDialect) -> Split<'_> {
    let mut file = File {
        text,
        lexer: Lexer::of_definition(text, dialect),
        split: Split {
            statements: Vec::new(),
            broken: None,
            incomplete: false,
            endless_copy: None,
            problems: Vec::new(),
            unknown: Vec::new(),
        },
        conditions: Conditions::default(),
        connected: false,
        tokens: Vec::new(),
        boundary: Boundary::new(dialect),
        dialect,
    };
    while let Some(token) = file.lexer.next() {
        if !token.closed {
            file.split.broken = Some(unterminated(&token));
            file.split.incomplete = !file.tokens.is_empty();
            break;
        }
        file.push(token);
    }
    file.end_statement();
    file.split.problems.extend(file.conditions.unended());
    file.split
}

pub(super) fn unterminated(token: &Token<'_>) -> Unterminated {
    let (what, close) = match token.kind {
        Kind::Comment => ("comment", "*/"),
        Kind::String(Quote::Dollar) => ("dollar-quoted string", "the same tag"),
        Kind::Name if token.text.starts_with('[') => ("quoted name", "]"),
        Kind::Name if token.text.starts_with('`') => ("quoted name", "`"),
        Kind::Name => ("quoted name", "\""),
        _ => ("string", "'"),
    };
    Unterminated {
        at: token.start,
        what,
        close,
    }
}

/// A file on its way.
struct File<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    split: Split<'a>,
    conditions: Conditions,
    /// Whether a command has named the database.
    connected: bool,
    /// Those of the statement that is read.
    tokens: Vec<Token<'a>>,
    boundary: Boundary,
    dialect: SqlDialect,
}

impl<'a> File<'a> {
    fn push(&mut self, token: Token<'a>) {
        if token.is_trivia() {
            return;
        }
        let command = match self.dialect {
            SqlDialect::Postgres => token.is_symbol("\\"),
            SqlDialect::Sqlite => token.is_symbol(".") && self.tokens.is_empty(),
        };
        if command {
            self.shell(token.start);
        } else if !self.conditions.is_active() {
            // psql reads it and sends nothing
        } else if self.boundary.is_end(&token) {
            if self.is_copy_from_stdin() {
                self.skip_rows();
            }
            if let Some(conforming) = self.conforming_strings() {
                self.lexer.set_backslashes(!conforming);
            }
            self.end_statement();
        } else {
            self.boundary.push(&token);
            self.tokens.push(token);
        }
    }

    fn end_statement(&mut self) {
        let tokens = std::mem::take(&mut self.tokens);
        self.boundary = Boundary::new(self.dialect);
        if !tokens.is_empty() {
            self.split.statements.push(tokens);
        }
    }

    /// A command of a shell. `\;` parts statements, and SQL goes on behind `\\`.
    fn shell(&mut self, start: usize) {
        let rest = self.text.get(start..).unwrap_or("");
        if rest.starts_with("\\;") {
            self.lexer.go_to(start + 2);
            return self.end_statement();
        }
        if rest.starts_with("\\\\") {
            return self.lexer.go_to(start + 2);
        }
        let end = psql::end(rest, self.dialect);
        self.lexer.go_to(start + end);
        let command = rest.get(..end).unwrap_or("").trim_end();
        self.command(start, command);
    }

    fn command(&mut self, at: usize, command: &'a str) {
        let meaning = psql::meaning(command, self.dialect);
        match self.conditions.take(meaning, (at, command)) {
            Ok(false) if self.conditions.is_active() => {}
            Ok(_) => return,
            Err(problem) => return self.split.problems.push(problem),
        }
        match meaning {
            Meaning::Sends => self.end_statement(),
            Meaning::Resets => {
                self.tokens.clear();
                self.end_statement();
            }
            Meaning::Rows => self.skip_rows(),
            Meaning::Quits => self.quit(),
            Meaning::Include => {
                let problem = psql::not_followed(at, command);
                self.split.problems.push(problem);
            }
            // the first one says which database the file is for
            Meaning::Connects if !self.connected => self.connected = true,
            Meaning::Connects => self.split.unknown.push((at, command)),
            Meaning::Unknown => {
                if command.starts_with("\\g") {
                    self.end_statement(); // `\gexec` sends what it is made from
                }
                self.split.unknown.push((at, command));
            }
            _ => {}
        }
    }

    fn quit(&mut self) {
        self.tokens.clear();
        self.conditions = Conditions::default();
        self.lexer.go_to(self.text.len());
    }

    /// The line break, not behind it.
    fn end_of_line(&self, from: usize) -> usize {
        let rest = self.text.get(from..).unwrap_or("");
        from + rest.find('\n').unwrap_or(rest.len())
    }

    /// Goes behind the `\.` that ends the rows of a COPY.
    fn skip_rows(&mut self) {
        let start = self.lexer.position();
        let mut at = self.end_of_line(start);
        for line in self.text.get(at..).unwrap_or("").split_inclusive('\n') {
            at += line.len();
            if line.trim_end_matches(['\n', '\r']) == "\\." {
                self.lexer.go_to(at);
                return;
            }
        }
        self.split.endless_copy.get_or_insert(start);
        self.lexer.go_to(self.text.len());
    }

    fn is_copy_from_stdin(&self) -> bool {
        let copies = self.tokens.first().is_some_and(|t| t.is("copy"));
        let from_stdin = |pair: &[Token<'_>]| matches!(pair, [from, stdin] if from.is("from") && stdin.is("stdin"));
        copies && self.tokens.windows(2).any(from_stdin)
    }

    /// What `SET standard_conforming_strings` says, as dumps of old servers have it: how the
    /// strings behind it are written.
    fn conforming_strings(&self) -> Option<bool> {
        let [set, setting, _, value] = self.tokens.as_slice() else {
            return None;
        };
        let names = set.is("set") && setting.names("standard_conforming_strings");
        let value = names.then(|| value.text.trim_matches('\'').to_ascii_lowercase());
        value.map(|value| value != "off" && value != "false")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn firsts(text: &str, dialect: SqlDialect) -> Vec<&str> {
        let found = split(text, dialect).statements;
        let spans = found
            .iter()
            .map(|s| &text[s[0].start..s[s.len() - 1].end()]);
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

    #[test]
    fn strings_are_read_as_the_dump_says() {
        let text = "SET standard_conforming_strings = off; a '\\'; b'; SET standard_conforming_strings TO 'on'; '\\'; c";
        assert_eq!(
            firsts(text, SqlDialect::Postgres),
            [
                "SET standard_conforming_strings = off",
                "a '\\'; b'",
                "SET standard_conforming_strings TO 'on'",
                "'\\'",
                "c"
            ]
        );
    }

    #[test]
    fn what_never_ends_is_told_by_its_start() {
        for (text, at, close) in [
            ("a 'x", 2, "'"),
            ("b \"x", 2, "\""),
            ("/* /* */", 0, "*/"),
            ("a $x$ $$", 2, "the same tag"),
            ("E'\\", 0, "'"),
        ] {
            let broken = split(text, SqlDialect::Postgres).broken.unwrap();
            assert_eq!((broken.at, broken.close), (at, close), "{text}");
        }
        assert!(split("a /* never", SqlDialect::Sqlite).broken.is_none());
    }
}
