//! ALTER, above all ALTER TABLE as pg_dump writes it.

use super::column::{self, ColumnDef};
use super::constraint::{self, TableConstraint};
use super::cursor::{Cursor, Read};
use super::reader::Reader;
use super::{numbering, table, types};
use crate::schema::{ColumnSchema, ConstraintKind, ConstraintSchema, Identity};

/// Actions on a table that change nothing in the model.
const NO_EFFECT: [&str; 10] = [
    "owner", "replica", "cluster", "set", "reset", "enable", "disable", "no", "depends", "inherit",
];

impl Reader<'_> {
    /// What follows `ALTER`.
    pub(super) fn alter(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        if c.eat("table") || c.eat("foreign table") {
            return self.alter_table(c);
        }
        if c.eat("sequence") {
            return self.alter_sequence(c);
        }
        if c.eat("type") {
            return self.alter_type(c);
        }
        let mut rest = *c;
        rest.until(|c| c.is("rename"));
        if !rest.is_done() {
            self.note_at(c, "renames are not followed");
        }
        Ok(())
    }

    fn alter_table(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        let optional = c.eat("if exists");
        c.eat("only");
        let start = *c;
        let name = c.qualified("the name of a table")?;
        let key = self.key_of(name);
        if optional && !self.ddl.schema.tables.contains_key(&key) {
            return Ok(()); // as `pg_dump --clean` begins
        }
        c.eat_symbol('*');
        let rest = c.until(|_| false);
        for mut action in rest.commas() {
            if let Err(problem) = self.action(&key, &start, &mut action) {
                self.error(problem, Some(&key));
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
        let logged = c.is("set") && (c.is_at(1, "logged") || c.is_at(1, "unlogged"));
        if logged {
            if let Some(table) = self.table_mut(key, start) {
                table.unlogged = c.is_at(1, "unlogged");
            }
            return Ok(());
        }
        if c.eat("validate constraint") {
            let name = c.name("the name of a constraint")?;
            let table = self.ddl.schema.tables.get_mut(key);
            if let Some(constraint) = table.and_then(|t| t.constraints.get_mut(&name)) {
                constraint.not_valid = false;
            }
            return Ok(());
        }
        let moved = c.is("set") && c.is_at(1, "schema");
        if moved || !c.is_any(&NO_EFFECT) {
            let what = c.found();
            self.note_at(c, &format!("not followed on table `{key}`: {what}"));
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
        let Some(there) = self.table_mut(key, start) else {
            return Ok(());
        };
        if there.column(&name).is_some() {
            return match optional {
                true => Ok(()),
                false => Err(whole.problem(format!("column `{name}` is given twice"))),
            };
        }
        let mut sequences = Vec::new();
        let ColumnDef {
            column,
            constraints,
            ..
        } = table::finished(def, there, &mut sequences);
        let mut changed = there.clone();
        changed.columns.push(column);
        for new in constraints {
            self.add_constraint(&mut changed, new);
        }
        if let Some(column) = changed.columns.last_mut() {
            self.place_type(column);
        }
        self.remember(key, Some(&name), &whole.part(whole.at, c.at));
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
        let Some(there) = self.table_mut(key, start) else {
            return Ok(());
        };
        let new = match new {
            TableConstraint::NotNull(name) => {
                if let Some(column) = there.column_mut(&name) {
                    column.nullable = false;
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
        let known = !there.columns.is_empty() && there.inherits.is_empty();
        let exact = known && new.kind != ConstraintKind::Exclude;
        if let Some(column) = new.columns.iter().find(lacks).filter(|_| exact) {
            let kind = new.kind;
            return Err(start.problem(format!(
                "this {kind} names column `{column}`, which table `{key}` lacks"
            )));
        }
        if let Some(mut table) = self.ddl.schema.tables.remove(key) {
            self.add_constraint(&mut table, new);
            self.ddl.schema.tables.insert(key.to_owned(), table);
        }
        Ok(())
    }

    fn alter_column(&mut self, key: &str, start: &Cursor<'_>, c: &mut Cursor<'_>) -> Read<()> {
        let at = *c;
        let name = c.name("the name of a column")?;
        let is_view = self.ddl.schema.views.contains_key(key);
        if is_view {
            return Ok(()); // views have defaults too
        }
        let Some(table) = self.table_mut(key, start) else {
            return Ok(());
        };
        let has_parent = table.partition_of.is_some() || !table.inherits.is_empty();
        let knows_columns = !table.columns.is_empty();
        let Some(column) = table.column_mut(&name) else {
            return match has_parent || !knows_columns {
                true => Ok(()),
                false => Err(at.problem(format!("table `{key}` has no column `{name}`"))),
            };
        };
        if c.eat("set default") {
            column.default = column::default(c)?;
            let mut changed = column.clone();
            self.place_type(&mut changed);
            self.put_column(key, changed);
        } else if c.eat("drop default") {
            column.default = None;
        } else if c.eat("set not null") {
            column.nullable = false;
        } else if c.eat("drop not null") {
            column.nullable = true;
        } else if c.eat("drop identity") {
            (column.identity, column.numbering) = (None, None);
        } else if c.eat("drop expression") {
            column.generated = None;
        } else if c.eat("type") || c.eat("set data type") {
            let typed = types::read(c)?;
            (column.data_type, column.sql_type) = (typed.text, typed.sql_type);
            if c.eat("collate") {
                column.collation = Some(c.qualified("a collation")?.1);
            }
            let mut changed = column.clone();
            self.place_type(&mut changed);
            self.put_column(key, changed);
        } else if c.eat("add") {
            let Some((identity, numbering)) = column::identity(c)? else {
                return Err(c.unexpected("`GENERATED .. AS IDENTITY`"));
            };
            column.identity = Some(identity);
            column.numbering = column::of_type(numbering, column);
            column.nullable = false;
        } else if column.identity.is_some() {
            change_identity(c, column);
        }
        Ok(())
    }

    fn put_column(&mut self, key: &str, changed: ColumnSchema) {
        let table = self.ddl.schema.tables.get_mut(key);
        if let Some(column) = table.and_then(|table| table.column_mut(&changed.name)) {
            *column = changed;
        }
    }

    /// Only a foreign key's timing can be changed. What is not said is the default.
    fn alter_constraint(&mut self, key: &str, start: &Cursor<'_>, c: &mut Cursor<'_>) -> Read<()> {
        let name = c.name("the name of a constraint")?;
        let mut said = ConstraintSchema::default();
        constraint::attributes(c, &mut said)?;
        let table = self.table_mut(key, start);
        if let Some(there) = table.and_then(|table| table.constraints.get_mut(&name)) {
            there.deferrable = said.deferrable;
            there.initially_deferred = said.initially_deferred;
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
        let Some(table) = self.table_mut(key, start) else {
            return Ok(());
        };
        if constraint {
            table.constraints.remove(&name);
            return Ok(());
        }
        self.drop_column(key, &name);
        Ok(())
    }
}

/// `SET GENERATED ..`, and `SET` of a parameter of its sequence, one after the other.
fn change_identity(c: &mut Cursor<'_>, column: &mut ColumnSchema) {
    let numbering = column.numbering.unwrap_or_default();
    let mut numbering = numbering.with_defaults(&column.data_type);
    while !c.is_done() {
        if c.eat("set generated always") {
            column.identity = Some(Identity::Always);
        } else if c.eat("set generated by default") {
            column.identity = Some(Identity::ByDefault);
        } else if !(c.eat("set") && numbering::option(c, &mut numbering)) {
            c.next();
        }
    }
    column.numbering = column::of_type(numbering, column);
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
