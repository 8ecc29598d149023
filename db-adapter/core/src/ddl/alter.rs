//! ALTER, above all ALTER TABLE as pg_dump writes it.

use super::column::{self, ColumnDef};
use super::constraint::{self, TableConstraint};
use super::cursor::{Cursor, Read};
use super::moved::To;
use super::path::own_column;
use super::reader::Reader;
use super::{SqlDialect, naming, resolve, table};
use crate::schema::{
    ColumnSchema, ConstraintKind, ConstraintSchema, NotInspected, SequenceSchema, TableSchema,
};

/// Actions on a table that change nothing in the model.
const NO_EFFECT: [&str; 18] = [
    "owner",
    "cluster",
    "set without",
    "set with oids",
    "set tablespace",
    "set access method",
    "reset",
    "depends",
    "no depends",
    "options",
    // triggers and rules are not read from SQL
    "enable trigger",
    "enable rule",
    "enable replica",
    "enable always",
    "disable trigger",
    "disable rule",
    "validate trigger",
    "no cluster",
];

/// What is listed of a table that says it.
const REPLICA: &str = "replica identity";

impl Reader<'_> {
    /// What follows `ALTER`.
    pub(super) fn alter(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        if c.eat("table") || c.eat("foreign table") {
            return self.alter_table(c);
        }
        self.alter_other(c)
    }

    fn alter_table(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        if c.eat("all in tablespace") {
            return Ok(());
        }
        let optional = c.eat("if exists");
        let alone = c.eat("only");
        let start = *c;
        let name = c.qualified("the name of a table")?;
        let key = self.key_of(name.clone());
        if let Some(to) = To::read(c)? {
            if !self.move_relation(&key, &to) {
                // an index has no columns of its own, and is renamed like a table
                let renamed = match &to {
                    To::Name(new) => self.rename_index(name, new),
                    To::Schema(_) => false,
                };
                let _ = renamed || optional || self.table_mut(&key, &start).is_some();
            }
            return Ok(());
        }
        if optional && !self.ddl.schema.tables.contains_key(&key) {
            return Ok(()); // as `pg_dump --clean` begins
        }
        c.eat_symbol('*');
        let rest = c.until(|_| false);
        for mut action in rest.commas() {
            let whole = action;
            match self.action(&key, &start, &mut action) {
                Err(problem) => self.error(problem, Some(&key)),
                Ok(()) if !alone => self.pass_on(&key, &start, whole),
                Ok(()) => {}
            }
        }
        Ok(())
    }

    fn action(&mut self, key: &str, start: &Cursor<'_>, c: &mut Cursor<'_>) -> Read<()> {
        if self.is_broken(key) {
            return Ok(());
        }
        if c.eat("add") {
            return self.add(key, start, c);
        }
        if c.eat("alter constraint") {
            return self.alter_constraint(key, start, c);
        }
        if c.eat("alter") {
            c.eat("column");
            return self.alter_column(key, start, c);
        }
        if c.eat("attach partition") {
            return self.attach(key, start, c);
        }
        if c.eat("detach partition") {
            return self.detach(c);
        }
        if c.is("inherit") || c.is("no") && c.is_at(1, "inherit") {
            return self.inherit_later(key, start, c);
        }
        if c.eat("drop") {
            return self.drop_part(key, start, c);
        }
        if c.eat("rename") {
            return self.rename(key, start, c);
        }
        if let Some((on, force)) = row_security(c) {
            if let Some(table) = self.table_mut(key, start) {
                match force {
                    true => table.force_row_security = on,
                    false => table.row_security = on,
                }
            }
            return Ok(());
        }
        if c.eat("replica identity") {
            self.replica_identity(key, c);
            return Ok(());
        }
        let logged = c.is("set") && (c.is_at(1, "logged") || c.is_at(1, "unlogged"));
        if logged {
            let unlogged = c.is_at(1, "unlogged");
            if let Some(table) = self.table_mut(key, start) {
                table.unlogged = unlogged;
            }
            let own = |s: &&mut SequenceSchema| s.owned_by.as_ref().is_some_and(|(t, _)| t == key);
            for sequence in self.ddl.schema.sequences.values_mut().filter(own) {
                sequence.unlogged = unlogged; // since PostgreSQL 15
            }
            return Ok(());
        }
        if c.eat("validate constraint") {
            let name = c.name("the name of a constraint")?;
            let Some(table) = self.ddl.schema.tables.get_mut(key) else {
                return Ok(());
            };
            if let Some(constraint) = table.constraints.get_mut(&name) {
                constraint.not_valid = false;
            } else if let Some(column) = not_null_of(table, &name) {
                (column.nullable, column.not_null_not_valid) = (false, false);
            }
            return Ok(());
        }
        let parameters = c.is("set") && c.symbol_at(1) == Some("(");
        if !parameters && !NO_EFFECT.iter().any(|words| c.eat(words)) {
            self.unknown_statement(c, &format!("ALTER TABLE {}", c.word(0).to_uppercase()));
        }
        Ok(())
    }

    /// What of a row that is changed or deleted goes to subscribers; told where it is not the primary key.
    fn replica_identity(&mut self, key: &str, c: &Cursor<'_>) {
        let listed = &mut self.ddl.schema.not_inspected;
        listed.retain(|entry| entry.kind != REPLICA || entry.name.as_deref() != Some(key));
        if !c.is("default") {
            listed.push(NotInspected {
                kind: REPLICA.to_owned(),
                name: Some(key.to_owned()),
                reason: "what of its rows goes to subscribers is not read".to_owned(),
            });
        }
    }

    /// What it had because the partitioned table has it becomes its own, and nobody here knows which
    /// names that has.
    fn detach(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        let partition = c.qualified("the name of a partition")?;
        let partition = self.key_of(partition);
        let Some(table) = self.ddl.schema.tables.get_mut(&partition) else {
            return Ok(());
        };
        (table.partition_of, table.partition_bound) = (None, None);
        for kind in ["constraint", "index"] {
            self.ddl.schema.not_inspected.push(NotInspected {
                kind: kind.to_owned(),
                name: Some(partition.clone()),
                reason: "it was a partition before".to_owned(),
            });
        }
        Ok(())
    }

    /// `INHERIT parent` or `NO INHERIT parent`: the columns are there, or stay.
    fn inherit_later(&mut self, key: &str, start: &Cursor<'_>, c: &mut Cursor<'_>) -> Read<()> {
        let leaves = c.eat("no");
        c.eat("inherit");
        let parent = c.qualified("the name of a table")?;
        let parent = self.key_of(parent);
        if let Some(table) = self.table_mut(key, start) {
            table.inherits.retain(|known| *known != parent);
            if !leaves {
                table.inherits.push(parent);
            }
            let columns = table.columns.iter().map(|column| column.name.clone());
            let declared: Vec<String> = columns.filter(|_| !leaves).collect();
            let declared = declared.into_iter().map(|column| (key.to_owned(), column));
            self.declared.extend(declared);
        }
        Ok(())
    }

    fn add(&mut self, key: &str, start: &Cursor<'_>, c: &mut Cursor<'_>) -> Read<()> {
        if constraint::starts(c) {
            let new = constraint::of_table(c)?;
            if !c.is_done() {
                return Err(c.unexpected("`;` after the constraint"));
            }
            return self.add_table_constraint(key, start, new);
        }
        c.eat("column");
        let optional = c.eat("if not exists");
        let whole = *c;
        let def = column::definition(c)?;
        let name = def.column.name.clone();
        let dialect = self.dialect;
        let Some(there) = self.table_mut(key, start) else {
            return Ok(());
        };
        let own = own_column(there, name.clone(), dialect);
        if there.column(&own).is_some() {
            return match optional {
                true => Ok(()),
                false => Err(whole.problem(format!("column `{name}` is given twice"))),
            };
        }
        let mut changed = there.clone();
        let mut sequences = Vec::new();
        let ColumnDef {
            column,
            constraints,
            ..
        } = self.finished(def, &changed, &mut sequences);
        changed.columns.push(column);
        for new in constraints {
            self.add_constraint(&mut changed, new);
        }
        if let Some(column) = changed.columns.last_mut() {
            self.place_type(column);
        }
        self.remember(key, Some(&name), &whole.part(whole.at, c.at));
        if !changed.inherits.is_empty() {
            self.declared.insert((key.to_owned(), name));
        }
        self.ddl.schema.tables.insert(key.to_owned(), changed);
        self.ddl.schema.sequences.extend(sequences);
        Ok(())
    }

    fn add_table_constraint(
        &mut self,
        key: &str,
        start: &Cursor<'_>,
        new: TableConstraint,
    ) -> Read<()> {
        let more = self.has_more_columns(key);
        let Some(there) = self.table_mut(key, start) else {
            return Ok(());
        };
        let new = match new {
            TableConstraint::NotNull(new) => {
                if let Some(column) = there.column_mut(&new.column) {
                    new.put_on(column);
                }
                return Ok(());
            }
            TableConstraint::FromIndex(mut new, index) => {
                let found = there.indexes.remove(&index);
                let columns = found.as_ref().and_then(|i| i.column_names());
                let Some(columns) = columns else {
                    self.note_at(
                        start,
                        &format!("the columns of index `{index}` are not known"),
                    );
                    return Ok(());
                };
                new.columns = columns.into_iter().map(str::to_owned).collect();
                if new.name.is_empty() {
                    new.name = index;
                }
                new
            }
            TableConstraint::Constraint(new) => new,
        };
        let lacks = |column: &&String| there.column(column).is_none();
        let known = !there.columns.is_empty() && there.inherits.is_empty() && !more;
        let exact = known && new.kind != ConstraintKind::Exclude;
        if let Some(column) = new.columns.iter().find(lacks).filter(|_| exact) {
            let kind = new.kind;
            return Err(start.problem(format!(
                "this {kind} names column `{column}`, which table `{key}` lacks"
            )));
        }
        if let Some(mut table) = self.ddl.schema.tables.remove(key) {
            self.add_constraint(&mut table, new);
            if self.dialect == SqlDialect::Postgres {
                resolve::not_null(&mut table); // which stays when the key is dropped
            }
            self.ddl.schema.tables.insert(key.to_owned(), table);
        }
        Ok(())
    }

    /// A foreign key's timing, and whether it is enforced; whether a NOT NULL is inherited. Of the
    /// timing, what is not said is the default.
    fn alter_constraint(&mut self, key: &str, start: &Cursor<'_>, c: &mut Cursor<'_>) -> Read<()> {
        let name = c.name("the name of a constraint")?;
        let of_enforcement = c.is("enforced") || c.is("not") && c.is_at(1, "enforced");
        let of_heirs = c.is("inherit") || c.is("no") && c.is_at(1, "inherit");
        let mut said = ConstraintSchema::default();
        constraint::attributes(c, &mut said)?;
        let Some(table) = self.table_mut(key, start) else {
            return Ok(());
        };
        if let Some(there) = table.constraints.get_mut(&name) {
            if of_enforcement {
                there.not_enforced = said.not_enforced;
                there.not_valid = false; // enforcing it again looks at all rows
            } else if !of_heirs {
                there.deferrable = said.deferrable;
                there.initially_deferred = said.initially_deferred;
            }
        } else if let Some(column) = not_null_of(table, &name) {
            column.not_null_no_inherit = said.no_inherit;
        }
        Ok(())
    }

    fn attach(&mut self, key: &str, start: &Cursor<'_>, c: &mut Cursor<'_>) -> Read<()> {
        let partition = c.qualified("the name of a partition")?;
        let partition = self.key_of(partition);
        let bound = table::bound(c)?;
        if let Some(table) = self.table_mut(&partition, start) {
            table.partition_of = Some(key.to_owned());
            table.partition_bound = Some(bound);
        }
        Ok(())
    }

    fn drop_part(&mut self, key: &str, start: &Cursor<'_>, c: &mut Cursor<'_>) -> Read<()> {
        let constraint = c.eat("constraint");
        c.eat("column");
        c.eat("if exists");
        let name = c.name("what to drop")?;
        let dialect = self.dialect;
        let Some(table) = self.table_mut(key, start) else {
            return Ok(());
        };
        if constraint {
            match table.constraints.contains_key(&name) {
                true => self.drop_constraint(key, &name, c.is("cascade")),
                false => {
                    if let Some(column) = not_null_of(table, &name) {
                        column.set_nullable(true);
                    }
                }
            }
            return Ok(());
        }
        let name = own_column(table, name, dialect);
        self.drop_column_cascade(key, &name, c.is("cascade"));
        Ok(())
    }
}

/// The column whose NOT NULL constraint has this name: one that was given, or the server's own.
fn not_null_of<'a>(table: &'a mut TableSchema, name: &str) -> Option<&'a mut ColumnSchema> {
    let of = table.name.clone();
    let mut columns = table.columns.iter_mut();
    columns.find(|column| match &column.not_null_name {
        Some(given) => given == name,
        None => naming::object_name(&of, &column.name, "not_null") == name,
    })
}

/// Row-level security: on or off, and whether forced.
fn row_security(c: &mut Cursor<'_>) -> Option<(bool, bool)> {
    for (words, on, force) in [
        ("enable row level security", true, false),
        ("disable row level security", false, false),
        ("force row level security", true, true),
        ("no force row level security", false, true),
    ] {
        if c.eat(words) {
            return Some((on, force));
        }
    }
    None
}
