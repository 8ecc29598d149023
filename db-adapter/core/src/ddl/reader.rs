//! The way through a file: one statement after the other, each to the one who reads its kind.

use super::cursor::{Cursor, Problem};
use super::place::Lines;
use super::pragma::Pragmas;
use super::undone::Mark;
use super::{Ddl, DdlError, Note, Place, SqlDialect, resolve, split};
use crate::lexer::Token;
use crate::schema::{ColumnSchema, NotInspected, TableSchema};
use std::collections::{BTreeMap, BTreeSet};

/// Nobody reads more errors than that, and a file that is no SQL has one at every comma.
const MOST_ERRORS: usize = 200;

/// What is known so far.
pub(super) struct Reader<'a> {
    pub(super) ddl: Ddl,
    pub(super) dialect: SqlDialect,
    text: &'a str,
    lines: Lines<'a>,
    /// The schemas of names without one: what `SET search_path` says.
    pub(super) search_path: Vec<String>,
    /// The tables that have an error.
    broken: BTreeSet<String>,
    /// Composite types, for `CREATE TABLE .. OF`.
    pub(super) composites: BTreeMap<String, Vec<ColumnSchema>>,
    /// SQLite's virtual tables, each with its module.
    pub(super) virtual_tables: Vec<(String, String)>,
    /// The columns that tables which inherit have by themselves, by the key of the table: they stay when a parent
    /// loses its own.
    pub(super) declared: BTreeSet<(String, String)>,
    /// The names of views whose queries call functions that may do anything.
    pub(super) calling_views: BTreeSet<String>,
    /// Where in the tokens a statement starts that no semicolon parts from the one before it.
    pub(super) resume: Option<usize>,
    /// What a ROLLBACK goes back to, the open transaction first.
    pub(super) marks: Vec<Mark>,
    /// The tables that only the session has, by their keys.
    pub(super) temporary: BTreeSet<String>,
    pub(super) pragmas: Pragmas,
    /// The names that constraints and indexes have had so far.
    pub(super) had: BTreeSet<String>,
    /// The search path that is back when the transaction ends.
    pub(super) path_after: Option<Vec<String>>,
    /// Whether there were too many errors.
    cut: bool,
}

/// A schema and a name.
pub(super) type Qualified = (Option<String>, String);

pub(super) fn read(text: &str, dialect: SqlDialect) -> Ddl {
    let mut reader = Reader {
        ddl: Ddl::default(),
        dialect,
        text,
        lines: Lines::new(text),
        search_path: Vec::new(),
        broken: BTreeSet::new(),
        composites: BTreeMap::new(),
        virtual_tables: Vec::new(),
        declared: BTreeSet::new(),
        calling_views: BTreeSet::new(),
        resume: None,
        marks: Vec::new(),
        temporary: BTreeSet::new(),
        pragmas: Pragmas::default(),
        had: BTreeSet::new(),
        path_after: None,
        cut: false,
    };
    reader.ddl.schema.dialect = dialect;
    let split = split::split(text, dialect);
    let mut before_last = 0;
    for tokens in &split.statements {
        before_last = reader.ddl.errors.len();
        let mut rest = tokens.as_slice();
        loop {
            reader.statement(rest);
            match reader.resume.take().and_then(|at| rest.get(at..)) {
                Some(more) if more.len() < rest.len() => rest = more,
                _ => break,
            }
        }
    }
    if let Some(open) = split.broken {
        // what is wrong with the statement that this cuts short, this is the cause of
        let own = match split.incomplete {
            true => reader
                .ddl
                .errors
                .split_off(before_last.min(reader.ddl.errors.len())),
            false => Vec::new(),
        };
        let table = own.into_iter().find_map(|e| e.table);
        let problem = Problem {
            start: open.at,
            end: open.at + 1,
            message: format!("this {} never ends", open.what),
            hint: Some(format!("close it with {}", open.close)),
        };
        reader.error(problem, table.as_deref());
    }
    for problem in split.problems {
        reader.error(problem, None);
    }
    for (at, command) in split.unknown {
        reader.unknown_command(at, command);
    }
    if let Some(at) = split.endless_copy {
        reader.note(
            at,
            "the rows of this COPY have no end `\\.`: nothing behind is read",
        );
    }
    reader.leave_out_shadows();
    let mut ddl = reader.ddl;
    resolve::resolve(&mut ddl.schema, dialect);
    ddl.errors.sort_by_key(|e| (e.line, e.column));
    ddl.notes.sort_by_key(|n| (n.line, n.column));
    ddl
}

/// Kinds whose statements neither make nor change anything that the model holds.
const SILENT: [&str; 33] = [
    // rights, and who is told what
    "grant",
    "revoke",
    "reassign",
    "security",
    "listen",
    "unlisten",
    "notify",
    // rows: what a trigger does with them is the trigger's, which is listed, and functions are listed before
    "insert",
    "update",
    "delete",
    "merge",
    "copy",
    "truncate",
    "values",
    "replace",
    "lock",
    "refresh",
    // how it is kept, and what is known of it
    "analyze",
    "vacuum",
    "reindex",
    "cluster",
    "checkpoint",
    // the session
    "pragma",
    "reset",
    "show",
    "use",
    "discard",
    "deallocate",
    "declare",
    "fetch",
    "move",
    "close",
    "detach",
];

/// How transactions begin and end.
const TRANSACTION: [&str; 9] = [
    "begin",
    "start",
    "commit",
    "end",
    "rollback",
    "abort",
    "savepoint",
    "release",
    "prepare",
];

impl<'a> Reader<'a> {
    fn statement(&mut self, tokens: &[Token<'a>]) {
        self.one(Cursor::new(self.text, tokens, self.dialect));
    }

    /// Reads one statement.
    pub(super) fn one(&mut self, mut c: Cursor<'_>) {
        let first = c.word(0).to_ascii_lowercase();
        self.list_calls(&c);
        let result = match first.as_str() {
            "create" => {
                c.next();
                self.create(&mut c)
            }
            "alter" => {
                c.next();
                self.alter(&mut c)
            }
            "comment" => self.comment(&mut c),
            "drop" => {
                c.next();
                self.drop_things(&mut c)
            }
            "set" => {
                self.set(&mut c);
                Ok(())
            }
            "select" | "with" => self.query(&mut c),
            "explain" => self.explain(&mut c),
            "prepare" if !c.is_at(1, "transaction") => Ok(()), // it runs with EXECUTE
            word if TRANSACTION.contains(&word) => {
                self.transaction(&mut c);
                Ok(())
            }
            "reset" | "discard" if c.is_at(1, "all") || c.is_at(1, "search_path") => {
                self.set_path(Vec::new(), false);
                Ok(())
            }
            "pragma" if self.dialect == SqlDialect::Sqlite => {
                self.pragma(&mut c);
                Ok(())
            }
            silent if SILENT.contains(&silent) => Ok(()),
            "do" => {
                self.note_at(&c, "a DO block is not run: what it makes is not known");
                self.list_unknown(&c, "statement", "DO");
                Ok(())
            }
            _ => {
                let word = c.word(0).to_uppercase();
                self.unknown_statement(&c, &word);
                Ok(())
            }
        };
        if let Err(problem) = result {
            self.error(problem, None);
        }
    }

    /// `SET [SESSION | LOCAL] search_path = a, b`
    fn set(&mut self, c: &mut Cursor<'_>) {
        c.next();
        let local = c.eat("local");
        c.eat("session");
        let strings = c.is("standard_conforming_strings");
        if strings && c.word(2).eq_ignore_ascii_case("off") {
            self.unknown_statement(c, "SET standard_conforming_strings"); // `\` is read otherwise
        }
        // `SET SCHEMA 'a'` is the same with one schema
        if !(c.eat("search_path") || c.eat("schema")) {
            return;
        }
        let _ = c.eat_symbol('=') || c.eat("to");
        let mut names = Vec::new();
        while !c.is_done() {
            names.extend(c.string().or_else(|| c.name("a schema").ok()));
            if !c.eat_symbol(',') {
                break;
            }
        }
        self.set_path(path(names), local);
    }

    /// The table with this key, to change it; listed as not checked when the file does not make it.
    pub(super) fn table_mut(&mut self, key: &str, c: &Cursor<'_>) -> Option<&mut TableSchema> {
        if !self.ddl.schema.tables.contains_key(key) {
            if !self.broken.contains(key) && !self.temporary.contains(key) {
                let why = format!("this file does not create table `{key}`");
                self.note_at(c, &format!("not read: {why}"));
                self.list(c.problem("").start, "statement", key, &why);
            }
            return None;
        }
        self.ddl.schema.tables.get_mut(key)
    }

    /// An error, which takes its table out of the schema.
    pub(super) fn error(&mut self, problem: Problem, table: Option<&str>) {
        let (line, column) = self.lines.place(problem.start);
        if let Some(key) = table {
            self.ddl.schema.tables.remove(key);
            self.broken.insert(key.to_owned());
        }
        if self.ddl.errors.len() >= MOST_ERRORS {
            if !self.cut {
                self.cut = true;
                self.note(problem.start, "the errors from here on are not listed");
            }
            return;
        }
        self.ddl.errors.push(DdlError {
            line,
            column,
            message: problem.message,
            hint: problem.hint,
            snippet: self.lines.snippet(problem.start, problem.end),
            table: table.map(str::to_owned),
        });
    }

    /// Whether a table has columns that this file does not tell.
    pub(super) fn has_more_columns(&self, key: &str) -> bool {
        let mut listed = self.ddl.schema.not_inspected.iter();
        listed.any(|entry| entry.kind == "table" && entry.name.as_deref() == Some(key))
    }

    pub(super) fn is_broken(&self, key: &str) -> bool {
        self.broken.contains(key)
    }

    /// The tables and views that are there, and the tables that have an error.
    pub(super) fn relations(&self) -> impl Iterator<Item = &String> {
        let all = &self.ddl.schema;
        all.tables
            .keys()
            .chain(all.views.keys())
            .chain(&self.broken)
    }

    pub(super) fn note_at(&mut self, c: &Cursor<'_>, message: &str) {
        let at = c.problem("").start;
        self.note(at, message);
    }

    fn note(&mut self, at: usize, message: &str) {
        let (line, column) = self.lines.place(at);
        self.ddl.notes.push(Note {
            line,
            column,
            message: message.to_owned(),
        });
    }

    /// A command of a shell that may do anything.
    fn unknown_command(&mut self, at: usize, command: &str) {
        let word = command.split_whitespace().next().unwrap_or(command);
        self.note(at, &format!("what `{word}` does is not known"));
        self.list_unknown_at(at, "shell command", word);
    }

    /// A statement of a kind that nobody here knows.
    pub(super) fn unknown_statement(&mut self, c: &Cursor<'_>, words: &str) {
        let found = c.found();
        self.note_at(c, &format!("statement not read: {found}"));
        self.list_unknown(c, "statement", words);
    }

    pub(super) fn list_unknown(&mut self, c: &Cursor<'_>, kind: &str, name: &str) {
        self.list_unknown_at(c.problem("").start, kind, name);
    }

    fn list_unknown_at(&mut self, at: usize, kind: &str, name: &str) {
        self.list(at, kind, name, "what it does to the schema is not known");
    }

    fn list(&mut self, at: usize, kind: &str, name: &str, why: &str) {
        let (line, _) = self.lines.place(at);
        self.ddl.schema.not_inspected.push(NotInspected {
            kind: kind.to_owned(),
            name: Some(name.to_owned()),
            reason: format!("line {line}: {why}"),
        });
    }

    /// A thing of a database that the file attaches.
    pub(super) fn list_attached(&mut self, c: &Cursor<'_>, kind: &str, key: &str) {
        let why = "it is in an attached database";
        self.note_at(c, &format!("not read: `{key}`: {why}"));
        self.list(c.problem("").start, kind, key, why);
    }

    /// A note on an object of a kind that is not read; the schema lists the kind once.
    pub(super) fn not_read(&mut self, c: &Cursor<'_>, kind: &str, name: Option<&str>) {
        let plural = match kind.strip_suffix('y') {
            Some(stem) => format!("{stem}ies"),
            None if kind.ends_with('s') => format!("{kind}es"),
            None => format!("{kind}s"),
        };
        let which = name.map(|n| format!(": `{n}`")).unwrap_or_default();
        self.note_at(c, &format!("{plural} are not read{which}"));
        let entry = NotInspected {
            kind: kind.to_owned(),
            name: None,
            reason: format!("{plural} are not read from SQL"),
        };
        if !self.ddl.schema.not_inspected.contains(&entry) {
            self.ddl.schema.not_inspected.push(entry);
        }
    }

    /// One thing of a kind that is not read, by its name: what needs it cannot be written either.
    pub(super) fn list_by_name(&mut self, kind: &str, name: Option<String>) {
        let same = |entry: &&NotInspected| entry.kind == kind && entry.name.is_none();
        let found = self.ddl.schema.not_inspected.iter().find(same);
        let reason = found.map(|entry| entry.reason.clone()).unwrap_or_default();
        let entry = NotInspected {
            kind: kind.to_owned(),
            name,
            reason,
        };
        if !self.ddl.schema.not_inspected.contains(&entry) {
            self.ddl.schema.not_inspected.push(entry);
        }
    }

    /// Remembers where a table or a column is defined.
    pub(super) fn remember(&mut self, table: &str, column: Option<&str>, definition: &Cursor<'_>) {
        const MOST: usize = 100;
        let (line, at) = self.lines.place(definition.problem("").start);
        let text = definition.sql().replace(['\n', '\r', '\t'], " ");
        let text = match text.char_indices().nth(MOST) {
            Some((end, _)) => format!("{}…", text.get(..end).unwrap_or("")),
            None => text,
        };
        let place = Place {
            line,
            column: at,
            text,
        };
        match column {
            None => {
                self.ddl.tables.insert(table.to_owned(), place);
            }
            Some(column) => {
                let key = (table.to_owned(), column.to_owned());
                self.ddl.columns.insert(key, place);
            }
        }
    }
}

/// The schemas of a search path in which a file makes things.
pub(super) fn path(names: Vec<String>) -> Vec<String> {
    let own = |name: &String| !matches!(name.as_str(), "" | "pg_catalog" | "$user" | "default");
    names.into_iter().filter(own).collect()
}
