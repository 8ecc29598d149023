//! A file of SQL as the steps that psql or SQLite's shell would take: statements in their order, rows
//! of COPY, other files. Never reads another file and never runs anything; a command that cannot be
//! followed is an error, and so is a statement that reaches outside of the database.

use super::SqlDialect;
use super::outside;
use super::psql::{self, Conditions, Meaning};
use super::split::unterminated;
use crate::Notice;
use crate::lexer::{Lexer, Token};
use crate::statement::Boundary;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The line, from 1.
    pub line: usize,
    /// What to do.
    pub action: Action,
}

/// What a step does.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// One statement, as it is written.
    Run(String),
    /// A COPY from stdin, and the rows that it gets.
    Copy {
        /// The statement.
        statement: String,
        /// The lines, without the `\.` that ends them.
        rows: String,
    },
    /// The steps of another file.
    Include {
        /// Its path.
        path: String,
        /// Whether that begins in the folder of this file, not in the working folder.
        from_file: bool,
    },
}

/// Something that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptProblem {
    /// The line, from 1.
    pub line: usize,
    /// What, and what to do.
    pub notice: Notice,
}

/// The steps of a text, or what cannot be followed.
///
/// # Errors
/// All that cannot be followed.
///
/// ```
/// use db_adapter_core::ddl::{Action, SqlDialect, steps};
///
/// let found = steps("CREATE TABLE a (b int);\n\\ir c.sql\n", SqlDialect::Postgres).unwrap();
/// assert_eq!(found[0].action, Action::Run("CREATE TABLE a (b int)".to_owned()));
/// assert!(matches!(&found[1].action, Action::Include { path, from_file: true } if path == "c.sql"));
/// assert!(steps("\\! rm x", SqlDialect::Postgres).is_err());
/// ```
pub fn steps(text: &str, dialect: SqlDialect) -> Result<Vec<Step>, Vec<ScriptProblem>> {
    let mut script = Script {
        text,
        dialect,
        lexer: Lexer::of_definition(text, dialect),
        boundary: Boundary::new(dialect),
        tokens: Vec::new(),
        conditions: Conditions::default(),
        lines: Lines {
            text,
            at: 0,
            line: 1,
        },
        steps: Vec::new(),
        problems: Vec::new(),
    };
    while let Some(token) = script.lexer.next() {
        if !token.closed {
            let broken = unterminated(&token);
            script.problem(
                broken.at,
                format!("this {} never ends", broken.what),
                format!("close it with `{}`", broken.close),
            );
            break;
        }
        script.push(token);
    }
    script.end_statement();
    if let Some(problem) = script.conditions.unended() {
        let hint = problem.hint.unwrap_or_default();
        script.problem(problem.start, problem.message, hint);
    }
    match script.problems.is_empty() {
        true => Ok(script.steps),
        false => Err(script.problems),
    }
}

/// psql's own variables whose values change nothing of a schema.
const SETTINGS: [&str; 16] = [
    "COMP_KEYWORD_CASE",
    "ECHO",
    "ECHO_HIDDEN",
    "FETCH_COUNT",
    "HIDE_TABLEAM",
    "HIDE_TOAST_COMPRESSION",
    "HISTCONTROL",
    "HISTFILE",
    "HISTSIZE",
    "IGNOREEOF",
    "ON_ERROR_STOP",
    "PROMPT1",
    "PROMPT2",
    "QUIET",
    "SHOW_CONTEXT",
    "VERBOSITY",
];

/// Commands that the reader of schemas passes over, and that change what comes behind them or something
/// else than this database.
const NOT_HERE: [&str; 8] = [
    "cd",
    "getenv",
    "lo_export",
    "lo_import",
    "lo_unlink",
    "password",
    "prompt",
    "unset",
];

/// A text on its way.
struct Script<'a> {
    text: &'a str,
    dialect: SqlDialect,
    lexer: Lexer<'a>,
    boundary: Boundary,
    /// Those of the statement that is read.
    tokens: Vec<Token<'a>>,
    conditions: Conditions,
    lines: Lines<'a>,
    steps: Vec<Step>,
    problems: Vec<ScriptProblem>,
}

impl<'a> Script<'a> {
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
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
            return;
        };
        let statement = self.text.get(first.start..last.end()).unwrap_or_default();
        self.send(first.start, statement, &tokens);
    }

    fn send(&mut self, at: usize, statement: &str, tokens: &[Token<'_>]) {
        if let Some(notice) = outside::of(tokens, self.dialect) {
            return self.problem(at, notice.message, notice.hint.unwrap_or_default());
        }
        let line = self.lines.of(at);
        let statement = statement.to_owned();
        let action = match outside::copies_in(tokens) && self.dialect == SqlDialect::Postgres {
            true => match self.rows(at) {
                Some(rows) => Action::Copy { statement, rows },
                None => return,
            },
            false => Action::Run(statement),
        };
        self.steps.push(Step { line, action });
    }

    /// The lines behind this one up to `\.`; the lexer goes on behind them.
    fn rows(&mut self, copy: usize) -> Option<String> {
        let position = self.lexer.position();
        let rest = self.text.get(position..).unwrap_or("");
        let start = position + rest.find('\n').map_or(rest.len(), |at| at + 1);
        let mut end = start;
        for line in self.text.get(start..).unwrap_or("").split_inclusive('\n') {
            if line.trim_end_matches(['\n', '\r']) == "\\." {
                self.lexer.go_to(end + line.len());
                let rows = self.text.get(start..end).unwrap_or_default();
                return Some(rows.to_owned());
            }
            end += line.len();
        }
        self.lexer.go_to(self.text.len());
        self.problem(
            copy,
            "the rows of this COPY never end".to_owned(),
            "end them with a line `\\.`".to_owned(),
        );
        None
    }

    /// A command of a shell. `\;` parts statements, and SQL goes on behind `\\`.
    fn shell(&mut self, start: usize) {
        let rest = self.text.get(start..).unwrap_or("");
        if rest.starts_with("\\;") {
            self.lexer.go_to(start + 2);
            if self.conditions.is_active() {
                self.end_statement();
            }
            return;
        }
        if rest.starts_with("\\\\") {
            return self.lexer.go_to(start + 2);
        }
        let end = psql::end(rest, self.dialect);
        self.lexer.go_to(start + end);
        let command = rest.get(..end).unwrap_or("").trim_end();
        self.command(start, command);
    }

    fn command(&mut self, at: usize, command: &str) {
        let meaning = psql::meaning(command, self.dialect);
        match self.conditions.take(meaning, (at, command)) {
            Ok(false) if self.conditions.is_active() => {}
            Ok(true) if !self.tokens.is_empty() => return self.inside(at, command),
            Ok(_) => return,
            Err(problem) => {
                let hint = problem.hint.unwrap_or_default();
                return self.problem(at, problem.message, hint);
            }
        }
        let word = command.split_whitespace().next().unwrap_or_default();
        let rest = command.get(word.len()..).unwrap_or_default().trim();
        let name = word.get(1..).unwrap_or_default();
        let sends = matches!(word, "\\g" | "\\;" | "\\gx") && rest.is_empty();
        match meaning {
            Meaning::Sends if sends => self.end_statement(),
            Meaning::Resets => {
                self.tokens.clear();
                self.boundary = Boundary::new(self.dialect);
            }
            Meaning::Quits => {
                self.tokens.clear();
                self.conditions = Conditions::default();
                self.lexer.go_to(self.text.len());
            }
            _ if !self.tokens.is_empty() => self.inside(at, command),
            Meaning::Include => self.include(at, name, rest),
            Meaning::Rows | Meaning::Harmless if self.dialect == SqlDialect::Postgres => {
                self.harmless(at, (name, rest), command);
            }
            Meaning::Harmless => {}
            _ => self.not_followed(at, command),
        }
    }

    fn harmless(&mut self, at: usize, (name, rest): (&str, &str), command: &str) {
        match name {
            "copy" => {
                let statement = format!("COPY {rest}");
                let tokens: Vec<Token<'_>> =
                    Lexer::new(&statement, self.dialect).significant().collect();
                match outside::copies_in(&tokens) {
                    true => self.send(at, &statement, &tokens),
                    false => self.not_followed(at, command),
                }
            }
            "set" => {
                let variable = rest.split_whitespace().next().unwrap_or_default();
                if !SETTINGS.contains(&variable) {
                    self.not_followed(at, command);
                }
            }
            "encoding" => {
                let encoding = rest.trim_matches('\'').to_ascii_lowercase();
                if !matches!(encoding.as_str(), "" | "utf8" | "utf-8" | "unicode") {
                    self.not_followed(at, command);
                }
            }
            _ if NOT_HERE.contains(&name) => self.not_followed(at, command),
            _ => {}
        }
    }

    fn include(&mut self, at: usize, name: &str, rest: &str) {
        let Some(path) = path(rest) else {
            return self.not_followed(at, rest);
        };
        let from_file = matches!(name, "ir" | "include_relative");
        let line = self.lines.of(at);
        let action = Action::Include { path, from_file };
        self.steps.push(Step { line, action });
    }

    fn not_followed(&mut self, at: usize, command: &str) {
        self.problem(
            at,
            format!("`{command}` cannot be followed"),
            "take it out, or write what it does as SQL".to_owned(),
        );
    }

    fn inside(&mut self, at: usize, command: &str) {
        self.tokens.clear();
        self.problem(
            at,
            format!("`{command}` is inside of a statement"),
            "end the statement before it with a semicolon".to_owned(),
        );
    }

    fn problem(&mut self, at: usize, message: String, hint: String) {
        let hint = Some(hint).filter(|hint| !hint.is_empty());
        let line = Lines {
            text: self.text,
            at: 0,
            line: 1,
        }
        .of(at);
        let notice = Notice { message, hint };
        self.problems.push(ScriptProblem { line, notice });
    }

    /// As `split` has it.
    fn conforming_strings(&self) -> Option<bool> {
        let [set, setting, _, value] = self.tokens.as_slice() else {
            return None;
        };
        let names = set.is("set") && setting.names("standard_conforming_strings");
        let value = names.then(|| value.text.trim_matches('\'').to_ascii_lowercase());
        value.map(|value| value != "off" && value != "false")
    }
}

/// The path that a command names; `None` for variables, programs of SQLite's `.read |`, and all else that
/// a shell would make something of.
fn path(rest: &str) -> Option<String> {
    let quoted = |quote: char| rest.strip_prefix(quote)?.strip_suffix(quote);
    let (path, ends) = match (quoted('\''), quoted('"')) {
        (Some(single), _) => (single.replace("''", "\0"), ['\'', '\\']),
        (None, Some(double)) => (double.to_owned(), ['"', '\\']),
        (None, None) => (rest.to_owned(), ['\'', '"']),
    };
    let is_plain = quoted('\'').is_none() && quoted('"').is_none();
    let has_parts = is_plain && path.contains(char::is_whitespace);
    let is_other = path.contains(ends) || path.starts_with([':', '|', '`', '~']);
    let is_known = !path.is_empty() && !is_other && !has_parts;
    is_known.then(|| path.replace('\0', "'"))
}

/// Counts lines, going on from the last place that was asked for.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn of(&mut self, at: usize) -> usize {
        if at < self.at {
            (self.at, self.line) = (0, 1);
        }
        let between = self.text.get(self.at..at).unwrap_or_default();
        self.line += between.bytes().filter(|byte| *byte == b'\n').count();
        self.at = at;
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> Vec<String> {
        let shown = |step: Step| match step.action {
            Action::Run(statement) => format!("{}: {statement}", step.line),
            Action::Copy { statement, rows } => format!("{}: {statement} < {rows:?}", step.line),
            Action::Include { path, from_file } => {
                format!("{}: file {path} {from_file}", step.line)
            }
        };
        let found = steps(text, SqlDialect::Postgres).unwrap();
        found.into_iter().map(shown).collect()
    }

    fn said(text: &str, dialect: SqlDialect) -> Vec<String> {
        let problems = steps(text, dialect).expect_err(text);
        let said = |p: ScriptProblem| format!("{}: {}", p.line, p.notice.message);
        problems.into_iter().map(said).collect()
    }

    #[test]
    fn statements_rows_and_files_come_in_their_order() {
        let text = "\\set ON_ERROR_STOP on\nSET a = 1;\n\nCOPY t (a) FROM stdin;\n1;'\n\\.x\n\\.\n\
                    \\ir 'it''s.sql'\n\\i b.sql\nSELECT ';' \\g\n\\copy x from stdin\n2\n\\.\n\\echo done\nb";
        assert_eq!(
            run(text),
            [
                "2: SET a = 1",
                "4: COPY t (a) FROM stdin < \"1;'\\n\\\\.x\\n\"",
                "8: file it's.sql true",
                "9: file b.sql false",
                "10: SELECT ';'",
                "11: COPY x from stdin < \"2\\n\"",
                "15: b",
            ]
        );
    }

    #[test]
    fn conditions_are_evaluated() {
        let text = "\\if true\na;\n\\else\n\\! x\nb;\n\\endif\n\\if 0\n\\i c\n\\elif 1\nd;\n\\endif\n\\q\n\\! y";
        assert_eq!(run(text), ["2: a", "10: d"]);
        let said = said("\\if :x\na;\n\\endif", SqlDialect::Postgres);
        assert!(said[0].contains("not a constant"), "{said:?}");
    }

    #[test]
    fn what_cannot_be_followed_is_an_error_at_its_line() {
        for command in [
            "\\! rm x",
            "\\connect x",
            "\\set schema app",
            "\\copy t from 'x.csv'",
            "\\gexec",
            "\\cd /tmp",
            "\\getenv a A",
            "\\password",
            "\\encoding latin1",
            "\\i :file",
            "\\lo_import x",
            "\\unknown",
        ] {
            let said = said(&format!("a;\n{command}\nb;"), SqlDialect::Postgres);
            assert_eq!(said.len(), 1, "{command} {said:?}");
            assert!(said[0].starts_with("2: "), "{said:?}");
        }
        for command in [".open x", ".import a b", ".read |ls", ".load x", ".shell x"] {
            assert_eq!(said(command, SqlDialect::Sqlite).len(), 1, "{command}");
        }
        for text in [
            "SELECT 1 \\gset",
            "SELECT 1\n\\echo x\n;",
            "SELECT \\if 1\n1;\\endif",
        ] {
            assert!(!said(text, SqlDialect::Postgres).is_empty(), "{text}");
        }
        for text in ["SELECT 'x", "COPY t FROM stdin;\n1\n", "\\if 1\n", "/* x"] {
            assert_eq!(said(text, SqlDialect::Postgres).len(), 1, "{text}");
        }
    }

    #[test]
    fn sqlites_shell_is_followed() {
        let found = steps(
            ".bail on\nPRAGMA foreign_keys=OFF;\n.read a.sql\nCREATE TABLE t (a);\n.exit\nx",
            SqlDialect::Sqlite,
        );
        assert_eq!(found.unwrap().len(), 3);
    }
}
