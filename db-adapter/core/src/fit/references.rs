//! The foreign keys of the database beside the declared references: each is declared, with the
//! columns that it really refers to, also one that only a partition has.

use super::misfit::Misfit;
use super::{Resolved, outside, owner};
use crate::backup::{BackupSchema, ForeignKey, TableDef};
use crate::schema::{SqlDialect, table_key};
use crate::{ConstraintSchema, DatabaseSchema, TableName, TableSchema};

/// What is wrong with the references of a table.
pub(super) fn check(
    schema: &BackupSchema,
    def: &TableDef,
    table: &TableSchema,
    database: &DatabaseSchema,
    tables: &Resolved,
) -> Vec<Misfit> {
    let declared = Declared {
        schema,
        def,
        database,
        tables,
    };
    let mut misfits: Vec<Misfit> = owner::check(&declared).into_iter().collect();
    misfits.extend(outside::check(&declared, table));
    for there in with_partitions(table, database) {
        for key in there.foreign_keys() {
            if owner::is_given(&declared, there, key) {
                continue;
            }
            let Some(misfit) = declared.misfit(table, there, key) else {
                continue;
            };
            // each partition has it
            if !misfits.iter().any(|known| is_same(known, &misfit)) {
                misfits.push(misfit);
            }
        }
    }
    misfits
}

fn is_same(a: &Misfit, b: &Misfit) -> bool {
    match (a, b) {
        (
            Misfit::Undeclared {
                columns: a,
                references: to_a,
                ..
            },
            Misfit::Undeclared {
                columns: b,
                references: to_b,
                ..
            },
        ) => (a, to_a) == (b, to_b),
        (a, b) => a == b,
    }
}

/// The declared references of one table.
pub(super) struct Declared<'a> {
    pub(super) schema: &'a BackupSchema,
    pub(super) def: &'a TableDef,
    pub(super) database: &'a DatabaseSchema,
    pub(super) tables: &'a Resolved,
}

impl Declared<'_> {
    /// What is wrong with a foreign key that `there` has: the table itself or a partition of it.
    fn misfit(
        &self,
        table: &TableSchema,
        there: &TableSchema,
        key: &ConstraintSchema,
    ) -> Option<Misfit> {
        if key.over_time {
            return Some(Misfit::OverTime {
                table: self.def.name.to_string(),
                columns: key.columns.clone(),
                references: key.references_table.clone().unwrap_or_default(),
            });
        }
        let mut other = None;
        for reference in self.def.references() {
            if !same_columns(&reference.fields, &key.columns)
                || !self.leads_to(there, key, reference)
            {
                continue;
            }
            let (declared, found) = self.targets(reference, key)?;
            if self.is_same(&declared, &found) {
                return None;
            }
            other = Some((declared, found));
        }
        let name = self.def.name.to_string();
        let columns = key.columns.clone();
        let references = key.references_table.clone().unwrap_or_default();
        Some(match (other, owner::other(self.def, key)) {
            (Some((declared, found)), _) => Misfit::OtherTarget {
                table: name,
                columns,
                references,
                declared,
                found,
            },
            (None, Some(owners)) => owners,
            (None, None) => Misfit::Undeclared {
                table: name,
                partition: (there.key() != table.key()).then(|| there.key()),
                columns,
                references,
            },
        })
    }

    /// Whether the foreign key leads to the table of a declared reference, or to a partition of it.
    pub(super) fn leads_to(
        &self,
        there: &TableSchema,
        key: &ConstraintSchema,
        reference: &ForeignKey,
    ) -> bool {
        let schema = key.references_schema.as_deref().or(there.schema.as_deref());
        let target = key.references_table.as_deref().unwrap_or_default();
        let found = table_key(schema, target);
        let Some(wanted) = self.tables.table(&reference.table, self.database) else {
            // of a schema that was not read, such as that of a service's users: its full name tells
            let named = TableName::parse(&reference.table).ok();
            return named.is_some_and(|name| {
                name.schema.is_some() && table_key(name.schema.as_deref(), &name.name) == found
            });
        };
        match self.database.dialect {
            SqlDialect::Sqlite => wanted.key().eq_ignore_ascii_case(&found),
            SqlDialect::Postgres => {
                with_partitions(wanted, self.database).any(|table| table.key() == found)
            }
        }
    }

    /// SQLite keeps the columns of a foreign key as they were written.
    fn is_same(&self, declared: &[String], found: &[String]) -> bool {
        let same = |(a, b): (&String, &String)| match self.database.dialect {
            SqlDialect::Sqlite => a.eq_ignore_ascii_case(b),
            SqlDialect::Postgres => a == b,
        };
        declared.len() == found.len() && declared.iter().zip(found).all(same)
    }

    /// The columns that a reference is declared to refer to, and those of the foreign key, both in
    /// the foreign key's order; `None` where one of them is not known.
    fn targets(
        &self,
        reference: &ForeignKey,
        key: &ConstraintSchema,
    ) -> Option<(Vec<String>, Vec<String>)> {
        let found = key.references_columns.clone()?;
        let target = match (reference.references.as_ref(), self.parent(reference)) {
            ([], Some(parent)) => parent.pk.iter().map(ToString::to_string).collect(),
            ([], None) => {
                let table = self.tables.table(&reference.table, self.database)?;
                table.primary_key()?.columns.clone()
            }
            (names, _) => names.iter().map(ToString::to_string).collect::<Vec<_>>(),
        };
        let of = |column: &String| {
            let place = reference.fields.iter().position(|field| field == column)?;
            target.get(place).cloned()
        };
        let declared: Option<Vec<String>> = key.columns.iter().map(of).collect();
        Some((declared?, found))
    }

    /// The declared table that a reference leads to, unless it is one outside of the backup.
    fn parent(&self, reference: &ForeignKey) -> Option<&TableDef> {
        let external = self.def.external.iter().any(|other| other == reference);
        match external {
            true => None,
            false => self.schema.table(&reference.table),
        }
    }
}

/// Whether two lists name the same columns, in whatever order.
pub(super) fn same_columns(declared: &[impl AsRef<str>], found: &[String]) -> bool {
    declared.len() == found.len()
        && declared
            .iter()
            .all(|name| found.iter().any(|column| column == name.as_ref()))
}

/// The table, then the tables whose rows are rows of it: partitions, and tables that inherit.
pub(super) fn with_partitions<'d>(
    table: &'d TableSchema,
    database: &'d DatabaseSchema,
) -> impl Iterator<Item = &'d TableSchema> {
    let mut all = vec![table];
    let mut at = 0;
    while let Some(above) = all.get(at).map(|table| table.key()) {
        at += 1;
        for below in database.tables.values() {
            let is_below =
                below.partition_of.as_ref() == Some(&above) || below.inherits.contains(&above);
            if is_below && !all.iter().any(|known| std::ptr::eq(*known, below)) {
                all.push(below);
            }
        }
    }
    all.into_iter()
}
