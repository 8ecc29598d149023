//! What ALTER TABLE of a table does to those that inherit from it, and to its partitions. Never touches
//! what only the table itself has: keys, and what is added with ONLY.

use super::column;
use super::constraint::{self, TableConstraint};
use super::cursor::{Cursor, Read};
use super::reader::Reader;
use super::table;
use crate::schema::ConstraintKind;

impl Reader<'_> {
    /// Does to the heirs of a table what was done to it.
    pub(super) fn pass_on(&mut self, key: &str, start: &Cursor<'_>, action: Cursor<'_>) {
        for heir in self.heirs(key) {
            // what is wrong with it was said of the table
            let _ = self.pass_on_to(&heir, start, action);
        }
    }

    /// The tables that inherit from this one, and from those.
    pub(super) fn heirs(&self, key: &str) -> Vec<String> {
        let mut found: Vec<String> = vec![key.to_owned()];
        let mut at = 0;
        while let Some(parent) = found.get(at).cloned() {
            for (child, table) in &self.ddl.schema.tables {
                let inherits = table.partition_of.as_ref() == Some(&parent)
                    || table.inherits.contains(&parent);
                if inherits && !found.contains(child) {
                    found.push(child.clone());
                }
            }
            at += 1;
        }
        found.split_off(1)
    }

    fn pass_on_to(&mut self, heir: &str, start: &Cursor<'_>, mut c: Cursor<'_>) -> Read<()> {
        if c.eat("add") {
            return match constraint::starts(&c) {
                true => self.pass_on_constraint(heir, &mut c),
                false => self.pass_on_column(heir, &mut c),
            };
        }
        if c.eat("alter") && !c.is("constraint") {
            c.eat("column");
            return self.alter_column(heir, start, &mut c);
        }
        if c.eat("drop") {
            let constraint = c.eat("constraint");
            c.eat("column");
            c.eat("if exists");
            let name = c.name("what to drop")?;
            if !constraint {
                self.drop_column(heir, &name);
            } else if let Some(table) = self.ddl.schema.tables.get_mut(heir) {
                table
                    .constraints
                    .retain(|known, c| *known != name || c.kind != ConstraintKind::Check);
            }
        }
        Ok(())
    }

    fn pass_on_column(&mut self, heir: &str, c: &mut Cursor<'_>) -> Read<()> {
        c.eat("column");
        c.eat("if not exists");
        let def = column::definition(c)?;
        let Some(there) = self.ddl.schema.tables.get(heir) else {
            return Ok(());
        };
        if there.column(&def.column.name).is_some() {
            return Ok(());
        }
        let mut changed = there.clone();
        let def = table::finished(def, there, &mut Vec::new());
        changed.columns.push(def.column);
        let checks = def.constraints.into_iter();
        for check in checks.filter(|c| c.kind == ConstraintKind::Check && !c.no_inherit) {
            self.add_constraint(&mut changed, check);
        }
        if let Some(column) = changed.columns.last_mut() {
            self.place_type(column);
        }
        self.ddl.schema.tables.insert(heir.to_owned(), changed);
        Ok(())
    }

    fn pass_on_constraint(&mut self, heir: &str, c: &mut Cursor<'_>) -> Read<()> {
        let new = constraint::of_table(c)?;
        let Some(mut table) = self.ddl.schema.tables.get(heir).cloned() else {
            return Ok(());
        };
        match new {
            TableConstraint::NotNull(new) if !new.no_inherit => {
                if let Some(column) = table.column_mut(&new.column) {
                    new.put_on(column);
                }
            }
            TableConstraint::Constraint(new)
                if new.kind == ConstraintKind::Check && !new.no_inherit =>
            {
                self.add_constraint(&mut table, new);
            }
            _ => return Ok(()),
        }
        self.ddl.schema.tables.insert(heir.to_owned(), table);
        Ok(())
    }
}
