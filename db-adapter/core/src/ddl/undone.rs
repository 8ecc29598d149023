//! BEGIN, SAVEPOINT and what takes back: after ROLLBACK the file is as it was before. What is said
//! about statements stays said.

use super::Place;
use super::cursor::Cursor;
use super::reader::Reader;
use crate::schema::{ColumnSchema, DatabaseSchema};
use std::collections::{BTreeMap, BTreeSet};

/// What a ROLLBACK goes back to.
pub(super) struct Mark {
    /// The savepoint; `None` for the transaction itself.
    name: Option<String>,
    state: State,
}

/// What the statements so far have made.
#[derive(Clone)]
struct State {
    schema: DatabaseSchema,
    tables: BTreeMap<String, Place>,
    columns: BTreeMap<(String, String), Place>,
    search_path: Vec<String>,
    composites: BTreeMap<String, Vec<ColumnSchema>>,
    virtual_tables: Vec<(String, String)>,
    declared: BTreeSet<(String, String)>,
    temporary: BTreeSet<String>,
}

impl Reader<'_> {
    /// One of the statements that begin and end transactions.
    pub(super) fn transaction(&mut self, c: &mut Cursor<'_>) {
        let start = *c;
        if c.eat("begin") || c.eat("start transaction") {
            if self.marks.is_empty() {
                self.mark(None);
            }
        } else if c.eat("savepoint") {
            if let Ok(name) = c.name("a savepoint") {
                self.mark(Some(name));
            }
        } else if c.eat("release") {
            c.eat("savepoint");
            if let Some(at) = c
                .name("a savepoint")
                .ok()
                .and_then(|name| self.marked(&name))
            {
                self.marks.truncate(at);
            }
        } else if c.eat("commit prepared") || c.eat("rollback prepared") {
            self.unknown_statement(&start, "COMMIT PREPARED");
        } else if c.eat("commit") || c.eat("end") {
            self.marks.clear();
            if let Some(path) = self.path_after.take() {
                self.search_path = path;
            }
            self.chained(c);
        } else if c.eat("rollback") || c.eat("abort") {
            let _ = c.eat("work") || c.eat("transaction");
            match c.eat("to") {
                true => self.back_to(c),
                false => {
                    if let Some(first) = std::mem::take(&mut self.marks).into_iter().next() {
                        self.go_back(first.state);
                    }
                    self.path_after = None;
                    self.chained(c);
                }
            }
        } else {
            self.unknown_statement(&start, "PREPARE TRANSACTION");
        }
    }

    fn mark(&mut self, name: Option<String>) {
        let state = self.state();
        self.marks.push(Mark { name, state });
    }

    fn marked(&self, name: &str) -> Option<usize> {
        let mut marks = self.marks.iter();
        marks.rposition(|mark| mark.name.as_deref() == Some(name))
    }

    /// `ROLLBACK TO [SAVEPOINT] name`, which stays.
    fn back_to(&mut self, c: &mut Cursor<'_>) {
        c.eat("savepoint");
        let name = c.name("a savepoint").ok();
        if let Some(at) = name.and_then(|name| self.marked(&name)) {
            self.marks.truncate(at + 1);
            if let Some(state) = self.marks.last().map(|mark| mark.state.clone()) {
                self.go_back(state);
            }
        }
    }

    /// `AND CHAIN` begins the next transaction.
    fn chained(&mut self, c: &mut Cursor<'_>) {
        let _ = c.eat("work") || c.eat("transaction");
        if c.eat("and chain") {
            self.mark(None);
        }
    }

    /// What `SET LOCAL` replaces comes back with the end of the transaction; without one it does nothing.
    pub(super) fn set_path(&mut self, path: Vec<String>, local: bool) {
        if local && self.marks.is_empty() {
            return;
        }
        let before = std::mem::replace(&mut self.search_path, path);
        self.path_after = match local {
            true => self.path_after.take().or(Some(before)),
            false => None,
        };
    }

    fn state(&self) -> State {
        State {
            schema: self.ddl.schema.clone(),
            tables: self.ddl.tables.clone(),
            columns: self.ddl.columns.clone(),
            search_path: self.search_path.clone(),
            composites: self.composites.clone(),
            virtual_tables: self.virtual_tables.clone(),
            declared: self.declared.clone(),
            temporary: self.temporary.clone(),
        }
    }

    fn go_back(&mut self, state: State) {
        self.ddl.schema = state.schema;
        self.ddl.tables = state.tables;
        self.ddl.columns = state.columns;
        self.search_path = state.search_path;
        self.composites = state.composites;
        self.virtual_tables = state.virtual_tables;
        self.declared = state.declared;
        self.temporary = state.temporary;
    }
}

#[cfg(test)]
mod tests {
    use crate::ddl::{SqlDialect, parse};

    #[test]
    fn what_is_rolled_back_was_never_there() {
        let read = parse(
            "CREATE TABLE a (x int);
             BEGIN; CREATE TABLE b (x int); ALTER TABLE a ADD y int; SET search_path = s;
             CREATE FUNCTION f() RETURNS int AS '' LANGUAGE sql; ROLLBACK;
             BEGIN; CREATE TABLE c (x int); SAVEPOINT one; CREATE TABLE d (x int);
             ROLLBACK TO one; CREATE TABLE e (x int); RELEASE one; SET LOCAL search_path = s;
             CREATE TABLE f (x int); COMMIT AND CHAIN; CREATE TABLE g (x int); ROLLBACK;
             CREATE TABLE h (x int); COMMIT; ROLLBACK;",
            SqlDialect::Postgres,
        );
        let keys: Vec<&str> = read.schema.tables.keys().map(String::as_str).collect();
        assert_eq!(keys, ["a", "c", "e", "h", "s.f"]);
        assert_eq!(read.schema.tables["a"].columns.len(), 1);
        assert!(read.schema.not_inspected.is_empty(), "{read:?}");
    }
}
