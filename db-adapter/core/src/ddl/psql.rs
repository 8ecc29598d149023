//! What psql and SQLite's shell do before the database sees a line: their own commands, and psql's
//! conditions. Never reads another file, and never runs anything.

use super::SqlDialect;
use super::cursor::Problem;

/// What a command means for a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Nothing.
    Harmless,
    /// It ends the statement before it, as a semicolon does.
    Sends,
    /// It forgets the statement before it.
    Resets,
    /// Rows follow, up to `\.`.
    Rows,
    /// `\if` and `\elif`, with what the condition is; `None` for one that is not a constant.
    If(Option<bool>),
    Elif(Option<bool>),
    Else,
    Endif,
    /// Another file is read here.
    Include,
    /// Another database is meant from here on.
    Connects,
    /// Nothing behind it is read.
    Quits,
    /// What it does is not known, or depends on what a query finds.
    Unknown,
}

/// They write to the screen or to files, set how that looks, and ask about objects.
const SHOW: [&str; 39] = [
    "a",
    "C",
    "cd",
    "conninfo",
    "copyright",
    "echo",
    "encoding",
    "errverbose",
    "f",
    "getenv",
    "h",
    "help",
    "H",
    "html",
    "l",
    "list",
    "o",
    "out",
    "p",
    "print",
    "pset",
    "qecho",
    "s",
    "setenv",
    "sf",
    "sv",
    "t",
    "T",
    "timing",
    "unset",
    "w",
    "warn",
    "write",
    "x",
    "z",
    "?",
    "set",
    "prompt",
    "zS",
];

/// A password, large objects, and the guards that pg_dump writes: none of them is in a schema.
const BESIDE: [&str; 7] = [
    "password",
    "restrict",
    "unrestrict",
    "lo_export",
    "lo_import",
    "lo_list",
    "lo_unlink",
];

/// The commands of SQLite's shell that show, or set how things are shown.
const SHELL: [&str; 27] = [
    "bail",
    "changes",
    "databases",
    "dbinfo",
    "dump",
    "echo",
    "eqp",
    "explain",
    "headers",
    "help",
    "indexes",
    "limit",
    "log",
    "mode",
    "nullvalue",
    "once",
    "output",
    "print",
    "prompt",
    "schema",
    "separator",
    "show",
    "stats",
    "tables",
    "timeout",
    "timer",
    "width",
];

/// Where the command at the start of a text ends: at the end of its line, or in psql before the
/// next command of the line.
pub(super) fn end(text: &str, dialect: SqlDialect) -> usize {
    let whole = ["\\!", "\\copy"];
    let alone = dialect == SqlDialect::Sqlite || whole.iter().any(|word| text.starts_with(word));
    let mut quoted = false;
    let mut before = '\\';
    for (at, c) in text.char_indices().skip(1) {
        let is_next = c == '\\' && !quoted && !alone && before.is_whitespace();
        if c == '\n' || is_next {
            return at;
        }
        quoted ^= c == '\'';
        before = c;
    }
    text.len()
}

/// What a command means, with the backslash or the dot before it.
pub(super) fn meaning(command: &str, dialect: SqlDialect) -> Meaning {
    let word = command.split_whitespace().next().unwrap_or_default();
    let name = word.get(1..).unwrap_or_default();
    let rest = command.get(word.len()..).unwrap_or_default().trim();
    match dialect {
        SqlDialect::Sqlite => shell(name),
        SqlDialect::Postgres => psql(name, rest),
    }
}

fn psql(name: &str, rest: &str) -> Meaning {
    match name {
        "if" => Meaning::If(constant(rest)),
        "elif" => Meaning::Elif(constant(rest)),
        "else" => Meaning::Else,
        "endif" => Meaning::Endif,
        "i" | "ir" | "include" | "include_relative" => Meaning::Include,
        "c" | "connect" => Meaning::Connects,
        "q" | "quit" => Meaning::Quits,
        "r" | "reset" => Meaning::Resets,
        ";" | "g" | "gx" | "gset" | "gdesc" | "watch" | "crosstabview" => Meaning::Sends,
        "copy" if rest.to_ascii_lowercase().ends_with(" from stdin") => Meaning::Rows,
        "copy" | "\\" => Meaning::Harmless,
        _ if name.starts_with('d') || SHOW.contains(&name) || BESIDE.contains(&name) => {
            Meaning::Harmless
        }
        _ => Meaning::Unknown,
    }
}

/// The shell takes any beginning of a name; `.read` is what matters.
fn shell(name: &str) -> Meaning {
    match name {
        "read" => Meaning::Include,
        "open" => Meaning::Connects,
        "exit" | "quit" => Meaning::Quits,
        _ if SHELL.contains(&name) => Meaning::Harmless,
        _ => Meaning::Unknown,
    }
}

/// A constant as psql takes it: a word, or the beginning of one, as long as it cannot be another word.
fn constant(text: &str) -> Option<bool> {
    let text = text.trim_matches('\'').to_ascii_lowercase();
    let begins = |word: &str, least: usize| text.len() >= least && word.starts_with(&text);
    match text.as_str() {
        "1" => Some(true),
        "0" => Some(false),
        _ if begins("true", 1) || begins("yes", 1) || begins("on", 2) => Some(true),
        _ if begins("false", 1) || begins("no", 1) || begins("off", 2) => Some(false),
        _ => None,
    }
}

/// The conditions that are open.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    open: Vec<Branch>,
}

#[derive(Debug)]
struct Branch {
    /// Where its `\if` is.
    at: usize,
    /// Whether what is around it is read.
    outer: bool,
    /// Whether this part of it is read.
    active: bool,
    /// Whether a part of it was read before.
    taken: bool,
}

impl Conditions {
    /// Whether what stands here is read.
    pub(super) fn is_active(&self) -> bool {
        self.open.last().is_none_or(|branch| branch.active)
    }

    /// Takes a command; `Ok(false)` for one that is not a condition.
    pub(super) fn take(
        &mut self,
        meaning: Meaning,
        (at, command): (usize, &str),
    ) -> Result<bool, Problem> {
        let outer = self.is_active();
        match meaning {
            Meaning::If(condition) => {
                // what is refused is read, so that no other error follows from it
                let holds = condition.unwrap_or(true);
                self.open.push(Branch {
                    at,
                    outer,
                    active: outer && holds,
                    taken: holds,
                });
                match condition {
                    None if outer => Err(not_constant(at, command)),
                    _ => Ok(true),
                }
            }
            Meaning::Elif(condition) => {
                let branch = self.last(at, command)?;
                let asked = branch.outer && !branch.taken;
                branch.active = asked && condition.unwrap_or(true);
                branch.taken |= branch.active;
                match condition {
                    None if asked => Err(not_constant(at, command)),
                    _ => Ok(true),
                }
            }
            Meaning::Else => {
                let branch = self.last(at, command)?;
                branch.active = branch.outer && !branch.taken;
                branch.taken = true;
                Ok(true)
            }
            Meaning::Endif => {
                self.last(at, command)?;
                self.open.pop();
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// The last `\if` that is never ended.
    pub(super) fn unended(&self) -> Option<Problem> {
        let branch = self.open.last()?;
        let problem = problem(branch.at, "\\if", "this `\\if` never ends");
        Some(problem.hint("close it with `\\endif`"))
    }

    fn last(&mut self, at: usize, command: &str) -> Result<&mut Branch, Problem> {
        let word = command.split_whitespace().next().unwrap_or(command);
        let message = format!("there is no `\\if` before this `{word}`");
        self.open
            .last_mut()
            .ok_or_else(|| problem(at, word, message))
    }
}

fn not_constant(at: usize, command: &str) -> Problem {
    let word = command.split_whitespace().next().unwrap_or(command);
    let message =
        format!("the condition of `{word}` is not a constant, so what holds is not known");
    problem(at, command, message)
        .hint("give a file without conditions, such as `pg_dump --schema-only` of the result")
}

/// Another file is meant.
pub(super) fn not_followed(at: usize, command: &str) -> Problem {
    let message = format!("`{command}` is not followed: the schema must be in one file");
    problem(at, command, message)
        .hint("put the file's text in its place, or give `pg_dump --schema-only` of the result")
}

fn problem(at: usize, command: &str, message: impl Into<String>) -> Problem {
    Problem {
        start: at,
        end: at + command.len(),
        message: message.into(),
        hint: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_ends_before_the_next_one() {
        for (text, command) in [
            ("\\t on \\x", "\\t on "),
            ("\\pset a '\\b' \\\\ x", "\\pset a '\\b' "),
            ("\\copy t from 'a \\b'\nx", "\\copy t from 'a \\b'"),
            ("\\i a\\b.sql", "\\i a\\b.sql"),
        ] {
            let end = end(text, SqlDialect::Postgres);
            assert_eq!(&text[..end], command);
        }
        assert_eq!(end(".print a \\b\nx", SqlDialect::Sqlite), 11);
    }

    #[test]
    fn constants_are_those_of_psql() {
        for (text, value) in [
            ("true", Some(true)),
            ("TR", Some(true)),
            ("'on'", Some(true)),
            ("1", Some(true)),
            ("f", Some(false)),
            ("of", Some(false)),
            ("n", Some(false)),
            ("o", None),
            ("", None),
            (":x", None),
            (":{?x}", None),
        ] {
            assert_eq!(constant(text), value, "{text}");
        }
    }

    #[test]
    fn only_what_is_known_is_harmless() {
        for (command, meaning_of) in [
            ("\\dt+ x", Meaning::Harmless),
            ("\\set ON_ERROR_STOP on", Meaning::Harmless),
            ("\\gexec", Meaning::Unknown),
            ("\\! rm x", Meaning::Unknown),
            ("\\ir a.sql", Meaning::Include),
            ("\\copy t from stdin", Meaning::Rows),
        ] {
            assert_eq!(meaning(command, SqlDialect::Postgres), meaning_of);
        }
        assert_eq!(meaning(".read a.sql", SqlDialect::Sqlite), Meaning::Include);
        assert_eq!(meaning(".import a b", SqlDialect::Sqlite), Meaning::Unknown);
    }
}
