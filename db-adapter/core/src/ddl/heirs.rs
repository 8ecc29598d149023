//! What ALTER TABLE of a table does to those that inherit from it, and to its partitions. Never touches
//! what only the table itself has: keys, and what is added with ONLY.

use super::column;
use super::constraint::{self, TableConstraint};
use super::cursor::{Cursor, Read};
use super::reader::Reader;
use crate::schema::ConstraintKind;

impl Reader<'_> {
    /// Does to the heirs of a table what was done to it.
    pub(super) fn pass_on(&mut self, key: &str, start: &Cursor<'_>, action: Cursor<'_>) {
        let mut waiting = self.heirs(key);
        loop {
            let before = waiting.len();
            let mut kept = Vec::new();
            for heir in waiting {
                match self.keeps(&heir, action) {
                    true => kept.push(heir),
                    // what is wrong with it was said of the table
                    false => drop(self.pass_on_to(&heir, start, action)),
                }
            }
            // one that kept it for another parent may lose it after that one
            if kept.is_empty() || kept.len() == before {
                return;
            }
            waiting = kept;
        }
    }

    /// Whether it keeps the column that is dropped: it has it by itself, or from a parent that has it still.
    fn keeps(&self, heir: &str, mut c: Cursor<'_>) -> bool {
        if !c.eat("drop") || c.is("constraint") {
            return false;
        }
        c.eat("column");
        c.eat("if exists");
        let Ok(column) = c.name("what to drop") else {
            return false;
        };
        let tables = &self.ddl.schema.tables;
        let own = tables.get(heir).into_iter();
        let mut parents = own.flat_map(|table| table.inherits.iter().chain(&table.partition_of));
        let inherits = parents.any(|parent| {
            let parent = tables.get(parent);
            parent.is_some_and(|parent| parent.column(&column).is_some())
        });
        inherits || self.declared.contains(&(heir.to_owned(), column))
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
        let mut def = column::definition(c)?;
        let Some(there) = self.ddl.schema.tables.get(heir) else {
            return Ok(());
        };
        if there.column(&def.column.name).is_some() {
            return Ok(());
        }
        let mut changed = there.clone();
        if def.serial {
            // it counts by the sequence of the table that it has the column from
            let mut parents = there.inherits.iter().chain(&there.partition_of);
            let name = def.column.name.as_str();
            let from = parents.find_map(|key| self.ddl.schema.tables.get(key)?.column(name));
            def.column.default = from.and_then(|column| column.default.clone());
        }
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

#[cfg(test)]
mod tests {
    use crate::ddl::{SqlDialect, parse};

    #[test]
    fn a_column_of_its_own_stays_and_numbers_are_not_inherited() {
        let read = parse(
            "CREATE TABLE par (a int, b int, id int GENERATED BY DEFAULT AS IDENTITY);
             CREATE TABLE own (a int NOT NULL) INHERITS (par);
             CREATE TABLE below () INHERITS (own);
             CREATE TABLE late (a int, b int, id int, c int); ALTER TABLE late INHERIT par;
             ALTER TABLE par DROP COLUMN a; ALTER TABLE par DROP b;",
            SqlDialect::Postgres,
        );
        let columns = |table: &str| {
            let columns = read.schema.tables[table].columns.iter();
            columns.map(|c| c.name.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(columns("par"), ["id"]);
        assert_eq!(
            (columns("own"), columns("below")),
            (vec!["a", "id"], vec!["a", "id"])
        );
        assert_eq!(columns("late"), ["a", "b", "id", "c"]);
        assert!(read.schema.tables["par"].columns[0].identity.is_some());
        assert!(read.schema.tables["own"].columns[1].identity.is_none());
    }

    #[test]
    fn a_column_of_its_own_stays_however_it_became_shared() {
        for (sql, table, left) in [
            (
                "CREATE TABLE par (); CREATE TABLE ch (x int) INHERITS (par);
                 ALTER TABLE par ADD x int; ALTER TABLE par DROP x",
                "ch",
                vec!["x"],
            ),
            (
                "CREATE TABLE par (a int); CREATE TABLE mid () INHERITS (par); CREATE TABLE ch (x int) INHERITS (mid);
                 ALTER TABLE par ADD x int; ALTER TABLE par DROP x",
                "ch",
                vec!["a", "x"],
            ),
            (
                "CREATE TABLE par (); CREATE TABLE ch () INHERITS (par); ALTER TABLE ch ADD x int;
                 ALTER TABLE par ADD x int; ALTER TABLE par DROP x",
                "ch",
                vec!["x"],
            ),
            (
                "CREATE TABLE par (x int); CREATE TABLE ch (x int) INHERITS (par);
                 ALTER TABLE ch RENAME TO other; ALTER TABLE par DROP x",
                "other",
                vec!["x"],
            ),
            (
                "CREATE SCHEMA s; CREATE TABLE par (x int); CREATE TABLE ch (x int) INHERITS (par);
                 ALTER TABLE ch SET SCHEMA s; ALTER TABLE par DROP x",
                "s.ch",
                vec!["x"],
            ),
            (
                "CREATE TABLE par (x int); CREATE TABLE ch (x int) INHERITS (par);
                 ALTER TABLE par RENAME x TO y; ALTER TABLE par DROP y",
                "ch",
                vec!["y"],
            ),
            (
                "CREATE TABLE par (x int); CREATE TABLE ch (x int) INHERITS (par); DROP TABLE ch;
                 CREATE TABLE ch () INHERITS (par); ALTER TABLE par DROP x",
                "ch",
                vec![],
            ),
            (
                "CREATE TABLE p1 (x int); CREATE TABLE p2 (x int); CREATE TABLE ch () INHERITS (p1, p2);
                 ALTER TABLE p1 DROP x",
                "ch",
                vec!["x"],
            ),
            (
                "CREATE TABLE p1 (x int); CREATE TABLE p2 (x int); CREATE TABLE ch () INHERITS (p1, p2);
                 ALTER TABLE p1 DROP x; ALTER TABLE p2 DROP x",
                "ch",
                vec![],
            ),
            (
                "CREATE TABLE par (x int); CREATE TABLE mid () INHERITS (par); CREATE TABLE ch () INHERITS (par, mid);
                 ALTER TABLE par DROP x",
                "ch",
                vec![],
            ),
            (
                "CREATE TABLE par (x int); CREATE TABLE mid () INHERITS (par); CREATE TABLE ch (x int) INHERITS (mid);
                 ALTER TABLE par RENAME x TO y; ALTER TABLE par DROP y",
                "ch",
                vec!["y"],
            ),
        ] {
            let read = parse(sql, SqlDialect::Postgres);
            let columns = read.schema.tables[table].columns.iter();
            let columns: Vec<_> = columns.map(|c| c.name.as_str()).collect();
            assert_eq!(columns, left, "{sql}");
        }
    }
}
