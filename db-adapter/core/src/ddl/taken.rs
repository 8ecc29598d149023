//! Columns and constraints that a table takes from another: INHERITS, PARTITION OF and LIKE.
//! Never looks further down the file: what a table takes from must stand above it.

use super::chosen::For;
use super::cursor::{Cursor, Read};
use super::naming;
use super::reader::{Qualified, Reader};
use super::table::Draft;
use crate::schema::{ColumnSchema, ConstraintKind, NotInspected};

/// What a table takes from the one that it is LIKE.
#[derive(Default, Clone, Copy)]
struct Including {
    defaults: bool,
    generated: bool,
    identity: bool,
    constraints: bool,
    indexes: bool,
    comments: bool,
}

impl Reader<'_> {
    /// Takes over the columns and checks of a parent; returns its key.
    pub(super) fn inherit(
        &mut self,
        c: &Cursor<'_>,
        draft: &mut Draft,
        parent: Qualified,
        is_partition: bool,
    ) -> String {
        let key = self.key_of(parent);
        let Some(parent) = self.ddl.schema.tables.get(&key) else {
            self.unknown_columns(c, &draft.key, &key);
            return key;
        };
        let own = draft.table.columns.split_off(draft.inherited);
        for theirs in &parent.columns {
            let mut theirs = theirs.clone();
            if theirs.not_null_no_inherit {
                theirs.set_nullable(true);
            }
            if !is_partition {
                // the numbers of a table are its own
                theirs.identity = None;
                theirs.numbering = None;
                theirs.identity_sequence = None;
            }
            match draft.table.column_mut(&theirs.name) {
                Some(there) => merge(there, &theirs),
                None => draft.table.columns.push(theirs),
            }
        }
        draft.inherited = draft.table.columns.len();
        let names = own.iter().map(|column| column.name.clone());
        draft.declared.extend(names);
        for column in own {
            match draft.table.column_mut(&column.name) {
                Some(there) => {
                    let theirs = std::mem::replace(there, column);
                    merge(there, &theirs);
                }
                None => draft.table.columns.push(column),
            }
        }
        let checks = parent.checks().filter(|check| !check.no_inherit).cloned();
        draft.constraints.extend(checks);
        key
    }

    pub(super) fn like(&mut self, c: &mut Cursor<'_>, draft: &mut Draft) -> Read<()> {
        let name = c.qualified("the name of a table after `LIKE`")?;
        let key = self.key_of(name);
        let mut including = Including::default();
        while c.is("including") || c.is("excluding") {
            including.read(c.is("including"), c.word(1));
            c.at += 2;
        }
        if !c.is_done() {
            return Err(c.unexpected("`INCLUDING` or `EXCLUDING`"));
        }
        let Some(other) = self.ddl.schema.tables.get(&key) else {
            self.unknown_columns(c, &draft.key, &key);
            return Ok(());
        };
        draft
            .table
            .columns
            .extend(other.columns.iter().map(|column| including.column(column)));
        for constraint in other.constraints.values() {
            let is_key = matches!(
                constraint.kind,
                ConstraintKind::PrimaryKey | ConstraintKind::Unique | ConstraintKind::Exclude
            );
            let wanted = is_key && including.indexes
                || constraint.kind == ConstraintKind::Check && including.constraints;
            if wanted {
                let mut copy = constraint.clone();
                if is_key {
                    copy.name.clear(); // the names of indexes are unique, so new ones are chosen
                }
                draft.constraints.push(copy);
            }
        }
        if including.indexes {
            let indexes: Vec<_> = other.indexes.values().cloned().collect();
            for mut index in indexes {
                index.name.clear();
                let own = (draft.table.schema.clone(), draft.table.name.clone());
                let is_taken = |name: &str| self.is_taken(&own, name, For::Relation);
                let name = naming::add_index(&mut draft.table, index, is_taken);
                self.had.insert(name);
            }
        }
        Ok(())
    }

    /// The table takes columns from something that this file does not create before it.
    pub(super) fn unknown_columns(&mut self, c: &Cursor<'_>, table: &str, from: &str) {
        if self.is_broken(from) {
            return; // its own error says enough
        }
        let why =
            format!("the columns of `{from}` are not known: this file does not create it before");
        self.note_at(c, &why);
        self.ddl.schema.not_inspected.push(NotInspected {
            kind: "table".into(),
            name: Some(table.to_owned()),
            reason: why,
        });
    }
}

/// A column that a table has from more than one place.
fn merge(column: &mut ColumnSchema, other: &ColumnSchema) {
    column.nullable &= other.nullable;
    if column.default.is_none() {
        column.default.clone_from(&other.default);
    }
}

impl Including {
    fn read(&mut self, on: bool, what: &str) {
        match what.to_ascii_lowercase().as_str() {
            "all" => {
                *self = Including {
                    defaults: on,
                    generated: on,
                    identity: on,
                    constraints: on,
                    indexes: on,
                    comments: on,
                }
            }
            "defaults" => self.defaults = on,
            "generated" => self.generated = on,
            "identity" => self.identity = on,
            "constraints" => self.constraints = on,
            "indexes" => self.indexes = on,
            "comments" => self.comments = on,
            _ => {}
        }
    }

    fn column(self, other: &ColumnSchema) -> ColumnSchema {
        let mut column = other.clone();
        column.default = column.default.filter(|_| self.defaults);
        column.generated = column.generated.filter(|_| self.generated);
        column.identity = column.identity.filter(|_| self.identity);
        column.numbering = column.numbering.filter(|_| self.identity);
        column.identity_sequence = None;
        column.comment = column.comment.filter(|_| self.comments);
        column
    }
}
